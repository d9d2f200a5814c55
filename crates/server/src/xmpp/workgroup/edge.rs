//! What the loop tells the service: notes what a turn means for visitors and agents with XMPP clients, and hands it to the
//! renderer. Runs in the loop: no waiting. Positions, queues and colleagues are put together: they are looked at at most every
//! two seconds, and only what changed for somebody is sent to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use desk::entity::Phase;
use desk::event::{Doors, Ending, Event, TransferEnd};
use desk::ids::{AgentId, OfferId, QueueId, WorkgroupId};
use desk::time::{Span, Time};
use desk::{Ended, State, Turn};
use xmpp::jid::{BareJid, Jid};
use xmpp::workgroup::depart::DepartReason;
use xmpp::workgroup::disco::Online;
use xmpp::workgroup::offer::OfferRevoke;
use xmpp::workgroup::passing::PassingFailed;
use xmpp::workgroup::{LegacyDate, Session};
use xmpp::xmpp_parsers::presence::Presence;

use super::Office;
use super::renderer::{Job, QueueFigures};
use super::visitor::standing;
use crate::directory::Owner;
use crate::publish::Edge;
use crate::wire;

/// Everything that is put together is looked at at most so often.
const LOOK_EVERY: Span = Span::secs(2);
/// Who waits hears so often how long it still takes (XEP-0142 §3.3.2).
const STATUS_EVERY: Span = Span::secs(15);
/// Who waits in a queue is told to agents up to so many.
const DETAILS_MAX: usize = 100;

/// The edge. There is one, and the loop owns it.
pub struct WorkgroupEdge {
    office: Arc<Office>,
    /// Offers that agents with XMPP clients were told of.
    offers: HashMap<OfferId, Told>,
    /// Something happened since the last look.
    moved: bool,
    /// No look before then.
    rested: Time,
    /// Statuses are due again then.
    statuses: Time,
    doors: HashMap<WorkgroupId, Online>,
    figures: HashMap<QueueId, QueueFigures>,
    /// Agents as their colleagues were told.
    colleagues: HashMap<AgentId, Colleague>,
}

struct Told {
    to: Jid,
    from: BareJid,
    revoke: OfferRevoke,
}

#[derive(PartialEq)]
struct Colleague {
    show: Option<desk::command::Show>,
    lost: bool,
    chats: Vec<desk::ids::RequestId>,
    max: u32,
}

/// Whether a workgroup takes requests, as web clients look for it.
pub(super) fn online(state: &State, workgroup: WorkgroupId) -> Online {
    match state.doors(workgroup) {
        Some(Doors::Open) if state.queues_of(workgroup).any(|queue| state.staffed(queue.id) > 0) => Online::Open,
        Some(Doors::Open) => Online::Ready,
        _ => Online::Closed,
    }
}

impl WorkgroupEdge {
    pub(super) fn new(office: Arc<Office>) -> Self {
        Self {
            office,
            offers: HashMap::new(),
            moved: true,
            rested: Time::MIN,
            statuses: Time::MIN,
            doors: HashMap::new(),
            figures: HashMap::new(),
            colleagues: HashMap::new(),
        }
    }

    fn note(&mut self, state: &State, event: &Event) {
        match *event {
            Event::OfferMade { offer, .. } => self.offer(state, offer),
            Event::OfferAccepted { offer } | Event::OfferRejected { offer } => _ = self.offers.remove(&offer),
            Event::OfferExpired { offer } => self.revoke(offer, OfferRevoke::TIMED_OUT),
            Event::OfferRevoked { offer, reason } => self.revoke(
                offer,
                match reason {
                    desk::event::Revocation::TakenBy(_) => OfferRevoke::TIMED_OUT,
                    _ => OfferRevoke::CANCELED,
                },
            ),
            Event::AgentSignedOut { agent, .. } | Event::AgentRemoved { agent } => self.end_session(agent),
            Event::TransferTaken { request, .. } => _ = self.office.book().take_passing(request),
            Event::TransferEnded { request, cause, .. } => {
                let passing = self.office.book().take_passing(request);
                if let Some((_, pass)) = passing.filter(|_| cause != TransferEnd::Cancelled) {
                    let workgroup = state.request(request).and_then(|it| state.workgroup(it.workgroup));
                    let from = workgroup.and_then(|it| self.office.addresses.workgroup(&it.spec.name));
                    if let Some(from) = from {
                        let (to, why) = (pass.inviter.clone(), PassingFailed::NobodyCame);
                        self.office.tell(Job::PassingFailed { from, to, pass: Box::new(pass), why });
                    }
                }
            }
            Event::VisitorInvited { request, .. } => self.set_invited(request, true),
            // Back in line: told again where they stand.
            Event::RequestReturned { request, .. } => self.set_invited(request, false),
            _ => {}
        }
    }

    fn set_invited(&self, request: desk::ids::RequestId, invited: bool) {
        if let Some(visitor) = self.office.book().visitor_mut(request) {
            visitor.invited = invited;
            visitor.told = None;
        }
    }

    /// Tells an agent of an offer, if they come with an XMPP client that is present at the workgroup.
    fn offer(&mut self, state: &State, id: OfferId) {
        // One that was made and taken back within the batch was never there.
        let Some(offer) = state.offer(id) else { return };
        let Some(workgroup) = state.queue(offer.queue).and_then(|queue| state.workgroup(queue.workgroup)) else {
            return;
        };
        let Some(from) = self.office.addresses.workgroup(&workgroup.spec.name) else { return };
        let Some(jid) = self.office.visitor_jid(offer.request) else { return };
        let to = {
            let book = self.office.book();
            book.agent(offer.agent).filter(|it| it.present.contains(&workgroup.id)).map(|it| it.jid.clone())
        };
        let Some(to) = to.map(Jid::from) else { return };
        let session = Session { id: wire::id(offer.request.0), workgroup: Some(from.clone()) };
        let user = self.office.book().visitor(offer.request).and_then(|visitor| visitor.user.clone());
        let revoke = OfferRevoke { id: Some(wire::id(id.0)), jid, reason: None, session: Some(session), user };
        self.offers.insert(id, Told { to: to.clone(), from: from.clone(), revoke });
        let transfer = state.request(offer.request).and_then(|request| request.transfer);
        let passed_by = transfer.and_then(|it| Some((state.agent(it.from)?.spec.name.clone(), it)));
        self.office.tell(Job::Offer { from, to, offer: Box::new(*offer), passed_by: passed_by.map(Box::new) });
    }

    fn revoke(&mut self, offer: OfferId, reason: &str) {
        if let Some(Told { to, from, mut revoke }) = self.offers.remove(&offer) {
            revoke.reason = Some(reason.to_owned());
            self.office.tell(Job::Revoke { from, to, revoke: Box::new(revoke) });
        }
    }

    /// A session of the desk is over, by whatever cause: the client is told.
    fn end_session(&self, agent: AgentId) {
        let ended = self.office.book().remove_agent(agent);
        if let Some(session) = ended {
            self.office.tell(Job::SessionOver { agent, session: Box::new(session) });
        }
    }

    fn note_ended(&self, ended: &Ended) {
        let request = ended.request.id;
        let visitor = {
            let mut book = self.office.book();
            book.take_passing(request);
            // Whoever leaves by themselves is told by the one who handles that; who was never answered, after the answer.
            match book.visitor(request) {
                Some(visitor) if visitor.answered && !visitor.departing => book.remove_visitor(request),
                _ => None,
            }
        };
        let Some(visitor) = visitor else { return };
        let waited = !matches!(ended.request.phase, Phase::Chatting);
        let reason = match ended.ending {
            Ending::Departed | Ending::ByHand => DepartReason::Requested,
            _ => DepartReason::AgentNotFound,
        };
        self.office.tell(Job::Ended { request, visitor: Box::new(visitor), notice: waited.then_some(reason) });
    }

    /// The console has signed in: it takes the session over, the client is told.
    fn yield_to_console(&self) {
        let Some(running) = self.office.running() else { return };
        let taken: Vec<_> = {
            let book = self.office.book();
            let is_taken = |(agent, _): &(AgentId, _)| running.app.directory.is_read(Owner::Staff(*agent));
            book.agents().filter(is_taken).map(|(agent, _)| agent).collect()
        };
        taken.into_iter().for_each(|agent| self.end_session(agent));
    }

    fn look(&mut self, state: &State, now: Time) {
        let all = self.statuses <= now;
        if all {
            self.statuses = now + STATUS_EVERY;
        }
        self.tell_positions(state, now);
        self.tell_doors(state);
        self.tell_queues(state);
        self.tell_colleagues(state);
    }

    fn tell_positions(&self, state: &State, now: Time) {
        let mut due = Vec::new();
        {
            let mut book = self.office.book();
            for (request, visitor) in book.visitors_mut() {
                if !visitor.connected {
                    due.push(Job::LookFor(request));
                    continue;
                }
                if !visitor.answered || visitor.departing || visitor.invited || !visitor.notify {
                    continue;
                }
                let Some(told) = standing(state, request) else { continue };
                let is_new = match visitor.told {
                    Some((before, at)) => before.ahead != told.ahead || now.since(at) >= STATUS_EVERY,
                    None => true,
                };
                if is_new {
                    visitor.told = Some((told, now));
                    let (to, from) = (visitor.jid.clone(), visitor.entrance.clone());
                    due.push(Job::Status { request, to: to.into(), from, told });
                }
            }
        }
        due.into_iter().for_each(|job| self.office.tell(job));
    }

    fn tell_doors(&mut self, state: &State) {
        let now: HashMap<_, _> = state.workgroups().map(|it| (it.id, online(state, it.id))).collect();
        for (workgroup, online) in &now {
            if self.doors.get(workgroup).is_some_and(|before| before != online)
                && let Some(name) = state.workgroup(*workgroup).map(|it| it.spec.name.clone())
            {
                self.office.tell(Job::Doors { workgroup: *workgroup, name, online: *online });
            }
        }
        self.doors = now;
    }

    fn tell_queues(&mut self, state: &State) {
        let readers = readers(&self.office, state);
        self.figures.retain(|queue, _| readers.contains_key(queue));
        for (queue, agents) in readers {
            let Some(figures) = figures(&self.office, state, queue) else { continue };
            if self.figures.get(&queue) != Some(&figures) {
                self.office.tell(Job::Queue { figures: Box::new(figures.clone()), agents });
                self.figures.insert(queue, figures);
            }
        }
    }

    fn tell_colleagues(&mut self, state: &State) {
        let listed: BTreeSet<_> = self.office.book().agents().flat_map(|(_, it)| it.listed.clone()).collect();
        if listed.is_empty() {
            return self.colleagues.clear();
        }
        let members: BTreeSet<_> = listed
            .iter()
            .flat_map(|workgroup| state.queues_of(*workgroup))
            .flat_map(|queue| state.members_of(queue.id).map(|agent| agent.id))
            .collect();
        for id in members {
            let Some(agent) = state.agent(id) else { continue };
            let now = Colleague {
                show: agent.session.as_ref().map(|it| it.show),
                lost: agent.session.as_ref().is_some_and(|it| it.lost_until.is_some()),
                chats: agent.chats.keys().copied().collect(),
                max: agent.spec.chats_max,
            };
            if self.colleagues.get(&id) == Some(&now) {
                continue;
            }
            self.colleagues.insert(id, now);
            for workgroup in &listed {
                self.office.tell_colleague(state, *workgroup, id, None);
            }
        }
    }
}

/// The queues of which agents with XMPP clients hear, and those agents.
fn readers(office: &Office, state: &State) -> BTreeMap<QueueId, Vec<AgentId>> {
    let mut readers: BTreeMap<QueueId, Vec<AgentId>> = BTreeMap::new();
    for (agent, session) in office.book().agents() {
        for queue in state.queues_of_agent(agent).filter(|queue| session.present.contains(&queue.workgroup)) {
            readers.entry(queue.id).or_default().push(agent);
        }
    }
    readers
}

/// A queue as agents are told of it.
pub(super) fn figures(office: &Office, state: &State, id: QueueId) -> Option<QueueFigures> {
    use xmpp::workgroup::notify::{NotifyAgents, NotifyQueue, QueueState, Waiting};
    let queue = state.queue(id)?;
    let workgroup = state.workgroup(queue.workgroup)?;
    let count = state.waiting_count(id);
    let mut oldest = None;
    let mut waiting = Vec::new();
    for (rank, request) in state.line(id).enumerate().take(DETAILS_MAX) {
        let Some(request) = state.request(request) else { continue };
        oldest = Some(oldest.map_or(request.joined_at, |at: Time| at.min(request.joined_at)));
        let wait = state.estimate(request.id).map_or(0, |it| it.expected.as_secs());
        waiting.extend(office.visitor_jid(request.id).map(|jid| Waiting {
            jid,
            position: u32::try_from(rank).unwrap_or(u32::MAX),
            wait_s: u64::try_from(wait).unwrap_or(0),
            joined: LegacyDate(request.joined_at.0),
        }));
    }
    let is_open = state.doors(workgroup.id) == Some(Doors::Open);
    let wait = state.estimate_for_new(workgroup.id).map_or(0, |it| it.expected.as_secs());
    let chats = state.members_of(id).map(|agent| agent.chats.len()).sum::<usize>();
    let here = state.members_of(id).filter(|agent| agent.session.is_some());
    Some(QueueFigures {
        workgroup: workgroup.spec.name.clone(),
        queue: queue.spec.name.clone(),
        summary: NotifyQueue {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            oldest: oldest.map(|at| LegacyDate(at.0)),
            wait_s: u64::try_from(wait).unwrap_or(0),
            state: match (is_open, count) {
                (true, _) => QueueState::Open,
                (false, 0) => QueueState::Closed,
                (false, _) => QueueState::Active,
            },
        },
        waiting,
        agents: NotifyAgents {
            available: Some(u32::try_from(state.staffed(id)).unwrap_or(u32::MAX)),
            current_chats: Some(u32::try_from(chats).unwrap_or(u32::MAX)),
            max_chats: Some(here.fold(0, |sum, agent| sum.saturating_add(agent.spec.chats_max))),
        },
    })
}

impl Office {
    /// Tells those who asked for the list of a workgroup what one of its agents shows; `only` limits it to one of them.
    pub(super) fn tell_colleague(&self, state: &State, workgroup: WorkgroupId, id: AgentId, only: Option<AgentId>) {
        use xmpp::workgroup::agent_status::{AgentStatus, CurrentChat};
        let (Some(agent), Some(entrance)) = (state.agent(id), state.workgroup(workgroup)) else { return };
        if !state.queues_of(workgroup).any(|queue| state.is_member(id, queue.id)) {
            return;
        }
        let readers: Vec<_> = {
            let book = self.book();
            let reads = |(reader, it): &(AgentId, &super::book::AgentSession)| {
                it.listed.contains(&workgroup) && only.is_none_or(|only| only == *reader)
            };
            book.agents().filter(reads).map(|(_, it)| it.jid.clone()).collect()
        };
        let (Some(from), Some(address)) =
            (self.agent_jid(id, &agent.spec.name), self.addresses.workgroup(&entrance.spec.name))
        else {
            return;
        };
        let chats = agent.chats.keys().filter_map(|chat| state.request(*chat)).filter(|it| it.workgroup == workgroup);
        let chat = |request: &desk::entity::Request| CurrentChat {
            session: wire::id(request.id.0),
            user: self.visitor_jid(request.id).map(|jid| jid.to_bare().to_string()).unwrap_or_default(),
            start: LegacyDate(request.answered.map_or(request.joined_at, |(_, _, at)| at).0),
            question: None,
            username: None,
            email: None,
        };
        let chats: Vec<_> = chats.map(chat).collect();
        let session = agent.session.as_ref().filter(|it| it.lost_until.is_none());
        let hint = session.and_then(|it| it.chats_max_hint).unwrap_or(u32::MAX);
        let status = AgentStatus {
            workgroup: Some(address),
            max_chats: Some(hint.min(agent.spec.chats_max)),
            current_chats: Some(u32::try_from(chats.len()).unwrap_or(u32::MAX)),
            chats: Some(chats),
        };
        for reader in readers {
            let mut presence = match session {
                Some(session) => shown(session.show),
                None => Presence::unavailable(),
            };
            presence.from = Some(from.clone());
            presence.to = Some(reader.into());
            presence.payloads.push(status.write());
            self.tell(Job::Send(Box::new(presence.into())));
        }
    }
}

fn shown(show: desk::command::Show) -> Presence {
    use desk::command::Show;
    use xmpp::xmpp_parsers::presence::Show as XmppShow;
    let presence = Presence::available();
    match show {
        Show::Available => presence,
        Show::Chat => presence.with_show(XmppShow::Chat),
        Show::Away => presence.with_show(XmppShow::Away),
        Show::Xa => presence.with_show(XmppShow::Xa),
        Show::Dnd => presence.with_show(XmppShow::Dnd),
    }
}

impl Edge for WorkgroupEdge {
    fn turn(&mut self, state: &State, turn: &Turn) {
        if self.office.running().is_none() {
            return;
        }
        self.moved |= !turn.events.is_empty();
        for event in &turn.events {
            self.note(state, event);
        }
        for ended in &turn.ended {
            self.note_ended(ended);
        }
    }

    fn tick(&mut self, state: &State, now: Time) {
        if self.office.running().is_none() {
            return;
        }
        self.yield_to_console();
        if (self.moved && self.rested <= now) || self.statuses <= now {
            self.moved = false;
            self.rested = now + LOOK_EVERY;
            self.look(state, now);
        }
    }

    fn due(&self) -> Option<Time> {
        self.office.running()?;
        Some(if self.moved { self.rested.min(self.statuses) } else { self.statuses })
    }
}
