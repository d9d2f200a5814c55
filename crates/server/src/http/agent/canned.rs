//! Canned replies: one's own, and shared ones, which need a supervisor. Declared ones are changed in the declaration.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::accounts::Role;
use store::edges::Canned;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Staff;
use crate::http::staff;
use crate::staff::twins;
use crate::text::MESSAGE_MAX;
use crate::wire;

/// Canned replies of one account, and shared ones.
const CANNED_MAX: usize = 500;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(change, remove))
}

/// Canned replies by shortcut.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffCannedList)]
struct List {
    canned: Vec<twins::Canned>,
}

/// A canned reply to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reply {
    /// What is typed: 1–40 characters without space.
    shortcut: String,
    /// What it is called; the shortcut if left out.
    title: Option<String>,
    /// What is said, up to 4000 characters.
    text: String,
    /// Only at this workgroup.
    workgroup: Option<String>,
    /// Only in this language.
    locale: Option<String>,
    /// Everybody's; needs a supervisor. Left out: yours.
    #[serde(default)]
    shared: bool,
}

async fn seen_by(app: &App, staff: &Staff) -> Answer<Vec<twins::Canned>> {
    let mine = staff::workgroups_of(app, staff.agent).await?;
    let names = mine.iter().filter_map(|it| app.roster.entrance_of(*it)).map(|it| it.name.clone()).collect::<Vec<_>>();
    Ok(app.floor.canned(&staff.account, staff.role >= Role::Supervisor, &names).await?)
}

async fn tell(app: &App, staff: &Staff, shared: bool) -> Answer<()> {
    if shared {
        // Everybody sees another list: who sees what is known to each session only.
        for (agent, _) in app.directory.all_staff() {
            if let Some(seen) = app.floor.canned_of(agent).await? {
                app.floor.push(agent, "canned", &seen);
            }
        }
        return Ok(());
    }
    app.floor.push(staff.agent, "canned", &seen_by(app, staff).await?);
    Ok(())
}

/// List canned replies
#[utoipa::path(get, path = "/agent/canned", tag = "agent", responses((status = 200, body = List),
    (status = 401, body = ProblemBody)))]
async fn list(State(app): State<App>, staff: Staff) -> Answer<Json<List>> {
    Ok(Json(List { canned: seen_by(&app, &staff).await? }))
}

async fn checked(app: &App, staff: &Staff, id: u64, reply: Reply) -> Answer<Canned> {
    if reply.shared && staff.role < Role::Supervisor {
        return Err(Problem::of(&codes::FORBIDDEN).detail("shared replies are written by supervisors"));
    }
    let shortcut = staff::line(&reply.shortcut, 40, "shortcut")?;
    if shortcut.contains(char::is_whitespace) {
        return Err(staff::invalid("shortcut", "a shortcut has no space"));
    }
    let workgroup = staff::maybe_line(reply.workgroup.as_deref(), 40, "workgroup")?;
    if let Some(name) = &workgroup
        && app.roster.entrance(name).is_none()
    {
        return Err(staff::invalid("workgroup", format!("there is no workgroup `{name}`")));
    }
    Ok(Canned {
        id,
        owner: (!reply.shared).then(|| staff.account.clone()),
        title: staff::maybe_line(reply.title.as_deref(), 80, "title")?.unwrap_or_else(|| shortcut.clone()),
        shortcut,
        text: staff::words(&reply.text, MESSAGE_MAX, "text")?,
        workgroup,
        locale: staff::maybe_line(reply.locale.as_deref(), 20, "locale")?,
    })
}

/// What everybody says in the house's name is changed on record; what is one's own is one's own.
async fn note(app: &App, staff: &Staff, what: &str, canned: &Canned) -> Answer<()> {
    if canned.owner.is_some() {
        return Ok(());
    }
    staff::audit(app, &staff.account, what, &canned.shortcut, canned.title.clone()).await
}

async fn put(app: &App, staff: &Staff, canned: Canned, was_shared: bool) -> Answer<twins::Canned> {
    let shared = canned.owner.is_none() || was_shared;
    let written = app.store.put_canned(canned.clone()).await;
    let id = written.map_err(|error| match error {
        StoreError::Conflict(_) => staff::invalid("shortcut", "there is one of this shortcut already"),
        error => error.into(),
    })?;
    if was_shared && canned.owner.is_some() {
        staff::audit(app, &staff.account, "canned.removed", &canned.shortcut, "now one's own").await?;
    }
    note(app, staff, if was_shared { "canned.changed" } else { "canned.added" }, &canned).await?;
    tell(app, staff, shared).await?;
    Ok(crate::staff::own_canned(Canned { id, ..canned }))
}

/// Add a canned reply
#[utoipa::path(post, path = "/agent/canned", tag = "agent", request_body = Reply, responses(
    (status = 201, body = twins::Canned), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn add(
    State(app): State<App>,
    staff: Staff,
    Json(reply): Json<Reply>,
) -> Answer<(StatusCode, Json<twins::Canned>)> {
    let canned = checked(&app, &staff, 0, reply).await?;
    let there = app.store.canned().await?;
    if there.iter().filter(|it| it.owner == canned.owner).count() >= CANNED_MAX {
        return Err(Problem::of(&codes::LIMIT).detail(format!("at most {CANNED_MAX} canned replies")));
    }
    Ok((StatusCode::CREATED, Json(put(&app, &staff, canned, false).await?)))
}

/// One that may be changed: one's own, or as supervisor a shared one.
async fn changeable(app: &App, staff: &Staff, id: &str) -> Answer<Canned> {
    if id.starts_with('d') {
        return Err(
            Problem::of(&codes::WRONG_STATE).detail("this reply stands in the declaration and is changed there")
        );
    }
    let id = wire::parse(id).ok_or_else(|| Problem::not_found("canned reply"))?;
    let found = app.store.canned().await?.into_iter().find(|it| it.id == id);
    let found = found.ok_or_else(|| Problem::not_found("canned reply"))?;
    match &found.owner {
        Some(owner) if *owner == staff.account => Ok(found),
        Some(_) => Err(Problem::not_found("canned reply")),
        None if staff.role >= Role::Supervisor => Ok(found),
        None => Err(Problem::of(&codes::FORBIDDEN).detail("shared replies are changed by supervisors")),
    }
}

/// Change a canned reply
#[utoipa::path(put, path = "/agent/canned/{id}", tag = "agent", request_body = Reply, params(("id" = String, Path)),
    responses((status = 200, body = twins::Canned), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(reply): Json<Reply>,
) -> Answer<Json<twins::Canned>> {
    let before = changeable(&app, &staff, &id).await?;
    let canned = checked(&app, &staff, before.id, reply).await?;
    Ok(Json(put(&app, &staff, canned, before.owner.is_none()).await?))
}

/// Remove a canned reply
#[utoipa::path(delete, path = "/agent/canned/{id}", tag = "agent", params(("id" = String, Path)), responses((status = 204),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn remove(State(app): State<App>, staff: Staff, Path(id): Path<String>) -> Answer<StatusCode> {
    let found = changeable(&app, &staff, &id).await?;
    app.store.delete_canned(found.id).await?;
    note(&app, &staff, "canned.removed", &found).await?;
    tell(&app, &staff, found.owner.is_none()).await?;
    Ok(StatusCode::NO_CONTENT)
}
