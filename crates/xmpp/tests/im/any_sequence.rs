//! Whatever people do, in whatever order: everybody knows exactly the presence that they may know. A small reference keeps
//! only who may see whom, who blocks whom and who is there; what each session was told is replayed and compared with it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use xmpp::jid::Jid;

use crate::home::{Home, WORKGROUP, bare};

const PEOPLE: [&str; 3] = ["anna@example.org", "bert@example.org", "carl@example.org"];
const PLACES: [&str; 2] = ["pc", "phone"];

#[derive(Debug, Clone)]
enum Step {
    Connect(usize, usize),
    Come(usize, usize, u8),
    Go(usize, usize),
    End(usize, usize),
    Subscription(usize, usize, &'static str),
    Remove(usize, usize),
    Block(usize, usize),
    Unblock(usize),
    Direct(usize, usize, usize),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..PEOPLE.len();
    let place = || 0..PLACES.len();
    let kind = prop::sample::select(vec!["subscribe", "subscribed", "unsubscribe", "unsubscribed"]);
    prop_oneof![
        3 => (who(), place()).prop_map(|(who, place)| Step::Connect(who, place)),
        6 => (who(), place(), 0..4_u8).prop_map(|(who, place, show)| Step::Come(who, place, show)),
        1 => (who(), place()).prop_map(|(who, place)| Step::Go(who, place)),
        1 => (who(), place()).prop_map(|(who, place)| Step::End(who, place)),
        12 => (who(), who(), kind).prop_map(|(who, whom, kind)| Step::Subscription(who, whom, kind)),
        1 => (who(), who()).prop_map(|(who, whom)| Step::Remove(who, whom)),
        1 => (who(), who()).prop_map(|(who, whom)| Step::Block(who, whom)),
        1 => who().prop_map(Step::Unblock),
        1 => (who(), place(), who()).prop_map(|(who, place, whom)| Step::Direct(who, place, whom)),
        1 => Just(Step::Restart),
    ]
}

fn address(who: usize, place: usize) -> String {
    format!("{}/{}", PEOPLE[who], PLACES[place])
}

/// One side of the subscription machine: RFC 6121 appendix A in five facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Half {
    to: bool,
    from: bool,
    asked: bool,
    requested: bool,
    approved: bool,
}

#[derive(Default)]
struct Reference {
    halves: BTreeMap<(usize, usize), Half>,
    blocked: BTreeSet<(usize, usize)>,
    /// Sessions that are connected, with what they show, if they are available.
    sessions: BTreeMap<(usize, usize), Option<u8>>,
    /// Who got presence directly and was not told of its end: sender's session, receiver.
    direct: BTreeSet<((usize, usize), usize)>,
}

impl Reference {
    fn half(&mut self, who: usize, whom: usize) -> &mut Half {
        self.halves.entry((who, whom)).or_default()
    }

    fn subscription(&mut self, who: usize, whom: usize, kind: &str) {
        let is_shut = self.blocked.contains(&(whom, who));
        match kind {
            "subscribe" => {
                if self.blocked.contains(&(who, whom)) {
                    return;
                }
                let to = self.half(who, whom).to;
                self.half(who, whom).asked = !to;
                if is_shut {
                    return;
                }
                let other = *self.half(whom, who);
                if other.from || other.approved {
                    *self.half(whom, who) = Half { from: true, requested: false, ..other };
                    let own = *self.half(who, whom);
                    *self.half(who, whom) = Half { to: own.to || own.asked, asked: false, ..own };
                } else {
                    self.half(whom, who).requested = true;
                }
            }
            "subscribed" => {
                let own = *self.half(who, whom);
                if own.requested {
                    *self.half(who, whom) = Half { from: true, requested: false, ..own };
                    let other = *self.half(whom, who);
                    if other.asked {
                        *self.half(whom, who) = Half { to: true, asked: false, ..other };
                    }
                } else if !own.from {
                    self.half(who, whom).approved = true;
                }
            }
            "unsubscribe" => {
                let own = *self.half(who, whom);
                *self.half(who, whom) = Half { to: false, asked: false, ..own };
                let other = *self.half(whom, who);
                *self.half(whom, who) = Half { from: false, requested: false, ..other };
            }
            _ => {
                let own = *self.half(who, whom);
                *self.half(who, whom) = Half { from: false, requested: false, approved: false, ..own };
                if own.from || own.requested {
                    let other = *self.half(whom, who);
                    *self.half(whom, who) = Half { to: false, asked: false, ..other };
                }
            }
        }
    }

    /// What a session may see of another one by subscription.
    fn sees(&self, viewer: (usize, usize), subject: (usize, usize)) -> Option<u8> {
        let show = (*self.sessions.get(&subject)?)?;
        (*self.sessions.get(&viewer)?)?;
        let may = viewer.0 == subject.0
            || (self.halves.get(&(subject.0, viewer.0)).is_some_and(|half| half.from)
                && !self.blocked.contains(&(subject.0, viewer.0))
                && !self.blocked.contains(&(viewer.0, subject.0)));
        may.then_some(show)
    }
}

/// What each session was told: of whom, what.
type Told = BTreeMap<String, BTreeMap<String, u8>>;

fn listen(home: &mut Home, told: &mut Told) {
    for (who, inbox) in home.all_received() {
        for stanza in inbox.iter().filter(|stanza| stanza.name() == "presence") {
            let from = stanza.attr("from").unwrap_or_default().to_owned();
            let known = told.entry(who.clone()).or_default();
            match stanza.attr("type") {
                None => {
                    let show = stanza.children().find(|child| child.name() == "priority").map(|child| child.text());
                    known.insert(from, show.and_then(|show| show.parse().ok()).unwrap_or_default());
                }
                Some("unavailable") => {
                    known.remove(&from);
                }
                Some(_) => {}
            }
        }
    }
}

/// A session through which somebody who is connected acts.
fn acts_by(reference: &Reference, who: usize) -> Option<String> {
    let place = (0..PLACES.len()).find(|place| reference.sessions.contains_key(&(who, *place)))?;
    Some(address(who, place))
}

fn take(home: &mut Home, reference: &mut Reference, told: &mut Told, step: &Step) {
    match *step {
        Step::Connect(who, place) => {
            if let Entry::Vacant(vacant) = reference.sessions.entry((who, place)) {
                home.connects(&address(who, place));
                vacant.insert(None);
            }
        }
        Step::Come(who, place, show) => {
            home.sends(&address(who, place), &format!("<presence><priority>{show}</priority></presence>"));
            if let Some(session) = reference.sessions.get_mut(&(who, place)) {
                *session = Some(show);
            }
        }
        Step::Go(who, place) | Step::End(who, place) => {
            reference.direct.retain(|(sender, _)| *sender != (who, place));
            if let Step::End(..) = step {
                home.ends(&address(who, place));
                reference.sessions.remove(&(who, place));
            } else {
                home.sends(&address(who, place), "<presence type='unavailable'/>");
                reference.sessions.entry((who, place)).and_modify(|session| *session = None);
            }
            listen(home, told);
            told.remove(&address(who, place));
        }
        Step::Direct(who, place, whom) => {
            home.sends(&address(who, place), &format!("<presence to='{}'/>", PEOPLE[whom]));
            let shut = reference.blocked.contains(&(who, whom)) || reference.blocked.contains(&(whom, who));
            if reference.sessions.contains_key(&(who, place)) && !shut {
                reference.direct.insert(((who, place), whom));
            }
        }
        Step::Restart => {
            home.restarts();
            reference.sessions.clear();
            reference.direct.clear();
            told.clear();
        }
        _ => change_ties(home, reference, step),
    }
    listen(home, told);
}

fn change_ties(home: &mut Home, reference: &mut Reference, step: &Step) {
    let (Step::Subscription(who, ..) | Step::Remove(who, _) | Step::Block(who, _) | Step::Unblock(who)) = *step else {
        return;
    };
    let Some(session) = acts_by(reference, who) else { return };
    match *step {
        Step::Subscription(_, whom, kind) => {
            home.sends(&session, &format!("<presence type='{kind}' to='{}'/>", PEOPLE[whom]));
            if who != whom {
                reference.subscription(who, whom, kind);
            }
        }
        Step::Remove(_, whom) => {
            let is_listed = home.books[&bare(PEOPLE[who])].contact(&bare(PEOPLE[whom])).is_some_and(|c| c.listed);
            let item = format!("<item jid='{}' subscription='remove'/>", PEOPLE[whom]);
            home.sends(&session, &format!("<iq type='set' id='r'><query xmlns='jabber:iq:roster'>{item}</query></iq>"));
            if is_listed {
                let own = *reference.half(who, whom);
                if own.to || own.asked {
                    reference.subscription(who, whom, "unsubscribe");
                }
                if own.from || own.requested {
                    reference.subscription(who, whom, "unsubscribed");
                }
                *reference.half(who, whom) = Half::default();
            }
        }
        Step::Block(_, whom) => {
            let block = format!("<block xmlns='urn:xmpp:blocking'><item jid='{}'/></block>", PEOPLE[whom]);
            home.sends(&session, &format!("<iq type='set' id='b'>{block}</iq>"));
            if who != whom {
                reference.blocked.insert((who, whom));
                let stays = |(sender, to): &((usize, usize), usize)| {
                    (sender.0, *to) != (who, whom) && (sender.0, *to) != (whom, who)
                };
                reference.direct.retain(stays);
            }
        }
        _ => {
            home.sends(&session, "<iq type='set' id='b'><unblock xmlns='urn:xmpp:blocking'/></iq>");
            reference.blocked.retain(|(by, _)| *by != who);
        }
    }
}

fn check(home: &Home, reference: &Reference, told: &Told) -> Result<(), TestCaseError> {
    for (who, whom) in (0..PEOPLE.len()).flat_map(|who| (0..PEOPLE.len()).map(move |whom| (who, whom))) {
        let wanted = reference.halves.get(&(who, whom)).copied().unwrap_or_default();
        let found = home.books[&bare(PEOPLE[who])].contact(&bare(PEOPLE[whom])).map_or(Half::default(), |c| Half {
            to: c.subscription.to(),
            from: c.subscription.from(),
            asked: c.asked,
            requested: c.request.is_some(),
            approved: c.approved,
        });
        prop_assert_eq!(found, wanted, "{} of {}", PEOPLE[who], PEOPLE[whom]);
    }
    for (viewer, subject) in sessions().flat_map(|viewer| sessions().map(move |subject| (viewer, subject))) {
        if reference.sessions.get(&viewer).is_none_or(Option::is_none) {
            continue;
        }
        let (viewer_is, subject_is) = (address(viewer.0, viewer.1), address(subject.0, subject.1));
        let known = told.get(&viewer_is).and_then(|known| known.get(&subject_is)).copied();
        let direct = reference.direct.contains(&(subject, viewer.0));
        match reference.sees(viewer, subject) {
            // Presence that was sent directly afterwards may show something else.
            Some(_) if direct => prop_assert!(known.is_some(), "{viewer_is} sees {subject_is}"),
            Some(show) => prop_assert_eq!(known, Some(show), "{} sees {}", viewer_is, subject_is),
            None if direct => {}
            None => prop_assert_eq!(known, None, "{} must not see {}", viewer_is, subject_is),
        }
    }
    Ok(())
}

fn sessions() -> impl Iterator<Item = (usize, usize)> {
    (0..PEOPLE.len()).flat_map(|who| (0..PLACES.len()).map(move |place| (who, place)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_knows_the_presence_that_they_may_know(steps in prop::collection::vec(step(), 1..60)) {
        let mut home = Home::new();
        let mut reference = Reference::default();
        let mut told = Told::new();
        for step in &steps {
            take(&mut home, &mut reference, &mut told, step);
            check(&home, &reference, &told)?;
        }
    }

    /// A session that ends is forgotten by everybody who got its presence, room, workgroup or person.
    #[test]
    fn nobody_keeps_the_presence_of_who_is_gone(
        to in prop::collection::vec(prop::sample::select(vec![
            "r1@conference.example.org/Nick", "r1@conference.example.org/Other", "r2@conference.example.org/Nick",
            WORKGROUP, "bert@example.org", "bert@example.org/pc", "carl@example.org/phone",
        ]), 0..8),
        comes in any::<bool>(),
    ) {
        let mut home = Home::new();
        home.arrives("bert@example.org/pc").arrives("carl@example.org/phone").connects("anna@example.org/pc");
        if comes {
            home.sends("anna@example.org/pc", "<presence/>");
        }
        for to in &to {
            home.sends("anna@example.org/pc", &format!("<presence to='{to}'/>"));
        }
        let mut open: BTreeSet<(String, Jid)> = BTreeSet::new();
        home.ends("anna@example.org/pc");
        for (inbox, stanzas) in home.all_received() {
            for stanza in stanzas.iter().filter(|stanza| stanza.attr("from") == Some("anna@example.org/pc")) {
                let to = Jid::new(stanza.attr("to").unwrap_or_default()).unwrap();
                // A room knows a session by one occupant, whatever nicks it had.
                let to = if inbox.starts_with("conference") { Jid::from(to.to_bare()) } else { to };
                match stanza.attr("type") {
                    None => open.insert((inbox.clone(), to)),
                    _ => open.remove(&(inbox.clone(), to)),
                };
            }
        }
        open.retain(|(inbox, _)| inbox != "anna@example.org/pc");
        prop_assert!(open.is_empty(), "{open:?}");
    }
}
