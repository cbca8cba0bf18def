//! The log: one JSON object a line with the fields that one looks for, and no flood however many are refused.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use pilothouse_core::{Role, time::Timestamp};
use pilothouse_server::auth::{Grant, Signer, secret::Secret};
use pilothouse_testkit::{
    http,
    program::{self, signal},
    viewer::Upgrade,
};
use serde_json::Value;
use tempfile::TempDir;

/// A server whose log goes to a file.
struct Logged {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Logged {
    fn start(listen: &str, arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(program::program())
            .args(["--log", "debug", "--log-format", "json", "serve", "--listen", listen])
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address, folder }
    }

    #[expect(clippy::disallowed_methods, reason = "tests sign tokens for the present")]
    fn token(&self, grant: &Grant) -> String {
        let secret = Secret::read(&self.folder.path().join("data")).unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let now = Timestamp(u64::try_from(now.as_millis()).unwrap());
        Signer::new(&secret).sign(grant, now, Duration::from_secs(600))
    }

    /// Ends it; everything it logged, as text and line by line.
    fn log(mut self) -> (String, Vec<Value>) {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap();
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (text, lines)
    }
}

#[test]
fn connections_requests_and_refusals_are_told_without_what_was_in_the_request() {
    let server = Logged::start("127.0.0.1:0", &[]);
    let token = server.token(&Grant::Person { user: "ann".into(), role: Role::Operator });
    let agent = server.token(&Grant::Agent("agent-1".parse().unwrap()));
    Upgrade::to(format!("/ws/dashboard?token={token}")).send(server.address).unwrap();
    Upgrade::to(format!("/ws/agent?token={agent}")).send(server.address).unwrap();
    assert_eq!(http::send(server.address, "GET /health?secret=canary", &[]).status, 200);
    assert_eq!(http::send(server.address, "GET /canary", &[]).status, 404);
    for _ in 0..200 {
        let refused = Upgrade::to("/ws/dashboard?token=canary").send(server.address);
        assert_eq!(refused.err().unwrap().0, 401);
    }
    let (text, lines) = server.log();
    assert!(!text.contains("canary") && !text.contains(&token) && !text.contains(&agent));
    let of = |what: &str| {
        let is_it = |line: &&Value| line["fields"]["message"].as_str().unwrap().starts_with(what);
        lines.iter().filter(is_it).map(|line| line["fields"].clone()).collect::<Vec<_>>()
    };
    let connected = of("connected");
    assert_eq!(connected.len(), 2, "{text}");
    let agents = connected.iter().find(|fields| fields["door"] == "/ws/agent").unwrap();
    assert_eq!(agents["address"], "127.0.0.1");
    assert!(agents["connection"].is_u64() && agents["user"].is_string());
    assert_eq!(of("disconnected").len(), 2);
    let refused = of("refused");
    let all: u64 = refused.iter().map(|fields| fields["count"].as_u64().unwrap()).sum();
    let bad = refused.iter().find(|fields| fields["cause"] == "token").unwrap();
    assert_eq!((&bad["route"], &bad["address"]), (&"/ws/dashboard".into(), &"127.0.0.1".into()));
    assert!(all == 200 && refused.len() < 50, "{} lines for {all} refusals", refused.len());
    let answered = of("answered");
    let routes: Vec<_> = answered.iter().map(|fields| fields["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["/health", "other"]);
}

#[test]
fn who_listens_to_everybody_without_tls_is_warned() {
    let warned = |listen: &str, arguments: &[&str]| {
        Logged::start(listen, arguments).log().0.contains("without TLS")
    };
    assert!(warned("0.0.0.0:0", &[]));
    assert!(!warned("127.0.0.1:0", &[]));
    assert!(!warned("0.0.0.0:0", &["--set", "trusted_proxies=10.0.0.1"]));
}
