//! Forgetting in memory: a person's words on demand, everybody's when their time is over.

use desk::ids::RequestId;
use desk::time::Time;

use super::World;
use crate::archive::{Erased, MessageKind, Retained, RetentionRule, Whom};

/// Removes the words of a visitor or a chat, or a message left while closed.
pub(super) fn erase(world: &mut World, whom: Whom, at: Time) -> Erased {
    let chats: Vec<RequestId> = match whom {
        Whom::Visitor(visitor) => {
            let of = world.chats.iter().filter(|(_, chat)| chat.visitor == visitor);
            of.map(|(id, _)| *id).collect()
        }
        Whom::Chat(chat) => vec![chat],
        Whom::Left(left) => {
            let left = u64::from(world.left.remove(&left).is_some());
            return Erased { left, ..Erased::default() };
        }
    };
    let mut erased = Erased::default();
    for chat in chats {
        forget_words(world, chat, at, &mut erased);
    }
    if let Whom::Visitor(visitor) = whom {
        let there = world.left.len();
        world.left.retain(|_, left| left.left.visitor != Some(visitor));
        erased.left = (there - world.left.len()) as u64;
        world.visitors.remove(&visitor);
    }
    erased
}

/// Forgets what is older than the rules say.
pub(super) fn retain(world: &mut World, now: Time, rules: &[RetentionRule], limit: usize) -> Retained {
    let mut retained = Retained::default();
    for rule in rules {
        if let Some(span) = rule.transcripts {
            let before = now - span;
            let old = world.chats.iter().filter(|(_, chat)| {
                let over = chat.ended.is_some_and(|(at, _)| at <= before);
                chat.workgroup == rule.workgroup && chat.erased_at.is_none() && over
            });
            let mut old: Vec<(Time, RequestId)> = old.filter_map(|(id, chat)| Some((chat.ended?.0, *id))).collect();
            old.sort_unstable();
            retained.more |= old.len() >= limit;
            old.truncate(limit);
            for (_, chat) in old {
                forget_words(world, chat, now, &mut retained.erased);
            }
            world.left.retain(|_, left| left.left.workgroup != rule.workgroup || left.left.at > before);
        }
        if let Some(span) = rule.files {
            files(world, rule, now - span, limit, &mut retained);
        }
        if let Some(span) = rule.addresses {
            addresses(world, rule, now - span, limit, &mut retained);
        }
    }
    retained
}

fn files(world: &mut World, rule: &RetentionRule, before: Time, limit: usize, retained: &mut Retained) {
    let World { files, chats, .. } = world;
    let mut gone = Vec::new();
    files.retain(|file| {
        let of = chats.get(&file.chat).is_some_and(|chat| chat.workgroup == rule.workgroup);
        let old = of && file.at <= before && gone.len() < limit;
        if old {
            gone.push(file.path.clone());
        }
        !old
    });
    retained.more |= gone.len() >= limit;
    retained.erased.files += gone.len() as u64;
    retained.erased.paths.extend(gone);
}

fn addresses(world: &mut World, rule: &RetentionRule, before: Time, limit: usize, retained: &mut Retained) {
    let mut forgotten = 0;
    for (visit, _) in world.visits.values_mut() {
        let old = visit.workgroup == rule.workgroup && visit.opened_at <= before;
        if old && forgotten < limit && visit.address_hash.take().is_some() {
            forgotten += 1;
        }
    }
    retained.more |= forgotten >= limit;
    retained.addresses += forgotten as u64;
    for left in world.left.values_mut().map(|left| &mut left.left) {
        if left.workgroup == rule.workgroup && left.at <= before && left.address_hash.take().is_some() {
            retained.addresses += 1;
        }
    }
}

/// Removes every word of a chat; its row of the history stays, with the number of its messages.
fn forget_words(world: &mut World, id: RequestId, at: Time, erased: &mut Erased) {
    let Some(visitor) = world.chats.get(&id).map(|chat| chat.visitor) else { return };
    world.files.retain(|file| {
        if file.chat == id {
            erased.files += 1;
            erased.paths.push(file.path.clone());
        }
        file.chat != id
    });
    let messages = world.messages.remove(&id).unwrap_or_default();
    let messages = messages.iter().filter(|message| message.kind != MessageKind::Event).count() as u64;
    erased.messages += messages;
    world.read_marks.retain(|(chat, _), _| *chat != id);
    world.notes.retain(|(chat, _)| *chat != id);
    world.comments.remove(&id);
    world.visit_tokens.retain(|_, request| *request != id);
    world.visits.remove(&id);
    world.deliveries.retain(|_, delivery| delivery.chat != Some(id));
    world.blocks.values_mut().filter(|block| block.block.request == Some(id)).for_each(|b| b.block.reason.clear());
    if !world.visits.values().any(|(visit, _)| visit.visitor == visitor) {
        world.visitors.remove(&visitor);
    }
    if let Some(chat) = world.chats.get_mut(&id).filter(|chat| chat.erased_at.is_none()) {
        chat.messages_erased += messages;
        chat.erased_at = Some(at);
        erased.chats += 1;
    }
}
