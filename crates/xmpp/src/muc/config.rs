//! What can be configured about a room, its defaults and its bounds. The owner's form over the network is in
//! `owner_form.rs`; what a change does to a living room is here too.

use super::outcome::Turn;
use super::{Limits, Role, RoomHappening, RoomRefusal};
use crate::muc::Room;
use crate::xep::muc_user::{MucUser, status};

/// Who may see the real addresses of occupants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whois {
    /// Moderators only: a semi-anonymous room.
    Moderators,
    /// Everybody: a non-anonymous room.
    Anyone,
}

/// Who may send private messages to other occupants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrivateMessages {
    /// Everybody.
    Anyone,
    /// Participants and moderators.
    Participants,
    /// Moderators.
    Moderators,
    /// Nobody.
    None,
}

/// Who may register with the room, and so become a member with a nick of their own (XEP-0045 §7.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Registration {
    /// Members and those of higher standing, who reserve their nick; nobody else.
    Members,
    /// Everybody who asks, once an admin says yes.
    Approval,
    /// Everybody who asks.
    Open,
}

/// Some of the roles that an occupant can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Roles {
    /// Moderators are among them.
    pub moderators: bool,
    /// Participants are among them.
    pub participants: bool,
    /// Visitors are among them.
    pub visitors: bool,
}

impl Roles {
    /// Every role.
    pub const ALL: Roles = Roles { moderators: true, participants: true, visitors: true };
    /// No role.
    pub const NONE: Roles = Roles { moderators: false, participants: false, visitors: false };

    /// Whether a role is among them.
    pub fn contain(self, role: Role) -> bool {
        match role {
            Role::Moderator => self.moderators,
            Role::Participant => self.participants,
            Role::Visitor => self.visitors,
            Role::None => false,
        }
    }
}

/// The configuration of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConfig {
    /// The title that people see.
    pub title: String,
    /// What the room is for.
    pub description: String,
    /// The language of the conversation (`nl`, `pt-BR`); empty when it is not said.
    pub lang: String,
    /// Whether the room outlives its last occupant.
    pub persistent: bool,
    /// Whether it is listed.
    pub public: bool,
    /// Whether only members may enter.
    pub members_only: bool,
    /// Whether people without standing enter without a voice.
    pub moderated: bool,
    /// The password, if there is one.
    pub password: Option<String>,
    /// Who may see real addresses.
    pub whois: Whois,
    /// Whether every occupant may invite; otherwise only admins and owners.
    pub open_invitations: bool,
    /// Whether every participant may set the subject; otherwise only moderators.
    pub open_subject: bool,
    /// Who may send private messages.
    pub private_messages: PrivateMessages,
    /// Occupants at most; admins and owners enter all the same. `None` leaves it to the service's limit.
    pub max_occupants: Option<usize>,
    /// Messages kept for those who enter later.
    pub history: usize,
    /// Whether the conversation is logged where the public can read it.
    pub public_log: bool,
    /// Whether people with a reserved nick must use it and nobody may change nicks.
    pub nicks_locked: bool,
    /// Whose presence the others see. Everybody sees their own.
    pub presence_broadcast: Roles,
    /// Who may read the list of members; admins and owners may always.
    pub member_list: Roles,
    /// Who may register.
    pub registration: Registration,
    /// Whether occupants may send each other queries through the room (`iq`), such as for a card or a picture.
    pub queries: bool,
    /// Whether service discovery tells strangers the nicks of those inside.
    pub occupants_listed: bool,
    /// Whether what is said is kept where occupants can ask for it (XEP-0313). The host keeps it.
    pub archived: bool,
    /// The address of a publish-subscribe node that belongs to the room; empty when there is none.
    pub pubsub: String,
}

impl Default for RoomConfig {
    /// An open room as somebody on the network would create it.
    fn default() -> RoomConfig {
        RoomConfig {
            title: String::new(),
            description: String::new(),
            lang: String::new(),
            persistent: false,
            public: false,
            members_only: false,
            moderated: false,
            password: None,
            whois: Whois::Moderators,
            open_invitations: false,
            open_subject: false,
            private_messages: PrivateMessages::Anyone,
            max_occupants: None,
            history: 20,
            public_log: false,
            nicks_locked: false,
            presence_broadcast: Roles::ALL,
            member_list: Roles::NONE,
            registration: Registration::Approval,
            queries: true,
            occupants_listed: false,
            archived: false,
            pubsub: String::new(),
        }
    }
}

impl RoomConfig {
    /// The room of one conversation at a chat desk: members-only, unlisted, temporary, addresses for moderators only,
    /// no private messages and queries (what is said is said before the recorder), no registration, the whole allowed
    /// history for who comes later.
    pub fn conversation(title: impl Into<String>) -> RoomConfig {
        RoomConfig {
            title: title.into(),
            members_only: true,
            private_messages: PrivateMessages::None,
            registration: Registration::Members,
            queries: false,
            history: 100,
            ..RoomConfig::default()
        }
    }

    /// Whether the configuration is within the limits and makes sense.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), RoomRefusal> {
        limits.check_texts("the title", [&self.title], limits.title_bytes)?;
        limits.check_texts("the description", [&self.description], limits.description_bytes)?;
        limits.check_texts("the language", [&self.lang], 35)?;
        limits.check_texts("the publish-subscribe node", [&self.pubsub], limits.title_bytes)?;
        limits.check_texts("the password", &self.password, limits.password_bytes)?;
        if self.password.as_deref() == Some("") {
            return Err(RoomRefusal::BadConfiguration("A room that is protected needs a password."));
        }
        if self.max_occupants == Some(0) {
            return Err(RoomRefusal::BadConfiguration("A room needs space for at least one occupant."));
        }
        Ok(())
    }
}

impl Room {
    /// Puts a checked configuration in force: says what changed and removes whom it shuts out. Opens a locked room.
    pub(super) fn configure(
        &mut self,
        turn: &mut Turn<'_>,
        config: RoomConfig,
        by: Option<String>,
    ) -> Result<(), RoomRefusal> {
        config.check(turn.limits)?;
        let before = std::mem::replace(&mut self.config, config);
        let now = &self.config;
        let mut codes = Vec::new();
        if now.whois != before.whois {
            codes.push(match now.whois {
                Whois::Anyone => status::NOW_NON_ANONYMOUS,
                Whois::Moderators => status::NOW_SEMI_ANONYMOUS,
            });
        }
        if now.public_log != before.public_log {
            codes.push(if now.public_log { status::LOGGED } else { status::NOT_LOGGED });
        }
        let private = RoomConfig { whois: now.whois, public_log: now.public_log, ..before.clone() };
        if *now != private {
            codes.push(status::CONFIG_CHANGED);
        }
        let opened = std::mem::replace(&mut self.locked, false);
        let broadcast_before = before.presence_broadcast;
        self.history.resize(self.config.history.min(turn.limits.history));
        if self.config.members_only && !before.members_only {
            self.remove_non_members(turn);
        }
        self.show_and_hide(turn, broadcast_before);
        if !codes.is_empty() {
            self.send_to_all(turn, self.notice(MucUser::codes(&codes)));
            self.lasting_changed = true;
        }
        if opened || !codes.is_empty() {
            turn.tell(RoomHappening::Configured { room: self.jid.clone(), by });
        }
        Ok(())
    }
}
