//! Who may know whose presence: requests, answers, cancellations (RFC 6121 §3, appendix A). Both halves of a subscription
//! between two accounts change in the same call; a service's half is its own business.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::refusal::Refusal;
use super::settings::Place;
use super::{Contact, House, Session, Subscription};

const NOT_HERE: Refusal = Refusal::NotAllowed("There is nobody to subscribe to.");

impl Contact {
    fn set_to(&mut self, to: bool) {
        self.subscription = Subscription::of(to, self.subscription.from());
        self.asked = false;
    }

    fn set_from(&mut self, from: bool) {
        self.subscription = Subscription::of(self.subscription.to(), from);
        self.request = None;
    }
}

impl House {
    /// A client asks for, grants or ends a subscription.
    pub(super) fn handle_subscription(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        to: &Jid,
        mut presence: Presence,
    ) -> Result<(), Refusal> {
        let (account, contact) = (from.to_bare(), to.to_bare());
        match self.settings.place_of(to) {
            Place::Elsewhere => return Err(Refusal::Elsewhere),
            Place::Server | Place::Visitor(_) => return Err(NOT_HERE),
            Place::Account(_) if contact == account => return Err(NOT_HERE),
            Place::Account(_) | Place::Service(_) => {}
        }
        if !self.has_account(&account) {
            return Err(Refusal::NotAllowed("A visitor has no contacts."));
        }
        if presence.type_ == Type::Subscribe && self.blocks(&account, &contact.clone().into()) {
            return Err(Refusal::Blocked);
        }
        presence.from = Some(account.clone().into());
        let before = self.views_between(&account, &contact);
        if self.send_subscription(turn, &account, &contact, &presence.type_)? {
            self.pass_subscription(turn, &account, &contact, presence);
        }
        let after = self.views_between(&account, &contact);
        self.settle_views(turn, &before, &after);
        Ok(())
    }

    /// The sender's half. Gives whether the other side is told (RFC 6121 §A.2).
    fn send_subscription(
        &mut self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        contact: &BareJid,
        kind: &Type,
    ) -> Result<bool, Refusal> {
        let known = self.contact(account, contact);
        let (from, requested) =
            known.map_or((false, false), |known| (known.subscription.from(), known.request.is_some()));
        match kind {
            Type::Subscribe => {
                self.check_room(account, contact)?;
                self.change_contact(turn, account, contact, |contact| {
                    contact.listed = true;
                    contact.asked = !contact.subscription.to();
                });
                Ok(true)
            }
            Type::Subscribed if requested => {
                self.change_contact(turn, account, contact, |contact| {
                    contact.listed = true;
                    contact.set_from(true);
                });
                Ok(true)
            }
            Type::Subscribed if from => Ok(false),
            Type::Subscribed => {
                self.check_room(account, contact)?;
                self.change_contact(turn, account, contact, |contact| {
                    contact.listed = true;
                    contact.approved = true;
                });
                Ok(false)
            }
            Type::Unsubscribe => {
                self.change_contact(turn, account, contact, |contact| contact.set_to(false));
                Ok(true)
            }
            _ => {
                self.change_contact(turn, account, contact, |contact| {
                    contact.set_from(false);
                    contact.approved = false;
                });
                Ok(from || requested)
            }
        }
    }

    /// Takes it to the other side: an account here, or a service.
    pub(super) fn pass_subscription(
        &mut self,
        turn: &mut Turn<'_>,
        from: &BareJid,
        to: &BareJid,
        mut presence: Presence,
    ) {
        presence.to = None;
        if self.has_account(to) {
            self.receive_subscription(turn, to, from, presence);
        } else if let Place::Service(_) = self.settings.place_of(&to.clone().into()) {
            turn.send_service(to.clone().into(), &Arc::new(presence.into()));
        } else if presence.type_ == Type::Subscribe {
            // Nobody is there who could ever answer.
            let refused = Presence::new(Type::Unsubscribed).with_from(to.clone());
            self.receive_subscription(turn, from, to, refused);
        }
    }

    /// The receiver's half (RFC 6121 §A.3).
    pub(super) fn receive_subscription(
        &mut self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        contact: &BareJid,
        presence: Presence,
    ) {
        if presence.type_ == Type::Subscribe {
            self.receive_request(turn, account, contact, presence);
            return;
        }
        let Some(known) = self.contact(account, contact) else { return };
        let concerns = match presence.type_ {
            Type::Subscribed => known.asked,
            Type::Unsubscribe => known.subscription.from() || known.request.is_some(),
            _ => known.subscription.to() || known.asked,
        };
        if !concerns {
            return;
        }
        let kind = presence.type_.clone();
        if !self.blocks(account, &contact.clone().into()) {
            self.show_subscription(turn, account, presence, |session| session.roster);
        }
        self.change_contact(turn, account, contact, |contact| match kind {
            Type::Subscribed => contact.set_to(true),
            Type::Unsubscribe => contact.set_from(false),
            _ => contact.set_to(false),
        });
    }

    fn receive_request(&mut self, turn: &mut Turn<'_>, account: &BareJid, contact: &BareJid, presence: Presence) {
        if self.blocks(account, &contact.clone().into()) {
            return;
        }
        let known = self.contact(account, contact);
        let answer = match known {
            Some(known) if known.subscription.from() => Some(Type::Subscribed),
            Some(known) if known.approved => {
                self.change_contact(turn, account, contact, |contact| contact.set_from(true));
                Some(Type::Subscribed)
            }
            Some(known) if known.request.is_some() => None,
            _ if !self.may_wait(account, contact) => Some(Type::Unsubscribed),
            _ => {
                let mut request = presence.clone();
                request.to = Some(account.clone().into());
                let mut request = String::from(&minidom::Element::from(request));
                if request.len() > self.settings.limits.presence_bytes {
                    // The wish counts; what it was wrapped in need not be kept.
                    let bare = Presence::subscribe().with_from(contact.clone()).with_to(account.clone());
                    request = String::from(&minidom::Element::from(bare));
                }
                self.change_contact(turn, account, contact, |contact| contact.request = Some(request));
                self.show_subscription(turn, account, presence, Session::is_available);
                None
            }
        };
        if let Some(kind) = answer {
            let answer = Presence::new(kind).with_from(account.clone());
            self.pass_subscription(turn, account, contact, answer);
        }
    }

    fn show_subscription(
        &self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        presence: Presence,
        who: impl Fn(&Session) -> bool,
    ) {
        let stanza = Arc::new(Stanza::from(presence));
        for session in self.sessions_where(account, who) {
            turn.send_as(&session, account.clone().into(), &stanza);
        }
    }

    /// Ends every tie between an account and a contact, and forgets the contact.
    pub(super) fn end_both_ways(&mut self, turn: &mut Turn<'_>, account: &BareJid, contact: &BareJid) {
        let Some(known) = self.contact(account, contact).cloned() else { return };
        let before = self.views_between(account, contact);
        let tell = |kind| Presence::new(kind).with_from(account.clone());
        if known.subscription.to() || known.asked {
            self.pass_subscription(turn, account, contact, tell(Type::Unsubscribe));
        }
        if known.subscription.from() || known.request.is_some() {
            self.pass_subscription(turn, account, contact, tell(Type::Unsubscribed));
        }
        self.change_contact(turn, account, contact, |contact| *contact = Contact::new(contact.jid.clone()));
        let after = self.views_between(account, contact);
        self.settle_views(turn, &before, &after);
    }
}
