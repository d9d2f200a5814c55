//! Clients over WebSocket (RFC 7395), on the HTTP listeners: one task that sends and receives frames. What they mean is
//! `session.rs`.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{self, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use xmpp::stream::Transport;
use xmpp::wire::{StreamError, StreamErrorCondition};

use super::reception::Seat;
use super::session::{Act, Session};
use crate::app::App;
use crate::http::codes;
use crate::http::error::Problem;
use crate::http::layers::ClientAddress;

/// The subprotocol (RFC 7395 §3.1).
const SUBPROTOCOL: &str = "xmpp";

/// `GET /xmpp-websocket`.
pub async fn upgrade(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(reception) = app.xmpp.reception() else { return Problem::not_found("address").into_response() };
    let size = app.config.xmpp.stanza_max;
    let upgrade = upgrade.protocols([SUBPROTOCOL]).max_message_size(size).max_frame_size(size);
    if upgrade.selected_protocol().is_none() {
        let detail = "the subprotocol `xmpp` is needed (RFC 7395)";
        return Problem::of(&codes::BAD_REQUEST).detail(detail).into_response();
    }
    let secure = app.config.public_url.is_secure();
    let Some((session, seat)) = reception.admit(Transport::WebSocket { secure }, "websocket", address) else {
        app.metrics.xmpp_turned_away.inc();
        return Problem::of(&codes::BUSY).detail("too many connections").retry_after_s(5).into_response();
    };
    let patience = app.config.xmpp.send_timeout;
    upgrade.on_upgrade(move |socket| serve(socket, session, seat, patience))
}

async fn serve(mut socket: WebSocket, mut session: Session, seat: Seat, patience: Duration) {
    let mut acts = VecDeque::new();
    while step(&mut socket, &mut session, &mut acts, patience).await {}
    session.finish();
    drop(seat);
}

/// False when the connection is over.
async fn step(socket: &mut WebSocket, session: &mut Session, acts: &mut VecDeque<Act>, patience: Duration) -> bool {
    while let Some(act) = acts.pop_front() {
        let message = match act {
            // The stream writes text only.
            Act::Write(bytes) => ws::Message::Text(String::from_utf8_lossy(&bytes).into_owned().into()),
            Act::Close => ws::Message::Close(None),
            Act::StartTls | Act::Respond(..) => continue,
        };
        let closes = matches!(message, ws::Message::Close(_));
        match timeout(patience, socket.send(message)).await {
            Ok(Ok(())) if !closes => {}
            _ => return false,
        }
    }
    let reads = session.wants_bytes();
    let going_on = poll_fn(|cx| if session.poll(cx, true, None, acts) { Poll::Ready(()) } else { Poll::Pending });
    let heard = tokio::select! {
        biased;
        () = going_on => return true,
        heard = socket.recv(), if reads => heard,
    };
    match heard {
        Some(Ok(ws::Message::Text(text))) => session.received(text.as_bytes()),
        Some(Ok(ws::Message::Ping(_) | ws::Message::Pong(_))) => session.received_nothing(),
        Some(Ok(ws::Message::Binary(_))) => {
            session.end(StreamError::new(StreamErrorCondition::BadFormat, "Frames are text."));
        }
        Some(Ok(ws::Message::Close(_)) | Err(_)) | None => return false,
    }
    true
}
