//! The task that tells: takes what the edge noted, in order, fetches the words that are missing for all of it at once, and
//! writes to the sessions. Waits for the store only; a slow reader is the session's business.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use desk::ids::{AgentId, RequestId, VisitorId};
use serde::Serialize;
use serde_json::json;
use store::StoreError;
use tokio::sync::mpsc;

use super::edge::{Job, offer_gone};
use super::facts::ChatFacts;
use super::lines::LineChange;
use super::render::{self, Visitors, WordsOf};
use super::{Floor, twins};
use crate::wire;

/// Jobs whose words are fetched together.
const BATCH_MAX: usize = 256;

/// Tells until the edge is gone.
pub(super) async fn serve(floor: Floor, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut batch = Vec::new();
    while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let known = match Known::of(&floor, &batch).await {
            Ok(known) => known,
            Err(error) => {
                // Whoever misses something gets it all with the next snapshot.
                tracing::warn!(%error, "words for staff could not be read");
                Known::default()
            }
        };
        for job in batch.drain(..) {
            if let Err(error) = tell(&floor, job, &known).await {
                tracing::warn!(%error, "something could not be told to staff");
            }
        }
    }
}

/// What a batch needs to know of people.
#[derive(Default)]
struct Known {
    words: WordsOf,
    visitors: Visitors,
}

impl Known {
    async fn of(floor: &Floor, batch: &[Job]) -> Result<Self, StoreError> {
        let mut requests: BTreeSet<RequestId> = BTreeSet::new();
        let mut visitors: BTreeSet<VisitorId> = BTreeSet::new();
        for job in batch {
            match job {
                Job::Line(change) => requests.extend(change.upsert.iter().map(|it| it.request)),
                Job::Offer(offer) => {
                    requests.insert(offer.waiting.request);
                    visitors.insert(offer.waiting.visitor);
                }
                Job::Chat { facts, .. } => _ = requests.insert(facts.chat),
                Job::Running(facts) => _ = requests.insert(facts.chat),
                _ => {}
            }
        }
        let words = floor.0.words.of(requests).await?;
        Ok(Self { words, visitors: floor.visitors(visitors.into_iter().collect()).await? })
    }
}

async fn tell(floor: &Floor, job: Job, known: &Known) -> Result<(), StoreError> {
    match job {
        Job::Me(twin, agent) => floor.push_latest(agent, "me", 0, &twin),
        Job::Agent(twin, agent) => floor.push_all("agent", Some(agent.0), &twin),
        Job::AgentGone(agent) => floor.push_all("agent_gone", None, &json!({ "id": wire::id(agent.0) })),
        Job::Queue(twin, readers) => {
            let key = twin.id.bytes().fold(0_u64, |key, byte| key.rotate_left(7) ^ u64::from(byte));
            floor.push_some(&readers, true, "queue", Some(key), &twin);
        }
        Job::Line(change) => line(floor, *change, &known.words),
        Job::Offer(facts) => {
            let agent = facts.agent;
            let twin = floor.offer(*facts, &known.words, &known.visitors).await?;
            floor.push(agent, "offer", &twin);
        }
        Job::OfferGone { agent, offer, reason, by } => {
            floor.push(agent, "offer_gone", &offer_gone(offer, reason, by));
        }
        Job::Chat { agent, facts, opened } => {
            if opened {
                open_chat(floor, agent, *facts, &known.words).await?;
            } else {
                floor.push(agent, "chat", &floor.chat(*facts, agent, &known.words, false).await?);
            }
        }
        Job::ChatGone { agent, chat, ended } => {
            let mut body = json!({ "chat": wire::id(chat.0) });
            if let Some(ended) = ended {
                body["ended"] = json!(ended);
            }
            floor.push(agent, "chat_gone", &body);
        }
        Job::Running(facts) => {
            let chat = facts.chat;
            let twin = render::running(*facts, &known.words);
            floor.push_supervisors("running", Some(chat.0), &twin);
        }
        Job::RunningGone(chat) => {
            floor.push_supervisors("running_gone", None, &json!({ "chat": wire::id(chat.0) }));
        }
        Job::Desk => desk_changed(floor).await,
    }
    Ok(())
}

/// A chat that is new to an agent comes whole, with all that was said. It is put together between two messages, so that
/// each of them is either in it or follows it.
async fn open_chat(floor: &Floor, agent: AgentId, facts: ChatFacts, words: &WordsOf) -> Result<(), StoreError> {
    let chat = facts.chat;
    let words: WordsOf = words.get(&chat).map(|known| (chat, Arc::clone(known))).into_iter().collect();
    if let Some(rooms) = floor.0.rooms.get() {
        let (floor, facts, words) = (floor.clone(), facts.clone(), words.clone());
        let work = async move {
            match floor.chat(facts, agent, &words, true).await {
                Ok(twin) => floor.push(agent, "chat", &twin),
                // The client learns of it with its next snapshot.
                Err(error) => tracing::warn!(%error, "a chat could not be shown to staff"),
            }
        };
        if rooms.show(chat, agent, Box::pin(work)).await {
            return Ok(());
        }
    }
    floor.push(agent, "chat", &floor.chat(facts, agent, &words, true).await?);
    Ok(())
}

#[derive(Serialize)]
struct LineBody<'a> {
    queue: &'a str,
    upsert: &'a [twins::Waiting],
    remove: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a [String]>,
    total: usize,
}

/// Readers who may take the same of it get the same text.
fn line(floor: &Floor, change: LineChange, words: &WordsOf) {
    let mut alike: HashMap<Vec<bool>, Vec<AgentId>> = HashMap::new();
    // Whoever only watches may take nothing.
    let nothing = vec![false; change.upsert.len()];
    alike.entry(nothing.clone()).or_default();
    for (agent, may_take) in change.readers {
        alike.entry(may_take).or_default().push(agent);
    }
    let mut upsert: Vec<_> = change.upsert.into_iter().map(|it| render::waiting(it, words, false)).collect();
    for (may_take, readers) in alike {
        let watchers = may_take == nothing;
        for (waiting, may) in upsert.iter_mut().zip(may_take) {
            waiting.may_take = may;
        }
        let body = LineBody {
            queue: &change.queue,
            upsert: &upsert,
            remove: &change.remove,
            order: change.order.as_deref(),
            total: change.total,
        };
        floor.push_some(&readers, watchers, "line", None, &body);
    }
}

/// Everybody is told, and given the whole anew: memberships, names and lines may all be others.
async fn desk_changed(floor: &Floor) {
    floor.push_all("desk", Some(0), &json!({}));
    for (agent, session) in floor.directory().all_staff() {
        if let Ok(snapshot) = floor.snapshot(agent).await {
            session.push_latest("snapshot", 0, &snapshot);
        }
    }
    let watchers = floor.directory().watchers().all();
    if !watchers.is_empty()
        && let Ok(snapshot) = floor.overview().await
    {
        watchers.iter().for_each(|session| session.push_latest("snapshot", 0, &snapshot));
    }
}

impl Floor {
    fn push_latest(&self, agent: AgentId, event: &'static str, key: u64, data: &impl Serialize) {
        if let Some(session) = self.directory().staff(agent) {
            session.push_latest(event, key, data);
        }
    }

    fn push_all(&self, event: &'static str, key: Option<u64>, data: &impl Serialize) {
        let everybody: Vec<AgentId> = self.here();
        self.push_some(&everybody, true, event, key, data);
    }

    /// Tells who sees the whole floor.
    fn push_supervisors(&self, event: &'static str, key: Option<u64>, data: &impl Serialize) {
        let agents: Vec<AgentId> = self.here().into_iter().filter(|agent| self.sees_all(*agent)).collect();
        self.push_some(&agents, true, event, key, data);
    }

    /// Tells these agents, and those who only watch if `watchers`.
    fn push_some(
        &self,
        agents: &[AgentId],
        watchers: bool,
        event: &'static str,
        key: Option<u64>,
        data: &impl Serialize,
    ) {
        let watchers = if watchers { self.directory().watchers().all() } else { Vec::new() };
        if agents.is_empty() && watchers.is_empty() {
            return;
        }
        let Ok(text) = serde_json::to_string(data) else { return };
        let text: Arc<str> = text.into();
        let agents = agents.iter().filter_map(|agent| self.directory().staff(*agent));
        for session in agents.chain(watchers) {
            session.add_text(event, key, Arc::clone(&text));
        }
    }
}
