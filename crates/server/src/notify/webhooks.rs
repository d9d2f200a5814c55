//! Sending web hooks: one POST with a signature, ten seconds, no redirects. When and how often is `mod.rs`.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use desk::time::Time;
use hmac::{Hmac, Mac};
use http::{Request, header};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use store::edges::{Delivery, Webhook};

use super::Sent;
use super::guard::{Resolver, check_url};

pub use super::guard::check_url as check;
pub use super::outbox::{EVENTS, body};

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The header with the signature.
pub const SIGNATURE: &str = "anteroom-signature";

type HttpsClient = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// Sends web hooks.
pub struct Sender {
    /// Made when the first notice is sent: most desks have no web hooks, and some machines no certificates.
    client: OnceLock<Result<HttpsClient, String>>,
    allow_private: bool,
}

fn client(allow_private: bool) -> Result<HttpsClient, String> {
    let mut connector = HttpConnector::new_with_resolver(Resolver { allow_private });
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(TIMEOUT));
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map_err(|error| format!("this machine's certificates cannot be read: {error}"))?;
    let https = if allow_private {
        builder.https_or_http().enable_http1().wrap_connector(connector)
    } else {
        builder.https_only().enable_http1().wrap_connector(connector)
    };
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1).build(https))
}

impl Sender {
    /// A sender; with `allow_private` also to addresses of this network and without TLS.
    pub fn new(allow_private: bool) -> Self {
        Self { client: OnceLock::new(), allow_private }
    }

    /// Whether addresses of this network are allowed.
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// One attempt.
    pub async fn send(&self, hook: &Webhook, delivery: &Delivery, now: Time) -> Sent {
        let client = match self.client.get_or_init(|| client(self.allow_private)) {
            Ok(client) => client,
            Err(why) => return Sent::Later(why.clone()),
        };
        // The configuration may have changed since the hook was made.
        let uri = match check_url(&hook.url, self.allow_private) {
            Ok(uri) => uri,
            Err(why) => return Sent::Never(why),
        };
        let body = with_id(delivery);
        let request = Request::post(uri)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("Anteroom/", env!("CARGO_PKG_VERSION")))
            .header("anteroom-event", &delivery.subject)
            .header("anteroom-delivery", delivery.id)
            .header(SIGNATURE, signature(&hook.secret, now, &body))
            .body(Full::new(Bytes::from(body)));
        let Ok(request) = request else { return Sent::Never("this cannot be sent".to_owned()) };
        match tokio::time::timeout(TIMEOUT, client.request(request)).await {
            Err(_) => Sent::Later("no answer within 10 s".to_owned()),
            Ok(Err(error)) => Sent::Later(cause(&error)),
            Ok(Ok(response)) if response.status().is_success() => Sent::Arrived(response.status().as_u16().to_string()),
            Ok(Ok(response)) if response.status() == http::StatusCode::GONE => Sent::Never("410".to_owned()),
            Ok(Ok(response)) => Sent::Later(response.status().as_u16().to_string()),
        }
    }
}

/// The notice's number stands in the body too: it tells a repetition.
fn with_id(delivery: &Delivery) -> String {
    match delivery.body.strip_prefix('{') {
        Some(rest) => format!("{{\"id\":\"{}\",{rest}", delivery.id),
        None => delivery.body.clone(),
    }
}

fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars().take(300).collect()
}

/// `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 with the hook's secret over `t.body`.
pub fn signature(secret: &str, at: Time, body: &str) -> String {
    let seconds = at.as_secs();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is taken");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_that_anybody_can_compute() {
        // printf '1000.{}' | openssl dgst -sha256 -hmac secret
        let expected = "t=1000,v1=026360fb6284f077f1148b1ae7c62679730497810a6a0321574de01e8b009e7a";
        let made = signature("secret", Time::from_secs(1000), "{}");
        assert_eq!(made, expected);
        assert_ne!(made, signature("other", Time::from_secs(1000), "{}"));
        assert_ne!(made, signature("secret", Time::from_secs(1001), "{}"));
    }
}
