//! Dialogues with the house that connects accounts, rule by rule, for readers who know RFC 6121. Times and ids are fixed:
//! nothing here reads a clock.

mod home;
mod presence;
mod sessions;
