//! XEP-0004 forms: what clients submit, and whether it is what was asked for.

use xmpp::markup::Fault;
use xmpp::xep::data_form::{Field, Form, FormFault, FormType, Kind, Submission};

use crate::stage::{exact, parse};

fn form() -> Form {
    let mut form = Form::new(FormType::Form, Some("urn:test"));
    form.fields = vec![
        Field::new("name", Kind::TextSingle).required(),
        Field::new("story", Kind::TextMulti),
        Field::new("plan", Kind::ListSingle).option("a", "A").option("b", "B"),
        Field::new("ok", Kind::Boolean),
        Field::new("who", Kind::JidSingle),
    ];
    form
}

#[test]
fn a_submission_is_checked_against_its_form() {
    let check = |fields: &[(&str, &str)]| form().check(&Submission::new(fields.iter().copied()));
    assert_eq!(check(&[("name", "J"), ("plan", "a"), ("ok", "1"), ("who", "a@b"), ("other", "x")]), Ok(()));
    assert_eq!(check(&[]), Err(FormFault::Missing("name".into())));
    assert_eq!(check(&[("name", "   ")]), Err(FormFault::Missing("name".into())));
    assert_eq!(check(&[("name", "J"), ("plan", "c")]), Err(FormFault::NotPossible("plan".into())));
    assert_eq!(check(&[("name", "J"), ("ok", "yes")]), Err(FormFault::NotPossible("ok".into())));
    assert_eq!(check(&[("name", "J"), ("who", "@")]), Err(FormFault::NotPossible("who".into())));
    assert_eq!(check(&[("name", "J\nK")]), Err(FormFault::NotPossible("name".into())));
    let two = "<x xmlns='jabber:x:data' type='submit'><field var='name'><value>a</value><value>b</value></field></x>";
    assert_eq!(form().check(&Submission::read(&parse(two)).unwrap()), Err(FormFault::Several("name".into())));
    let lines = "<x xmlns='jabber:x:data' type='submit'><field var='name'><value>a</value></field>\
        <field var='story'><value>one</value><value>two</value></field></x>";
    let submission = exact(lines, Submission::read, Submission::write);
    assert_eq!((form().check(&submission), submission.all("story").len()), (Ok(()), 2));
}

#[test]
fn submissions_are_read_as_they_come() {
    let read = |xml: &str| Submission::read(&parse(xml)).unwrap();
    let odd = read(
        "<x xmlns='jabber:x:data'><field><value>no name</value></field><field var='a' type='planet'><value/></field>\
         <field var='a'><value>last</value></field><field var='b'/><unknown/></x>",
    );
    assert_eq!((odd.get("a"), odd.get("b"), odd.get("c")), (Some("last"), None, None));
    assert!(read("<x xmlns='jabber:x:data' type='cancel'/>").is_cancelled());
    assert!(Submission::read(&parse("<x xmlns='urn:other'/>")).is_err());
}

#[test]
fn submissions_have_limits() {
    let x = |inner: &str| Submission::read(&parse(&format!("<x xmlns='jabber:x:data' type='submit'>{inner}</x>")));
    let many: String = (0..300).map(|n| format!("<field var='f{n}'/>")).collect();
    assert!(matches!(x(&many), Err(Fault::TooMany { .. })));
    let long = format!("<field var='a'><value>{}</value></field>", "x".repeat(9_000));
    assert!(matches!(x(&long), Err(Fault::TooLong { .. })));
    let together: String =
        (0..20).map(|n| format!("<field var='f{n}'><value>{}</value></field>", "x".repeat(8_000))).collect();
    assert!(matches!(x(&together), Err(Fault::TooLong { .. })));
}
