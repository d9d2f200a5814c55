//! Nicks: what a name in a room may be, and when two of them are the same.
//!
//! A nick is the resource part of an occupant's address: normalised by the `jid` crate (resourceprep), at most
//! [`super::Limits::nick_bytes`] long. Control characters and characters that change the direction of text or show
//! nothing are refused from the network; [`Nick::tidy`] strips them for hosts that have a free-form name at hand. Two
//! nicks that differ only in upper and lower case or in white space count as the same, so that nobody passes for
//! another.

use std::cmp::Ordering;
use std::fmt;

use jid::{ResourcePart, ResourceRef};

use super::text::{is_deceptive, is_legal};

/// A name in a room, as shown.
#[derive(Debug, Clone)]
pub struct Nick {
    shown: ResourcePart,
    folded: String,
}

/// Why a text is no nick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NickFault {
    /// Nothing, or only spaces.
    Empty,
    /// More bytes than the limit.
    TooLong,
    /// Spaces at its start or end.
    OuterSpace,
    /// A control character, or one that changes the direction of text or shows nothing.
    Deceptive,
    /// Resourceprep refuses it.
    NotAResource,
}

impl Nick {
    /// Reads a nick as somebody asks for it.
    ///
    /// # Errors
    /// Says what is wrong with it; nothing is repaired.
    pub fn new(text: &str, max_bytes: usize) -> Result<Nick, NickFault> {
        if text.trim().is_empty() {
            return Err(NickFault::Empty);
        }
        if text.chars().any(|c| c.is_control() || is_deceptive(c) || !is_legal(c)) {
            return Err(NickFault::Deceptive);
        }
        // Bytes are counted, and spaces looked for, in what is shown: normalising changes both.
        if text.len() > max_bytes {
            return Err(NickFault::TooLong);
        }
        let shown = ResourcePart::new(text).map_err(|_| NickFault::NotAResource)?.into_owned();
        match shown.as_str() {
            nick if nick.len() > max_bytes => Err(NickFault::TooLong),
            nick if nick.trim().is_empty() => Err(NickFault::Empty),
            nick if nick.trim() != nick || text.trim() != text => Err(NickFault::OuterSpace),
            nick => {
                let folded = nick.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
                Ok(Nick { shown, folded })
            }
        }
    }

    /// Makes a nick of a free-form name, such as a form's answer: strips what [`Nick::new`] refuses, joins runs of
    /// white space, cuts at the limit. `None` when nothing is left.
    pub fn tidy(text: &str, max_bytes: usize) -> Option<Nick> {
        let kept: String = text
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !c.is_control() && !is_deceptive(*c) && is_legal(*c))
            .collect();
        let mut name = String::new();
        for word in kept.split(' ').filter(|word| !word.is_empty()) {
            let gap = usize::from(!name.is_empty());
            let room = max_bytes.saturating_sub(name.len() + gap);
            let cut = word.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last();
            let Some(cut) = cut else { break };
            if gap == 1 {
                name.push(' ');
            }
            name.push_str(&word[..cut]);
            if cut < word.len() {
                break;
            }
        }
        Nick::new(&name, max_bytes).ok()
    }

    /// The nick as shown.
    pub fn as_str(&self) -> &str {
        self.shown.as_str()
    }

    /// The nick as the resource of an occupant's address.
    pub fn as_resource(&self) -> &ResourceRef {
        &self.shown
    }

    /// Whether the two may not be in one room together.
    pub fn clashes_with(&self, other: &Nick) -> bool {
        self.folded == other.folded
    }
}

impl PartialEq for Nick {
    fn eq(&self, other: &Nick) -> bool {
        self.shown == other.shown
    }
}

impl Eq for Nick {}

impl PartialOrd for Nick {
    fn partial_cmp(&self, other: &Nick) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Nick {
    fn cmp(&self, other: &Nick) -> Ordering {
        self.shown.as_str().cmp(other.shown.as_str())
    }
}

impl fmt::Display for Nick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nick_is_refused_for_what_is_wrong_with_it() {
        let refuse = |text: &str| Nick::new(text, 64).unwrap_err();
        assert_eq!(refuse(""), NickFault::Empty);
        assert_eq!(refuse("   "), NickFault::Empty);
        assert_eq!(refuse(" anna"), NickFault::OuterSpace);
        assert_eq!(refuse("anna\u{A0}"), NickFault::OuterSpace);
        assert_eq!(refuse("\u{200D} anna"), NickFault::OuterSpace);
        assert_eq!(refuse("an\u{7}na"), NickFault::Deceptive);
        assert_eq!(refuse("\u{202E}anna"), NickFault::Deceptive);
        assert_eq!(refuse(&"x".repeat(65)), NickFault::TooLong);
        assert_eq!(Nick::new("Anna de Vries", 64).unwrap().as_str(), "Anna de Vries");
    }

    #[test]
    fn case_and_space_alone_do_not_tell_two_nicks_apart() {
        let nick = |text: &str| Nick::new(text, 64).unwrap();
        assert!(nick("Support").clashes_with(&nick("sUPPORT")));
        assert!(nick("Anna  de Vries").clashes_with(&nick("anna de vries")));
        assert_ne!(nick("Support"), nick("sUPPORT"));
    }

    #[test]
    fn a_free_form_name_is_tidied() {
        let tidy = |text: &str, max| Nick::tidy(text, max).map(|nick| nick.to_string());
        assert_eq!(tidy("  Anna\n\tde   Vries\u{202E} ", 64).as_deref(), Some("Anna de Vries"));
        assert_eq!(tidy("ééééé", 5).as_deref(), Some("éé"));
        assert_eq!(tidy("one two", 3).as_deref(), Some("one"));
        assert_eq!(tidy("\u{200B}\u{7}", 64), None);
    }
}
