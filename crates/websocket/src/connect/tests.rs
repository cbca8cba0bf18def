//! A TLS server in the test's own process, with good and bad certificates.

use std::{io::Write, net::Ipv4Addr};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{
    handshake::ClientHandshake,
    stream::{Owned, WebSocketStream},
};

const LARGEST: usize = 4 << 20;
const WITHIN: Duration = Duration::from_secs(10);

/// An authority, and a file with its certificate.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    fn make() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Self { issuer, file }
    }

    fn connector(&self) -> Connector {
        Connector::new(Some(self.file.path().to_owned()), WITHIN).unwrap()
    }

    /// A server of that name that echoes one message a connection; its port.
    async fn serve(&self, name: &str) -> u16 {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let mut socket = WebSocketStream::accept(stream, LARGEST).await.unwrap();
                let message = socket.receive().await.unwrap().unwrap();
                socket.send(&message).await.unwrap();
            }
        });
        port
    }
}

fn address(text: &str) -> ServerAddress {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_websocket_goes_over_tls_to_a_server_whose_authority_is_trusted() {
    let authority = Authority::make();
    let port = authority.serve("127.0.0.1").await;
    let address = address(&format!("wss://127.0.0.1:{port}"));
    let transport = authority.connector().connect(&address).await.unwrap();
    assert!(matches!(transport, Transport::Tls(_)));
    assert!(transport.socket().nodelay().unwrap());
    let handshake = ClientHandshake::new("/", &address.authority(), &[], false, [7; 16]);
    let mut socket = WebSocketStream::connect(transport, &handshake, LARGEST).await.unwrap();
    // Larger than any buffer on the way, so that writes are partial.
    let large = Owned::Text("wheelhouse ".repeat(200_000));
    socket.send(&large).await.unwrap();
    assert_eq!(socket.receive().await.unwrap(), Some(large));
}

#[tokio::test]
async fn strangers_and_other_names_are_refused() {
    let (authority, stranger) = (Authority::make(), Authority::make());
    let port = authority.serve("127.0.0.1").await;
    let address = address(&format!("wss://127.0.0.1:{port}"));
    let error = stranger.connector().connect(&address).await.unwrap_err();
    assert!(matches!(error, ConnectError::Tls { .. }), "{error}");

    let port = authority.serve("elsewhere.example").await;
    let address = self::address(&format!("wss://127.0.0.1:{port}"));
    let error = authority.connector().connect(&address).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    assert!(matches!(error, ConnectError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_plain_server_is_not_taken_for_a_tls_one() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = WebSocketStream::accept(stream, LARGEST).await;
        }
    });
    let connector = Authority::make().connector();
    let secure = address(&format!("wss://127.0.0.1:{port}"));
    assert!(matches!(connector.connect(&secure).await, Err(ConnectError::Tls { .. })));
    let plain = address(&format!("ws://127.0.0.1:{port}"));
    assert!(matches!(connector.connect(&plain).await, Ok(Transport::Plain(_))));
}

#[tokio::test]
async fn every_address_of_a_name_is_tried() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let good = listener.local_addr().unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let bad = closed.local_addr().unwrap();
    drop(closed);
    let deadline = Instant::now() + WITHIN;
    let stream = dial(&[bad, good], deadline).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), good);
    assert!(matches!(dial(&[bad], deadline).await, Err(ConnectError::Unreachable(_))));
}

#[tokio::test]
async fn a_server_that_says_nothing_costs_only_the_time_that_was_given() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let authority = Authority::make();
    let path = authority.file.path().to_owned();
    let connector = Connector::new(Some(path), Duration::from_millis(50)).unwrap();
    let error = connector.connect(&address(&format!("wss://127.0.0.1:{port}"))).await.unwrap_err();
    assert!(matches!(error, ConnectError::Slow(_)), "{error}");
}

#[test]
fn a_file_without_certificates_is_refused_with_its_name() {
    let file = NamedTempFile::new().unwrap();
    let missing = file.path().with_extension("missing");
    for path in [file.path(), &missing] {
        let error = Connector::new(Some(path.to_owned()), WITHIN).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}
