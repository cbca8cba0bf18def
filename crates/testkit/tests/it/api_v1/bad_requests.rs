//! Whatever makes no sense is refused with a problem, and never our error.

use serde_json::Value;

use super::{Bench, assert_problem};

#[test]
fn bad_limits_cursors_and_ids_are_problems() {
    let bench = Bench::start(&[]);
    let command = bench.queue("true");
    let output = format!("commands/{command}/output");
    for path in [
        "agents?limit=many",
        "agents?limit=-1",
        "agents?status=asleep",
        "agents?after=a/b",
        "agents?limit=1&limit=2",
        "commands?limit=1.5",
        "commands?before=x",
        "commands?before=5",
        "commands?before=.cmd-1",
        "commands?before=99999999999999999999.cmd-1",
        "commands?status=done",
        "commands?from=yesterday",
        "commands?agentId=%2Fetc",
        "sessions?after=..",
        "sessions?agentId=a%20b",
        "sessions?limit=x",
        "presets?after=a.b",
        "presets?limit=x",
        "attention?after=x",
        "attention?after=x.command.cmd-1",
        "search?q=x&before=x",
        &format!("{output}?from=-1"),
        &format!("{output}?limit=x"),
        &format!("{output}?format=xml"),
        &format!("commands?q={}", "x".repeat(1025)),
    ] {
        let answer = bench.get(&format!("/api/v1/{path}"));
        assert_problem(&answer, 400, "");
    }
    for path in [
        "agents/no-such",
        "agents/%2e%2e",
        "commands/none",
        "commands/a%2Fb",
        "sessions/none",
        "presets/none",
    ] {
        assert_problem(&bench.get(&format!("/api/v1/{path}")), 404, "");
    }
    assert_problem(&bench.ask("DELETE /api/v1/agents", &Value::Null), 405, "Allow");
    assert_problem(&bench.get("/api/v1/nothing/here"), 404, "nothing");
    // Beyond what there is, and beyond what numbers hold, is not wrong.
    for path in [
        "agents?limit=0",
        "agents?limit=99999999",
        "commands?limit=99999999",
        "commands?to=18446744073709551615",
        "commands?before=18446744073709551615.zzz",
        &format!("{output}?from=9007199254740991"),
        &format!("{output}?limit=0"),
        "attention?after=0.agent.x",
    ] {
        let answer = bench.get(&format!("/api/v1/{path}"));
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
}

#[test]
fn bodies_that_are_none_are_problems() {
    let bench = Bench::start(&[]);
    for body in ["{", "[]", "null", "\"x\"", "{\"agentId\": {}}"] {
        let head = format!(
            "POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            bench.token,
            body.len()
        );
        assert_problem(&pilothouse_testkit::http::raw(bench.address(), head.as_bytes()), 400, "");
    }
    assert_problem(
        &bench.ask("POST /api/v1/commands", &Value::String("x".repeat(600_000))),
        413,
        "bytes",
    );
}
