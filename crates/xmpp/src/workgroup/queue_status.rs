//! Position and wait of a visitor (XEP-0142 `queue-status`).

use minidom::Element;

use super::{Session, ns};
use crate::markup::{Build, Fault, Read};

/// `<queue-status/>`: empty when it asks, filled when it tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueStatus {
    /// How many must be routed before: 0 is being routed now.
    pub position: Option<u64>,
    /// Expected wait in seconds.
    pub wait_s: Option<u64>,
    /// The request, in the dialect's messages.
    pub session: Option<Session>,
}

impl QueueStatus {
    /// Reads `<queue-status/>`.
    ///
    /// # Errors
    /// When it is another element or its numbers are none.
    pub fn read(element: &Element) -> Result<QueueStatus, Fault> {
        let it = Read::of(element, "queue-status", ns::FAMILY)?;
        let session = it.child("session").map(|child| Session::read(child.element())).transpose()?;
        Ok(QueueStatus { position: it.parsed_leaf("position")?, wait_s: it.parsed_leaf("time")?, session })
    }

    /// The `<queue-status/>` element.
    pub fn write(&self) -> Element {
        Build::new("queue-status", ns::WORKGROUP)
            .maybe_leaf("position", self.position)
            .maybe_leaf("time", self.wait_s)
            .children(self.session.as_ref().map(Session::write))
            .done()
    }
}
