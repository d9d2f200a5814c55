//! Who sees what of whom: occupant presence as rendered for others, for moderators and for oneself (XEP-0045 §7.2.3–5).
//! Decides nothing about who may be inside.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jid::{FullJid, Jid};
use xmpp_parsers::occupant_id::OccupantId;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::{Affiliation, Nick, Occupant, Role, Roles, Room, Whois};
use crate::xep::hats::Hats;
use crate::xep::muc_user::{Actor, Destroyed, Item, MucUser, status};

/// Who acted on somebody else: the real address, and the nick if inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ActedBy {
    pub jid: Jid,
    pub nick: Option<Nick>,
}

impl ActedBy {
    /// The nick, else the address: for happenings.
    pub fn name(&self) -> String {
        self.nick.as_ref().map_or_else(|| self.jid.to_string(), Nick::to_string)
    }
}

/// What is told of one occupant, before it is fitted to who sees it.
pub(super) struct News<'a> {
    pub about: &'a Occupant,
    pub presence: Presence,
    pub affiliation: Affiliation,
    pub role: Role,
    /// What the role was before, when it is this that changes.
    pub role_before: Role,
    pub codes: Vec<u16>,
    pub new_nick: Option<&'a Nick>,
    pub reason: Option<String>,
    pub by: Option<ActedBy>,
    pub destroy: Option<Destroyed>,
}

/// What a viewer may see of an occupant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// No real address.
    Hidden,
    /// The real address.
    Revealed,
    /// The viewer is the occupant.
    Own,
}

impl Room {
    /// News of an occupant as things stand; unavailable presence says the role `none`.
    pub(super) fn news<'a>(&self, about: &'a Occupant, presence: Presence) -> News<'a> {
        let gone = presence.type_ == Type::Unavailable;
        News {
            about,
            affiliation: self.affiliation_of(&about.bare),
            role: if gone { Role::None } else { about.role },
            role_before: about.role,
            presence,
            codes: Vec::new(),
            new_nick: None,
            reason: None,
            by: None,
            destroy: None,
        }
    }

    /// What an occupant of a role sees of the others.
    pub(super) fn view_of(&self, viewer: Role) -> View {
        if self.config.whois == Whois::Anyone || viewer == Role::Moderator { View::Revealed } else { View::Hidden }
    }

    /// The stanza for one kind of viewer.
    pub(super) fn render(&self, news: &News<'_>, view: View) -> Stanza {
        let mut item = Item::new(news.affiliation, news.role);
        item.reason.clone_from(&news.reason);
        item.nick = news.new_nick.map(Nick::to_string);
        if view != View::Hidden {
            item.jid = Some(news.about.shown.clone().into());
        }
        item.actor = news.by.as_ref().map(|by| Actor {
            jid: (view == View::Revealed).then(|| by.jid.to_bare().into()),
            nick: by.nick.as_ref().map(Nick::to_string),
        });
        item.actor = item.actor.filter(|actor| *actor != Actor::default());
        let mut codes = news.codes.clone();
        if view == View::Own {
            codes.push(status::SELF);
        }
        codes.sort_unstable();
        let mut presence = news.presence.clone().with_from(self.address_of(&news.about.nick));
        presence.add_payload(OccupantId { id: news.about.occupant_id.clone() });
        if let Some(hats) = self.hats.get(&news.about.bare).filter(|_| presence.type_ != Type::Unavailable) {
            presence.add_payload(Hats { hats: hats.clone() });
        }
        presence.add_payload(MucUser { destroy: news.destroy.clone(), ..MucUser::about(item, &codes) });
        presence.into()
    }

    /// What a viewer other than the occupant sees of them as things stand. It is kept until something about the
    /// occupant changes, so that newcomers to a full room cost no rendering.
    pub(super) fn state(&self, about: &Occupant, view: View) -> Arc<Stanza> {
        let render = || Arc::new(self.render(&self.news(about, about.presence()), view));
        Arc::clone(about.rendered.of(view).get_or_init(render))
    }

    /// Whether the others see the presence of occupants of a role.
    pub(super) fn shows(&self, role: Role) -> bool {
        self.config.presence_broadcast.contain(role)
    }

    /// Tells every session but one how things stand with an occupant.
    pub(super) fn broadcast_state(&self, turn: &mut Turn<'_>, about: &Occupant, but: Option<&FullJid>) {
        let mut own = None;
        for viewer in self.occupants.values() {
            let is_own = viewer.nick == about.nick;
            if !is_own && !self.shows(about.role) {
                continue;
            }
            let stanza = if is_own {
                let render = || Arc::new(self.render(&self.news(about, about.presence()), View::Own));
                Arc::clone(own.get_or_insert_with(render))
            } else {
                self.state(about, self.view_of(viewer.role))
            };
            for session in viewer.sessions.keys().filter(|session| Some(*session) != but) {
                turn.send_shared(session.clone(), &stanza);
            }
        }
    }

    /// Sends news to every session; each kind of viewer shares one stanza. To those who do not see occupants of this
    /// role, one who becomes such looks like one who goes.
    pub(super) fn broadcast(&self, turn: &mut Turn<'_>, news: &News<'_>) {
        let was_seen = self.shows(news.role_before);
        let gone = news.presence.type_ == Type::Unavailable;
        let is_seen = if gone { was_seen } else { self.shows(news.role) };
        let mut rendered: [Option<Arc<Stanza>>; 3] = [None, None, None];
        let mut vanished: [Option<Arc<Stanza>>; 3] = [None, None, None];
        for viewer in self.occupants.values() {
            let own = viewer.nick == news.about.nick;
            let view = if own { View::Own } else { self.view_of(viewer.role) };
            let stanza = if own || is_seen {
                rendered[view as usize].get_or_insert_with(|| Arc::new(self.render(news, view)))
            } else if was_seen {
                let away = || self.render(&self.news(news.about, Presence::unavailable()), view);
                vanished[view as usize].get_or_insert_with(|| Arc::new(away()))
            } else {
                continue;
            };
            for session in viewer.sessions.keys() {
                turn.send_shared(session.clone(), stanza);
            }
        }
    }

    /// After another choice of whose presence is broadcast: who comes into sight, and who goes out of it.
    pub(super) fn show_and_hide(&self, turn: &mut Turn<'_>, before: Roles) {
        if before == self.config.presence_broadcast {
            return;
        }
        for about in self.occupants.values().filter(|o| before.contain(o.role) != self.shows(o.role)) {
            for viewer in self.occupants.values().filter(|viewer| viewer.nick != about.nick) {
                let view = self.view_of(viewer.role);
                let stanza = if self.shows(about.role) {
                    self.state(about, view)
                } else {
                    Arc::new(self.render(&self.news(about, Presence::unavailable()), view))
                };
                for session in viewer.sessions.keys() {
                    turn.send_shared(session.clone(), &stanza);
                }
            }
        }
    }
}

/// Stanzas about an occupant that are kept until something about the occupant changes: without the real address, and
/// with it. What they say follows from the occupant, so that nothing else need look at them.
#[derive(Clone, Default)]
pub(super) struct Rendered([OnceLock<Arc<Stanza>>; 2]);

impl Rendered {
    fn of(&self, view: View) -> &OnceLock<Arc<Stanza>> {
        &self.0[usize::from(view == View::Revealed)]
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered(…)")
    }
}
