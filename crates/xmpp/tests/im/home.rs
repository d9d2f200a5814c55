//! The stage of the dialogues: one house with the accounts anna, bert and carl, a host that remembers what it is told to,
//! and what each session and the services receive.
//!
//! `receives` takes the next stanza that somebody got and compares it with a pattern: what stands in the pattern must be
//! there, in any place; what does not, may. After every call the host's memory is compared with the house's.

use std::collections::{BTreeMap, VecDeque};

use xmpp::im::{
    Answer, ArchivePage, ArchiveQuery, Archived, ArchivedMessage, Book, House, Keep, Moment, Outcome, Part, Question,
    Settings, Slot,
};
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::minidom::Element;
use xmpp::xmpp_parsers::stanza::Stanza;

pub const DESK: &str = "anna@example.org/desk";
pub const PHONE: &str = "anna@example.org/phone";
pub const BERT: &str = "bert@example.org/pc";
pub const CARL: &str = "carl@example.org/pc";
pub const VISITOR: &str = "v4711@visitors.example.org/web";
pub const ROOM: &str = "r7f3@conference.example.org";
pub const WORKGROUP: &str = "support@workgroup.example.org";

pub struct Home {
    pub house: House,
    pub now_us: i64,
    pub books: BTreeMap<BareJid, Book>,
    pub kept: Vec<Keep>,
    pub archive: Vec<Archived>,
    pub vcards: BTreeMap<BareJid, String>,
    pub private: BTreeMap<(BareJid, String), String>,
    pub passwords: Vec<(BareJid, String)>,
    calls: u32,
    inboxes: BTreeMap<String, VecDeque<Element>>,
}

pub fn full(jid: &str) -> FullJid {
    jid.parse().unwrap()
}

pub fn bare(jid: &str) -> BareJid {
    jid.parse::<Jid>().unwrap().to_bare()
}

pub fn settings() -> Settings {
    let mut settings = Settings::of("example.org".parse().unwrap());
    settings.started_us = 999_999_990_000_000;
    settings
}

impl Home {
    pub fn new() -> Home {
        Home::with(settings())
    }

    pub fn with(settings: Settings) -> Home {
        let mut home = Home {
            house: House::new(settings),
            now_us: 1_000_000_000_000_000,
            books: BTreeMap::new(),
            kept: Vec::new(),
            archive: Vec::new(),
            vcards: BTreeMap::new(),
            private: BTreeMap::new(),
            passwords: Vec::new(),
            calls: 0,
            inboxes: BTreeMap::new(),
        };
        for name in ["anna", "bert", "carl"] {
            let book = Book::new(bare(&format!("{name}@example.org")));
            home.house.add_account(book.clone());
            home.books.insert(book.account.clone(), book);
        }
        home
    }

    /// Anna and Bert see one another's presence; both are there, Anna at her desk. Nothing of that is left in the
    /// inboxes.
    pub fn friends() -> Home {
        let mut home = Home::new();
        home.befriend("anna@example.org", "bert@example.org").arrives(DESK).arrives(BERT).skip_all();
        home
    }

    /// Two accounts see one another's presence, arranged in their absence.
    pub fn befriend(&mut self, one: &str, other: &str) -> &mut Home {
        let session = |who: &str| format!("{who}/arranging");
        self.connects(&session(one)).connects(&session(other));
        for (who, whom) in [(one, other), (other, one)] {
            self.sends(&session(who), &format!("<presence type='subscribe' to='{whom}'/>"));
            self.sends(&session(whom), &format!("<presence type='subscribed' to='{who}'/>"));
        }
        self.ends(&format!("{one}/arranging")).ends(&format!("{other}/arranging")).skip_all()
    }

    /// One call, as a host makes it: remember first, then send, then look up.
    pub fn call(&mut self, call: impl FnOnce(&mut House, Moment<'_>) -> Outcome) -> &mut Home {
        self.calls += 1;
        let id = format!("id-{}", self.calls);
        let outcome = call(&mut self.house, Moment { now_us: self.now_us, stanza_id: &id });
        self.carry_out(outcome);
        self
    }

    pub fn connects(&mut self, who: &str) -> &mut Home {
        self.call(|house, at| house.open(at, &full(who)).unwrap())
    }

    /// A session is bound, asks for the roster and the block list, and becomes available.
    pub fn arrives(&mut self, who: &str) -> &mut Home {
        self.connects(who);
        self.sends(who, "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
        self.next(who);
        self.sends(who, "<presence/>")
    }

    pub fn ends(&mut self, who: &str) -> &mut Home {
        self.call(|house, at| house.close(at, &full(who)))
    }

    pub fn sends(&mut self, from: &str, xml: &str) -> &mut Home {
        let stanza = Stanza::try_from(parse(xml)).unwrap_or_else(|e| panic!("no stanza: {e:?} in {xml}"));
        self.call(|house, at| house.handle(at, &full(from), stanza))
    }

    /// A service of the host sends a stanza with `from` and `to`.
    pub fn service_sends(&mut self, xml: &str) -> &mut Home {
        let stanza = Stanza::try_from(parse(xml)).unwrap_or_else(|e| panic!("no stanza: {e:?} in {xml}"));
        self.call(|house, at| house.deliver(at, stanza))
    }

    pub fn waits(&mut self, seconds: i64) -> &mut Home {
        self.now_us += seconds * 1_000_000;
        self
    }

    /// The server is started again from what was remembered.
    pub fn restarts(&mut self) -> &mut Home {
        let mut house = House::new(self.house.settings().clone());
        for book in self.books.values() {
            house.add_account(book.clone());
        }
        self.house = house;
        self.skip_all()
    }

    fn carry_out(&mut self, outcome: Outcome) {
        for keep in outcome.keep {
            self.remember(&keep);
            self.kept.push(keep);
        }
        for (account, book) in &self.books {
            assert_eq!(self.house.book(account), Some(book), "the host remembers what the house knows");
        }
        for outbound in outcome.outbound {
            let element = outbound.to_element();
            assert_eq!(element.attr("to"), Some(outbound.to.as_str()));
            if let Some(session) = &outbound.session {
                assert!(self.house.session(session).is_some(), "{session} is not connected");
            }
            let inbox =
                outbound.session.map_or_else(|| outbound.to.domain().to_string(), |session| session.to_string());
            self.inboxes.entry(inbox).or_default().push_back(element);
        }
        for ask in outcome.asks {
            let answer = self.look_up(ask.question);
            self.call(|house, at| house.answer(at, ask.thread, answer));
        }
    }

    fn remember(&mut self, keep: &Keep) {
        if let Keep::Archived(archived) = keep {
            let is_new = !self.archive.iter().any(|a| a.owner == archived.owner && a.id == archived.id);
            assert!(is_new, "an id is unique in its archive");
            self.archive.push(archived.clone());
            return;
        }
        let account = keep.account().clone();
        if let Keep::Forgotten { .. } = keep {
            self.books.remove(&account);
            return;
        }
        let book = self.books.get_mut(&account).unwrap();
        match keep.clone() {
            Keep::Contact { contact, version, .. } => {
                book.contacts.insert(contact.jid.clone(), contact);
                book.version = version;
            }
            Keep::ContactGone { jid, version, .. } => {
                book.contacts.remove(&jid);
                book.version = version;
            }
            Keep::Blocked { jid, .. } => {
                book.blocked.insert(jid);
            }
            Keep::Unblocked { jid, .. } => {
                book.blocked.remove(&jid);
            }
            Keep::Private { key, document, .. } => {
                book.private_bytes.insert(key.clone(), document.len());
                self.private.insert((account, key), document);
            }
            Keep::Vcard { document, .. } => {
                self.vcards.insert(account, document);
            }
            Keep::Preferences { preferences, .. } => book.preferences = preferences,
            Keep::LastSeen { seen, .. } => book.last_seen = Some(seen),
            Keep::Offline { message, .. } => book.offline.push(message),
            Keep::OfflineTaken { up_to, .. } => book.offline.retain(|message| message.number > up_to),
            Keep::Archived(_) | Keep::Forgotten { .. } => {}
        }
    }

    fn look_up(&mut self, question: Question) -> Answer {
        match question {
            Question::Vcard { account } => Answer::Document(self.vcards.get(&account).cloned()),
            Question::Private { account, key } => Answer::Document(self.private.get(&(account, key)).cloned()),
            Question::Archive(query) => self.page(&query),
            Question::ArchiveEnds { owner } => {
                let own: Vec<&Archived> = self.archive.iter().filter(|a| a.owner == owner).collect();
                let end = |archived: Option<&&Archived>| archived.map(|a| (a.id.clone(), a.at_us));
                Answer::Ends(end(own.first()).zip(end(own.last())).map(|(first, last)| [first, last]))
            }
            Question::Slot { name, size, .. } => Answer::Slot(Slot {
                put: format!("https://example.org/put/{size}/{name}"),
                get: format!("https://example.org/get/{name}"),
                authorization: Some("Bearer t".to_owned()),
            }),
            Question::Password { account, password, .. } => {
                self.passwords.push((account, password.0));
                Answer::Done
            }
        }
    }

    /// The plainest archive there can be.
    fn page(&self, query: &ArchiveQuery) -> Answer {
        let own: Vec<&Archived> = self.archive.iter().filter(|a| a.owner == query.owner).collect();
        let place = |id: &String| own.iter().position(|a| a.id == *id);
        let named = [&query.after_id, &query.before_id].into_iter().flatten().chain(&query.ids);
        let part = match &query.part {
            Part::After(id) | Part::Before(id) => Some(id),
            _ => None,
        };
        if named.chain(part).any(|id| place(id).is_none()) {
            return Answer::NoSuchId;
        }
        let fits = |(number, a): &(usize, &&Archived)| {
            query.with.as_ref().is_none_or(|with| *with == a.with || with.as_str() == a.with.to_bare().as_str())
                && query.start_us.is_none_or(|start| a.at_us >= start)
                && query.end_us.is_none_or(|end| a.at_us <= end)
                && query.after_id.as_ref().is_none_or(|id| Some(*number) > place(id))
                && query.before_id.as_ref().is_none_or(|id| Some(*number) < place(id))
                && (query.ids.is_empty() || query.ids.contains(&a.id))
        };
        let all: Vec<(usize, &&Archived)> = own.iter().enumerate().filter(fits).collect();
        let (from, to) = match &query.part {
            Part::First => (0, all.len()),
            Part::Last => (0, all.len()),
            Part::After(id) => (all.iter().filter(|(n, _)| Some(*n) <= place(id)).count(), all.len()),
            Part::Before(id) => (0, all.iter().filter(|(n, _)| Some(*n) < place(id)).count()),
        };
        let backwards = matches!(query.part, Part::Last | Part::Before(_));
        let size = (to - from).min(query.max);
        let (start, end) = if backwards { (to - size, to) } else { (from, from + size) };
        let message = |(_, a): &(usize, &&Archived)| ArchivedMessage {
            id: a.id.clone(),
            at_us: a.at_us,
            stanza: a.stanza.clone(),
        };
        Answer::Page(ArchivePage {
            messages: all[start..end].iter().map(message).collect(),
            complete: size == to - from,
            count: all.len(),
            index: start,
        })
    }

    /// The next stanza that a session, or the service of a domain, got.
    pub fn next(&mut self, who: &str) -> Element {
        let next = self.inboxes.get_mut(who).and_then(VecDeque::pop_front);
        next.unwrap_or_else(|| panic!("{who} received nothing more"))
    }

    pub fn receives(&mut self, who: &str, pattern: &str) -> &mut Home {
        let got = self.next(who);
        let wanted = parse(pattern);
        assert!(matches(&wanted, &got), "{who} received\n  {}\nnot\n  {}", String::from(&got), String::from(&wanted));
        self
    }

    /// An error of a condition, for a message, presence or iq.
    pub fn is_refused(&mut self, who: &str, kind: &str, condition: &str) -> &mut Home {
        let error = format!("<error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
        self.receives(who, &format!("<{kind} type='error'>{error}</{kind}>"))
    }

    pub fn receives_nothing(&mut self, who: &str) -> &mut Home {
        let inbox = self.inboxes.remove(who).unwrap_or_default();
        let got: Vec<String> = inbox.iter().map(String::from).collect();
        assert!(got.is_empty(), "{who} received {got:#?}");
        self
    }

    pub fn skip(&mut self, who: &str) -> &mut Home {
        self.inboxes.remove(who);
        self
    }

    pub fn skip_all(&mut self) -> &mut Home {
        self.inboxes.clear();
        self.kept.clear();
        self
    }

    /// Everything that everybody got since somebody last asked.
    pub fn all_received(&mut self) -> BTreeMap<String, VecDeque<Element>> {
        std::mem::take(&mut self.inboxes)
    }

    /// The roster as its owner sees it: address, subscription, whether asked, sorted.
    pub fn roster(&self, account: &str) -> Vec<String> {
        let contacts = self.books[&bare(account)].contacts.values().filter(|contact| contact.listed);
        let line = |contact: &xmpp::im::Contact| {
            let asked = if contact.asked { " asked" } else { "" };
            let approved = if contact.approved { " approved" } else { "" };
            format!("{} {:?}{asked}{approved}", contact.jid, contact.subscription)
        };
        contacts.map(line).collect()
    }
}

/// Reads a stanza written without its namespace.
pub fn parse(xml: &str) -> Element {
    let at = xml.find([' ', '>', '/']).unwrap();
    format!("{} xmlns='jabber:client'{}", &xml[..at], &xml[at..]).parse().unwrap_or_else(|e| panic!("{e}: {xml}"))
}

/// Whether everything in the pattern is in the element.
pub fn matches(wanted: &Element, got: &Element) -> bool {
    wanted.name() == got.name()
        && wanted.ns() == got.ns()
        && wanted.attrs().iter().all(|((_, name), value)| got.attr(name.as_str()) == Some(value))
        && (wanted.text().trim().is_empty() || wanted.text().trim() == got.text().trim())
        && wanted.children().all(|child| got.children().any(|candidate| matches(child, candidate)))
}

/// Whether an element of this name is anywhere inside.
pub fn holds(element: &Element, name: &str) -> bool {
    element.children().any(|child| child.name() == name || holds(child, name))
}
