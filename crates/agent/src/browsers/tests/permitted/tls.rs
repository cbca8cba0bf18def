//! The same behind TLS, where the gate sees hosts and nothing else.

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use rcgen::{CertifiedKey, PublicKeyData, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sha2::{Digest, Sha256};

use super::{recorder::encoded, *};

/// A server with TLS, and a browser that takes it for what it says it is.
async fn watched() -> Watched {
    let names = ["127.0.0.1".to_owned(), "127.0.0.2".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let pin = Sha256::digest(signing_key.subject_public_key_info());
    let pin = base64::engine::general_purpose::STANDARD.encode(pin);
    let bench = Bench::with(|config| {
        let found = crate::browsers::find(None, &config.environment).unwrap();
        let program = config.data_dir.join("chromium");
        let script = format!(
            "#!/bin/sh\nexec '{}' --ignore-certificate-errors-spki-list={pin} \"$@\"\n",
            found.display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        config.browser.program = Some(program);
    });
    bench.open("still").await;
    let recorder = Recorder::behind(Some(Arc::new(config)));
    Watched::beside(bench, recorder, USUAL).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_and_is_denied_never_leaves_inside_of_tls_either() {
    ways::every_in(watched().await, ways::writing, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inside_of_tls_leaves_once_and_only_when_it_is_granted() {
    let mut watched = watched().await;
    watched.show(&format!(
        "<iframe src='/reporting?{}'></iframe><script>onload = () => {{
            fetch('/do/it', {{method: 'POST', body: 'x'}}); new WebSocket('FOREIGN/do/socket'.replace('http', 'ws')) }}
        </script>",
        encoded("<img src=https://127.0.0.9/x>")
    ));
    let mut wanted = [watched.wanted().await, watched.wanted().await];
    wanted.sort_by_key(|wanted| wanted.method.clone());
    let [socket, post] = wanted;
    // Of what is inside, the gate sees where it goes.
    assert_eq!(socket.url, format!("{}/", watched.recorder.foreign().replace("https", "wss")));
    assert_eq!(post.text, format!("POST {}/do/it (text/plain, 1 bytes)", watched.recorder.own()));
    assert!(watched.recorder.seen().iter().all(|it| it.method == "GET" && it.path != "/do/socket"));
    watched.permission.decide(&socket.id, true, None).unwrap();
    watched.permission.decide(&post.id, true, None).unwrap();
    let came = |seen: &[recorder::Arrived], path: &str| seen.iter().any(|it| it.path == path);
    watched.recorder.until(|seen| came(seen, "/do/it") && came(seen, "/do/socket")).await;
    watched.settle().await;
    let seen = watched.recorder.seen();
    assert_eq!(seen.iter().filter(|it| it.method != "GET").count(), 1, "{seen:#?}");
    assert_eq!(watched.recorder.count("GET", "/do/socket"), 1);
}
