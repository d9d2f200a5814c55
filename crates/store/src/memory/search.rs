//! Search in memory: goes through everything, which is enough for tests.

use super::World;
use super::archive::row;
use crate::archive::{Hit, Hits, MARK_END, MARK_START, MessageKind, SearchQuery};
use crate::words::{HITS_MAX, words};
use desk::ids::RequestId;

/// One page of hits.
pub(super) fn search(world: &World, query: &SearchQuery) -> Hits {
    let wanted = words(&query.text);
    if wanted.is_empty() && !query.text.trim().is_empty() {
        return Hits::default();
    }
    let limit = query.limit.clamp(1, HITS_MAX);
    let cursor = query.cursor.unwrap_or(u64::MAX);
    let mut places: Vec<(u64, RequestId, Option<u64>, String)> = if wanted.is_empty() {
        let chats = world.chats.keys().rev().filter(|id| id.0 < cursor && meets(world, **id, query));
        chats.take(limit + 1).map(|id| (id.0, *id, None, String::new())).collect()
    } else {
        let mut all: Vec<(u64, RequestId, Option<u64>, String)> = world
            .messages
            .iter()
            .filter(|(id, _)| meets(world, **id, query))
            .flat_map(|(id, list)| list.iter().map(move |message| (*id, message)))
            .filter(|(_, message)| message.kind != MessageKind::Event)
            .filter_map(|(id, message)| {
                // A message's place among all: its time, and its number within the chat.
                let place = (message.at.0.cast_unsigned() << 12) | (message.number & 0xfff);
                let snippet = matched(&message.text, &wanted).filter(|_| place < cursor)?;
                Some((place, id, Some(message.number), snippet))
            })
            .collect();
        all.sort_by_key(|(place, ..)| std::cmp::Reverse(*place));
        all
    };
    let more = places.len() > limit;
    places.truncate(limit);
    let next = places.last().map(|(place, ..)| *place).filter(|_| more);
    let hits =
        places.into_iter().filter_map(|(_, id, number, snippet)| Some(Hit { chat: row(world, id)?, number, snippet }));
    Hits { hits: hits.collect(), next }
}

fn meets(world: &World, id: RequestId, query: &SearchQuery) -> bool {
    let Some(chat) = world.chats.get(&id) else { return false };
    query.workgroups.as_ref().is_none_or(|list| list.contains(&chat.workgroup))
        && query.agent.is_none_or(|agent| chat.agents.contains_key(&agent))
        && query.visitor.is_none_or(|visitor| chat.visitor == visitor)
        && query.name.as_ref().is_none_or(|name| is_named(world, id, name))
        && query.from.is_none_or(|from| chat.arrived_at >= from)
        && query.to.is_none_or(|to| chat.arrived_at < to)
}

fn is_named(world: &World, id: RequestId, name: &str) -> bool {
    let known = world.visits.get(&id).and_then(|(visit, _)| visit.name.as_ref());
    known.is_some_and(|known| known.to_ascii_lowercase().contains(&name.to_ascii_lowercase()))
}

/// The text with the matched words marked, if all of them are in it.
fn matched(text: &str, wanted: &[String]) -> Option<String> {
    let is_word = |letter: char| letter.is_alphanumeric();
    let mut pieces: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = is_word(first);
        let end = rest.find(|letter| is_word(letter) != inside).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    let (last, whole) = wanted.split_last()?;
    let fits = |piece: &str, word: &String| {
        let piece = piece.to_lowercase();
        piece == *word || (word == last && piece.starts_with(word.as_str()))
    };
    let all = whole.iter().chain([last]).all(|word| pieces.iter().any(|piece| fits(piece, word)));
    all.then(|| {
        let marked = pieces.iter().map(|piece| {
            let hit = wanted.iter().any(|word| fits(piece, word));
            if hit { format!("{MARK_START}{piece}{MARK_END}") } else { (*piece).to_owned() }
        });
        marked.collect()
    })
}
