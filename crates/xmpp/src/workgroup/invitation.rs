//! The invitations that bring visitor and agent into the room (XEP-0142 user invite and agent invite), with what every
//! known client looks for: a mediated invitation from the workgroup itself, a direct one beside it for old clients, and
//! the elements by which Spark, Candy and others know what it is about.

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::message::Message;

use super::metadata::{read_user, write_user};
use super::{Session, ns};
use crate::markup::{Build, Fault, Read};
use crate::xep::direct_invite::DirectInvite;
use crate::xep::muc_user::{Invite, MucUser};

/// To whom an invitation goes, and what only they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// The agent who accepted: whom the conversation is about, and the address that stands for them if they have no
    /// account. The reason is the session's id, by which Spark finds the offer again.
    Agent {
        /// The visitor.
        visitor: Jid,
        /// What stands for them.
        user: Option<BareJid>,
    },
    /// The visitor.
    Visitor {
        /// What is said to them.
        reason: String,
    },
}

/// An invitation into a conversation's room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The room.
    pub room: BareJid,
    /// The workgroup that invites.
    pub workgroup: BareJid,
    /// The conversation.
    pub session: String,
    /// The room's password, if it has one.
    pub password: Option<String>,
    /// For whom it is made.
    pub invited: Invited,
}

impl Invitation {
    /// The message, from the room.
    pub fn write(&self, to: Jid) -> Message {
        let session = |workgroup| Session { id: self.session.clone(), workgroup }.write();
        let mut message = Message::normal(Some(to));
        message.from = Some(self.room.clone().into());
        let reason = match &self.invited {
            Invited::Agent { visitor, user } => {
                message.payloads.push(Build::new("offer", ns::WORKGROUP).attr("jid", visitor).done());
                message.payloads.push(session(Some(self.workgroup.clone())));
                message.payloads.extend(user.as_ref().map(write_user));
                self.session.clone()
            }
            Invited::Visitor { reason } => {
                message.payloads.push(Build::new("workgroup", ns::WORKGROUP).attr("jid", &self.workgroup).done());
                message.payloads.push(session(None));
                crate::muc::without_illegal_characters(reason).into_owned()
            }
        };
        let from = Some(self.workgroup.clone().into());
        let invite = Invite { from, reason: Some(reason), ..Invite::default() };
        let user = MucUser { invites: vec![invite], password: self.password.clone(), ..MucUser::default() };
        message.payloads.push(user.into());
        message.payloads.push(DirectInvite::new(self.room.clone(), None, self.password.clone()).into());
        message
    }

    /// Reads such a message; `None` if it is no invitation of a workgroup.
    ///
    /// # Errors
    /// When an element in it makes no sense.
    pub fn read(message: &Message) -> Result<Option<Invitation>, Fault> {
        let find = |name: &str, namespaces: &[&str]| {
            message.payloads.iter().find(|p| p.name() == name && namespaces.iter().any(|ns| p.has_ns(*ns)))
        };
        let muc_user = find("x", &[xmpp_parsers::ns::MUC_USER]).and_then(|x| MucUser::try_from(x.clone()).ok());
        let Some(MucUser { mut invites, password, .. }) = muc_user else { return Ok(None) };
        let (Some(room), Some(invite)) = (&message.from, invites.pop()) else { return Ok(None) };
        let Some(workgroup) = invite.from.as_ref().map(Jid::to_bare) else { return Ok(None) };
        let session = find("session", ns::FAMILY).map(Session::read).transpose()?;
        let invited = match (find("offer", ns::FAMILY), find("workgroup", ns::FAMILY)) {
            (Some(offer), _) => Invited::Agent {
                visitor: Read::of(offer, "offer", ns::FAMILY)?.need_jid("jid")?,
                user: find("user", ns::FAMILY).map(read_user).transpose()?.flatten(),
            },
            (None, Some(_)) => Invited::Visitor { reason: invite.reason.clone().unwrap_or_default() },
            (None, None) => return Ok(None),
        };
        let session = session.map(|session| session.id).or(invite.reason).ok_or(Fault::Missing("session"))?;
        Ok(Some(Invitation { room: room.to_bare(), workgroup, session, password, invited }))
    }
}

/// What the workgroup's own presence carries: when its settings last changed, in the place where Fastpath writes it and
/// in the place where the web chat reads it.
pub fn workgroup_presence(changed: super::LegacyDate) -> Element {
    Build::new("workgroup", ns::JIVE).attr("lastModified", changed).leaf("lastModified", changed).done()
}
