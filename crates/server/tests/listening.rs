//! The listener over real sockets: slow and oversized clients, TLS, and stopping without cutting anybody off.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use server::config::Tls;
use server::listen::Reception;
use server::metrics::Metrics;
use server::neighbours::Neighbours;
use server::shutdown::Shutdown;
use server::tls::Certificate;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

struct Door {
    address: std::net::SocketAddr,
    shutdown: Shutdown,
    metrics: Metrics,
    serving: JoinHandle<()>,
}

async fn open(places: usize, tls: Option<tokio_rustls::TlsAcceptor>) -> Door {
    open_to(Neighbours::new(1_000, Vec::new()), places, tls).await
}

async fn open_to(neighbours: Neighbours, places: usize, tls: Option<tokio_rustls::TlsAcceptor>) -> Door {
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "done"
    };
    let (shutdown, metrics) = (Shutdown::new(), Metrics::new());
    let reception = Reception {
        router: Router::new().route("/", get(|| async { "hello" })).route("/slow", get(slow)),
        shutdown: shutdown.clone(),
        metrics: metrics.clone(),
        places: Arc::new(Semaphore::new(places)),
        neighbours,
        header_timeout: Duration::from_millis(400),
        shutdown_timeout: Duration::from_secs(5),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    Door { address, shutdown, metrics, serving: tokio::spawn(reception.serve(listener, tls)) }
}

async fn converse(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is an end like any other.
    let _ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_client_that_dawdles_is_cut_and_one_that_floods_is_told() {
    let door = open(10, None).await;
    let mut dawdler = TcpStream::connect(door.address).await.unwrap();
    let answer = converse(&mut dawdler, "GET / HTTP/1.1\r\nhost: x\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    let mut flooder = TcpStream::connect(door.address).await.unwrap();
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(200));
    assert!(converse(&mut flooder, &many).await.starts_with("HTTP/1.1 431"));
    let mut long = TcpStream::connect(door.address).await.unwrap();
    let wide = format!("GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "b".repeat(64 * 1024));
    assert!(converse(&mut long, &wide).await.starts_with("HTTP/1.1 431"));
    let mut good = TcpStream::connect(door.address).await.unwrap();
    let answer = converse(&mut good, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_and_are_served() {
    let door = open(1, None).await;
    let holder = TcpStream::connect(door.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(door.metrics.connections.get(), 1);
    let mut waiting = TcpStream::connect(door.address).await.unwrap();
    let asked = converse(&mut waiting, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    drop(holder);
    assert!(asked.await.ends_with("hello"));
}

#[tokio::test]
async fn one_address_takes_no_more_than_its_places() {
    let door = open_to(Neighbours::new(2, Vec::new()), 10, None).await;
    let ask = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let (first, _second) =
        (TcpStream::connect(door.address).await.unwrap(), TcpStream::connect(door.address).await.unwrap());
    let mut third = TcpStream::connect(door.address).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end like any other.
    let _ended = tokio::time::timeout(Duration::from_secs(5), third.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty(), "hung up");
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut fourth = TcpStream::connect(door.address).await.unwrap();
    assert!(converse(&mut fourth, ask).await.ends_with("hello"));

    let own = server::config::Network::try_from("127.0.0.0/8".to_owned()).unwrap();
    let door = open_to(Neighbours::new(1, vec![own]), 10, None).await;
    let _first = TcpStream::connect(door.address).await.unwrap();
    let mut second = TcpStream::connect(door.address).await.unwrap();
    assert!(converse(&mut second, ask).await.ends_with("hello"), "a trusted proxy speaks for many");
}

#[tokio::test]
async fn stopping_answers_what_was_asked() {
    let door = open(10, None).await;
    let mut asker = TcpStream::connect(door.address).await.unwrap();
    let asked = async {
        asker.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        door.shutdown.begin();
        let mut answer = String::new();
        asker.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), door.serving).await.unwrap().unwrap();
    assert!(TcpStream::connect(door.address).await.is_err(), "nobody new");
}

#[tokio::test]
async fn https_is_spoken_with_the_certificate_of_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let tls = Tls {
        listen: "127.0.0.1:0".parse().unwrap(),
        certificate: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    let door = open(10, Some(Certificate::read(&tls.certificate, &tls.key).unwrap().acceptor(&[]).unwrap())).await;

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector =
        tokio_rustls::TlsConnector::from(Arc::new(client.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(door.address).await.unwrap();
    let mut secure = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let answer = converse(&mut secure, "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(answer.ends_with("hello"), "{answer}");

    let mut plain = TcpStream::connect(door.address).await.unwrap();
    let answer = converse(&mut plain, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(!answer.contains("hello"), "plain HTTP is not spoken there");
}
