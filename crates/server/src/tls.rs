//! The server's certificate and key: read at the start, and again whenever the files change.
//!
//! Open connections keep what they began with. A pair that cannot be used never replaces one that can.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::TlsFiles;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Only one of two keys is there.
    #[error("tls.certificate and tls.key belong together; set both or neither")]
    Incomplete,
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path} has no usable {wanted}: {reason}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The two do not go together, or the key is of a kind that nobody speaks.
    #[error("the certificate in {certificate} and the key in {key} cannot be used: {source}")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// What new connections are greeted with.
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    /// The files as they were when they were last looked at, good or bad.
    seen: [Option<Stamp>; 2],
}

/// Tells one version of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: (i64, i64),
    file: u64,
    len: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let modified = (found.mtime(), found.mtime_nsec());
        Some(Self { modified, file: found.ino(), len: found.len() })
    }
}

impl Certificate {
    /// Reads both files. `None` if neither is configured.
    pub(crate) fn open(files: &TlsFiles) -> Result<Option<Self>, TlsError> {
        let (chain, key) = match (&files.certificate, &files.key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            _ => return Err(TlsError::Incomplete),
        };
        let seen = [Stamp::of(&chain), Stamp::of(&key)];
        let config = read(&chain, &key)?;
        Ok(Some(Self { chain, key, current: Mutex::new(Current { config, seen }) }))
    }

    /// What the next connection is greeted with.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.current.lock().config.clone()
    }

    /// Reads the files again if they changed. Says once what is wrong with them.
    fn renew(&self) {
        let seen = [Stamp::of(&self.chain), Stamp::of(&self.key)];
        if self.current.lock().seen == seen {
            return;
        }
        let renewed = read(&self.chain, &self.key);
        let mut current = self.current.lock();
        current.seen = seen;
        match renewed {
            Ok(config) => {
                current.config = config;
                drop(current);
                tracing::info!(certificate = %self.chain.display(), "a new certificate is used from now on");
            }
            Err(error) => {
                drop(current);
                tracing::error!(%error, "the new certificate is not used, the one before is kept");
            }
        }
    }

    /// Follows changes of the files, for ever. SIGHUP has them looked at at once.
    pub(crate) async fn follow(self: Arc<Self>) {
        let mut hangup = signal(SignalKind::hangup()).ok();
        loop {
            let signalled = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            let _ = tokio::time::timeout(LOOK_EVERY, signalled).await;
            self.renew();
        }
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&bytes(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| content(certificate, "certificate in PEM", &error))?;
    if chain.is_empty() {
        return Err(content(certificate, "certificate in PEM", &pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?)
        .map_err(|error| content(key, "private key in PEM", &error))?;
    let pair = |source| TlsError::Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(pair)?;
    // WebSocket needs a connection of its own, as HTTP/1.1 has it.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn bytes(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

fn content(path: &Path, wanted: &'static str, error: &pem::Error) -> TlsError {
    TlsError::Content { path: path.to_owned(), wanted, reason: error.to_string() }
}
