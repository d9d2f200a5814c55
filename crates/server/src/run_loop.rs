//! The one task that owns the engine: it stamps the time, lets the desk decide, has the store commit the turns of a batch
//! in one transaction, and only then publishes and answers (ARCHITECTURE, invariant 7). No rules, no rendering.

use std::sync::Arc;

use desk::command::Command;
use desk::limits::Limits;
use desk::refusal::Refusal;
use desk::time::Time;
use desk::{Engine, Reply, State, Turn};
use store::{Backend, Commit, Personal, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::clock::{Clock, Stopwatch};
use crate::http::error::code_of;
use crate::metrics::{Metrics, reason};
use crate::publish::Edge;

/// What an accepted command brings along to be stored in the same transaction: words about people, which the desk does
/// not keep. Called with the desk's answer, so that it can name what was made.
pub type Words = Box<dyn FnOnce(&Reply) -> Vec<Personal> + Send>;

type Answered = Result<Reply, AskError>;
type Look = Box<dyn FnOnce(&State, Time) + Send>;

/// Why there is no answer of the desk, or what its answer was.
#[derive(Clone, PartialEq, Debug)]
pub enum AskError {
    /// The desk said no; nothing changed.
    Refused(Refusal),
    /// The loop has stopped, or stops.
    Stopping,
    /// Too much is asked at the moment; nothing was done.
    Busy,
}

type Notices = dyn Fn(&State, &Turn) -> Vec<Personal> + Send + Sync;

/// What leaves in the same transaction as a turn, asked for each turn that is stored. Runs in the loop: quick, no waiting.
#[derive(Clone)]
pub struct Outbox(Arc<Notices>);

impl Outbox {
    /// Asks this function.
    pub fn new(notices: impl Fn(&State, &Turn) -> Vec<Personal> + Send + Sync + 'static) -> Self {
        Self(Arc::new(notices))
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

/// The loop's bounds.
#[derive(Clone, Debug)]
pub struct LoopOptions {
    /// Asks that may stand before the loop; more are told `Busy`.
    pub queue_max: usize,
    /// Asks that are decided and stored together.
    pub batch_max: usize,
    /// What happens when a commit fails. The desk in memory is then ahead of the disk and must not be used any more.
    pub on_failure: fn(&StoreError),
    /// Where commands and commits are counted.
    pub metrics: Metrics,
    /// Notices that leave with a turn.
    pub outbox: Option<Outbox>,
}

impl Default for LoopOptions {
    fn default() -> Self {
        Self { queue_max: 8_192, batch_max: 256, on_failure: exit, metrics: Metrics::new(), outbox: None }
    }
}

/// The exit code of a process that could not store: the supervisor starts it again and it resumes from the disk.
pub const EXIT_STORAGE: i32 = 70;

fn exit(error: &StoreError) {
    eprintln!("anteroom: storage failed: {error}. {}", error.hint());
    std::process::exit(EXIT_STORAGE);
}

enum Ask {
    One(Box<Command>, Option<Words>, oneshot::Sender<Answered>),
    Many(Vec<Command>, oneshot::Sender<Vec<Answered>>),
    Look(Look),
    Stop(oneshot::Sender<()>),
}

/// The way to the desk. Clones ask the same one.
#[derive(Clone, Debug)]
pub struct Desk(mpsc::Sender<Ask>);

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ask")
    }
}

impl Desk {
    /// Puts a command before the desk. The answer comes after what it changed is stored.
    ///
    /// # Errors
    /// The desk's refusal, or `Busy` and `Stopping`, in which nothing was done.
    pub async fn ask(&self, command: Command) -> Answered {
        self.put(command, None).await
    }

    /// As `ask`, with words to be stored in the same transaction if the desk accepts.
    ///
    /// # Errors
    /// As `ask`.
    pub async fn ask_with(
        &self,
        command: Command,
        words: impl FnOnce(&Reply) -> Vec<Personal> + Send + 'static,
    ) -> Answered {
        self.put(command, Some(Box::new(words))).await
    }

    async fn put(&self, command: Command, words: Option<Words>) -> Answered {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Ask::One(Box::new(command), words, answer)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => AskError::Busy,
            mpsc::error::TrySendError::Closed(_) => AskError::Stopping,
        })?;
        answered.await.unwrap_or(Err(AskError::Stopping))
    }

    /// Puts several commands before the desk, in this order, and waits for room instead of being told `Busy`: for what the
    /// house itself observes and cannot leave unsaid.
    pub async fn ask_many(&self, commands: Vec<Command>) -> Vec<Answered> {
        let count = commands.len();
        let stopping = || vec![Err(AskError::Stopping); count];
        let (answer, answered) = oneshot::channel();
        if self.0.send(Ask::Many(commands, answer)).await.is_err() {
            return stopping();
        }
        answered.await.unwrap_or_else(|_| stopping())
    }

    /// Looks at the stored state. `look` runs inside the loop, so it must be short.
    ///
    /// # Errors
    /// `Stopping` only.
    pub async fn view<T: Send + 'static>(
        &self,
        look: impl FnOnce(&State, Time) -> T + Send + 'static,
    ) -> Result<T, AskError> {
        let (answer, answered) = oneshot::channel();
        let look = move |state: &State, now: Time| {
            // Nobody waiting any more is no fault.
            let _ = answer.send(look(state, now));
        };
        self.0.send(Ask::Look(Box::new(look))).await.map_err(|_| AskError::Stopping)?;
        answered.await.map_err(|_| AskError::Stopping)
    }

    /// Asks that stand before the loop at this moment.
    pub fn backlog(&self) -> usize {
        self.0.max_capacity() - self.0.capacity()
    }

    /// Ends the loop after what was asked before; resolves when all of that is stored and answered.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.0.send(Ask::Stop(done)).await.is_ok() {
            let _ = stopped.await;
        }
    }
}

/// Why the loop could not begin.
#[derive(Debug)]
pub enum StartError {
    /// The state could not be read, or what the restart changed could not be written.
    Store(StoreError),
    /// The state was read but does not fit together.
    State(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}. {}", error.hint()),
            Self::State(what) => write!(f, "the stored desk cannot be restored: {what}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Restores the desk from the store and begins. After a restart nobody is connected: everybody who was there when the
/// server went down gets the full grace from now. Gives the way to the desk, and the task, which ends after `Desk::stop`.
///
/// # Errors
/// When the state cannot be read, or the first turns cannot be stored.
pub async fn start(
    store: Arc<dyn Backend>,
    clock: Clock,
    limits: Limits,
    edges: Vec<Box<dyn Edge>>,
    options: LoopOptions,
) -> Result<(Desk, JoinHandle<()>), StartError> {
    let records = store.load().await.map_err(StartError::Store)?;
    let engine = Engine::restore(records, limits).map_err(StartError::State)?;
    let (sender, receiver) = mpsc::channel(options.queue_max.max(1));
    let mut run = Loop { engine, store, clock, edges, options, answers: Vec::new(), looks: Vec::new() };
    run.reconnect().await.map_err(StartError::Store)?;
    let task = tokio::spawn(run.serve(receiver));
    Ok((Desk(sender), task))
}

struct Loop {
    engine: Engine,
    store: Arc<dyn Backend>,
    clock: Clock,
    edges: Vec<Box<dyn Edge>>,
    options: LoopOptions,
    /// Answers that wait for the commit.
    answers: Vec<Answer>,
    looks: Vec<Look>,
}

enum Answer {
    One(oneshot::Sender<Answered>, Answered),
    Many(oneshot::Sender<Vec<Answered>>, Vec<Answered>),
    Stop(oneshot::Sender<()>),
}

/// What a batch wants stored.
#[derive(Default)]
struct Batch {
    turns: Vec<Turn>,
    /// Words by the index of their turn.
    words: Vec<(usize, Personal)>,
}

impl Loop {
    async fn serve(mut self, mut receiver: mpsc::Receiver<Ask>) {
        let mut asks = Vec::with_capacity(self.options.batch_max);
        let mut open = true;
        while open {
            tokio::select! {
                biased;
                count = receiver.recv_many(&mut asks, self.options.batch_max) => open = count > 0,
                () = wait_until(&self.clock, self.due()) => {}
            }
            let mut batch = Batch::default();
            for ask in asks.drain(..) {
                open &= !matches!(ask, Ask::Stop(_));
                self.take(ask, &mut batch);
            }
            let now = self.clock.now();
            if self.engine.deadline().is_some_and(|due| due <= now) {
                let _ = self.decide(Command::Tick, None, &mut batch);
            }
            if let Err(error) = self.commit(batch).await {
                tracing::error!(%error, hint = error.hint(), "a commit failed; the process ends and resumes from the disk");
                (self.options.on_failure)(&error);
                return;
            }
            self.answer();
        }
        receiver.close();
    }

    fn due(&self) -> Option<Time> {
        self.edges.iter().filter_map(|edge| edge.due()).chain(self.engine.deadline()).min()
    }

    fn take(&mut self, ask: Ask, batch: &mut Batch) {
        match ask {
            Ask::One(command, words, to) => {
                let answered = self.decide(*command, words, batch);
                self.answers.push(Answer::One(to, answered));
            }
            Ask::Many(commands, to) => {
                let answered = commands.into_iter().map(|c| self.decide(c, None, batch)).collect();
                self.answers.push(Answer::Many(to, answered));
            }
            Ask::Look(look) => self.looks.push(look),
            Ask::Stop(done) => self.answers.push(Answer::Stop(done)),
        }
    }

    fn decide(&mut self, command: Command, words: Option<Words>, batch: &mut Batch) -> Answered {
        let turn = self.engine.turn(self.clock.now(), command);
        match &turn.outcome {
            Ok(_) => self.options.metrics.commands.inc(),
            Err(refusal) => self.options.metrics.refusals.get_or_create(&reason(code_of(refusal).code)).inc(),
        };
        let answered = turn.outcome.clone().map_err(AskError::Refused);
        let words = match (&answered, words) {
            (Ok(reply), Some(words)) => words(reply),
            _ => Vec::new(),
        };
        // A refused command may still stand in a turn in which something fell due.
        if !turn.events.is_empty() || !turn.records.is_empty() || !words.is_empty() {
            self.keep(turn, words, batch);
        }
        answered
    }

    /// Puts a turn into the batch, with its words and the notices that leave with it.
    fn keep(&self, turn: Turn, mut words: Vec<Personal>, batch: &mut Batch) {
        if let Some(Outbox(notices)) = &self.options.outbox {
            words.extend(notices(self.engine.state(), &turn));
        }
        let index = batch.turns.len();
        batch.words.extend(words.into_iter().map(|word| (index, word)));
        batch.turns.push(turn);
    }

    /// Stores the batch and then, and only then, shows it.
    async fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        if !batch.turns.is_empty() {
            let watch = Stopwatch::start();
            let count = batch.turns.len();
            let stored = self.store.commit(Commit { turns: batch.turns, personal: batch.words }).await?;
            self.options.metrics.commit_s.observe(watch.elapsed().as_secs_f64());
            self.options.metrics.commit_turns.observe(count as f64);
            for turn in stored.iter() {
                for edge in &mut self.edges {
                    edge.turn(self.engine.state(), turn);
                }
            }
        }
        let now = self.clock.now();
        for edge in &mut self.edges {
            edge.tick(self.engine.state(), now);
        }
        Ok(())
    }

    fn answer(&mut self) {
        let now = self.clock.now();
        for answer in self.answers.drain(..) {
            // Whoever asked may be gone; what was asked is done all the same.
            match answer {
                Answer::One(to, answered) => drop(to.send(answered)),
                Answer::Many(to, answered) => drop(to.send(answered)),
                Answer::Stop(done) => drop(done.send(())),
            }
        }
        for look in self.looks.drain(..) {
            look(self.engine.state(), now);
        }
    }

    /// Nobody is connected to a server that has just started. Who was lost before it went down is first seen again at the
    /// time of the last turn, so that the time the server was down counts against nobody.
    async fn reconnect(&mut self) -> Result<(), StoreError> {
        let state = self.engine.state();
        let then = state.now();
        let agents: Vec<_> = state.agents().filter_map(|a| Some((a.id, a.session.as_ref()?.lost_until))).collect();
        let visits: Vec<_> = state.requests().map(|r| (r.id, r.lost_until)).collect();
        let agent = |&(agent, _): &(_, Option<Time>), connected| Command::ObserveAgent { agent, connected };
        let visit = |&(request, _): &(_, Option<Time>), connected| Command::ObserveVisitor { request, connected };
        let back = visits.iter().filter(|v| v.1.is_some()).map(|v| visit(v, true));
        let back = back.chain(agents.iter().filter(|a| a.1.is_some()).map(|a| agent(a, true)));
        let gone = agents.iter().map(|a| agent(a, false)).chain(visits.iter().map(|v| visit(v, false)));
        let steps: Vec<_> = back.map(|c| (Some(then), c)).chain(gone.map(|c| (None, c))).collect();
        let mut batch = Batch::default();
        for (at, command) in steps {
            let turn = self.engine.turn(at.unwrap_or_else(|| self.clock.now()), command);
            if !turn.events.is_empty() || !turn.records.is_empty() {
                self.keep(turn, Vec::new(), &mut batch);
            }
            if batch.turns.len() >= 4_096 {
                self.commit(std::mem::take(&mut batch)).await?;
            }
        }
        self.commit(batch).await
    }
}

async fn wait_until(clock: &Clock, due: Option<Time>) {
    match due {
        Some(due) => clock.sleep_until(due).await,
        None => std::future::pending().await,
    }
}
