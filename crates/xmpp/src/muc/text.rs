//! What characters text may hold before it goes into XML. No markup, no meaning.

use std::borrow::Cow;

/// Whether XML 1.0 can carry the character (XML 1.0 §2.2). One that it cannot would break the receiver's stream.
pub(super) fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Leaves out what XML cannot carry, and all other control characters with it. Tabs and line ends stay.
pub fn without_illegal_characters(text: &str) -> Cow<'_, str> {
    let stays = |c: &char| is_legal(*c) && !('\u{7F}'..='\u{9F}').contains(c);
    if text.chars().all(|c| stays(&c)) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter(stays).collect()) }
}

/// Whether a character changes the direction of text or shows nothing, and so could make one name look like another.
pub(super) fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}')
        || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_left_out() {
        assert_eq!(without_illegal_characters("a\u{0}b\u{1b}[31mc\u{FFFE}"), "ab[31mc");
        assert!(matches!(without_illegal_characters("two\nlines\tשלום"), Cow::Borrowed(_)));
    }

    #[test]
    fn directions_are_deceptive_and_letters_are_not() {
        assert!("\u{202E}\u{2066}\u{200B}\u{FEFF}".chars().all(is_deceptive));
        assert!(!"Zoë שלום 你好 😀".chars().any(is_deceptive));
    }
}
