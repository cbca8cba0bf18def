//! Commands end, whatever they do, and nothing of them is left.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use pilothouse_testkit::program::{Server, request};
use serde_json::{Value, json};

/// Every process that has this text in its command line or environment, except those asking.
fn processes_with(marker: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let is_in =
            |bytes: Vec<u8>| bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
        is_in(read("cmdline")) || is_in(read("environ"))
    })
    .collect()
}

#[test]
fn a_stubborn_script_is_gone_within_ten_seconds_of_an_interrupt() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut dashboard = server.dashboard();
    let marker = format!("stubborn-{}", std::process::id());
    // Ignores SIGINT and SIGTERM, forks, leaves its session, and keeps stdout open.
    let script = format!(
        "trap '' INT TERM; export M={marker}; \
         (trap '' INT TERM HUP; setsid sh -c 'trap \"\" INT TERM HUP; while :; do sleep 1; done' & \
          while :; do sleep 1; done) & \
         echo ready; while :; do sleep 1; done"
    );
    dashboard.send(&request("agent-1", &script));
    let id = dashboard.expect_status("running")["commandId"].clone();
    dashboard.expect_that(|message| {
        message["payload"]["data"].as_str().is_some_and(|data| data.contains("ready"))
    });
    assert!(processes_with(&marker).len() >= 3);
    let interrupted_at = Instant::now();
    dashboard.send(&json!({"type": "command:interrupt", "payload": {"commandId": id}}));
    dashboard.expect_status("interrupted");
    assert!(interrupted_at.elapsed() < Duration::from_secs(10), "{:?}", interrupted_at.elapsed());
    assert_eq!(processes_with(&marker), Vec::<u32>::new());
}

/// Runs a line, and returns its final status and what it wrote.
fn run(line: &str, extra: &Value) -> (Value, String) {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    run_on(&server, line, extra)
}

fn run_on(server: &Server, line: &str, extra: &Value) -> (Value, String) {
    let mut dashboard = server.dashboard();
    let mut message = request("agent-1", line);
    for (name, value) in extra.as_object().into_iter().flatten() {
        message["payload"][name] = value.clone();
    }
    dashboard.send(&message);
    let mut output = String::new();
    loop {
        let message = dashboard.expect_that(|_| true);
        let payload = &message["payload"];
        match (message["type"].as_str(), payload["status"].as_str()) {
            (Some("terminal:output"), _) => output += payload["data"].as_str().unwrap(),
            (Some("command:status"), Some("completed" | "failed" | "interrupted")) => {
                return (payload.clone(), output);
            }
            _ => {}
        }
    }
}

#[test]
fn an_exit_code_a_signal_and_a_missing_folder_are_told_apart() {
    let (status, _) = run("exit 7", &json!({}));
    assert_eq!((&status["status"], &status["exitCode"]), (&json!("failed"), &json!(7)));
    let (status, _) = run("kill -SEGV $$", &json!({}));
    assert_eq!((&status["signal"], &status["exitCode"]), (&json!("SIGSEGV"), &json!(139)));
    let (status, _) = run("true", &json!({"workingDirectory": "/no/such/folder"}));
    assert_eq!(status["status"], "failed");
    assert!(status["error"].as_str().unwrap().contains("/no/such/folder"), "{status}");
}

#[test]
fn a_command_gets_its_folder_and_variables_and_none_of_our_secrets() {
    let server = Server::start(&[]);
    let secrets = [("PILOTHOUSE_AUTH_SECRET", "hush-1"), ("PILOTHOUSE_TOKEN_OLD", "hush-2")];
    let _agent = server.agent_with("agent-1", server.address(), &secrets);
    server.wait_until_online("agent-1");
    let extra = json!({"workingDirectory": "/usr", "env": {"GREETING": "hallo"}});
    let (_, output) = run_on(&server, "pwd; echo $GREETING; env", &extra);
    assert!(!output.contains("hush"), "{output}");
    assert!(output.starts_with("/usr\nhallo\n"), "{output}");
    let ours: Vec<_> = output.lines().filter(|line| line.starts_with("PILOTHOUSE_")).collect();
    assert!(ours.iter().all(|line| line.starts_with("PILOTHOUSE_COMMAND_ID=")), "{ours:?}");
}

#[test]
fn a_line_that_looks_like_several_arguments_is_one() {
    let (_, output) = run("printf '%s|' \"a b\" '$HOME' \"$(echo x)\"; echo \\\"", &json!({}));
    assert_eq!(output, "a b|$HOME|x|\"\n");
}

#[test]
fn bytes_that_are_not_text_are_replaced_and_characters_stay_whole() {
    let (_, output) = run("printf 'a\\377b'; seq -s ä 1 9000", &json!({}));
    assert!(output.starts_with("a\u{fffd}b1ä2ä3"), "{output:.40}");
    assert_eq!(output.matches('\u{fffd}').count(), 1, "no character was cut in two");
}

#[test]
fn a_command_that_takes_too_long_fails_for_all_and_its_requester_hears_why() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let (mut requester, mut other) = (server.dashboard(), server.dashboard());
    let mut message = request("agent-1", "sleep 60");
    message["payload"]["timeout"] = json!(300);
    requester.send(&message);
    let error = requester.expect_that(|m| m["type"] == "error");
    assert_eq!(error["payload"]["code"], "COMMAND_TIMEOUT");
    let failed = other.expect_that(|message| {
        assert_ne!(message["type"], "error", "only the requester hears of the timeout");
        message["payload"]["status"] == "failed"
    });
    assert_eq!(failed["payload"]["exitCode"], json!(130));
    other.send(&json!({"type": "heartbeat", "payload": {"sequence": 5}}));
    let next = other.expect_that(|m| m["type"] == "error" || m["type"] == "heartbeat");
    assert_eq!(next["type"], "heartbeat", "only the requester hears of the timeout");
}

#[test]
fn exec_streams_exits_with_the_commands_code_and_says_what_to_do_about_an_unknown_agent() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let exec = |agent: &str, line: &str| {
        let program = std::env::current_exe().unwrap();
        Command::new(program.ancestors().nth(2).unwrap().join("pilothouse"))
            .args(["exec", "--server", &format!("http://{}", server.address()), agent, "--", line])
            .env("PILOTHOUSE_TOKEN", server.operator())
            .output()
            .unwrap()
    };
    let output = exec("agent-1", "echo out; echo err >&2; exit 42");
    assert_eq!(output.status.code(), Some(42));
    assert_eq!(output.stdout, b"out\n");
    assert_eq!(output.stderr, b"err\n");
    let output = exec("nobody", "true");
    assert_eq!(output.status.code(), Some(69));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody"));
}
