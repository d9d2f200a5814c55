//! The instant-messaging rules of a server's own domains (RFC 6121 and the extensions that clients expect): a state
//! machine without sockets, clock or randomness.
//!
//! A [`House`] owns the sessions of the accounts' domain and of the visitors' domain, and what each account remembers:
//! contacts, requests, blocked addresses. A host gives it
//!
//! - what it loaded: [`House::add_account`] with the [`Book`] of each account;
//! - that a session is bound or ended: [`House::open`], [`House::close`];
//! - **every** stanza of a client, whomever it is for: [`House::handle`]. Only so does the house know who got presence
//!   directly, and who blocks whom;
//! - every stanza of a service of the host (workgroup, conference) to an account or visitor: [`House::deliver`];
//! - answers to what the house asked: [`House::answer`].
//!
//! The answer is an [`Outcome`]: the host stores `keep` in one transaction, then sends `outbound`, and looks up `asks`.
//! There is no federation: addresses elsewhere get `remote-server-not-found`.
//!
//! One file per rule; `house.rs` holds the state that they share.

mod about_server;
mod archive;
mod ask;
mod audience;
mod blocking;
mod carbons;
mod directed;
mod disco;
mod documents;
mod house;
mod inbound;
mod keep;
mod message;
mod offline;
mod outcome;
mod presence;
mod probe;
mod queries;
mod refusal;
mod registration;
mod roster;
mod routing;
mod session;
mod settings;
mod stanza;
mod subscription;
mod upload;

pub use crate::muc::Moment;
pub use crate::xep::mam::{ArchivePage, ArchiveQuery, ArchivedMessage, Part};
pub use ask::{Answer, Ask, Question, Secret, Slot, Thread};
pub use house::{House, OpenRefusal};
pub use keep::{Archived, Archiving, Book, Contact, Keep, LastSeen, OfflineMessage, Preferences, Subscription};
pub use outcome::{Outbound, Outcome};
pub use session::Session;
pub use settings::{Limits, LocalService, ServiceKind, Settings};
