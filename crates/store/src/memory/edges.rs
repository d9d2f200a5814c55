//! What the edges remember, in memory.

use desk::ids::{RequestId, VisitorId};
use desk::time::{Span, Time};

use super::{Memory, World};
use crate::commit::Page;
use crate::edges::{
    AuditEntry, Block, Canned, Channel, Delivery, DeliveryState, Edges, NewAudit, NewDelivery, Target, Visit, Visitor,
    Webhook,
};
use crate::{Hash, Pending, StoreError};

impl Edges for Memory {
    fn visit_by_token(&self, token: Hash) -> Pending<Option<Visit>> {
        self.read(|world| Some(world.visits.get(world.visit_tokens.get(&token)?)?.0.clone()))
    }

    fn visit_by_key(&self, key: Hash) -> Pending<Option<Visit>> {
        self.read(|world| world.visits.values().rev().find(|(_, of)| *of == Some(key)).map(|(visit, _)| visit.clone()))
    }

    fn visits(&self, requests: Vec<RequestId>) -> Pending<Vec<Visit>> {
        self.read(|world| {
            requests.iter().filter_map(|request| world.visits.get(request)).map(|(visit, _)| visit.clone()).collect()
        })
    }

    fn open_visits(&self) -> Pending<Vec<Visit>> {
        self.read(|world| open(world).cloned().collect())
    }

    fn open_visits_of(&self, visitor: VisitorId) -> Pending<Vec<Visit>> {
        self.read(|world| {
            let mut list: Vec<Visit> = open(world).filter(|visit| visit.visitor == visitor).cloned().collect();
            list.reverse();
            list
        })
    }

    fn add_visit_token(&self, request: RequestId, token: Hash, _at: Time) -> Pending<()> {
        self.write(|world| {
            if !world.visits.contains_key(&request) {
                return Err(StoreError::NotFound);
            }
            world.visit_tokens.insert(token, request);
            Ok(())
        })
    }

    fn set_page(&self, request: RequestId, page: Page) -> Pending<()> {
        self.write(|world| {
            world.visits.get_mut(&request).ok_or(StoreError::NotFound)?.0.page = Some(page);
            Ok(())
        })
    }

    fn visitor_by_token(&self, token: Hash) -> Pending<Option<Visitor>> {
        self.read(|world| {
            let same = world.visitors.values().filter(|(_, of)| *of == Some(token));
            same.max_by_key(|(visitor, _)| visitor.last_at).map(|(visitor, _)| visitor.clone())
        })
    }

    fn visitors(&self, visitors: Vec<VisitorId>) -> Pending<Vec<Visitor>> {
        self.read(|world| {
            visitors.iter().filter_map(|id| world.visitors.get(id)).map(|(visitor, _)| visitor.clone()).collect()
        })
    }

    fn canned(&self) -> Pending<Vec<Canned>> {
        self.read(|world| {
            let mut list: Vec<Canned> = world.canned.values().cloned().collect();
            list.sort_by(|a, b| a.shortcut.cmp(&b.shortcut));
            list
        })
    }

    fn put_canned(&self, mut canned: Canned) -> Pending<u64> {
        self.write(|world| {
            let key = |canned: &Canned| {
                let Canned { owner, shortcut, workgroup, locale, .. } = canned.clone();
                (owner, shortcut, workgroup, locale)
            };
            if world.canned.values().any(|other| other.id != canned.id && key(other) == key(&canned)) {
                return Err(StoreError::Conflict("shortcut"));
            }
            canned.id = numbered(world, "canned", canned.id, |world, id| world.canned.contains_key(&id))?;
            let id = canned.id;
            world.canned.insert(id, canned);
            Ok(id)
        })
    }

    fn delete_canned(&self, id: u64) -> Pending<()> {
        self.write(|world| world.canned.remove(&id).map(|_| ()).ok_or(StoreError::NotFound))
    }

    fn webhooks(&self) -> Pending<Vec<Webhook>> {
        self.read(|world| world.webhooks.values().cloned().collect())
    }

    fn put_webhook(&self, mut webhook: Webhook) -> Pending<u64> {
        self.write(|world| {
            webhook.id = numbered(world, "webhook", webhook.id, |world, id| world.webhooks.contains_key(&id))?;
            let id = webhook.id;
            world.webhooks.insert(id, webhook);
            Ok(id)
        })
    }

    fn delete_webhook(&self, id: u64) -> Pending<()> {
        self.write(|world| {
            world.webhooks.remove(&id).ok_or(StoreError::NotFound)?;
            world.deliveries.retain(|_, delivery| delivery.target != Target::Webhook(id));
            Ok(())
        })
    }

    fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Pending<u64> {
        self.write(|world| {
            let numbers: Vec<u64> = deliveries.iter().map(|delivery| enqueue(world, delivery)).collect();
            Ok(numbers.first().copied().unwrap_or(0))
        })
    }

    fn claim(&self, channel: Channel, now: Time, lease: Span, limit: usize) -> Pending<Vec<Delivery>> {
        self.write(|world| {
            let mut due: Vec<(Time, u64)> = waiting(world, channel).filter(|(due, _)| *due <= now).collect();
            due.sort_unstable();
            due.truncate(limit);
            let claimed = due.into_iter().filter_map(|(_, id)| {
                let delivery = world.deliveries.get_mut(&id)?;
                delivery.attempts += 1;
                delivery.due_at = now + lease;
                Some(delivery.clone())
            });
            Ok(claimed.collect())
        })
    }

    fn next_due(&self, channel: Channel) -> Pending<Option<Time>> {
        self.read(|world| waiting(world, channel).map(|(due, _)| due).min())
    }

    fn delivered(&self, id: u64, note: &str, at: Time) -> Pending<()> {
        self.write(|world| {
            let delivery = world.deliveries.get_mut(&id).ok_or(StoreError::NotFound)?;
            delivery.state = DeliveryState::Delivered;
            forget_words(delivery);
            note.clone_into(&mut delivery.note);
            delivery.settled_at = Some(at);
            Ok(())
        })
    }

    fn failed(&self, id: u64, problem: &str, next_at: Option<Time>, at: Time) -> Pending<()> {
        self.write(|world| {
            let delivery = world.deliveries.get_mut(&id).filter(|delivery| delivery.state == DeliveryState::Due);
            let delivery = delivery.ok_or(StoreError::NotFound)?;
            problem.clone_into(&mut delivery.note);
            match next_at {
                Some(next_at) => delivery.due_at = next_at,
                None => {
                    (delivery.state, delivery.settled_at) = (DeliveryState::Dead, Some(at));
                    forget_words(delivery);
                }
            }
            Ok(())
        })
    }

    fn deliveries(&self, channel: Channel, webhook: Option<u64>, limit: usize) -> Pending<Vec<Delivery>> {
        self.read(|world| {
            let of = world.deliveries.values().rev().filter(|delivery| channel_of(&delivery.target) == channel);
            let of = of.filter(|delivery| webhook.is_none_or(|id| delivery.target == Target::Webhook(id)));
            of.take(limit).cloned().collect()
        })
    }

    fn prune_deliveries(&self, before: Time) -> Pending<u64> {
        self.write(|world| {
            let there = world.deliveries.len();
            world.deliveries.retain(|_, delivery| delivery.settled_at.is_none_or(|at| at >= before));
            Ok((there - world.deliveries.len()) as u64)
        })
    }

    fn prune_audit(&self, before: Time) -> Pending<u64> {
        self.write(move |world| {
            let there = world.audit.len();
            world.audit.retain(|entry| entry.entry.at >= before);
            Ok((there - world.audit.len()) as u64)
        })
    }

    fn blocks(&self) -> Pending<Vec<Block>> {
        self.read(|world| world.blocks.values().rev().cloned().collect())
    }

    fn delete_block(&self, id: u64) -> Pending<()> {
        self.write(|world| world.blocks.remove(&id).map(|_| ()).ok_or(StoreError::NotFound))
    }

    fn audit(&self, entry: NewAudit) -> Pending<()> {
        self.write(|world| {
            let seq = world.number("audit");
            world.audit.push(AuditEntry { seq, entry });
            Ok(())
        })
    }

    fn audit_page(&self, before: Option<u64>, limit: usize) -> Pending<Vec<AuditEntry>> {
        self.read(|world| {
            let page = world.audit.iter().rev().filter(|entry| before.is_none_or(|before| entry.seq < before));
            page.take(limit).cloned().collect()
        })
    }
}

/// Puts a notice into the outbox; its number.
pub(super) fn enqueue(world: &mut World, new: &NewDelivery) -> u64 {
    let id = world.number("delivery");
    let delivery = Delivery {
        id,
        target: new.target.clone(),
        subject: new.subject.clone(),
        body: new.body.clone(),
        chat: new.chat,
        attempts: 0,
        state: DeliveryState::Due,
        note: String::new(),
        due_at: new.due_at,
        created_at: new.due_at,
        settled_at: None,
    };
    world.deliveries.insert(id, delivery);
    id
}

/// What a settled notice said, and to whom, is forgotten.
fn forget_words(delivery: &mut Delivery) {
    delivery.body.clear();
    if let Target::Mail(address) = &mut delivery.target {
        address.clear();
    }
}

fn open(world: &World) -> impl Iterator<Item = &Visit> {
    world.visits.values().map(|(visit, _)| visit).filter(|visit| visit.ended_at.is_none())
}

fn channel_of(target: &Target) -> Channel {
    match target {
        Target::Webhook(_) => Channel::Webhook,
        Target::Mail(_) => Channel::Mail,
    }
}

/// Notices that may be sent: when they are due, and their numbers.
fn waiting(world: &World, channel: Channel) -> impl Iterator<Item = (Time, u64)> {
    let due = world.deliveries.values().filter(move |delivery| {
        let may_go = match delivery.target {
            Target::Webhook(id) => world.webhooks.get(&id).is_some_and(|webhook| !webhook.paused),
            Target::Mail(_) => true,
        };
        delivery.state == DeliveryState::Due && channel_of(&delivery.target) == channel && may_go
    });
    due.map(|delivery| (delivery.due_at, delivery.id))
}

/// The number that a row gets: a new one for 0, its own if it is there.
fn numbered(
    world: &mut World,
    table: &'static str,
    id: u64,
    is_there: impl FnOnce(&World, u64) -> bool,
) -> Result<u64, StoreError> {
    match id {
        0 => Ok(world.number(table)),
        id if is_there(world, id) => Ok(id),
        _ => Err(StoreError::NotFound),
    }
}
