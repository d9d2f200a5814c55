//! Persistent rooms over restarts: what the conference service says is to be stored goes to the store, and comes back at the
//! start. Conversations' rooms are never among them: the desk makes those anew.

use std::collections::BTreeSet;

use store::StoreError;
use store::im::ImRoom;
use tokio::sync::mpsc;
use xmpp::jid::BareJid;
use xmpp::muc::LastingRoom;

use super::{House, Rooms};

impl Rooms {
    /// Puts the persistent rooms back, and stores from now on what changes about them.
    ///
    /// # Errors
    /// When the store cannot be read. A room whose document makes no sense is left out, with a line in the log.
    pub async fn keep_lasting(&self) -> Result<(), StoreError> {
        for kept in self.0.store.im_rooms().await? {
            let restored = LastingRoom::from_text(&kept.body).and_then(|room| self.0.conference.restore(&room));
            if let Err(fault) = restored {
                tracing::error!(room = kept.room, %fault, "a persistent room could not be restored");
            }
        }
        let (changed, changes) = mpsc::unbounded_channel();
        self.0.conference.tell_lasting(changed);
        let house = std::sync::Arc::clone(&self.0);
        tokio::spawn(async move { keep(&house, changes).await });
        Ok(())
    }
}

async fn keep(house: &House, mut changes: mpsc::UnboundedReceiver<BareJid>) {
    let mut batch = Vec::new();
    while changes.recv_many(&mut batch, 256).await > 0 {
        // Several changes of one room are one document.
        for room in batch.drain(..).collect::<BTreeSet<_>>() {
            let kept = match house.conference.lasting(&room) {
                Some(lasting) => {
                    let body = lasting.to_text();
                    house.store.im_keep_room(ImRoom { room: room.to_string(), body, at: house.clock.now() }).await
                }
                None => house.store.im_drop_room(&room.to_string()).await,
            };
            if let Err(error) = kept {
                tracing::error!(%error, hint = error.hint(), "a persistent room could not be stored");
            }
        }
    }
}
