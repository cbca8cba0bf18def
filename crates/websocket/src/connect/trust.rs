//! Whose certificates count: what this machine trusts, or one file and nothing else.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why nobody can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The file cannot be used.
    #[error(
        "cannot use the certificates in {path}: {reason}; give a PEM file of the authority that signed the server's"
    )]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The machine trusts nobody.
    #[error(
        "this machine has no trusted certificates{0}; install ca-certificates or name a file with them"
    )]
    Nobody(String),
}

/// Whom a connection trusts. Clones share it.
#[derive(Debug, Clone)]
pub struct Trust {
    config: Arc<ClientConfig>,
}

impl Trust {
    /// The certificates in a PEM file, and no others.
    ///
    /// # Errors
    ///
    /// [`TrustError::File`] if it cannot be read or holds no certificate.
    pub fn in_file(path: &Path) -> Result<Self, TrustError> {
        let wrong = |reason: String| TrustError::File { path: path.to_owned(), reason };
        let found =
            CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        for certificate in found {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(wrong("there is no certificate in it".to_owned()));
        }
        Ok(Self::with(roots))
    }

    /// What this machine trusts, read once per process unless it is nothing.
    ///
    /// # Errors
    ///
    /// [`TrustError::Nobody`] if that is nothing.
    pub fn of_this_machine() -> Result<Self, TrustError> {
        static MACHINE: OnceLock<Trust> = OnceLock::new();
        if let Some(trust) = MACHINE.get() {
            return Ok(trust.clone());
        }
        let trust = Self::read_machine()?;
        Ok(MACHINE.get_or_init(|| trust).clone())
    }

    fn read_machine() -> Result<Self, TrustError> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        // A machine's store may hold old certificates that cannot be read; the others count.
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            let why = found.errors.first().map(|error| format!(" ({error})"));
            return Err(TrustError::Nobody(why.unwrap_or_default()));
        }
        Ok(Self::with(roots))
    }

    fn with(roots: RootCertStore) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider was built with the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Whatever stands in front must not choose HTTP/2, which has another way to WebSocket.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { config: Arc::new(config) }
    }

    pub(super) fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }
}
