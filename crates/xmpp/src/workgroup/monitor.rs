//! Looking into conversations (the dialect's `monitor`).

use minidom::Element;

use super::limits::ID_BYTES;
use super::ns;
use crate::markup::{Build, Fault, Read};

/// `<monitor/>` as a request: may I (nothing), or let me into this conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Monitor {
    /// The conversation that the sender wants to own.
    pub make_owner: Option<String>,
}

impl Monitor {
    /// Reads the request.
    ///
    /// # Errors
    /// When it is another element or `makeOwner` names no conversation.
    pub fn read(element: &Element) -> Result<Monitor, Fault> {
        let it = Read::of(element, "monitor", ns::FAMILY)?;
        let make_owner = it.child("makeOwner").map(|child| child.need_attr("sessionID", ID_BYTES)).transpose()?;
        Ok(Monitor { make_owner })
    }

    /// Writes the request.
    pub fn write(&self) -> Element {
        let make_owner = |id: &String| Build::new("makeOwner", ns::JIVE).attr("sessionID", id);
        Build::new("monitor", ns::JIVE).children(self.make_owner.as_ref().map(make_owner)).done()
    }

    /// The answer to who asks whether they may.
    pub fn answer(is_monitor: bool) -> Element {
        Build::new("monitor", ns::JIVE).leaf("isMonitor", is_monitor).done()
    }
}
