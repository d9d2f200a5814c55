//! The declared desk as a whole: read it, check another, put another in force. The form is that of `desk.toml`; what a
//! declaration does to a running desk is decided by the desk.

use axum::extract::{DefaultBodyLimit, State};
use bytes::Bytes;
use desk::Reply;
use desk::command::Command;
use desk::refusal::{Finding, Severity};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::declaration::{self, Declaration};
use crate::http::codes;
use crate::http::error::{Answer, FindingBody, Problem, ProblemBody};
use crate::http::extract::{Json, parse_json};
use crate::http::identity::Administrator;
use crate::http::staff;

/// Most that the configuration may allow for a declaration.
pub(super) const BODY_MAX: usize = 64 << 20;

/// Reading, changing and putting in force is one step: two administrators cannot overwrite each other unseen.
pub(super) static CHANGING: Mutex<()> = Mutex::const_new(());

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read, put)).routes(routes!(check)).layer(DefaultBodyLimit::max(BODY_MAX))
}

/// A body as long as declarations may be.
///
/// # Errors
/// `too_large`, `bad_request`.
pub(super) fn parse<T: DeserializeOwned>(app: &App, body: &Bytes) -> Answer<T> {
    if body.len() > app.config.limits.declaration_max {
        return Err(Problem::of(&codes::TOO_LARGE).detail("the declaration is larger than `limits.declaration_max`"));
    }
    parse_json(body)
}

/// The desk in force.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminDesk)]
struct InForce {
    /// The same keys as in `desk.toml`.
    desk: Declaration,
    /// Changes with every change of the desk, by whatever way.
    version: String,
    /// What works but is probably not meant.
    findings: Vec<FindingBody>,
}

/// A desk to put in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminDeskChange)]
struct Change {
    /// The whole desk.
    desk: Declaration,
    /// The version that was read; left out: whatever is in force is replaced.
    version: Option<String>,
}

/// A desk to look at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminDeskCheck)]
struct Proposal {
    /// The whole desk.
    desk: Declaration,
}

/// What is different.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminDeskChanges)]
pub(super) struct Changes {
    /// A line for each difference; none: nothing to do.
    changes: Vec<String>,
    findings: Vec<FindingBody>,
    /// The version in force now.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

/// The declaration in force with the declared canned replies.
///
/// # Errors
/// That the server stops, or the store cannot read.
pub(super) async fn in_force(app: &App) -> Answer<Declaration> {
    let spec = app.desk.view(|state, _| state.to_spec()).await?;
    let canned = declaration::canned_in_force(&*app.store).await?;
    Ok(declaration::from_spec(&spec, canned))
}

/// Two equal desks have one version.
pub(super) fn version_of(declaration: &Declaration) -> String {
    let text = serde_json::to_vec(declaration).unwrap_or_default();
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn bodies(findings: &[Finding]) -> Vec<FindingBody> {
    findings.iter().map(FindingBody::from).collect()
}

/// What it means, with what is wrong with it.
fn understand(wanted: &Declaration) -> Result<(desk::spec::DeskSpec, Vec<Finding>), Vec<Finding>> {
    let spec = declaration::to_spec(wanted)?;
    let findings = desk::declare::check(&spec);
    if findings.iter().any(|it| it.severity == Severity::Fault) { Err(findings) } else { Ok((spec, findings)) }
}

/// Puts a declaration in force. The caller holds `CHANGING`.
///
/// # Errors
/// `bad_declaration` with findings; nothing was changed then.
pub(super) async fn apply(app: &App, who: &str, wanted: &Declaration, what: &str, on: &str) -> Answer<Changes> {
    let (spec, findings) =
        understand(wanted).map_err(|findings| Problem::of(&codes::BAD_DECLARATION).findings(&findings))?;
    let before = in_force(app).await?;
    let mut changes = declaration::diff_canned(&before.canned, &wanted.canned);
    let canned_changed = !changes.is_empty();
    let old = app.desk.view(|state, _| state.to_spec()).await?;
    let differs = desk::declare::diff(&old, &spec);
    if !differs.is_empty() {
        let line = staff::audit_line(app, who, what, on, differs.join("; ").chars().take(2_000).collect::<String>());
        let reply = app.desk.ask_with(Command::Declare(Box::new(spec)), move |_| vec![line]).await?;
        match reply {
            Reply::Declared { changes: done, .. } => changes.extend(done),
            _ => changes.extend(differs),
        }
    }
    if canned_changed {
        declaration::keep_canned(&*app.store, &wanted.canned, app.clock.now()).await?;
        staff::audit(app, who, "canned.declared", on, "").await?;
        tell_canned(app).await?;
    }
    let version = Some(version_of(&in_force(app).await?));
    Ok(Changes { changes, findings: bodies(&findings), version })
}

async fn tell_canned(app: &App) -> Answer<()> {
    for (agent, _) in app.directory.all_staff() {
        if let Some(seen) = app.floor.canned_of(agent).await? {
            app.floor.push(agent, "canned", &seen);
        }
    }
    Ok(())
}

/// Read the desk in force
#[utoipa::path(get, path = "/admin/desk", tag = "admin", responses((status = 200, body = InForce),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn read(State(app): State<App>, _: Administrator) -> Answer<Json<InForce>> {
    let desk = in_force(&app).await?;
    let findings = match understand(&desk) {
        Ok((_, findings)) | Err(findings) => bodies(&findings),
    };
    Ok(Json(InForce { version: version_of(&desk), desk, findings }))
}

/// Put a desk in force
///
/// In one step, or not at all. Everybody who can be kept is kept.
#[utoipa::path(put, path = "/admin/desk", tag = "admin", request_body = Change, responses((status = 200, body = Changes),
    (status = 403, body = ProblemBody), (status = 409, body = ProblemBody, description = "`version_conflict`"),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn put(State(app): State<App>, who: Administrator, body: Bytes) -> Answer<Json<Changes>> {
    let change: Change = parse(&app, &body)?;
    let _one_at_a_time = CHANGING.lock().await;
    if let Some(version) = change.version
        && version != version_of(&in_force(&app).await?)
    {
        return Err(Problem::of(&codes::VERSION_CONFLICT));
    }
    apply(&app, &who.0.account, &change.desk, "desk.declared", "desk").await.map(Json)
}

/// Check a desk
///
/// Changes nothing.
#[utoipa::path(post, path = "/admin/desk/check", tag = "admin", request_body = Proposal, responses(
    (status = 200, body = Changes), (status = 403, body = ProblemBody)))]
async fn check(State(app): State<App>, _: Administrator, body: Bytes) -> Answer<Json<Changes>> {
    let proposal: Proposal = parse(&app, &body)?;
    let old = app.desk.view(|state, _| state.to_spec()).await?;
    Ok(Json(match understand(&proposal.desk) {
        Ok((spec, findings)) => {
            let canned = declaration::canned_in_force(&*app.store).await?;
            let mut changes = declaration::diff_canned(&canned, &proposal.desk.canned);
            changes.extend(desk::declare::diff(&old, &spec));
            Changes { changes, findings: bodies(&findings), version: None }
        }
        Err(findings) => Changes { changes: Vec::new(), findings: bodies(&findings), version: None },
    }))
}
