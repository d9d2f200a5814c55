//! How fast an occupant on the network may send presence and messages: each within a [`Pace`], kept as one moment for
//! each (the generic cell rate algorithm). The host's own calls are not measured.

use std::fmt;

use jid::FullJid;

use super::outcome::Turn;
use super::{Pace, Room, RoomRefusal};

/// What an occupant has used of its paces.
#[derive(Clone, Copy)]
pub(super) struct Spent {
    presence_us: i64,
    message_us: i64,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    Presence,
    Message,
}

impl Default for Spent {
    fn default() -> Spent {
        Spent { presence_us: i64::MIN, message_us: i64::MIN }
    }
}

impl fmt::Debug for Spent {
    /// A refused stanza may have been counted; nothing else depends on it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spent(…)")
    }
}

/// Takes one step, or says no and leaves everything as it is. `next_us` is when the steps so far are made up for.
fn step(next_us: &mut i64, pace: Pace, now_us: i64) -> bool {
    if pace.interval_us == 0 {
        return true;
    }
    let interval_us = i64::from(pace.interval_us);
    let ahead_us = interval_us.saturating_mul(i64::from(pace.burst.max(1)) - 1);
    let from_us = (*next_us).max(now_us);
    if from_us.saturating_sub(now_us) > ahead_us {
        return false;
    }
    *next_us = from_us.saturating_add(interval_us);
    true
}

impl Room {
    /// Refuses what comes too fast from an occupant. Whoever is not inside is not measured: the door refuses them.
    pub(super) fn check_pace(&mut self, turn: &Turn<'_>, from: &FullJid, what: Sending) -> Result<(), RoomRefusal> {
        let Some(occupant) = self.sessions.get(from).and_then(|nick| self.occupants.get_mut(nick)) else {
            return Ok(());
        };
        let in_time = match what {
            Sending::Presence => step(&mut occupant.spent.presence_us, turn.limits.presence_pace, turn.at.now_us),
            Sending::Message => step(&mut occupant.spent.message_us, turn.limits.message_pace, turn.at.now_us),
        };
        if in_time { Ok(()) } else { Err(RoomRefusal::TooFast) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_each_interval() {
        let pace = Pace { burst: 3, interval_us: 100 };
        let mut next_us = i64::MIN;
        let passed: Vec<bool> = [0, 0, 0, 0, 99, 100, 100, 200, 1_000, 1_000, 1_000, 1_000]
            .into_iter()
            .map(|now_us| step(&mut next_us, pace, now_us))
            .collect();
        let (yes, no) = (true, false);
        assert_eq!(passed, [yes, yes, yes, no, no, yes, no, yes, yes, yes, yes, no]);
    }

    #[test]
    fn without_a_limit_everything_passes() {
        let mut next_us = i64::MIN;
        assert!((0..1_000).all(|_| step(&mut next_us, Pace::UNLIMITED, i64::MIN)));
        assert_eq!(next_us, i64::MIN);
    }
}
