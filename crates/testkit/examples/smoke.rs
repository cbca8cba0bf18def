//! scratch
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::allow_attributes_without_reason
)]
use pilothouse_server::{
    Server,
    auth::{Grant, Signer, secret::Secret},
    config,
};
use std::time::Duration;
#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let port = std::env::args().nth(1).unwrap();
    let dir = std::env::args().nth(2).unwrap();
    let flags =
        vec![("listen".into(), format!("127.0.0.1:{port}")), ("data_dir".into(), dir.clone())];
    let config = config::load(&config::Source { file: None, environment: true, flags }).unwrap();
    let server = Server::start(config).await.unwrap();
    let secret = Secret::read(dir.as_ref()).unwrap();
    let now = pilothouse_core::time::Timestamp(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()
            as u64,
    );
    let signer = Signer::new(&secret);
    println!(
        "PERSON {}",
        signer.sign(
            &Grant::Person { user: "ann".into(), role: pilothouse_core::Role::Operator },
            now,
            Duration::from_secs(3600)
        )
    );
    let token = signer.sign(&Grant::Agent("a-1".parse().unwrap()), now, Duration::from_secs(3600));
    println!("AGENT {token}");
    println!("READY {}", server.local_addr());
    if std::env::args().nth(3).as_deref() == Some("agent") {
        let config = pilothouse_agent::AgentConfig::new(
            format!("ws://127.0.0.1:{port}"),
            "a-1".parse().unwrap(),
            token.clone(),
            std::path::PathBuf::from(format!("{dir}/agent")),
        );
        tokio::spawn(async move {
            pilothouse_agent::run(config, std::future::pending::<()>()).await.unwrap();
        });
    }
    server
        .serve(async {
            tokio::signal::ctrl_c().await.unwrap();
        })
        .await;
}
