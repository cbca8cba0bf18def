//! `pilothouse sessions` and `pilothouse workers` as scripts use them: ids on stdout, advice on stderr, exit codes.

use std::process::Output;

use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http,
    program::Server,
};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Bench {
    server: Server,
    agent: FakeAgent,
    home: TempDir,
}

impl Bench {
    fn start() -> Self {
        let server = Server::start(&[("commands.interrupt_grace", "100ms")]);
        let home = TempDir::new().unwrap();
        std::fs::create_dir(home.path().join("shop")).unwrap();
        let manner = Manner { home: home.path().canonicalize().unwrap(), ..Manner::default() };
        let agent = FakeAgent::link(&server, "a-1", manner);
        Self { server, agent, home }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.server.command(self.server.address(), arguments);
        command.current_dir(self.home.path()).output().unwrap()
    }

    /// What it prints if it succeeds.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.prints(arguments)).unwrap()
    }

    /// Exit code and sentence if it fails.
    fn fails(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.run(arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

#[test]
fn a_session_is_made_listed_and_removed() {
    let bench = Bench::start();
    assert_eq!(bench.prints(&["sessions"]), "");
    assert_eq!(bench.json(&["sessions", "--json"]), json!([]));
    let session = bench.prints(&["sessions", "new", "./shop", "--title", "The shop", "--terminal"]);
    let spawn = bench.agent.expect("spawn");
    assert_eq!(spawn["line"], Value::Null);
    let listed = bench.json(&["sessions", "--json"]);
    assert_eq!((&listed[0]["id"], &listed[0]["title"]), (&json!(session), &json!("The shop")));
    let folder = bench.home.path().canonicalize().unwrap().join("shop");
    assert_eq!(listed[0]["locationPath"], folder.to_str().unwrap());
    let worker = listed[0]["workers"][0]["id"].as_str().unwrap().to_owned();
    let table = bench.prints(&["sessions"]);
    assert!(table.contains(&session) && table.contains(&worker), "{table}");
    let table = bench.prints(&["workers", &session]);
    assert!(table.contains(&format!("pilothouse attach {session}/{worker}")), "{table}");
    bench.prints(&["sessions", "rm", &session]);
    assert_eq!(bench.json(&["sessions", "--json"]), json!([]));
}

#[test]
fn workers_are_added_restarted_and_removed() {
    let bench = Bench::start();
    let made = ["sessions", "new", "~/shop", "--agent", "a-1", "--agent-type", "codex", "--json"];
    let session = bench.json(&made);
    let session = session["id"].as_str().unwrap();
    assert_eq!(bench.agent.expect("spawn")["line"], "codex");
    let prompt = ["--agent-type", "claude", "--prompt", "fix $(it)", "--name", "fixer"];
    let worker = bench.prints(&[&["workers", "add", session][..], &prompt[..]].concat());
    assert_eq!(bench.agent.expect("spawn")["environment"][0][1], "fix $(it)");
    let table = bench.prints(&["workers", session]);
    assert!(table.contains("agent claude") && table.contains("fixer"), "{table}");
    bench.prints(&["workers", "restart", session, &worker, "--continue"]);
    assert_eq!(bench.agent.expect("spawn")["line"], "claude -c");
    bench.prints(&["workers", "rm", session, &worker]);
    assert_eq!(bench.json(&["workers", session, "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn agent_types_that_people_added_are_named_like_the_others() {
    let bench = Bench::start();
    let (address, token) = (bench.server.address(), bench.server.operator());
    let kind = json!({"name": "Aider", "commandTemplate": "aider {{prompt:+--message}}"});
    let added = http::send_json(address, "POST /api/agent-types", &token, &kind);
    assert_eq!(added.status, 201, "{added:?}");
    let session = bench.prints(&["sessions", "new", "~/shop", "--agent-type", "aider"]);
    assert_eq!(bench.agent.expect("spawn")["line"], "aider");
    let add = ["workers", "add", &session, "--agent-type"];
    bench.prints(&[&add[..], &["aider", "--prompt", "tidy up"]].concat());
    assert_eq!(bench.agent.expect("spawn")["line"], "aider --message \"$PILOTHOUSE_PROMPT\"");
    let (code, sentence) = bench.fails(&[&add[..], &["nobody"]].concat());
    assert_eq!(code, Some(64), "{sentence}");
    assert!(sentence.contains("there are claude, codex, gemini, aider"), "{sentence}");
}

#[test]
fn what_cannot_be_done_is_told_in_a_sentence_and_a_code() {
    let mut bench = Bench::start();
    let cases: [(&[&str], i32, &str); 5] = [
        (&["sessions", "rm", "s-unknown"], 69, "s-unknown"),
        (&["sessions", "new", "/no/such/folder"], 64, "/no/such/folder"),
        (
            &["sessions", "new", "~/shop", "--agent-type", "nobody"],
            64,
            "no agent type nobody; there are claude, codex, gemini",
        ),
        (&["workers", "s-unknown"], 69, "s-unknown"),
        (&["workers", "rm", "s/..", "w"], 64, "an id has"),
    ];
    for (arguments, code, words) in cases {
        let (failed, sentence) = bench.fails(arguments);
        assert_eq!(failed, Some(code), "{arguments:?}: {sentence}");
        assert!(sentence.contains(words), "{arguments:?}: {sentence}");
    }
    bench.agent.cut();
    let (code, sentence) = bench.fails(&["sessions", "new", "~/shop"]);
    assert_eq!(code, Some(75), "{sentence}");
}
