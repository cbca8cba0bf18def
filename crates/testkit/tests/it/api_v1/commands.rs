//! Commands: queued, found, moved and ended.

use std::collections::BTreeSet;

use pilothouse_core::Role;
use pilothouse_testkit::http;
use serde_json::{Value, json};

use super::{Bench, assert_problem, field, text};

#[test]
fn a_command_is_queued_runs_and_is_found_again() {
    let bench = Bench::start(&[]);
    let body = json!({
        "agentId": "a-1", "command": "echo \"$GREETING from $PWD\"", "directory": "/tmp",
        "environment": {"GREETING": "hello"}, "priority": "high", "timeout": 5000,
    });
    let made = bench.ask("POST /api/v1/commands", &body);
    assert_eq!(made.status, 201, "{made:?}");
    let path = field(&made, "location").unwrap();
    let command = text(&made.json(), "id");
    assert_eq!(path, format!("/api/v1/commands/{command}"));
    let ended = bench.ended(&command);
    for (name, value) in [
        ("agentId", json!("a-1")),
        ("command", body["command"].clone()),
        ("status", json!("completed")),
        ("priority", json!("high")),
        ("directory", json!("/tmp")),
        ("environment", json!({"GREETING": "hello"})),
        ("timeout", json!(5000)),
        ("requestedBy", json!("ann")),
        ("exitCode", json!(0)),
    ] {
        assert_eq!(ended[name], value, "{name}: {ended}");
    }
    let output = bench.read(&format!("{path}/output"));
    assert_eq!(output["output"][0]["text"], "hello from /tmp\n");
    assert_eq!(
        (&output["end"], &output["next"], &output["pruned"]),
        (&json!(true), &json!(16), &json!(0))
    );

    let failed = bench.queue("echo Needle >&2; exit 3");
    let ended = bench.ended(&failed);
    assert_eq!((&ended["status"], &ended["exitCode"]), (&json!("failed"), &json!(3)), "{ended}");
    let found = |query: &str| -> Vec<String> {
        let page = bench.read(&format!("/api/v1/commands?{query}"));
        page["commands"].as_array().unwrap().iter().map(|it| text(it, "id")).collect()
    };
    assert_eq!(found(""), [failed.clone(), command.clone()]);
    assert_eq!(found("status=failed"), [failed.clone()]);
    assert_eq!(found("status=failed,completed&agentId=a-1").len(), 2);
    assert_eq!(found("status=queued,running"), Vec::<String>::new());
    assert_eq!(found("q=exit%20NEEDLE"), [failed.clone()]);
    assert_eq!(found("q=%25"), Vec::<String>::new());
    assert_eq!(found("requestedBy=ben"), Vec::<String>::new());
    assert_eq!(found("requestedBy=ann&to=2020-01-01"), Vec::<String>::new());
    assert_eq!(found("from=2020-01-01&limit=1"), [failed]);
}

#[test]
fn a_preset_is_run_with_what_is_said_beside_it() {
    let bench = Bench::start(&[]);
    let preset = json!({"name": "where", "command": "pwd", "directory": "/", "priority": "low"});
    let preset = text(&bench.done("POST /api/v1/presets", &preset), "id");
    assert_eq!(text(&bench.read(&format!("/api/v1/presets/{preset}")), "name"), "where");
    let body = json!({"preset": preset, "agentId": "a-1", "directory": "/tmp"});
    let made = bench.done("POST /api/v1/commands", &body);
    assert_eq!((&made["command"], &made["priority"]), (&json!("pwd"), &json!("low")));
    let command = text(&made, "id");
    bench.ended(&command);
    let output = bench.read(&format!("/api/v1/commands/{command}/output"));
    assert_eq!(output["output"][0]["text"], "/tmp\n");
    for (body, status, words) in [
        (json!({"preset": preset}), 400, "agentId"),
        (json!({"preset": preset, "command": "x", "agentId": "a-1"}), 400, "not both"),
        (json!({"preset": "pre-none", "agentId": "a-1"}), 404, "pre-none"),
    ] {
        assert_problem(&bench.ask("POST /api/v1/commands", &body), status, words);
    }
}

#[test]
fn what_cannot_be_queued_is_refused_with_a_reason() {
    let bench = Bench::start(&[]);
    let viewer = bench.token("vic", Role::Viewer);
    let body = json!({"agentId": "a-1", "command": "true"});
    let refused = http::send_json(bench.address(), "POST /api/v1/commands", &viewer, &body);
    assert_problem(&refused, 403, "role");
    let refused = http::send_json(bench.address(), "POST /api/v1/commands", "nonsense", &body);
    assert_problem(&refused, 401, "");
    let command = bench.queue("true");
    for act in ["interrupt", "move"] {
        let path = format!("POST /api/v1/commands/{command}/{act}");
        let refused = http::send_json(bench.address(), &path, &viewer, &json!({"position": 1}));
        assert!([400, 403].contains(&refused.status), "{refused:?}");
    }
    let seen = http::send_json(bench.address(), "GET /api/v1/commands", &viewer, &Value::Null);
    assert_eq!(seen.status, 200);
    let variables = json!({"agentId": "a-1", "command": "true", "environment": {"A=B": "x"}});
    for (body, status, words) in [
        (json!({"command": "true"}), 400, "agentId"),
        (json!({"agentId": "a-1"}), 400, "command"),
        (json!({"agentId": "a-1", "command": " "}), 400, "empty"),
        (json!({"agentId": "a-1", "command": "a\u{0}b"}), 400, "NUL"),
        (json!({"agentId": "a-1", "command": "x".repeat(65537)}), 400, "64 KB"),
        (json!({"agentId": "no-such", "command": "true"}), 404, "no-such"),
        (json!({"agentId": "../x", "command": "true"}), 404, ""),
        (json!({"agentId": "a-1", "command": "true", "priority": "urgent"}), 400, "kind"),
        (json!({"agentId": "a-1", "command": "true", "rank": 1}), 400, "unknown field"),
        (variables, 400, "environment"),
    ] {
        assert_problem(&bench.ask("POST /api/v1/commands", &body), status, words);
    }
}

#[test]
fn pages_have_no_hole_and_no_double_while_new_commands_come_in() {
    let bench = Bench::start(&[]);
    bench.done("POST /api/v1/agents/a-1/pause", &json!({}));
    let mut all: Vec<String> =
        (0..250).map(|number| bench.queue(&format!("echo {number}"))).collect();
    all.reverse();
    let (mut found, mut before) = (Vec::new(), String::new());
    loop {
        let page = bench.read(&format!("/api/v1/commands?limit=37{before}"));
        let commands = page["commands"].as_array().unwrap();
        found.extend(commands.iter().map(|it| text(it, "id")));
        bench.queue("echo late");
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(commands.len(), 37);
        before = format!("&before={next}");
    }
    assert_eq!(found, all);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 250);
    let first = &bench.read("/api/v1/commands?status=queued&limit=1000")["commands"];
    assert_eq!(first.as_array().unwrap().len(), 257);
    assert_eq!(first[0]["queuePosition"], 257);
}

#[test]
fn what_waits_is_moved_inside_its_class_and_dashboards_see_it() {
    let bench = Bench::start(&[]);
    bench.done("POST /api/v1/agents/a-1/pause", &json!({}));
    let high = json!({"agentId": "a-1", "command": "echo high", "priority": "high"});
    let [one, two, three] =
        ["one", "two", "three"].map(|word| bench.queue(&format!("echo {word}")));
    let high = text(&bench.done("POST /api/v1/commands", &high), "id");
    let order = |expected: [&String; 4]| {
        let queue = &bench.read("/api/v1/agents/a-1")["queue"];
        let found: Vec<_> = queue.as_array().unwrap().iter().map(|it| text(it, "id")).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    };
    order([&high, &one, &two, &three]);
    let mut dashboard = bench.server.dashboard();
    let moved = |command: &str, body: Value| {
        bench.ask(&format!("POST /api/v1/commands/{command}/move"), &body)
    };
    let answer = moved(&three, json!({"before": one}));
    assert_eq!((answer.status, &answer.json()["queuePosition"]), (200, &json!(2)), "{answer:?}");
    dashboard.expect_that(|message| {
        message["type"] == "command:queue"
            && message["payload"]["queue"][1]["commandId"] == three.as_str()
    });
    order([&high, &three, &one, &two]);
    assert_eq!(moved(&three, json!({"position": 99})).status, 200);
    order([&high, &one, &two, &three]);
    assert_eq!(moved(&two, json!({"position": 1})).status, 200);
    order([&high, &two, &one, &three]);
    assert_problem(&moved(&one, json!({"before": high})), 409, "same queue and class");
    assert_problem(&moved(&one, json!({"position": 0})), 400, "from 1");
    assert_problem(&moved(&one, json!({})), 400, "position");
    assert_problem(&moved("cmd-none", json!({"position": 1})), 404, "cmd-none");
    let ended = bench.ask(&format!("POST /api/v1/commands/{two}/interrupt"), &json!({}));
    assert_eq!(ended.status, 202, "{ended:?}");
    bench.ended(&two);
    assert_problem(&moved(&two, json!({"position": 1})), 409, "waits");
}

#[test]
fn a_running_command_is_interrupted_once_and_says_how_it_ended_ever_after() {
    let bench = Bench::start(&[]);
    let command = bench.queue("echo begun; sleep 60");
    let path = format!("/api/v1/commands/{command}");
    bench.until(&path, |it| it["status"] == "running");
    let agent = bench.read("/api/v1/agents/a-1");
    assert_eq!(agent["currentCommand"]["id"], command.as_str(), "{agent}");
    let act = format!("POST {path}/interrupt");
    assert_eq!(bench.ask(&act, &json!({"reason": "enough"})).status, 202);
    assert_eq!(bench.ended(&command)["status"], "interrupted");
    let again = bench.ask(&act, &json!({}));
    assert_eq!((again.status, &again.json()["status"]), (200, &json!("interrupted")));
    assert_problem(&bench.ask("POST /api/v1/commands/cmd-none/interrupt", &json!({})), 404, "");
}

#[test]
fn commands_that_memory_has_forgotten_are_found_in_storage() {
    let mut bench = Bench::start(&[]);
    let first = bench.queue("echo first");
    bench.ended(&first);
    bench.done("POST /api/v1/agents/a-1/pause", &json!({}));
    // The view remembers 256 that ended.
    for number in 0..260 {
        let command = bench.queue(&format!("echo {number}"));
        bench.done(&format!("POST /api/v1/commands/{command}/interrupt"), &json!({}));
    }
    bench.server.restart();
    let found = bench.read(&format!("/api/v1/commands/{first}"));
    assert_eq!(found["status"], "completed");
    let output = bench.read(&format!("/api/v1/commands/{first}/output"));
    assert_eq!(output["output"][0]["text"], "first\n");
    let again = bench.ask(&format!("POST /api/v1/commands/{first}/interrupt"), &json!({}));
    assert_eq!((again.status, &again.json()["status"]), (200, &json!("completed")));
    let pages = bench.pages("/api/v1/commands?limit=100", ("commands", "id"), "before");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 61]);
    assert_eq!(pages[2][60], first);
}
