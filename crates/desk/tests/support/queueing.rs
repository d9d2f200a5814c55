//! A queue of its own, without the desk: people arrive at random, some give up, each chat takes its time. It says how far
//! each estimator was from what then happened. For tests and benches only; the product knows nothing of it.

use std::collections::VecDeque;

use desk::estimate::{Estimator, Seen, Situation, WHOLE};
use desk::time::{Span, Time};

/// What is simulated. Times in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Same seed, same run.
    pub seed: u64,
    /// Slots that serve.
    pub slots: u32,
    /// Mean time between arrivals.
    pub arrival_s: f64,
    /// Mean handling time.
    pub handling_s: f64,
    /// Stages that a handling time is the sum of: 1 is exponential, more is more regular.
    pub stages: u32,
    /// Mean patience; none: nobody gives up.
    pub patience_s: Option<f64>,
    /// Arrivals to simulate; the first fifth is not judged.
    pub arrivals: u32,
}

/// How an estimator did for those who had to wait and were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Waits that were judged.
    pub judged: u32,
    /// Waits for which the estimator knew nothing.
    pub unknown: u32,
    /// Mean of the waits, in seconds.
    pub mean_wait_s: f64,
    /// Mean absolute error, in seconds.
    pub error_s: f64,
    /// Mean of expected minus waited, in seconds.
    pub bias_s: f64,
    /// Part of the waits within low and high.
    pub covered: f64,
}

/// Runs the scene once and judges the estimator on it. The run does not depend on the estimator.
pub fn compare(scene: &Scene, estimator: Estimator) -> Score {
    let mut run = Run::new(*scene, estimator);
    for i in 0..scene.arrivals {
        run.arrive(i >= scene.arrivals / 5);
    }
    run.drain();
    run.score()
}

/// Somebody in line.
struct Waiting {
    since_s: f64,
    gives_up_s: f64,
    ahead: u32,
    /// Low, expected, high at the beginning, if judged.
    told: Option<[f64; 3]>,
}

struct Run {
    scene: Scene,
    estimator: Estimator,
    random: u64,
    now_s: f64,
    line: VecDeque<Waiting>,
    /// When each busy slot is free again, and how long that chat took.
    busy: Vec<(f64, f64)>,
    seen: Seen,
    score: Score,
}

impl Run {
    fn new(scene: Scene, estimator: Estimator) -> Self {
        let (line, busy, seen) = (VecDeque::new(), Vec::new(), Seen::default());
        Self { scene, estimator, random: scene.seed, now_s: 0.0, line, busy, seen, score: Score::default() }
    }

    /// An exponential variable from a linear congruential generator.
    fn exponential(&mut self, mean: f64) -> f64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = ((self.random >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        -mean * uniform.ln()
    }

    fn arrive(&mut self, judged: bool) {
        let at = self.now_s + self.exponential(self.scene.arrival_s);
        self.run_until(at);
        let patience = self.scene.patience_s.map_or(f64::INFINITY, |mean| self.exponential(mean));
        let busy = self.busy.len() as u32;
        let ahead = self.line.len() as u32;
        let situation = Situation {
            position: ahead as usize,
            slots: self.scene.slots,
            busy,
            free: self.scene.slots - busy,
            share_ppm: WHOLE,
        };
        let waits = situation.free == 0;
        let estimate = self.estimator.estimate(&self.seen, situation);
        let told = estimate.filter(|_| judged && waits).map(|e| [e.low, e.expected, e.high].map(Span::as_secs_f64));
        self.score.unknown += u32::from(judged && waits && told.is_none());
        self.line.push_back(Waiting { since_s: at, gives_up_s: at + patience, ahead, told });
        self.serve();
    }

    fn drain(&mut self) {
        self.run_until(f64::INFINITY);
    }

    /// Lets chats end and people give up, in order of time.
    fn run_until(&mut self, until_s: f64) {
        loop {
            let chat = self.busy.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0)).map(|(i, b)| (i, b.0));
            let quitter = self.line.iter().enumerate().min_by(|a, b| a.1.gives_up_s.total_cmp(&b.1.gives_up_s));
            let quitter = quitter.map(|(i, w)| (i, w.gives_up_s));
            let next_s = chat.map_or(f64::INFINITY, |c| c.1).min(quitter.map_or(f64::INFINITY, |q| q.1));
            if next_s > until_s || next_s == f64::INFINITY {
                break;
            }
            self.now_s = next_s;
            match (chat, quitter) {
                (Some((i, at)), _) if at == next_s => {
                    let (_, took) = self.busy.swap_remove(i);
                    self.seen.observe_handled(span(took));
                    self.serve();
                }
                (_, Some((i, _))) => {
                    let gone = self.line.remove(i).expect("the index was just found");
                    self.seen.observe_abandoned(span(self.now_s - gone.since_s));
                }
                _ => break,
            }
        }
        if until_s < f64::INFINITY {
            self.now_s = until_s;
        }
    }

    fn serve(&mut self) {
        while self.busy.len() < self.scene.slots as usize {
            let Some(head) = self.line.pop_front() else { return };
            let waited_s = self.now_s - head.since_s;
            let at = Time::from_secs(0) + span(self.now_s);
            self.seen.observe_answered_behind(at, span(waited_s), Some(head.ahead));
            if let Some([low, expected, high]) = head.told {
                let score = &mut self.score;
                score.judged += 1;
                score.mean_wait_s += waited_s;
                score.error_s += (expected - waited_s).abs();
                score.bias_s += expected - waited_s;
                score.covered += f64::from(u8::from(low <= waited_s && waited_s <= high));
            }
            let stage_s = self.scene.handling_s / f64::from(self.scene.stages);
            let took_s: f64 = (0..self.scene.stages).map(|_| self.exponential(stage_s)).sum();
            self.busy.push((self.now_s + took_s, took_s));
        }
    }

    fn score(self) -> Score {
        let judged = f64::from(self.score.judged.max(1));
        Score {
            mean_wait_s: self.score.mean_wait_s / judged,
            error_s: self.score.error_s / judged,
            bias_s: self.score.bias_s / judged,
            covered: self.score.covered / judged,
            ..self.score
        }
    }
}

fn span(seconds: f64) -> Span {
    Span::millis((seconds * 1e3) as i64)
}
