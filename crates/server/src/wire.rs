//! How ids of the desk are written on the wire, the same at every endpoint; times stand in `clock.rs`. Nothing else.

use desk::time::Span;

/// An id on the wire: opaque to clients.
pub fn id(number: u64) -> String {
    number.to_string()
}

/// An id from the wire; none if it cannot be one.
pub fn parse(text: &str) -> Option<u64> {
    (!text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A length of time in seconds, with at most milliseconds.
pub fn seconds(span: Span) -> f64 {
    (span.0 / 1_000) as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_and_nothing_else() {
        assert_eq!(parse("12"), Some(12));
        for bad in ["", "-1", "+1", " 1", "1a", "99999999999999999999"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
