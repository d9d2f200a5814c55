//! What people typed, made fit to be stored, sent through XML and shown: control characters, direction tricks, lengths.
//! Words are never judged here.

/// Longest message in characters.
pub const MESSAGE_MAX: usize = 4_000;
/// Longest name of a person in characters.
pub const NAME_MAX: usize = 64;

/// Why a text cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// Nothing is left of it.
    Empty,
    /// More characters than allowed.
    TooLong,
}

impl Unfit {
    /// The word for it in an error's `fields`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "missing",
            Self::TooLong => "too_long",
        }
    }
}

/// A message of several lines: control characters except line feed and tab are removed, so are the characters that
/// embed or override direction (U+202A–U+202E); isolates (U+2066–U+2069) are kept and balanced within each line, so that a text
/// cannot turn around what stands beside it.
///
/// # Errors
/// When nothing but space is left, or more than `max` characters.
pub fn message(raw: &str, max: usize) -> Result<String, Unfit> {
    // Looked at before any work: a text of megabytes is refused by its length in bytes.
    if raw.len() > max.saturating_mul(4).saturating_add(1024) {
        return Err(Unfit::TooLong);
    }
    let mut clean = String::with_capacity(raw.len());
    let mut open = 0_usize;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => {
                close(&mut clean, &mut open);
                clean.push('\n');
            }
            '\u{2066}'..='\u{2068}' => {
                open += 1;
                clean.push(c);
            }
            '\u{2069}' if open == 0 => {}
            '\u{2069}' => {
                open -= 1;
                clean.push(c);
            }
            c if unwanted(c) => {}
            c => clean.push(c),
        }
    }
    close(&mut clean, &mut open);
    fit(clean.trim(), max)
}

/// A single line, such as a name or the answer to a question of one line: as `message`, with all white space as single
/// spaces and no isolates.
///
/// # Errors
/// When nothing is left, or more than `max` characters.
pub fn line(raw: &str, max: usize) -> Result<String, Unfit> {
    if raw.len() > max.saturating_mul(4).saturating_add(1024) {
        return Err(Unfit::TooLong);
    }
    let kept: String = raw
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|&c| !unwanted(c) && !('\u{2066}'..='\u{2069}').contains(&c))
        .collect();
    fit(&kept.split_whitespace().collect::<Vec<_>>().join(" "), max)
}

fn fit(clean: &str, max: usize) -> Result<String, Unfit> {
    let visible =
        |c: char| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if !clean.chars().any(visible) {
        return Err(Unfit::Empty);
    }
    if clean.chars().count() > max {
        return Err(Unfit::TooLong);
    }
    Ok(clean.to_owned())
}

fn close(clean: &mut String, open: &mut usize) {
    for _ in 0..std::mem::take(open) {
        clean.push('\u{2069}');
    }
}

/// Control characters, direction embedding and override, and what XML 1.0 cannot carry.
fn unwanted(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_overrides_go_and_words_stay() {
        assert_eq!(message("a\u{0}b\u{1b}[31mc\r\nd\te\u{7f}", 100).as_deref(), Ok("ab[31mc\nd\te"));
        assert_eq!(message("pay \u{202e}txt.exe\u{202c} now", 100).as_deref(), Ok("pay txt.exe now"));
        assert_eq!(message("שלום 👩‍👩‍👧 \u{200f}", 100).as_deref(), Ok("שלום 👩‍👩‍👧 \u{200f}"));
    }

    #[test]
    fn isolates_are_balanced_within_each_line() {
        assert_eq!(message("a\u{2067}b\nc\u{2069}d", 100).as_deref(), Ok("a\u{2067}b\u{2069}\ncd"));
        assert_eq!(message("\u{2066}x\u{2069}", 100).as_deref(), Ok("\u{2066}x\u{2069}"));
    }

    #[test]
    fn lengths_count_characters_and_nothing_visible_is_empty() {
        assert_eq!(message(&"é".repeat(4000), MESSAGE_MAX).map(|t| t.chars().count()), Ok(4000));
        assert_eq!(message(&"é".repeat(4001), MESSAGE_MAX), Err(Unfit::TooLong));
        assert_eq!(message(&"x".repeat(10_000_000), MESSAGE_MAX), Err(Unfit::TooLong));
        for nothing in ["", "  \n\t", "\u{0}\u{1}", "\u{200b}\u{2060}", "\u{2066}\u{2069}"] {
            assert_eq!(message(nothing, 10), Err(Unfit::Empty), "{nothing:?}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(line("  Anna\n\t of  X\u{2067} ", NAME_MAX).as_deref(), Ok("Anna of X"));
        assert_eq!(line(&"n".repeat(65), NAME_MAX), Err(Unfit::TooLong));
    }
}
