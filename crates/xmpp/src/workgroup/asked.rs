//! The table of contents of what can be asked of a workgroup or of the service in an `<iq/>`.

use minidom::Element;

use super::agent_list::{AgentInfo, Workgroups};
use super::chat_settings::ChatSettingsWanted;
use super::depart::DepartQueue;
use super::email::SendEmail;
use super::history::{ChatMetadataWanted, ChatSessions, GenericMetadata};
use super::join::JoinQueue;
use super::macros::MacrosWanted;
use super::monitor::Monitor;
use super::notes::ChatNotes;
use super::offer::OfferAnswer;
use super::passing::PassOn;
use super::settings::PropertiesWanted;
use super::transcript_search::TranscriptQuery;
use super::transcripts::{Transcript, Transcripts};
use super::{limits, ns};
use crate::markup::{Fault, Read};

/// A request in the namespaces of workgroups, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// The form, in the XEP's way.
    JoinForm,
    /// To join.
    Join(Box<JoinQueue>),
    /// To leave, or to have somebody leave.
    Depart(DepartQueue),
    /// Position and wait.
    Status,
    /// Who the agents are.
    Agents,
    /// Take or leave an offer.
    Answer(OfferAnswer),
    /// To pass a conversation on.
    PassOn(Box<PassOn>),
    /// Of which workgroups somebody is an agent.
    Workgroups(Workgroups),
    /// The form, in the dialect's way.
    Form,
    /// Settings by key.
    ChatSettings(ChatSettingsWanted),
    /// What to do when nobody is there.
    OfflineSettings,
    /// Sounds.
    SoundSettings,
    /// Where agents search.
    SearchSettings,
    /// Whether an account is needed.
    Properties(PropertiesWanted),
    /// The note of a conversation: read it, or write it if it holds one.
    Notes(ChatNotes),
    /// The past conversations of a visitor.
    Transcripts(String),
    /// What was said in one.
    Transcript(String),
    /// To search them; `None` asks for the form.
    Search(Option<TranscriptQuery>),
    /// Who is in a room, by its node.
    Occupants(String),
    /// Prepared answers.
    Macros(MacrosWanted),
    /// What came with a request.
    ChatMetadata(String),
    /// The past conversations of an agent.
    ChatSessions(ChatSessions),
    /// Entries of the server.
    GenericMetadata(GenericMetadata),
    /// To look into a conversation.
    Monitor(Monitor),
    /// The agent's own name: read, or write it if it holds one.
    AgentInfo(AgentInfo),
    /// To send a mail.
    SendEmail(SendEmail),
}

impl Asked {
    /// Reads what is asked; `set` says whether the `<iq/>` sets or gets. `None` if nothing here means that.
    ///
    /// # Errors
    /// When the element is known and makes no sense, or holds too much.
    pub fn read(set: bool, element: &Element) -> Result<Option<Asked>, Fault> {
        if !ns::FAMILY.iter().any(|ns| element.has_ns(*ns)) {
            return Ok(None);
        }
        let asked = if set { Asked::read_set(element)? } else { Asked::read_get(element)? };
        Ok(asked)
    }

    fn read_set(element: &Element) -> Result<Option<Asked>, Fault> {
        Ok(Some(match element.name() {
            "join-queue" => Asked::Join(Box::new(JoinQueue::read(element)?)),
            "depart-queue" => Asked::Depart(DepartQueue::read(element)?),
            "offer-accept" | "offer-reject" => Asked::Answer(OfferAnswer::read(element)?),
            "invite" | "transfer" => Asked::PassOn(Box::new(PassOn::read(element)?)),
            "chat-notes" => Asked::Notes(ChatNotes::read(element)?),
            "macros" => Asked::Macros(MacrosWanted::read(element)?),
            "monitor" => Asked::Monitor(Monitor::read(element)?),
            "agent-info" => Asked::AgentInfo(AgentInfo::read(element)?),
            "send-email" => Asked::SendEmail(SendEmail::read(element)?),
            _ => return Ok(None),
        }))
    }

    fn read_get(element: &Element) -> Result<Option<Asked>, Fault> {
        let id = |name: &'static str, attribute: &'static str| {
            Read::of(element, name, ns::FAMILY)?.need_attr(attribute, limits::ID_BYTES)
        };
        Ok(Some(match element.name() {
            "join-queue" => Asked::JoinForm,
            "queue-status" => Asked::Status,
            "agent-status-request" => Asked::Agents,
            "workgroups" => Asked::Workgroups(Workgroups::read(element)?),
            "workgroup-form" => Asked::Form,
            "chat-settings" => Asked::ChatSettings(ChatSettingsWanted::read(element)?),
            "offline-settings" => Asked::OfflineSettings,
            "sound-settings" => Asked::SoundSettings,
            "search-settings" => Asked::SearchSettings,
            "workgroup-properties" => Asked::Properties(PropertiesWanted::read(element)?),
            "chat-notes" => Asked::Notes(ChatNotes { notes: None, ..ChatNotes::read(element)? }),
            "transcripts" => Asked::Transcripts(Transcripts::read(element)?.user),
            "transcript" => Asked::Transcript(Transcript::read(element)?.session),
            "transcript-search" => Asked::Search(TranscriptQuery::read(element)?),
            "occupants-info" => Asked::Occupants(id("occupants-info", "roomID")?),
            "macros" => Asked::Macros(MacrosWanted { new: None, ..MacrosWanted::read(element)? }),
            "chat-metadata" => Asked::ChatMetadata(ChatMetadataWanted::read(element)?.0),
            "chat-sessions" => Asked::ChatSessions(ChatSessions::read(element)?),
            "generic-metadata" => Asked::GenericMetadata(GenericMetadata::read(element)?),
            "monitor" => Asked::Monitor(Monitor::default()),
            "agent-info" => Asked::AgentInfo(AgentInfo::default()),
            _ => return Ok(None),
        }))
    }
}
