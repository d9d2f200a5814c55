//! XEP-0359: the room stamps each message to all with an id of its own, and lets nobody else do so in its name.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_id::StanzaId;

/// The stamp.
pub(super) fn stamp(room: &BareJid, id: &str) -> Element {
    StanzaId { id: id.to_owned(), by: room.clone().into() }.into()
}

/// Whether a payload claims to be a stamp of this room.
pub(super) fn is_forged(room: &BareJid, payload: &Element) -> bool {
    payload.is("stanza-id", ns::SID) && payload.attr("by").is_none_or(|by| BareJid::new(by).is_ok_and(|by| by == *room))
}
