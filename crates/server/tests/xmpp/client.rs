//! A client that speaks text: it sends what the test writes and waits for what the test expects. It knows SCRAM and binding.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::visiting::PATIENCE;

trait Pipe: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Pipe for T {}

pub struct Client {
    pipe: Pin<Box<dyn Pipe>>,
    seen: String,
    /// The address that was bound.
    pub jid: String,
    /// `tls-exporter` of this connection.
    pub exporter: Option<Vec<u8>>,
    /// `tls-server-end-point` of this connection.
    pub end_point: Option<Vec<u8>>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    /// Somebody whose system takes little that is not read.
    pub async fn connect_deaf(address: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        Self::over(socket.connect(address).await.unwrap())
    }

    fn over(pipe: impl Pipe + 'static) -> Self {
        Self { pipe: Box::pin(pipe), seen: String::new(), jid: String::new(), exporter: None, end_point: None }
    }

    /// TLS from the first byte.
    pub async fn connect_tls(address: SocketAddr) -> Self {
        shake(TcpStream::connect(address).await.unwrap()).await
    }

    /// TCP, and STARTTLS at once.
    pub async fn starttls(address: SocketAddr, host: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let text = format!("{}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", header(host));
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut seen = String::new();
        while !seen.contains("<proceed") || !seen.ends_with('>') {
            let mut buffer = [0; 4096];
            let read = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("an answer in time").unwrap();
            assert!(read > 0, "closed after {seen}");
            seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        shake(stream).await
    }

    /// Opens a stream and waits for the features.
    pub async fn open(&mut self, host: &str) -> String {
        self.send(&header(host)).await;
        self.expect("</stream:features>").await
    }

    pub async fn send(&mut self, text: &str) {
        self.pipe.write_all(text.as_bytes()).await.unwrap();
        self.pipe.flush().await.unwrap();
    }

    /// Sends what may meet a closed connection.
    pub async fn try_send(&mut self, text: &str) -> bool {
        self.pipe.write_all(text.as_bytes()).await.is_ok() && self.pipe.flush().await.is_ok()
    }

    /// Reads until the text comes; gives everything up to its end, which is not seen again.
    pub async fn expect(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.seen.find(text) {
                let rest = self.seen.split_off(at + text.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            assert!(self.read().await, "closed before {text:?}; seen: {}", self.seen);
        }
    }

    /// Reads until the other side closes, and closes as well; gives everything.
    pub async fn rest(&mut self) -> String {
        let mut closed = false;
        while self.read().await {
            if !closed && self.seen.contains("</stream:stream>") {
                closed = true;
                self.try_send("</stream:stream>").await;
            }
        }
        std::mem::take(&mut self.seen)
    }

    async fn read(&mut self) -> bool {
        let mut buffer = [0; 16384];
        let read = timeout(PATIENCE, self.pipe.read(&mut buffer)).await;
        let read = read.unwrap_or_else(|_| panic!("nothing came; seen: {}", self.seen)).unwrap_or(0);
        self.seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
        read > 0
    }

    /// Asks and waits for the result of that id.
    pub async fn ask(&mut self, id: &str, kind: &str, to: &str, query: &str) -> String {
        let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
        self.send(&format!("<iq type='{kind}' id='{id}'{to}>{query}</iq>")).await;
        let mut seen;
        loop {
            self.expect("<iq").await;
            seen = self.expect(">").await;
            if seen.contains(&format!("id='{id}'")) {
                break;
            }
        }
        if seen.ends_with("/>") { seen } else { seen + &self.expect("</iq>").await }
    }

    pub async fn bind(&mut self, resource: &str) {
        let wish = if resource.is_empty() { String::new() } else { format!("<resource>{resource}</resource>") };
        self.send(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{wish}</bind></iq>"
        ))
        .await;
        self.expect("<jid>").await;
        let jid = self.expect("</jid>").await;
        self.jid = jid.trim_end_matches("</jid>").to_owned();
        self.expect("</iq>").await;
    }

    /// Logs in; with the type and data of a channel binding, bound to the channel.
    pub async fn scram_sha_256(&mut self, name: &str, password: &str, binding: Option<(&str, &[u8])>) {
        let success = self.try_scram_sha_256(name, password, binding).await;
        assert!(success.contains("<success"), "{success}");
    }

    /// Tries to log in; gives the last answer.
    pub async fn try_scram_sha_256(&mut self, name: &str, password: &str, binding: Option<(&str, &[u8])>) -> String {
        let (header, mechanism) = match binding {
            None => ("n,,".to_owned(), "SCRAM-SHA-256"),
            Some((kind, _)) => (format!("p={kind},,"), "SCRAM-SHA-256-PLUS"),
        };
        let first = format!("n={name},r=clientnonce");
        self.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{}</auth>",
            STANDARD.encode(format!("{header}{first}"))
        ))
        .await;
        let answer = self.element_of_sasl().await;
        let Some(challenge) = text_of(&answer, "challenge") else { return answer };
        let part = |key: &str| challenge.split(',').find_map(|part| part.strip_prefix(key)).unwrap().to_owned();
        let (salt, rounds) = (STANDARD.decode(part("s=")).unwrap(), part("i=").parse().unwrap());
        let mut bound = header.into_bytes();
        bound.extend_from_slice(binding.map_or(&[], |(_, data)| data));
        let without_proof = format!("c={},r={}", STANDARD.encode(bound), part("r="));
        let salted = pbkdf2(password.as_bytes(), &salt, rounds);
        let client_key = mac(&salted, b"Client Key");
        let signature = mac(&Sha256::digest(client_key), format!("{first},{challenge},{without_proof}").as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let response = format!("{without_proof},p={}", STANDARD.encode(proof));
        self.send(&format!(
            "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</response>",
            STANDARD.encode(response)
        ))
        .await;
        let answer = self.element_of_sasl().await;
        if let Some(verified) = text_of(&answer, "success") {
            let server_key = mac(&salted, b"Server Key");
            let signature = mac(&server_key, format!("{first},{challenge},{without_proof}").as_bytes());
            assert_eq!(verified, format!("v={}", STANDARD.encode(signature)));
        }
        answer
    }

    async fn element_of_sasl(&mut self) -> String {
        loop {
            for end in ["</challenge>", "</success>", "</failure>", "</stream:stream>"] {
                if self.seen.contains(end) {
                    return self.expect(end).await;
                }
            }
            assert!(self.read().await, "closed; seen: {}", self.seen);
        }
    }
}

pub fn header(host: &str) -> String {
    format!(
        "<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    )
}

fn text_of(element: &str, name: &str) -> Option<String> {
    let inside = element.strip_suffix(&format!("</{name}>"))?;
    let text = inside.rsplit('>').next()?;
    Some(String::from_utf8(STANDARD.decode(text).unwrap()).unwrap())
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut block = mac(password, &[salt, &1_u32.to_be_bytes()].concat());
    let mut whole = block;
    for _ in 1..rounds {
        block = mac(password, &block);
        whole.iter_mut().zip(block).for_each(|(a, b)| *a ^= b);
    }
    whole
}

async fn shake(stream: TcpStream) -> Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("localhost").unwrap();
    let stream = timeout(PATIENCE, connector.connect(name, stream)).await.expect("a handshake in time").unwrap();
    let (_, connection) = stream.get_ref();
    let exporter = connection.export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", Some(&[])).ok();
    let end_point = connection.peer_certificates().map(|chain| Sha256::digest(&chain[0]).to_vec());
    Client { exporter, end_point, ..Client::over(stream) }
}

/// The server's certificate is its own.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
