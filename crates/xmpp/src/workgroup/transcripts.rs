//! What was said in past conversations (the dialect's `transcripts` and `transcript`). Clients ask in the XEP's
//! namespace and understand answers only in the dialect's.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns as parsers_ns;

use super::limits::{ENTRIES, ID_BYTES, NAME_BYTES};
use super::{LegacyDate, ns};
use crate::markup::{Build, Fault, Read};

/// An agent in a past conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentThere {
    /// Who.
    pub agent: BareJid,
    /// From when.
    pub joined: Option<LegacyDate>,
    /// To when.
    pub left: Option<LegacyDate>,
}

/// A past conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptSummary {
    /// The conversation.
    pub session: String,
    /// The agents who were there.
    pub agents: Vec<AgentThere>,
    /// Its begin.
    pub joined: Option<LegacyDate>,
    /// Its end.
    pub left: Option<LegacyDate>,
}

/// `<transcripts/>`: the conversations of a visitor; without any where it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcripts {
    /// The visitor.
    pub user: String,
    /// Their conversations.
    pub transcripts: Vec<TranscriptSummary>,
}

impl Transcripts {
    /// Reads `<transcripts/>`.
    ///
    /// # Errors
    /// When it is another element, names nobody, or a part makes no sense.
    pub fn read(element: &Element) -> Result<Transcripts, Fault> {
        let it = Read::of(element, "transcripts", ns::FAMILY)?;
        let agent = |one: Read<'_>| {
            let agent = one.parsed_leaf("agentJID")?.ok_or(Fault::Missing("agentJID"))?;
            Ok(AgentThere { agent, joined: one.parsed_leaf("joinTime")?, left: one.parsed_leaf("leftTime")? })
        };
        let summary = |one: Read<'_>| {
            let agents = one.child("agents").map_or(Ok(Vec::new()), |agents| agents.children("agent", ENTRIES))?;
            Ok(TranscriptSummary {
                session: one.need_attr("sessionID", ID_BYTES)?,
                agents: agents.into_iter().map(agent).collect::<Result<_, _>>()?,
                joined: one.parsed_leaf("joinTime")?,
                left: one.parsed_leaf("leftTime")?,
            })
        };
        let transcripts = it.children("transcript", ENTRIES)?.into_iter().map(summary).collect::<Result<_, _>>()?;
        Ok(Transcripts { user: it.need_attr("userID", crate::markup::JID_BYTES)?, transcripts })
    }

    /// The `<transcripts/>` element as an answer.
    pub fn write(&self) -> Element {
        let agent = |one: &AgentThere| {
            Build::new("agent", ns::JIVE)
                .leaf("agentJID", &one.agent)
                .maybe_leaf("joinTime", one.joined)
                .maybe_leaf("leftTime", one.left)
        };
        let summary = |one: &TranscriptSummary| {
            Build::new("transcript", ns::JIVE)
                .attr("sessionID", &one.session)
                .child(Build::new("agents", ns::JIVE).children(one.agents.iter().map(agent)))
                .maybe_leaf("joinTime", one.joined)
                .maybe_leaf("leftTime", one.left)
        };
        Build::new("transcripts", ns::JIVE)
            .attr("userID", &self.user)
            .children(self.transcripts.iter().map(summary))
            .done()
    }
}

/// `<transcript/>`: a conversation as complete stanzas, each with the time at which it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The conversation.
    pub session: String,
    /// Its stanzas with their times; none where it asks.
    pub stanzas: Vec<(LegacyDate, Element)>,
}

/// The element of XEP-0091, which is what Smack reads here.
const LEGACY_DELAY: &str = "jabber:x:delay";

impl Transcript {
    /// Reads `<transcript/>`. Stanzas without a time are left out.
    ///
    /// # Errors
    /// When it is another element, names no conversation, or a time is none.
    pub fn read(element: &Element) -> Result<Transcript, Fault> {
        let it = Read::of(element, "transcript", ns::FAMILY)?;
        let mut stanzas = Vec::new();
        for child in it.all().take(ENTRIES) {
            let mut stanza = child.element().clone();
            if let Some(delay) = stanza.remove_child("x", LEGACY_DELAY) {
                let stamp = delay.attr("stamp").filter(|stamp| stamp.len() <= NAME_BYTES);
                stanzas.push((stamp.ok_or(Fault::Missing("stamp"))?.parse()?, stanza));
            }
        }
        Ok(Transcript { session: it.need_attr("sessionID", ID_BYTES)?, stanzas })
    }

    /// The `<transcript/>` element as an answer.
    pub fn write(&self) -> Element {
        let stamped = |(at, stanza): &(LegacyDate, Element)| {
            let mut stanza = stanza.clone();
            stanza.append_child(Build::new("x", LEGACY_DELAY).attr("stamp", at).done());
            stanza
        };
        Build::new("transcript", ns::JIVE)
            .attr("sessionID", &self.session)
            .children(self.stanzas.iter().map(stamped))
            .done()
    }

    /// What somebody said, as a stanza for a transcript.
    pub fn said(room: &BareJid, nick: &str, body: &str) -> Element {
        Build::new("message", parsers_ns::DEFAULT_NS)
            .attr("from", occupant(room, nick))
            .attr("type", "groupchat")
            .leaf("body", body)
            .done()
    }

    /// That somebody came or went, as a stanza for a transcript.
    pub fn presence(room: &BareJid, nick: &str, came: bool) -> Element {
        let build = Build::new("presence", parsers_ns::DEFAULT_NS).attr("from", occupant(room, nick));
        build.maybe_attr("type", (!came).then_some("unavailable")).done()
    }
}

/// The address of somebody in a room; of the room itself when the nick can be none.
fn occupant(room: &BareJid, nick: &str) -> jid::Jid {
    room.with_resource_str(nick).map_or_else(|_| room.clone().into(), Into::into)
}
