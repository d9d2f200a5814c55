//! Prepared answers (the dialect's `macros`): groups of groups and answers, carried as text that is itself XML.

use minidom::Element;

use super::limits::{ENTRIES, NAME_BYTES, TEXT_BYTES, VALUE_BYTES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// How deep groups may be nested.
const DEPTH: usize = 8;

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MacroKind {
    /// Words.
    #[default]
    Text,
    /// An address.
    Url,
    /// A picture.
    Image,
}

impl MacroKind {
    const ALL: [MacroKind; 3] = [MacroKind::Text, MacroKind::Url, MacroKind::Image];
}

/// A prepared answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Macro {
    /// What agents see.
    pub title: String,
    /// What it is.
    pub kind: MacroKind,
    /// What agents see beside it.
    pub description: String,
    /// What is said.
    pub response: String,
}

/// A group of answers and groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MacroGroup {
    /// Its title.
    pub title: String,
    /// Its answers.
    pub macros: Vec<Macro>,
    /// Its groups.
    pub groups: Vec<MacroGroup>,
}

impl MacroGroup {
    /// The text that clients expect: XML in no namespace.
    pub fn to_text(&self) -> String {
        // The writer says that there is no namespace. Without anything around it, that goes without saying.
        String::from(&self.write()).replacen(" xmlns=''", "", 1)
    }

    fn write(&self) -> Element {
        let answer = |one: &Macro| {
            let kind = MacroKind::ALL.iter().position(|kind| *kind == one.kind).unwrap_or_default();
            Build::new("macro", "")
                .leaf("title", &one.title)
                .leaf("type", kind)
                .leaf("description", &one.description)
                .leaf("response", &one.response)
        };
        Build::new("macrogroup", "")
            .leaf("title", &self.title)
            .child(Build::new("macros", "").children(self.macros.iter().map(answer)))
            .child(Build::new("macroGroups", "").children(self.groups.iter().map(MacroGroup::write)))
            .done()
    }

    /// Reads such a text, which an agent's client made.
    ///
    /// # Errors
    /// When it is too long, no XML, nested too deep, or something else.
    pub fn from_text(text: &str) -> Result<MacroGroup, Fault> {
        if text.len() > TEXT_BYTES {
            return Err(Fault::TooLong { what: "macros", max_bytes: TEXT_BYTES });
        }
        // The parser recurses: how deep it may go is counted before it begins.
        if depth(text) > DEPTH * 2 + 4 {
            return Err(Fault::TooDeep);
        }
        // The parser needs a namespace for what has none.
        let element = Element::from_reader_with_prefixes(text.trim().as_bytes(), ns::JIVE.to_owned());
        let element = element.map_err(|_| Fault::Malformed("macros"))?;
        MacroGroup::read(Read::of(&element, "macrogroup", ns::FAMILY)?, DEPTH)
    }

    fn read(it: Read<'_>, depth: usize) -> Result<MacroGroup, Fault> {
        let depth = depth.checked_sub(1).ok_or(Fault::TooDeep)?;
        let inside = |outer: &'static str, inner: &'static str| match it.child(outer) {
            Some(list) => list.children(inner, ENTRIES),
            None => Ok(Vec::new()),
        };
        let answer = |one: Read<'_>| {
            let kind: usize = one.parsed_leaf("type")?.unwrap_or_default();
            Ok(Macro {
                title: one.leaf("title", NAME_BYTES)?.unwrap_or_default(),
                kind: MacroKind::ALL.get(kind).copied().ok_or(Fault::Malformed("type"))?,
                description: one.leaf("description", VALUE_BYTES)?.unwrap_or_default(),
                response: one.leaf("response", VALUE_BYTES)?.unwrap_or_default(),
            })
        };
        let groups = inside("macroGroups", "macrogroup")?.into_iter().map(|group| MacroGroup::read(group, depth));
        Ok(MacroGroup {
            title: it.leaf("title", NAME_BYTES)?.unwrap_or_default(),
            macros: inside("macros", "macro")?.into_iter().map(answer).collect::<Result<_, _>>()?,
            groups: groups.collect::<Result<_, _>>()?,
        })
    }
}

/// How deep elements are nested at most, counted generously.
fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(at + 1)) {
            (b'<', Some(b'/')) | (b'/', Some(b'>')) => now = now.saturating_sub(1),
            (b'<', _) => now += 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// `<macros/>` as a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MacrosWanted {
    /// The agent's own, not the workgroup's.
    pub personal: bool,
    /// The agent's new ones, where they are set.
    pub new: Option<MacroGroup>,
}

impl MacrosWanted {
    /// Reads the request.
    ///
    /// # Errors
    /// When it is another element or its macros make no sense.
    pub fn read(element: &Element) -> Result<MacrosWanted, Fault> {
        let it = Read::of(element, "macros", ns::FAMILY)?;
        let personal = it.parsed_leaf("personal")?.unwrap_or_default();
        let new = it.leaf("personalMacro", TEXT_BYTES)?.map(|text| MacroGroup::from_text(&text)).transpose()?;
        Ok(MacrosWanted { personal, new })
    }

    /// Writes the request.
    pub fn write(&self) -> Element {
        Build::new("macros", ns::JIVE)
            .maybe_leaf("personal", self.personal.then_some("true"))
            .maybe_leaf("personalMacro", self.new.as_ref().map(MacroGroup::to_text))
            .done()
    }

    /// The answer.
    pub fn answer(group: &MacroGroup) -> Element {
        Build::new("macros", ns::JIVE).leaf("model", group.to_text()).done()
    }
}
