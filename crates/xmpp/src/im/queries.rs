//! Requests (`iq`): to the server, to an account in whose name the server answers (RFC 6121 §8.5.2), or on to a session
//! or a service. Which rule answers stands here; what it says is in the rule's file.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ns;
use xmpp_parsers::stanza::Stanza;

use super::ask::About;
use super::outcome::{Asker, Turn};
use super::refusal::Refusal;
use super::settings::Place;
use super::{Answer, House, Moment, Outcome, Thread, documents};
use crate::xep::mam;
use crate::xep::ns as ours;

/// What clients of RFC 3921 ask for after binding; it means nothing any more.
const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";

/// How a request is answered.
pub(super) enum Reply {
    Result(Option<Element>),
    /// When the host has looked it up.
    Later,
}

impl Reply {
    fn done(_: ()) -> Reply {
        Reply::Result(None)
    }
}

impl House {
    /// A request or an answer from a client.
    pub(super) fn handle_iq(&mut self, turn: &mut Turn<'_>, from: &FullJid, iq: Iq) -> Result<(), Refusal> {
        let to = iq.to().cloned();
        let own = from.to_bare();
        let place = to.as_ref().map(|to| (self.settings.place_of(to), to));
        match place {
            Some((Place::Elsewhere, _)) => Err(Refusal::Elsewhere),
            Some((Place::Service(_), to)) => {
                if self.blocks(&own, to) {
                    return Err(Refusal::Blocked);
                }
                let mut iq = iq.with_from(from.clone().into());
                *iq.to_mut() = None;
                turn.send_service(to.clone(), &Arc::new(iq.into()));
                Ok(())
            }
            Some((Place::Account(_) | Place::Visitor(_), to)) if to.is_full() => {
                if self.blocks(&own, to) {
                    return Err(Refusal::Blocked);
                }
                self.receive_iq(turn, &from.clone().into(), to, iq)
            }
            Some((place, to)) => self.answer_iq(turn, &from.clone().into(), Some(to), &place, iq),
            None => {
                let place = self.settings.place_of(&own.into());
                self.answer_iq(turn, &from.clone().into(), None, &place, iq)
            }
        }
    }

    /// A request or an answer to the server, an account, a visitor, or a session of them.
    pub(super) fn receive_iq(&mut self, turn: &mut Turn<'_>, from: &Jid, to: &Jid, iq: Iq) -> Result<(), Refusal> {
        let Ok(session) = to.try_as_full() else {
            let place = self.settings.place_of(to);
            return self.answer_iq(turn, from, Some(to), &place, iq);
        };
        let owner = to.to_bare();
        if self.session(session).is_none() || self.blocks(&owner, from) || self.is_apart(from, to) {
            return Err(Refusal::Unavailable);
        }
        let mut iq = iq.with_from(from.clone());
        *iq.to_mut() = None;
        turn.send(session, &Arc::new(iq.into()));
        Ok(())
    }

    fn answer_iq(
        &mut self,
        turn: &mut Turn<'_>,
        from: &Jid,
        to: Option<&Jid>,
        place: &Place,
        iq: Iq,
    ) -> Result<(), Refusal> {
        let (id, payload, is_set) = match iq {
            Iq::Get { id, payload, .. } => (id, payload, false),
            Iq::Set { id, payload, .. } => (id, payload, true),
            Iq::Result { .. } | Iq::Error { .. } => return Ok(()),
        };
        let asker = Asker { from: from.clone(), to: to.cloned(), id };
        let reply = match place {
            Place::Account(account) | Place::Visitor(account) => {
                match from.try_as_full().ok().filter(|full| full.to_bare() == *account).cloned() {
                    Some(own) if self.has_account(account) => self.ask_own(turn, &asker, &own, payload, is_set)?,
                    Some(own) => self.ask_visitor(turn, &asker, &own, payload, is_set)?,
                    None => self.ask_other(turn, &asker, account, payload, is_set)?,
                }
            }
            _ => self.ask_server(turn, &asker, payload, is_set)?,
        };
        if let Reply::Result(result) = reply {
            self.reply(turn, &asker.from, asker.to, asker.id, result);
        }
        Ok(())
    }

    fn reply(&self, turn: &mut Turn<'_>, to: &Jid, from: Option<Jid>, id: String, result: Option<Element>) {
        let result = Iq::Result { from, to: None, id, payload: result };
        self.route(turn, to, &Arc::new(Stanza::from(result)));
    }

    /// A client to its own account.
    fn ask_own(
        &mut self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        who: &FullJid,
        payload: Element,
        is_set: bool,
    ) -> Result<Reply, Refusal> {
        let account = who.to_bare();
        let ns = payload.ns();
        match (payload.name(), ns.as_str(), is_set) {
            ("query", ns::ROSTER, false) => self.get_roster(who, payload).map(Reply::Result),
            ("query", ns::ROSTER, true) => self.set_roster(turn, &account, payload).map(Reply::done),
            ("blocklist", ns::BLOCKING, false) => self.get_blocked(who).map(Reply::Result),
            ("block", ns::BLOCKING, true) => self.block(turn, &account, payload).map(Reply::done),
            ("unblock", ns::BLOCKING, true) => self.unblock(turn, &account, payload).map(Reply::done),
            ("enable" | "disable", ns::CARBONS, true) => {
                self.set_carbons(who, payload.name() == "enable");
                Ok(Reply::Result(None))
            }
            ("query", ns::PRIVATE, false) => self.get_private(turn, asker, payload),
            ("query", ns::PRIVATE, true) => self.set_private(turn, &account, payload),
            ("vCard", ns::VCARD, false) => self.get_vcard(turn, asker, &account),
            ("vCard", ns::VCARD, true) => self.set_vcard(turn, &account, &payload),
            ("query", ns::MAM, false) => Ok(Reply::Result(Some(mam::form()))),
            ("query", ns::MAM, true) => self.query_archive(turn, asker, &account, payload),
            ("metadata", ns::MAM, false) => {
                turn.ask(super::Question::ArchiveEnds { owner: account }, asker, About::ArchiveEnds);
                Ok(Reply::Later)
            }
            ("prefs", ns::MAM, false) => self.preferences(&account),
            ("prefs", ns::MAM, true) => self.set_preferences(turn, &account, payload),
            ("query", ns::DISCO_INFO, false) => self.account_info(&account, &payload, true).map(Reply::Result),
            ("query", ns::DISCO_ITEMS, false) => Ok(Reply::Result(Some(self.no_items()))),
            ("query", ours::LAST, false) => self.last_of_account(turn, &account),
            ("pubsub", ns::PUBSUB | ns::PUBSUB_OWNER, _) => Err(Refusal::NoPubsub),
            _ => self.ask_anyone(turn, asker, payload, is_set),
        }
    }

    /// A visitor to their own address: nothing is kept for them.
    fn ask_visitor(
        &mut self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        who: &FullJid,
        payload: Element,
        is_set: bool,
    ) -> Result<Reply, Refusal> {
        let ns = payload.ns();
        match (payload.name(), ns.as_str(), is_set) {
            ("query", ns::ROSTER, false) => self.get_roster(who, payload).map(Reply::Result),
            ("enable" | "disable", ns::CARBONS, true) => {
                self.set_carbons(who, payload.name() == "enable");
                Ok(Reply::Result(None))
            }
            ("vCard", ns::VCARD, false) => Err(Refusal::NotFound("There is no vCard.")),
            ("query", ns::DISCO_INFO, false) => self.account_info(&who.to_bare(), &payload, true).map(Reply::Result),
            ("query", ns::DISCO_ITEMS, false) => Ok(Reply::Result(Some(self.no_items()))),
            ("query", ns::ROSTER | ns::PRIVATE | ns::REGISTER, _) | ("vCard", ns::VCARD, true) => {
                Err(Refusal::NotAllowed("Nothing is kept for visitors."))
            }
            _ => self.ask_anyone(turn, asker, payload, is_set),
        }
    }

    /// Anybody to somebody else's account.
    fn ask_other(
        &mut self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        account: &BareJid,
        payload: Element,
        is_set: bool,
    ) -> Result<Reply, Refusal> {
        if self.blocks(account, &asker.from) || self.is_apart(&asker.from, &account.clone().into()) {
            return Err(Refusal::Unavailable);
        }
        let ns = payload.ns();
        let may_see = self.contact(account, &asker.from.to_bare()).is_some_and(|c| c.subscription.from());
        match (payload.name(), ns.as_str(), is_set) {
            ("vCard", ns::VCARD, false) => self.get_vcard(turn, asker, account),
            ("query", ns::DISCO_INFO, false) if may_see => {
                self.account_info(account, &payload, false).map(Reply::Result)
            }
            ("query", ns::DISCO_ITEMS, false) if may_see => Ok(Reply::Result(Some(self.no_items()))),
            ("query", ours::LAST, false) if may_see => self.last_of_account(turn, account),
            ("query", ours::LAST, false) if self.has_account(account) => {
                Err(Refusal::Forbidden("Only who may see the presence may ask."))
            }
            ("query", ns::ROSTER | ns::PRIVATE | ns::MAM, _) | ("vCard", ns::VCARD, true) => {
                Err(Refusal::Forbidden("This belongs to somebody else."))
            }
            _ => Err(Refusal::Unavailable),
        }
    }

    /// What server and own account both answer.
    pub(super) fn ask_anyone(
        &mut self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        payload: Element,
        is_set: bool,
    ) -> Result<Reply, Refusal> {
        let ns = payload.ns();
        match (payload.name(), ns.as_str(), is_set) {
            ("ping", ns::PING, false) | ("session", SESSION, true) => Ok(Reply::Result(None)),
            ("query", ns::REGISTER, _) => self.register(turn, asker, &payload, is_set),
            _ => Err(Refusal::Unavailable),
        }
    }

    /// The host's answer to a question.
    pub fn answer(&mut self, at: Moment<'_>, thread: Thread, answer: Answer) -> Outcome {
        let mut turn = Turn::new(at);
        match self.turn_into_reply(&mut turn, &thread, answer) {
            Ok(result) => self.reply(&mut turn, &thread.to, thread.from, thread.id, result),
            Err(refusal) => {
                let error = Iq::from_error(thread.id, refusal.to_stanza_error());
                let from = thread.from.unwrap_or_else(|| thread.to.to_bare().into());
                self.route(&mut turn, &thread.to, &Arc::new(Stanza::from(error.with_from(from))));
            }
        }
        turn.outcome
    }

    fn turn_into_reply(
        &self,
        turn: &mut Turn<'_>,
        thread: &Thread,
        answer: Answer,
    ) -> Result<Option<Element>, Refusal> {
        match (&thread.about, answer) {
            (_, Answer::Refused(condition, text)) => Err(Refusal::Host(condition, text)),
            (About::Vcard, Answer::Document(document)) => {
                let card = document.and_then(|document| document.parse().ok());
                card.map(Some).ok_or(Refusal::NotFound("There is no vCard."))
            }
            (About::Private { name, ns }, Answer::Document(document)) => {
                Ok(Some(documents::private(name, ns, document.as_deref())))
            }
            (About::Archive { query_id, flip }, Answer::Page(page)) => {
                Ok(Some(self.tell_page(turn, thread, query_id.as_deref(), *flip, &page)))
            }
            (About::Archive { .. }, Answer::NoSuchId) => {
                Err(Refusal::NotFound("The archive has no message of that id."))
            }
            (About::ArchiveEnds, Answer::Ends(ends)) => Ok(Some(mam::metadata(ends))),
            (About::Slot, Answer::Slot(slot)) => Ok(Some(super::upload::written(slot))),
            (About::Password, Answer::Done) => Ok(None),
            _ => Err(Refusal::Failed),
        }
    }
}
