//! XEP-0050: commands as they are asked for and answered.

use xmpp::xep::commands::{Action, CommandAnswer, CommandAsked, Note, Status, describe, list};
use xmpp::xep::data_form::{Field, Form, FormType, Kind};

use crate::stage::{parse, wire};

const NODE: &str = "http://jabber.org/protocol/admin#add-workgroup";

#[test]
fn the_steps_of_a_command() {
    let asked = |xml: &str| CommandAsked::read(&parse(xml));
    let first = format!("<command xmlns='http://jabber.org/protocol/commands' node='{NODE}' action='execute'/>");
    let first = asked(&first).unwrap();
    assert_eq!((first.node.as_str(), first.session, first.action, first.form), (NODE, None, Action::Execute, None));
    let second = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='{NODE}' sessionid='7' action='complete'>\
         <x xmlns='jabber:x:data' type='submit'><field var='name'><value>support</value></field></x></command>"
    );
    let second = asked(&second).unwrap();
    assert_eq!((second.session.as_deref(), second.action), (Some("7"), Action::Complete));
    assert_eq!(second.form.unwrap().get("name"), Some("support"));
    assert!(asked("<command xmlns='http://jabber.org/protocol/commands'/>").is_err());
    assert!(asked("<command xmlns='http://jabber.org/protocol/commands' node='a' action='jump'/>").is_err());
}

#[test]
fn answers() {
    let mut form = Form::new(FormType::Form, Some("http://jabber.org/protocol/admin"));
    form.fields = vec![Field::new("name", Kind::TextSingle).required()];
    let (node, session) = (NODE.to_owned(), "7".to_owned());
    let ask = CommandAnswer { node, session, status: Status::Executing, form: Some(form), note: None };
    let expected = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='{NODE}' sessionid='7' status='executing'>\
         <actions execute='complete'><complete/></actions><x xmlns='jabber:x:data' type='form'><field type='hidden' var='FORM_TYPE'>\
         <value>http://jabber.org/protocol/admin</value></field><field type='text-single' var='name'><required/></field></x></command>"
    );
    assert_eq!(String::from(&ask.write()), wire(&expected));
    let note = Some(Note::Info("Operation finished successfully".to_owned()));
    let done = CommandAnswer { status: Status::Completed, form: None, note, ..ask };
    let expected = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='{NODE}' sessionid='7' status='completed'>\
         <note type='info'>Operation finished successfully</note></command>"
    );
    assert_eq!(String::from(&done.write()), wire(&expected));
}

#[test]
fn commands_in_service_discovery() {
    let items = String::from(&list("workgroup.example.com", [(NODE, "Add a workgroup")]));
    assert!(items.contains("node='http://jabber.org/protocol/commands'") && items.contains(NODE), "{items}");
    let info = String::from(&describe(NODE, "Add a workgroup"));
    assert!(info.contains("category='automation'") && info.contains("type='command-node'"), "{info}");
}
