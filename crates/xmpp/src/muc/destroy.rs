//! The end of a room (XEP-0045 §10.9): everybody inside is told, once, and is out.

use jid::BareJid;

use super::leave::Removal;
use super::outcome::Turn;
use super::{Leaving, Room, RoomHappening, Why};
use crate::xep::muc_user::Destroyed;

/// Where the conversation goes on.
#[derive(Debug, Clone)]
pub(super) struct Alternate {
    pub room: BareJid,
    pub password: Option<String>,
}

impl Room {
    /// Ends the room. The service forgets it afterwards.
    pub(super) fn destroy(
        &mut self,
        turn: &mut Turn<'_>,
        why: Why,
        reason: Option<String>,
        alternate: Option<Alternate>,
    ) {
        let how = if why == Why::ServiceShutdown { Leaving::ServiceShutdown } else { Leaving::RoomDestroyed };
        let (jid, password) = alternate.map(|other| (other.room, other.password)).unzip();
        let destroy = (how == Leaving::RoomDestroyed).then(|| Destroyed {
            jid: jid.map(Into::into),
            password: password.flatten(),
            reason: reason.clone(),
        });
        self.dismiss_all(turn, &Removal { reason: reason.clone(), destroy, ..Removal::new(how) });
        self.destroyed = true;
        turn.tell(RoomHappening::Destroyed { room: self.jid.clone(), why, reason });
    }
}
