//! What a message of a chat desk can carry, in one value: words, typing, read position, correction, link.
//!
//! Reads and writes XEP-0085 (chat states), XEP-0308 (correction), XEP-0333 (displayed marker) and XEP-0066 (link) on
//! `jabber:client` messages. Whether a room relays it is decided in [`crate::muc`].

use minidom::Element;
use xmpp_parsers::chatstates::ChatState;
use xmpp_parsers::displayed_markers::{Displayed, Markable};
use xmpp_parsers::message::{Id, Lang, Message, Thread};
use xmpp_parsers::message_correct::Replace;
use xmpp_parsers::ns;
use xmpp_parsers::oob::Oob;

/// The parts of a message that a chat desk understands. Everything is optional; an empty value is a message without
/// meaning to the desk.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChatContent {
    /// The words. Of several languages the one without `xml:lang`, else the first.
    pub body: Option<String>,
    /// The thread id.
    pub thread: Option<String>,
    /// Typing and attention (XEP-0085).
    pub chat_state: Option<ChatState>,
    /// The `id` of the message that this one replaces (XEP-0308).
    pub correction_of: Option<String>,
    /// The id up to which the sender has read (XEP-0333); in a room the stanza id that the room stamped.
    pub displayed: Option<String>,
    /// A link, such as to a file (XEP-0066).
    pub oob_url: Option<String>,
    /// What the link is called.
    pub oob_desc: Option<String>,
}

impl ChatContent {
    /// Words alone.
    pub fn words(body: impl Into<String>) -> ChatContent {
        ChatContent { body: Some(body.into()), ..ChatContent::default() }
    }

    /// A chat state alone.
    pub fn typing(state: ChatState) -> ChatContent {
        ChatContent { chat_state: Some(state), ..ChatContent::default() }
    }

    /// A read position alone.
    pub fn read_up_to(id: impl Into<String>) -> ChatContent {
        ChatContent { displayed: Some(id.into()), ..ChatContent::default() }
    }

    /// Reads what there is; elements that do not parse count as absent.
    pub fn read(message: &Message) -> ChatContent {
        let mut content = ChatContent {
            body: message.get_best_body(vec![]).map(|(_, body)| body.clone()),
            thread: message.thread.as_ref().map(|thread| thread.id.clone()),
            ..ChatContent::default()
        };
        for payload in &message.payloads {
            content.read_payload(payload);
        }
        content
    }

    fn read_payload(&mut self, payload: &Element) {
        if payload.has_ns(ns::CHATSTATES) {
            self.chat_state = ChatState::try_from(payload.clone()).ok();
        } else if payload.is("replace", ns::MESSAGE_CORRECT) {
            self.correction_of = Replace::try_from(payload.clone()).ok().map(|replace| replace.id.0);
        } else if payload.is("displayed", ns::DISPLAYED_MARKERS) {
            self.displayed = Displayed::try_from(payload.clone()).ok().map(|displayed| displayed.id.0);
        } else if payload.is("x", ns::OOB)
            && let Ok(oob) = Oob::try_from(payload.clone())
        {
            self.oob_url = Some(oob.url);
            self.oob_desc = oob.desc;
        }
    }

    /// Puts everything into a message. One with words asks for displayed markers.
    pub fn write(self, mut message: Message) -> Message {
        if let Some(body) = self.body {
            message.bodies.insert(Lang::new(), body);
            message.payloads.push(Markable.into());
        }
        if let Some(id) = self.thread {
            message.thread = Some(Thread { parent: None, id });
        }
        if let Some(state) = self.chat_state {
            message.payloads.push(state.into());
        }
        if let Some(id) = self.correction_of {
            message.payloads.push(Replace { id: Id(id) }.into());
        }
        if let Some(id) = self.displayed {
            message.payloads.push(Displayed { id: Id(id) }.into());
        }
        if let Some(url) = self.oob_url {
            message.payloads.push(Oob { url, desc: self.oob_desc }.into());
        }
        message
    }
}
