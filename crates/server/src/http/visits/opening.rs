//! Opening a visit: who comes from where is checked and made fit here, whether they may join is for the desk to say.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::extract::State;
use desk::command::{BlockKey, Command, JoinQueue, Medium};
use desk::ids::{AgentId, QueueId, VisitorId, WorkgroupId};
use desk::spec::{FieldKind, Form};
use desk::{Reply, State as DeskState};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use store::commit::{Answer as FormAnswer, NewVisit, Of, Page, Personal};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Snapshot, program, snapshot};
use crate::app::App;
use crate::auth;
use crate::clock::parse_rfc3339;
use crate::http::codes;
use crate::http::cors;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::Json;
use crate::http::identity::{Opener, Visit};
use crate::http::layers::ClientAddress;
use crate::metrics::reason;
use crate::text;
use crate::wire;

/// Answers that are looked at; forms have fewer fields.
const ANSWERS_MAX: usize = 64;
/// Longest answer in characters, whatever a form says.
const ANSWER_MAX: usize = 4_000;
/// Longest address of a page that is kept.
const URL_MAX: usize = 2_000;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open))
}

/// Somebody asks for help.
#[derive(Deserialize, ToSchema, Debug)]
#[serde(deny_unknown_fields)]
pub struct OpenVisit {
    /// Name of the workgroup.
    workgroup: String,
    /// Language tag of the visitor, such as `nl` or `pt-BR`.
    #[serde(default)]
    locale: String,
    /// Answers to the form, by field.
    #[serde(default)]
    answers: BTreeMap<String, AnswerValue>,
    /// The visitor's name, if it is not asked for by the form.
    name: Option<String>,
    /// The page that the visitor looks at.
    page: Option<PageBody>,
    /// The visitor's token of an earlier visit.
    returning: Option<String>,
    /// A random text of the client's: the same again means the same visit. 16 to 128 letters, digits, `-` or `_`. Whoever
    /// knows it can open the visit's token, so keep it as secret.
    key: String,
    /// Name of a queue of the workgroup; without it the workgroup's rules choose.
    queue: Option<String>,
    /// Asks to be told when somebody is free instead of waiting.
    callback: Option<CallbackBody>,
    /// For programs only: their own number of the person, 1 to 100 characters, shown to agents. The same reference of the
    /// same key is the same visitor.
    pub(super) reference: Option<String>,
    /// For programs only: the class, 0 to 9; 5 is the ordinary one.
    pub(super) priority: Option<u8>,
    /// For programs only: skills asked for besides the queue's, such as `english>=10&loans>0`.
    pub(super) skills: Option<String>,
}

/// An answer: text, or yes and no.
#[derive(Deserialize, ToSchema, Debug)]
#[serde(untagged)]
pub enum AnswerValue {
    /// Text.
    Text(String),
    /// Of a checkbox.
    Flag(bool),
}

/// The page that a visitor looks at.
#[derive(Deserialize, ToSchema, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub struct PageBody {
    /// Its address.
    url: String,
    /// Its title.
    title: String,
    /// The page before.
    referrer: String,
}

/// When a callback is wanted.
#[derive(Deserialize, ToSchema, Debug)]
#[serde(deny_unknown_fields)]
pub struct CallbackBody {
    /// Not before then; without it as soon as somebody is free.
    pub not_before: Option<String>,
}

/// A visit that is open.
#[derive(Serialize, ToSchema, Debug)]
pub struct Opened {
    /// The visit's id.
    pub(super) visit: String,
    /// The bearer token for everything under `/visits/me`.
    pub(super) token: String,
    /// The token by which the visitor is recognised another time; left out where a program asks for a visit it opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visitor: Option<String>,
    /// How the visit stands.
    pub(super) snapshot: Snapshot,
}

impl PageBody {
    /// As it is kept: cut rather than refused, since the visitor did not write it.
    pub fn into_page(self) -> Page {
        let cut =
            |raw: String, max: usize| text::line(&raw.chars().take(max).collect::<String>(), max).unwrap_or_default();
        Page { url: cut(self.url, URL_MAX), title: cut(self.title, 300), referrer: cut(self.referrer, URL_MAX) }
    }
}

/// Open a visit
///
/// Joins the line. The same `key` again gives the same visit, so a request whose answer was lost can be repeated. A program
/// with an API key of the scope `visits` opens it for somebody: no limit per address holds, and it may state `reference`,
/// `priority` and `skills`.
#[utoipa::path(post, path = "/visits", tag = "visits", security((), ("key" = [])), request_body = OpenVisit, responses(
    (status = 201, body = Opened), (status = 401, body = ProblemBody, description = "`unauthorized`: an unknown key"),
    (status = 403, body = ProblemBody,
    description = "`blocked`, or `forbidden`: a page of another site, a key without the scope, a field for programs"),
    (status = 409, body = ProblemBody, description = "`already_queued`"),
    (status = 422, body = ProblemBody, description = "`form_required`"),
    (status = 429, body = ProblemBody, description = "`rate_limited` or `limit`"),
    (status = 503, body = ProblemBody, description = "`queue_closed` or `queue_full`")))]
async fn open(
    State(app): State<App>,
    Opener(program): Opener,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(body): Json<OpenVisit>,
) -> Answer<(StatusCode, Json<Opened>)> {
    check_key(&body.key)?;
    cors::check(&app, &headers, &body.workgroup)?;
    let rate = match &program {
        Some(_) => app.rates.visit_by_program(&body.workgroup),
        None => app.rates.visit(address, &body.workgroup),
    };
    if let Err(wait_s) = rate {
        app.metrics.turned_away.get_or_create(&reason("visit_rate")).inc();
        return Err(Problem::of(&codes::RATE_LIMITED).retry_after_s(wait_s));
    }
    let stated = program::Stated::of(&app, program.as_ref(), &body).await?;
    let key = program::own_key(program.as_ref(), &body.key);
    let key_hash = auth::hash(&key);
    let _alone = app.directory.guests().opening(&key_hash).await;
    let returning = Returning::find(&app, &body, &key, stated.visitor.as_deref()).await?;
    let token = app.auth.opened_token("v_", &key);
    let visit = match app.store.visit_by_key(key_hash).await? {
        Some(kept) => {
            Visit { request: kept.request, workgroup: kept.workgroup, visitor: kept.visitor, opened_at: kept.opened_at }
        }
        None => {
            let address = program.is_none().then_some(address);
            join(&app, body, address, stated, &returning, &token, key_hash).await?
        }
    };
    let (snapshot, _) = snapshot(&app, visit).await?;
    let visitor = Some(returning.token);
    let opened = Opened { visit: wire::id(visit.request.0), token, visitor, snapshot };
    Ok((StatusCode::CREATED, Json(opened)))
}

pub(super) fn check_key(key: &str) -> Answer<()> {
    let fit =
        (16..=128).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if fit { Ok(()) } else { Err(Problem::bad_request("`key` must be 16 to 128 letters, digits, `-` or `_`")) }
}

/// Who comes: somebody who is recognised, or somebody new.
struct Returning {
    token: String,
    visitor: VisitorId,
    last_agent: Option<AgentId>,
}

impl Returning {
    /// `key` is the opening's own; `known` the token of a person whom a program named.
    async fn find(app: &App, body: &OpenVisit, key: &str, known: Option<&str>) -> Answer<Self> {
        let theirs = body.returning.as_deref().or(known).filter(|token| token.starts_with("r_") && token.len() <= 100);
        if let Some(token) = theirs
            && let Some(known) = app.store.visitor_by_token(auth::hash(token)).await?
        {
            return Ok(Self { token: token.to_owned(), visitor: known.id, last_agent: known.last_agent });
        }
        // Made from the key, so that a repeated opening is the same newcomer.
        let token = known.map_or_else(|| app.auth.opened_token("r_", key), str::to_owned);
        let number = auth::block_number(&auth::hash(&token)).max(1);
        Ok(Self { token, visitor: VisitorId(number), last_agent: None })
    }
}

/// What is asked of the desk about the workgroup before joining.
struct Entrance {
    workgroup: WorkgroupId,
    form: Form,
    queue: Option<Option<QueueId>>,
}

async fn join(
    app: &App,
    body: OpenVisit,
    address: Option<IpAddr>,
    stated: program::Stated,
    returning: &Returning,
    token: &str,
    key_hash: auth::TokenHash,
) -> Answer<Visit> {
    let address_hash = address.map(|address| app.auth.address_hash(address));
    let guests = address_hash.map_or(0, |address| app.directory.guests().count(&address));
    if guests >= app.config.limits.visits_per_address {
        app.metrics.turned_away.get_or_create(&reason("address_visits")).inc();
        return Err(Problem::of(&codes::LIMIT).detail("too many visits are open from this address").retry_after_s(60));
    }
    let (wanted, queue) = (body.workgroup.clone(), body.queue.clone());
    let entrance = app.desk.view(move |state, _| entrance(state, &wanted, queue.as_deref())).await?;
    let entrance = entrance.ok_or_else(|| Problem::not_found("workgroup"))?;
    let queue = entrance.queue.map(|queue| queue.ok_or_else(|| Problem::not_found("queue"))).transpose()?;
    let locale = locale(&body.locale)?;
    let answers = clean_answers(body.answers)?;
    let name = name(body.name.as_deref(), &answers)?;
    let page = body.page.map(PageBody::into_page).filter(|page| *page != Page::default());
    let (medium, not_before) = match body.callback {
        None => (Medium::Chat, None),
        Some(callback) => (Medium::Callback, callback_time(callback.not_before.as_deref())?),
    };
    let mut seen_by_rules = answers.clone();
    seen_by_rules.entry("locale".to_owned()).or_insert_with(|| locale.clone());
    if let Some(page) = &page {
        seen_by_rules.entry("page".to_owned()).or_insert_with(|| page.url.clone());
    }
    let now = app.clock.now();
    let visit = NewVisit {
        of: Of::Queued,
        workgroup: entrance.workgroup,
        visitor: returning.visitor,
        returning_hash: Some(auth::hash(&returning.token)),
        token_hash: auth::hash(token),
        key_hash: Some(key_hash),
        name,
        locale,
        page,
        answers: labelled(&entrance.form, &answers).into_iter().chain(stated.shown).collect(),
        address_hash,
        at: now,
    };
    let joining = JoinQueue {
        workgroup: entrance.workgroup,
        visitor: returning.visitor,
        medium,
        queue,
        priority: stated.priority,
        skills: stated.skills,
        answers: seen_by_rules,
        block_keys: address_hash
            .map(|address| BlockKey(auth::block_number(&address)))
            .into_iter()
            .chain([BlockKey(app.auth.visitor_key(returning.visitor.0))])
            .collect(),
        last_agent: returning.last_agent,
        // The client opens its stream next; until then the place is kept for the time of grace.
        connected: false,
        not_before,
    };
    let words = move |_: &Reply| vec![Personal::Visit(Box::new(visit))];
    match app.desk.ask_with(Command::JoinQueue(Box::new(joining)), words).await? {
        Reply::Queued(request) => {
            if let Some(address) = address_hash {
                app.directory.guests().came(request, address);
            }
            let (workgroup, visitor) = (entrance.workgroup, returning.visitor);
            Ok(Visit { request, workgroup, visitor, opened_at: now })
        }
        other => Err(Problem::internal(format!("the desk answered a joining with {other:?}"))),
    }
}

fn entrance(state: &DeskState, name: &str, queue: Option<&str>) -> Option<Entrance> {
    let workgroup = state.workgroup_by_name(name)?;
    let queue = queue.map(|queue| state.queue_by_name(&format!("{name}/{queue}")).map(|queue| queue.id));
    Some(Entrance { workgroup: workgroup.id, form: workgroup.spec.form.clone(), queue })
}

/// A language tag, at least in its form; without one it is English.
pub fn locale(raw: &str) -> Answer<String> {
    if raw.is_empty() {
        return Ok("en".to_owned());
    }
    let fit = raw.len() <= 35 && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fit { Ok(raw.to_owned()) } else { Err(Problem::bad_request("`locale` is no language tag")) }
}

/// The time of a callback.
pub fn callback_time(raw: Option<&str>) -> Answer<Option<desk::time::Time>> {
    raw.map(|raw| parse_rfc3339(raw).ok_or_else(|| Problem::bad_request("`not_before` is no time"))).transpose()
}

fn clean_answers(raw: BTreeMap<String, AnswerValue>) -> Answer<BTreeMap<String, String>> {
    if raw.len() > ANSWERS_MAX {
        return Err(Problem::bad_request("more answers than any form has fields"));
    }
    let mut clean = BTreeMap::new();
    for (field, value) in raw {
        if field.len() > 64 {
            return Err(Problem::bad_request("the name of a field is too long"));
        }
        match value {
            AnswerValue::Flag(flag) => _ = clean.insert(field, flag.to_string()),
            AnswerValue::Text(raw) => match text::message(&raw, ANSWER_MAX) {
                Ok(value) => _ = clean.insert(field, value),
                // Not answered; whether it must be is for the desk to say.
                Err(text::Unfit::Empty) => {}
                Err(text::Unfit::TooLong) => {
                    return Err(Problem::of(&codes::FORM_REQUIRED).field(field, text::Unfit::TooLong.word()));
                }
            },
        }
    }
    Ok(clean)
}

/// The visitor's name: given apart, or the answer to a field `name`.
fn name(given: Option<&str>, answers: &BTreeMap<String, String>) -> Answer<Option<String>> {
    let raw = given.or_else(|| answers.get("name").map(String::as_str)).unwrap_or_default();
    match text::line(raw, text::NAME_MAX) {
        Ok(name) => Ok(Some(name)),
        Err(text::Unfit::Empty) => Ok(None),
        Err(unfit) => Err(Problem::of(&codes::FORM_REQUIRED).field("name", unfit.word())),
    }
}

/// The answers in the form's order, with what was asked and what the choices are called.
fn labelled(form: &Form, answers: &BTreeMap<String, String>) -> Vec<FormAnswer> {
    let fields = form.fields.iter().filter_map(|field| Some((field, answers.get(&field.name)?)));
    fields
        .map(|(field, value)| {
            let shown = match &field.kind {
                FieldKind::Choice(options) => options.iter().find(|o| o.value == *value).map(|o| o.label.clone()),
                _ => None,
            };
            let value = shown.unwrap_or_else(|| value.clone());
            FormAnswer { field: field.name.clone(), label: field.label.clone(), value }
        })
        .collect()
}
