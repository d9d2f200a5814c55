//! `/visits`: what a visitor does, from opening a visit to rating it. This file holds the snapshot that all of it is about;
//! the steps stand in files of their own.

mod after;
mod callback;
mod opening;
mod program;
mod stream;
mod words;

pub use after::{MailTo, Rating, is_address};
pub use opening::{CallbackBody, OpenVisit, PageBody, locale};
pub use words::{
    CorrectedText, CorrectionBody, MessagesBody, NewText, Older, ReadUpTo, SaidBody, Typing, count_words,
    messages_before, said_answer,
};

use desk::ids::{AgentId, RequestId};
use serde::Serialize;
use store::archive::{Author, ChatRow, Range};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{Answer, Problem, ProblemBody};
use super::extract::Json;
use super::identity::Visit;
use crate::app::App;
use crate::clock::rfc3339;
use crate::rooms::message::{MessageBody, Rendering, Viewer};
use crate::visitors::{EndedBody, HelperBody, VisitState, part_word};
use crate::wire;

/// Messages that a snapshot carries.
const SNAPSHOT_MESSAGES: usize = 200;

/// `/visits` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .merge(opening::router())
        .merge(stream::router())
        .merge(words::router())
        .merge(after::router())
        .merge(callback::router())
        .merge(program::router())
}

/// Everything that a visitor's client needs to show; replaces whatever it had.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = VisitSnapshot)]
pub struct Snapshot {
    #[serde(flatten)]
    state: VisitState,
    /// The newest messages, at most 200.
    messages: Vec<MessageBody>,
    /// The number of the first of them; older ones can be fetched. 0: there are none.
    first_number: u64,
    /// How far both sides have read.
    read: ReadBody,
    /// Agents who type; told by events, so empty here.
    typing: Vec<String>,
    /// The chat was rated.
    rated: bool,
    /// The visitor had asked for help before.
    returned: bool,
}

/// How far both sides have read.
#[derive(Serialize, ToSchema, Debug, Default)]
pub struct ReadBody {
    /// The visitor.
    visitor: u64,
    /// The agents; the one who has read furthest.
    agent: u64,
}

/// The visit now
#[utoipa::path(get, path = "/visits/me", tag = "visits", security(("visit" = [])), responses(
    (status = 200, body = Snapshot), (status = 401, body = ProblemBody, description = "`unauthorized`")))]
async fn me(axum::extract::State(app): axum::extract::State<App>, visit: Visit) -> Answer<Json<Snapshot>> {
    snapshot(&app, visit).await.map(|(snapshot, _)| Json(snapshot))
}

/// The snapshot of a visit, and whether it has ended.
///
/// # Errors
/// `not_found` when it was erased.
pub async fn snapshot(app: &App, visit: Visit) -> Answer<(Snapshot, bool)> {
    let request = visit.request;
    let open = app.desk.view(move |state, _| state.request(request).map(|r| VisitState::of(state, r))).await?;
    let row = app.store.chat(request).await?.ok_or_else(|| Problem::not_found("visit"))?;
    let ended = open.is_none();
    let state = match open {
        Some(state) => state,
        None => ended_state(app, &row),
    };
    let messages = app.store.messages(request, Range::Last(SNAPSHOT_MESSAGES)).await?;
    let kept = app.store.visits(vec![request]).await?;
    let title_of = title_of(&row);
    let rendering = Rendering { viewer: Viewer::Visitor, title_of: &title_of, auth: &app.auth, now: app.clock.now() };
    let snapshot = Snapshot {
        messages: rendering.messages(&messages),
        first_number: messages.first().map_or(0, |message| message.number),
        read: read_marks(app, request).await?,
        typing: Vec::new(),
        rated: row.stars.is_some(),
        returned: kept.first().is_some_and(|visit| visit.returned),
        state,
    };
    Ok((snapshot, ended))
}

/// What people read as the names of those who took part in a chat.
pub fn title_of(row: &ChatRow) -> impl Fn(AgentId) -> Option<String> + Sync {
    |agent| row.agents.iter().rev().find(|p| p.agent == agent).map(|p| p.title.clone())
}

async fn read_marks(app: &App, request: RequestId) -> Answer<ReadBody> {
    let mut read = ReadBody::default();
    for (who, number) in app.store.read_marks(request).await? {
        match who {
            Author::Visitor => read.visitor = number,
            Author::Agent(_) => read.agent = read.agent.max(number),
            Author::Desk => {}
        }
    }
    Ok(read)
}

fn ended_state(app: &App, row: &ChatRow) -> VisitState {
    let ended_at = row.ended_at.unwrap_or(row.arrived_at);
    let until_the_end = row.agents.iter().filter(|p| p.left_at.is_none_or(|left| left >= ended_at));
    VisitState {
        visit: wire::id(row.chat.0),
        workgroup: app
            .roster
            .entrance_of(desk::ids::WorkgroupId(row.workgroup.id))
            .map_or_else(|| row.workgroup.name.clone(), |entrance| entrance.name.clone()),
        state: "ended",
        since: rfc3339(ended_at),
        position: None,
        estimate: None,
        held: false,
        confirm_until: None,
        callback: None,
        agents: until_the_end
            .map(|p| HelperBody { id: wire::id(p.agent.0), title: p.title.clone(), part: part_word(p.part) })
            .collect(),
        chat: row
            .answered_at
            .map(|at| crate::visitors::ChatBody { id: wire::id(row.chat.0), opened_at: Some(rfc3339(at)) }),
        ended: row.ending.map(|ending| EndedBody::of(ending, ended_at)),
    }
}
