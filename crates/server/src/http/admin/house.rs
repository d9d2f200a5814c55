//! The house itself: erasing a person, the audit log, how the server is.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use axum::extract::State;
use desk::command::Command;
use desk::entity::Phase;
use desk::event::Ending;
use desk::ids::RequestId;
use serde::{Deserialize, Serialize};
use store::archive::{Erased, Whom};
use store::edges::AuditEntry;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::clock::rfc3339;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Query as Asked};
use crate::http::identity::Administrator;
use crate::http::staff;
use crate::wire;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(erase)).routes(routes!(audit)).routes(routes!(status))
}

/// Whose words: exactly one of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminErase)]
struct Erase {
    /// Everything of this visitor.
    visitor: Option<String>,
    /// This chat only.
    chat: Option<String>,
    /// This message left while closed only.
    left: Option<String>,
}

/// What was removed.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminErased)]
struct ErasedBody {
    erased: Counts,
}

/// How much.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminErasedCounts)]
struct Counts {
    chats: u64,
    messages: u64,
    files: u64,
    /// Messages left while closed.
    left: u64,
}

/// Erase a person
///
/// Removes words, names, addresses, answers and files for good; the counts stay. What is still open ends first.
#[utoipa::path(post, path = "/admin/erase", tag = "admin", request_body = Erase, responses((status = 200, body = ErasedBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`form_required`")))]
async fn erase(State(app): State<App>, who: Administrator, Json(wanted): Json<Erase>) -> Answer<Json<ErasedBody>> {
    let (whom, open, on) = match (wanted.visitor, wanted.chat, wanted.left) {
        (Some(visitor), None, None) => {
            let id = staff::visitor_id(&visitor)?;
            let known = !app.store.history(id, 1).await?.is_empty() || !app.store.visitors(vec![id]).await?.is_empty();
            if !known {
                return Err(Problem::not_found("visitor"));
            }
            let open = app.store.open_visits_of(id).await?.into_iter().map(|it| it.request).collect();
            (Whom::Visitor(id), open, format!("visitor {visitor}"))
        }
        (None, Some(chat), None) => {
            let id = staff::request_id(&chat)?;
            app.store.chat(id).await?.ok_or_else(|| Problem::not_found("chat"))?;
            (Whom::Chat(id), vec![id], format!("chat {chat}"))
        }
        (None, None, Some(left)) => {
            let id = wire::parse(&left).ok_or_else(|| Problem::not_found("message"))?;
            (Whom::Left(id), Vec::new(), format!("left message {left}"))
        }
        _ => return Err(staff::invalid("visitor", "give one of `visitor`, `chat` and `left`")),
    };
    for request in open {
        end(&app, request).await?;
    }
    let erased = app.store.erase(whom, app.clock.now()).await?;
    if matches!(whom, Whom::Left(_)) && erased.left == 0 {
        return Err(Problem::not_found("message"));
    }
    for path in &erased.paths {
        if let Err(error) = app.rooms.files().delete(path).await {
            tracing::error!(path, %error, "an erased file could not be deleted; it will be tried again every hour, or delete it by hand");
        }
    }
    app.floor.forget_all();
    app.known_visits.clear();
    let Erased { chats, messages, files, left, .. } = erased;
    let detail = format!("{chats} chats, {messages} messages, {files} files, {left} left messages");
    staff::audit(&app, &who.0.account, "person.erased", on, detail).await?;
    Ok(Json(ErasedBody { erased: Counts { chats, messages, files, left } }))
}

async fn end(app: &App, request: RequestId) -> Answer<()> {
    let chatting = app.desk.view(move |state, _| {
        state.request(request).map(|it| matches!(it.phase, Phase::Chatting | Phase::Invited { .. }))
    });
    let command = match chatting.await? {
        None => return Ok(()),
        Some(true) => Command::CloseChat { request, ending: Ending::ByHand },
        Some(false) => Command::DepartQueue { request, ending: Ending::ByHand },
    };
    app.desk.ask(command).await?;
    Ok(())
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1–500; 100 if left out.
    limit: Option<usize>,
}

/// A page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminAudit)]
struct Audit {
    entries: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminAuditEntry)]
struct Entry {
    at: String,
    /// Account name, `key:<title>`, or `operator` at the command line.
    who: String,
    what: String,
    on: String,
    detail: String,
}

/// Read the audit log
#[utoipa::path(get, path = "/admin/audit", tag = "admin", params(Which), responses((status = 200, body = Audit),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: `cursor`")))]
async fn audit(State(app): State<App>, _: Administrator, Asked(which): Asked<Which>) -> Answer<Json<Audit>> {
    let before = which.cursor.as_deref().map(|it| wire::parse(it).ok_or_else(|| staff::invalid("cursor", "no cursor")));
    let limit = which.limit.unwrap_or(100).clamp(1, 500);
    let page = app.store.audit_page(before.transpose()?, limit).await?;
    let next = (page.len() == limit).then(|| page.last().map(|it| wire::id(it.seq))).flatten();
    let entry = |AuditEntry { entry, .. }: AuditEntry| Entry {
        at: rfc3339(entry.at),
        who: entry.who,
        what: entry.what,
        on: entry.on,
        detail: entry.detail,
    };
    Ok(Json(Audit { entries: page.into_iter().map(entry).collect(), next }))
}

/// How the server is.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminStatus)]
struct Status {
    version: &'static str,
    uptime_s: u64,
    storage: Storage,
    /// Both must be read: breaches must be 0, and checks must rise.
    invariants: Invariants,
    sessions: Sessions,
    desk: Sizes,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AdminStatusStorage)]
struct Storage {
    /// `sqlite` or `memory`.
    backend: &'static str,
    bytes: u64,
    free_bytes: u64,
    events: u64,
    chats: u64,
    messages: u64,
    /// Web hooks and mails that wait to be sent.
    outbox: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AdminStatusInvariants)]
struct Invariants {
    checks: u64,
    breaches: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AdminStatusSessions)]
struct Sessions {
    visits: usize,
    staff: usize,
    streams: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AdminStatusDesk)]
struct Sizes {
    workgroups: usize,
    agents: usize,
    signed_in: usize,
    requests: usize,
    offers: usize,
    rooms: usize,
    /// Commands that wait for the desk.
    backlog: usize,
}

/// How the server is
#[utoipa::path(get, path = "/admin/status", tag = "admin", responses((status = 200, body = Status),
    (status = 403, body = ProblemBody)))]
async fn status(State(app): State<App>, _: Administrator) -> Answer<Json<Status>> {
    let backlog = app.desk.backlog();
    let sizes = app.desk.view(move |state, _| Sizes {
        workgroups: state.workgroups().count(),
        agents: state.agents().count(),
        signed_in: state.agents().filter(|it| it.session.is_some()).count(),
        requests: state.requests().count(),
        offers: state.offers().count(),
        rooms: state.rooms().count(),
        backlog,
    });
    let desk = sizes.await?;
    let storage = app.store.status().await?;
    let (visits, staff, streams) = app.directory.counts();
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        uptime_s: app.clock.uptime().as_secs(),
        storage: Storage {
            backend: storage.backend,
            bytes: storage.bytes,
            free_bytes: storage.free_bytes,
            events: storage.events,
            chats: storage.chats,
            messages: storage.messages,
            outbox: storage.outbox,
        },
        invariants: Invariants {
            checks: app.metrics.invariant_checks.get(),
            breaches: app.metrics.invariant_breaches.get(),
        },
        sessions: Sessions { visits, staff, streams },
        desk,
    }))
}
