//! Dialogues with the house that connects accounts, rule by rule, for readers who know RFC 6121. Times and ids are fixed:
//! nothing here reads a clock.
#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

mod any_sequence;
mod anything_goes;
mod archive;
mod blocking;
mod carbons;
mod directed;
mod disco;
mod documents;
mod home;
mod messages;
mod offline;
mod presence;
mod queries;
mod roster;
mod sessions;
mod subscriptions;
mod visitors;
