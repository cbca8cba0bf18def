//! Certificates that are made for one test, and a way for plain clients to speak TLS.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use tempfile::TempDir;
use tokio::{io::copy_bidirectional, net::TcpStream};
use tokio_rustls::TlsConnector;

/// The files of a certificate for `localhost`, which can be replaced as an operator replaces them.
pub struct CertificateFiles {
    folder: TempDir,
}

/// A certificate that clients trust.
#[derive(Clone)]
pub struct Trusted(CertificateDer<'static>);

impl CertificateFiles {
    /// Empty places for the files.
    pub fn absent() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder can be made") }
    }

    /// `tls.certificate`
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// `tls.key`
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// Puts a new certificate and its key there.
    pub fn replace(&self) -> Trusted {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("the name is a name");
        write(&self.key(), &signing_key.serialize_pem());
        write(&self.certificate(), &cert.pem());
        Trusted(cert.der().clone())
    }

    /// Puts something there that is no certificate.
    pub fn spoil(&self) {
        write(&self.certificate(), "not a certificate");
    }
}

/// Whole at once, as every careful operator does it.
fn write(path: &Path, text: &str) {
    let beside = path.with_extension("next");
    fs::write(&beside, text).expect("a temporary file can be written");
    fs::rename(&beside, path).expect("a temporary file can be renamed");
}

impl Trusted {
    /// Listens for plain clients, and carries what they say to a server that has this certificate. A
    /// client whose server has another one is cut off.
    pub fn tunnel(&self, server: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        listener.set_nonblocking(true).expect("a socket can be made so");
        let connector = TlsConnector::from(Arc::new(self.client()));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("there are threads").block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener);
                let listener = listener.expect("the socket is a listener");
                while let Ok((plain, _)) = listener.accept().await {
                    tokio::spawn(carry(plain, server, connector.clone()));
                }
            });
        });
        address
    }

    /// The settings of a client that trusts this certificate and no other.
    fn client(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.clone()).expect("the certificate is well-formed");
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }
}

async fn carry(mut plain: TcpStream, server: SocketAddr, connector: TlsConnector) {
    let name = ServerName::try_from("localhost").expect("it is a name");
    let Ok(tcp) = TcpStream::connect(server).await else { return };
    if let Ok(mut secure) = connector.connect(name, tcp).await {
        let _ = copy_bidirectional(&mut plain, &mut secure).await;
    }
}
