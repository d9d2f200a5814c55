//! `/workgroups`: what anybody may know of an entrance before joining, and leaving a message there.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::event::Doors;
use desk::ids::WorkgroupId;
use desk::spec::{Field, FieldKind, Form};
use desk::time::Time;
use desk::{State as DeskState, spec::WorkgroupSpec};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use store::archive::NewLeft;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::codes;
use super::cors;
use super::error::{Answer, Problem, ProblemBody};
use super::extract::{Json, Path, Query};
use super::layers::ClientAddress;
use super::visits::{PageBody, is_address, locale};
use crate::app::App;
use crate::auth;
use crate::clock::rfc3339;
use crate::declaration::edge::{EdgeSettings, Side};
use crate::metrics::reason;
use crate::text;
use crate::visitors::EstimateBody;
use crate::wire;

/// `/workgroups` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(leave_message))
}

/// In which language.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Language tag; labels that do not exist in it are as the house wrote them.
    locale: Option<String>,
}

/// An entrance.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = Workgroup)]
pub struct WorkgroupBody {
    /// Its name.
    name: String,
    /// What people read.
    title: String,
    /// What help is given here.
    description: String,
    /// New requests are taken now.
    open: bool,
    /// `open`, `last_call` or `closed`.
    doors: &'static str,
    /// When it opens again, if it is not open and that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<String>,
    /// What is asked before joining.
    form: FormBody,
    /// The expected wait of somebody who joins now; none: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<EstimateBody>,
    /// How many wait.
    waiting: usize,
    /// Somebody is there to help.
    staffed: bool,
    /// A message can be left.
    leave_message: bool,
    /// Callbacks can be asked for.
    callback: bool,
    /// Files in chats.
    files: FilesBody,
    /// Chats can be rated.
    rating: bool,
    /// How the transcript can be had.
    transcript: TranscriptBody,
    /// How the widget looks.
    look: LookBody,
    /// Shown where data is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    privacy_note: Option<String>,
}

/// What is asked before joining.
#[derive(Serialize, ToSchema, Debug)]
pub struct FormBody {
    fields: Vec<FieldBody>,
}

/// A question.
#[derive(Serialize, ToSchema, Debug)]
pub struct FieldBody {
    /// Key of the answer.
    name: String,
    /// What the visitor reads.
    label: String,
    /// `text`, `multiline`, `email`, `choice` or `checkbox`.
    kind: &'static str,
    /// It must be answered.
    required: bool,
    /// Longest answer in characters.
    length_max: u32,
    /// What can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<OptionBody>,
}

/// A choice.
#[derive(Serialize, ToSchema, Debug)]
pub struct OptionBody {
    /// What is answered.
    value: String,
    /// What the visitor reads.
    label: String,
}

/// Files in chats.
#[derive(Serialize, ToSchema, Debug)]
pub struct FilesBody {
    /// They can be sent.
    enabled: bool,
    /// Bytes of the largest.
    size_max: u64,
    /// Media types, `image/*` for all of a kind.
    types: Vec<String>,
}

/// How the transcript can be had.
#[derive(Serialize, ToSchema, Debug)]
pub struct TranscriptBody {
    /// As a file.
    download: bool,
    /// By mail.
    mail: bool,
}

/// How the widget looks.
#[derive(Serialize, ToSchema, Debug)]
pub struct LookBody {
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// Heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// What the visitor reads first.
    #[serde(skip_serializing_if = "Option::is_none")]
    greeting: Option<String>,
    /// `right` or `left`.
    position: &'static str,
    /// Other texts by their key.
    strings: BTreeMap<String, String>,
}

/// A message to leave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Who.
    name: String,
    /// Where an answer can go.
    email: String,
    /// What: 1 to 4,000 characters.
    text: String,
    /// Language tag.
    #[serde(default)]
    locale: String,
    /// The page that the visitor looks at.
    page: Option<PageBody>,
    /// The `visitor` of a visit before: the message goes when that visitor is erased.
    returning: Option<String>,
}

/// A message that was left.
#[derive(Serialize, ToSchema)]
pub struct LeftBody {
    /// Its id.
    id: String,
}

/// An entrance
///
/// With everything that a widget needs before somebody joins.
#[utoipa::path(get, path = "/workgroups/{workgroup}", tag = "workgroups", params(
    ("workgroup" = String, Path, description = "the workgroup's name")),
    responses((status = 200, body = WorkgroupBody), (status = 404, body = ProblemBody, description = "`not_found`")))]
async fn show(State(app): State<App>, Path(name): Path<String>, Query(language): Query<Language>) -> Answer<Response> {
    let tag = locale(language.locale.as_deref().unwrap_or_default())?;
    let limits = (app.config.limits.file_max, app.config.mail.is_some());
    let body = app.desk.view(move |state, now| describe(state, &name, &tag, limits, now)).await?;
    let body = body.ok_or_else(|| Problem::not_found("workgroup"))?;
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=5"));
    Ok(response)
}

fn describe(
    state: &DeskState,
    name: &str,
    tag: &str,
    (file_max, mails): (u64, bool),
    now: Time,
) -> Option<WorkgroupBody> {
    let workgroup = state.workgroup_by_name(name)?;
    let WorkgroupSpec { title, description, form, callback, .. } = &workgroup.spec;
    let EdgeSettings { look, widget, .. } = EdgeSettings::of(&workgroup.spec.edge);
    let doors = match workgroup.doors {
        Doors::Open => "open",
        Doors::LastCall => "last_call",
        Doors::Closed => "closed",
    };
    Some(WorkgroupBody {
        name: name.to_owned(),
        title: title.clone(),
        description: description.clone(),
        open: workgroup.doors == Doors::Open,
        doors,
        opens_at: state.opens_at(workgroup.id, now).map(rfc3339),
        form: form_body(form, tag),
        estimate: state.estimate_for_new(workgroup.id).map(EstimateBody::of),
        waiting: state.waiting_count_of(workgroup.id),
        staffed: is_staffed(state, workgroup.id),
        leave_message: widget.leave_message,
        callback: callback.enabled,
        files: FilesBody {
            enabled: widget.files.enabled,
            size_max: file_max.min(u64::from(widget.files.size_max_kb) * 1024),
            types: widget.files.types,
        },
        rating: widget.rating,
        transcript: TranscriptBody { download: widget.transcript.download, mail: widget.transcript.mail && mails },
        look: LookBody {
            accent: look.accent,
            title: in_language(&look.titles, tag).cloned().or(look.title),
            greeting: in_language(&look.greetings, tag).cloned().or(look.greeting),
            position: match look.position {
                Side::Right => "right",
                Side::Left => "left",
            },
            strings: look.strings,
        },
        privacy_note: widget.privacy_note,
    })
}

fn is_staffed(state: &DeskState, workgroup: WorkgroupId) -> bool {
    state.queues_of(workgroup).any(|queue| state.staffed(queue.id) > 0)
}

fn form_body(form: &Form, tag: &str) -> FormBody {
    FormBody { fields: form.fields.iter().map(|field| field_body(field, tag)).collect() }
}

fn field_body(field: &Field, tag: &str) -> FieldBody {
    let (kind, options) = match &field.kind {
        FieldKind::Text => ("text", [].as_slice()),
        FieldKind::Multiline => ("multiline", [].as_slice()),
        FieldKind::Email => ("email", [].as_slice()),
        FieldKind::Choice(options) => ("choice", options.as_slice()),
        FieldKind::Checkbox => ("checkbox", [].as_slice()),
    };
    let option = |option: &desk::spec::FieldOption| OptionBody {
        value: option.value.clone(),
        label: in_language(&option.labels, tag).unwrap_or(&option.label).clone(),
    };
    FieldBody {
        name: field.name.clone(),
        label: in_language(&field.labels, tag).unwrap_or(&field.label).clone(),
        kind,
        required: field.required,
        length_max: field.length_max,
        options: options.iter().map(option).collect(),
    }
}

/// The text in this language, or in its main language (`pt` for `pt-BR`).
fn in_language<'a>(texts: &'a BTreeMap<String, String>, tag: &str) -> Option<&'a String> {
    let main = tag.split('-').next().unwrap_or_default();
    let find = |wanted: &str| texts.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted)).map(|(_, text)| text);
    find(tag).or_else(|| find(main))
}

/// Leave a message
///
/// For when nobody is there; it waits for the house.
#[utoipa::path(post, path = "/workgroups/{workgroup}/messages", tag = "workgroups", request_body = NewMessage,
    params(("workgroup" = String, Path, description = "the workgroup's name")),
    responses((status = 201, body = LeftBody), (status = 403, body = ProblemBody, description = "`forbidden`"),
    (status = 422, body = ProblemBody, description = "`form_required`")))]
async fn leave_message(
    State(app): State<App>,
    Path(name): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(body): Json<NewMessage>,
) -> Answer<(StatusCode, Json<LeftBody>)> {
    cors::check(&app, &headers, &name)?;
    let entrance = app.roster.entrance(&name).ok_or_else(|| Problem::not_found("workgroup"))?;
    if !entrance.settings.widget.leave_message {
        return Err(Problem::of(&codes::FORBIDDEN).detail("messages cannot be left here"));
    }
    if let Err(wait_s) = app.rates.visit(address, &name) {
        app.metrics.turned_away.get_or_create(&reason("visit_rate")).inc();
        return Err(Problem::of(&codes::RATE_LIMITED).retry_after_s(wait_s));
    }
    let mend = |field: &str, problem| Problem::of(&codes::FORM_REQUIRED).field(field, problem);
    let who = text::line(&body.name, text::NAME_MAX).map_err(|unfit| mend("name", unfit.word()))?;
    let words = text::message(&body.text, text::MESSAGE_MAX).map_err(|unfit| mend("text", unfit.word()))?;
    let email = body.email.trim().to_owned();
    if !is_address(&email) {
        return Err(mend("email", "not_an_email"));
    }
    let returning = body.returning.as_deref().filter(|token| token.starts_with("r_") && token.len() <= 100);
    let known = match returning {
        Some(token) => app.store.visitor_by_token(auth::hash(token)).await?,
        None => None,
    };
    let left = NewLeft {
        workgroup: entrance.id,
        visitor: known.map(|known| known.id),
        name: who,
        email,
        text: words,
        locale: locale(&body.locale)?,
        page: body.page.map(PageBody::into_page),
        address_hash: Some(app.auth.address_hash(address)),
        at: app.clock.now(),
    };
    let id = app.store.leave_message(left).await?;
    if let Err(error) = app.notify.message_left(id, &entrance.name, &entrance.title).await {
        tracing::warn!(%error, "nobody could be told that a message was left");
    }
    Ok((StatusCode::CREATED, Json(LeftBody { id: wire::id(id) })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_tag_and_by_main_language() {
        let texts = BTreeMap::from([("nl".to_owned(), "Naam".to_owned()), ("pt-BR".to_owned(), "Nome".to_owned())]);
        assert_eq!(in_language(&texts, "nl-BE").map(String::as_str), Some("Naam"));
        assert_eq!(in_language(&texts, "pt-br").map(String::as_str), Some("Nome"));
        assert_eq!(in_language(&texts, "pt"), None);
    }
}
