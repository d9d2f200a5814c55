//! Conversations and their history in memory.

use std::collections::BTreeMap;

use desk::event::Ending;
use desk::ids::{AgentId, RequestId, VisitorId};
use desk::time::{Span, Time};

use super::{Chat, Kind, Memory, World, erase, search};
use crate::archive::{
    Appended, Archive, Author, By, ChatRow, Counts, CountsQuery, Erased, File, Hits, Left, Message, MessageKind, Named,
    NewLeft, NewMessage, Note, Participant, Range, Retained, RetentionRule, SearchQuery, Spoken, Whom,
};
use crate::{Pending, StoreError};

impl Archive for Memory {
    fn append(&self, message: NewMessage) -> Pending<Appended> {
        self.write(|world| append(world, message))
    }

    fn correct(&self, chat: RequestId, number: u64, from: Author, text: &str, at: Time) -> Pending<()> {
        self.write(|world| {
            let list = world.messages.get_mut(&chat).ok_or(StoreError::NotFound)?;
            let message = list.iter_mut().find(|message| message.number == number && message.from == from);
            let message = message.filter(|message| message.kind == MessageKind::Text).ok_or(StoreError::NotFound)?;
            text.clone_into(&mut message.text);
            message.corrected_at = Some(at);
            Ok(())
        })
    }

    fn messages(&self, chat: RequestId, range: Range) -> Pending<Vec<Message>> {
        self.read(|world| {
            let list = world.messages.get(&chat).map_or(&[][..], Vec::as_slice);
            let newest = |below: u64, limit: usize| {
                let below = &list[..list.partition_point(|message| message.number < below)];
                below[below.len().saturating_sub(limit)..].to_vec()
            };
            let mut found = match range {
                Range::Last(limit) => newest(u64::MAX, limit),
                Range::Before(number, limit) => newest(number, limit),
                Range::After(number, limit) => {
                    list.iter().filter(|message| message.number > number).take(limit).cloned().collect()
                }
            };
            for message in &mut found {
                message.file.take_if(|file| !world.files.iter().any(|kept| kept.id == file.id));
            }
            found
        })
    }

    fn spoken(&self, chats: Vec<RequestId>) -> Pending<Vec<Spoken>> {
        self.read(|world| {
            let said = |message: &&Message| message.from == Author::Visitor && message.kind != MessageKind::Event;
            let spoken = |chat: RequestId| {
                let list = world.messages.get(&chat)?;
                let (first, last) = (list.iter().find(said)?, list.iter().rev().find(said)?);
                Some(Spoken { chat, first: first.text.clone(), last: last.text.clone() })
            };
            chats.into_iter().filter_map(spoken).collect()
        })
    }

    fn mark_read(&self, chat: RequestId, who: Author, number: u64) -> Pending<u64> {
        self.write(|world| {
            let mark = world.read_marks.entry((chat, who)).or_default();
            *mark = number.max(*mark);
            Ok(*mark)
        })
    }

    fn read_marks(&self, chat: RequestId) -> Pending<Vec<(Author, u64)>> {
        self.read(|world| {
            let marks = world.read_marks.iter().filter(|((of, _), _)| *of == chat);
            marks.map(|((_, who), number)| (*who, *number)).collect()
        })
    }

    fn file(&self, id: &str) -> Pending<Option<File>> {
        self.read(|world| world.files.iter().find(|file| file.id == id).cloned())
    }

    fn files(&self, chat: RequestId) -> Pending<Vec<File>> {
        self.read(|world| world.files.iter().filter(|file| file.chat == chat).cloned().collect())
    }

    fn all_files(&self, after: &str, limit: usize) -> Pending<Vec<File>> {
        let after = after.to_owned();
        self.read(move |world| {
            let mut files: Vec<_> = world.files.iter().filter(|file| file.id > after).cloned().collect();
            files.sort_unstable_by(|a, b| a.id.cmp(&b.id));
            files.truncate(limit);
            files
        })
    }

    fn forget_file(&self, id: &str) -> Pending<()> {
        self.write(|world| {
            let place = world.files.iter().position(|file| file.id == id).ok_or(StoreError::NotFound)?;
            world.files.remove(place);
            Ok(())
        })
    }

    fn add_note(&self, chat: RequestId, by: AgentId, text: &str, at: Time) -> Pending<()> {
        self.write(|world| {
            world.chats.get(&chat).filter(|chat| chat.erased_at.is_none()).ok_or(StoreError::NotFound)?;
            world.notes.push((chat, Note { by, text: text.to_owned(), at }));
            Ok(())
        })
    }

    fn notes(&self, chat: RequestId) -> Pending<Vec<Note>> {
        self.read(|world| world.notes.iter().filter(|(of, _)| *of == chat).map(|(_, note)| note.clone()).collect())
    }

    fn set_tags(&self, chat: RequestId, tags: Vec<String>) -> Pending<()> {
        self.write(|world| {
            world.chats.get_mut(&chat).ok_or(StoreError::NotFound)?.tags = tags;
            Ok(())
        })
    }

    fn rate(&self, chat: RequestId, stars: u8, comment: Option<String>, _at: Time) -> Pending<()> {
        self.write(|world| {
            let row = world.chats.get_mut(&chat).ok_or(StoreError::NotFound)?;
            if row.stars.is_some() {
                return Err(StoreError::Conflict("rated"));
            }
            row.stars = Some(stars);
            if let Some(comment) = comment.filter(|_| row.erased_at.is_none()) {
                world.comments.insert(chat, comment);
            }
            Ok(())
        })
    }

    fn chat(&self, chat: RequestId) -> Pending<Option<ChatRow>> {
        self.read(|world| row(world, chat))
    }

    fn history(&self, visitor: VisitorId, limit: usize) -> Pending<Vec<ChatRow>> {
        self.read(|world| {
            let chats = world.chats.iter().rev().filter(|(_, chat)| chat.visitor == visitor);
            chats.take(limit).filter_map(|(id, _)| row(world, *id)).collect()
        })
    }

    fn search(&self, query: SearchQuery) -> Pending<Hits> {
        self.read(|world| search::search(world, &query))
    }

    fn counts(&self, query: CountsQuery) -> Pending<Vec<Counts>> {
        self.read(|world| counts(world, &query))
    }

    fn erase(&self, whom: Whom, at: Time) -> Pending<Erased> {
        self.write(|world| Ok(erase::erase(world, whom, at)))
    }

    fn retain(&self, now: Time, rules: Vec<RetentionRule>, limit: usize) -> Pending<Retained> {
        self.write(|world| Ok(erase::retain(world, now, &rules, limit)))
    }

    fn leave_message(&self, left: NewLeft) -> Pending<u64> {
        self.write(|world| {
            let id = world.number("left");
            world.left.insert(id, Left { id, left, done: None });
            Ok(id)
        })
    }

    fn left_messages(&self, open: bool, before: Option<u64>, limit: usize) -> Pending<Vec<Left>> {
        self.read(|world| {
            let page = world.left.values().rev().filter(|left| before.is_none_or(|before| left.id < before));
            page.filter(|left| !open || left.done.is_none()).take(limit).cloned().collect()
        })
    }

    fn left_message_done(&self, id: u64, by: &str, at: Time) -> Pending<()> {
        self.write(|world| {
            let left = world.left.get_mut(&id).ok_or(StoreError::NotFound)?;
            left.done.get_or_insert_with(|| (by.to_owned(), at));
            Ok(())
        })
    }
}

fn append(world: &mut World, new: NewMessage) -> Result<Appended, StoreError> {
    let list = world.messages.get(&new.chat).map_or(&[][..], Vec::as_slice);
    let there = list.iter().find(|message| message.from == new.from && message.client_id == new.client_id);
    if let Some(message) = there {
        return Ok(Appended { number: message.number, at: message.at, duplicate: true });
    }
    world.chats.get(&new.chat).filter(|chat| chat.erased_at.is_none()).ok_or(StoreError::NotFound)?;
    let number = list.last().map_or(1, |message| message.number + 1);
    let file = new.file.map(|file| File {
        id: file.id,
        chat: new.chat,
        from: new.from,
        name: file.name,
        media_type: file.media_type,
        size: file.size,
        sha256: Some(file.sha256),
        path: file.path,
        at: new.at,
    });
    if let Some(file) = &file {
        if world.files.iter().any(|other| other.id == file.id) {
            return Err(StoreError::Conflict("file"));
        }
        world.files.push(file.clone());
    }
    let message = Message {
        number,
        from: new.from,
        client_id: new.client_id,
        kind: new.kind,
        text: new.text,
        corrected_at: None,
        file,
        event: new.event,
        stanza_id: new.stanza_id,
        at: new.at,
    };
    world.messages.entry(new.chat).or_default().push(message);
    Ok(Appended { number, at: new.at, duplicate: false })
}

/// A row of the history with everything that belongs to it.
pub(super) fn row(world: &World, id: RequestId) -> Option<ChatRow> {
    let chat = world.chats.get(&id)?;
    let label = |kind, id| world.labels.get(&(kind, id)).map_or(("", "", 0), |l| (&*l.name, &*l.title, l.within));
    let named = |kind, id, within: Option<u64>| {
        let (name, title, _) = label(kind, id);
        let name = within.map_or_else(|| name.to_owned(), |of| format!("{}/{name}", label(Kind::Workgroup, of).0));
        Named { id, name, title: title.to_owned() }
    };
    let visit = world.visits.get(&id).map(|(visit, _)| visit);
    let mut agents: Vec<Participant> = Vec::new();
    for (agent, (part, entered_at, left_at)) in &chat.agents {
        let (name, title, _) = label(Kind::Agent, agent.0);
        let (name, title) = (name.to_owned(), title.to_owned());
        agents.push(Participant {
            agent: *agent,
            name,
            title,
            part: *part,
            entered_at: *entered_at,
            left_at: *left_at,
        });
    }
    agents.sort_by_key(|participant| (participant.entered_at, participant.agent));
    let said = world.messages.get(&id).map_or(&[][..], Vec::as_slice).iter();
    Some(ChatRow {
        chat: id,
        workgroup: named(Kind::Workgroup, chat.workgroup.0, None),
        asked: named(Kind::Queue, chat.asked.0, Some(chat.workgroup.0)),
        answered_by: chat
            .answered
            .map(|(_, queue, _)| named(Kind::Queue, queue.0, Some(label(Kind::Queue, queue.0).2))),
        visitor: chat.visitor,
        visitor_name: visit.and_then(|visit| visit.name.clone()),
        locale: visit.map(|visit| visit.locale.clone()),
        page: visit.and_then(|visit| visit.page.clone()),
        answers: visit.map(|visit| visit.answers.clone()).unwrap_or_default(),
        medium: chat.medium,
        priority: chat.priority,
        arrived_at: chat.arrived_at,
        joined_at: chat.joined_at,
        answered_at: chat.answered.map(|(at, ..)| at),
        answered_agent: chat.answered.map(|(_, _, agent)| agent),
        ended_at: chat.ended.map(|(at, _)| at),
        handled: chat.handled,
        ending: chat.ended.map(|(_, ending)| ending),
        agents,
        tags: chat.tags.clone(),
        stars: chat.stars,
        comment: world.comments.get(&id).cloned(),
        messages: said.filter(|message| message.kind != MessageKind::Event).count() as u64 + chat.messages_erased,
        erased_at: chat.erased_at,
    })
}

fn counts(world: &World, query: &CountsQuery) -> Vec<Counts> {
    let mut rows: BTreeMap<(u64, u64), Counts> = BTreeMap::new();
    let within = |chat: &&Chat| chat.arrived_at >= query.from && chat.arrived_at < query.to;
    let asked = |chat: &&Chat| query.workgroup.is_none_or(|workgroup| chat.workgroup == workgroup);
    for chat in world.chats.values().filter(within).filter(asked) {
        let id = match query.by {
            By::Queue => chat.counted.0,
            By::Workgroup => chat.workgroup.0,
            By::All => 0,
            By::Agent => match chat.answered {
                Some((_, _, agent)) => agent.0,
                None => continue,
            },
        };
        let after = chat.arrived_at.0.saturating_sub(query.from.0);
        let bucket = if query.step > Span::ZERO { (after / query.step.0).cast_unsigned() } else { 0 };
        let row = rows.entry((bucket, id)).or_insert(Counts { bucket, id, ..Counts::default() });
        count(row, chat);
    }
    rows.into_values().collect()
}

fn count(row: &mut Counts, chat: &Chat) {
    row.arrived += 1;
    if let Some((at, ..)) = chat.answered {
        let wait = at.since(chat.joined_at);
        row.answered += 1;
        row.within_target += u64::from(chat.within_target);
        row.wait_sum = Span(row.wait_sum.0 + wait.0);
        row.wait_max = row.wait_max.max(wait);
        if chat.ended.is_some() {
            row.handled += 1;
            row.handled_sum = Span(row.handled_sum.0 + chat.handled.0);
        }
    } else if let Some((_, ending)) = chat.ended {
        use Ending::{Abandoned, Departed, NotEntered, Unreachable};
        row.abandoned += u64::from(matches!(ending, Departed | Abandoned | NotEntered | Unreachable));
    }
    if let Some(stars) = chat.stars {
        row.rated += 1;
        row.stars_sum += u64::from(stars);
    }
}
