//! The transcript of a chat in three forms. What is in it is what the store keeps; who may have it is decided by who asks.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use desk::ids::RequestId;
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use store::archive::{ChatRow, Message, Range};
use utoipa::{IntoParams, ToSchema};

use super::error::{Answer, Problem};
use super::files::disposition;
use super::visits::title_of;
use crate::app::App;
use crate::clock::rfc3339;
use crate::rooms::message::{MessageBody, Rendering, Viewer};
use crate::wire;

/// Messages read at once.
const PAGE: usize = 500;
/// Messages in a transcript at most; a longer chat is cut, and says so.
const MESSAGES_MAX: usize = 20_000;

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A page.
    #[default]
    Html,
    /// Plain text.
    Text,
    /// As the API writes messages.
    Json,
}

/// Which transcript.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct TranscriptQuery {
    /// `html`, `text` or `json`.
    #[serde(default)]
    pub format: Format,
}

/// A transcript.
#[derive(Serialize, ToSchema, Debug)]
pub struct Transcript {
    /// The chat's id.
    pub chat: String,
    /// The workgroup's title.
    pub title: String,
    /// When it began.
    pub at: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// The visitor's name, if it was given and is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitor: Option<String>,
    /// What was said and what happened.
    pub messages: Vec<MessageBody>,
}

/// Reads the transcript of a chat.
///
/// # Errors
/// `not_found`.
pub async fn gather(app: &App, chat: RequestId) -> Answer<Transcript> {
    let row = app.store.chat(chat).await?.ok_or_else(|| Problem::not_found("chat"))?;
    let mut all: Vec<Message> = Vec::new();
    loop {
        let after = all.last().map_or(0, |message| message.number);
        let page = app.store.messages(chat, Range::After(after, PAGE)).await?;
        let was_last = page.len() < PAGE;
        all.extend(page);
        if was_last || all.len() >= MESSAGES_MAX {
            break;
        }
    }
    Ok(of(app, &row, &all))
}

fn of(app: &App, row: &ChatRow, messages: &[Message]) -> Transcript {
    let title_of = title_of(row);
    let rendering = Rendering { viewer: Viewer::Nobody, title_of: &title_of, auth: &app.auth, now: app.clock.now() };
    Transcript {
        chat: wire::id(row.chat.0),
        title: row.workgroup.title.clone(),
        at: rfc3339(row.arrived_at),
        ended_at: row.ended_at.map(rfc3339),
        visitor: row.visitor_name.clone(),
        messages: rendering.messages(messages),
    }
}

impl Transcript {
    /// As a download in this form.
    pub fn download(&self, format: Format) -> Response {
        let (body, kind, ending) = match format {
            Format::Html => (self.html(), "text/html; charset=utf-8", "html"),
            Format::Text => (self.text(), "text/plain; charset=utf-8", "txt"),
            Format::Json => (serde_json::to_string(self).unwrap_or_default(), "application/json", "json"),
        };
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let name = format!("chat-{}.{ending}", self.chat);
        if let Ok(value) = HeaderValue::from_str(&disposition(&name)) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'"),
        );
        response
    }

    /// Plain text, a message per paragraph.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n\n", self.title, self.at);
        for message in &self.messages {
            let corrected = if message.corrected.is_some() { " (corrected)" } else { "" };
            // Writing into a string does not fail.
            let _ = writeln!(text, "[{}] {}{corrected}\n", message.at, self.line_of(message));
        }
        text
    }

    /// A page without scripts and without anything from elsewhere; every word of people is escaped.
    pub fn html(&self) -> String {
        let mut page = String::from("<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n");
        let title = escape(&self.title);
        let _ = write!(page, "<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n");
        let _ = writeln!(page, "<p><time>{}</time></p>\n<ol>", escape(&self.at));
        for message in &self.messages {
            let class = message.from.kind;
            let at = escape(&message.at);
            let corrected = if message.corrected.is_some() { " <small>corrected</small>" } else { "" };
            let _ = writeln!(
                page,
                "<li class=\"{class}\"><time>{at}</time> <b>{}</b>{corrected}<p dir=\"auto\">{}</p></li>",
                escape(&self.name_of(message)),
                escape(&words_of(message)).replace('\n', "<br>")
            );
        }
        page.push_str("</ol>\n</body>\n</html>\n");
        page
    }

    fn name_of(&self, message: &MessageBody) -> String {
        match (message.from.kind, &message.from.title) {
            (_, Some(title)) => title.clone(),
            ("visitor", None) => self.visitor.clone().unwrap_or_else(|| "Visitor".to_owned()),
            ("agent", None) => "Agent".to_owned(),
            _ => self.title.clone(),
        }
    }

    fn line_of(&self, message: &MessageBody) -> String {
        format!("{}: {}", self.name_of(message), words_of(message))
    }
}

fn words_of(message: &MessageBody) -> String {
    if let Some(file) = &message.file {
        return format!("[file: {}, {} bytes]", file.name, file.size);
    }
    let words = message.text.clone().unwrap_or_default();
    match &message.event {
        Some(event) if words.is_empty() => {
            let who = event.who.as_ref().map(|who| who.title.clone().unwrap_or_else(|| who.kind.to_owned()));
            format!("[{}{}]", event.what, who.map(|who| format!(": {who}")).unwrap_or_default())
        }
        _ => words,
    }
}

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}ol{list-style:none;\
    padding:0}li{margin:1em 0}time{color:#666;font-size:.8em}p{margin:.2em 0}.desk{color:#666}";

/// Makes text safe within HTML text and quoted attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::message::From;

    fn message(text: &str) -> MessageBody {
        MessageBody {
            number: 1,
            id: "c1".into(),
            at: "2026-11-20T09:30:00.000Z".into(),
            from: From { kind: "visitor", id: None, title: None, own: false },
            kind: "text",
            text: Some(text.into()),
            corrected: None,
            file: None,
            event: None,
        }
    }

    #[test]
    fn words_of_people_cannot_become_markup() {
        let transcript = Transcript {
            chat: "7".into(),
            title: "Help & <b>more</b>".into(),
            at: "2026-11-20T09:30:00.000Z".into(),
            ended_at: None,
            visitor: Some("\"><script>alert(1)</script>".into()),
            messages: vec![message("<img src=x onerror=alert(1)>\nsecond line")],
        };
        let page = transcript.html();
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>more"));
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;<br>second line"));
        assert!(transcript.text().contains("<img src=x"));
    }
}
