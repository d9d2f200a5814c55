//! Builds an element part by part, in the order in which it is to be written.

use std::fmt::Display;

use minidom::Element;
use minidom::rxml::{Namespace, NcName};

use crate::muc::without_illegal_characters;

/// An element in the making. Children are written in the order of the calls, with no white space between them.
#[derive(Debug, Clone)]
pub struct Build(Element);

impl Build {
    /// Begins `<name xmlns='ns'/>`.
    pub fn new(name: &str, ns: &str) -> Build {
        Build(Element::bare(name, ns))
    }

    /// Adds an attribute. `name` is written in the code, never received.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Display) -> Build {
        let name = NcName::try_from(name).expect("attribute names in the code are names");
        let value = value.to_string();
        self.0.set_attr(Namespace::NONE, name, without_illegal_characters(&value).into_owned());
        self
    }

    /// Adds an attribute if there is a value.
    #[must_use]
    pub fn maybe_attr(self, name: &'static str, value: Option<impl Display>) -> Build {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Adds a child.
    #[must_use]
    pub fn child(mut self, child: impl Into<Element>) -> Build {
        self.0.append_child(child.into());
        self
    }

    /// Adds several children.
    #[must_use]
    pub fn children<T: Into<Element>>(self, children: impl IntoIterator<Item = T>) -> Build {
        children.into_iter().fold(self, Build::child)
    }

    /// Adds an empty child of the same namespace if `on`.
    #[must_use]
    pub fn flag(self, name: &'static str, on: bool) -> Build {
        let ns = self.0.ns();
        if on { self.child(Element::bare(name, ns)) } else { self }
    }

    /// Adds a child of the same namespace that holds a text.
    #[must_use]
    pub fn leaf(self, name: &'static str, text: impl Display) -> Build {
        let child = Build::new(name, &self.0.ns()).text(text);
        self.child(child)
    }

    /// Adds such a child if there is a text.
    #[must_use]
    pub fn maybe_leaf(self, name: &'static str, text: Option<impl Display>) -> Build {
        match text {
            Some(text) => self.leaf(name, text),
            None => self,
        }
    }

    /// Adds text.
    #[must_use]
    pub fn text(mut self, text: impl Display) -> Build {
        let text = text.to_string();
        if !text.is_empty() {
            self.0.append_text(without_illegal_characters(&text));
        }
        self
    }

    /// The element.
    pub fn done(self) -> Element {
        self.0
    }
}

impl From<Build> for Element {
    fn from(build: Build) -> Element {
        build.0
    }
}
