//! Calls of the host as the owner of all rooms: standing, roles, invitations, subject, configuration, the end. Nothing
//! but the limits and the rooms' invariants binds it.

use jid::{BareJid, Jid};
use xmpp_parsers::message::{Lang, Message};

use super::admin::Authority;
use super::destroy::Alternate;
use super::outcome::Turn;
use super::{
    Affiliation, Moment, Nick, Outcome, Role, RoomConfig, RoomRefusal, Service, Why, without_illegal_characters,
};
use crate::xep::muc_user::Invite;

impl Service {
    /// The host gives somebody a standing, or takes it. Whoever it shuts out is removed.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::LastOwner`], too many standings, a reason that is too long.
    pub fn set_affiliation(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        person: &BareJid,
        to: Affiliation,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = self.host();
        let reason = reason.map(str::to_owned);
        self.with_room(at, room, |room, turn| {
            turn.limits.check_reason(reason.as_ref())?;
            room.keeps_an_owner([(person, to)])?;
            room.check_standings(turn.limits, usize::from(room.is_new_standing(person, to)))?;
            room.apply_affiliation(turn, &by, person, to, None, reason);
            Ok(())
        })
    }

    /// The host keeps a nick for somebody with a standing: nobody else may have it, and where nicks are locked they may
    /// have no other.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::NotPermitted`] for somebody without a standing,
    /// [`RoomRefusal::NickTaken`] when it is another's, [`RoomRefusal::BadNick`].
    pub fn reserve_nick(&mut self, room: &BareJid, person: &BareJid, nick: &str) -> Result<(), RoomRefusal> {
        let nick = Nick::new(nick, self.limits.nick_bytes).map_err(RoomRefusal::BadNick)?;
        let room = self.rooms.get_mut(room).ok_or(RoomRefusal::NoSuchRoom)?;
        room.reserve_nick(person, nick)
    }

    /// The host gives an occupant a role; [`Role::None`] kicks.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::NoSuchOccupant`], [`RoomRefusal::TooPowerful`] for an admin or owner
    /// who would not be a moderator any more.
    pub fn set_role(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        nick: &str,
        to: Role,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = self.host();
        let reason = reason.map(str::to_owned);
        self.with_room(at, room, |room, turn| {
            turn.limits.check_reason(reason.as_ref())?;
            let whose = room.occupant(nick).ok_or(RoomRefusal::NoSuchOccupant)?;
            room.check_role_change(&by, whose, to)?;
            let nick = whose.nick.clone();
            room.apply_role(turn, &by, &nick, to, reason);
            Ok(())
        })
    }

    /// The host invites, in the name of an address such as the workgroup's. Where only members may enter, the invitee
    /// becomes a member.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::NotPermitted`] for somebody banned, too many standings.
    pub fn invite(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        by: &BareJid,
        to: &Jid,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = Authority::host(by.clone().into());
        let invite = Invite { to: Some(to.clone()), reason: reason.map(str::to_owned), ..Invite::default() };
        self.with_room(at, room, |room, turn| room.handle_invitations(turn, &by, vec![invite]))
    }

    /// The host sets the subject.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], a subject that is too long.
    pub fn set_subject(&mut self, at: Moment<'_>, room: &BareJid, subject: &str) -> Result<Outcome, RoomRefusal> {
        let mut message = Message::groupchat(None);
        message.subjects.insert(Lang::new(), without_illegal_characters(subject).into_owned());
        self.with_room(at, room, |room, turn| {
            turn.limits.check_texts("the subject", message.subjects.values(), turn.limits.subject_bytes)?;
            message.from = Some(room.jid.clone().into());
            room.set_subject(turn, None, message);
            Ok(())
        })
    }

    /// The host configures a room, in one call. Whoever it shuts out is removed.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], what is wrong with the configuration.
    pub fn configure(&mut self, at: Moment<'_>, room: &BareJid, config: RoomConfig) -> Result<Outcome, RoomRefusal> {
        self.with_room(at, room, |room, turn| room.configure(turn, config, None))
    }

    /// The host ends a room.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], a reason that is too long.
    pub fn destroy(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        reason: Option<&str>,
        alternate: Option<&BareJid>,
    ) -> Result<Outcome, RoomRefusal> {
        let reason = reason.map(str::to_owned);
        self.with_room(at, room, |room, turn| {
            turn.limits.check_reason(reason.as_ref())?;
            let alternate = alternate.map(|room| Alternate { room: room.clone(), password: None });
            room.destroy(turn, Why::Owner, reason, alternate);
            Ok(())
        })
    }

    /// The service stops: everybody is told (332) and every room ends.
    pub fn shut_down(&mut self, at: Moment<'_>, reason: Option<&str>) -> Outcome {
        let mut turn = Turn::new(at, &self.limits, &self.key);
        for room in self.rooms.values_mut() {
            room.destroy(&mut turn, Why::ServiceShutdown, reason.map(str::to_owned), None);
        }
        self.rooms.clear();
        self.present.clear();
        self.listed.clear();
        self.created.clear();
        turn.outcome
    }

    fn host(&self) -> Authority {
        Authority::host(self.address.clone().into())
    }
}
