//! The stage of the dialogues: one service with one room, people with real addresses, and what each of them receives.
//!
//! `sends`, `enters`, `says` put stanzas in; `receives` takes the next stanza that somebody got and compares it with a
//! pattern: what stands in the pattern must be there, in any place; what does not, may.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use std::collections::{BTreeMap, VecDeque};

use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::minidom::Element;
use xmpp::muc::{
    Affiliation, Creation, Limits, Moment, OccupantKey, Outcome, RoomConfig, RoomHappening, RoomRefusal, Service,
};
use xmpp::xmpp_parsers::stanza::Stanza;

pub const ROOM: &str = "r7f3@conference.example.org";
pub const SUPPORT: &str = "support@workgroup.example.org/recorder";
pub const ANNA: &str = "anna@example.org/desk";
pub const BERT: &str = "bert@example.org/phone";
pub const VISITOR: &str = "visit-4711@visitors.example.org/web";
pub const STRANGER: &str = "stranger@elsewhere.example/x";

pub struct Hall {
    pub service: Service,
    pub now_us: i64,
    pub happened: Vec<RoomHappening>,
    pub refused: Option<RoomRefusal>,
    calls: u32,
    inboxes: BTreeMap<Jid, VecDeque<Element>>,
}

pub fn bare(jid: &str) -> BareJid {
    jid.parse::<Jid>().unwrap().to_bare()
}

pub fn full(jid: &str) -> FullJid {
    jid.parse().unwrap()
}

impl Hall {
    /// A service without rooms.
    pub fn empty(creation: Creation, limits: Limits) -> Hall {
        let key = OccupantKey::new([7; 32]);
        Hall {
            service: Service::new(bare("conference.example.org"), key, limits, creation),
            now_us: 1_000_000_000_000_000,
            happened: Vec::new(),
            refused: None,
            calls: 0,
            inboxes: BTreeMap::new(),
        }
    }

    /// A room of `support`, as configured.
    pub fn with(config: RoomConfig) -> Hall {
        let mut hall = Hall::empty(Creation::HostOnly, Limits::default());
        hall.service.create_room("r7f3", config, &bare(SUPPORT)).unwrap();
        hall
    }

    /// An open room without restrictions.
    pub fn open() -> Hall {
        Hall::with(RoomConfig::default())
    }

    /// The room of a conversation: Anna and the visitor are members, the recorder is inside.
    pub fn conversation() -> Hall {
        let mut hall = Hall::with(RoomConfig::conversation("Support"));
        hall.is(ANNA, Affiliation::Member).is(VISITOR, Affiliation::Member).enters(SUPPORT, "Support").skip_all();
        hall
    }

    /// A direct call of the host.
    pub fn host(&mut self, call: impl FnOnce(&mut Service, Moment<'_>) -> Result<Outcome, RoomRefusal>) -> &mut Hall {
        self.calls += 1;
        let id = format!("id-{}", self.calls);
        let moment = Moment { now_us: self.now_us, stanza_id: &id };
        match call(&mut self.service, moment) {
            Ok(outcome) => self.deliver(outcome),
            Err(refusal) => self.refused = Some(refusal),
        }
        self
    }

    pub fn is(&mut self, person: &str, affiliation: Affiliation) -> &mut Hall {
        self.host(|service, at| service.set_affiliation(at, &bare(ROOM), &bare(person), affiliation, None))
    }

    /// The id that the room will stamp next.
    pub fn next_id(&self) -> String {
        format!("id-{}", self.calls + 1)
    }

    pub fn sends(&mut self, from: &str, xml: &str) -> &mut Hall {
        let stanza = Stanza::try_from(parse(xml)).unwrap_or_else(|e| panic!("no stanza: {e:?} in {xml}"));
        let from: Jid = from.parse().unwrap();
        self.host(|service, at| Ok(service.handle(at, &from, stanza)))
    }

    pub fn enters(&mut self, from: &str, nick: &str) -> &mut Hall {
        let join = "<x xmlns='http://jabber.org/protocol/muc'/>";
        self.sends(from, &format!("<presence to='{ROOM}/{nick}'>{join}</presence>"))
    }

    pub fn leaves(&mut self, from: &str, nick: &str) -> &mut Hall {
        self.sends(from, &format!("<presence to='{ROOM}/{nick}' type='unavailable'/>"))
    }

    pub fn says(&mut self, from: &str, body: &str) -> &mut Hall {
        self.sends(from, &format!("<message to='{ROOM}' type='groupchat' id='m'><body>{body}</body></message>"))
    }

    fn deliver(&mut self, outcome: Outcome) {
        for outbound in outcome.outbound {
            let element = outbound.to_element();
            assert_eq!(element.attr("to"), Some(outbound.to.as_str()));
            self.inboxes.entry(outbound.to).or_default().push_back(element);
        }
        self.happened.extend(outcome.happened);
        self.refused = outcome.refused;
        for room in self.service.rooms() {
            room.check(self.service.limits()).unwrap();
        }
    }

    /// The next stanza that somebody got.
    pub fn next(&mut self, who: &str) -> Element {
        let next = self.inboxes.get_mut(&who.parse::<Jid>().unwrap()).and_then(VecDeque::pop_front);
        next.unwrap_or_else(|| panic!("{who} received nothing more"))
    }

    pub fn receives(&mut self, who: &str, pattern: &str) -> &mut Hall {
        let got = self.next(who);
        let wanted = parse(pattern);
        assert!(matches(&wanted, &got), "{who} received\n  {}\nnot\n  {}", String::from(&got), String::from(&wanted));
        self
    }

    pub fn receives_nothing(&mut self, who: &str) -> &mut Hall {
        let inbox = self.inboxes.remove(&who.parse::<Jid>().unwrap()).unwrap_or_default();
        let got: Vec<String> = inbox.iter().map(String::from).collect();
        assert!(got.is_empty(), "{who} received {got:#?}");
        self
    }

    /// Whatever somebody got is not looked at.
    pub fn skip(&mut self, who: &str) -> &mut Hall {
        self.inboxes.remove(&who.parse::<Jid>().unwrap());
        self
    }

    pub fn skip_all(&mut self) -> &mut Hall {
        self.inboxes.clear();
        self.happened.clear();
        self
    }

    pub fn is_refused(&mut self, refusal: RoomRefusal) -> &mut Hall {
        assert_eq!(self.refused.take(), Some(refusal));
        self
    }

    /// What happened since somebody last asked.
    pub fn news(&mut self) -> Vec<RoomHappening> {
        std::mem::take(&mut self.happened)
    }

    pub fn nicks(&self) -> Vec<String> {
        let room = self.service.room(&bare(ROOM));
        room.map(|room| room.occupants().map(|o| o.nick().to_string()).collect()).unwrap_or_default()
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

/// The status codes of a stanza.
pub fn codes(element: &Element) -> Vec<String> {
    let user = element.children().find(|child| child.is("x", "http://jabber.org/protocol/muc#user"));
    let statuses = user.into_iter().flat_map(|x| x.children()).filter(|child| child.name() == "status");
    statuses.filter_map(|status| status.attr("code").map(str::to_owned)).collect()
}
