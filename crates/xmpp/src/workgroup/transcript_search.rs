//! Searching past conversations (the dialect's `transcript-search`): the form, what was filled in, and what was found.

use jid::BareJid;
use minidom::Element;

use super::{LegacyDate, ns};
use crate::markup::{Build, Fault, Read};
use crate::xep::data_form::{Field, Form, FormType, Kind, Submission};

/// What is searched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TranscriptQuery {
    /// Words.
    pub words: String,
    /// Conversations from this time on.
    pub from: Option<LegacyDate>,
    /// Conversations up to this time.
    pub to: Option<LegacyDate>,
    /// Only of these workgroups.
    pub workgroups: Vec<BareJid>,
    /// Only of this agent.
    pub agent: Option<BareJid>,
}

/// One conversation that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptFound {
    /// The workgroup.
    pub workgroup: BareJid,
    /// The conversation.
    pub session: String,
    /// When it began.
    pub start: LegacyDate,
    /// Who helped.
    pub agents: Vec<BareJid>,
    /// How well it fits, out of a hundred.
    pub relevance: u8,
    /// What was asked.
    pub question: Option<String>,
    /// The visitor's mail address.
    pub email: Option<String>,
    /// The visitor's name.
    pub username: Option<String>,
}

impl TranscriptQuery {
    /// Reads `<transcript-search/>`; `None` where the form is asked for.
    ///
    /// # Errors
    /// When it is another element, nothing is searched for, or a part makes no sense.
    pub fn read(element: &Element) -> Result<Option<TranscriptQuery>, Fault> {
        let it = Read::of(element, "transcript-search", ns::FAMILY)?;
        let Some(form) = it.all().find(|child| Submission::is(child.element())) else { return Ok(None) };
        let form = Submission::read(form.element())?;
        let date = |name: &str| match form.get(name).map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some),
        };
        let jid = |text: &String| text.trim().parse().map_err(|_| Fault::Malformed("jid"));
        let jids = |name: &str| form.all(name).iter().filter(|jid| !jid.trim().is_empty()).map(jid).collect();
        let (workgroups, agents): (Result<Vec<_>, Fault>, Result<Vec<_>, Fault>) = (jids("workgroups"), jids("agent"));
        Ok(Some(TranscriptQuery {
            words: form.get("queryString").map(str::trim).filter(|words| !words.is_empty()).unwrap_or("").to_owned(),
            from: date("date/start")?,
            to: date("date/end")?,
            workgroups: workgroups?,
            agent: agents?.pop(),
        }))
    }

    /// The answer to who asks for the form.
    pub fn form() -> Element {
        let mut form = Form::new(FormType::Form, None).titled("Chat search");
        form.fields = vec![
            Field::new("date/start", Kind::TextSingle).labelled("Start date"),
            Field::new("date/end", Kind::TextSingle).labelled("End date"),
            Field::new("workgroups", Kind::JidMulti).labelled("Workgroups"),
            Field::new("agent", Kind::JidSingle).labelled("Agent"),
            Field::new("queryString", Kind::TextSingle).labelled("Words").required(),
        ];
        Build::new("transcript-search", ns::JIVE).child(form.write()).done()
    }

    /// The answer to a search.
    pub fn results(found: &[TranscriptFound]) -> Element {
        let mut form = Form::new(FormType::Result, None);
        let reported = [
            ("workgroup", Kind::JidSingle),
            ("sessionID", Kind::TextSingle),
            ("startDate", Kind::TextSingle),
            ("agentJIDs", Kind::JidMulti),
            ("relevance", Kind::TextSingle),
        ];
        form.reported = reported.into_iter().map(|(name, kind)| Field::new(name, kind)).collect();
        form.items = found.iter().map(TranscriptFound::item).collect();
        Build::new("transcript-search", ns::JIVE).child(form.write()).done()
    }
}

impl TranscriptFound {
    fn item(&self) -> Vec<Field> {
        let one = |name: &str, value: String| Field::answer(name, vec![value]);
        let mut fields = vec![
            one("workgroup", self.workgroup.to_string()),
            one("sessionID", self.session.clone()),
            one("startDate", self.start.to_string()),
            Field::answer("agentJIDs", self.agents.iter().map(BareJid::to_string).collect()),
            one("relevance", self.relevance.to_string()),
        ];
        let more = [("question", &self.question), ("email", &self.email), ("username", &self.username)];
        fields.extend(more.into_iter().filter_map(|(name, value)| Some(one(name, value.clone()?))));
        fields
    }
}
