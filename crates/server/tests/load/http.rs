//! A small HTTP/1.1 client for tests and benchmarks: keep-alive requests with JSON, and event streams. It speaks to our own
//! server on loopback only and knows nothing of Anteroom.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long anything may take before the client gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case; of repeated ones the last.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Response {
    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// One kept connection, opened again when it broke.
pub struct Connection {
    address: String,
    headers: Vec<(String, String)>,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), headers: Vec::new(), stream: None }
    }

    /// Sent with every request from now on; replaces one of the same name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// One request and its response. An error means that it is unknown whether the server acted.
    pub async fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Response> {
        let outcome = timeout(PATIENCE, self.exchange(method, path, body)).await.unwrap_or_else(|_| Err(timed_out()));
        if outcome.is_err() {
            self.stream = None;
        }
        outcome
    }

    pub async fn get(&mut self, path: &str) -> io::Result<Response> {
        self.send("GET", path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> io::Result<Response> {
        self.send("POST", path, Some(body)).await
    }

    async fn exchange(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Response> {
        let head = request_head(&self.address, &self.headers, method, path, body);
        if self.stream.is_none() {
            self.stream = Some(connect(&self.address).await?);
        }
        let Some(stream) = self.stream.as_mut() else { return Err(broken("no connection")) };
        stream.get_mut().write_all(&head).await?;
        let (status, headers) = read_head(stream).await?;
        let body = read_body(stream, status, &headers).await?;
        if headers.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            self.stream = None;
        }
        Ok(Response { status, headers, body })
    }
}

/// One event of a stream.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    pub id: String,
    pub event: String,
    pub data: Value,
}

/// An open event stream (Server-Sent Events).
pub struct EventStream {
    reader: BufReader<TcpStream>,
    chunk_left: usize,
    line: Vec<u8>,
}

impl EventStream {
    /// Opens the stream; an answer other than 200 is an error with its status in the text.
    pub async fn open(address: &str, path: &str, headers: &[(String, String)], last: Option<&str>) -> io::Result<Self> {
        let mut all = headers.to_vec();
        all.push(("Accept".to_owned(), "text/event-stream".to_owned()));
        if let Some(last) = last {
            all.push(("Last-Event-ID".to_owned(), last.to_owned()));
        }
        let opening = async {
            let mut reader = connect(address).await?;
            reader.get_mut().write_all(&request_head(address, &all, "GET", path, None)).await?;
            let (status, headers) = read_head(&mut reader).await?;
            if status != 200 {
                return Err(broken(&format!("the stream answered {status}")));
            }
            if headers.get("transfer-encoding").is_none_or(|value| !value.eq_ignore_ascii_case("chunked")) {
                return Err(broken("the stream is not chunked"));
            }
            Ok(Self { reader, chunk_left: 0, line: Vec::new() })
        };
        timeout(PATIENCE, opening).await.unwrap_or_else(|_| Err(timed_out()))
    }

    /// The next event; comments are passed over. `None` when the server closed the stream.
    pub async fn next(&mut self) -> io::Result<Option<StreamEvent>> {
        let mut event = StreamEvent { id: String::new(), event: String::new(), data: Value::Null };
        let mut data = String::new();
        loop {
            let Some(line) = self.next_line().await? else { return Ok(None) };
            if line.is_empty() {
                if event.event.is_empty() && data.is_empty() {
                    continue;
                }
                event.data = serde_json::from_str(&data).map_err(|e| broken(&format!("event data: {e}")))?;
                return Ok(Some(event));
            }
            match line.split_once(':') {
                Some(("id", value)) => value.trim_start().clone_into(&mut event.id),
                Some(("event", value)) => value.trim_start().clone_into(&mut event.event),
                Some(("data", value)) => data.push_str(value.strip_prefix(' ').unwrap_or(value)),
                _ => {}
            }
        }
    }

    async fn next_line(&mut self) -> io::Result<Option<String>> {
        loop {
            while self.chunk_left > 0 {
                let byte = self.reader.read_u8().await?;
                self.chunk_left -= 1;
                if self.chunk_left == 0 {
                    read_line(&mut self.reader).await?;
                }
                if byte == b'\n' {
                    let line = String::from_utf8_lossy(&self.line).trim_end_matches('\r').to_owned();
                    self.line.clear();
                    return Ok(Some(line));
                }
                self.line.push(byte);
            }
            let size = match read_line(&mut self.reader).await {
                Ok(size) => size,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            };
            self.chunk_left = usize::from_str_radix(size.trim(), 16).map_err(|_| broken("chunk size"))?;
            if self.chunk_left == 0 {
                return Ok(None);
            }
        }
    }
}

async fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::with_capacity(2048, stream))
}

fn request_head(host: &str, headers: &[(String, String)], method: &str, path: &str, body: Option<&Value>) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body.map(Value::to_string);
    if let Some(body) = &body {
        head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    } else if method != "GET" {
        head.push_str("Content-Length: 0\r\n");
    }
    head.push_str("\r\n");
    head.push_str(body.as_deref().unwrap_or_default());
    head.into_bytes()
}

async fn read_line(reader: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

async fn read_head(reader: &mut BufReader<TcpStream>) -> io::Result<(u16, BTreeMap<String, String>)> {
    let status_line = read_line(reader).await?;
    let status = status_line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| broken("status line"))?;
    let mut headers = BTreeMap::new();
    loop {
        let line = read_line(reader).await?;
        let Some((name, value)) = line.split_once(':') else { return Ok((status, headers)) };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
}

async fn read_body(
    reader: &mut BufReader<TcpStream>,
    status: u16,
    headers: &BTreeMap<String, String>,
) -> io::Result<Vec<u8>> {
    if status == 204 || status == 304 {
        return Ok(Vec::new());
    }
    let mut body = Vec::new();
    if let Some(length) = headers.get("content-length") {
        body.resize(length.parse().map_err(|_| broken("content-length"))?, 0);
        reader.read_exact(&mut body).await?;
        return Ok(body);
    }
    loop {
        let size = usize::from_str_radix(&read_line(reader).await?, 16).map_err(|_| broken("chunk size"))?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..]).await?;
        read_line(reader).await?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the server did not answer in time")
}
