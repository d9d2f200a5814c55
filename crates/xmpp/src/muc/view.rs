//! Who sees what of whom: occupant presence as rendered for others, for moderators and for oneself (XEP-0045 §7.2.3–5).
//! Decides nothing about who may be inside.

use std::sync::Arc;

use jid::{FullJid, Jid};
use xmpp_parsers::occupant_id::OccupantId;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::{Affiliation, Nick, Occupant, Role, Room, Whois};
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
        presence.add_payload(MucUser { destroy: news.destroy.clone(), ..MucUser::about(item, &codes) });
        presence.into()
    }

    /// Sends news to every session but one; each kind of viewer shares one stanza.
    pub(super) fn broadcast(&self, turn: &mut Turn<'_>, news: &News<'_>, but: Option<&FullJid>) {
        let mut rendered: [Option<Arc<Stanza>>; 3] = [None, None, None];
        for viewer in self.occupants.values() {
            let own = viewer.nick == news.about.nick;
            let view = if own { View::Own } else { self.view_of(viewer.role) };
            for session in viewer.sessions.keys().filter(|session| Some(*session) != but) {
                let stanza = rendered[view as usize].get_or_insert_with(|| Arc::new(self.render(news, view)));
                turn.send_shared(session.clone(), stanza);
            }
        }
    }
}
