//! Skill expressions as anybody may type them. What is read is written in a form that reads the same, several joined as well;
//! what is refused is refused with a place inside the text.

#![no_main]

use desk::skill::{Expr, Levels, SkillName, TEXT_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(name) = SkillName::new(text) {
        assert_eq!(SkillName::new(name.as_str()).as_ref(), Ok(&name));
    }
    match Expr::parse(text) {
        Err(error) => assert!(error.at <= text.len() && !error.message.is_empty(), "{error:?}"),
        Ok(expr) => written(&expr),
    }
    // A line for each of the expressions that a workgroup, a rule and a queue may join.
    let lines = text.lines().take(7).map(Expr::parse).collect::<Result<Vec<_>, _>>();
    if let Ok(parts) = lines {
        let joined = parts.iter().fold(Expr::any(), |all, part| all.and(part));
        assert_eq!(Expr::parse_stored(&joined.to_string()).as_ref(), Ok(&joined));
        let levels =
            Levels::from_iter(joined.skills().into_iter().zip(1..).map(|(skill, level)| (skill.clone(), level)));
        assert_eq!(joined.matches(&levels), parts.iter().all(|part| part.matches(&levels)));
        joined.score(&levels);
    }
});

fn written(expr: &Expr) {
    let shown = expr.to_string();
    assert!(shown.len() <= TEXT_MAX, "the canonical form is longer than what may be typed");
    assert_eq!(Expr::parse(&shown).as_ref(), Ok(expr), "{shown}");
    assert_eq!(Expr::parse_stored(&shown).as_ref(), Ok(expr), "{shown}");
}
