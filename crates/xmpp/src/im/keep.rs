//! What must be remembered of accounts: the changes that leave a house as [`Keep`], and the [`Book`] of an account from
//! which a house is built again. Stanzas and documents are XML text. No decisions here.

use std::collections::{BTreeMap, BTreeSet};

use jid::{BareJid, Jid};

/// One thing to remember or to forget. Applied in order to the books, they give the books of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// A contact is new or changed.
    Contact {
        /// Whose.
        account: BareJid,
        /// All of it.
        contact: Contact,
        /// The version of the account's roster from now on.
        version: u64,
    },
    /// A contact is gone.
    ContactGone {
        /// Whose.
        account: BareJid,
        /// Which.
        jid: BareJid,
        /// The version of the account's roster from now on.
        version: u64,
    },
    /// An address is blocked (XEP-0191).
    Blocked {
        /// By whom.
        account: BareJid,
        /// Which: a domain, a bare or a full address.
        jid: Jid,
    },
    /// An address is no longer blocked.
    Unblocked {
        /// By whom.
        account: BareJid,
        /// Which.
        jid: Jid,
    },
    /// A private document (XEP-0049) was written.
    Private {
        /// Whose.
        account: BareJid,
        /// Its element's name in Clark notation: `{namespace}name`.
        key: String,
        /// The document.
        document: String,
    },
    /// A vCard (XEP-0054) was written.
    Vcard {
        /// Whose.
        account: BareJid,
        /// The document.
        document: String,
    },
    /// Archiving preferences (XEP-0313 §5) were set.
    Preferences {
        /// Whose.
        account: BareJid,
        /// From now on.
        preferences: Preferences,
    },
    /// The last session of an account that others could see ended.
    LastSeen {
        /// Whose.
        account: BareJid,
        /// When and with which words.
        seen: LastSeen,
    },
    /// A message waits for an account that is away (XEP-0160).
    Offline {
        /// Whose.
        account: BareJid,
        /// The message.
        message: OfflineMessage,
    },
    /// The messages up to a number were delivered.
    OfflineTaken {
        /// Whose.
        account: BareJid,
        /// The last that was delivered.
        up_to: u64,
    },
    /// A message belongs in an archive (XEP-0313).
    Archived(Archived),
    /// An account is gone: everything that is its own is forgotten.
    Forgotten {
        /// Whose.
        account: BareJid,
    },
}

/// A message in the archive of an account, or of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// Whose archive.
    pub owner: BareJid,
    /// Its id there (XEP-0359), unique in that archive.
    pub id: String,
    /// The other side; in a room's archive the occupant.
    pub with: Jid,
    /// When, in microseconds since the epoch.
    pub at_us: i64,
    /// The message.
    pub stanza: String,
}

/// Who knows whose presence (RFC 6121 §2.1.2.5), seen by the owner of the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Subscription {
    /// Neither.
    #[default]
    None,
    /// The owner knows the contact's.
    To,
    /// The contact knows the owner's.
    From,
    /// Both.
    Both,
}

impl Subscription {
    /// From its halves.
    pub fn of(to: bool, from: bool) -> Subscription {
        match (to, from) {
            (false, false) => Subscription::None,
            (true, false) => Subscription::To,
            (false, true) => Subscription::From,
            (true, true) => Subscription::Both,
        }
    }

    /// Whether the owner knows the contact's presence.
    pub fn to(self) -> bool {
        matches!(self, Subscription::To | Subscription::Both)
    }

    /// Whether the contact knows the owner's presence.
    pub fn from(self) -> bool {
        matches!(self, Subscription::From | Subscription::Both)
    }
}

/// What an account remembers of another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The address.
    pub jid: BareJid,
    /// The name that the owner gave.
    pub name: Option<String>,
    /// The groups that the owner put it in.
    pub groups: BTreeSet<String>,
    /// Who knows whose presence.
    pub subscription: Subscription,
    /// The owner asked for the contact's presence and waits ("pending out").
    pub asked: bool,
    /// The contact may have the owner's presence as soon as it asks (pre-approval, RFC 6121 §3.4).
    pub approved: bool,
    /// The contact asked for the owner's presence and waits ("pending in"): its presence stanza.
    pub request: Option<String>,
    /// It stands in the roster that the owner sees; a mere request does not.
    pub listed: bool,
}

impl Contact {
    /// An address of which nothing is known.
    pub fn new(jid: BareJid) -> Contact {
        Contact {
            jid,
            name: None,
            groups: BTreeSet::new(),
            subscription: Subscription::None,
            asked: false,
            approved: false,
            request: None,
            listed: false,
        }
    }
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineMessage {
    /// Its number, growing within the account.
    pub number: u64,
    /// When it was sent, in microseconds since the epoch.
    pub at_us: i64,
    /// The message, as it is to be delivered but for its delay stamp.
    pub stanza: String,
}

/// The end of an account's last session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSeen {
    /// When, in microseconds since the epoch.
    pub at_us: i64,
    /// The last words (`status`).
    pub status: String,
}

/// Which chats are archived when no rule names the other side (XEP-0313 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Archiving {
    /// All.
    #[default]
    Always,
    /// None.
    Never,
    /// Those with contacts in the roster.
    Roster,
}

/// Which chats are archived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences {
    /// When neither list names the other side.
    pub otherwise: Archiving,
    /// With these, always.
    pub always: BTreeSet<Jid>,
    /// With these, never.
    pub never: BTreeSet<Jid>,
}

/// What a house must know of an account from the start. Private documents, vCards and archives stay with the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Whose.
    pub account: BareJid,
    /// The version of its roster.
    pub version: u64,
    /// Its contacts and requests, by address.
    pub contacts: BTreeMap<BareJid, Contact>,
    /// Whom it blocks.
    pub blocked: BTreeSet<Jid>,
    /// Bytes of its private documents, by key.
    pub private_bytes: BTreeMap<String, usize>,
    /// Which chats it archives.
    pub preferences: Preferences,
    /// What waits for it, by number.
    pub offline: Vec<OfflineMessage>,
    /// The end of its last session.
    pub last_seen: Option<LastSeen>,
}

impl Book {
    /// What it remembers of an address.
    pub fn contact(&self, jid: &BareJid) -> Option<&Contact> {
        self.contacts.get(jid)
    }

    /// The book of a new account.
    pub fn new(account: BareJid) -> Book {
        Book {
            account,
            version: 0,
            contacts: BTreeMap::new(),
            blocked: BTreeSet::new(),
            private_bytes: BTreeMap::new(),
            preferences: Preferences::default(),
            offline: Vec::new(),
            last_seen: None,
        }
    }
}

impl Keep {
    /// Whose memory it is.
    pub fn account(&self) -> &BareJid {
        match self {
            Keep::Contact { account, .. }
            | Keep::ContactGone { account, .. }
            | Keep::Blocked { account, .. }
            | Keep::Unblocked { account, .. }
            | Keep::Private { account, .. }
            | Keep::Vcard { account, .. }
            | Keep::Preferences { account, .. }
            | Keep::LastSeen { account, .. }
            | Keep::Offline { account, .. }
            | Keep::OfflineTaken { account, .. }
            | Keep::Forgotten { account } => account,
            Keep::Archived(archived) => &archived.owner,
        }
    }
}
