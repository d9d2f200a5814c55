//! XMPP over WebSocket (RFC 7395): the elements that stand for a stream's header and its end. A frame is one element; what is
//! inside is the stream's.

use crate::wire::{Header, Unit};

/// The namespace of `<open/>` and `<close/>`.
pub const NS_FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
/// The subprotocol to be negotiated.
pub const SUBPROTOCOL: &str = "xmpp";

/// The end of a stream.
pub(crate) const CLOSE: &str = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

/// What a frame means for the stream.
pub(crate) fn unit(unit: Unit) -> Unit {
    match unit {
        Unit::Element(element) if element.is("open", NS_FRAMING) => Unit::Header(Header::of(element.attrs())),
        Unit::Element(element) if element.is("close", NS_FRAMING) => Unit::End,
        other => other,
    }
}

/// Writes `<open/>` with these attributes, which are written out.
pub(crate) fn write_open(attributes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'");
    out.extend_from_slice(attributes);
    out.extend_from_slice(b"/>");
}
