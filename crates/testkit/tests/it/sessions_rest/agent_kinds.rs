//! Kinds of command line agents of the users' own: their routes, and real workers of them.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{http, program::Server, viewer::Upgrade};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Bench, id};

fn aider() -> Value {
    json!({
        "name": "My Aider",
        "description": "pair programming",
        "commandTemplate": "aider {{prompt:+--message}}",
        "continueTemplate": "aider --restore-chat-history",
        "activityPatterns": {"askingPatterns": ["Proceed\\?"]},
    })
}

#[test]
fn a_kind_is_added_changed_and_removed_and_survives_the_server() {
    let mut bench = Bench::start();
    let added = bench.expect(201, "POST /api/agent-types", aider())["agentType"].take();
    assert_eq!((id(&added), &added["isBuiltIn"]), ("my-aider", &json!(false)));
    assert_eq!(added["activityPatterns"]["askingPatterns"], json!(["Proceed\\?"]));
    let capabilities = json!({
        "supportsContinue": true,
        "supportsHeadlessMode": false,
        "supportsActivityDetection": true,
    });
    assert_eq!(added["capabilities"], capabilities);
    let path = "/api/agent-types/my-aider";
    assert_eq!(bench.get(path)["agentType"], added);
    let next = json!({
        "name": "Aider",
        "continueTemplate": null,
        "headlessTemplate": "aider --yes {{prompt}}",
        "activityPatterns": null,
    });
    let changed = bench.expect(200, &format!("PATCH {path}"), next)["agentType"].take();
    let mut expected = added.clone();
    expected["name"] = "Aider".into();
    expected.as_object_mut().unwrap().remove("continueTemplate");
    expected["headlessTemplate"] = "aider --yes {{prompt}}".into();
    expected["activityPatterns"] = json!({"askingPatterns": []});
    expected["capabilities"] = json!({
        "supportsContinue": false,
        "supportsHeadlessMode": true,
        "supportsActivityDetection": false,
    });
    assert_eq!(changed, expected, "what was not given stays");
    bench.server.kill_and_restart();
    let listed = bench.get("/api/agent-types")["agentTypes"].take();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids, ["claude", "codex", "gemini", "my-aider"]);
    assert_eq!(listed[3], expected);
    let removed = bench.expect(200, &format!("DELETE {path}"), Value::Null);
    assert_eq!(removed, json!({"success": true}));
    bench.refused(404, &format!("GET {path}"), Value::Null);
    bench.refused(404, &format!("DELETE {path}"), Value::Null);
}

#[test]
fn what_cannot_be_used_is_refused_with_the_field_and_what_to_do() {
    let bench = Bench::start();
    bench.expect(201, "POST /api/agent-types", aider());
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "Other", "commandTemplate": "other {{prompt}}"});
        body[field] = value;
        body
    };
    let patterns = |patterns: Value| with("activityPatterns", json!({"askingPatterns": patterns}));
    for (status, body, sentence) in [
        (400, json!({"commandTemplate": "x {{prompt}}"}), "missing field `name`"),
        (400, json!({"name": "x"}), "missing field `commandTemplate`"),
        (400, with("name", json!("")), "name has to be one line of 1 to 100 characters"),
        (400, with("id", json!("a b")), "id: an id has 1 to 128 characters"),
        (400, with("commandTemplate", json!("x")), "commandTemplate: it has to contain {{prompt}}"),
        (400, with("commandTemplate", json!("x '{{prompt}}'")), "must not stand in quotes"),
        (400, with("continueTemplate", json!("x {{prompt}}")), "continueTemplate: it must not"),
        (400, with("headlessTemplate", json!("x -p")), "headlessTemplate: it has to contain"),
        (400, with("description", json!("x".repeat(1001))), "description may have up to 1000"),
        (400, patterns(json!(["a", "("])), "askingPatterns: pattern 2 cannot be used: unclosed"),
        (400, patterns(json!([r"\w{500}"])), "pattern 1 cannot be used: it is too large"),
        (400, patterns(json!(vec!["a"; 51])), "up to 50 patterns, these are 51"),
        (400, patterns(json!(["a\u{0}"])), "NUL"),
        (409, with("name", json!("my aider")), "there is an agent type my-aider already"),
        (409, with("name", json!("Gemini CLI")), "agent type gemini has that name already"),
        (409, with("id", json!("claude-code-builtin")), "an agent type claude already"),
    ] {
        let told = bench.refused(status, "POST /api/agent-types", body.clone());
        assert!(told.contains(sentence), "{body}: {told}");
    }
    let patch = "PATCH /api/agent-types/my-aider";
    for (status, request, body, sentence) in [
        (400, patch, json!({}), "give what is to change: name"),
        (400, patch, json!({"commandTemplate": "x"}), "commandTemplate: it has to contain"),
        (409, patch, json!({"name": "Codex"}), "agent type codex has that name already"),
        (404, "PATCH /api/agent-types/x", json!({"name": "y"}), "agent type x is not known"),
        (400, "PATCH /api/agent-types/claude", json!({"name": "y"}), "comes with the program"),
        (400, "DELETE /api/agent-types/claude-code-builtin", Value::Null, "claude comes with"),
    ] {
        let told = bench.refused(status, request, body);
        assert!(told.contains(sentence), "{request}: {told}");
    }
    let viewer = Grant::Person { user: "vi".into(), role: Role::Viewer };
    let viewer = bench.server.token(&viewer);
    for (request, body) in [
        ("POST /api/agent-types", patterns(json!(["("]))),
        (patch, json!({"name": "mine"})),
        ("DELETE /api/agent-types/my-aider", Value::Null),
    ] {
        let answer = http::send_json(bench.server.address(), request, &viewer, &body);
        assert_eq!(answer.status, 403, "{request}: {answer:?}");
    }
    assert_eq!(bench.get("/api/agent-types")["agentTypes"].as_array().unwrap().len(), 4);
    let body = json!({"type": "quick", "locationPath": "~/work", "agentType": "nobody"});
    let unknown = bench.refused(400, "POST /api/sessions", body);
    assert!(unknown.ends_with("there are claude, codex, gemini, my-aider"), "{unknown}");
}

/// A command line agent that keeps how it was called, and asks one thing before each piece of work.
const PROGRAM: &str = r#"#!/bin/sh
printf '%s' "$1" > called; printf '%s' "$2" > prompt
case $1 in
    one) question='May I touch it? (aye/nay) ' ;;
    *) question='Shall it be done? ' ;;
esac
while :; do
    printf '\033[2J\033[H%s' "$question"
    read -r answer || exit
    printf '%s\n' "$answer" >> answers
    for step in 1 2 3 4 5 6 7 8; do
        printf '\033[2J\033[Hstep %s of the work' "$step"
        sleep 0.3
    done
done
"#;

fn written(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_worker_of_an_own_kind_runs_its_command_asks_by_its_patterns_and_keeps_both_while_it_lives() {
    let server = Server::start(&[("commands.interrupt_grace", "100ms")]);
    let _agent = server.agent("a-1");
    server.wait_until_online("a-1");
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("program");
    fs::write(&program, PROGRAM).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let token = server.operator();
    let ask = |status: u16, request: &str, body: Value| {
        let answer = http::send_json(server.address(), request, &token, &body);
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        answer.json()
    };
    let template = |mode: &str| format!("{} {mode} {{{{prompt}}}}", program.display());
    let asks = |pattern: &str| json!({"askingPatterns": [pattern]});
    let kind = json!({
        "name": "Asker",
        "commandTemplate": template("one"),
        "activityPatterns": asks(r"May I touch it\? \(aye/nay\)"),
    });
    ask(201, "POST /api/agent-types", kind);
    let mut app = Upgrade::to(format!("/ws/app?token={token}")).send(server.address()).unwrap();
    let mut expect_activity =
        |state: &str| drop(app.expect_that(|message| message["activityState"] == state));
    let prompt = "-x '\"$(touch pwned)\" `touch pwned`; touch pwned & ü\n*";
    let body = json!({
        "type": "quick", "locationPath": folder.path(), "agentType": "asker", "initialPrompt": prompt,
    });
    let session = ask(201, "POST /api/sessions", body)["session"].take();
    expect_activity("asking");
    assert_eq!(written(folder.path(), "called"), "one");
    // A prompt that begins like an option has a space before it, and is otherwise as it was typed.
    assert_eq!(written(folder.path(), "prompt"), format!(" {prompt}"));
    assert!(!folder.path().join("pwned").exists());
    let items = ask(200, "GET /api/v1/attention", Value::Null)["items"].take();
    assert!(items[0]["text"].as_str().unwrap().contains("May I touch it?"), "{items}");

    let next = json!({
        "commandTemplate": template("two"),
        "activityPatterns": asks("Shall it be done"),
    });
    ask(200, "PATCH /api/agent-types/asker", next);
    let in_use = ask(409, "DELETE /api/agent-types/asker", Value::Null);
    assert!(in_use["error"].as_str().unwrap().contains(id(&session)), "{in_use}");
    let workers = format!("/api/sessions/{}/workers", id(&session));
    let worker = id(&session["workers"][0]).to_owned();
    let door = format!("/ws/session/{}/worker/{worker}?token={token}", id(&session));
    let mut terminal = Upgrade::to(door).send(server.address()).unwrap();
    terminal.send(&json!({"type": "input", "data": "aye\r"}));
    expect_activity("active");
    expect_activity("asking");
    assert_eq!(
        (written(folder.path(), "called"), written(folder.path(), "answers")),
        ("one".into(), "aye\n".into())
    );

    ask(200, &format!("POST {workers}/{worker}/restart"), json!({}));
    expect_activity("unknown");
    expect_activity("asking");
    assert_eq!(
        (written(folder.path(), "called"), written(folder.path(), "prompt")),
        ("two".into(), String::new())
    );
    ask(200, &format!("DELETE /api/sessions/{}", id(&session)), Value::Null);
    ask(200, "DELETE /api/agent-types/asker", Value::Null);
    let body = json!({"type": "quick", "locationPath": folder.path(), "agentType": "asker"});
    ask(400, "POST /api/sessions", body);
}
