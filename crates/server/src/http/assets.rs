//! The web parts, embedded at build time: the widget's script, the page of a workgroup, the console. With validators and
//! compressed forms; nothing here knows what they do.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::error::Problem;
use super::extract::Path;
use super::layers;
use crate::app::App;

mod embedded {
    //! The files, listed by the build script.
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// What stands in place of a part that was not built.
const MISSING: &[u8] = b"<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Anteroom</title>\
    <p>This binary was built without its web pages. Build them with <code>cargo xtask web</code> and build again.</p></html>\n";

/// The pages and scripts.
pub fn router() -> Router<App> {
    Router::new()
        .route("/widget.js", get(|headers| async move { WIDGET.answer("widget.js", &headers, true) }))
        .route("/widget/{*path}", get(widget_file))
        .route("/", get(|| async { axum::response::Redirect::temporary("/console/") }))
        .route("/chat/{workgroup}", get(chat_page))
        .route("/console", get(|| async { axum::response::Redirect::permanent("/console/") }))
        .route("/console/", get(|headers| async move { CONSOLE.page(&headers) }))
        .route("/console/{*path}", get(console_file))
}

async fn widget_file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    WIDGET.answer(&path, &headers, true)
}

/// The plain page of a workgroup; the sites that may embed its widget may also frame it.
async fn chat_page(State(app): State<App>, Path(workgroup): Path<String>, headers: HeaderMap) -> Response {
    let mut response = WIDGET.page(&headers);
    let entrance = app.roster.entrance(&workgroup);
    let sites = entrance.iter().flat_map(|entrance| &entrance.settings.widget.origins);
    let policy = sites.fold(layers::PAGE_POLICY.to_owned(), |policy, site| policy + " " + site);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A file of the console, or its page: the console has addresses of its own.
async fn console_file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if is_file { CONSOLE.answer(&path, &headers, false) } else { CONSOLE.page(&headers) }
}

static WIDGET: LazyLock<Part> = LazyLock::new(|| Part::new(embedded::WIDGET, &["chat.html", "index.html"]));
static CONSOLE: LazyLock<Part> = LazyLock::new(|| Part::new(embedded::CONSOLE, &["index.html"]));

struct Part {
    files: HashMap<&'static str, Asset>,
    page: Asset,
}

struct Asset {
    bytes: &'static [u8],
    kind: &'static str,
    etag: String,
    /// The name has a hash of the content in it, so it never changes.
    immutable: bool,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Plain,
    Gzip,
    Brotli,
}

impl Part {
    fn new(files: &'static [(&'static str, &'static [u8])], pages: &[&str]) -> Self {
        let page = pages.iter().find_map(|page| files.iter().find(|(path, _)| path == page));
        Self {
            files: files.iter().map(|(path, bytes)| (*path, Asset::new(path, bytes))).collect(),
            page: page.map_or_else(|| Asset::new("missing.html", MISSING), |(path, bytes)| Asset::new(path, bytes)),
        }
    }

    fn page(&self, headers: &HeaderMap) -> Response {
        self.page.answer(headers)
    }

    fn answer(&self, path: &str, headers: &HeaderMap, open: bool) -> Response {
        let Some(asset) = self.files.get(path) else { return Problem::not_found("file").into_response() };
        let mut response = asset.answer(headers);
        if open {
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        response
    }
}

impl Asset {
    fn new(path: &str, bytes: &'static [u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let etag = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
        Self {
            bytes,
            kind: kind_of(path),
            etag,
            immutable: path.starts_with("assets/"),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let coding = if self.compresses() { coding_of(asked) } else { Coding::Plain };
        // Each coded form is a thing of its own and has a validator of its own (RFC 9110 §8.8.3).
        let etag = match coding {
            Coding::Plain => format!("\"{}\"", self.etag),
            Coding::Gzip => format!("\"{}-gz\"", self.etag),
            Coding::Brotli => format!("\"{}-br\"", self.etag),
        };
        let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let fresh = known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
        let body = match coding {
            _ if fresh => Bytes::new(),
            Coding::Plain => Bytes::from_static(self.bytes),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(self.bytes)).clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(self.bytes)).clone(),
        };
        let cache =
            if self.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=0, must-revalidate" };
        let mut response = Response::new(if fresh { Body::empty() } else { Body::from(body) });
        *response.status_mut() = if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        match coding {
            Coding::Plain => None,
            Coding::Gzip => headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip")),
            Coding::Brotli => headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br")),
        };
        response
    }

    fn compresses(&self) -> bool {
        self.bytes.len() > 500 && !self.kind.starts_with("image/png") && !self.kind.starts_with("font/")
    }
}

/// The best coding that is accepted; a weight of 0 refuses one.
fn coding_of(asked: &HeaderMap) -> Coding {
    let accepts = |name: &str| {
        let lines = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|item| {
            let (coding, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            coding.trim().eq_ignore_ascii_case(name) && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    match () {
        () if accepts("br") => Coding::Brotli,
        () if accepts("gzip") => Coding::Gzip,
        () => Coding::Plain,
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

fn brotli(bytes: &[u8]) -> Bytes {
    let mut out = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 9, 22);
        // Writing into memory does not fail.
        let _ = encoder.write_all(bytes);
    }
    out.into()
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    static SCRIPT: &[u8] = &[b'x'; 2000];

    static FILES: &[(&str, &[u8])] = &[("widget.js", SCRIPT), ("assets/panel-1a2b.js", b"short")];

    fn part() -> Part {
        Part::new(FILES, &["chat.html"])
    }

    fn asked(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[tokio::test]
    async fn a_known_version_is_not_sent_again() {
        let part = part();
        let first = part.answer("widget.js", &asked(&[("accept-encoding", "gzip, br;q=0")]), true);
        assert_eq!(first.headers()["content-encoding"], "gzip");
        assert_eq!(first.headers()["access-control-allow-origin"], "*");
        assert_eq!(first.headers()["content-type"], "text/javascript; charset=utf-8");
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(first.into_body(), 10_000).await.unwrap();
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, SCRIPT);

        let again = part.answer("widget.js", &asked(&[("accept-encoding", "gzip"), ("if-none-match", &etag)]), true);
        assert_eq!(again.status(), 304);
        let other = part.answer("widget.js", &asked(&[("accept-encoding", "br"), ("if-none-match", &etag)]), true);
        assert_eq!(
            (other.status().as_u16(), &other.headers()["content-encoding"]),
            (200, &HeaderValue::from_static("br"))
        );
    }

    #[test]
    fn a_part_that_was_not_built_says_so() {
        let response = part().page(&HeaderMap::new());
        assert_eq!(response.status(), 200);
        assert_eq!(part().answer("../Cargo.toml", &HeaderMap::new(), false).status(), 404);
        let hashed = part().answer("assets/panel-1a2b.js", &HeaderMap::new(), false);
        assert!(hashed.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    }
}
