//! A request put before an agent, the agent's answer, and its withdrawal (XEP-0142 `offer`, `offer-accept`,
//! `offer-reject`, `offer-revoke`), with what the dialect adds.

use jid::{BareJid, Jid};
use minidom::Element;

use super::limits::{FOREIGN, ID_BYTES, REASON_BYTES};
use super::metadata::{read_user, write_user};
use super::{Metadata, Passing, Session, ns};
use crate::markup::{Build, Fault, Read};

/// What is offered.
#[derive(Debug, Clone, PartialEq)]
pub enum OfferContent {
    /// A new visitor.
    Visitor,
    /// A place in a conversation that goes on.
    Invitation(OfferedRoom),
    /// A conversation that another hands over.
    Transfer(OfferedRoom),
}

/// A conversation that goes on, in an offer.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedRoom {
    /// To whom it was passed: a person, a queue or a workgroup.
    pub to: Passing,
    /// Who asks.
    pub inviter: Jid,
    /// Where it is.
    pub room: BareJid,
    /// Why.
    pub reason: Option<String>,
}

impl OfferedRoom {
    fn read(it: Read<'_>) -> Result<OfferedRoom, Fault> {
        Ok(OfferedRoom {
            to: Passing::read(it)?,
            inviter: it.parsed_leaf("inviter")?.ok_or(Fault::Missing("inviter"))?,
            room: it.parsed_leaf("room")?.ok_or(Fault::Missing("room"))?,
            reason: it.leaf("reason", REASON_BYTES)?,
        })
    }

    fn write(&self, name: &str, metadata: &Metadata) -> Element {
        Build::new(name, ns::WORKGROUP)
            .attr("type", self.to.as_str())
            .leaf("inviter", &self.inviter)
            .leaf("room", &self.room)
            .child(metadata.write())
            .maybe_leaf("reason", self.reason.as_ref())
            .done()
    }
}

/// `<offer/>`.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The offer's id, which some clients send back.
    pub id: Option<String>,
    /// Whom it is about.
    pub jid: Jid,
    /// Seconds until it lapses.
    pub timeout_s: Option<u64>,
    /// What came with the request.
    pub metadata: Metadata,
    /// The conversation that will be, or is.
    pub session: Option<Session>,
    /// What is offered; nothing in the XEP's own form.
    pub content: Option<OfferContent>,
    /// The address that stands for a visitor without an account.
    pub user: Option<BareJid>,
    /// Elements of the application that came with the request.
    pub foreign: Vec<Element>,
}

impl Offer {
    /// Reads `<offer/>`.
    ///
    /// # Errors
    /// When it is another element, names nobody, or holds too much.
    pub fn read(element: &Element) -> Result<Offer, Fault> {
        let it = Read::of(element, "offer", ns::FAMILY)?;
        let mut offer = Offer {
            id: it.attr("id", ID_BYTES)?.map(str::to_owned),
            jid: it.need_jid("jid")?,
            timeout_s: it.parsed_leaf("timeout")?,
            metadata: Metadata::default(),
            session: it.child("session").map(|child| Session::read(child.element())).transpose()?,
            content: None,
            user: None,
            foreign: it.all().filter(|child| !child.is_ours()).map(|child| child.element().clone()).collect(),
        };
        FOREIGN.check(&offer.foreign)?;
        for child in it.all().filter(Read::is_ours) {
            match child.element().name() {
                "metadata" => offer.metadata = Metadata::read(child.element())?,
                "user" => offer.user = read_user(child.element())?,
                "user-request" => offer.content = Some(OfferContent::Visitor),
                "invite" => offer.content = Some(OfferContent::Invitation(OfferedRoom::read(child)?)),
                "transfer" => offer.content = Some(OfferContent::Transfer(OfferedRoom::read(child)?)),
                _ => {}
            }
        }
        Ok(offer)
    }

    /// The `<offer/>` element.
    pub fn write(&self) -> Element {
        let build = Build::new("offer", ns::WORKGROUP)
            .maybe_attr("id", self.id.as_ref())
            .attr("jid", &self.jid)
            .children((!self.metadata.is_empty()).then(|| self.metadata.write()))
            .maybe_leaf("timeout", self.timeout_s)
            .children(self.session.as_ref().map(Session::write));
        let build = match &self.content {
            None => build,
            Some(OfferContent::Visitor) => build.flag("user-request", true),
            Some(OfferContent::Invitation(room)) => build.child(room.write("invite", &self.metadata)),
            Some(OfferContent::Transfer(room)) => build.child(room.write("transfer", &self.metadata)),
        };
        build.children(self.user.as_ref().map(write_user)).children(self.foreign.iter().cloned()).done()
    }
}

/// `<offer-accept/>` and `<offer-reject/>`: what the agent says, and by what the offer is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferAnswer {
    /// Taken or not.
    pub accepted: bool,
    /// The offer's id, or, from Smack, the session's.
    pub id: Option<String>,
    /// Whom it is about, as the client wrote it: some change its letters to small ones.
    pub jid: Option<String>,
}

impl OfferAnswer {
    /// Reads either element.
    ///
    /// # Errors
    /// When it is another element or an attribute is too long.
    pub fn read(element: &Element) -> Result<OfferAnswer, Fault> {
        let accepted = element.name() == "offer-accept";
        let it = Read::of(element, if accepted { "offer-accept" } else { "offer-reject" }, ns::FAMILY)?;
        let text = |name, max| Ok(it.attr(name, max)?.map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned));
        Ok(OfferAnswer { accepted, id: text("id", ID_BYTES)?, jid: text("jid", crate::markup::JID_BYTES)? })
    }

    /// Writes the element as an agent's client does.
    pub fn write(&self) -> Element {
        let name = if self.accepted { "offer-accept" } else { "offer-reject" };
        let build = Build::new(name, ns::WORKGROUP).maybe_attr("jid", self.jid.as_ref());
        build.maybe_attr("id", self.id.as_ref()).done()
    }
}

/// `<offer-revoke/>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferRevoke {
    /// The offer's id.
    pub id: Option<String>,
    /// Whom it was about.
    pub jid: Jid,
    /// Why.
    pub reason: Option<String>,
    /// The conversation.
    pub session: Option<Session>,
    /// The address that stands for a visitor without an account.
    pub user: Option<BareJid>,
}

impl OfferRevoke {
    /// The reason when nobody answered in time, or another was faster.
    pub const TIMED_OUT: &'static str = "The offer has timed out";
    /// The reason when the visitor left, or the request went elsewhere.
    pub const CANCELED: &'static str = "User canceled";

    /// Reads `<offer-revoke/>`. White space around the reason, as in the XEP's example, is no part of it.
    ///
    /// # Errors
    /// When it is another element, names nobody, or its reason is too long.
    pub fn read(element: &Element) -> Result<OfferRevoke, Fault> {
        let it = Read::of(element, "offer-revoke", ns::FAMILY)?;
        Ok(OfferRevoke {
            id: it.attr("id", ID_BYTES)?.map(str::to_owned),
            jid: it.need_jid("jid")?,
            reason: it.leaf("reason", REASON_BYTES)?,
            session: it.child("session").map(|child| Session::read(child.element())).transpose()?,
            user: it.child("user").map(|child| read_user(child.element())).transpose()?.flatten(),
        })
    }

    /// The `<offer-revoke/>` element.
    pub fn write(&self) -> Element {
        Build::new("offer-revoke", ns::WORKGROUP)
            .maybe_attr("id", self.id.as_ref())
            .attr("jid", &self.jid)
            .maybe_leaf("reason", self.reason.as_ref())
            .children(self.session.as_ref().map(Session::write))
            .children(self.user.as_ref().map(write_user))
            .done()
    }
}
