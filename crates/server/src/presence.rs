//! What the coming and going of streams means to the desk: a reader that comes back at once was never gone, several tabs
//! are one person, and a session that nobody reads is forgotten in the end.

use std::collections::{BTreeMap, HashMap, HashSet};

use desk::command::Command;
use desk::time::Time;

use crate::directory::{Change, Directory, Owner};
use crate::rooms::Rooms;
use crate::run_loop::{AskError, Desk};

/// Tells the desk and the rooms who is there. Ends when the loop has stopped. There is one such task per directory.
pub async fn serve(directory: Directory, desk: Desk, rooms: Rooms) {
    let Some(mut changes) = directory.take_changes() else { return };
    rooms.count_guests().await;
    let mut watch = Watch { directory, desk, rooms, there: HashSet::new(), due: BTreeMap::new(), idle: HashMap::new() };
    let mut news = Vec::new();
    loop {
        let due = watch.due.first_key_value().map(|((at, _), _)| *at);
        tokio::select! {
            biased;
            count = changes.recv_many(&mut news, 1_024) => if count == 0 { return },
            () = watch.sleep(due) => {}
        }
        let mut told = Vec::new();
        for change in news.drain(..) {
            watch.note(change, &mut told);
        }
        watch.expire(&mut told);
        if !watch.tell(told).await {
            return;
        }
    }
}

struct Watch {
    directory: Directory,
    desk: Desk,
    rooms: Rooms,
    /// Who is there as far as the desk was told.
    there: HashSet<Owner>,
    /// What is to be done about whom when nobody reads by then.
    due: BTreeMap<(Time, Owner), Step>,
    /// Since when an owner's timers count; older entries of `due` are void.
    idle: HashMap<Owner, Time>,
}

#[derive(Clone, Copy)]
enum Step {
    Tell,
    Forget,
}

impl Watch {
    async fn sleep(&self, due: Option<Time>) {
        match due {
            Some(due) => self.directory.clock().sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    fn note(&mut self, change: Change, told: &mut Vec<(Owner, bool)>) {
        let now = self.directory.clock().now();
        match change {
            Change::Came(owner) => {
                self.idle.remove(&owner);
                if self.there.insert(owner) {
                    told.push((owner, true));
                }
            }
            Change::Went(owner) if !self.directory.is_read(owner) => {
                self.idle.insert(owner, now);
                let limits = self.directory.limits();
                self.due.insert((now + limits.debounce, owner), Step::Tell);
                self.due.insert((now + limits.linger, owner), Step::Forget);
            }
            Change::Went(_) => {}
        }
    }

    fn expire(&mut self, told: &mut Vec<(Owner, bool)>) {
        let now = self.directory.clock().now();
        let limits = *self.directory.limits();
        while let Some(entry) = self.due.first_entry() {
            let ((at, owner), step) = (*entry.key(), *entry.get());
            if at > now {
                return;
            }
            entry.remove();
            let after = match step {
                Step::Tell => limits.debounce,
                Step::Forget => limits.linger,
            };
            if self.idle.get(&owner).is_none_or(|since| *since + after != at) || self.directory.is_read(owner) {
                continue;
            }
            match step {
                Step::Tell if self.there.remove(&owner) => told.push((owner, false)),
                Step::Tell => {}
                Step::Forget => {
                    self.idle.remove(&owner);
                    self.directory.forget_idle(owner);
                }
            }
        }
    }

    /// False when the loop has stopped.
    async fn tell(&self, told: Vec<(Owner, bool)>) -> bool {
        let command = |&(owner, connected): &(Owner, bool)| match owner {
            Owner::Visit(request) => Some(Command::ObserveVisitor { request, connected }),
            Owner::Staff(agent) => Some(Command::ObserveAgent { agent, connected }),
            // Whoever only watches is nobody on the desk.
            Owner::Watcher(_) => None,
        };
        let commands: Vec<Command> = told.iter().filter_map(command).collect();
        if commands.is_empty() {
            return true;
        }
        // What the desk refuses (a request that has ended meanwhile, an agent who is not signed in) needs nothing.
        let answers = self.desk.ask_many(commands).await;
        for (owner, connected) in told {
            self.rooms.connected(owner, connected);
        }
        !answers.iter().any(|answer| matches!(answer, Err(AskError::Stopping)))
    }
}
