//! Single parts of the declared desk: a workgroup, a queue, an agent, a skill. The form is that of `desk.toml`; the whole is
//! checked and put in force as ever.

use axum::extract::{DefaultBodyLimit, State};
use bytes::Bytes;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::{BODY_MAX, CHANGING, Changes, apply, in_force, parse};
use crate::app::App;
use crate::declaration::Declaration;
use crate::declaration::form;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Administrator;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(put_workgroup, remove_workgroup))
        .routes(routes!(put_queue, remove_queue))
        .routes(routes!(put_agent, remove_agent))
        .routes(routes!(put_skill, remove_skill))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// Changes the declaration in force and puts it in force again.
async fn change(
    app: &App,
    who: &Administrator,
    what: &str,
    on: &str,
    change: impl FnOnce(&mut Declaration) -> Answer<()>,
) -> Answer<Json<Changes>> {
    let _one_at_a_time = CHANGING.lock().await;
    let mut wanted = in_force(app).await?;
    change(&mut wanted)?;
    apply(app, &who.0.account, &wanted, what, on).await.map(Json)
}

fn is_named(given: &str, path: &str) -> Answer<()> {
    if given.is_empty() || given == path {
        return Ok(());
    }
    Err(Problem::bad_request(format!("the address names `{path}`, the body `{given}`: a part cannot be renamed")))
}

fn queues_of<'a>(desk: &'a mut Declaration, workgroup: &str) -> Answer<&'a mut Vec<form::Queue>> {
    let there = desk.workgroup.iter_mut().find(|it| it.name == workgroup);
    there.map(|it| &mut it.queue).ok_or_else(|| Problem::not_found("workgroup"))
}

fn put<T>(all: &mut Vec<T>, part: T, is_it: impl Fn(&T) -> bool) {
    match all.iter_mut().find(|it| is_it(it)) {
        Some(there) => *there = part,
        None => all.push(part),
    }
}

fn remove<T>(all: &mut Vec<T>, what: &str, is_it: impl Fn(&T) -> bool) -> Answer<()> {
    let before = all.len();
    all.retain(|it| !is_it(it));
    if all.len() == before { Err(Problem::not_found(what)) } else { Ok(()) }
}

/// Put a workgroup in force
///
/// With its queues; a queue that is left out is removed.
#[utoipa::path(put, path = "/admin/workgroups/{workgroup}", tag = "admin", params(("workgroup" = String, Path)),
    request_body = form::Workgroup, responses((status = 200, body = Changes), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn put_workgroup(
    State(app): State<App>,
    who: Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer<Json<Changes>> {
    let mut part: form::Workgroup = parse(&app, &body)?;
    is_named(&part.name, &name)?;
    part.name.clone_from(&name);
    change(&app, &who, "workgroup.declared", &name, |desk| {
        put(&mut desk.workgroup, part, |it| it.name == name);
        Ok(())
    })
    .await
}

/// Remove a workgroup
///
/// Its requests end.
#[utoipa::path(delete, path = "/admin/workgroups/{workgroup}", tag = "admin", params(("workgroup" = String, Path)),
    responses((status = 200, body = Changes), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn remove_workgroup(
    State(app): State<App>,
    who: Administrator,
    Path(name): Path<String>,
) -> Answer<Json<Changes>> {
    change(&app, &who, "workgroup.removed", &name, |desk| {
        remove(&mut desk.workgroup, "workgroup", |it| it.name == name)
    })
    .await
}

/// Put a queue in force
#[utoipa::path(put, path = "/admin/workgroups/{workgroup}/queues/{queue}", tag = "admin",
    params(("workgroup" = String, Path), ("queue" = String, Path)), request_body = form::Queue,
    responses((status = 200, body = Changes), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn put_queue(
    State(app): State<App>,
    who: Administrator,
    Path((workgroup, name)): Path<(String, String)>,
    body: Bytes,
) -> Answer<Json<Changes>> {
    let mut part: form::Queue = parse(&app, &body)?;
    is_named(&part.name, &name)?;
    part.name.clone_from(&name);
    let on = format!("{workgroup}/{name}");
    change(&app, &who, "queue.declared", &on, |desk| {
        put(queues_of(desk, &workgroup)?, part, |it| it.name == name);
        Ok(())
    })
    .await
}

/// Remove a queue
///
/// Who waits there moves to the workgroup's first remaining one.
#[utoipa::path(delete, path = "/admin/workgroups/{workgroup}/queues/{queue}", tag = "admin",
    params(("workgroup" = String, Path), ("queue" = String, Path)), responses((status = 200, body = Changes),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn remove_queue(
    State(app): State<App>,
    who: Administrator,
    Path((workgroup, name)): Path<(String, String)>,
) -> Answer<Json<Changes>> {
    change(&app, &who, "queue.removed", &format!("{workgroup}/{name}"), |desk| {
        remove(queues_of(desk, &workgroup)?, "queue", |it| it.name == name)
    })
    .await
}

/// Put an agent in force
///
/// The account to sign in with is made at `/admin/accounts`; an agent and an account of one name are one person.
#[utoipa::path(put, path = "/admin/agents/{name}", tag = "admin", params(("name" = String, Path)),
    request_body = form::Agent, responses((status = 200, body = Changes), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn put_agent(
    State(app): State<App>,
    who: Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer<Json<Changes>> {
    let mut part: form::Agent = parse(&app, &body)?;
    is_named(&part.name, &name)?;
    part.name.clone_from(&name);
    change(&app, &who, "agent.declared", &name, |desk| {
        put(&mut desk.agent, part, |it| it.name == name);
        Ok(())
    })
    .await
}

/// Makes an agent of an account, in no line; one who is there stays as is.
///
/// # Errors
/// `bad_declaration` when the name cannot be an agent's.
pub async fn declare_agent(app: &App, account: &str, title: &str) -> Answer<()> {
    let _one_at_a_time = CHANGING.lock().await;
    let mut wanted = in_force(app).await?;
    if wanted.agent.iter().any(|it| it.name == account) {
        return Ok(());
    }
    wanted.agent.push(form::Agent { name: account.to_owned(), title: title.to_owned(), ..form::Agent::default() });
    apply(app, account, &wanted, "agent.declared", account).await.map(|_| ())
}

/// Remove an agent
///
/// From all queues too. The account stays.
#[utoipa::path(delete, path = "/admin/agents/{name}", tag = "admin", params(("name" = String, Path)), responses(
    (status = 200, body = Changes), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn remove_agent(State(app): State<App>, who: Administrator, Path(name): Path<String>) -> Answer<Json<Changes>> {
    change(&app, &who, "agent.removed", &name, |desk| {
        remove(&mut desk.agent, "agent", |it| it.name == name)?;
        for queue in desk.workgroup.iter_mut().flat_map(|it| &mut it.queue) {
            queue.members.retain(|member| member.agent != name);
        }
        Ok(())
    })
    .await
}

/// A skill.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Skill {
    /// What people read; the name if left out.
    #[serde(default)]
    title: String,
}

/// Put a skill in force
#[utoipa::path(put, path = "/admin/skills/{name}", tag = "admin", params(("name" = String, Path)), request_body = Skill,
    responses((status = 200, body = Changes), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn put_skill(
    State(app): State<App>,
    who: Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer<Json<Changes>> {
    let skill: Skill = parse(&app, &body)?;
    change(&app, &who, "skill.declared", &name, |desk| {
        desk.skills.insert(name.clone(), skill.title);
        Ok(())
    })
    .await
}

/// Remove a skill
///
/// Refused while something requires or has it.
#[utoipa::path(delete, path = "/admin/skills/{name}", tag = "admin", params(("name" = String, Path)), responses(
    (status = 200, body = Changes), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn remove_skill(State(app): State<App>, who: Administrator, Path(name): Path<String>) -> Answer<Json<Changes>> {
    change(&app, &who, "skill.removed", &name, |desk| {
        desk.skills.remove(&name).map(|_| ()).ok_or_else(|| Problem::not_found("skill"))
    })
    .await
}
