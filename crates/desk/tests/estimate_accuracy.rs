//! How good the estimates are: both estimators against queues with a known law. Run with `--nocapture` for the figures.

#[path = "support/queueing.rs"]
mod queueing;

use desk::estimate::Estimator;
use queueing::{Scene, Score, compare};

/// Eight slots, chats of five minutes, load 0.9, nobody gives up.
const STEADY: Scene = Scene {
    seed: 1,
    slots: 8,
    arrival_s: 300.0 / 8.0 / 0.9,
    handling_s: 300.0,
    stages: 1,
    patience_s: None,
    arrivals: 20_000,
};

fn scenes() -> [(&'static str, Scene); 5] {
    [
        ("steady", STEADY),
        ("one slot", Scene { seed: 2, slots: 1, arrival_s: 375.0, ..STEADY }),
        ("regular chats", Scene { seed: 3, stages: 4, ..STEADY }),
        ("overload, impatient", Scene { seed: 4, arrival_s: 28.0, patience_s: Some(900.0), ..STEADY }),
        ("large", Scene { seed: 5, slots: 60, arrival_s: 300.0 / 60.0 / 0.97, ..STEADY }),
    ]
}

fn show(name: &str, estimator: Estimator, score: &Score) {
    println!(
        "{name:20} {estimator:?}: judged {}, unknown {}, wait {:.0} s, error {:.0} s, bias {:+.0} s, covered {:.0} %",
        score.judged,
        score.unknown,
        score.mean_wait_s,
        score.error_s,
        score.bias_s,
        score.covered * 100.0
    );
}

#[test]
fn work_ahead_is_near_and_its_range_honest() {
    for (name, scene) in scenes() {
        let score = compare(&scene, Estimator::WorkAhead);
        show(name, Estimator::WorkAhead, &score);
        assert!(score.judged > 1000 && score.unknown == 0, "{name}: {score:?}");
        assert!(score.error_s < 0.60 * score.mean_wait_s, "{name}: {score:?}");
        assert!(score.bias_s.abs() < 0.15 * score.mean_wait_s, "{name}: {score:?}");
        assert!((0.50..=0.75).contains(&score.covered), "{name}: {score:?}");
    }
}

#[test]
fn recent_waits_are_usable() {
    for (name, scene) in scenes() {
        let score = compare(&scene, Estimator::RecentWaits);
        show(name, Estimator::RecentWaits, &score);
        assert!(score.judged > 1000 && score.unknown < score.judged / 50, "{name}: {score:?}");
        assert!(score.error_s < 0.80 * score.mean_wait_s, "{name}: {score:?}");
        assert!((0.45..=0.80).contains(&score.covered), "{name}: {score:?}");
    }
}

#[test]
fn the_same_scene_gives_the_same_score() {
    let short = Scene { arrivals: 2000, ..STEADY };
    for estimator in [Estimator::WorkAhead, Estimator::RecentWaits] {
        assert_eq!(compare(&short, estimator), compare(&short, estimator));
    }
    assert_ne!(compare(&short, Estimator::WorkAhead), compare(&Scene { seed: 9, ..short }, Estimator::WorkAhead));
}
