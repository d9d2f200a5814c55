//! A mail that a client wants to have sent (the dialect's `send-email`). Whether it is sent is not decided here.

use minidom::Element;

use super::limits::{ID_BYTES, NAME_BYTES, REASON_BYTES, TEXT_BYTES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// `<send-email/>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendEmail {
    /// From whom.
    pub from: Option<String>,
    /// To whom.
    pub to: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its words; a written-out `\n` has become a line end.
    pub message: Option<String>,
    /// The words are HTML.
    pub html: bool,
    /// The conversation whose transcript is to be sent.
    pub session: Option<String>,
}

impl SendEmail {
    /// Reads `<send-email/>`.
    ///
    /// # Errors
    /// When it is another element or holds too much.
    pub fn read(element: &Element) -> Result<SendEmail, Fault> {
        let it = Read::of(element, "send-email", ns::FAMILY)?;
        let line = |name, max| it.leaf(name, max).map(|text| text.filter(|text| !text.is_empty()));
        Ok(SendEmail {
            from: line("fromAddress", NAME_BYTES)?,
            to: line("toAddress", NAME_BYTES)?,
            subject: line("subject", REASON_BYTES)?,
            message: line("message", TEXT_BYTES)?.map(|text| text.replace("\\n", "\n")),
            html: it.leaf("useHTML", NAME_BYTES)?.as_deref() == Some("true"),
            session: line("sessionID", ID_BYTES)?,
        })
    }

    /// Whether everything is there that a mail needs.
    pub fn is_complete(&self) -> bool {
        let head = self.from.is_some() && self.to.is_some() && self.subject.is_some();
        head && (self.message.is_some() || self.session.is_some())
    }

    /// The `<send-email/>` element.
    pub fn write(&self) -> Element {
        Build::new("send-email", ns::JIVE)
            .maybe_leaf("fromAddress", self.from.as_ref())
            .maybe_leaf("toAddress", self.to.as_ref())
            .maybe_leaf("subject", self.subject.as_ref())
            .maybe_leaf("message", self.message.as_ref())
            .leaf("useHTML", self.html)
            .maybe_leaf("sessionID", self.session.as_ref())
            .done()
    }
}
