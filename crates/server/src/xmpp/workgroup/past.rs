//! What agents ask about conversations that go on or are over: notes, transcripts, search, what came with a request, their own
//! past conversations. Only for agents of the workgroup, and only about its conversations.

use desk::ids::{AgentId, RequestId, VisitorId};
use desk::time::Time;
use store::archive::{Author, ChatRow, MessageKind, Range, SearchQuery};
use store::commit::Answer as FormAnswer;
use xmpp::jid::{BareJid, Jid};
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::history::{ChatMetadataWanted, ChatSessions, PastChat};
use xmpp::workgroup::notes::ChatNotes;
use xmpp::workgroup::transcript_search::{TranscriptFound, TranscriptQuery};
use xmpp::workgroup::transcripts::{AgentThere, Transcript, TranscriptSummary, Transcripts};
use xmpp::workgroup::{LegacyDate, Metadata};

use super::no::No;
use super::request::Answer;
use super::{Office, Running};
use crate::auth;
use crate::roster::Entrance;
use crate::wire;

/// Messages of a transcript that are sent at most.
const TRANSCRIPT_MAX: usize = 1_000;
/// Conversations in a list.
const LISTED_MAX: usize = 100;

impl Office {
    pub(super) async fn ask_past(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        asked: Asked,
    ) -> Result<Answer, No> {
        let agent = self.member(running, from, entrance).await?;
        match asked {
            Asked::Notes(notes) => self.notes(running, agent.ok_or(No::NotFound)?, entrance, notes).await,
            Asked::Transcripts(user) => {
                agent.ok_or(No::NotAuthorized)?;
                self.transcripts(running, entrance, user).await
            }
            Asked::Transcript(session) => {
                agent.ok_or(No::NotAuthorized)?;
                self.transcript(running, entrance, session).await
            }
            Asked::ChatMetadata(session) => {
                agent.ok_or(No::NotAuthorized)?;
                let chat = self.chat_of(running, entrance, &session).await?;
                let metadata = self.metadata_of(running, chat.chat).await?;
                Ok(ChatMetadataWanted::answer(&metadata).into())
            }
            Asked::ChatSessions(wanted) => {
                agent.ok_or(No::NotAuthorized)?;
                self.chat_sessions(running, entrance, wanted).await
            }
            // No mail is sent for strangers.
            Asked::SendEmail(_) => Err(No::NotAllowed("No mail is sent from here.")),
            _ => Err(No::Unavailable),
        }
    }

    /// A conversation of this workgroup.
    async fn chat_of(&self, running: &Running, entrance: &Entrance, session: &str) -> Result<ChatRow, No> {
        let chat = self.chat_named(running, session).await?.ok_or(No::NotFound)?;
        let row = running.app.store.chat(chat).await?;
        row.filter(|row| row.workgroup.id == entrance.id.0).ok_or(No::NotFound)
    }

    async fn notes(
        &self,
        running: &Running,
        agent: AgentId,
        entrance: &Entrance,
        asked: ChatNotes,
    ) -> Result<Answer, No> {
        let chat = self.chat_of(running, entrance, &asked.session).await?.chat;
        if let Some(text) = asked.notes {
            let text = crate::text::message(&text, crate::staff::NOTE_MAX)
                .map_err(|unfit| No::NotAcceptable(format!("The note cannot be kept: {}.", unfit.word())))?;
            running.app.store.add_note(chat, agent, &text, running.app.clock.now()).await?;
            return Ok(Answer::default());
        }
        let notes = running.app.store.notes(chat).await?;
        let all: Vec<_> = notes.iter().map(|note| note.text.as_str()).collect();
        if all.is_empty() { Err(No::NotFound) } else { Ok(ChatNotes::answer(&asked.session, &all.join("\n")).into()) }
    }

    async fn transcripts(&self, running: &Running, entrance: &Entrance, user: String) -> Result<Answer, No> {
        let visitor = match user.parse::<Jid>() {
            Ok(jid) => self.visitor_behind(running, &jid).await?,
            Err(_) => None,
        };
        let rows = match visitor {
            Some(visitor) => running.app.store.history(visitor, LISTED_MAX).await?,
            None => Vec::new(),
        };
        let rows = rows.into_iter().filter(|row| row.workgroup.id == entrance.id.0 && row.answered_at.is_some());
        let transcripts = rows.map(|row| self.summary(&row)).collect();
        Ok(Transcripts { user, transcripts }.write().into())
    }

    /// The visitor of an address: of an XMPP client, or of a conversation on the web.
    async fn visitor_behind(&self, running: &Running, jid: &Jid) -> Result<Option<VisitorId>, No> {
        let name = jid.node().map(|node| node.as_str()).unwrap_or_default();
        if let Some(request) = name.strip_prefix("visit-").and_then(wire::parse).map(RequestId) {
            return Ok(running.app.store.chat(request).await?.map(|row| row.visitor));
        }
        let token = running.app.auth.opened_token("r_", &format!("xmpp:{}", jid.to_bare()));
        Ok(running.app.store.visitor_by_token(auth::hash(&token)).await?.map(|visitor| visitor.id))
    }

    fn summary(&self, row: &ChatRow) -> TranscriptSummary {
        let there = |it: &store::archive::Participant| {
            Some(AgentThere {
                agent: self.addresses.agent(&it.name)?,
                joined: Some(LegacyDate(it.entered_at.0)),
                left: it.left_at.map(|at| LegacyDate(at.0)),
            })
        };
        TranscriptSummary {
            session: wire::id(row.chat.0),
            agents: row.agents.iter().filter_map(there).collect(),
            joined: row.answered_at.map(|at| LegacyDate(at.0)),
            left: row.ended_at.map(|at| LegacyDate(at.0)),
        }
    }

    async fn transcript(&self, running: &Running, entrance: &Entrance, session: String) -> Result<Answer, No> {
        let row = match self.chat_of(running, entrance, &session).await {
            Ok(row) => row,
            Err(No::NotFound) => return Ok(Transcript { session, stanzas: Vec::new() }.write().into()),
            Err(no) => return Err(no),
        };
        let room = running.outside.room_of(row.chat);
        let room = room
            .or_else(|| BareJid::new(&format!("{session}@{}", self.addresses.service())).ok())
            .ok_or(No::NotFound)?;
        let visitor = row.visitor_name.clone().unwrap_or_else(|| "Visitor".to_owned());
        let messages = running.app.store.messages(row.chat, Range::Last(TRANSCRIPT_MAX)).await?;
        let said = messages.into_iter().filter(|message| message.kind != MessageKind::Event);
        let stanzas = said.map(|message| {
            let nick = match message.from {
                Author::Visitor => visitor.as_str(),
                Author::Desk => entrance.title.as_str(),
                Author::Agent(agent) => {
                    row.agents.iter().find(|it| it.agent == agent).map_or("Agent", |it| it.title.as_str())
                }
            };
            (LegacyDate(message.at.0), Transcript::said(&room, nick, &message.text))
        });
        Ok(Transcript { session, stanzas: stanzas.collect() }.write().into())
    }

    /// What came with a request: of XMPP clients all of it, of others the answers to the form.
    pub(super) async fn metadata_of(&self, running: &Running, request: RequestId) -> Result<Metadata, No> {
        let kept = self.book().visitor(request).map(|visitor| visitor.metadata.clone());
        let mut metadata = kept.unwrap_or_default();
        let visit = running.app.store.visits(vec![request]).await?.into_iter().next();
        if let Some(visit) = visit {
            for FormAnswer { field, value, .. } in visit.answers {
                if metadata.get(&field).is_none() {
                    metadata.set(&field, value);
                }
            }
            if let Some(name) = visit.name.filter(|_| metadata.get("username").is_none()) {
                metadata.set("username", name);
            }
        }
        Ok(metadata)
    }

    async fn chat_sessions(&self, running: &Running, entrance: &Entrance, wanted: ChatSessions) -> Result<Answer, No> {
        let (agent, _) = self.agent_of(running, &wanted.agent.clone().into()).ok_or(No::NotFound)?;
        let query = SearchQuery {
            workgroups: Some(vec![entrance.id]),
            agent: Some(agent),
            from: wanted.since_ms.filter(|ms| *ms > 0).map(|ms| Time(ms.saturating_mul(1_000))),
            limit: wanted.max.map_or(LISTED_MAX, |max| usize::try_from(max).unwrap_or(LISTED_MAX)).clamp(1, LISTED_MAX),
            ..SearchQuery::default()
        };
        let hits = running.app.store.search(query).await?.hits;
        let left = |row: &ChatRow| row.agents.iter().any(|it| it.agent == agent && it.left_at.is_some());
        let past = |row: &ChatRow| {
            let answer = |field: &str| {
                let found = row.answers.iter().find(|answer| answer.field == field);
                found.map(|answer| answer.value.clone()).unwrap_or_default()
            };
            let start = row.answered_at.unwrap_or(row.arrived_at);
            PastChat {
                session: wire::id(row.chat.0),
                start_ms: start.0 / 1_000,
                duration_ms: row.ended_at.map_or(0, |end| end.since(start).0 / 1_000),
                visitor: row.visitor_name.clone().unwrap_or_default(),
                email: answer("email"),
                question: answer("question"),
            }
        };
        let chats = hits.iter().map(|hit| &hit.chat).filter(|row| left(row)).map(past).collect();
        Ok(ChatSessions { chats, ..wanted }.write().into())
    }

    /// Full-text search in the conversations of the workgroups that the agent helps at.
    pub(super) async fn search(
        &self,
        running: &Running,
        from: &Jid,
        query: Option<TranscriptQuery>,
    ) -> Result<Answer, No> {
        let (agent, _) = self.agent_of(running, from).ok_or(No::NotAuthorized)?;
        let Some(query) = query else { return Ok(TranscriptQuery::form().into()) };
        if query.words.is_empty() {
            return Err(No::NotAcceptable("Say what is searched for.".to_owned()));
        }
        let wanted: Vec<String> =
            query.workgroups.iter().filter_map(|jid| Some(jid.node()?.as_str().to_owned())).collect();
        let theirs = running.app.desk.view(move |state, _| {
            let all = state.queues_of_agent(agent).filter_map(|queue| state.workgroup(queue.workgroup));
            let meant = all.filter(|it| wanted.is_empty() || wanted.contains(&it.spec.name));
            meant.map(|it| it.id).collect::<std::collections::BTreeSet<_>>()
        });
        let by = match &query.agent {
            Some(jid) => Some(self.agent_of(running, &jid.clone().into()).ok_or(No::NotFound)?.0),
            None => None,
        };
        let search = SearchQuery {
            text: query.words,
            workgroups: Some(theirs.await?.into_iter().collect()),
            agent: by,
            from: query.from.map(|at| Time(at.0)),
            to: query.to.map(|at| Time(at.0)),
            limit: LISTED_MAX,
            ..SearchQuery::default()
        };
        let mut found: Vec<TranscriptFound> = Vec::new();
        for hit in running.app.store.search(search).await?.hits {
            let session = wire::id(hit.chat.chat.0);
            // One line for a conversation, however often the words are in it.
            if found.iter().all(|other| other.session != session) {
                found.extend(self.found(&hit.chat, session));
            }
        }
        Ok(TranscriptQuery::results(&found).into())
    }

    fn found(&self, row: &ChatRow, session: String) -> Option<TranscriptFound> {
        let answer = |field: &str| row.answers.iter().find(|it| it.field == field).map(|it| it.value.clone());
        Some(TranscriptFound {
            workgroup: self.addresses.workgroup(&row.workgroup.name)?,
            session,
            start: LegacyDate(row.answered_at.unwrap_or(row.arrived_at).0),
            agents: row.agents.iter().filter_map(|it| self.addresses.agent(&it.name)).collect(),
            relevance: 100,
            question: answer("question"),
            email: answer("email"),
            username: row.visitor_name.clone(),
        })
    }
}
