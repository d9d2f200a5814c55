//! Clients over BOSH (XEP-0124, XEP-0206), on the HTTP listeners: a task per session, to which its requests are handed. What the
//! bodies mean is `xmpp::bosh`.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use tokio::sync::{mpsc, oneshot};
use xmpp::bosh::{Body, CONTENT_TYPE, Settings, Terminate, refusal};

use super::reception::Seat;
use super::session::{Act, Session};
use crate::app::App;
use crate::http::layers::ClientAddress;

/// Requests of one session that may be on their way to it.
const REQUESTS_MAX: usize = 8;
/// A held request is answered so much before its deadline on the server.
const MARGIN_S: u64 = 5;

/// A request and where its response goes.
type Request = (Body, oneshot::Sender<Vec<u8>>);

/// The sessions over BOSH, by their ids. Clones share them.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<HashMap<String, mpsc::Sender<Request>>>>);

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<Request>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `OPTIONS /http-bind`: pages of any site may log in; they need a password, or are visitors.
pub async fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    admit_all(&mut response);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn admit_all(response: &mut Response) {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

fn respond(body: Vec<u8>) -> Response {
    let mut response =
        ([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], body).into_response();
    admit_all(&mut response);
    response
}

/// `POST /http-bind`.
pub async fn bind(State(app): State<App>, ClientAddress(address): ClientAddress, bytes: Bytes) -> Response {
    let Some(reception) = app.xmpp.reception() else { return respond(refusal(Terminate::ItemNotFound)) };
    let body = match Body::read(&bytes, reception.settings().limits) {
        Ok(body) => body,
        Err(condition) => return respond(refusal(condition)),
    };
    let (to, answer) = oneshot::channel();
    let sessions = reception.bosh();
    match body.sid.clone() {
        None => {
            let longest_s = app.config.http.request_timeout.as_secs().saturating_sub(MARGIN_S).clamp(1, 60);
            let settings = Settings { wait_s: u32::try_from(longest_s).unwrap_or(60), ..Settings::default() };
            let secure = app.config.public_url.is_secure();
            let Some((session, sid, seat)) = reception.admit_bosh(settings, secure, (FIRST, body), address) else {
                app.metrics.xmpp_turned_away.inc();
                return respond(refusal(Terminate::PolicyViolation));
            };
            let (requests, queue) = mpsc::channel(REQUESTS_MAX);
            sessions.lock().insert(sid.clone(), requests);
            tokio::spawn(serve(session, seat, queue, to, sessions.clone(), sid));
        }
        Some(sid) => {
            let found = sessions.lock().get(&sid).cloned();
            // More than a session may have open at once is as if there were no such session.
            let handed = found.is_some_and(|requests| requests.try_send((body, to)).is_ok());
            if !handed {
                return respond(refusal(Terminate::ItemNotFound));
            }
        }
    }
    respond(answer.await.unwrap_or_else(|_| refusal(Terminate::ItemNotFound)))
}

/// The ticket of a session's first request.
const FIRST: u64 = 0;

async fn serve(
    mut session: Session,
    seat: Seat,
    mut requests: mpsc::Receiver<Request>,
    first: oneshot::Sender<Vec<u8>>,
    sessions: Sessions,
    sid: String,
) {
    let mut waiting = HashMap::from([(FIRST, first)]);
    let mut next = FIRST;
    let mut acts = VecDeque::new();
    loop {
        let mut over = false;
        for act in acts.drain(..) {
            match act {
                Act::Respond(ticket, body) => {
                    // Who asked may have gone.
                    let _ = waiting.remove(&ticket).map(|to| to.send(body));
                }
                Act::Close => over = true,
                Act::Write(_) | Act::StartTls => {}
            }
        }
        if over {
            break;
        }
        let reads = session.reads_bodies();
        // What no request can carry stays in the mailbox, where it is counted.
        let space = !waiting.is_empty();
        let going_on =
            poll_fn(|cx| if session.poll(cx, space, None, &mut acts) { Poll::Ready(()) } else { Poll::Pending });
        tokio::select! {
            biased;
            () = going_on => {}
            request = requests.recv(), if reads => match request {
                Some((body, to)) => {
                    next += 1;
                    waiting.insert(next, to);
                    session.received_body(next, body);
                }
                None => break,
            }
        }
    }
    sessions.lock().remove(&sid);
    session.finish();
    drop(seat);
}
