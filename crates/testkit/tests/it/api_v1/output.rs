//! What commands wrote, read back by pages and as one text.

use std::thread;

use pilothouse_testkit::http;
use serde_json::{Value, json};

use super::{Bench, assert_problem};

/// The body of an answer that ends with its connection, byte by byte as far as that is text.
fn raw_text(bench: &Bench, path: &str, field: &str) -> String {
    let head = format!(
        "GET {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{field}\r\n",
        bench.token
    );
    let answer = http::raw(bench.address(), head.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert!(answer.head.to_lowercase().contains("content-type: text/plain"), "{}", answer.head);
    answer.body
}

#[test]
fn three_megabytes_read_by_pages_are_what_was_written() {
    let bench = Bench::start(&[]);
    let line = "awk 'BEGIN { for (i = 0; i < 240000; i++) printf \"%d é€\\n\", i }'";
    let command = bench.queue(line);
    assert_eq!(bench.ended(&command)["status"], "completed");
    let expected: String = (0..240_000).map(|number| format!("{number} é€\n")).collect();
    assert!(expected.len() > 3_000_000);
    let path = format!("/api/v1/commands/{command}/output");
    let (mut found, mut from, mut pages) = (String::new(), 0, 0);
    loop {
        let page = bench.read(&format!("{path}?from={from}&limit=100000"));
        for piece in page["output"].as_array().unwrap() {
            assert_eq!(piece["position"], found.len(), "a hole or a double");
            assert_eq!(piece["stream"], "stdout");
            found.push_str(piece["text"].as_str().unwrap());
        }
        from = page["next"].as_u64().unwrap();
        assert_eq!(from, found.len() as u64);
        pages += 1;
        if page["end"] == true {
            break;
        }
    }
    assert!(pages > 20 && found == expected, "{pages} pages");
    assert!(raw_text(&bench, &path, "Accept: text/plain\r\n") == expected);
    assert!(
        raw_text(&bench, &format!("{path}?format=text&from=3000000"), "") == expected[3_000_000..]
    );
    let middle = bench.read(&format!("{path}?from=1&limit=1"));
    assert_eq!(middle["output"][0]["position"], 1);
    let behind = bench.read(&format!("{path}?from=99999999"));
    assert_eq!((&behind["output"], &behind["end"]), (&json!([]), &json!(true)));
}

#[test]
fn one_stream_is_read_without_the_other_and_oldest_bytes_that_are_gone_are_counted() {
    let bench = Bench::start(&[("output.keep_bytes", "64 KiB")]);
    let command = bench.queue("echo out; echo err >&2; echo out again");
    bench.ended(&command);
    let path = format!("/api/v1/commands/{command}/output");
    let texts = |query: &str| -> String {
        let page = bench.read(&format!("{path}{query}"));
        assert_eq!(page["end"], true);
        let pieces = page["output"].as_array().unwrap();
        pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect()
    };
    assert_eq!(texts("?stream=stderr"), "err\n");
    assert_eq!(texts("?stream=stdout"), "out\nout again\n");
    assert_eq!(texts("").len(), 18);
    assert_eq!(raw_text(&bench, &format!("{path}?format=text&stream=stderr"), ""), "err\n");
    let long = bench.queue("seq 1 1000000");
    bench.ended(&long);
    let path = format!("/api/v1/commands/{long}/output");
    let page = bench.until(&path, |page| page["pruned"].as_u64() > Some(0));
    assert_eq!(page["output"][0]["position"], page["pruned"], "{}", page["pruned"]);
}

#[test]
fn more_of_a_running_command_is_waited_for() {
    let bench = Bench::start(&[]);
    let gate = tempfile::tempdir().unwrap();
    let pipe = gate.path().join("gate");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let command = bench.queue(&format!("echo begun; cat {}", pipe.display()));
    let path = format!("/api/v1/commands/{command}/output");
    let first = bench.until(&path, |page| page["next"] == 6);
    assert_eq!(first["end"], false);
    let nothing = bench.read(&format!("{path}?from=6&wait=50ms"));
    assert_eq!((&nothing["output"], &nothing["next"]), (&json!([]), &json!(6)));
    let more: Value = thread::scope(|scope| {
        let waiting = scope.spawn(|| bench.read(&format!("{path}?from=6&wait=60s")));
        std::fs::write(&pipe, "more\n").unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(more["output"][0]["text"], "more\n");
    let last = bench.until(&format!("{path}?from=11&wait=60s"), |page| page["end"] == true);
    assert_eq!(last["output"], json!([]));
    assert_problem(&bench.get(&format!("{path}?wait=soon")), 400, "");
    assert_problem(&bench.get(&format!("{path}?stream=stdin")), 400, "stdout");
    assert_problem(&bench.get("/api/v1/commands/cmd-none/output"), 404, "cmd-none");
}
