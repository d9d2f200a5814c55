//! The stream itself: what is kept between calls, its beginning, what it has to say, and what remains of it.

use std::collections::VecDeque;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use crate::sasl::Exchange;
use crate::wire::{Delivery, Reader, StreamErrorCondition as Condition};

use super::in_bodies::Waiting;
use super::inline::Inline;
use super::seed::Seed;
use super::suspended::Ledger;
use super::{Bindings, Ended, Settings, StartTls, Step, Transport};

/// The server's side of one client connection. See the [module](super) for how a host drives it.
#[derive(Debug)]
pub struct Stream {
    pub(super) settings: Arc<Settings>,
    pub(super) framing: Framing,
    pub(super) seed: Seed,
    pub(super) state: State,
    /// Reads a byte stream; frames have a reader each.
    pub(super) reader: Option<Box<Reader>>,
    /// Bytes or frames that came while a question was open.
    pub(super) pending: VecDeque<Vec<u8>>,
    pub(super) pending_bytes: usize,
    /// The same for elements that came in a body.
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) steps: Vec<Step>,
    pub(super) secure: bool,
    pub(super) starttls: StartTls,
    pub(super) bindings: Bindings,
    /// Which of the settings' hosts.
    pub(super) host: Option<usize>,
    pub(super) header_sent: bool,
    pub(super) failures: u32,
    pub(super) exchange: Option<Exchange>,
    /// What a log-in is to do at once (XEP-0388), while it lasts.
    pub(super) inline: Option<Box<Inline>>,
    pub(super) asked: Option<Asked>,
    pub(super) account: Option<BareJid>,
    pub(super) jid: Option<FullJid>,
    pub(super) managed: Option<Managed>,
    /// Presences kept back while the client is not being looked at, by sender; nothing if it is.
    pub(super) held: Option<Vec<(Jid, Delivery)>>,
    /// What came too late to be sent.
    pub(super) late: Vec<Delivery>,
    /// With what this side has ended the stream.
    pub(super) error: Option<Condition>,
    pub(super) clock: Clock,
}

/// How elements are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Bytes,
    Frames,
    Bodies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Waits for a header.
    Opening,
    /// Features are sent; not logged in.
    Login,
    /// The host shakes hands.
    Handshake,
    /// Features are sent; logged in.
    Binding,
    Bound,
    /// This side has closed; the other has until the moment to do so.
    Closing {
        until_us: i64,
    },
    Closed,
}

/// The question that is open.
#[derive(Debug)]
pub(super) enum Asked {
    Login,
    /// What `inline` waits for.
    Inline,
    Bind {
        iq: String,
    },
    Resume {
        h: u32,
        id: String,
    },
}

/// Stream management (XEP-0198).
#[derive(Debug)]
pub(super) struct Managed {
    /// Nothing if it is not to be resumed.
    pub id: Option<String>,
    pub resume_s: u32,
    pub ledger: Ledger,
    /// Stanzas were sent since an acknowledgement was requested.
    pub fresh: bool,
}

/// Moments, in microseconds since the epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub now: i64,
    pub started: i64,
    /// Something was received.
    pub heard: i64,
    /// Something was sent that has to be answered.
    pub asked: Option<i64>,
}

impl Stream {
    /// A client has connected. `seed` is random and never used again.
    pub fn new(settings: Arc<Settings>, transport: Transport, seed: [u8; 32], now_us: i64) -> Self {
        let (framing, secure, starttls, bindings) = match transport {
            Transport::Tcp(starttls) => (Framing::Bytes, false, starttls, Bindings::default()),
            Transport::DirectTls(bindings) => (Framing::Bytes, true, StartTls::Absent, bindings),
            Transport::WebSocket { secure } => (Framing::Frames, secure, StartTls::Absent, Bindings::default()),
            Transport::Bosh { secure } => (Framing::Bodies, secure, StartTls::Absent, Bindings::default()),
        };
        let mut stream = Self {
            settings,
            framing,
            seed: Seed::new(seed),
            state: State::Opening,
            reader: None,
            pending: VecDeque::new(),
            pending_bytes: 0,
            waiting: VecDeque::new(),
            steps: Vec::new(),
            secure,
            starttls,
            bindings,
            host: None,
            header_sent: false,
            failures: 0,
            exchange: None,
            inline: None,
            asked: None,
            account: None,
            jid: None,
            managed: None,
            held: None,
            late: Vec::new(),
            error: None,
            clock: Clock { now: now_us, started: now_us, heard: now_us, asked: None },
        };
        stream.reopen();
        stream
    }

    /// The client's address, once it has one.
    pub fn jid(&self) -> Option<&FullJid> {
        self.jid.as_ref()
    }

    /// Whether the connection is to be closed, or was told to be.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// With what this side has ended the stream; nothing if it goes on, or was closed in order.
    pub fn error(&self) -> Option<Condition> {
        self.error
    }

    /// What `Question::Resume` names if the client wants this session elsewhere; nothing if it cannot be resumed.
    pub fn resumption_id(&self) -> Option<&str> {
        self.managed.as_ref()?.id.as_deref()
    }

    /// What the host has to do now, in this order.
    pub fn take_steps(&mut self) -> Vec<Step> {
        self.request_acknowledgement();
        std::mem::take(&mut self.steps)
    }

    /// The connection is gone: what remains.
    pub fn end(mut self, now_us: i64) -> Ended {
        let suspended = self.suspend(now_us);
        let jid = self.jid.take();
        let mut undelivered: Vec<Delivery> = match self.managed.take() {
            Some(managed) => managed.ledger.unacked.into(),
            None => Vec::new(),
        };
        undelivered.append(&mut self.late);
        Ended { jid: suspended.as_ref().map(|session| session.jid().clone()).or(jid), suspended, undelivered }
    }

    /// Writes something. The closure is told whether it stands alone, without the header's namespaces.
    pub(super) fn put(&mut self, write: impl FnOnce(&mut Vec<u8>, bool)) {
        if self.framing == Framing::Bytes
            && let Some(Step::Write(bytes)) = self.steps.last_mut()
        {
            return write(bytes, false);
        }
        let mut bytes = Vec::new();
        write(&mut bytes, self.framing != Framing::Bytes);
        self.steps.push(Step::Write(bytes));
    }

    /// Writes an element that is written out with its namespace.
    pub(super) fn put_text(&mut self, text: &str) {
        self.put(|out, _| out.extend_from_slice(text.as_bytes()));
    }
}
