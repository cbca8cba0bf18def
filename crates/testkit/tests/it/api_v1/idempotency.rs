//! Requests that are sent again under their key are answered again, and done once; with either database, over a kill.

use std::thread;

use pilothouse_core::Role;
use pilothouse_testkit::{
    http::{self, Answer},
    postgres::Postgres,
    program::signal,
};
use serde_json::{Value, json};

use super::{Bench, assert_problem, field, text};

impl Bench {
    fn keyed_as(&self, token: &str, key: &str, request: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        http::raw(self.address(), head.as_bytes())
    }

    fn keyed(&self, key: &str, request: &str, body: &Value) -> Answer {
        self.keyed_as(&self.token, key, request, body)
    }

    fn count(&self) -> usize {
        self.read("/api/v1/commands")["commands"].as_array().unwrap().len()
    }
}

fn is_replayed(answer: &Answer) -> bool {
    field(answer, "idempotent-replayed").as_deref() == Some("true")
}

#[test]
fn a_request_is_done_once_on_sqlite() {
    done_once(&[]);
}

#[test]
fn a_request_is_done_once_on_postgresql() {
    let postgres = Postgres::shared().unwrap();
    let url = postgres.database("idempotency").unwrap();
    done_once(&[("database.url", &url)]);
}

const QUEUE: &str = "POST /api/v1/commands";

fn done_once(settings: &[(&str, &str)]) {
    let mut bench = Bench::start(&[&[("agents.stop_within", "2m")], settings].concat());
    let body = json!({"agentId": "a-1", "command": "echo once"});
    let first = bench.keyed("\"k-1\"", QUEUE, &body);
    assert!(first.status == 201 && !is_replayed(&first), "{first:?}");
    let again = bench.keyed("k-1", QUEUE, &body);
    assert!(again.status == 201 && is_replayed(&again), "{again:?}");
    assert_eq!(again.json(), first.json());
    assert_eq!(field(&again, "location"), field(&first, "location"));
    assert_eq!(field(&again, "content-type"), field(&first, "content-type"));
    assert_eq!(bench.count(), 1);
    let other = json!({"agentId": "a-1", "command": "echo twice"});
    assert_problem(&bench.keyed("k-1", QUEUE, &other), 422, "another request");
    let pause = "POST /api/v1/agents/a-1/pause";
    assert_problem(&bench.keyed("k-1", pause, &body), 422, "another request");
    let ben = bench.token("ben", Role::Operator);
    let of_ben = bench.keyed_as(&ben, "k-1", QUEUE, &body);
    assert!(of_ben.status == 201 && !is_replayed(&of_ben), "keys of others are others");
    assert_eq!(bench.count(), 2);
    for key in ["", "a b", &"k".repeat(256)] {
        assert_problem(&bench.keyed(key, QUEUE, &body), 400, "Idempotency-Key");
    }
    refusals(&bench);
    bench.server.kill_and_restart();
    let again = bench.keyed("k-1", QUEUE, &body);
    assert!(again.status == 201 && is_replayed(&again), "{again:?}");
    assert_eq!(again.json(), first.json());
    under_way(&mut bench);
}

/// What may be asked again keeps no key; what shows a secret is not shown again.
fn refusals(bench: &Bench) {
    let body = json!({"agentId": "a-1", "command": "true"});
    let viewer = bench.token("vic", Role::Viewer);
    for _ in 0..2 {
        let refused = bench.keyed_as(&viewer, "k-2", QUEUE, &body);
        assert!(refused.status == 403 && !is_replayed(&refused), "{refused:?}");
    }
    let promoted = bench.token("vic", Role::Operator);
    assert_eq!(bench.keyed_as(&promoted, "k-2", QUEUE, &body).status, 201);
    let absent = json!({"agentId": "no-such", "command": "true"});
    assert!(!is_replayed(&bench.keyed("k-3", QUEUE, &absent)));
    let again = bench.keyed("k-3", QUEUE, &absent);
    assert!(again.status == 404 && is_replayed(&again), "{again:?}");
    assert_problem(&again, 404, "no-such");
    let key = json!({"name": "build"});
    let made = bench.keyed("k-4", "POST /api/v1/keys", &key);
    assert_eq!(made.status, 201, "{made:?}");
    assert_problem(&bench.keyed("k-4", "POST /api/v1/keys", &key), 409, "shown once");
    let keys = bench.read("/api/v1/keys");
    let named = keys["keys"].as_array().unwrap().iter().filter(|key| key["name"] == "build");
    assert_eq!(named.count(), 1);
}

/// While a request is being done the same one waits outside; when the server dies, nobody knows.
fn under_way(bench: &mut Bench) {
    bench.server.wait_until_online("a-1");
    let stop = "POST /api/v1/agents/a-1/stop";
    // A stopped process confirms nothing.
    signal(bench.agent.id(), "STOP");
    thread::scope(|scope| {
        let (token, address) = (bench.token.clone(), bench.address());
        let (asking, bench) = (
            scope.spawn({
                let bench = &*bench;
                move || bench.keyed("k-5", stop, &json!({}))
            }),
            &*bench,
        );
        bench.until("/api/v1/agents/a-1", |agent| agent["hold"]["cause"] == "stopped");
        let same = bench.keyed("k-5", stop, &json!({}));
        assert_problem(&same, 409, "being done");
        assert_eq!(field(&same, "retry-after").as_deref(), Some("1"));
        assert_problem(&bench.keyed("k-5", stop, &json!({"x": 1})), 422, "another request");
        let path = "POST /api/v1/agents/a-1/resume";
        assert_eq!(http::send_json(address, path, &token, &json!({})).status, 200);
        signal(bench.server.id(), "KILL");
        assert_eq!(asking.join().unwrap().status, 0, "there was nobody to answer any more");
    });
    bench.server.start_again();
    for _ in 0..2 {
        assert_problem(&bench.keyed("k-5", stop, &json!({})), 409, "nobody knows");
    }
    signal(bench.agent.id(), "CONT");
}

/// A client that goes away before it is answered finds the answer under its key.
#[test]
fn who_is_gone_before_the_answer_finds_it_later() {
    use std::io::Write;
    let bench = Bench::start(&[]);
    let body = json!({"agentId": "a-1", "command": "echo lost"}).to_string();
    let head = format!(
        "{QUEUE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: gone\r\n\
         Content-Length: {}\r\n\r\n{body}",
        bench.token,
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(bench.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    bench.until("/api/v1/commands", |page| page["commands"].as_array().unwrap().len() == 1);
    drop(stream);
    let command = text(&bench.read("/api/v1/commands")["commands"][0], "id");
    let again = loop {
        let again = bench.keyed("gone", QUEUE, &serde_json::from_str(&body).unwrap());
        if again.status != 409 {
            break again;
        }
    };
    assert!(again.status == 201 && is_replayed(&again), "{again:?}");
    assert_eq!(text(&again.json(), "id"), command);
    assert_eq!(bench.count(), 1);
}
