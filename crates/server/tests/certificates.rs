//! HTTPS by the server itself, as a process: a renewed certificate is taken on SIGHUP without losing a connection, and a
//! broken one is not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a test of the whole process runs in real time")]

mod load;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use load::http::Connection;
use load::process::Server;
use rustls_pki_types::CertificateDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

const DESK: &str = "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"support\"\n\
    [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes a certificate and puts it and its key in place; the certificate.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

async fn connect(port: u16, trusted: &[CertificateDer<'static>]) -> TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    trusted.iter().for_each(|it| roots.add(it.clone()).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    connector.connect("localhost".try_into().unwrap(), stream).await.unwrap()
}

/// The certificate that new connections are shown.
async fn shown(port: u16, trusted: &[CertificateDer<'static>]) -> CertificateDer<'static> {
    let stream = connect(port, trusted).await;
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

async fn read_until(stream: &mut TlsStream<TcpStream>, wanted: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(wanted) {
        let mut bytes = [0; 4096];
        let count = tokio::time::timeout(PATIENCE, stream.read(&mut bytes)).await.expect("in time").unwrap();
        assert!(count > 0, "the stream ended before {wanted}: {heard}");
        heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    heard
}

fn hang_up(server: &Server) {
    assert!(Command::new("sh").args(["-c", &format!("kill -HUP {}", server.id())]).status().unwrap().success());
}

async fn wait_for_log(server: &Server, words: &str) {
    let began = Instant::now();
    while !server.log().contains(words) {
        assert!(began.elapsed() < PATIENCE, "the log does not say: {words}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_after_sighup_and_a_broken_one_never() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tls = format!("[http.tls]\nlisten = \"127.0.0.1:{port}\"\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n");
    let mut server = Server::prepare("certificates", &tls, DESK);
    let first = renew(&server.data);
    server.start();
    server.ready().await;
    assert_eq!(shown(port, std::slice::from_ref(&first)).await, first);

    let mut visitor = Connection::new(&server.address);
    let wish = json!({ "workgroup": "support", "locale": "en", "answers": {}, "key": "a-key-of-the-visitor-0001" });
    let token = visitor.post("/api/v1/visits", &wish).await.unwrap().json()["token"].as_str().unwrap().to_owned();
    visitor.set_header("authorization", &format!("Bearer {token}"));
    let mut stream = connect(port, std::slice::from_ref(&first)).await;
    let ask =
        format!("GET /api/v1/visits/me/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    read_until(&mut stream, "event: snapshot").await;

    let second = renew(&server.data);
    let both = [first.clone(), second.clone()];
    assert_eq!(shown(port, &both).await, first, "files alone change nothing");
    hang_up(&server);
    wait_for_log(&server, "the certificates were read again").await;
    assert_eq!(shown(port, &both).await, second);

    std::fs::write(server.data.join("cert.pem"), "no certificate").unwrap();
    hang_up(&server);
    wait_for_log(&server, "a certificate was not read; the one before stays in force").await;
    assert_eq!(shown(port, &both).await, second);
    // A key that belongs to another certificate is as broken as none.
    renew(&server.data);
    let alone = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(server.data.join("cert.pem"), alone.cert.pem()).unwrap();
    hang_up(&server);
    wait_for_log(&server, "does not belong to").await;
    assert_eq!(shown(port, &both).await, second);

    // The stream that was opened under the first certificate was there all the time.
    let left = visitor.post("/api/v1/visits/me/leave", &json!({})).await.unwrap();
    assert_eq!(left.status, 204);
    read_until(&mut stream, "ended").await;
}
