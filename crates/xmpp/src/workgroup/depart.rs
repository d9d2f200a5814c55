//! Leaving a queue (XEP-0142 `depart-queue`), of oneself or of another, and the notice to who left.

use jid::Jid;
use minidom::Element;

use super::ns;
use crate::markup::{Build, Fault, Read};

/// Why somebody left, where the notice says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepartReason {
    /// They, or who may do so for them, asked for it.
    Requested,
    /// No agent was found.
    AgentNotFound,
}

const REASONS: [(&str, DepartReason); 2] =
    [("departure-requested", DepartReason::Requested), ("agent-not-found", DepartReason::AgentNotFound)];

/// `<depart-queue/>`: as a request, `jid` names another who is to leave; as a notice it may give a reason.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DepartQueue {
    /// Who is to leave, if it is not the sender.
    pub jid: Option<Jid>,
    /// Why, in a notice.
    pub reason: Option<DepartReason>,
}

impl DepartQueue {
    /// The notice to who left.
    pub fn notice(reason: DepartReason) -> DepartQueue {
        DepartQueue { jid: None, reason: Some(reason) }
    }

    /// Reads `<depart-queue/>`.
    ///
    /// # Errors
    /// When it is another element or its `jid` is no address.
    pub fn read(element: &Element) -> Result<DepartQueue, Fault> {
        let it = Read::of(element, "depart-queue", ns::FAMILY)?;
        let reason = REASONS.iter().find(|(name, _)| it.has(name)).map(|(_, reason)| *reason);
        Ok(DepartQueue { jid: it.parsed_leaf("jid")?, reason })
    }

    /// The `<depart-queue/>` element.
    pub fn write(&self) -> Element {
        let mut build = Build::new("depart-queue", ns::WORKGROUP).maybe_leaf("jid", self.jid.as_ref());
        for (name, reason) in REASONS {
            build = build.flag(name, self.reason == Some(reason));
        }
        build.done()
    }
}
