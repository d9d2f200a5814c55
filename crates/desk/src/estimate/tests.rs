//! Estimates: the formulas at known points, bounds, monotony. How good they are is measured in `tests/estimate_accuracy.rs`.

use proptest::prelude::*;

use super::*;
use crate::time::Time;

/// Seen: handling times in seconds.
fn handled(times: impl IntoIterator<Item = i64>) -> Seen {
    let mut seen = Seen::default();
    times.into_iter().for_each(|s| seen.observe_handled(Span::secs(s)));
    seen
}

const fn busy(position: usize, slots: u32) -> Situation {
    Situation { position, slots, busy: slots, free: 0, share_ppm: WHOLE }
}

fn near(span: Span, seconds: f64, tolerance: f64) {
    assert!((span.as_secs_f64() - seconds).abs() <= tolerance, "{} is not near {seconds}", span.as_secs_f64());
}

#[test]
fn unknown_while_there_is_nothing_to_go_by() {
    for estimator in [Estimator::WorkAhead, Estimator::RecentWaits] {
        assert_eq!(estimator.estimate(&handled([300; 4]), busy(0, 1)), None, "four chats are too few");
        assert_eq!(estimator.estimate(&handled([300; 5]), busy(0, 0)), None, "nobody is there");
    }
    assert!(Estimator::WorkAhead.estimate(&handled([300; 5]), busy(0, 1)).is_some());
    assert_eq!(Estimator::RecentWaits.estimate(&handled([300; 5]), busy(0, 1)), None, "no waits were seen");
}

#[test]
fn a_free_slot_means_almost_now() {
    let seen = handled([300; 9]);
    for estimator in [Estimator::WorkAhead, Estimator::RecentWaits] {
        let free = |position| Situation { position, slots: 3, busy: 1, free: 2, share_ppm: WHOLE };
        for position in [0, 1] {
            let estimate = estimator.estimate(&seen, free(position)).unwrap();
            assert_eq!((estimate.low, estimate.high), (Span::ZERO, Span::secs(10)));
        }
    }
    let behind = Situation { position: 2, slots: 3, busy: 1, free: 2, share_ppm: WHOLE };
    near(Estimator::WorkAhead.estimate(&seen, behind).unwrap().expected, 103.0, 0.01);
    let absurd = Situation { position: 7, slots: 3, busy: 0, free: u32::MAX, share_ppm: WHOLE };
    assert!(Estimator::WorkAhead.estimate(&seen, absurd).unwrap().expected > Span::secs(300));
}

#[test]
fn work_ahead_is_the_sum_of_the_stages() {
    let mut seen = handled([300; 24]);
    let at = |seen: &Seen, position, slots| Estimator::WorkAhead.estimate(seen, busy(position, slots)).unwrap();
    near(at(&seen, 0, 1).expected, 303.0, 0.01);
    near(at(&seen, 9, 1).expected, 3003.0, 0.01);
    near(at(&seen, 9, 10).expected, 303.0, 0.01);
    // One in three gives up, 200 s waited each: hazard 1/600 per second.
    for _ in 0..10 {
        seen.observe_abandoned(Span::secs(200));
        seen.observe_answered(Time(0), Span::secs(200));
        seen.observe_answered(Time(0), Span::secs(200));
    }
    assert!((seen.hazard_per_s() - 1.0 / 600.0).abs() < 1e-12);
    let by_hand: f64 = (0..=40).map(|n| 1.0 / (2.0 / 300.0 + f64::from(n) / 600.0)).sum();
    near(at(&seen, 40, 2).expected, by_hand + 3.0, by_hand * 0.001);
    let by_hand: f64 = (0..=49_999).map(|n| 1.0 / (2.0 / 300.0 + f64::from(n) / 600.0)).sum();
    near(at(&seen, 49_999, 2).expected, by_hand + 3.0, by_hand * 0.001);
}

#[test]
fn the_range_is_that_of_the_exponential_distribution_for_one_completion() {
    let range = Range::gamma(100.0, 10_000.0);
    assert!((range.low - 22.3).abs() < 0.5, "{}", range.low);
    assert!((range.high - 160.9).abs() < 1.5, "{}", range.high);
    let narrow = Range::gamma(100.0, 1.0);
    assert!((narrow.low - 99.158).abs() < 0.01 && (narrow.high - 100.84).abs() < 0.01);
    assert_eq!(Range::gamma(100.0, 200_000.0).low, 0.0);
}

#[test]
fn the_moving_mean_follows_and_forgotten_chats_do_not_spoil_it() {
    let mut seen = handled([300; 64]);
    assert_eq!(seen.handling_mean, Span::secs(300));
    assert_eq!(seen.handling_variance_ms2, 0);
    seen.observe_handled(Span::secs(20 * 3600));
    assert!(seen.handling_mean < Span::secs(400), "{:?}", seen.handling_mean);
    for _ in 0..100 {
        seen.observe_handled(Span::secs(600));
    }
    near(seen.handling_mean, 600.0, 12.0);
    let mixed = handled((0..200).map(|i| if i % 2 == 0 { 100 } else { 300 }));
    near(mixed.handling_mean, 200.0, 5.0);
    let deviation_s = (mixed.handling_variance_ms2 as f64).sqrt() / 1e3;
    assert!((deviation_s - 100.0).abs() < 5.0, "{deviation_s}");
}

#[test]
fn memory_is_bounded_and_patience_follows_the_times() {
    let mut seen = Seen::default();
    for i in 0..5000 {
        seen.observe_handled(Span::secs(i % 700));
        seen.observe_answered(Time::from_secs(i), Span::secs(60));
        seen.observe_abandoned(Span::secs(60));
    }
    assert_eq!((seen.handling.len(), seen.answered.len()), (WINDOW, WINDOW));
    assert_eq!(seen.handling_count, 5000);
    assert!(seen.waits <= 512);
    assert!((seen.hazard_per_s() - 1.0 / 120.0).abs() < 1e-4, "{}", seen.hazard_per_s());
    for i in 0..5000 {
        seen.observe_answered(Time::from_secs(i), Span::secs(60));
    }
    assert!(seen.hazard_per_s() < 1e-4, "{}", seen.hazard_per_s());
    seen.observe_handled(Span(i64::MIN));
    seen.observe_handled(Span(i64::MAX));
    seen.observe_answered(Time::MAX, Span(i64::MAX));
    seen.observe_abandoned(Span(i64::MIN));
    assert!(seen.waited_total <= Span::secs(24 * 3600 + 512 * 60));
}

#[test]
fn recent_waits_are_scaled_by_the_place() {
    let mut seen = handled([300; 5]);
    for i in 1..=9 {
        seen.observe_answered_behind(Time(i), Span::secs(100 * i), Some(u32::try_from(i).unwrap() - 1));
        seen.observe_answered_behind(Time(i), Span::secs(1), Some(0));
    }
    let at = |seen: &Seen, position| Estimator::RecentWaits.estimate(seen, busy(position, 1)).unwrap();
    assert_eq!(at(&seen, 0).expected, Span::secs(100), "100 s a place; who did not wait says nothing");
    assert_eq!(at(&seen, 4), Estimate { low: Span::secs(500), expected: Span::secs(500), high: Span::secs(500) });
    let mut unplaced = handled([300; 5]);
    (1..=11).for_each(|i| unplaced.observe_answered(Time(i), Span::secs(10 * i)));
    let estimate = at(&unplaced, 7);
    assert_eq!([estimate.low, estimate.expected, estimate.high], [20, 60, 100].map(Span::secs));
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let handling = prop::collection::vec(0_i64..20_000, 5..80);
    let waits = prop::collection::vec((0_i64..8000, prop::option::of(0_u32..40), any::<bool>()), 0..80);
    (handling, waits).prop_map(|(handling, waits)| {
        let mut seen = handled(handling);
        for (waited, ahead, answered) in waits {
            if answered {
                seen.observe_answered_behind(Time(0), Span::secs(waited), ahead);
            } else {
                seen.observe_abandoned(Span::secs(waited));
            }
        }
        seen
    })
}

proptest! {
    #[test]
    fn grows_with_the_position_within_bounds(seen in any_seen(), slots in 1_u32..60, free in 0_u32..4) {
        for estimator in [Estimator::WorkAhead, Estimator::RecentWaits] {
            let mut before: Option<Estimate> = None;
            for position in (0..120).chain([500, 501, 5000, 50_000, usize::MAX / 2]) {
                let situation = Situation { position, slots, busy: slots.saturating_sub(free), free, share_ppm: WHOLE };
                let Some(now) = estimator.estimate(&seen, situation) else { continue };
                prop_assert!(Span::ZERO <= now.low && now.low <= now.expected);
                prop_assert!(now.expected <= now.high && now.high <= ESTIMATE_MAX);
                if let Some(before) = before {
                    prop_assert!(before.low <= now.low, "{position}: {before:?} {now:?}");
                    prop_assert!(before.expected <= now.expected, "{position}: {before:?} {now:?}");
                    prop_assert!(before.high <= now.high, "{position}: {before:?} {now:?}");
                }
                before = Some(now);
            }
        }
    }

    #[test]
    fn more_slots_never_make_it_longer(seen in any_seen(), position in 0_usize..200, slots in 1_u32..60) {
        let of = |slots| Estimator::WorkAhead.estimate(&seen, busy(position, slots)).unwrap().expected;
        prop_assert!(of(slots + 1) <= of(slots));
    }
}
