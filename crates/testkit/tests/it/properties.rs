//! Every route of the OpenAPI document, asked by schemathesis with whatever comes to its mind: the server never fails,
//! answers as the document says, and does not take what the document forbids.
//!
//! The agent is one that starts nothing: commands and templates are made up too.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http,
    program::Server,
    python,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// For how many seconds each run makes up requests, always others, for the nightly run say. Without it each route is asked
/// some that are the same every time.
const SECONDS: &str = "PILOTHOUSE_PROPERTY_SECONDS";

/// What is not asked: a sign-out ends the token that asks, each restart of an agent waits for one that never comes, and
/// webhooks send to addresses that would be made up.
const LEFT_OUT: &str = "/logout$|/agents/\\{agent\\}/restart$|/webhooks";

/// What changes something, and is open to whoever comes.
const OPEN: [&str; 1] = ["/api/auth/device/authorize"];

/// A server with one of each thing, so that requests can be about something.
struct Bench {
    server: Server,
    agent: FakeAgent,
    folder: TempDir,
}

impl Bench {
    fn start() -> Self {
        let server = Server::start(&[]);
        let folder = TempDir::new().unwrap();
        let home = folder.path().join("home");
        let repository = home.join("repository");
        fs::create_dir_all(&repository).unwrap();
        let git = Command::new("git").args(["init", "--quiet"]).current_dir(&repository).status();
        assert!(git.unwrap().success());
        let manner = Manner { home: home.clone(), ..Manner::default() };
        let agent = FakeAgent::link(&server, "a-1", manner);
        let bench = Self { server, agent, folder };
        let session = json!({"type": "quick", "locationPath": home, "agentId": "a-1"});
        let session = bench.made("/api/sessions", &session, "/session/id");
        let workers = format!("/api/sessions/{session}/workers");
        let worker = bench.made(&workers, &json!({"type": "terminal"}), "/worker/id");
        let repository = json!({"path": repository, "agentId": "a-1"});
        let user = json!({"username": "carl", "password": "correct-horse-9"});
        let preset = json!({"name": "tests", "command": "make test"});
        let kind = json!({"name": "Own", "commandTemplate": "own {{prompt}}"});
        let ids = [
            ("agent", "a-1".to_owned()),
            ("session", session),
            ("worker", worker),
            ("repository", bench.made("/api/repositories", &repository, "/repository/id")),
            ("user", bench.made("/api/v1/users", &user, "/id")),
            ("preset", bench.made("/api/v1/presets", &preset, "/id")),
            ("key", bench.made("/api/v1/keys", &json!({"name": "build"}), "/id")),
            ("agentType", bench.made("/api/agent-types", &kind, "/agentType/id")),
        ];
        let lines = ids.iter().map(|(name, id)| format!("\"path.{name}\" = \"{id}\"\n"));
        let known = format!("[parameters]\n{}", lines.collect::<String>());
        fs::write(bench.settings(), known).unwrap();
        bench
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("schemathesis.toml")
    }

    /// Of a name that nobody makes up: an account of the same name would count too.
    fn admin(&self) -> String {
        self.token("admin-of-the-properties", Role::Admin)
    }

    fn token(&self, user: &str, role: Role) -> String {
        self.server.token(&Grant::Person { user: user.into(), role })
    }

    /// The id of what was made.
    fn made(&self, path: &str, body: &Value, id: &str) -> String {
        let token = self.admin();
        let request = format!("POST {path}");
        let answer = http::send_json(self.server.address(), &request, &token, body);
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        answer.json().pointer(id).and_then(Value::as_str).unwrap().to_owned()
    }

    /// Asks for a while with this token; panics with what was found wrong.
    fn ask(&self, token: &str, options: &[&str]) {
        #[expect(clippy::disallowed_methods, reason = "the nightly run says how long")]
        let seconds = std::env::var(SECONDS);
        let mut command = Command::new(python::program("schemathesis"));
        command.args(["--no-color", "--config-file"]).arg(self.settings());
        command.args(["run", &format!("http://{}/api/openapi.json", self.server.address())]);
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
        command.args(["--exclude-path-regex", LEFT_OUT, "--max-examples", "3"]);
        command.args(["--suppress-health-check", "all", "--continue-on-failure"]);
        match &seconds {
            Ok(seconds) => command.args(["--max-time", seconds]),
            Err(_) => command.args(["--generation-deterministic", "--phases", "coverage,fuzzing"]),
        };
        command.args(options).current_dir(self.folder.path()).stdin(Stdio::null());
        let asking = std::thread::spawn(move || command.output());
        while !asking.is_finished() {
            // The agent is there as long as it says so.
            self.agent.say(&json!({"type": "heartbeat"}));
            std::thread::sleep(Duration::from_secs(1));
        }
        let output = asking.join().unwrap().expect("schemathesis is installed");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(" passed"), "{said}");
    }
}

#[test]
fn the_server_answers_as_its_document_says() {
    let bench = Bench::start();
    // What the document allows may still make no sense, such as the name of an account that there is already.
    bench.ask(&bench.admin(), &["--checks", "all", "--exclude-checks", "positive_data_acceptance"]);
    let health = bench.server.wait_for_health(|_| true);
    assert_eq!(health["status"], "ok", "{health}");
}

#[test]
fn whatever_a_viewer_asks_nothing_changes() {
    let bench = Bench::start();
    let asked = bench.folder.path().join("asked.har");
    let report = asked.to_str().unwrap();
    let options = ["--checks", "not_a_server_error", "--exclude-method", "GET"];
    let reported = ["--report", "har", "--report-har-path", report];
    bench.ask(&bench.token("eve", Role::Viewer), &[options, reported].concat());
    let refused = refused(&asked, &format!("http://{}", bench.server.address()));
    assert!(refused.len() >= 25, "{refused:?}");
}

/// The routes that were refused because of the role. Panics at one that was not refused.
fn refused(asked: &Path, server: &str) -> BTreeSet<String> {
    let asked: Value = serde_json::from_str(&fs::read_to_string(asked).unwrap()).unwrap();
    let entries = asked["log"]["entries"].as_array().unwrap();
    assert!(entries.len() > 300, "{}", entries.len());
    let mut refused = BTreeSet::new();
    for entry in entries {
        let request = &entry["request"];
        let status = entry["response"]["status"].as_u64().unwrap();
        let path = request["url"].as_str().unwrap().trim_start_matches(server);
        let path = path.split('?').next().unwrap_or_default();
        let is_refused = (400..500).contains(&status);
        assert!(is_refused || OPEN.contains(&path), "{status} {request:#}");
        if status == 403 {
            refused.insert(format!("{} {path}", request["method"].as_str().unwrap()));
        }
    }
    refused
}
