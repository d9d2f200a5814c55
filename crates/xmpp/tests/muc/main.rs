//! Dialogues with the conference service, feature by feature, for readers who know XEP-0045. Times and ids are fixed:
//! nothing here reads a clock.

mod enter;
mod hall;
mod message;
