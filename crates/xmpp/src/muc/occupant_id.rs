//! XEP-0421: an id of each person in each room that outlives nicks and sessions and does not tell the address.
//!
//! It is a keyed hash of room and bare address; the key is the host's, to be kept secret and unchanged.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jid::BareJid;
use sha2::Sha256;

/// The secret that occupant ids are made with.
#[derive(Clone)]
pub struct OccupantKey([u8; 32]);

impl OccupantKey {
    /// A key of 256 random bits.
    pub fn new(secret: [u8; 32]) -> OccupantKey {
        OccupantKey(secret)
    }

    /// The id of a person in a room: 32 hexadecimal digits (128 bits).
    pub fn occupant_id(&self, room: &BareJid, person: &BareJid) -> String {
        self.digest(&[room.as_str(), person.as_str()], 16)
    }

    /// A mark that nobody else can make of some texts: 16 hexadecimal digits (64 bits).
    pub(super) fn mark(&self, of: &[&str]) -> String {
        self.digest(of, 8)
    }

    fn digest(&self, of: &[&str], bytes: usize) -> String {
        // A shorter key is padded with zeros to the hash's block (RFC 2104).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for (nth, text) in of.iter().enumerate() {
            if nth > 0 {
                mac.update(b"\0");
            }
            mac.update(text.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        digest[..bytes].iter().fold(String::with_capacity(2 * bytes), |mut id, byte| {
            for digit in [byte >> 4, byte & 15] {
                id.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
            id
        })
    }
}

impl fmt::Debug for OccupantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OccupantKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_key_room_and_person() {
        let jid = |text: &str| BareJid::new(text).unwrap();
        let key = OccupantKey::new([7; 32]);
        let id = key.occupant_id(&jid("a@rooms.example"), &jid("anna@example.org"));
        assert_eq!(id.len(), 32);
        assert_eq!(id, key.occupant_id(&jid("a@rooms.example"), &jid("anna@example.org")));
        assert_ne!(id, key.occupant_id(&jid("b@rooms.example"), &jid("anna@example.org")));
        assert_ne!(id, key.occupant_id(&jid("a@rooms.example"), &jid("bert@example.org")));
        assert_ne!(id, OccupantKey::new([8; 32]).occupant_id(&jid("a@rooms.example"), &jid("anna@example.org")));
        assert_eq!(format!("{key:?}"), "OccupantKey(…)");
    }
}
