//! Opens the transport under a WebSocket: TCP to every address a name has, with TLS if it is asked for.
//!
//! A certificate is always verified; there is no switch against it. Proxies are not spoken.

mod address;
mod transport;
mod trust;

#[cfg(test)]
mod tests;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsConnector;

pub use address::{InvalidAddress, ServerAddress};
pub use transport::Transport;
pub use trust::{Trust, TrustError};

/// How much of the time that is left one of several addresses may take.
const SHARE: u32 = 2;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The name means nothing to the resolver.
    #[error("cannot find {host}: {source}")]
    Unknown {
        /// The name.
        host: String,
        /// What the resolver says.
        source: io::Error,
    },
    /// Nobody takes the connection at any of the addresses; this is what the last one said.
    #[error(transparent)]
    Unreachable(io::Error),
    /// It took too long.
    #[error("no connection after {} ms", .0.as_millis())]
    Slow(Duration),
    /// The server's certificate is not trusted, or it does not speak TLS.
    #[error("no TLS with {host}: {source}")]
    Tls {
        /// With whom.
        host: String,
        /// Why not.
        source: io::Error,
    },
    /// The name leads to no address that may be called.
    #[error("{host} leads to no address that may be called")]
    Refused {
        /// The name.
        host: String,
    },
    /// There is nothing to check certificates against.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

/// Opens connections; keeps what is trusted, which is read once. Clones share it.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Absent for as long as no address asks for TLS.
    trust: Option<Trust>,
    within: Duration,
    refuses: Option<fn(IpAddr) -> bool>,
}

impl Connector {
    /// Trusts the certificates in a PEM file and no others, or what this machine trusts if there is
    /// none. `within` bounds resolving, connecting and the TLS handshake together.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if the file cannot be read or holds no certificate. What the machine trusts is
    /// read when it is first needed.
    pub fn new(authorities: Option<PathBuf>, within: Duration) -> Result<Self, TrustError> {
        let trust = authorities.map(|path| Trust::in_file(&path)).transpose()?;
        Ok(Self { trust, within, refuses: None })
    }

    /// The same, which does not call addresses that `refuses` says yes to, whatever name leads there.
    #[must_use]
    pub fn refusing(self, refuses: fn(IpAddr) -> bool) -> Self {
        Self { refuses: Some(refuses), ..self }
    }

    /// Connects, without `TCP_NODELAY` being left off. Cancelled by dropping it.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] says which step failed.
    pub async fn connect(&self, address: &ServerAddress) -> Result<Transport, ConnectError> {
        let opened = timeout(self.within, self.open(address)).await;
        opened.map_err(|_| ConnectError::Slow(self.within))?
    }

    async fn open(&self, address: &ServerAddress) -> Result<Transport, ConnectError> {
        let host = address.host();
        // Before anybody is called: without trust there is nobody to talk to.
        let trust = match (&self.trust, address.is_secure()) {
            (_, false) => None,
            (Some(trust), true) => Some(trust.clone()),
            (None, true) => Some(Trust::of_this_machine()?),
        };
        let unknown = |source| ConnectError::Unknown { host: host.to_owned(), source };
        let mut found: Vec<_> =
            lookup_host((host, address.port())).await.map_err(unknown)?.collect();
        if let Some(refuses) = self.refuses {
            found.retain(|found| !refuses(found.ip()));
            if found.is_empty() {
                return Err(ConnectError::Refused { host: host.to_owned() });
            }
        }
        let stream = dial(&found, Instant::now() + self.within).await?;
        stream.set_nodelay(true).map_err(ConnectError::Unreachable)?;
        let Some(trust) = trust else { return Ok(Transport::Plain(stream)) };
        let tls = |source| ConnectError::Tls { host: host.to_owned(), source };
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| tls(io::Error::other(error)))?;
        let connector = TlsConnector::from(Arc::clone(trust.config()));
        let stream = connector.connect(name, stream).await.map_err(tls)?;
        Ok(Transport::Tls(Box::new(stream)))
    }
}

/// Tries one address after the other. One that swallows what it is sent costs only a share of the time.
async fn dial(found: &[SocketAddr], deadline: Instant) -> Result<TcpStream, ConnectError> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for (place, address) in found.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let is_last = place + 1 == found.len();
        let until = if is_last { deadline } else { Instant::now() + left / SHARE };
        match timeout_at(until, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(ConnectError::Unreachable(last))
}
