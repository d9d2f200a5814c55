//! Opening hours: the calendar, real zones over their changes, midnight, holidays, and a scan minute by minute.

use proptest::prelude::*;

use super::*;

/// A time from its UTC reading.
fn utc(year: i32, month: u8, day: u8, hour: i64, min: i64) -> Time {
    Time::from_secs(Date { year, month, day }.days() * 86_400 + hour * 3600 + min * 60)
}

fn zone(name: &str, base_offset_s: i32, transitions: &[(Time, i32)]) -> Zone {
    Zone { name: name.to_owned(), base_offset_s, transitions: transitions.to_vec() }
}

fn amsterdam() -> Zone {
    zone("Europe/Amsterdam", 3600, &[(utc(2026, 3, 29, 1, 0), 7200), (utc(2026, 10, 25, 1, 0), 3600)])
}

fn new_york() -> Zone {
    zone("America/New_York", -18_000, &[(utc(2026, 3, 8, 7, 0), -14_400), (utc(2026, 11, 1, 6, 0), -18_000)])
}

fn kathmandu() -> Zone {
    zone("Asia/Kathmandu", 20_700, &[])
}

fn lord_howe() -> Zone {
    zone("Australia/Lord_Howe", 39_600, &[(utc(2026, 4, 4, 15, 0), 37_800), (utc(2026, 10, 3, 15, 30), 39_600)])
}

/// A week of the same opening every day.
fn daily(from_min: u16, to_min: u16) -> Hours {
    let weekly = (0..7).map(|weekday| Opening { weekday, from_min, to_min }).collect();
    Hours { weekly, holidays: Vec::new(), last_call_s: 0 }
}

fn one(weekday: u8, from_min: u16, to_min: u16) -> Hours {
    Hours { weekly: vec![Opening { weekday, from_min, to_min }], ..Hours::always() }
}

fn closed(year: i32, month: u8, day: u8) -> Holiday {
    Holiday { date: Date { year, month, day }, openings: Vec::new(), name: "closed".to_owned() }
}

fn opens(hours: &Hours, zone: &Zone, now: Time) -> Time {
    match status(hours, zone, now) {
        OpenStatus::Closed { opens_at: Some(at) } => at,
        other => panic!("{other:?}"),
    }
}

fn closes(hours: &Hours, zone: &Zone, now: Time) -> Time {
    match status(hours, zone, now) {
        OpenStatus::Open { closes_at: Some(at), .. } => at,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_calendar_is_the_gregorian_one() {
    for (date, days) in [
        ((1970, 1, 1), 0),
        ((1969, 12, 31), -1),
        ((2000, 2, 29), 11_016),
        ((2000, 3, 1), 11_017),
        ((2026, 3, 29), 20_541),
        ((1, 1, 1), -719_162),
        ((9999, 12, 31), 2_932_896),
    ] {
        let date = Date { year: date.0, month: date.1, day: date.2 };
        assert_eq!(date.days(), days, "{date:?}");
        assert_eq!(Date::from_days(days), date);
    }
    let mut before = Date::from_days(-800_000);
    for days in -799_999..=800_000 {
        let date = Date::from_days(days);
        assert!(date > before && date.days() == days, "{date:?}");
        before = date;
    }
    assert_eq!(zone::weekday(0), 3, "1970-01-01 was a Thursday");
    assert_eq!(zone::weekday(Date { year: 2026, month: 3, day: 29 }.days()), 6, "a Sunday");
    for (year, month, day) in [(2026, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0), (0, 1, 1)] {
        assert_eq!(Date::new(year, month, day), None, "{year}-{month}-{day}");
    }
    assert!(Date::new(2028, 2, 29).is_some());
}

#[test]
fn wall_clocks_of_real_zones() {
    assert_eq!(kathmandu().wall_s(utc(2026, 1, 1, 0, 0)) % 86_400, 5 * 3600 + 45 * 60);
    assert_eq!(amsterdam().offset_at(utc(2026, 3, 29, 0, 59)), 3600);
    assert_eq!(amsterdam().offset_at(utc(2026, 3, 29, 1, 0)), 7200);
    assert_eq!(new_york().date_at(utc(2026, 7, 5, 3, 59)), Date { year: 2026, month: 7, day: 4 });
    assert_eq!(lord_howe().date_at(utc(2026, 4, 4, 15, 0)), Date { year: 2026, month: 4, day: 5 });
}

#[test]
fn a_reading_that_is_skipped_maps_to_the_change() {
    let (ams, change) = (amsterdam(), utc(2026, 3, 29, 1, 0));
    // Sunday 29 March: 02:00 to 03:00 does not exist.
    assert_eq!(opens(&one(6, 150, 300), &ams, utc(2026, 3, 28, 12, 0)), change);
    assert_eq!(closes(&one(6, 60, 150), &ams, utc(2026, 3, 29, 0, 30)), change);
    // An opening that lies in the gap takes place the week after.
    assert_eq!(opens(&one(6, 125, 170), &ams, utc(2026, 3, 28, 12, 0)), utc(2026, 4, 5, 0, 5));
    // Lord Howe skips half an hour: 02:00 to 02:30 on 4 October.
    assert_eq!(opens(&one(6, 135, 300), &lord_howe(), utc(2026, 10, 3, 0, 0)), utc(2026, 10, 3, 15, 30));
    assert_eq!(opens(&one(6, 150, 300), &lord_howe(), utc(2026, 10, 3, 0, 0)), utc(2026, 10, 3, 15, 30));
    assert_eq!(opens(&one(6, 151, 300), &lord_howe(), utc(2026, 10, 3, 0, 0)), utc(2026, 10, 3, 15, 31));
}

#[test]
fn a_reading_that_comes_twice_opens_first_and_closes_last() {
    // Sunday 25 October in Amsterdam: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z.
    let ams = amsterdam();
    assert_eq!(opens(&one(6, 150, 300), &ams, utc(2026, 10, 24, 12, 0)), utc(2026, 10, 25, 0, 30));
    assert_eq!(closes(&one(6, 60, 150), &ams, utc(2026, 10, 25, 0, 0)), utc(2026, 10, 25, 1, 30));
    // Open without a break from the first 02:10 to the second 02:50.
    let within = one(6, 130, 170);
    assert_eq!(opens(&within, &ams, utc(2026, 10, 24, 12, 0)), utc(2026, 10, 25, 0, 10));
    assert_eq!(closes(&within, &ams, utc(2026, 10, 25, 0, 10)), utc(2026, 10, 25, 1, 50));
    assert!(is_open(&within, &ams, utc(2026, 10, 25, 1, 5)));
    // New York, 1 November, 01:00 to 02:00 twice.
    assert_eq!(closes(&one(6, 0, 90), &new_york(), utc(2026, 11, 1, 5, 0)), utc(2026, 11, 1, 6, 30));
    // Lord Howe, 5 April, 01:30 to 02:00 twice.
    assert_eq!(closes(&one(6, 60, 105), &lord_howe(), utc(2026, 4, 4, 14, 30)), utc(2026, 4, 4, 15, 15));
}

#[test]
fn nine_to_five_over_the_change_stays_nine_to_five() {
    let (hours, ams) = (daily(540, 1020), amsterdam());
    assert_eq!(opens(&hours, &ams, utc(2026, 3, 28, 20, 0)), utc(2026, 3, 29, 7, 0));
    assert_eq!(opens(&hours, &ams, utc(2026, 3, 27, 20, 0)), utc(2026, 3, 28, 8, 0));
    assert_eq!(opens(&hours, &kathmandu(), utc(2026, 1, 1, 0, 0)), utc(2026, 1, 1, 3, 15));
    assert_eq!(closes(&hours, &new_york(), utc(2026, 7, 1, 15, 0)), utc(2026, 7, 1, 21, 0));
}

#[test]
fn openings_pass_midnight_and_merge() {
    let night = one(4, 1320, 1560); // Friday 22:00 to Saturday 02:00
    let ams = amsterdam();
    assert_eq!(opens(&night, &ams, utc(2026, 1, 5, 0, 0)), utc(2026, 1, 9, 21, 0));
    assert_eq!(closes(&night, &ams, utc(2026, 1, 10, 0, 30)), utc(2026, 1, 10, 1, 0));
    assert!(!is_open(&night, &ams, utc(2026, 1, 10, 1, 0)));
    // Two whole days from one opening; two that touch at midnight; two that overlap.
    assert_eq!(closes(&one(0, 0, 2880), &Zone::utc(), utc(2026, 1, 5, 0, 0)), utc(2026, 1, 7, 0, 0));
    let mut touching = one(0, 600, 1440);
    touching.weekly.insert(0, Opening { weekday: 1, from_min: 0, to_min: 720 });
    touching.weekly.push(Opening { weekday: 1, from_min: 700, to_min: 800 });
    assert_eq!(closes(&touching, &Zone::utc(), utc(2026, 1, 5, 10, 0)), utc(2026, 1, 6, 13, 20));
    // Sunday night runs into Monday.
    assert!(is_open(&one(6, 1380, 1500), &Zone::utc(), utc(2026, 1, 5, 0, 59)));
}

#[test]
fn holidays_replace_the_openings_that_begin_on_their_date() {
    let mut hours = daily(1200, 1560); // 20:00 to 02:00
    hours.holidays.push(closed(2026, 12, 25));
    let utc_zone = Zone::utc();
    assert!(is_open(&hours, &utc_zone, utc(2026, 12, 25, 1, 59)), "the night before runs to its end");
    assert!(!is_open(&hours, &utc_zone, utc(2026, 12, 25, 20, 0)));
    assert!(!is_open(&hours, &utc_zone, utc(2026, 12, 26, 1, 0)), "what would have begun on the holiday");
    assert_eq!(opens(&hours, &utc_zone, utc(2026, 12, 25, 2, 0)), utc(2026, 12, 26, 20, 0));
    hours.holidays[0].openings = vec![(600, 660), (1380, 1470)];
    assert_eq!(opens(&hours, &utc_zone, utc(2026, 12, 25, 2, 0)), utc(2026, 12, 25, 10, 0));
    assert_eq!(closes(&hours, &utc_zone, utc(2026, 12, 25, 23, 30)), utc(2026, 12, 26, 0, 30));
    // The holiday is a date on the wall calendar of the zone.
    let mut day = daily(0, 1440);
    day.holidays.push(closed(2026, 7, 4));
    assert_eq!(closes(&day, &new_york(), utc(2026, 7, 3, 12, 0)), utc(2026, 7, 4, 4, 0));
    assert_eq!(opens(&day, &new_york(), utc(2026, 7, 4, 12, 0)), utc(2026, 7, 5, 4, 0));
}

#[test]
fn last_call_comes_before_closing() {
    let mut hours = daily(540, 1020);
    hours.last_call_s = 900;
    let (utc_zone, closes_at, last_call_at) = (Zone::utc(), utc(2026, 1, 5, 17, 0), utc(2026, 1, 5, 16, 45));
    let at = |hour, min| status(&hours, &utc_zone, utc(2026, 1, 5, hour, min));
    let open = OpenStatus::Open { closes_at: Some(closes_at), last_call_at: Some(last_call_at) };
    assert_eq!(at(9, 0), open);
    assert_eq!(at(16, 44), open);
    assert_eq!(at(16, 45), OpenStatus::LastCall { closes_at });
    assert_eq!(at(17, 0), OpenStatus::Closed { opens_at: Some(utc(2026, 1, 6, 9, 0)) });
    assert!(is_open(&hours, &utc_zone, utc(2026, 1, 5, 16, 59)), "those in line are still helped");
    assert_eq!(next_change(&hours, &utc_zone, utc(2026, 1, 5, 12, 0)), Some(last_call_at));
    assert_eq!(next_change(&hours, &utc_zone, last_call_at), Some(closes_at));
}

#[test]
fn the_search_is_bounded() {
    let (utc_zone, now) = (Zone::utc(), utc(2026, 1, 5, 12, 0));
    assert!(is_open(&Hours::always(), &utc_zone, now));
    assert_eq!(next_change(&Hours::always(), &utc_zone, now), None);
    let round_the_clock = daily(0, 1440);
    assert_eq!(
        status(&round_the_clock, &utc_zone, now),
        OpenStatus::Open { closes_at: None, last_call_at: None },
        "no end in sight"
    );
    let mut christmas = round_the_clock;
    christmas.holidays.push(closed(2026, 12, 25));
    assert_eq!(next_change(&christmas, &utc_zone, now), Some(utc(2026, 12, 25, 0, 0)));
    let mut special = Hours { holidays: vec![closed(2026, 12, 25)], ..Hours::always() };
    assert_eq!(status(&special, &utc_zone, now), OpenStatus::Closed { opens_at: None });
    special.holidays[0].openings.push((600, 720));
    assert_eq!(opens(&special, &utc_zone, now), utc(2026, 12, 25, 10, 0));
    assert_eq!(next_change(&special, &utc_zone, utc(2024, 1, 1, 0, 0)), None, "too far ahead");
    for now in [Time::MIN, Time::MAX, Time(0)] {
        for zone in [amsterdam(), lord_howe(), Zone::default()] {
            let _ = (status(&daily(540, 1020), &zone, now), is_open(&special, &zone, now));
        }
    }
}

#[test]
fn faults_are_found_and_said() {
    let found = |hours: &Hours| check(hours).into_iter().map(|f| format!("{} {}", f.at, f.message)).collect::<Vec<_>>();
    let is = |hours: &Hours, at: &str, part: &str| {
        let all = found(hours);
        assert!(all.iter().any(|f| f.starts_with(at) && f.contains(part)), "{at} {part}: {all:?}");
    };
    assert!(found(&Hours::always()).is_empty());
    assert!(found(&daily(540, 2880)).is_empty());
    is(&one(0, 600, 600), "weekly[0]", "not after its beginning");
    is(&one(0, 1320, 120), "weekly[0]", "past midnight add 1440");
    is(&one(7, 0, 1), "weekly[0]", "0 (Monday) to 6 (Sunday)");
    is(&one(0, 1440, 1500), "weekly[0]", "last minute of a day");
    is(&one(0, 0, 2881), "weekly[0]", "2880");
    let mut hours = one(0, 540, 600);
    hours.weekly.push(hours.weekly[0]);
    hours.last_call_s = 3600;
    is(&hours, "weekly[1]", "twice");
    is(&hours, "weekly[0]", "lets nobody in");
    hours.last_call_s = LAST_CALL_MAX_S + 1;
    is(&hours, "last_call_s", "longer than");
    hours.weekly = vec![hours.weekly[0]; WEEKLY_MAX + 1];
    is(&hours, "weekly", "more than 200");
    let mut special = Hours { holidays: vec![closed(2026, 2, 30), closed(2026, 2, 30)], ..Hours::always() };
    special.holidays[1].openings = vec![(5, 4); 25];
    is(&special, "holidays[0]", "no day 2026-02-30");
    is(&special, "holidays[1]", "2026-02-30 stands here twice");
    is(&special, "holidays[1]", "more than 24 openings");
    is(&special, "holidays[1]", "not after");
    is(&special, "weekly", "on the dates of holidays only");
    assert!(check_zone(&amsterdam()).is_empty());
    let mut backwards = amsterdam();
    backwards.transitions.reverse();
    assert_eq!(check_zone(&backwards).len(), 1);
    assert_eq!(check_zone(&zone("x", OFFSET_MAX_S + 1, &[])).len(), 1);
}

fn hours() -> impl Strategy<Value = Hours> {
    let span = || (0_u16..144, 1_u16..144).prop_map(|(from, len)| (from * 10, (from + len) * 10));
    let opening = (0_u8..7, span()).prop_map(|(weekday, (from_min, to_min))| Opening { weekday, from_min, to_min });
    let holiday = (0_i64..9, prop::collection::vec(span(), 0..3));
    let last_call = prop::sample::select(vec![0_u32, 600, 3600]);
    (prop::collection::vec(opening, 1..8), prop::collection::vec(holiday, 0..3), last_call).prop_map(
        |(weekly, holidays, last_call_s)| {
            let holidays = holidays.into_iter().map(|(after, openings)| {
                let date = Date::from_days(Date { year: 2026, month: 3, day: 26 }.days() + after);
                Holiday { date, openings, name: String::new() }
            });
            Hours { weekly, holidays: holidays.collect(), last_call_s }
        },
    )
}

/// Changes of the clock of every kind in the days that are scanned.
fn zones() -> impl Strategy<Value = Zone> {
    let shift = prop::sample::select(vec![-3600, -1800, 1800, 3600, 7200]);
    let offset = prop::sample::select(vec![-18_000, 0, 3600, 20_700, 39_600]);
    (offset, shift, 0_i64..96).prop_map(|(base, shift, hours)| {
        let change = utc(2026, 3, 27, 0, 0) + Span::secs(hours * 3600);
        zone("somewhere", base, &[(change, base + shift), (change + Span::secs(86_400 * 3), base)])
    })
}

/// The rules of the module's head, said once more and without cleverness: by scanning for each reading of the clock.
fn naive_is_open(hours: &Hours, zone: &Zone, now: Time) -> bool {
    let minutes = |n: i64| now + Span::secs(n * 60);
    // Open if some opening has begun (its first reading is past) and not ended (a reading before its end is to come).
    let today = zone.wall_s(now).div_euclid(86_400);
    let past_max = (-180..=0).map(|n| zone.wall_s(minutes(n))).max().unwrap();
    let future_min = (0..=180).map(|n| zone.wall_s(minutes(n))).min().unwrap();
    (today - 3..=today + 1).any(|day| {
        hours.openings_on(day).iter().any(|(from, to)| {
            let wall = |min: u16| day * 86_400 + i64::from(min) * 60;
            past_max >= wall(*from) && future_min < wall(*to)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn next_change_agrees_with_a_scan(hours in hours(), zone in zones()) {
        let kind = |status: OpenStatus| std::mem::discriminant(&status);
        let start = utc(2026, 3, 26, 0, 0);
        let mut now = start;
        let mut expected = next_change(&hours, &zone, now);
        let mut before = status(&hours, &zone, now);
        for minute in 1..8 * 1440 {
            now = start + Span::secs(minute * 60);
            let open = is_open(&hours, &zone, now);
            prop_assert_eq!(open, naive_is_open(&hours, &zone, now), "at {:?}", now);
            if minute % 97 == 0 || Some(now) >= expected {
                let present = status(&hours, &zone, now);
                prop_assert_eq!(open, !matches!(present, OpenStatus::Closed { .. }));
                prop_assert_eq!(kind(before) != kind(present), Some(now) == expected, "at {:?}", now);
                (before, expected) = (present, next_change(&hours, &zone, now));
            }
            prop_assert_eq!(open, !matches!(before, OpenStatus::Closed { .. }), "at {:?}", now);
        }
    }
}
