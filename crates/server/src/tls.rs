//! HTTPS by the server itself: reads the certificate and key, and puts renewed ones in force without losing a connection.

use std::path::Path;
use std::sync::{Arc, RwLock};

use desk::time::Time;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate in force. Clones share it.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<RwLock<Arc<CertifiedKey>>>);

impl Certificate {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong with it.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(read_key(certificate, key)?)))))
    }

    /// Reads the files again; on an error the one in force stays.
    ///
    /// # Errors
    /// As [`Certificate::read`].
    pub fn reload(&self, certificate: &Path, key: &Path) -> Result<(), String> {
        let fresh = Arc::new(read_key(certificate, key)?);
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The one in force.
    pub fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// What a listener needs that speaks these protocols (ALPN).
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn acceptor(&self, protocols: &[&[u8]]) -> Result<tokio_rustls::TlsAcceptor, String> {
        let mut config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(self.clone()));
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn read_key(certificate: &Path, file: &Path) -> Result<CertifiedKey, String> {
    let chain = read_chain(certificate)?;
    let key = PrivateKeyDer::from_pem_file(file)
        .map_err(|error| format!("{}: no private key can be read: {error}", file.display()))?;
    let key = rustls::crypto::ring::sign::any_supported_type(&key)
        .map_err(|error| format!("{}: this key cannot be used: {error}", file.display()))?;
    let certified = CertifiedKey::new(chain, key);
    certified
        .keys_match()
        .map_err(|error| format!("{} does not belong to {}: {error}", file.display(), certificate.display()))?;
    Ok(certified)
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: no certificate can be read: {error}", path.display());
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|error| fault(&error))?
        .collect::<Result<_, _>>()
        .map_err(|error| fault(&error))?;
    if chain.is_empty() { Err(fault(&"the file has none")) } else { Ok(chain) }
}

/// Until when the first certificate of the file holds.
///
/// # Errors
/// As [`Certificate::read`].
pub fn expires_at(path: &Path) -> Result<Time, String> {
    let chain = read_chain(path)?;
    let first = chain.first().ok_or_else(|| format!("{}: empty", path.display()))?;
    let (_, certificate) = x509_parser::parse_x509_certificate(first)
        .map_err(|error| format!("{}: no certificate can be read: {error}", path.display()))?;
    Ok(Time::from_secs(certificate.validity().not_after.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Tls;

    fn write_pair(folder: &Path, name: &str) -> Tls {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let tls = Tls {
            listen: "127.0.0.1:0".parse().unwrap(),
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        };
        std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
        std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
        tls
    }

    #[test]
    fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let tls = write_pair(folder.path(), "one.example");
        let certificate = Certificate::read(&tls.certificate, &tls.key).unwrap();
        let before = certificate.0.read().unwrap().cert[0].clone();
        write_pair(folder.path(), "two.example");
        certificate.reload(&tls.certificate, &tls.key).unwrap();
        let after = certificate.0.read().unwrap().cert[0].clone();
        assert_ne!(before, after);
        std::fs::write(&tls.certificate, "nothing").unwrap();
        assert!(certificate.reload(&tls.certificate, &tls.key).unwrap_err().contains("cert.pem"));
        assert_eq!(certificate.0.read().unwrap().cert[0], after);
        assert!(certificate.acceptor(&[]).is_ok());
    }

    #[test]
    fn key_and_certificate_must_belong_together() {
        let folder = tempfile::tempdir().unwrap();
        let tls = write_pair(folder.path(), "one.example");
        let cert = std::fs::read(&tls.certificate).unwrap();
        write_pair(folder.path(), "two.example");
        std::fs::write(&tls.certificate, cert).unwrap();
        assert!(Certificate::read(&tls.certificate, &tls.key).unwrap_err().contains("does not belong"));
        assert!(expires_at(&tls.certificate).unwrap() > Time::from_secs(1_800_000_000));
    }
}
