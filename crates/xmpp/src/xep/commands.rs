//! XEP-0050 ad-hoc commands: the `<command/>` element, and how commands are listed and described in service discovery.

use minidom::Element;
use xmpp_parsers::ns as parsers_ns;

use super::data_form::{Form, Submission};
use super::ns;
use crate::markup::{Build, Fault, Read};

const NODE_BYTES: usize = 512;

/// What the sender wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are those of XEP-0050 §4.2")]
pub enum Action {
    Cancel,
    Complete,
    #[default]
    Execute,
    Next,
    Prev,
}

const ACTIONS: [(&str, Action); 5] = [
    ("cancel", Action::Cancel),
    ("complete", Action::Complete),
    ("execute", Action::Execute),
    ("next", Action::Next),
    ("prev", Action::Prev),
];

/// How far a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// More is needed.
    Executing,
    /// It is done.
    Completed,
    /// It was given up.
    Canceled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Executing => "executing",
            Status::Completed => "completed",
            Status::Canceled => "canceled",
        }
    }
}

/// A `<command/>` that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandAsked {
    /// Which command.
    pub node: String,
    /// Which run of it; none at the first step.
    pub session: Option<String>,
    /// What is wanted next.
    pub action: Action,
    /// The form, filled in.
    pub form: Option<Submission>,
}

impl CommandAsked {
    /// Reads `<command/>`.
    ///
    /// # Errors
    /// When it is another element, names no command, its action is none, or its form holds too much.
    pub fn read(element: &Element) -> Result<CommandAsked, Fault> {
        let it = Read::of(element, "command", &[ns::COMMANDS])?;
        let action = match it.attr("action", NODE_BYTES)? {
            None => Action::default(),
            Some(name) => {
                let found = ACTIONS.iter().find(|(have, _)| *have == name);
                found.map(|(_, action)| *action).ok_or(Fault::Malformed("action"))?
            }
        };
        let form = it.all().find(|child| Submission::is(child.element()));
        Ok(CommandAsked {
            node: it.need_attr("node", NODE_BYTES)?,
            session: it.attr("sessionid", NODE_BYTES)?.map(str::to_owned),
            action,
            form: form.map(|form| Submission::read(form.element())).transpose()?,
        })
    }
}

/// Words beside the answer, and how grave they are.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of XEP-0050 §4.3")]
pub enum Note {
    Info(String),
    Warn(String),
    Error(String),
}

/// A `<command/>` that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandAnswer {
    /// Which command.
    pub node: String,
    /// Which run of it.
    pub session: String,
    /// How far it is.
    pub status: Status,
    /// What to fill in, or what came of it.
    pub form: Option<Form>,
    /// Words.
    pub note: Option<Note>,
}

impl CommandAnswer {
    /// The `<command/>` element. While more is needed, the one next action is `complete`: commands here have one step.
    pub fn write(&self) -> Element {
        let actions = Build::new("actions", ns::COMMANDS).attr("execute", "complete").flag("complete", true);
        let note = |note: &Note| {
            let (kind, text) = match note {
                Note::Info(text) => ("info", text),
                Note::Warn(text) => ("warn", text),
                Note::Error(text) => ("error", text),
            };
            Build::new("note", ns::COMMANDS).attr("type", kind).text(text)
        };
        Build::new("command", ns::COMMANDS)
            .attr("node", &self.node)
            .attr("sessionid", &self.session)
            .attr("status", self.status.as_str())
            .children((self.status == Status::Executing).then_some(actions))
            .children(self.form.as_ref().map(Form::write))
            .children(self.note.as_ref().map(note))
            .done()
    }
}

/// `disco#items` of the node that lists commands: address, node and name of each.
pub fn list<'a>(jid: &str, commands: impl IntoIterator<Item = (&'a str, &'a str)>) -> Element {
    let item = |(node, name): (&str, &str)| {
        Build::new("item", parsers_ns::DISCO_ITEMS).attr("jid", jid).attr("node", node).attr("name", name)
    };
    let query = Build::new("query", parsers_ns::DISCO_ITEMS).attr("node", ns::COMMANDS);
    query.children(commands.into_iter().map(item)).done()
}

/// `disco#info` of one command.
pub fn describe(node: &str, name: &str) -> Element {
    let identity = Build::new("identity", parsers_ns::DISCO_INFO)
        .attr("category", "automation")
        .attr("type", "command-node")
        .attr("name", name);
    let feature = |var: &str| Build::new("feature", parsers_ns::DISCO_INFO).attr("var", var);
    Build::new("query", parsers_ns::DISCO_INFO)
        .attr("node", node)
        .child(identity)
        .children([ns::COMMANDS, parsers_ns::DATA_FORMS].map(feature))
        .done()
}
