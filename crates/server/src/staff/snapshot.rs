//! The whole that a staff stream begins with: read from the desk in one look, then joined with the words.

use desk::State;
use desk::ids::{AgentId, QueueId, RequestId, WorkgroupId};
use desk::time::Time;
use serde::Serialize;
use std::collections::BTreeMap;
use store::StoreError;
use store::edges::Canned;

use super::facts::{self, ChatFacts, OfferFacts, SHOWN_MAX, WaitingFacts};
use super::render;
use super::running::{self, Running, RunningFacts};
use super::{Floor, twins};
use crate::declaration::{self, CANNED_DOCUMENT};
use crate::http::error::Problem;
use crate::wire;

/// The whole of what an agent's session shows.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = StaffSnapshot)]
pub struct Snapshot {
    /// Left out for those who watch the floor without being agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    me: Option<twins::Agent>,
    agents: Vec<twins::Agent>,
    workgroups: Vec<twins::Workgroup>,
    queues: Vec<twins::Queue>,
    lines: BTreeMap<String, Line>,
    offers: Vec<twins::Offer>,
    chats: Vec<twins::Chat>,
    canned: Vec<twins::Canned>,
    /// The chats that are going on, at most 1000, the oldest requests first; supervisors only.
    #[serde(skip_serializing_if = "Option::is_none")]
    running: Option<Vec<Running>>,
    settings: Settings,
}

/// A line from its head.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = StaffLine)]
pub struct Line {
    /// At most 200.
    waiting: Vec<twins::Waiting>,
    /// How many stand in it.
    total: usize,
}

/// Limits that a client should know.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = StaffSettings)]
pub struct Settings {
    /// Sees every line.
    supervisor: bool,
    /// Characters of a note.
    note_max: usize,
    /// Tags of a chat.
    tags_max: usize,
    /// Characters of a tag.
    tag_max: usize,
    /// How long a message may be corrected.
    correction_s: i64,
}

/// Characters of a note.
pub const NOTE_MAX: usize = 4_000;
/// Tags of a chat.
pub const TAGS_MAX: usize = 20;
/// Characters of a tag.
pub const TAG_MAX: usize = 40;

/// A line's name, who is shown of it with what the reader may take, and how many stand in it.
type SeenLine = (String, Vec<(WaitingFacts, bool)>, usize);

/// Who looks.
#[derive(Clone, Copy)]
enum Eye {
    /// An agent, who sees every line or their own.
    Agent { agent: AgentId, all: bool },
    /// A supervisor who watches.
    Watcher,
}

struct Seen {
    me: Option<twins::Agent>,
    agents: Vec<twins::Agent>,
    workgroups: Vec<twins::Workgroup>,
    queues: Vec<(QueueId, twins::Queue)>,
    lines: Vec<SeenLine>,
    offers: Vec<OfferFacts>,
    chats: Vec<ChatFacts>,
    my_workgroups: Vec<String>,
    running: Option<Vec<RunningFacts>>,
}

fn workgroup_names(state: &State, agent: AgentId) -> Vec<String> {
    let workgroups = state.queues_of_agent(agent).filter_map(|queue| state.workgroup(queue.workgroup));
    let mut names: Vec<_> = workgroups.map(|it| it.spec.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn look(state: &State, now: Time, eye: Eye) -> Option<Seen> {
    let (me, all) = match eye {
        Eye::Agent { agent, all } => (Some(state.agent(agent)?), all),
        Eye::Watcher => (None, true),
    };
    let sees = |queue: QueueId| all || me.is_some_and(|me| state.is_member(me.id, queue));
    let queues: Vec<_> = state.workgroups().flat_map(|it| state.queues_of(it.id)).filter(|it| sees(it.id)).collect();
    let line = |queue: &&desk::entity::Queue| {
        let requests = state.line(queue.id).take(SHOWN_MAX).filter_map(|it| state.request(it));
        let may = |it: &desk::entity::Request| me.is_some_and(|me| facts::may_take(state, me.id, queue, it));
        let waiting = requests.map(|it| (facts::waiting(state, it, queue.id), may(it))).collect::<Vec<_>>();
        (facts::queue_name(state, queue.id), waiting, state.waiting_count(queue.id))
    };
    let chat =
        |(request, part): (&RequestId, &desk::event::Part)| Some(facts::chat(state, state.request(*request)?, *part));
    let offers = me.into_iter().flat_map(|me| state.offers_of(me.id));
    Some(Seen {
        me: me.map(|me| facts::agent(state, me)),
        agents: state.agents().map(|it| facts::agent(state, it)).collect(),
        workgroups: state.workgroups().map(|it| facts::workgroup(state, it, now)).collect(),
        queues: queues.iter().map(|it| (it.id, facts::queue(state, it, twins::Today::default(), now))).collect(),
        lines: queues.iter().map(line).collect(),
        offers: offers.filter_map(|it| facts::offer(state, it)).collect(),
        chats: me.into_iter().flat_map(|me| &me.chats).filter_map(chat).collect(),
        my_workgroups: me.map_or_else(Vec::new, |me| workgroup_names(state, me.id)),
        running: all.then(|| running::all(state, None).0),
    })
}

impl Floor {
    /// The whole for an agent.
    ///
    /// # Errors
    /// When the agent is gone, the server stops, or the store cannot read.
    pub async fn snapshot(&self, agent: AgentId) -> Result<Snapshot, Problem> {
        self.whole(Eye::Agent { agent, all: self.sees_all(agent) }).await
    }

    /// The whole floor for a supervisor who watches it.
    ///
    /// # Errors
    /// When the server stops, or the store cannot read.
    pub async fn overview(&self) -> Result<Snapshot, Problem> {
        self.whole(Eye::Watcher).await
    }

    async fn whole(&self, eye: Eye) -> Result<Snapshot, Problem> {
        let Some(desk) = self.0.desk.get() else { return Err(Problem::internal("the floor has not begun")) };
        let seen = desk.view(move |state, now| look(state, now, eye)).await?;
        let mut seen = seen.ok_or_else(|| Problem::not_found("agent"))?;
        let now = self.0.clock.now();
        for (id, queue) in &mut seen.queues {
            queue.today = self.today(*id, now);
        }
        let shown = seen.lines.iter().flat_map(|(_, waiting, _)| waiting.iter().map(|(it, _)| it.request));
        let requests = shown
            .chain(seen.offers.iter().map(|it| it.waiting.request))
            .chain(seen.chats.iter().map(|it| it.chat))
            .chain(seen.running.iter().flatten().map(|it| it.chat))
            .collect::<Vec<_>>();
        let words = self.0.words.of(requests).await?;
        let visitors = self.visitors(seen.offers.iter().map(|it| it.waiting.visitor).collect()).await?;
        let mut offers = Vec::new();
        for facts in seen.offers {
            offers.push(self.offer(facts, &words, &visitors).await?);
        }
        let (mut chats, mut canned) = (Vec::new(), Vec::new());
        let all = match eye {
            Eye::Watcher => true,
            Eye::Agent { agent, all } => {
                for facts in seen.chats {
                    chats.push(self.chat(facts, agent, &words, true).await?);
                }
                let name = seen.me.as_ref().map_or("", |me| &me.name);
                canned = self.canned(name, all, &seen.my_workgroups).await?;
                all
            }
        };
        let line = |(name, waiting, total): SeenLine| {
            let waiting = waiting.into_iter().map(|(facts, may)| render::waiting(facts, &words, may)).collect();
            (name, Line { waiting, total })
        };
        Ok(Snapshot {
            me: seen.me,
            agents: seen.agents,
            workgroups: seen.workgroups,
            queues: seen.queues.into_iter().map(|(_, queue)| queue).collect(),
            lines: seen.lines.into_iter().map(line).collect(),
            offers,
            chats,
            canned,
            running: seen.running.map(|all| all.into_iter().map(|it| render::running(it, &words)).collect()),
            settings: Settings {
                supervisor: all,
                note_max: NOTE_MAX,
                tags_max: TAGS_MAX,
                tag_max: TAG_MAX,
                correction_s: crate::rooms::CORRECTION_LIFE.as_secs(),
            },
        })
    }

    /// The chats that are going on, at one workgroup or at all, and how many there are.
    ///
    /// # Errors
    /// When the server stops, or the store cannot read.
    pub async fn running(&self, workgroup: Option<WorkgroupId>) -> Result<(Vec<Running>, usize), Problem> {
        let Some(desk) = self.0.desk.get() else { return Err(Problem::internal("the floor has not begun")) };
        let (found, total) = desk.view(move |state, _| running::all(state, workgroup)).await?;
        let words = self.0.words.of(found.iter().map(|it| it.chat).collect::<Vec<_>>()).await?;
        Ok((found.into_iter().map(|it| render::running(it, &words)).collect(), total))
    }

    /// The canned replies that an agent who is here sees; none if the agent is gone.
    ///
    /// # Errors
    /// When the server stops, or the store cannot read.
    pub async fn canned_of(&self, agent: AgentId) -> Result<Option<Vec<twins::Canned>>, Problem> {
        let Some(desk) = self.0.desk.get() else { return Ok(None) };
        let found = desk.view(move |state, _| {
            let name = state.agent(agent)?.spec.name.clone();
            Some((name, workgroup_names(state, agent)))
        });
        let Some((name, workgroups)) = found.await? else { return Ok(None) };
        Ok(Some(self.canned(&name, self.sees_all(agent), &workgroups).await?))
    }

    /// The canned replies that an account sees: declared and shared ones of these workgroups (all for those who see all),
    /// and its own.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn canned(
        &self,
        account: &str,
        all: bool,
        workgroups: &[String],
    ) -> Result<Vec<twins::Canned>, StoreError> {
        let meant = |workgroup: &Option<String>| all || workgroup.as_ref().is_none_or(|it| workgroups.contains(it));
        let document = self.0.store.document(CANNED_DOCUMENT).await?;
        let declared: Vec<declaration::Canned> =
            document.and_then(|it| serde_json::from_str(&it.body).ok()).unwrap_or_default();
        let declared = declared.into_iter().enumerate().map(|(at, it)| twins::Canned {
            id: format!("d{at}"),
            shortcut: it.shortcut,
            title: it.title,
            text: it.text,
            workgroup: it.workgroup,
            locale: it.locale,
            mine: false,
            declared: true,
        });
        let mut seen: Vec<_> = declared.filter(|it| meant(&it.workgroup)).collect();
        let kept = self.0.store.canned().await?;
        let theirs = |it: &Canned| it.owner.as_deref().is_none_or(|owner| owner == account);
        seen.extend(kept.into_iter().filter(|it| theirs(it) && (it.owner.is_some() || meant(&it.workgroup))).map(own));
        seen.sort_by(|a, b| (&a.shortcut, a.declared).cmp(&(&b.shortcut, b.declared)));
        Ok(seen)
    }
}

/// A canned reply that was made at run time.
pub fn own(canned: Canned) -> twins::Canned {
    twins::Canned {
        id: wire::id(canned.id),
        shortcut: canned.shortcut,
        title: canned.title,
        text: canned.text,
        workgroup: canned.workgroup,
        locale: canned.locale,
        mine: canned.owner.is_some(),
        declared: false,
    }
}
