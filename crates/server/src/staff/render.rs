//! Joins the words to the facts: from what the desk knows and what the store keeps to what staff read.

use std::collections::HashMap;
use std::sync::Arc;

use desk::ids::{AgentId, RequestId, VisitorId};
use desk::time::Time;
use serde_json::Value;
use store::StoreError;
use store::archive::{Author, Message, Note, Range};
use store::edges::Visitor;

use super::Floor;
use super::facts::{ChatFacts, OfferFacts, WaitingFacts};
use super::running::{Running, RunningFacts};
use super::twins;
use super::words::Words;
use crate::clock::rfc3339;
use crate::rooms::message::{Rendering, Viewer};
use crate::wire;

/// Messages that a chat is opened with.
pub const MESSAGES_SHOWN: usize = 200;

/// Words by request.
pub type WordsOf = HashMap<RequestId, Arc<Words>>;
/// Visitors by number.
pub type Visitors = HashMap<VisitorId, Visitor>;

/// A waiting request with its words.
pub fn waiting(facts: WaitingFacts, words: &WordsOf, may_take: bool) -> twins::Waiting {
    let words = words.get(&facts.request).cloned().unwrap_or_default();
    let mut twin = facts.twin;
    twin.visitor.title = words.title(facts.request);
    twin.visitor.returning = words.returning;
    twin.visitor.locale.clone_from(&words.locale);
    twin.answers = words.shown_answers();
    twin.first_words = words.first_words(&facts.written);
    twin.last_words = words.last_words(&facts.written);
    twin.page.clone_from(&words.page);
    twin.may_take = may_take;
    twin
}

/// A running chat with its words.
pub fn running(facts: RunningFacts, words: &WordsOf) -> Running {
    let mut twin = facts.twin;
    twin.visitor.title = words.get(&facts.chat).cloned().unwrap_or_default().title(facts.chat);
    twin
}

impl Floor {
    /// Visitors, as the store knows them.
    pub(super) async fn visitors(&self, wanted: Vec<VisitorId>) -> Result<Visitors, StoreError> {
        if wanted.is_empty() {
            return Ok(Visitors::new());
        }
        Ok(self.0.store.visitors(wanted).await?.into_iter().map(|it| (it.id, it)).collect())
    }

    /// An offer with its words, what was noted for it, and what is known of the visitor.
    pub(super) async fn offer(
        &self,
        facts: OfferFacts,
        words: &WordsOf,
        visitors: &Visitors,
    ) -> Result<twins::Offer, StoreError> {
        let mut twin = facts.twin;
        let visitor = visitors.get(&facts.waiting.visitor);
        twin.earlier = visitor.map_or(0, |it| it.visits.saturating_sub(1));
        if twin.last_agent.is_none() {
            twin.last_agent = visitor.and_then(|it| it.last_agent).map(|it| self.title(it)).filter(|it| !it.is_empty());
        }
        if let Some((from, since)) = facts.asked {
            let notes = self.0.store.notes(facts.waiting.request).await?;
            let told = notes.into_iter().rev().find(|note| note.by == from && note.at >= since);
            twin.note = told.map(|note| note.text);
        }
        twin.waiting = waiting(facts.waiting, words, true);
        Ok(twin)
    }

    /// A chat with its words; with messages, marks, tags and notes if it is new to the reader.
    pub(super) async fn chat(
        &self,
        facts: ChatFacts,
        agent: AgentId,
        words: &WordsOf,
        opened: bool,
    ) -> Result<twins::Chat, StoreError> {
        let known = words.get(&facts.chat).cloned().unwrap_or_default();
        let mut twin = facts.twin;
        twin.visitor.title = known.title(facts.chat);
        twin.visitor.returning = known.returning;
        twin.visitor.locale.clone_from(&known.locale);
        twin.visitor.page.clone_from(&known.page);
        twin.visitor.address_hint.clone_from(&known.address_hint);
        twin.answers = known.shown_answers();
        if !opened {
            return Ok(twin);
        }
        let store = &self.0.store;
        let (messages, marks, row, notes) = (
            store.messages(facts.chat, Range::Last(MESSAGES_SHOWN)),
            store.read_marks(facts.chat),
            store.chat(facts.chat),
            store.notes(facts.chat),
        );
        let messages = messages.await?;
        let mark = |marks: &[(Author, u64)], of: Author| {
            marks.iter().find(|(author, _)| *author == of).map_or(0, |(_, number)| *number)
        };
        let marks = marks.await?;
        twin.first_number = Some(messages.first().map_or(1, |it| it.number));
        twin.messages = Some(self.messages(&messages, Viewer::Agent(agent)));
        twin.read =
            Some(twins::ReadMarks { visitor: mark(&marks, Author::Visitor), me: mark(&marks, Author::Agent(agent)) });
        twin.tags = Some(row.await?.map(|it| it.tags).unwrap_or_default());
        twin.notes = Some(notes.await?.into_iter().map(|it| self.note(it)).collect());
        Ok(twin)
    }

    /// Messages as somebody sees them.
    pub fn messages(&self, messages: &[Message], viewer: Viewer) -> Vec<Value> {
        self.render(messages, viewer, self.0.clock.now())
    }

    fn render(&self, messages: &[Message], viewer: Viewer, now: Time) -> Vec<Value> {
        let title_of = |agent| Some(self.title(agent)).filter(|title| !title.is_empty());
        let rendering = Rendering { viewer, title_of: &title_of, auth: &self.0.auth, now };
        messages.iter().filter_map(|it| serde_json::to_value(rendering.message(it)).ok()).collect()
    }

    /// A note as staff read it.
    pub fn note(&self, note: Note) -> twins::Note {
        let by = Some(self.title(note.by)).filter(|title| !title.is_empty()).unwrap_or_else(|| wire::id(note.by.0));
        twins::Note { at: rfc3339(note.at), by, text: note.text }
    }
}
