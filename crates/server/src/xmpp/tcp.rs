//! A client over TCP: one task that reads, writes and waits for both, with TLS from the first byte or by STARTTLS. An idle
//! connection holds no buffers. What the bytes mean is `session.rs`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificate::Identity;
use super::session::{Act, Session};

/// Bytes read at once.
const READ_MAX: usize = 16 * 1024;
/// Nothing more is read or taken from the mailbox while so much waits to be written.
const WAITING_MAX: usize = 256 * 1024;
/// A buffer of this size is kept from one write to the next.
const KEPT: usize = 1024;

thread_local! {
    /// What is read goes through here into the stream at once: connections share it.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_MAX].into_boxed_slice());
}

type Handshake = Pin<Box<dyn Future<Output = io::Result<TlsStream<TcpStream>>> + Send>>;

/// The connection as it stands.
enum Pipe {
    Plain(TcpStream),
    Handshake(Handshake),
    Tls(Box<TlsStream<TcpStream>>),
    Gone,
}

/// A client over TCP.
pub struct Connection {
    session: Session,
    pipe: Pipe,
    identity: Identity,
    /// TLS after STARTTLS.
    acceptor: TlsAcceptor,
    out: Vec<u8>,
    written: usize,
    acts: VecDeque<Act>,
    /// When the client is cut if it takes nothing until then.
    stalled_until_us: Option<i64>,
    send_timeout_us: i64,
    closing: bool,
    clock: crate::clock::Clock,
}

/// What a connection needs from its listener.
pub struct Fittings {
    /// The certificate.
    pub identity: Identity,
    /// TLS after STARTTLS.
    pub acceptor: TlsAcceptor,
    /// A client that takes nothing of what is sent to it for so long is cut.
    pub send_timeout_us: i64,
    /// The time of day.
    pub clock: crate::clock::Clock,
}

impl Connection {
    /// A client that is not encrypted yet.
    pub fn plain(session: Session, stream: TcpStream, fittings: Fittings) -> Self {
        Self::new(session, Pipe::Plain(stream), fittings)
    }

    /// A client whose first bytes were a TLS handshake.
    pub fn tls(session: Session, stream: TlsStream<TcpStream>, fittings: Fittings) -> Self {
        Self::new(session, Pipe::Tls(Box::new(stream)), fittings)
    }

    fn new(session: Session, pipe: Pipe, fittings: Fittings) -> Self {
        let Fittings { identity, acceptor, send_timeout_us, clock } = fittings;
        Self {
            session,
            pipe,
            identity,
            acceptor,
            out: Vec::new(),
            written: 0,
            acts: VecDeque::new(),
            stalled_until_us: None,
            send_timeout_us,
            closing: false,
            clock,
        }
    }

    /// Serves the client until one side ends it.
    pub async fn serve(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        self.session.finish();
    }

    /// Ready when the connection is over.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let space = self.acts.is_empty() && self.waiting() < WAITING_MAX;
            let mut moved = self.session.poll(cx, space, self.stalled_until_us, &mut self.acts);
            match self.poll_out(cx) {
                Ok(written) => moved |= written,
                Err(_) => return Poll::Ready(()),
            }
            if self.stalled_until_us.is_some_and(|until_us| until_us <= self.clock.now().0) {
                return Poll::Ready(());
            }
            if self.closing && self.waiting() == 0 {
                // The client's side of closing, or its end, is not waited for: everything that it must know is sent.
                return self.poll_shutdown(cx);
            }
            match self.poll_in(cx) {
                Ok(read) => moved |= read,
                Err(_) => return Poll::Ready(()),
            }
            if !moved {
                return Poll::Pending;
            }
        }
    }

    fn waiting(&self) -> usize {
        self.out.len() - self.written
    }

    /// Takes what is to be written, all in one piece, and writes it.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let mut moved = false;
        loop {
            while !matches!(self.pipe, Pipe::Handshake(_)) && !self.closing && self.waiting() < WAITING_MAX {
                match self.acts.front() {
                    Some(Act::Write(_)) => {}
                    Some(Act::Close) => self.closing = true,
                    Some(Act::StartTls) if self.waiting() == 0 => self.start_tls(),
                    Some(Act::StartTls) | None => break,
                    Some(Act::Respond(..)) => {}
                }
                moved = true;
                match self.acts.pop_front() {
                    Some(Act::Write(bytes)) if self.out.is_empty() => self.out = bytes,
                    Some(Act::Write(bytes)) => self.out.extend_from_slice(&bytes),
                    _ => {}
                }
            }
            if self.waiting() == 0 {
                return Ok(moved);
            }
            let written = match self.poll_write(cx) {
                Poll::Pending => {
                    // Once more around, so that there is a timer for it.
                    moved |= self.stalled_until_us.is_none();
                    let until_us = self.clock.now().0 + self.send_timeout_us;
                    self.stalled_until_us.get_or_insert(until_us);
                    return Ok(moved);
                }
                Poll::Ready(written) => written?,
            };
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            moved = true;
            self.stalled_until_us = None;
            self.written += written;
            if self.waiting() == 0 {
                self.written = 0;
                self.out.clear();
                self.out.shrink_to(KEPT);
                if let Pipe::Tls(stream) = &mut self.pipe {
                    // What TLS could not write yet is written with what comes next, or when the socket can take it.
                    let _ = Pin::new(&mut **stream).poll_flush(cx)?;
                }
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let bytes = &self.out[self.written..];
        match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Pipe::Tls(stream) => Pin::new(&mut **stream).poll_write(cx, bytes),
            Pipe::Handshake(_) | Pipe::Gone => Poll::Pending,
        }
    }

    fn start_tls(&mut self) {
        self.pipe = match std::mem::replace(&mut self.pipe, Pipe::Gone) {
            Pipe::Plain(stream) => Pipe::Handshake(Box::pin(self.acceptor.accept(stream))),
            other => other,
        };
    }

    fn poll_in(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        if let Pipe::Handshake(handshake) = &mut self.pipe {
            let Poll::Ready(shaken) = handshake.as_mut().poll(cx) else { return Ok(false) };
            let stream = shaken?;
            self.session.tls_done(self.identity.bindings(stream.get_ref().1));
            self.pipe = Pipe::Tls(Box::new(stream));
            return Ok(true);
        }
        if self.waiting() >= WAITING_MAX || !self.session.wants_bytes() {
            return Ok(false);
        }
        let (pipe, session) = (&mut self.pipe, &mut self.session);
        READ.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            let read = match pipe {
                Pipe::Plain(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
                Pipe::Tls(stream) => Pin::new(&mut **stream).poll_read(cx, &mut buffer),
                Pipe::Handshake(_) | Pipe::Gone => Poll::Pending,
            };
            match read {
                Poll::Pending => Ok(false),
                Poll::Ready(Err(error)) => Err(error),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
                Poll::Ready(Ok(())) => {
                    session.received(buffer.filled());
                    Ok(true)
                }
            }
        })
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let shut = match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Pipe::Tls(stream) => Pin::new(&mut **stream).poll_shutdown(cx),
            Pipe::Handshake(_) | Pipe::Gone => Poll::Ready(Ok(())),
        };
        let _ = ready!(shut);
        Poll::Ready(())
    }
}
