//! A top-level element while it is read: a stanza goes straight into its type, anything else becomes a tree.

use minidom::Element;
use rxml::xml_lang::XmlLangStack;
use rxml::{AttrMap, Event, QName};
use xmpp_parsers::stanza::Stanza;
use xso::{Context, FromEventsBuilder, FromXml};

use super::NS_CLIENT;
use super::reader::Header;

/// What a reader finds.
#[derive(Debug)]
pub enum Unit {
    /// The stream's header.
    Header(Header),
    /// A stanza.
    Stanza(Box<Stanza>),
    /// Something that is named like a stanza and is none: to be answered with an error, if it is not one itself.
    Broken(Head),
    /// Any other element.
    Element(Element),
    /// The stream's end.
    End,
}

impl Unit {
    /// What an element is that was read as a tree.
    pub(crate) fn of(element: Element, typed: bool) -> Self {
        let name = if typed && element.has_ns(NS_CLIENT) { stanza_name(element.name()) } else { None };
        let Some(name) = name else { return Self::Element(element) };
        let head = Head::of(name, element.attrs());
        Stanza::try_from(element).map_or(Self::Broken(head), |stanza| Self::Stanza(Box::new(stanza)))
    }
}

/// The attributes of a stanza as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// `message`, `presence` or `iq`.
    pub name: &'static str,
    /// `type`.
    pub kind: Option<String>,
    /// `id`.
    pub id: Option<String>,
    /// `to`.
    pub to: Option<String>,
    /// `from`.
    pub from: Option<String>,
}

impl Head {
    fn of(name: &'static str, attributes: &AttrMap) -> Self {
        let plain = |name: &str| attributes.get("", name).cloned();
        Self { name, kind: plain("type"), id: plain("id"), to: plain("to"), from: plain("from") }
    }
}

/// What is known so far.
#[derive(Default)]
pub(super) enum Assembly {
    #[default]
    Nothing,
    Typed(Box<Typed>),
    Broken(Head),
    Tree(Vec<Element>),
    Whole(Unit),
}

pub(super) struct Typed {
    builder: <Stanza as FromXml>::Builder,
    head: Head,
    languages: XmlLangStack,
}

impl Assembly {
    /// The head of a top-level element.
    pub fn begin(name: QName, mut attributes: AttrMap, typed: bool) -> Self {
        let stanza = if typed && name.0.as_str() == NS_CLIENT { stanza_name(&name.1) } else { None };
        let Some(stanza) = stanza else { return Self::Tree(vec![bare(name, attributes)]) };
        let head = Head::of(stanza, &attributes);
        let known = ["normal", "chat", "groupchat", "headline", "error"];
        if stanza == "message" && head.kind.as_deref().is_some_and(|kind| !known.contains(&kind)) {
            // RFC 6121 §5.2.2: an unknown type of message means `normal`.
            attributes.remove("", "type");
        }
        let mut languages = XmlLangStack::new();
        languages.push_from_attrs(&attributes);
        let context = Context::empty().with_language(languages.current());
        match Stanza::from_events(name, attributes, &context) {
            Ok(builder) => Self::Typed(Box::new(Typed { builder, head, languages })),
            Err(_) => Self::Broken(head),
        }
    }

    /// What is inside it, and its end.
    pub fn feed(&mut self, event: Event) {
        match self {
            Self::Nothing | Self::Broken(_) | Self::Whole(_) => {}
            Self::Typed(typed) => {
                typed.languages.handle_event(&event);
                let context = Context::empty().with_language(typed.languages.current());
                match typed.builder.feed(event, &context) {
                    Ok(None) => {}
                    Ok(Some(stanza)) => *self = Self::Whole(Unit::Stanza(Box::new(stanza))),
                    Err(_) => *self = Self::Broken(typed.head.clone()),
                }
            }
            Self::Tree(stack) => match event {
                Event::XmlDeclaration(..) => {}
                Event::StartElement(_, name, attributes) => stack.push(bare(name, attributes)),
                Event::Text(_, text) => {
                    if let Some(innermost) = stack.last_mut() {
                        innermost.append_text(text);
                    }
                }
                Event::EndElement(_) => {
                    let Some(whole) = stack.pop() else { return };
                    match stack.last_mut() {
                        Some(outer) => drop(outer.append_child(whole)),
                        None => *self = Self::Whole(Unit::Element(whole)),
                    }
                }
            },
        }
    }

    /// The whole, after its end was fed.
    pub fn finish(&mut self) -> Option<Unit> {
        match std::mem::take(self) {
            Self::Whole(unit) => Some(unit),
            Self::Broken(head) => Some(Unit::Broken(head)),
            Self::Typed(typed) => Some(Unit::Broken(typed.head)),
            Self::Nothing | Self::Tree(_) => None,
        }
    }
}

impl std::fmt::Debug for Assembly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Assembly")
    }
}

fn stanza_name(name: &str) -> Option<&'static str> {
    match name {
        "message" => Some("message"),
        "presence" => Some("presence"),
        "iq" => Some("iq"),
        _ => None,
    }
}

fn bare((namespace, name): QName, attributes: AttrMap) -> Element {
    let mut element = Element::bare(name, namespace);
    *element.attrs_mut() = attributes;
    element
}
