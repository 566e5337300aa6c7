//! Built-in TLS. The certificate is read again when its files have changed, so that whatever renews it has nothing else to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use crate::config::Fault;

/// How often is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(30);

/// A certificate and its key, as they are in their files.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: RustlsConfig,
    /// Of what was read last, whether it could be used or not.
    digest: [u8; 32],
}

/// What two files hold.
struct Pem {
    certificate: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
}

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// A fault that names the setting, where they are not a certificate in PEM, with those that signed it, and its key.
    pub(crate) fn load(certificate: &Path, key: &Path) -> Result<Self, Fault> {
        let pem = Pem::read(certificate, key)?;
        let config = RustlsConfig::from_config(pem.config()?);
        Ok(Self { certificate: certificate.into(), key: key.into(), config, digest: pem.digest() })
    }

    /// What connections are accepted with.
    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Reads the files again and again. What they hold and cannot be used is said once, that they are not there each time; the certificate from before
    /// goes on.
    pub(crate) async fn follow(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.look() {
                Ok(false) => {}
                Ok(true) => tracing::info!("the new certificate is in use"),
                Err(fault) => tracing::error!(%fault, "the certificate from before stays in use"),
            }
        }
    }

    /// Whether there was another certificate, which is in use now.
    fn look(&mut self) -> Result<bool, Fault> {
        let pem = Pem::read(&self.certificate, &self.key)?;
        let digest = pem.digest();
        if digest == self.digest {
            return Ok(false);
        }
        self.digest = digest;
        self.config.reload_from_config(pem.config()?);
        Ok(true)
    }
}

impl Pem {
    fn read(certificate: &Path, key: &Path) -> Result<Self, Fault> {
        let read = |setting: &str, path: &Path| {
            std::fs::read(path).map_err(|error| Fault(format!("{setting}: cannot read {}: {error}", path.display())))
        };
        Ok(Self { certificate: read("MYSAFE_TLS_CERTIFICATE", certificate)?, key: read("MYSAFE_TLS_KEY", key)?.into() })
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.certificate).chain_update(&*self.key).finalize().into()
    }

    fn config(&self) -> Result<Arc<ServerConfig>, Fault> {
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Fault(format!("MYSAFE_TLS_CERTIFICATE: {error}")))?;
        if chain.is_empty() {
            return Err(Fault("MYSAFE_TLS_CERTIFICATE: there is no certificate in PEM in this file.".into()));
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| Fault(format!("MYSAFE_TLS_KEY: no private key in PEM: {error}")))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config =
            config.map_err(|error| Fault(format!("MYSAFE_TLS_KEY: does not fit the certificate: {error}")))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// When the certificate in these files ends, in seconds since 1970.
///
/// # Errors
/// As of [`Tls::load`].
pub(crate) fn ends_at(certificate: &Path, key: &Path) -> Result<u64, Fault> {
    let pem = Pem::read(certificate, key)?;
    pem.config()?;
    let fault = |error: &dyn std::fmt::Display| Fault(format!("MYSAFE_TLS_CERTIFICATE: {error}"));
    let first = CertificateDer::from_pem_slice(&pem.certificate).map_err(|error| fault(&error))?;
    let (_, first) = X509Certificate::from_der(&first).map_err(|error| fault(&error))?;
    Ok(u64::try_from(first.validity().not_after.timestamp()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(folder: &Path, name: &str) -> [u8; 32] {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        fs::write(folder.join("certificate"), made.cert.pem()).unwrap();
        fs::write(folder.join("key"), made.signing_key.serialize_pem()).unwrap();
        Pem::read(&folder.join("certificate"), &folder.join("key")).unwrap().digest()
    }

    #[test]
    fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let first = write(folder.path(), "one.example.com");
        let mut tls = Tls::load(&folder.path().join("certificate"), &folder.path().join("key")).unwrap();
        assert_eq!(tls.digest, first);
        assert!(!tls.look().unwrap());
        let before = tls.config().get_inner();
        let second = write(folder.path(), "two.example.com");
        assert!(tls.look().unwrap());
        assert_eq!(tls.digest, second);
        let after = tls.config().get_inner();
        assert!(!Arc::ptr_eq(&before, &after));
        // A key that is not this certificate's, as between the writing of one file and the other.
        let other = rcgen::generate_simple_self_signed(["three.example.com".to_owned()]).unwrap();
        fs::write(folder.path().join("key"), other.signing_key.serialize_pem()).unwrap();
        assert!(tls.look().unwrap_err().to_string().starts_with("MYSAFE_TLS_KEY"));
        assert!(!tls.look().unwrap(), "said once");
        assert!(Arc::ptr_eq(&tls.config().get_inner(), &after));
        fs::write(folder.path().join("certificate"), other.cert.pem()).unwrap();
        assert!(tls.look().unwrap());
    }

    #[test]
    fn each_fault_names_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one.example.com");
        let (certificate, key) = (folder.path().join("certificate"), folder.path().join("key"));
        let fault = |certificate: &Path, key: &Path| Tls::load(certificate, key).err().unwrap().to_string();
        assert!(fault(&folder.path().join("none"), &key).starts_with("MYSAFE_TLS_CERTIFICATE: cannot read"));
        assert!(fault(&certificate, &folder.path().join("none")).starts_with("MYSAFE_TLS_KEY: cannot read"));
        assert!(fault(&key, &key).starts_with("MYSAFE_TLS_CERTIFICATE: there is no"));
        assert!(fault(&certificate, &certificate).starts_with("MYSAFE_TLS_KEY: no private key"));
    }
}
