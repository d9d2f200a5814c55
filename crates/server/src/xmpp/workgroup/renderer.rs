//! Writes to visitors and agents with XMPP clients what the edge and the handlers want them told, in that order. Here, outside
//! of the loop, words are read from the store.

use std::sync::Arc;
use std::time::Duration;

use desk::command::TransferTarget;
use desk::entity::{self, Phase};
use desk::event::OfferKind;
use desk::ids::{AgentId, RequestId, WorkgroupId};
use store::archive::Author;
use tokio::sync::mpsc;
use xmpp::jid::{BareJid, Jid};
use xmpp::workgroup::depart::{DepartQueue, DepartReason};
use xmpp::workgroup::disco::Online;
use xmpp::workgroup::invitation::{Invitation, Invited};
use xmpp::workgroup::notify::{NotifyAgents, NotifyQueue, NotifyQueueDetails, Waiting};
use xmpp::workgroup::offer::{Offer, OfferContent, OfferRevoke, OfferedRoom};
use xmpp::workgroup::passing::{PassOn, Passing, PassingFailed};
use xmpp::workgroup::queue_status::QueueStatus;
use xmpp::workgroup::{Metadata, Session};
use xmpp::xmpp_parsers::iq::Iq;
use xmpp::xmpp_parsers::message::Message;
use xmpp::xmpp_parsers::presence::Presence;
use xmpp::xmpp_parsers::stanza::Stanza;

use super::book::{AgentSession, Told, Visitor};
use super::edge::figures;
use super::no::No;
use super::visitor::standing;
use super::{Office, Running};
use crate::auth;
use crate::wire;

/// Who has not come into the room by then is invited once more.
const INVITE_AGAIN: Duration = Duration::from_secs(10);
const INVITATION: &str = "Please join me for a chat.";

/// Something to be told or done, in the order of its happening.
pub enum Job {
    /// A stanza as it stands.
    Send(Box<Stanza>),
    /// A join was answered: from now on the visitor hears of what happens.
    Joined(RequestId),
    /// A visitor left by themselves, and was answered.
    Left(RequestId, Box<Visitor>),
    /// A request ended.
    Ended { request: RequestId, visitor: Box<Visitor>, notice: Option<DepartReason> },
    /// Position and wait.
    Status { request: RequestId, to: Jid, from: BareJid, told: Told },
    /// Whether a visitor is connected again.
    LookFor(RequestId),
    /// A room stands open for somebody.
    Invite { chat: RequestId, who: Author, room: BareJid },
    /// An agent is present at a workgroup from now on.
    Welcome { agent: AgentId, workgroup: WorkgroupId },
    /// An agent asked who the others are.
    Colleagues { agent: AgentId, workgroup: WorkgroupId },
    /// An agent's session is over at the desk.
    SessionOver { agent: AgentId, session: Box<AgentSession> },
    /// Something is offered to an agent.
    Offer { from: BareJid, to: Jid, offer: Box<entity::Offer>, passed_by: Option<Box<(String, entity::Transfer)>> },
    /// An offer is taken back.
    Revoke { from: BareJid, to: Jid, revoke: Box<OfferRevoke> },
    /// Passing a conversation on failed.
    PassingFailed { from: BareJid, to: Option<Jid>, pass: Box<PassOn>, why: PassingFailed },
    /// A queue changed, for these agents.
    Queue { figures: Box<QueueFigures>, agents: Vec<AgentId> },
    /// A workgroup opened or closed.
    Doors { workgroup: WorkgroupId, name: String, online: Online },
}

/// A queue as agents are told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueFigures {
    /// The workgroup's name.
    pub workgroup: String,
    /// The queue's name in it.
    pub queue: String,
    /// In short.
    pub summary: NotifyQueue,
    /// Who waits.
    pub waiting: Vec<Waiting>,
    /// How busy its agents are.
    pub agents: NotifyAgents,
}

/// Does the jobs until the server stops.
pub async fn serve(office: Arc<Office>, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        let Some(running) = office.running() else { continue };
        if let Err(no) = office.render(running, job).await {
            tracing::warn!(?no, "something could not be told to an XMPP client");
        }
    }
}

impl Office {
    async fn render(&self, running: &Running, job: Job) -> Result<(), No> {
        match job {
            Job::Send(stanza) => self.send(*stanza),
            Job::Joined(request) => self.joined(running, request).await?,
            Job::Left(request, visitor) => {
                self.ended(running, request, &visitor, Some(DepartReason::Requested)).await?
            }
            Job::Ended { request, visitor, notice } => self.ended(running, request, &visitor, notice).await?,
            Job::Status { request, to, from, told } => self.send_status(request, to, from, told),
            Job::LookFor(request) => self.look_for(running, request).await,
            Job::Invite { chat, who, room } => self.invite(running, chat, who, room).await?,
            Job::Welcome { agent, workgroup } => self.welcome(running, agent, workgroup).await?,
            Job::Colleagues { agent, workgroup } => self.colleagues(running, agent, workgroup).await?,
            Job::SessionOver { agent, session } => self.say_session_over(running, agent, *session).await,
            Job::Offer { from, to, offer, passed_by } => {
                self.send_offer(running, from, to, *offer, passed_by.map(|it| *it)).await?;
            }
            Job::Revoke { from, to, revoke } => self.send_set(from, to, revoke.write()),
            Job::PassingFailed { from, to, pass, why } => {
                let mut message = pass.failed(why);
                (message.from, message.to) = (Some(from.into()), to);
                self.send(message);
            }
            Job::Queue { figures, agents } => {
                let to: Vec<_> = {
                    let book = self.book();
                    agents.iter().filter_map(|agent| Some(Jid::from(book.agent(*agent)?.jid.clone()))).collect()
                };
                to.into_iter().for_each(|to| self.send_queue(&figures, &to));
            }
            Job::Doors { workgroup, name, online } => {
                let watchers: Vec<_> = self.book().watchers(workgroup).cloned().collect();
                let agents: Vec<_> = {
                    let book = self.book();
                    let present = book.agents().filter(|(_, it)| it.present.contains(&workgroup));
                    present.map(|(_, it)| Jid::from(it.jid.clone())).collect()
                };
                for to in watchers.into_iter().chain(agents) {
                    if let Some(presence) = self.workgroup_presence(running, &name, &to, online) {
                        self.send(presence);
                    }
                }
            }
        }
        Ok(())
    }

    fn send_set(&self, from: BareJid, to: Jid, payload: xmpp::minidom::Element) {
        let id = format!("wg-{}", auth::token(""));
        self.send(Iq::Set { from: Some(from.into()), to: Some(to), id, payload });
    }

    async fn joined(&self, running: &Running, request: RequestId) -> Result<(), No> {
        let Some(address) = self.book().visitor(request).map(|visitor| self.comes_as(visitor)) else { return Ok(()) };
        running.outside.visitor_comes_as(request, address);
        let told = running.app.desk.view(move |state, _| standing(state, request)).await?;
        let visitor = match self.book().visitor_mut(request) {
            Some(visitor) => {
                visitor.answered = true;
                visitor.told = told.map(|told| (told, running.app.clock.now()));
                visitor.clone()
            }
            None => return Ok(()),
        };
        if let Some(told) = told.filter(|_| visitor.notify) {
            self.send_status(request, visitor.jid.clone().into(), visitor.entrance.clone(), told);
        }
        // It may have ended before it was answered; then nobody has told so.
        let is_open = running.app.desk.view(move |state, _| state.request(request).is_some()).await?;
        if !is_open && self.book().remove_visitor(request).is_some() {
            self.ended(running, request, &visitor, Some(DepartReason::AgentNotFound)).await?;
        }
        Ok(())
    }

    async fn ended(
        &self,
        running: &Running,
        request: RequestId,
        visitor: &Visitor,
        notice: Option<DepartReason>,
    ) -> Result<(), No> {
        if let Some(reason) = notice {
            let mut message = Message::normal(Some(visitor.jid.clone().into()));
            message.from = Some(visitor.entrance.clone().into());
            message.payloads.push(DepartQueue::notice(reason).write());
            self.send(message);
        }
        running.keeping.forget(request).await?;
        Ok(())
    }

    fn send_status(&self, request: RequestId, to: Jid, from: BareJid, told: Told) {
        let session = Session { id: wire::id(request.0), workgroup: Some(from.clone()) };
        let status = QueueStatus { position: Some(told.ahead), wait_s: told.wait_s, session: Some(session) };
        let mut message = Message::normal(Some(to));
        message.from = Some(from.into());
        message.payloads.push(status.write());
        self.send(message);
    }

    async fn look_for(&self, running: &Running, request: RequestId) {
        let jid = self.book().visitor(request).filter(|it| !it.connected).map(|it| it.jid.clone());
        if jid.is_some_and(|jid| running.outside.is_connected(&jid)) {
            if let Some(visitor) = self.book().visitor_mut(request) {
                (visitor.connected, visitor.told) = (true, None);
            }
            self.observe(running, vec![request], true).await;
        }
    }

    async fn invite(&self, running: &Running, chat: RequestId, who: Author, room: BareJid) -> Result<(), No> {
        let workgroup = running.app.desk.view(move |state, _| state.request(chat).map(|it| it.workgroup)).await?;
        let entrance = workgroup.and_then(|id| running.app.roster.entrance_of(id));
        let Some(workgroup) = entrance.and_then(|it| self.addresses.workgroup(&it.name)) else { return Ok(()) };
        let visitor = self.book().visitor(chat).cloned();
        let (to, invited) = match who {
            Author::Visitor => {
                let Some(visitor) = visitor else { return Ok(()) };
                (Jid::from(visitor.jid), Invited::Visitor { reason: INVITATION.to_owned() })
            }
            Author::Agent(agent) => {
                let to = self.book().agent(agent).map(|it| Jid::from(it.jid.clone()));
                let (Some(to), Some(jid)) = (to, self.visitor_jid(chat)) else { return Ok(()) };
                (to, Invited::Agent { visitor: jid, user: visitor.and_then(|it| it.user) })
            }
            Author::Desk => return Ok(()),
        };
        let invitation = Invitation { room, workgroup, session: wire::id(chat.0), password: None, invited };
        self.send(invitation.write(to.clone()));
        if who == Author::Visitor {
            self.invite_again(running, chat, invitation, to);
        }
        Ok(())
    }

    /// Once more, for who has not come: an invitation is easily overlooked.
    fn invite_again(&self, running: &Running, chat: RequestId, invitation: Invitation, to: Jid) {
        let Some(office) = self.arc() else { return };
        let (desk, clock) = (running.app.desk.clone(), running.app.clock.clone());
        tokio::spawn(async move {
            clock.sleep_until(clock.now() + crate::clock::span(INVITE_AGAIN)).await;
            let waits = desk
                .view(move |state, _| state.request(chat).is_some_and(|it| matches!(it.phase, Phase::Invited { .. })));
            let same_room = office.running().and_then(|it| it.outside.room_of(chat)) == Some(invitation.room.clone());
            if waits.await.unwrap_or(false) && same_room {
                office.send(invitation.write(to));
            }
        });
    }

    async fn welcome(&self, running: &Running, agent: AgentId, workgroup: WorkgroupId) -> Result<(), No> {
        let Some(to) = self.book().agent(agent).map(|it| Jid::from(it.jid.clone())) else { return Ok(()) };
        let Some(office) = self.arc() else { return Ok(()) };
        let view = running.app.desk.view(move |state, _| {
            let queues = state.queues_of_agent(agent).filter(|queue| queue.workgroup == workgroup);
            queues.filter_map(|queue| figures(&office, state, queue.id)).collect::<Vec<_>>()
        });
        for figures in view.await? {
            self.send_queue(&figures, &to);
        }
        Ok(())
    }

    async fn colleagues(&self, running: &Running, agent: AgentId, workgroup: WorkgroupId) -> Result<(), No> {
        let Some(office) = self.arc() else { return Ok(()) };
        let tell = move |state: &desk::State, _| {
            let queues = state.queues_of(workgroup).flat_map(|queue| state.members_of(queue.id));
            let members: std::collections::BTreeSet<_> = queues.map(|it| it.id).collect();
            let here = |id: &AgentId| *id == agent || state.agent(*id).is_some_and(|it| it.session.is_some());
            members.into_iter().filter(here).for_each(|id| office.tell_colleague(state, workgroup, id, Some(agent)));
        };
        Ok(running.app.desk.view(tell).await?)
    }

    fn send_queue(&self, figures: &QueueFigures, to: &Jid) {
        let queue = self.addresses.queue(&figures.workgroup, &figures.queue).map(Jid::from);
        let workgroup = self.addresses.workgroup(&figures.workgroup).map(Jid::from);
        let (Some(queue), Some(workgroup)) = (queue, workgroup) else { return };
        let parts = [
            (workgroup, figures.agents.write()),
            (queue.clone(), figures.summary.write()),
            (queue, NotifyQueueDetails(figures.waiting.clone()).write()),
        ];
        for (from, payload) in parts {
            let mut presence = Presence::available().with_to(to.clone()).with_from(from);
            presence.payloads.push(payload);
            self.send(presence);
        }
    }

    async fn say_session_over(&self, running: &Running, agent: AgentId, session: AgentSession) {
        for workgroup in &session.present {
            let name = running.app.roster.entrance_of(*workgroup).map(|it| it.name.clone());
            if let Some(from) = name.and_then(|name| self.addresses.workgroup(&name)) {
                let gone = Presence::unavailable().with_to(Jid::from(session.jid.clone())).with_from(Jid::from(from));
                self.send(gone);
            }
        }
        self.opt_in(running, agent, session.left).await;
    }

    async fn send_offer(
        &self,
        running: &Running,
        from: BareJid,
        to: Jid,
        offer: entity::Offer,
        passed_by: Option<(String, entity::Transfer)>,
    ) -> Result<(), No> {
        let mut metadata = self.metadata_of(running, offer.request).await?;
        let Some(jid) = self.visitor_jid(offer.request) else { return Ok(()) };
        complete(&mut metadata, &jid);
        let (user, foreign) = {
            let book = self.book();
            let visitor = book.visitor(offer.request);
            (visitor.and_then(|it| it.user.clone()), visitor.map(|it| it.foreign.clone()).unwrap_or_default())
        };
        let left = offer.deadline.since(running.app.clock.now()).as_secs();
        let written = Offer {
            id: Some(wire::id(offer.id.0)),
            jid,
            timeout_s: Some(u64::try_from(left).unwrap_or(0).max(1)),
            metadata,
            session: Some(Session { id: wire::id(offer.request.0), workgroup: Some(from.clone()) }),
            content: Some(self.content(running, &offer, passed_by)),
            user,
            foreign,
        };
        self.send_set(from, to, written.write());
        Ok(())
    }

    fn content(
        &self,
        running: &Running,
        offer: &entity::Offer,
        passed_by: Option<(String, entity::Transfer)>,
    ) -> OfferContent {
        let passed = passed_by.filter(|_| offer.kind != OfferKind::Request);
        let room = passed.and_then(|(name, transfer)| {
            Some(OfferedRoom {
                to: match transfer.target {
                    TransferTarget::Agent(_) => Passing::User,
                    TransferTarget::Queue(_) => Passing::Queue,
                    TransferTarget::Workgroup(_) => Passing::Workgroup,
                },
                inviter: self.agent_jid(transfer.from, &name)?,
                room: running.outside.room_of(offer.request)?,
                reason: None,
            })
        });
        match (offer.kind, room) {
            (OfferKind::Transfer, Some(room)) => OfferContent::Transfer(room),
            (OfferKind::Conference, Some(room)) => OfferContent::Invitation(room),
            _ => OfferContent::Visitor,
        }
    }
}

/// Spark fails without these two.
fn complete(metadata: &mut Metadata, jid: &Jid) {
    if metadata.get("userID").is_none_or(|id| id.parse::<BareJid>().is_err()) {
        metadata.set("userID", jid.to_bare().to_string());
    }
    if metadata.get("username").is_none() {
        metadata.set("username", jid.node().map_or("Visitor", |node| node.as_str()));
    }
}
