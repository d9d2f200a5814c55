//! A room's name that nobody has (`muc#unique`, from older editions of XEP-0045 §10.1.4).

use super::{Moment, Service};

impl Service {
    /// The part before the `@` of a room that does not exist. It follows from the moment's id, which is the host's to
    /// make unguessable, and from the secret of the service.
    pub(super) fn unique_name(&self, at: Moment<'_>) -> String {
        let now = at.now_us.to_string();
        let name = |nth: u32| self.key.mark(&["unique", &now, at.stanza_id, &nth.to_string()]);
        let is_free = |name: &String| {
            let address = format!("{name}@{}", self.address);
            jid::BareJid::new(&address).is_ok_and(|address| !self.rooms.contains_key(&address))
        };
        // 64 bits of a keyed hash: that a second try is needed does not happen.
        (0..8).map(name).find(is_free).unwrap_or_else(|| name(8))
    }
}
