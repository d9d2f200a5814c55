//! What one side may send at most, whatever it means.

/// Limits of what is read. Exceeding one ends the stream with `policy-violation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one top-level element before log-in.
    pub bytes_before_login: usize,
    /// Bytes of one top-level element (a stanza) after log-in.
    pub bytes: usize,
    /// Elements inside one another, the stanza itself being the first.
    pub depth: usize,
    /// Attributes of one element, without namespace declarations.
    pub attributes: usize,
    /// Elements directly in one element.
    pub children: usize,
    /// Elements of one stanza, at any depth.
    pub elements: usize,
    /// Bytes of an element's or an attribute's local name.
    pub name_bytes: usize,
    /// Bytes of an attribute's value.
    pub attribute_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_before_login: 10_000,
            bytes: 262_144,
            depth: 32,
            attributes: 32,
            children: 1_024,
            elements: 4_096,
            name_bytes: 128,
            attribute_bytes: 8_192,
        }
    }
}
