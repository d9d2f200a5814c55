//! What an agent says of themselves and what others learn of them (XEP-0142 `agent-status`).

use jid::BareJid;
use minidom::Element;

use super::limits::{ENTRIES, ID_BYTES, VALUE_BYTES};
use super::{LegacyDate, ns};
use crate::markup::{Build, Fault, Read};

/// A conversation that an agent has, as the dialect lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentChat {
    /// The conversation's id.
    pub session: String,
    /// Who is helped.
    pub user: String,
    /// Since when.
    pub start: LegacyDate,
    /// What they ask.
    pub question: Option<String>,
    /// Their name.
    pub username: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
}

impl CurrentChat {
    fn read(it: Read<'_>) -> Result<CurrentChat, Fault> {
        let text = |name| it.attr(name, VALUE_BYTES).map(|text| text.map(str::to_owned));
        Ok(CurrentChat {
            session: it.need_attr("sessionID", ID_BYTES)?,
            user: text("userID")?.unwrap_or_default(),
            start: it.parsed_attr("startTime")?.ok_or(Fault::Missing("startTime"))?,
            question: text("question")?,
            username: text("username")?,
            email: text("email")?,
        })
    }

    fn write(&self) -> Element {
        Build::new("chat", ns::JIVE)
            .attr("sessionID", &self.session)
            .attr("userID", &self.user)
            .attr("startTime", self.start)
            .maybe_attr("question", self.question.as_ref())
            .maybe_attr("username", self.username.as_ref())
            .maybe_attr("email", self.email.as_ref())
            .done()
    }
}

/// `<agent-status/>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentStatus {
    /// The workgroup that speaks; Smack's roster needs it.
    pub workgroup: Option<BareJid>,
    /// How many conversations the agent takes at once: from an agent a hint, to agents what holds.
    pub max_chats: Option<u32>,
    /// How many they have.
    pub current_chats: Option<u32>,
    /// Which, for those who may know.
    pub chats: Option<Vec<CurrentChat>>,
}

impl AgentStatus {
    /// Reads `<agent-status/>`; `max_chats`, as Smack writes it, is as good as `max-chats`.
    ///
    /// # Errors
    /// When it is another element, or a number or address is none.
    pub fn read(element: &Element) -> Result<AgentStatus, Fault> {
        let it = Read::of(element, "agent-status", ns::FAMILY)?;
        let mut status = AgentStatus { workgroup: it.parsed_attr("jid")?, ..AgentStatus::default() };
        status.max_chats = match it.parsed_leaf("max-chats")? {
            None => it.parsed_leaf("max_chats")?,
            max => max,
        };
        for child in it.children("current-chats", 2)? {
            if child.element().has_ns(ns::JIVE) {
                let chats = child.children("chat", ENTRIES)?.into_iter().map(CurrentChat::read);
                status.chats = Some(chats.collect::<Result<_, _>>()?);
            } else {
                let count = child.text("current-chats", ID_BYTES)?;
                status.current_chats = Some(count.parse().map_err(|_| Fault::Malformed("current-chats"))?);
            }
        }
        Ok(status)
    }

    /// The `<agent-status/>` element: the count as the XEP has it, and the list as the dialect has it.
    pub fn write(&self) -> Element {
        let chats = |chats: &Vec<CurrentChat>| {
            Build::new("current-chats", ns::JIVE).children(chats.iter().map(CurrentChat::write))
        };
        Build::new("agent-status", ns::WORKGROUP)
            .maybe_attr("jid", self.workgroup.as_ref())
            .maybe_leaf("current-chats", self.current_chats)
            .maybe_leaf("max-chats", self.max_chats)
            .children(self.chats.as_ref().map(chats))
            .done()
    }
}
