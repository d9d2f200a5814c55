//! The certificate of XMPP clients' connections: the operator's, or a self-signed one made at the first start. TLS itself is
//! rustls, the files' reading `crate::tls`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustls::ServerConnection;
use sha2::{Digest, Sha256, Sha384, Sha512};
use xmpp::stream::Bindings;

use crate::config::Config;
use crate::tls::Certificate;

/// The protocol of direct TLS (XEP-0368).
const ALPN: &[u8] = b"xmpp-client";
/// RFC 9266 §2.
const EXPORTER: &[u8] = b"EXPORTER-Channel-Binding";

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct Files {
    /// The chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// The certificate in force, and TLS with it. Clones share it.
#[derive(Clone, Debug)]
pub struct Identity {
    certificate: Certificate,
    files: Files,
}

impl Identity {
    /// The operator's certificate, or our own, made if there is none yet.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong with it.
    pub fn open(config: &Config) -> Result<Self, String> {
        let files = match (&config.xmpp.certificate, &config.xmpp.key) {
            (Some(certificate), Some(key)) => Files { certificate: certificate.clone(), key: key.clone() },
            _ => own(&config.data, &config.domain)?,
        };
        let certificate = Certificate::read(&files.certificate, &files.key)?;
        Ok(Self { certificate, files })
    }

    /// Reads the files again; on an error the certificate in force stays.
    ///
    /// # Errors
    /// As [`Identity::open`].
    pub fn reload(&self) -> Result<(), String> {
        self.certificate.reload(&self.files.certificate, &self.files.key)
    }

    /// TLS after STARTTLS.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn starttls(&self) -> Result<tokio_rustls::TlsAcceptor, String> {
        self.certificate.acceptor(&[])
    }

    /// TLS from the first byte.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn direct(&self) -> Result<tokio_rustls::TlsAcceptor, String> {
        self.certificate.acceptor(&[ALPN])
    }

    /// What binds a log-in to this connection.
    pub fn bindings(&self, connection: &ServerConnection) -> Bindings {
        let is_latest = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        let exporter = is_latest.then(|| connection.export_keying_material(vec![0; 32], EXPORTER, Some(&[])).ok());
        let first = self.certificate.current().cert.first().map(|certificate| end_point(certificate));
        Bindings { exporter: exporter.flatten(), server_end_point: first.flatten() }
    }
}

/// `tls-server-end-point` (RFC 5929 §4.1): the certificate's hash by the function of its signature, SHA-256 for older ones.
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let hashed = match parsed.signature_algorithm.algorithm.to_id_string().as_str() {
        // RSA and ECDSA with SHA-384 and SHA-512; the others use SHA-256, or have no hash function of their own.
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Sha384::digest(certificate).to_vec(),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Sha512::digest(certificate).to_vec(),
        // Ed25519: not defined by the RFC.
        "1.3.101.112" => return None,
        _ => Sha256::digest(certificate).to_vec(),
    };
    Some(hashed)
}

/// Our own certificate in the data directory: readable by nobody else.
fn own(data: &Path, domain: &str) -> Result<Files, String> {
    let folder = data.join("xmpp");
    let files = Files { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
    if files.certificate.exists() && files.key.exists() {
        return Ok(files);
    }
    let fault = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&folder).map_err(|error| fault(&folder, error))?;
    let names = ["", "visitors.", "conference.", "workgroup."].map(|under| format!("{under}{domain}"));
    let made = make(&names).map_err(|error| format!("no certificate for {domain:?} could be made: {error}"))?;
    write(&files.key, &made.signing_key.serialize_pem()).map_err(|error| fault(&files.key, error))?;
    write(&files.certificate, &made.cert.pem()).map_err(|error| fault(&files.certificate, error))?;
    tracing::info!(certificate = %files.certificate.display(), "a self-signed certificate for XMPP was made");
    Ok(files)
}

fn make(names: &[String]) -> Result<rcgen::CertifiedKey<rcgen::KeyPair>, rcgen::Error> {
    let mut params = rcgen::CertificateParams::new(names)?;
    if let Some(name) = names.first() {
        params.distinguished_name.push(rcgen::DnType::CommonName, name.as_str());
    }
    let signing_key = rcgen::KeyPair::generate()?;
    let cert = params.self_signed(&signing_key)?;
    Ok(rcgen::CertifiedKey { cert, signing_key })
}

/// First beside it, then in its place: a half-written key is never read.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn our_own_certificate_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        let identity = Identity::open(&config).unwrap();
        let key = fs::metadata(&identity.files.key).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
        let before = fs::read(&identity.files.certificate).unwrap();
        Identity::open(&config).unwrap();
        assert_eq!(fs::read(&identity.files.certificate).unwrap(), before);
        identity.reload().unwrap();
        let hashed = end_point(&identity.certificate.current().cert[0]).unwrap();
        assert_eq!(hashed.len(), 32, "ECDSA with SHA-256");
    }
}
