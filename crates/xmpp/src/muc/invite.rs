//! Mediated invitations and declining them (XEP-0045 §7.8.2): who may invite, membership that comes with it, and who is
//! told of a no.

use std::collections::VecDeque;

use jid::{BareJid, Jid};
use xmpp_parsers::message::{Message, MessageType};

use super::admin::Authority;
use super::outcome::Turn;
use super::{Affiliation, Privilege, Room, RoomHappening, RoomRefusal, Whois};
use crate::xep::muc_user::{Decline, Invite, MucUser};

/// Invitations that can still be declined: who was invited, by whom. The oldest first.
#[derive(Debug, Default)]
pub(super) struct Invitations(VecDeque<(BareJid, Jid)>);

impl Invitations {
    fn add(&mut self, invitee: BareJid, inviter: Jid, max: usize) {
        self.0.retain(|(known, _)| *known != invitee);
        self.0.push_back((invitee, inviter));
        while self.0.len() > max {
            self.0.pop_front();
        }
    }

    fn take(&mut self, invitee: &BareJid) -> Option<Jid> {
        let at = self.0.iter().position(|(known, _)| known == invitee)?;
        self.0.remove(at).map(|(_, inviter)| inviter)
    }
}

impl Room {
    /// A message to the room with invitations in it.
    pub(super) fn handle_invitations(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        invites: Vec<Invite>,
    ) -> Result<(), RoomRefusal> {
        if invites.len() > turn.limits.items {
            return Err(RoomRefusal::TooMany { what: "invitations in a message", max: turn.limits.items });
        }
        let may = self.config.open_invitations || by.affiliation >= Affiliation::Admin;
        if !may || !by.role.allows(Privilege::Invite) {
            return Err(RoomRefusal::NotPermitted);
        }
        for invite in &invites {
            let to = invite.to.as_ref().ok_or(RoomRefusal::BadRequest("An invitation says whom it is for."))?;
            turn.limits.check_reason(invite.reason.as_ref())?;
            if self.affiliation_of(&to.to_bare()) == Affiliation::Outcast {
                return Err(RoomRefusal::NotPermitted);
            }
        }
        if self.config.members_only {
            let people = invites.iter().filter_map(|invite| invite.to.as_ref()).map(Jid::to_bare);
            let more = people.filter(|person| self.is_new_standing(person, Affiliation::Member)).count();
            self.check_standings(turn.limits, more)?;
        }
        for invite in invites {
            self.invite(turn, by, invite);
        }
        Ok(())
    }

    /// Invites, checked: where only members may enter, the invitee becomes one.
    fn invite(&mut self, turn: &mut Turn<'_>, by: &Authority, invite: Invite) {
        let Some(to) = invite.to else { return };
        let person = to.to_bare();
        if self.config.members_only && self.affiliation_of(&person) == Affiliation::None {
            // The invitation itself tells them; nothing else need.
            let quietly = Authority { is_host: true, ..by.clone() };
            self.apply_affiliation(turn, &quietly, &person, Affiliation::Member, None, None);
        }
        let shows_itself = by.is_host || self.config.whois == Whois::Anyone;
        let from = match &by.nick {
            Some(nick) if !shows_itself => self.address_of(nick).into(),
            _ => by.jid.to_bare().into(),
        };
        let news = MucUser {
            invites: vec![Invite {
                from: Some(from),
                to: None,
                reason: invite.reason.clone(),
                continued: invite.continued,
            }],
            password: self.config.password.clone(),
            ..MucUser::default()
        };
        let mut message = Message::new_with_type(MessageType::Normal, None).with_payload(news);
        message.from = Some(self.jid.clone().into());
        turn.send(to.clone(), message);
        self.invitations.add(person, by.jid.clone(), turn.limits.invitations_per_room);
        turn.tell(RoomHappening::Invited { room: self.jid.clone(), by: by.jid.clone(), to, reason: invite.reason });
    }

    /// Somebody declines; only an invitation that there was can be declined.
    pub(super) fn handle_decline(
        &mut self,
        turn: &mut Turn<'_>,
        from: &Jid,
        decline: Decline,
    ) -> Result<(), RoomRefusal> {
        turn.limits.check_reason(decline.reason.as_ref())?;
        let inviter = self.invitations.take(&from.to_bare()).ok_or(RoomRefusal::NotInvited)?;
        let news = Decline { from: Some(from.to_bare().into()), to: None, reason: decline.reason.clone() };
        let mut message = Message::new_with_type(MessageType::Normal, None)
            .with_payload(MucUser { decline: Some(news), ..MucUser::default() });
        message.from = Some(self.jid.clone().into());
        turn.send(inviter.clone(), message);
        turn.tell(RoomHappening::InvitationDeclined {
            room: self.jid.clone(),
            by: from.clone(),
            inviter,
            reason: decline.reason,
        });
        Ok(())
    }
}
