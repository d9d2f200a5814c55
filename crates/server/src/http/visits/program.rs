//! Programs that open visits for people: what they may state beside what a visitor can, and finding again what they opened.
//! Opening itself is `opening.rs`; afterwards a program acts for the visitor with the visit's token.

use axum::extract::State;
use desk::skill::Expr;
use desk::spec::Priority;
use store::commit::Answer as FormAnswer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::opening::{OpenVisit, Opened, check_key};
use super::snapshot;
use crate::app::App;
use crate::auth;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::{Program, Visit};
use crate::text;
use crate::wire;

/// Longest reference in characters.
const REFERENCE_MAX: usize = 100;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(opened))
}

/// What a program states about a visit; nothing for a visitor.
#[derive(Default)]
pub(super) struct Stated {
    pub priority: Option<Priority>,
    pub skills: Option<Expr>,
    /// Shown to agents with the answers.
    pub shown: Vec<FormAnswer>,
    /// The returning token of the person of this reference.
    pub visitor: Option<String>,
}

/// The opening's key in a space of its own for each program, so that none meets another's or a visitor's.
pub(super) fn own_key(program: Option<&Program>, key: &str) -> String {
    program.map_or_else(|| key.to_owned(), |program| format!("{}:{key}", program.holder))
}

impl Stated {
    /// # Errors
    /// `forbidden` when a visitor states what only programs may; `bad_request` when it means nothing.
    pub async fn of(app: &App, program: Option<&Program>, body: &OpenVisit) -> Answer<Self> {
        let Some(program) = program else {
            return if body.reference.is_some() || body.priority.is_some() || body.skills.is_some() {
                let detail = "`reference`, `priority` and `skills` are for programs whose key has the scope `visits`";
                Err(Problem::of(&codes::FORBIDDEN).detail(detail))
            } else {
                Ok(Self::default())
            };
        };
        let answer = |field: &str, label: &str, value: &str| FormAnswer {
            field: field.to_owned(),
            label: label.to_owned(),
            value: value.to_owned(),
        };
        let mut shown = vec![answer("opened_by", "Opened by", &program.title)];
        let mut visitor = None;
        if let Some(raw) = &body.reference {
            let reference = text::line(raw, REFERENCE_MAX)
                .map_err(|_| Problem::bad_request("`reference` must be 1 to 100 characters"))?;
            visitor = Some(app.auth.opened_token("r_", &format!("{} reference {reference}", program.holder)));
            shown.push(answer("reference", "Reference", &reference));
        }
        Ok(Self {
            priority: priority(body.priority)?,
            skills: skills(app, body.skills.as_deref()).await?,
            shown,
            visitor,
        })
    }
}

fn priority(class: Option<u8>) -> Answer<Option<Priority>> {
    let class = class.map(Priority);
    if class.is_some_and(|class| class > Priority::MAX) {
        return Err(Problem::bad_request("`priority` must be 0 to 9"));
    }
    Ok(class)
}

/// An expression of skills that exist: one that nobody can have would wait for ever.
async fn skills(app: &App, raw: Option<&str>) -> Answer<Option<Expr>> {
    let Some(raw) = raw.filter(|raw| !raw.is_empty()) else { return Ok(None) };
    let expr = Expr::parse(raw).map_err(|error| Problem::bad_request(format!("`skills`: {error}")))?;
    let asked = expr.clone();
    let unknown = app.desk.view(move |state, _| {
        let known = &state.desk().skills;
        asked.skills().into_iter().find(|skill| !known.contains_key(skill)).map(ToString::to_string)
    });
    match unknown.await? {
        Some(skill) => Err(Problem::bad_request(format!("`skills`: there is no skill `{skill}`"))),
        None => Ok(Some(expr)),
    }
}

/// A visit that the program opened
///
/// By the `key` that it was opened with: how it stands, and its token again. Another program's visits are not found.
#[utoipa::path(get, path = "/visits/opened/{key}", tag = "visits", security(("key" = [])),
    params(("key" = String, Path, description = "the `key` of the opening")), responses((status = 200, body = Opened),
    (status = 403, body = ProblemBody, description = "`forbidden`: a key without the scope `visits`"),
    (status = 404, body = ProblemBody, description = "`not_found`")))]
async fn opened(State(app): State<App>, program: Program, Path(key): Path<String>) -> Answer<Json<Opened>> {
    check_key(&key)?;
    let key = own_key(Some(&program), &key);
    let kept = app.store.visit_by_key(auth::hash(&key)).await?.ok_or_else(|| Problem::not_found("visit"))?;
    let visit =
        Visit { request: kept.request, workgroup: kept.workgroup, visitor: kept.visitor, opened_at: kept.opened_at };
    let (snapshot, _) = snapshot(&app, visit).await?;
    let token = app.auth.opened_token("v_", &key);
    Ok(Json(Opened { visit: wire::id(visit.request.0), token, visitor: None, snapshot }))
}
