//! A commit of the loop in memory: log, records, history and personal words.

use desk::Turn;
use desk::entity::Record;
use desk::ids::RequestId;
use desk::spec::Counted;
use desk::time::{Span, Time};

use super::{Chat, Kind, Label, World};
use crate::archive::Note;
use crate::codec;
use crate::commit::{Commit, LoggedEvent, NewVisit, Of, Personal};
use crate::edges::{AuditEntry, Block, Visit, Visitor};
use crate::history::{self, Change};

/// Writes a commit.
pub(super) fn write(world: &mut World, commit: &Commit) {
    for turn in commit.turns.iter().filter(|turn| !turn.events.is_empty()) {
        log(world, turn);
    }
    for of in history::last_records(&commit.turns) {
        keep(world, of);
    }
    for (index, turn) in commit.turns.iter().enumerate() {
        for change in history::changes(turn) {
            record(world, turn.at, &change);
        }
        let holds = |words: &Personal| turn.outcome.is_ok() || matches!(words, Personal::Delivery(_));
        for (_, words) in commit.personal.iter().filter(|(of, words)| *of == index && holds(words)) {
            personal(world, turn, words);
        }
    }
    for ended in commit.turns.iter().flat_map(|turn| &turn.ended) {
        if let Some((visit, _)) = world.visits.get_mut(&ended.request.id) {
            visit.ended_at = Some(ended.at);
        }
    }
}

fn log(world: &mut World, turn: &Turn) {
    let number = world.number("turn");
    for event in &turn.events {
        let (kind, body) = codec::fact(event);
        let seq = world.number("event");
        world.events.push_back(LoggedEvent { seq, turn: number, at: turn.at, kind: kind.to_owned(), body });
    }
}

fn keep(world: &mut World, record: &Record) {
    let mut label = |kind, id, within, name: &str, title: &str| {
        world.labels.insert((kind, id), Label { within, name: name.to_owned(), title: title.to_owned() });
    };
    let gone = match record {
        Record::Desk(_) => false,
        Record::Workgroup(id, now) => {
            now.iter().for_each(|now| label(Kind::Workgroup, id.0, 0, &now.spec.name, &now.spec.title));
            now.is_none()
        }
        Record::Queue(id, now) => {
            now.iter().for_each(|now| label(Kind::Queue, id.0, now.workgroup.0, &now.spec.name, &now.spec.title));
            now.is_none()
        }
        Record::Agent(id, now) => {
            now.iter().for_each(|now| label(Kind::Agent, id.0, 0, &now.spec.name, &now.spec.title));
            now.is_none()
        }
        Record::Request(_, now) => now.is_none(),
        Record::Offer(_, now) => now.is_none(),
        Record::Room(_, now) => now.is_none(),
        Record::Block(key, now) => {
            if now.is_none() {
                world.blocks.retain(|_, block| block.key() != *key);
            }
            now.is_none()
        }
    };
    if gone {
        world.records.remove(&history::key(record));
    } else {
        world.records.insert(history::key(record), record.clone());
    }
}

fn record(world: &mut World, at: Time, change: &Change<'_>) {
    if let Change::Queued { request, workgroup, asked, visitor, medium, priority } = change {
        let chat = Chat {
            workgroup: *workgroup,
            asked: *asked,
            counted: *asked,
            visitor: *visitor,
            medium: *medium,
            priority: *priority,
            arrived_at: at,
            joined_at: at,
            answered: None,
            within_target: false,
            ended: None,
            handled: Span::ZERO,
            agents: std::collections::BTreeMap::new(),
            tags: Vec::new(),
            stars: None,
            messages_erased: 0,
            erased_at: None,
        };
        world.chats.insert(*request, chat);
        return;
    }
    match change {
        Change::Queued { .. } => {}
        Change::Medium { request, medium } => {
            if let Some(chat) = world.chats.get_mut(request) {
                chat.medium = *medium;
            }
        }
        Change::Answered { request, queue, agent, at } => {
            let spec = world.records.values().find_map(|record| match record {
                Record::Queue(id, Some(queue)) if *id == request.asked => {
                    Some((queue.spec.counted, queue.spec.target_wait))
                }
                _ => None,
            });
            let (counted, target) = spec.unwrap_or((Counted::Asked, Span::ZERO));
            if let Some(chat) = world.chats.get_mut(&request.id).filter(|chat| chat.answered.is_none()) {
                chat.answered = Some((*at, *queue, *agent));
                chat.joined_at = request.joined_at;
                chat.counted = if counted == Counted::Answered { *queue } else { chat.asked };
                chat.within_target = at.0 - request.joined_at.0 <= target.0;
            }
            if let Some((visitor, _)) = world.visitors.get_mut(&request.visitor) {
                visitor.last_agent = Some(*agent);
            }
        }
        Change::Entered { request, agent, part } => {
            if let Some(chat) = world.chats.get_mut(request) {
                let entry = chat.agents.entry(*agent).or_insert((*part, at, None));
                (entry.0, entry.2) = (*part, None);
            }
        }
        Change::Left { request, agent } => {
            if let Some(entry) = world.chats.get_mut(request).and_then(|chat| chat.agents.get_mut(agent)) {
                entry.2 = Some(at);
            }
        }
        Change::Ended(ended) => {
            if let Some(chat) = world.chats.get_mut(&ended.request.id) {
                chat.ended = Some((ended.at, ended.ending));
                chat.handled = ended.request.handled(ended.at);
                chat.joined_at = ended.request.joined_at;
                chat.priority = ended.request.priority.0;
                chat.agents.values_mut().for_each(|entry| entry.2 = entry.2.or(Some(ended.at)));
            }
        }
    }
}

fn personal(world: &mut World, turn: &Turn, words: &Personal) {
    match words {
        Personal::Visit(new) => {
            let request = match new.of {
                Of::Request(request) => Some(request),
                Of::Queued => history::queued(turn),
            };
            if let Some(request) = request {
                visit(world, request, new);
            }
        }
        Personal::TransferNote { request, from, text, at } => {
            world.notes.push((*request, Note { by: *from, text: text.clone(), at: *at }));
        }
        Personal::Block(block) => {
            let id = world.number("block");
            world.blocks.insert(id, Block { id, block: block.clone() });
        }
        Personal::Delivery(delivery) => {
            super::edges::enqueue(world, delivery);
        }
        Personal::Audit(entry) => {
            let seq = world.number("audit");
            world.audit.push(AuditEntry { seq, entry: entry.clone() });
        }
    }
}

fn visit(world: &mut World, request: RequestId, new: &NewVisit) {
    let returned = world.visitors.contains_key(&new.visitor);
    let fresh = Visitor { id: new.visitor, first_at: new.at, last_at: new.at, visits: 0, last_agent: None };
    let (visitor, token) = world.visitors.entry(new.visitor).or_insert((fresh, None));
    visitor.visits += 1;
    visitor.last_at = new.at;
    *token = token.or(new.returning_hash);
    let visit = Visit {
        request,
        workgroup: new.workgroup,
        visitor: new.visitor,
        name: new.name.clone(),
        locale: new.locale.clone(),
        page: new.page.clone(),
        answers: new.answers.clone(),
        address_hash: new.address_hash,
        opened_at: new.at,
        ended_at: None,
        returned,
    };
    world.visits.insert(request, (visit, new.key_hash));
    world.visit_tokens.insert(new.token_hash, request);
}
