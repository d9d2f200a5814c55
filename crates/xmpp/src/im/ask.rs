//! What a house cannot know by itself: questions to the host, its answers, and the thread back to who waits. The house
//! keeps nothing while it waits, so an answer that never comes costs nothing.

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::stanza_error::DefinedCondition;

use crate::xep::mam::{ArchivePage, ArchiveQuery};

/// A question to the host, and what it gives back with the answer.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked.
    pub question: Question,
    /// Who waits for it.
    pub thread: Thread,
}

/// Who waits for an answer, and what for. Opaque to the host.
#[derive(Debug, Clone)]
pub struct Thread {
    pub(super) to: Jid,
    pub(super) from: Option<Jid>,
    pub(super) id: String,
    pub(super) about: About,
}

/// What the answer is turned into.
#[derive(Debug, Clone)]
pub(super) enum About {
    Vcard,
    Private { name: String, ns: String },
    Archive { query_id: Option<String>, flip: bool },
    ArchiveEnds,
    Slot,
    Password,
}

/// What the host must look up or do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The vCard of an account: [`Answer::Document`].
    Vcard {
        /// Whose.
        account: BareJid,
    },
    /// A private document: [`Answer::Document`].
    Private {
        /// Whose.
        account: BareJid,
        /// Which: `{namespace}name`.
        key: String,
    },
    /// A page of an archive: [`Answer::Page`] or [`Answer::NoSuchId`].
    Archive(ArchiveQuery),
    /// The oldest and the newest message of an archive: [`Answer::Ends`].
    ArchiveEnds {
        /// Whose.
        owner: BareJid,
    },
    /// A place for a file (XEP-0363): [`Answer::Slot`] or [`Answer::Refused`]. Its size is within the limit.
    Slot {
        /// Who uploads.
        by: FullJid,
        /// The file's name.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// Its media type, as claimed.
        media_type: Option<String>,
    },
    /// Another password for the account (XEP-0077 §3.3): [`Answer::Done`] or [`Answer::Refused`].
    Password {
        /// Whose.
        account: BareJid,
        /// Who changes it: the only session that may stay.
        by: FullJid,
        /// The password.
        password: Secret,
    },
}

/// A password on its way; never shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What the host found or did.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The document, if there is one.
    Document(Option<String>),
    /// A page of the archive.
    Page(ArchivePage),
    /// The query names a message that is not in the archive.
    NoSuchId,
    /// The archive's oldest and newest message, unless it is empty: id and microseconds since the epoch.
    Ends(Option<[(String, i64); 2]>),
    /// Where the file goes.
    Slot(Slot),
    /// It is done.
    Done,
    /// It cannot be done.
    Refused(DefinedCondition, String),
    /// The host could not find out: storage failed.
    Failed,
}

/// Where a file goes and where it will be (XEP-0363).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Where to put it.
    pub put: String,
    /// Where to get it afterwards.
    pub get: String,
    /// The value of the `Authorization` header of the upload, if it needs one.
    pub authorization: Option<String>,
}
