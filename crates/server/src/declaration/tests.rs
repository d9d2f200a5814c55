//! Declarations: what is read is what is meant, what is written reads the same, and slips are named with their place.

use super::*;

const EXAMPLE: &str = include_str!("../../../../docs/desk.example.toml");
const DEMO: &str = include_str!("../../../../docs/desk.demo.toml");

fn faults(text: &str) -> Vec<String> {
    let declaration = parse_toml(text, "desk.toml").unwrap();
    to_spec(&declaration).map(|_| Vec::new()).unwrap_or_else(|found| found.iter().map(line).collect())
}

#[test]
fn the_examples_mean_something_and_are_written_back() {
    for (name, text) in [("example", EXAMPLE), ("demo", DEMO)] {
        let declaration = parse_toml(text, name).unwrap();
        let spec = to_spec(&declaration).unwrap_or_else(|found| panic!("{found:?}"));
        let written = from_spec(&spec, declaration.canned.clone());
        let again = parse_toml(&to_toml(&written), "written").unwrap();
        assert_eq!(again, written, "{name}: the file and what it came from differ");
        assert_eq!(to_spec(&again).unwrap(), spec, "{name}");
        let json = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<Declaration>(&json).unwrap(), written, "{name}");
    }
}

#[test]
fn misspelt_keys_are_named_with_their_line() {
    let said = |text: &str| parse_toml(text, "desk.toml").unwrap_err();
    assert_eq!(
        said("[[workgroup]]\nname = \"a\"\nwrapup_s = 3\n"),
        "desk.toml:3:1: unknown key `wrapup_s`: did you mean `wrap_up_s`?"
    );
    let text = "[[workgroup]]\nname = \"a\"\n[[workgroup.queue]]\nname = \"q\"\nmembers = [\"b\", { agent = \"c\", prio = 3 }]\n";
    assert!(said(text).starts_with("desk.toml:5:"), "{}", said(text));
    assert!(said(text).contains("unknown key `prio`: did you mean `priority`?"), "{}", said(text));
    let text = "[[workgroup]]\nname = \"a\"\n[[workgroup.queue]]\ndispatch = \"ringall\"\n";
    assert!(said(text).ends_with("unknown value `ringall`: did you mean `ring-all`?"), "{}", said(text));
}

#[test]
fn faults_of_values_have_a_path() {
    let found = faults(
        "[[workgroup]]\nname = \"support\"\nzone = \"Europe/Amsterdm\"\n\
         [workgroup.hours]\nweekly = { mon = [\"9-5\"] }\nholidays = [{ date = \"25-12-2026\", name = \"x\" }]\n\
         [[workgroup.rule]]\nwhen = [{ field = \"topic\" }]\nskills = \"english>\"\n\
         [[workgroup.queue]]\nname = \"loans\"\nskills = \"a=b\"\n",
    );
    let starts: Vec<_> = found.iter().map(|line| line.split(": ").nth(1).unwrap()).collect();
    assert_eq!(
        starts,
        [
            "support/zone",
            "support/hours/holidays",
            "support/hours/weekly/mon",
            "support/rule[0]",
            "support/rule[0]/skills",
            "support/loans/skills"
        ]
    );
    assert!(found[0].contains("did you mean `Europe/Amsterdam`?"));
}

#[test]
fn an_export_leaves_defaults_out() {
    let declaration = parse_toml(
        "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"a\"\n[[workgroup.queue]]\nname = \"q\"\nmembers = [\"anna\"]\n",
        "desk.toml",
    )
    .unwrap();
    let text = to_toml(&from_spec(&to_spec(&declaration).unwrap(), vec![]));
    assert!(!text.contains("offer_timeout_s") && !text.contains("widget"), "{text}");
    assert!(text.contains("always = true"), "{text}");
}

#[test]
fn a_rule_by_the_skills_asked_for_survives_file_and_desk() {
    let with = |condition: &str| {
        let text = format!(
            "[skills]\nloans = \"Loans\"\n[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"a\"\n\
             [[workgroup.queue]]\nname = \"q\"\nmembers = [\"anna\"]\n\
             [[workgroup.rule]]\nwhen = [{condition}]\nqueue = \"q\"\n"
        );
        parse_toml(&text, "desk.toml").unwrap()
    };
    let spec = to_spec(&with("{ asks = \"Loans\" }")).unwrap();
    let condition = &spec.workgroups[0].entry_rules[0].when[0];
    assert!(matches!(&condition.test, desk::spec::ConditionTest::Asks(skill) if skill.as_str() == "loans"));
    let text = to_toml(&from_spec(&spec, vec![]));
    assert!(text.contains("asks = \"loans\"") && !text.contains("field ="), "{text}");
    assert_eq!(to_spec(&parse_toml(&text, "desk.toml").unwrap()).unwrap(), spec);
    for faulty in ["{ asks = \"\" }", "{ field = \"page\", answered = true, asks = \"loans\" }"] {
        assert!(to_spec(&with(faulty)).is_err(), "{faulty}");
    }
}

mod round_trip {
    //! Whatever a declaration says survives file and desk.

    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    use super::super::*;
    use crate::declaration::form::*;

    fn name() -> impl Strategy<Value = String> {
        "[a-z][a-z0-9_-]{0,8}"
    }

    fn words() -> impl Strategy<Value = String> {
        "[ -~äß“\n\t]{1,20}"
    }

    fn skills() -> impl Strategy<Value = std::collections::BTreeMap<String, u32>> {
        btree_map("[a-z]{1,6}", 0..100_u32, 0..3)
    }

    fn member() -> impl Strategy<Value = Member> {
        (name(), 0..10_u8, option::of(0..9_u32), skills()).prop_map(|(agent, priority, capacity, skills)| Member {
            agent,
            priority,
            capacity,
            skills,
        })
    }

    fn queue() -> impl Strategy<Value = Queue> {
        let dispatch = prop_oneof![Just(Dispatch::Offer), Just(Dispatch::RingAll), Just(Dispatch::StaffedRoom)];
        let rollover = (1..999_u32, name(), any::<bool>(), any::<bool>())
            .prop_map(|(after_s, to, keep, skip_if_nobody)| Rollover { after_s, to, keep, skip_if_nobody });
        let relax = option::of((1..500_u32).prop_map(|after_s| Relax { after_s, skills: "english>0".into() }));
        let parts = (name(), words(), dispatch, vec(member(), 0..4), vec(rollover, 0..3), relax, 0..100_000_u32);
        parts.prop_map(|(name, title, dispatch, members, rollover, relax, ageing_s)| Queue {
            name,
            title,
            dispatch,
            members,
            rollover,
            ageing_s,
            skills: if relax.is_some() { "english>=10".into() } else { String::new() },
            relax: relax.into_iter().collect(),
            ..Queue::default()
        })
    }

    fn field() -> impl Strategy<Value = Field> {
        let option = (name(), words(), btree_map("[a-z]{2}", words(), 0..2))
            .prop_map(|(value, label, labels)| FieldOption { value, label, labels });
        let parts =
            (name(), words(), btree_map("[a-z]{2}", words(), 0..2), any::<bool>(), 1..999_u32, vec(option, 0..3));
        parts.prop_map(|(name, label, labels, required, length_max, options)| Field {
            name,
            label,
            labels,
            kind: if options.is_empty() { FieldKind::Email } else { FieldKind::Choice },
            required,
            length_max,
            options,
        })
    }

    fn workgroup() -> impl Strategy<Value = Workgroup> {
        let parts = (name(), words(), words(), vec(queue(), 0..3), vec(field(), 0..3), vec(words(), 0..3), 0..9999_u32);
        (parts, option::of("#[0-9a-f]{6}"), any::<bool>()).prop_map(|(parts, accent, files)| {
            let (name, title, description, queue, field, tags, wrap_up_s) = parts;
            let mut workgroup = Workgroup { name, title, description, queue, wrap_up_s, ..Workgroup::default() };
            workgroup.form.field = field;
            workgroup.tags = tags.into_iter().filter(|tag| !tag.trim().is_empty()).collect();
            workgroup.look.accent = accent;
            workgroup.widget.files.enabled = files;
            workgroup.hours.always = true;
            workgroup.zone = "Europe/Amsterdam".into();
            workgroup
        })
    }

    fn declaration() -> impl Strategy<Value = Declaration> {
        let agent = (name(), words(), 0..20_u32, skills()).prop_map(|(name, title, chats_max, skills)| Agent {
            name,
            title,
            chats_max,
            skills,
        });
        (btree_map("[a-z]{1,6}", words(), 0..3), vec(agent, 0..4), vec(workgroup(), 0..3))
            .prop_map(|(skills, agent, workgroup)| Declaration { skills, agent, workgroup, canned: Vec::new() })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn file_and_desk_say_the_same(declared in declaration()) {
            let spec = to_spec(&declared).map_err(|f| TestCaseError::fail(format!("{f:?}")))?;
            let back = from_spec(&spec, Vec::new());
            prop_assert_eq!(&back, &declared);
            let text = to_toml(&back);
            let read = parse_toml(&text, "f").map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            prop_assert_eq!(&read, &declared);
        }
    }
}

#[test]
fn faults_in_expressions_count_characters_not_bytes() {
    let desk = |skills: &str| {
        format!("[[workgroup]]\nname = \"a\"\n[[workgroup.queue]]\nname = \"b\"\nmembers = []\nskills = '{skills}'\n")
    };
    // The fault stands at the same character of both; `ü`, `ß` and `語` take two and three bytes.
    for skills in ["gruesse>1 & !", "grüßeje>1 & !", "日本語abcd>1 & !"] {
        let declaration = parse_toml(&desk(skills), "desk.toml").unwrap();
        let faults = to_spec(&declaration).unwrap_err();
        let said = &faults[0].message;
        assert!(said.ends_with("(character 13)"), "{said}");
    }
}
