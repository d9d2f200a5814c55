//! Password-protected rooms (XEP-0045 §7.2.6): the password at the door.

use super::{Room, RoomRefusal};

impl Room {
    /// Refuses a missing or wrong password. Takes the same time wherever the difference lies.
    pub(super) fn check_password(&self, given: Option<&str>) -> Result<(), RoomRefusal> {
        match (&self.config.password, given) {
            (None, _) => Ok(()),
            (Some(password), Some(given)) if is_same(password.as_bytes(), given.as_bytes()) => Ok(()),
            (Some(_), _) => Err(RoomRefusal::PasswordRequired),
        }
    }
}

fn is_same(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0, |difference, (l, r)| difference | (l ^ r));
    left.len() == right.len() && std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn only_the_same_password_is_the_same() {
        assert!(is_same(b"cauldronburn", b"cauldronburn"));
        assert!(!is_same(b"cauldronburn", b"cauldronburN"));
        assert!(!is_same(b"cauldron", b"cauldronburn"));
        assert!(!is_same(b"", b"cauldronburn"));
    }
}
