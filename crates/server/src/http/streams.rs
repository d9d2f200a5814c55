//! A session's events on the wire: the same numbered events as Server-Sent Events and over WebSocket, resumed by the last
//! id, kept alive, and ended with `bye`. What the events say is decided elsewhere.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::{self, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::codes;
use super::error::Problem;
use crate::auth;
use crate::directory::{Attached, Directory, Owner};
use crate::stream::{Bye, Entry, Session, Step};

/// A comment or a ping is sent when nothing else was for so long.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// A WebSocket that takes nothing for so long is cut.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Pings without any answer after which a WebSocket counts as gone.
const PINGS_UNANSWERED_MAX: u32 = 3;
/// Bytes of a frame that a client may send.
const FRAME_MAX: usize = 4 * 1024;
/// Frames of a client that count between two keep-alives; more are a fault of the client.
const FRAMES_MAX: u32 = 400;
/// The subprotocol of WebSockets.
pub const SUBPROTOCOL: &str = "anteroom.v1";

/// What is read, and from where on.
pub struct Opening {
    /// Where the stream is attached.
    pub directory: Directory,
    /// Whose session it is.
    pub owner: Owner,
    /// The session.
    pub session: Arc<Session>,
    /// The id of the last event that the client saw.
    pub last: Option<String>,
    /// Comes when who reads may do so no longer: the session or the key has expired.
    pub over: BoxFuture<'static, ()>,
}

/// By which transport.
pub enum Transport {
    /// Server-Sent Events.
    Sse,
    /// WebSocket.
    Socket(WebSocketUpgrade),
}

/// What a client says over a WebSocket instead of a request of its own. There is no answer.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Frame {
    /// Typing, or no longer.
    Typing {
        /// Which chat; a visit has one only.
        #[serde(default)]
        chat: String,
        /// What is done.
        state: TypingState,
    },
    /// Read up to a message.
    Read {
        /// Which chat; a visit has one only.
        #[serde(default)]
        chat: String,
        /// The message's number.
        number: u64,
    },
}

/// What somebody does at the keyboard (XEP-0085).
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, utoipa::ToSchema, Debug)]
#[serde(rename_all = "snake_case")]
pub enum TypingState {
    /// Types.
    Composing,
    /// Stopped.
    Paused,
}

/// Where to go on: `?last=`, or the header that browsers send by themselves.
pub fn last_seen(query: Option<String>, headers: &HeaderMap) -> Option<String> {
    let header = || headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    query.or_else(header).filter(|last| last.len() <= 64)
}

/// Serves a session to one client. `snapshot` is called when the client cannot simply go on, after the place in the stream is
/// fixed: what happens while it is put together follows it.
pub async fn serve_stream<S, F>(
    opening: Opening,
    transport: Transport,
    snapshot: S,
    on_frame: impl FnMut(Frame) + Send + 'static,
) -> Response
where
    S: FnOnce() -> F + Send,
    F: Future<Output = Result<Value, Problem>> + Send,
{
    let Opening { directory, owner, session, last, over } = opening;
    let Some(attached) = directory.attach(owner, &session, last.as_deref()) else {
        let detail = "too many streams of this session are open, or it has just ended";
        return Problem::of(&codes::LIMIT).detail(detail).retry_after_s(5).into_response();
    };
    let mut first = None;
    let mut told = Told::default();
    if !attached.resumed {
        match snapshot().await {
            Ok(state) => {
                first = Some(Out::new(&attached, attached.cursor(), "snapshot", &state.to_string()));
                told = Told::by(&state);
            }
            Err(problem) => return problem.into_response(),
        }
    }
    let reading = Reading { attached, told, over };
    match transport {
        Transport::Sse => sse(reading, first),
        Transport::Socket(upgrade) => upgrade
            .protocols([SUBPROTOCOL])
            .max_message_size(FRAME_MAX)
            .max_frame_size(FRAME_MAX)
            .on_upgrade(move |socket| serve_socket(socket, reading, first, on_frame)),
    }
}

/// The messages that a snapshot told already. The place in the stream is fixed before the snapshot is put together, so that
/// nothing is missed; what was said meanwhile stands in both and must not come twice.
#[derive(Default)]
struct Told {
    /// By chat (empty in a visit, which has one only): the highest number. Forgotten when a higher one comes.
    numbers: BTreeMap<String, u64>,
}

impl Told {
    fn by(snapshot: &Value) -> Self {
        let mut numbers = BTreeMap::new();
        let chats = snapshot["chats"].as_array().into_iter().flatten();
        for (chat, state) in chats.map(|chat| (name_of(chat), chat)).chain([(String::new(), snapshot)]) {
            let last = state["messages"].as_array().and_then(|all| all.last()).and_then(|last| last["number"].as_u64());
            if let Some(last) = last {
                numbers.insert(chat, last);
            }
        }
        Self { numbers }
    }

    fn has(&mut self, entry: &Entry) -> bool {
        if self.numbers.is_empty() || entry.event != "message" {
            return false;
        }
        let message: Value = serde_json::from_str(&entry.data).unwrap_or_default();
        let chat = name_of(&message);
        let told = self.numbers.get(&chat).copied();
        let is_told = message["number"].as_u64().zip(told).is_some_and(|(number, told)| number <= told);
        if !is_told {
            self.numbers.remove(&chat);
        }
        is_told
    }
}

fn name_of(about: &Value) -> String {
    about["chat"].as_str().unwrap_or_default().to_owned()
}

/// A reader who has the snapshot.
struct Reading {
    attached: Attached,
    told: Told,
    over: BoxFuture<'static, ()>,
}

impl Reading {
    /// Waits for the next event that the client does not have. Safe to cancel: nothing is lost. Not to be called after `Bye`.
    async fn next(&mut self) -> Step {
        loop {
            let step = tokio::select! {
                biased;
                () = &mut self.over => return Step::Bye(Bye::SignedOut),
                step = self.attached.next() => step,
            };
            match step {
                Step::Event(entry) if self.told.has(&entry) => {}
                step => return step,
            }
        }
    }
}

/// An event ready to go out.
struct Out {
    id: String,
    event: &'static str,
    data: String,
    last: bool,
}

impl Out {
    fn new(attached: &Attached, seq: u64, event: &'static str, data: &str) -> Self {
        Self { id: attached.session().id_of(seq), event, data: data.to_owned(), last: false }
    }

    fn of(attached: &Attached, step: Step) -> Self {
        match step {
            Step::Event(entry) => Self::new(attached, entry.seq, entry.event, &entry.data),
            Step::Bye(reason) => {
                if reason == Bye::Slow {
                    attached.count_slow();
                }
                let body = serde_json::json!({ "reason": reason, "retry_after_s": retry_after_s(reason) });
                let bye = Self::new(attached, attached.cursor(), "bye", &body.to_string());
                Self { last: true, ..bye }
            }
        }
    }

    fn as_sse(&self) -> Bytes {
        let mut text = String::with_capacity(self.id.len() + self.data.len() + 40);
        // JSON has no raw line feeds, so one data line is enough.
        let _ = write!(text, "id: {}\nevent: {}\ndata: {}\n\n", self.id, self.event, self.data);
        text.into()
    }

    fn as_frame(&self) -> ws::Message {
        let mut text = String::with_capacity(self.id.len() + self.data.len() + 40);
        let _ = write!(text, r#"{{"id":"{}","event":"{}","data":{}}}"#, self.id, self.event, self.data);
        ws::Message::Text(text.into())
    }
}

/// Clients that are told to come back do not all come back in the same moment.
fn retry_after_s(reason: Bye) -> u32 {
    match reason {
        Bye::Stopping => 1 + u32::from(auth::random::<1>()[0]) % 5,
        Bye::Slow => 1,
        Bye::Replaced | Bye::Elsewhere | Bye::Ended | Bye::SignedOut => 0,
    }
}

/// A stream that says only why there is none. Browsers cannot read the status of a WebSocket that was refused, so the answer
/// is an event.
pub fn refuse_stream(transport: Transport, reason: Bye) -> Response {
    let body = serde_json::json!({ "reason": reason, "retry_after_s": retry_after_s(reason) }).to_string();
    match transport {
        Transport::Sse => events_response(Body::from(format!("event: bye\ndata: {body}\n\n"))),
        Transport::Socket(upgrade) => {
            upgrade.protocols([SUBPROTOCOL]).max_message_size(FRAME_MAX).max_frame_size(FRAME_MAX).on_upgrade(
                async move |mut socket| {
                    let frame = format!(r#"{{"id":"","event":"bye","data":{body}}}"#);
                    if send(&mut socket, ws::Message::Text(frame.into())).await {
                        close(&mut socket, ws::close_code::NORMAL, "bye").await;
                    }
                },
            )
        }
    }
}

fn sse(reading: Reading, first: Option<Out>) -> Response {
    let stream = futures_util::stream::unfold(Some((reading, first)), async |reading| {
        let (mut reading, first) = reading?;
        if let Some(first) = first {
            return Some((first.as_sse(), Some((reading, None))));
        }
        let Ok(step) = timeout(KEEP_ALIVE, reading.next()).await else {
            return Some((Bytes::from_static(b":\n\n"), Some((reading, None))));
        };
        let out = Out::of(&reading.attached, step);
        let bytes = out.as_sse();
        Some((bytes, (!out.last).then_some((reading, None))))
    });
    let stream = futures_util::StreamExt::map(stream, Ok::<_, Infallible>);
    events_response(Body::from_stream(stream))
}

fn events_response(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

async fn serve_socket(
    mut socket: WebSocket,
    mut reading: Reading,
    first: Option<Out>,
    mut on_frame: impl FnMut(Frame) + Send,
) {
    if let Some(first) = first
        && !send(&mut socket, first.as_frame()).await
    {
        return;
    }
    let mut unanswered = 0;
    let mut frames = 0;
    let mut pings = tokio::time::interval(KEEP_ALIVE);
    // The first tick would be at once.
    pings.reset();
    pings.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            step = reading.next() => {
                let out = Out::of(&reading.attached, step);
                if !send(&mut socket, out.as_frame()).await {
                    return;
                }
                if out.last {
                    close(&mut socket, ws::close_code::NORMAL, "bye").await;
                    return;
                }
            }
            heard = socket.recv() => {
                unanswered = 0;
                frames += 1;
                match heard {
                    Some(Ok(ws::Message::Text(text))) if frames <= FRAMES_MAX => match serde_json::from_str(&text) {
                        Ok(frame) => on_frame(frame),
                        Err(_) => return close(&mut socket, ws::close_code::INVALID, "not a frame of this protocol").await,
                    },
                    Some(Ok(ws::Message::Ping(_) | ws::Message::Pong(_))) if frames <= FRAMES_MAX => {}
                    Some(Ok(ws::Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => return close(&mut socket, ws::close_code::POLICY, "not permitted").await,
                }
            }
            _ = pings.tick() => {
                unanswered += 1;
                frames = 0;
                if unanswered > PINGS_UNANSWERED_MAX || !send(&mut socket, ws::Message::Ping(Bytes::new())).await {
                    return;
                }
            }
        }
    }
}

async fn send(socket: &mut WebSocket, message: ws::Message) -> bool {
    matches!(timeout(SEND_TIMEOUT, socket.send(message)).await, Ok(Ok(())))
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    send(socket, ws::Message::Close(Some(ws::CloseFrame { code, reason: reason.into() }))).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_snapshot_told_does_not_come_again() {
        let entry = |seq, event, data: &str| Entry::new(seq, event, data);
        let mut visit = Told::by(&serde_json::json!({"messages": [{"number": 1}, {"number": 2}]}));
        assert!(visit.has(&entry(9, "message", r#"{"number":2}"#)));
        assert!(!visit.has(&entry(9, "correction", r#"{"number":2}"#)));
        assert!(!visit.has(&entry(10, "message", r#"{"number":3}"#)), "said after the snapshot was read");
        assert!(visit.numbers.is_empty(), "nothing is looked for any longer");
        let mut staff = Told::by(&serde_json::json!({"chats": [{"chat": "7", "messages": [{"number": 5}]}]}));
        assert!(!staff.has(&entry(3, "message", r#"{"chat":"8","number":1}"#)));
        assert!(staff.has(&entry(4, "message", r#"{"chat":"7","number":5}"#)));
    }

    #[test]
    fn frames_are_read_strictly() {
        let read = |text: &str| serde_json::from_str::<Frame>(text).ok();
        assert_eq!(
            read(r#"{"typing":{"chat":"7","state":"composing"}}"#),
            Some(Frame::Typing { chat: "7".into(), state: TypingState::Composing })
        );
        assert_eq!(read(r#"{"read":{"number":3}}"#), Some(Frame::Read { chat: String::new(), number: 3 }));
        for bad in ["", "{}", r#"{"say":{}}"#, r#"{"read":{"number":-1}}"#, r#"{"typing":{"state":"x"}}"#] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
