//! Workgroups and their queues: the elements of XEP-0142 and of the dialect that Fastpath and Smack made of it.
//!
//! One file per family of elements; each has a tolerant reader and an exact writer. Readers take either namespace, both
//! spellings and both forms of dates; writers say what the strictest known client needs: no white space, dates of
//! XEP-0091, `agent-status` with the workgroup's address. Every list and text has a limit ([`limits`]).
//!
//! What is asked of a workgroup in an `<iq/>` is read in one place, [`asked`]. Nothing here decides anything.

pub mod agent_list;
pub mod agent_status;
pub mod asked;
pub mod chat_settings;
pub mod depart;
pub mod disco;
pub mod email;
pub mod history;
pub mod invitation;
pub mod join;
mod legacy_date;
pub mod limits;
pub mod macros;
mod metadata;
pub mod monitor;
pub mod notes;
pub mod notify;
pub mod ns;
pub mod occupants;
pub mod offer;
pub mod passing;
pub mod queue_status;
pub mod settings;
pub mod transcript_search;
pub mod transcripts;

pub use legacy_date::LegacyDate;
pub use metadata::{Metadata, Session, read_user, write_user};
pub use passing::Passing;
