//! Who comes with XMPP clients: visitors who wait or chat, agents with their sessions, and who watches a workgroup's presence.
//! Only what the desk does not know: addresses and wishes. No decisions.

use std::collections::{BTreeSet, HashMap, HashSet};

use desk::command::Show;
use desk::ids::{AgentId, QueueId, RequestId, WorkgroupId};
use desk::time::Time;
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::minidom::Element;
use xmpp::workgroup::Metadata;
use xmpp::workgroup::passing::PassOn;

/// Who may watch the presence of one workgroup.
pub const WATCHERS_MAX: usize = 10_000;

/// A visitor with an XMPP client.
#[derive(Clone, PartialEq, Debug)]
pub struct Visitor {
    /// At which entrance.
    pub workgroup: WorkgroupId,
    /// The workgroup's address.
    pub entrance: BareJid,
    /// Who.
    pub jid: FullJid,
    /// Wants to hear of position and wait.
    pub notify: bool,
    /// What came with the request.
    pub metadata: Metadata,
    /// The address that stands for who has no account.
    pub user: Option<BareJid>,
    /// Elements of the application.
    pub foreign: Vec<Element>,
    /// The join was answered: from now on they may be told things.
    pub answered: bool,
    /// They leave by themselves: who handles that tells them.
    pub departing: bool,
    /// Was put through.
    pub invited: bool,
    /// What they were told last, and when.
    pub told: Option<(Told, Time)>,
    /// Counts as connected.
    pub connected: bool,
}

/// Position and wait as told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// How many stand before.
    pub ahead: u64,
    /// Expected wait in seconds.
    pub wait_s: Option<u64>,
}

/// An agent's session with an XMPP client.
#[derive(Clone, PartialEq, Debug)]
pub struct AgentSession {
    /// Where.
    pub jid: FullJid,
    /// What the client shows.
    pub show: Show,
    /// Where they are present.
    pub present: BTreeSet<WorkgroupId>,
    /// Of which workgroups they asked for the list of agents.
    pub listed: BTreeSet<WorkgroupId>,
    /// Queues that were left because the agent is not present at their workgroup.
    pub left: BTreeSet<QueueId>,
}

/// All of it.
#[derive(Default, Debug)]
pub struct Book {
    visitors: HashMap<RequestId, Visitor>,
    by_address: HashMap<(WorkgroupId, FullJid), RequestId>,
    by_session: HashMap<FullJid, BTreeSet<RequestId>>,
    agents: HashMap<AgentId, AgentSession>,
    watchers: HashMap<WorkgroupId, HashSet<Jid>>,
    passings: HashMap<RequestId, (AgentId, PassOn)>,
}

impl Book {
    /// A visitor came.
    pub fn add_visitor(&mut self, request: RequestId, visitor: Visitor) {
        self.by_address.insert((visitor.workgroup, visitor.jid.clone()), request);
        self.by_session.entry(visitor.jid.clone()).or_default().insert(request);
        self.visitors.insert(request, visitor);
    }

    /// A visitor is gone.
    pub fn remove_visitor(&mut self, request: RequestId) -> Option<Visitor> {
        let visitor = self.visitors.remove(&request)?;
        let key = (visitor.workgroup, visitor.jid.clone());
        if let Some(theirs) = self.by_session.get_mut(&visitor.jid) {
            theirs.remove(&request);
            if theirs.is_empty() {
                self.by_session.remove(&visitor.jid);
            }
        }
        if self.by_address.get(&key) == Some(&request) {
            self.by_address.remove(&key);
        }
        Some(visitor)
    }

    /// A visitor by request.
    pub fn visitor(&self, request: RequestId) -> Option<&Visitor> {
        self.visitors.get(&request)
    }

    /// A visitor by request, to be changed.
    pub fn visitor_mut(&mut self, request: RequestId) -> Option<&mut Visitor> {
        self.visitors.get_mut(&request)
    }

    /// What this address has open at a workgroup.
    pub fn request_of(&self, workgroup: WorkgroupId, jid: &FullJid) -> Option<RequestId> {
        self.by_address.get(&(workgroup, jid.clone())).copied()
    }

    /// Everything that this address has open.
    pub fn requests_of(&self, jid: &FullJid) -> Vec<RequestId> {
        self.by_session.get(jid).into_iter().flatten().copied().collect()
    }

    /// Whether another session of the same person has something open at a workgroup.
    pub fn has_other_session(&self, workgroup: WorkgroupId, jid: &FullJid) -> bool {
        let person = jid.to_bare();
        let is_theirs = |other: &FullJid| {
            other != jid && other.as_str().strip_prefix(person.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        self.by_address.keys().any(|(at, other)| *at == workgroup && is_theirs(other))
    }

    /// All visitors.
    pub fn visitors_mut(&mut self) -> impl Iterator<Item = (RequestId, &mut Visitor)> {
        self.visitors.iter_mut().map(|(request, visitor)| (*request, visitor))
    }

    /// The session of an agent.
    pub fn agent(&self, agent: AgentId) -> Option<&AgentSession> {
        self.agents.get(&agent)
    }

    /// The session of an agent, to be changed.
    pub fn agent_mut(&mut self, agent: AgentId) -> Option<&mut AgentSession> {
        self.agents.get_mut(&agent)
    }

    /// An agent's session begins.
    pub fn add_agent(&mut self, agent: AgentId, session: AgentSession) {
        self.agents.insert(agent, session);
    }

    /// An agent's session is over.
    pub fn remove_agent(&mut self, agent: AgentId) -> Option<AgentSession> {
        self.agents.remove(&agent)
    }

    /// All agents' sessions.
    pub fn agents(&self) -> impl Iterator<Item = (AgentId, &AgentSession)> {
        self.agents.iter().map(|(agent, session)| (*agent, session))
    }

    /// The agent whose session this is.
    pub fn agent_at(&self, jid: &FullJid) -> Option<AgentId> {
        self.agents.iter().find(|(_, session)| session.jid == *jid).map(|(agent, _)| *agent)
    }

    /// An agent passes a conversation on; what they asked is needed if it fails.
    pub fn note_passing(&mut self, request: RequestId, agent: AgentId, asked: PassOn) {
        self.passings.insert(request, (agent, asked));
    }

    /// A conversation is passed on no longer.
    pub fn take_passing(&mut self, request: RequestId) -> Option<(AgentId, PassOn)> {
        self.passings.remove(&request)
    }

    /// Somebody watches a workgroup from now on; no if too many do.
    pub fn watch(&mut self, workgroup: WorkgroupId, jid: Jid) -> bool {
        let watchers = self.watchers.entry(workgroup).or_default();
        if watchers.len() >= WATCHERS_MAX && !watchers.contains(&jid) {
            return false;
        }
        watchers.insert(jid);
        true
    }

    /// Somebody watches no longer.
    pub fn unwatch(&mut self, workgroup: WorkgroupId, jid: &Jid) {
        if let Some(watchers) = self.watchers.get_mut(&workgroup) {
            watchers.remove(jid);
        }
    }

    /// A session is gone: it watches nothing any longer.
    pub fn unwatch_all(&mut self, jid: &Jid) {
        self.watchers.values_mut().for_each(|watchers| _ = watchers.remove(jid));
    }

    /// Who watches a workgroup.
    pub fn watchers(&self, workgroup: WorkgroupId) -> impl Iterator<Item = &Jid> {
        self.watchers.get(&workgroup).into_iter().flatten()
    }
}
