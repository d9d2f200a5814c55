//! Dialogues with the conference service, feature by feature, for readers who know XEP-0045. Times and ids are fixed:
//! nothing here reads a clock.

mod admin;
mod affiliation_lists;
mod anything_goes;
mod codecs;
mod config;
mod create;
mod destroy;
mod disco;
mod enter;
mod floods;
mod hall;
mod history;
mod host;
mod invite;
mod lasting;
mod leave;
mod matrix;
mod message;
mod model;
mod moderate;
mod nick;
mod private_message;
mod register;
mod relay;
mod service;
mod sight;
mod subject;
mod voice;
mod wire;
