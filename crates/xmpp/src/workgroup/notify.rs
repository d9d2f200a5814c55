//! What agents learn of their workgroup and its queues (XEP-0142 `notify-agents`, `notify-queue`,
//! `notify-queue-details`).

use jid::Jid;
use minidom::Element;

use super::limits::{ENTRIES, NAME_BYTES};
use super::{LegacyDate, ns};
use crate::markup::{Build, Fault, Read};

/// `<notify-agents/>`: how busy the workgroup is. Smack needs all but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotifyAgents {
    /// Agents who can be offered something.
    pub available: Option<u32>,
    /// Conversations going on.
    pub current_chats: Option<u32>,
    /// Conversations that the agents present could have.
    pub max_chats: Option<u32>,
}

impl NotifyAgents {
    /// Reads `<notify-agents/>`.
    ///
    /// # Errors
    /// When it is another element or a number is none.
    pub fn read(element: &Element) -> Result<NotifyAgents, Fault> {
        let it = Read::of(element, "notify-agents", ns::FAMILY)?;
        Ok(NotifyAgents {
            available: it.parsed_leaf("available")?,
            current_chats: it.parsed_leaf("current-chats")?,
            max_chats: it.parsed_leaf("max-chats")?,
        })
    }

    /// The `<notify-agents/>` element.
    pub fn write(&self) -> Element {
        Build::new("notify-agents", ns::WORKGROUP)
            .maybe_leaf("available", self.available)
            .maybe_leaf("current-chats", self.current_chats)
            .maybe_leaf("max-chats", self.max_chats)
            .done()
    }
}

/// Whether a queue works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueState {
    /// It takes requests.
    Open,
    /// It takes no more, and works on those it has.
    Active,
    /// Neither.
    Closed,
}

const STATES: [(&str, QueueState); 3] =
    [("open", QueueState::Open), ("active", QueueState::Active), ("closed", QueueState::Closed)];

/// `<notify-queue/>`: a queue in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotifyQueue {
    /// Who wait.
    pub count: u32,
    /// Since when the longest, if anybody does.
    pub oldest: Option<LegacyDate>,
    /// Average wait in seconds.
    pub wait_s: u64,
    /// Whether it works.
    pub state: QueueState,
}

impl NotifyQueue {
    /// Reads `<notify-queue/>`. A state that is not known counts as closed, as in Smack.
    ///
    /// # Errors
    /// When it is another element or a number or time is none.
    pub fn read(element: &Element) -> Result<NotifyQueue, Fault> {
        let it = Read::of(element, "notify-queue", ns::FAMILY)?;
        let state = it.leaf("status", NAME_BYTES)?.unwrap_or_default();
        Ok(NotifyQueue {
            count: it.parsed_leaf("count")?.unwrap_or_default(),
            oldest: it.parsed_leaf("oldest")?,
            wait_s: it.parsed_leaf("time")?.unwrap_or_default(),
            state: STATES.iter().find(|(name, _)| *name == state).map_or(QueueState::Closed, |(_, state)| *state),
        })
    }

    /// The `<notify-queue/>` element.
    pub fn write(&self) -> Element {
        let state = STATES.iter().find(|(_, state)| *state == self.state).map_or("closed", |(name, _)| name);
        Build::new("notify-queue", ns::WORKGROUP)
            .leaf("count", self.count)
            .maybe_leaf("oldest", self.oldest)
            .leaf("time", self.wait_s)
            .leaf("status", state)
            .done()
    }
}

/// One who waits, as agents see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Who.
    pub jid: Jid,
    /// Their place, from 0.
    pub position: u32,
    /// Expected wait in seconds.
    pub wait_s: u64,
    /// Since when.
    pub joined: LegacyDate,
}

/// `<notify-queue-details/>`: who waits in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotifyQueueDetails(pub Vec<Waiting>);

impl NotifyQueueDetails {
    /// Reads `<notify-queue-details/>`.
    ///
    /// # Errors
    /// When it is another element, somebody in it has no address, place or time, or there are too many.
    pub fn read(element: &Element) -> Result<NotifyQueueDetails, Fault> {
        let it = Read::of(element, "notify-queue-details", ns::FAMILY)?;
        let user = |user: Read<'_>| {
            Ok(Waiting {
                jid: user.need_jid("jid")?,
                position: user.parsed_leaf("position")?.ok_or(Fault::Missing("position"))?,
                wait_s: user.parsed_leaf("time")?.unwrap_or_default(),
                joined: user.parsed_leaf("join-time")?.ok_or(Fault::Missing("join-time"))?,
            })
        };
        it.children("user", ENTRIES)?.into_iter().map(user).collect::<Result<_, _>>().map(NotifyQueueDetails)
    }

    /// The `<notify-queue-details/>` element, without white space, which Smack cannot read here.
    pub fn write(&self) -> Element {
        let user = |user: &Waiting| {
            Build::new("user", ns::WORKGROUP)
                .attr("jid", &user.jid)
                .leaf("position", user.position)
                .leaf("time", user.wait_s)
                .leaf("join-time", user.joined)
        };
        Build::new("notify-queue-details", ns::WORKGROUP).children(self.0.iter().map(user)).done()
    }
}
