//! Files of conversations over HTTP: handing one over, a fresh link to it, and fetching it by that link. How files are kept is
//! `rooms/files.rs`.

use axum::Router;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::ids::{RequestId, WorkgroupId};
use futures_util::StreamExt;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use store::archive::{NewFile, Range};
use tokio::io::AsyncReadExt;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::codes;
use super::error::{Answer, Problem, ProblemBody};
use super::extract::{Json, Path, Query};
use super::form::{self, FORM_MAX, Progress};
use super::identity::Visit;
use super::visits::{count_words, title_of};
use crate::app::App;
use crate::rooms::files::{FILES_PER_CHAT, FileError};
use crate::rooms::message::{MessageBody, Rendering, Viewer, file_url};
use crate::rooms::{SayError, Speaker};

/// The visitor's part under `/visits/me/files`.
pub fn router() -> OpenApiRouter<App> {
    // The limits are those of `form.rs` and the workgroup's, kept while reading; axum's own is for bodies in memory.
    OpenApiRouter::new().routes(routes!(send)).routes(routes!(link)).layer(DefaultBodyLimit::disable())
}

/// `/files/{id}`, outside the API: links that browsers follow.
pub fn links() -> Router<App> {
    Router::new().route("/files/{id}", get(fetch))
}

/// A link to a file.
#[derive(Serialize, ToSchema)]
pub struct LinkBody {
    /// Holds for ten minutes; relative to the server's address.
    pub url: String,
}

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub struct FileForm {
    /// The client's id of the message, as for text. Must stand before the file.
    id: Option<String>,
    /// The file.
    #[schema(format = Binary)]
    file: String,
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NotPermitted => Self::of(&codes::FORBIDDEN).detail("files cannot be sent here"),
            FileError::Empty => Self::bad_request("the file is empty"),
            FileError::TooLarge(most) => {
                Self::of(&codes::TOO_LARGE).detail(format!("the file is larger than {} kB", most / 1024))
            }
            FileError::WrongType(Some(found)) => {
                Self::of(&codes::UNSUPPORTED_MEDIA_TYPE).detail(format!("files of the type {found} are not taken here"))
            }
            FileError::WrongType(None) => {
                Self::of(&codes::UNSUPPORTED_MEDIA_TYPE).detail("files of this type are not taken here")
            }
            FileError::NotClean => Self::of(&codes::UNSUPPORTED_MEDIA_TYPE).detail("the file was found to be harmful"),
            FileError::Broken => Self::bad_request("the file did not arrive whole"),
            FileError::ScanFailed(cause) => Self::internal(format!("scanning a file failed: {cause}")),
            FileError::Disk(error) if error.kind() == std::io::ErrorKind::StorageFull => Self::of(&codes::STORAGE_FULL),
            FileError::Disk(error) => Self::internal(format!("storing a file failed: {error}")),
        }
    }
}

/// Hand over a file
///
/// A form with the field `file`, and before it `id` as for messages. What it is, is found by looking at it.
#[utoipa::path(post, path = "/visits/me/files", tag = "visits", security(("visit" = [])),
    request_body(content = inline(FileForm), content_type = "multipart/form-data"), responses(
    (status = 201, body = MessageBody), (status = 413, body = ProblemBody, description = "`too_large`"),
    (status = 415, body = ProblemBody, description = "`unsupported_media_type`")))]
async fn send(State(app): State<App>, visit: Visit, request: Request) -> Answer<Response> {
    count_words(&app, visit)?;
    upload(&app, visit.request, visit.workgroup, Speaker::Visitor, request).await
}

/// A fresh link to a file
#[utoipa::path(get, path = "/visits/me/files/{id}", tag = "visits", security(("visit" = [])),
    params(("id" = String, Path, description = "the file's id")),
    responses((status = 200, body = LinkBody), (status = 404, body = ProblemBody, description = "`not_found`")))]
async fn link(State(app): State<App>, visit: Visit, Path(id): Path<String>) -> Answer<Json<LinkBody>> {
    let url = fresh_link(&app, visit.request, &id).await?;
    Ok(Json(LinkBody { url }))
}

/// A link to a file of this chat; a file of another is not found.
///
/// # Errors
/// `not_found`.
pub async fn fresh_link(app: &App, chat: RequestId, id: &str) -> Answer<String> {
    let file = app.store.file(id).await?.filter(|file| file.chat == chat);
    let file = file.ok_or_else(|| Problem::not_found("file"))?;
    Ok(file_url(&app.auth, &file.id, app.clock.now()))
}

/// Takes a file from a form and says it in a conversation; for visitors and agents alike.
///
/// # Errors
/// As the file or the conversation refuses it; nothing is left then.
pub async fn upload(
    app: &App,
    chat: RequestId,
    workgroup: WorkgroupId,
    from: Speaker,
    request: Request,
) -> Answer<Response> {
    let settings = app.roster.entrance_of(workgroup).ok_or_else(|| Problem::not_found("workgroup"))?;
    let rules = &settings.settings.widget.files;
    if !rules.enabled {
        return Err(FileError::NotPermitted.into());
    }
    let most = app.config.limits.file_max.min(u64::from(rules.size_max_kb) * 1024).saturating_add(FORM_MAX);
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(FileError::TooLarge(most - FORM_MAX).into());
    }
    if app.store.files(chat).await?.len() >= FILES_PER_CHAT {
        return Err(SayError::TooManyFiles.into());
    }
    let progress = Progress::default();
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, form::held_back(body, progress.clone()));
    let mut form = Multipart::from_request(request, app)
        .await
        .map_err(|_| Problem::of(&codes::UNSUPPORTED_MEDIA_TYPE).detail("send multipart/form-data"))?;
    let broken = |error| broken(&progress, error);
    let mut client_id = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("id") if client_id.is_none() => client_id = Some(short_text(field, broken).await?),
            Some("file") => {
                progress.file_begins();
                let name = field.file_name().map(str::to_owned);
                let file = app.rooms.files().receive(rules, name.as_deref(), field).await?;
                let id = client_id.unwrap_or_else(|| file.id.clone());
                return say_file(app, chat, from, id, file).await;
            }
            _ => return Err(Problem::bad_request("the form may have `id` once and then `file`, in this order")),
        }
    }
    Err(Problem::bad_request("the form has no field `file`"))
}

async fn say_file(app: &App, chat: RequestId, from: Speaker, id: String, file: NewFile) -> Answer<Response> {
    let path = file.path.clone();
    let said = app.rooms.send_file(chat, from, id, file).await;
    // A file that nobody will see, or that was there before, is not kept.
    if said.as_ref().map_or(true, |said| said.duplicate)
        && let Err(error) = app.rooms.files().delete(&path).await
    {
        tracing::warn!(%error, "a file that was not needed could not be deleted");
    }
    let said = said?;
    let found = app.store.messages(chat, Range::After(said.number.saturating_sub(1), 1)).await?;
    let row = app.store.chat(chat).await?.ok_or_else(|| Problem::not_found("chat"))?;
    let message = found.first().ok_or_else(|| Problem::internal("a message that was stored is not there"))?;
    let viewer = match from {
        Speaker::Visitor => Viewer::Visitor,
        Speaker::Agent(agent) => Viewer::Agent(agent),
    };
    let title_of = title_of(&row);
    let rendering = Rendering { viewer, title_of: &title_of, auth: &app.auth, now: app.clock.now() };
    let status = if said.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(rendering.message(message))).into_response())
}

async fn short_text(mut field: Field<'_>, broken: impl Fn(MultipartError) -> Problem) -> Answer<String> {
    let mut text = Vec::new();
    while let Some(chunk) = field.next().await {
        text.extend_from_slice(&chunk.map_err(&broken)?);
        if text.len() > 256 {
            return Err(Problem::bad_request("`id` is too long"));
        }
    }
    String::from_utf8(text).map_err(|_| Problem::bad_request("`id` is no text"))
}

fn broken(progress: &Progress, _: MultipartError) -> Problem {
    if progress.is_overrun() {
        return Problem::of(&codes::TOO_LARGE)
            .detail(format!("the form has more than {} kB before its file", FORM_MAX / 1024));
    }
    Problem::bad_request("the form is malformed or did not arrive whole")
}

/// The proof that the bearer of a link may fetch the file.
#[derive(Deserialize)]
struct Ticket {
    ticket: Option<String>,
}

/// A file by its link. Always to be saved, never shown in place: what strangers send must not run in our name.
async fn fetch(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(Ticket { ticket }): Query<Ticket>,
) -> Answer<Response> {
    if !ticket.is_some_and(|ticket| app.auth.admits(&ticket, &id, app.clock.now())) {
        return Err(Problem::of(&codes::FORBIDDEN).detail("this link has expired; open the file from its conversation"));
    }
    let file = app.store.file(&id).await?.ok_or_else(|| Problem::not_found("file"))?;
    let opened = match app.rooms.files().open(&file.path).await {
        Ok(opened) => opened,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Problem::not_found("file")),
        Err(error) => return Err(Problem::internal(format!("a file cannot be read: {error}"))),
    };
    let chunks = futures_util::stream::unfold(opened, |mut opened| async {
        let mut chunk = bytes::BytesMut::with_capacity(32 * 1024);
        match opened.read_buf(&mut chunk).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(chunk.freeze()), opened)),
            Err(error) => Some((Err(error), opened)),
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, file.media_type.clone());
    set(header::CONTENT_LENGTH, file.size.to_string());
    set(header::CONTENT_DISPOSITION, disposition(&file.name));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    set(header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned());
    set(header::CACHE_CONTROL, "private, no-store".to_owned());
    Ok(response)
}

/// `attachment` with the name in plain letters, and whole as RFC 8187 writes it.
pub fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_header() {
        assert_eq!(
            disposition("a\"b;\r\n é.txt"),
            "attachment; filename=\"a_b___ _.txt\"; filename*=UTF-8''a%22b%3B%0D%0A%20%C3%A9.txt"
        );
    }
}
