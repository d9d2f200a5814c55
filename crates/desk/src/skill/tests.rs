//! Skill expressions: meaning, canonical form, the text there and back, relaxing, hostile texts.

use proptest::prelude::*;

use super::*;

fn levels(list: &[(&str, u32)]) -> Levels {
    list.iter().map(|(name, level)| (SkillName::new(name).unwrap(), *level)).collect()
}

fn expr(text: &str) -> Expr {
    Expr::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn fails(text: &str, at: usize, part: &str) {
    let e = Expr::parse(text).expect_err(text);
    assert!(e.message.contains(part), "{text}: {e}");
    assert_eq!(e.at, at, "{text}: {e}");
    assert!(text.is_char_boundary(e.at), "{text}: {e}");
}

#[test]
fn comparisons_are_literal() {
    let anna = levels(&[("English", 20), ("Loans", 2)]);
    for (text, holds) in [
        ("English=20&Loans=2", true),
        ("ENGLISH = 20 & loans = 2", true),
        ("English=19", false),
        ("English!=19", true),
        ("English<20|Loans<2", false),
        ("English<=20&Loans>=2", true),
        ("English>20", false),
        ("English>19", true),
        ("French=0", true),
        ("French>0", false),
        ("French!=0", false),
        ("'loans'=2&\"english\"=20", true),
    ] {
        assert_eq!(expr(text).matches(&anna), holds, "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let a = levels(&[("a", 1)]);
    assert!(expr("a=1|b=1&c=1").matches(&a));
    assert!(!expr("(a=1|b=1)&c=1").matches(&a));
    assert_eq!(expr("a=1|b=1&c=1"), expr("a=1|(b=1&c=1)"));
}

#[test]
fn equal_requirements_are_one_value() {
    for (one, other) in [
        ("Loans=2&English=20", " english = 020 &((LOANS=2)) & English=20 "),
        ("a=1|b=2|c=3", "c=3|(b=2|a=1)"),
        ("(a=1&(b=2&c=3))", "c=3&b=2&a=1"),
        ("ΟΔΟΣ=1", "οδος=1"),
        ("İstanbul=1", "istanbul=1"),
        ("\"sign language\">0", "' Sign Language '>0"),
        ("", "  \t"),
    ] {
        assert_eq!(expr(one), expr(other), "{one} and {other}");
    }
    assert_ne!(expr("a=1&b=1"), expr("a=1|b=1"));
    assert_ne!(expr("a>=1"), expr("a>0"), "the text that was meant is kept, not its arithmetic");
}

#[test]
fn everybody_meets_any() {
    assert!(Expr::any().matches(&Levels::new()));
    assert!(expr("").is_any());
    assert_eq!(Expr::any().to_string(), "");
    assert_eq!(Expr::any().and(&expr("a=1")), expr("a=1"));
    assert_eq!(expr("a=1|b=1").and(&expr("c=1")).to_string(), "c=1&(a=1|b=1)");
}

#[test]
fn score_sums_the_named_levels_once() {
    let who = levels(&[("english", 20), ("loans", 2), ("french", 9)]);
    assert_eq!(expr("English>=1&English<=50&Loans>0").score(&who), 22);
    assert_eq!(Expr::any().score(&who), 0);
    assert_eq!(expr("x=0").score(&who), 0);
    assert_eq!(expr("a>0&b>0").score(&levels(&[("a", u32::MAX), ("b", 5)])), u32::MAX);
}

#[test]
fn errors_say_where_and_what() {
    fails("English", 7, "expected one of =");
    fails("English=", 8, "expected a level");
    fails("English=-1", 8, "expected a level");
    fails("English=2x", 9, "whole number");
    fails("English=4294967296", 8, "larger than 4294967295");
    fails("English==2", 8, "expected a level");
    fails("a=1&&b=2", 4, "single `&`");
    fails("a=1||b=2", 4, "single `|`");
    fails("a=1&", 4, "the text ends");
    fails("a=1 b=2", 4, "expected `&`");
    fails("(a=1", 0, "not closed");
    fails("(a=1 b", 5, "expected `&`, `|` or `)`");
    fails("a=1)", 3, "not opened");
    fails("()", 1, "found `)`");
    fails("sign language=1", 0, "quotation marks");
    fails("'sign=1", 0, "quotation mark is not closed");
    fails("''=1", 1, "missing");
    fails("'a  b'=1", 2, "two spaces");
    fails("é=1&'a\u{202e}b'=1", 7, "cannot have");
    fails("a=١", 2, "expected a level");
    fails("a\0=1", 1, "expected one of");
}

#[test]
fn limits_hold_at_their_edge() {
    let nested = |n: usize| format!("{}a=1{}", "(".repeat(n), ")".repeat(n));
    assert!(Expr::parse(&nested(NESTING_MAX)).is_ok());
    fails(&nested(NESTING_MAX + 1), NESTING_MAX, "nested deeper than 8");
    let many = |n: usize| (0..n).map(|i| format!("s{i}=1")).collect::<Vec<_>>().join("|");
    assert!(Expr::parse(&many(COMPARISONS_MAX)).is_ok());
    assert!(Expr::parse(&many(COMPARISONS_MAX + 1)).unwrap_err().message.contains("more than 32"));
    assert!(Expr::parse(&format!("{:500}", "a=1")).is_ok());
    fails(&format!("{:501}", "a=1"), 500, "longer than 500");
    assert!(SkillName::new(&"é".repeat(32)).is_ok());
    assert!(SkillName::new(&"é".repeat(33)).is_err());
    assert!(SkillName::new(&"Ⱥ".repeat(32)).is_err(), "three bytes each in lower case");
    assert!(SkillName::new("  ").is_err());
    assert!(SkillName::new("a=1").is_err());
    for hostile in ["(".repeat(500), "&".repeat(500), "'".repeat(499), "a=1&(".repeat(100), "\u{0}".repeat(9)] {
        assert!(Expr::parse(&hostile).is_err(), "{hostile}");
        assert!(Expr::parse_stored(&hostile.repeat(8)).is_err());
    }
}

#[test]
fn joined_expressions_can_be_stored() {
    let widest = |seed: usize| {
        let pair = |i: usize| format!("(a{seed}={i}|b{i}=1)");
        expr(&(0..16).map(pair).collect::<Vec<_>>().join("&"))
    };
    let joined = (0..7).fold(Expr::any(), |sum, seed| sum.and(&widest(seed)));
    assert_eq!(Expr::parse_stored(&joined.to_string()).unwrap(), joined);
    let deep = expr("((((((((a=1|b=1)&c=1)|d=1)&e=1)|f=1)&g=1)|h=1)&i=1)|j=1");
    let joined = deep.and(&expr("x=1|y=1"));
    assert_eq!(Expr::parse_stored(&joined.to_string()).unwrap(), joined);
}

#[test]
fn requirements_relax() {
    let steps = [(0, "a>=9&b>0"), (30, "a>=5"), (60, "")];
    let relaxing = Requirement { steps: steps.iter().map(|(s, e)| (Span::secs(*s), expr(e))).collect() };
    assert!(relaxing.check().is_empty());
    for (waited, text, next) in
        [(0, "a>=9&b>0", Some(30)), (29, "a>=9&b>0", Some(30)), (30, "a>=5", Some(60)), (60, "", None)]
    {
        assert_eq!(relaxing.at(Span::secs(waited)), &expr(text), "after {waited} s");
        assert_eq!(relaxing.next_change(Span::secs(waited)), next.map(Span::secs));
    }
    assert_eq!(relaxing.at(Span(-1)), &expr("a>=9&b>0"));
    let besides = relaxing.and(&expr("c=1"));
    assert_eq!(besides.at(Span::secs(70)), &expr("c=1"));
    assert_eq!(besides.at(Span::ZERO), &expr("a>=9&b>0&c=1"));
    assert_eq!(Requirement::any().and(&expr("c=1")), Requirement::always(expr("c=1")));
    assert!(Requirement::any().at(Span::secs(5)).is_any());
    assert_eq!(Requirement::any().next_change(Span::ZERO), None);
    assert_eq!(Requirement::always(Expr::any()), Requirement::default());
}

#[test]
fn bad_steps_are_found() {
    let of = |spans: &[i64]| {
        let steps = spans.iter().enumerate().map(|(i, s)| (Span::secs(*s), expr(&format!("a>{}", 99 - i))));
        Requirement { steps: steps.collect() }.check()
    };
    assert!(of(&[]).is_empty());
    assert_eq!(of(&[5])[0].at, "step[0]");
    assert_eq!(of(&[0, 9, 9])[0].at, "step[2]");
    assert!(of(&[0, 1, 2, 3, 4, 5, 6, 7, 8])[0].message.contains("more than 8"));
    let same = Requirement { steps: vec![(Span::ZERO, Expr::any()), (Span::secs(1), Expr::any())] };
    assert_eq!(same.check()[0].severity, Severity::Warning);
}

#[test]
fn lower_case_is_settled_after_one_step() {
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        if let Ok(name) = SkillName::new(&c.to_string()) {
            assert_eq!(SkillName::new(name.as_str()), Ok(name), "{c:?}");
        }
    }
}

/// Any expression text within the limits, with odd spelling.
fn texts() -> impl Strategy<Value = String> {
    let name = prop_oneof!["[a-dA-D]", "[a-cÀ-ÖØ-ÞΑ-ΡΣ-ωİẞДд][a-z0-9_.-]{0,3}", "'[A-C] [a-cİΣ]{1,2}'"];
    let op = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">=", " = "]);
    let leaf = (name, op, 0_u32..4).prop_map(|(n, o, l)| format!("{n}{o}{l}"));
    leaf.prop_recursive(4, 16, 3, |inner| {
        (prop::collection::vec(inner, 1..4), any::<bool>())
            .prop_map(|(parts, or)| format!("({})", parts.join(if or { " | " } else { "&" })))
    })
}

proptest! {
    #[test]
    fn text_there_and_back(text in texts()) {
        if let Ok(read) = Expr::parse(&text) {
            let written = read.to_string();
            prop_assert_eq!(&Expr::parse(&written).unwrap(), &read, "{} as {}", text, written);
            prop_assert_eq!(read.and(&read), read);
        } else {
            prop_assert!(text.len() > TEXT_MAX || text.matches(['<', '>', '=']).count() > COMPARISONS_MAX, "{}", text);
        }
    }

    #[test]
    fn and_or_mean_what_they_say(one in texts(), other in texts(), held in prop::collection::btree_map("[a-d]", 0_u32..4, 0..4)) {
        let levels: Levels = held.into_iter().map(|(n, l)| (SkillName::new(&n).unwrap(), l)).collect();
        if let (Ok(a), Ok(b)) = (Expr::parse(&one), Expr::parse(&other)) {
            let (x, y) = (a.matches(&levels), b.matches(&levels));
            prop_assert_eq!(a.and(&b).matches(&levels), x && y);
            if let Ok(either) = Expr::parse_stored(&format!("{one}|{other}")) {
                prop_assert_eq!(either.matches(&levels), x || y);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ab=!<>&|()'\" 0-9é\\u{0}-\\u{ffff}]{0,60}", free in any::<String>()) {
        for text in [&text, &free] {
            match Expr::parse(text) {
                Ok(read) => prop_assert_eq!(&Expr::parse(&read.to_string()).unwrap(), &read),
                Err(e) => prop_assert!(e.at <= text.len() && text.is_char_boundary(e.at)),
            }
            if let Ok(name) = SkillName::new(text) {
                prop_assert_eq!(&SkillName::new(name.as_str()).unwrap(), &name);
            }
        }
    }
}
