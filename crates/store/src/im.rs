//! What accounts of the embedded XMPP server keep there: contacts, blocked addresses, documents, messages that wait,
//! archives; and persistent rooms. Addresses are JIDs as text, stanzas and documents are XML text that nobody here reads.

use desk::time::Time;

use crate::Pending;

/// What the XMPP server's accounts and rooms keep.
pub trait Im: Send + Sync {
    /// The books of all accounts that have anything, by address.
    fn im_books(&self) -> Pending<Vec<ImBook>>;
    /// Carries out changes in their order, all or none; `Conflict("archive id")` if an archive has a message of that id.
    fn im_change(&self, changes: Vec<ImChange>) -> Pending<()>;
    /// A private document.
    fn im_private(&self, account: &str, key: &str) -> Pending<Option<String>>;
    /// A vCard.
    fn im_vcard(&self, account: &str) -> Pending<Option<String>>;
    /// A page of an archive; none if the query names a message that is not in it.
    fn im_archive(&self, query: ImQuery) -> Pending<Option<ImPage>>;
    /// The oldest and the newest message of an archive, by id and time; none if it is empty.
    fn im_archive_ends(&self, owner: &str) -> Pending<Option<[(String, Time); 2]>>;
    /// Forgets archived and waiting messages from before that time, oldest first; how many, at most `limit` of each kind.
    fn im_retain(&self, before: Time, limit: usize) -> Pending<u64>;
    /// Forgets a person: everything that an address keeps, and what others' archives hold of conversations with it. Others'
    /// contacts stay: they change with [`ImChange`]. How many archived messages went.
    fn im_erase(&self, address: &str) -> Pending<u64>;

    /// The documents of all persistent rooms, by address.
    fn im_rooms(&self) -> Pending<Vec<ImRoom>>;
    /// Keeps the document of a room, in place of the one before.
    fn im_keep_room(&self, room: ImRoom) -> Pending<()>;
    /// Forgets a room: its document and its archive; none there is no fault.
    fn im_drop_room(&self, room: &str) -> Pending<()>;
}

/// What an account keeps and the server must know from the start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImBook {
    /// Its address.
    pub account: String,
    /// The version of its roster.
    pub version: u64,
    /// Its contacts and requests, by address.
    pub contacts: Vec<ImContact>,
    /// Whom it blocks, sorted.
    pub blocked: Vec<String>,
    /// Bytes of its private documents, by key.
    pub private_bytes: Vec<(String, usize)>,
    /// Which chats it archives.
    pub preferences: ImPreferences,
    /// What waits for it, by number.
    pub offline: Vec<ImOffline>,
    /// When its last session ended, and with which words.
    pub last_seen: Option<(Time, String)>,
}

/// What an account remembers of another address.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImContact {
    /// The address.
    pub jid: String,
    /// The name that the owner gave.
    pub name: Option<String>,
    /// The groups that the owner put it in.
    pub groups: Vec<String>,
    /// The owner knows the contact's presence (`to`).
    pub to: bool,
    /// The contact knows the owner's presence (`from`).
    pub from: bool,
    /// The owner asked and waits.
    pub asked: bool,
    /// The contact may as soon as it asks.
    pub approved: bool,
    /// The contact asked and waits: its stanza.
    pub request: Option<String>,
    /// It stands in the roster that the owner sees.
    pub listed: bool,
}

/// Which chats are archived when no list names the other side.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ImArchiving {
    /// All.
    #[default]
    Always,
    /// None.
    Never,
    /// Those with contacts.
    Roster,
}

/// Which chats an account archives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImPreferences {
    /// When neither list names the other side.
    pub otherwise: ImArchiving,
    /// With these, always.
    pub always: Vec<String>,
    /// With these, never.
    pub never: Vec<String>,
}

/// A message that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImOffline {
    /// Its number, growing within the account.
    pub number: u64,
    /// When it was sent.
    pub at: Time,
    /// The message.
    pub stanza: String,
}

/// A message in an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImArchived {
    /// Whose archive: an account or a room.
    pub owner: String,
    /// Its id, unique in that archive.
    pub id: String,
    /// The other side's bare address.
    pub with_bare: String,
    /// The other side's address as it was used.
    pub with_full: String,
    /// When.
    pub at: Time,
    /// The message.
    pub stanza: String,
}

/// One change. Applied in order, they lead from an empty book to the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImChange {
    /// A contact is new or changed: account, all of it, version of the roster from now on.
    Contact(String, ImContact, u64),
    /// A contact is gone: account, address, version of the roster from now on.
    ContactGone(String, String, u64),
    /// An address is blocked: account, address.
    Blocked(String, String),
    /// An address is no longer blocked: account, address.
    Unblocked(String, String),
    /// A private document was written: account, key, document.
    Private(String, String, String),
    /// A vCard was written: account, document.
    Vcard(String, String),
    /// Archiving preferences were set: account, from now on.
    Preferences(String, ImPreferences),
    /// The last session ended: account, when, words.
    LastSeen(String, Time, String),
    /// A message waits: account, message.
    Offline(String, ImOffline),
    /// What waited up to this number was delivered: account, number.
    OfflineTaken(String, u64),
    /// A message was said.
    Archived(ImArchived),
    /// Everything that an account keeps is forgotten: account.
    Forgotten(String),
}

/// A question to an archive (XEP-0313): all conditions hold together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImQuery {
    /// Whose archive.
    pub owner: String,
    /// Only with this bare address.
    pub with_bare: Option<String>,
    /// Only with this very address.
    pub with_full: Option<String>,
    /// Not before.
    pub start: Option<Time>,
    /// Not after.
    pub end: Option<Time>,
    /// Only after the message of this id.
    pub after_id: Option<String>,
    /// Only before the message of this id.
    pub before_id: Option<String>,
    /// Only these messages, if there are any; all must be there.
    pub ids: Vec<String>,
    /// Which part of what fits.
    pub part: ImPart,
    /// Messages at most.
    pub max: usize,
}

/// Which part of a result (XEP-0059).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImPart {
    /// From the oldest.
    First,
    /// The newest.
    Last,
    /// Those right after this id.
    After(String),
    /// Those right before this id.
    Before(String),
}

/// A page of an archive.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImPage {
    /// The messages, oldest first.
    pub messages: Vec<ImArchived>,
    /// Nothing fits beyond the page, in the direction in which it was asked.
    pub complete: bool,
    /// How many messages fit, all pages together.
    pub count: usize,
    /// How many fitting messages stand before the page.
    pub index: usize,
}

/// A persistent room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImRoom {
    /// Its address.
    pub room: String,
    /// Its configuration, standings and subject, in the form that the conference service gives it.
    pub body: String,
    /// When it was kept.
    pub at: Time,
}
