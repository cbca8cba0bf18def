//! Clients that want to know where in a terminal's log they are: how they ask for it, and how they read what is older.

use pilothouse_testkit::{
    program::{Agent, Server},
    terminal::{Terminal, session, shell},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

struct Bench {
    server: Server,
    _agent: Agent,
    session: String,
    worker: String,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(&[]);
        let agent = server.agent("box");
        let session = session(&server, "/tmp");
        let worker = shell(&server, &session);
        Self { server, _agent: agent, session, worker }
    }

    fn upgrade(&self, query: &str) -> Upgrade {
        Upgrade::to(format!("/ws/session/{}/worker/{}{query}", self.session, self.worker))
    }

    /// A viewer whose token and wishes are subprotocols.
    fn offering(&self, offered: &str) -> Viewer {
        let offered = offered.replace("TOKEN", &self.server.operator());
        let upgrade = self.upgrade("").with("Sec-WebSocket-Protocol", &offered);
        upgrade.send(self.server.address()).expect("the token is good")
    }
}

#[test]
fn offsets_are_for_those_who_ask_by_subprotocol_with_and_without_a_token_beside_it() {
    let bench = Bench::new();
    let mut typist = Terminal::attach(&bench.server, &bench.session, &bench.worker, "");
    typist.input("echo fi''rst\r");
    typist.expect_text("first\r\n");
    for offered in [
        "pilothouse.v1, bearer.TOKEN, pilothouse.offsets",
        "pilothouse.offsets, pilothouse.v1, bearer.TOKEN",
        "pilothouse.offsets, bearer.TOKEN",
    ] {
        let mut viewer = bench.offering(offered);
        assert_eq!(viewer.subprotocol(), Some("pilothouse.offsets"), "{offered}");
        let worker = viewer.expect_that(|_| true);
        assert_eq!((&worker["type"], &worker["epoch"]), (&json!("worker"), &json!(1)));
        let history = viewer.expect_that(|message| message["type"] == "history");
        assert!(history["offset"].as_u64() > Some(0) && history["replaces"] == true, "{history}");
    }
    let token = format!("Bearer {}", bench.server.operator());
    let upgrade = bench.upgrade("").with("Authorization", &token);
    let upgrade = upgrade.with("Sec-WebSocket-Protocol", "chat, pilothouse.offsets");
    let viewer = upgrade.send(bench.server.address()).expect("the token is good");
    assert_eq!(viewer.subprotocol(), Some("pilothouse.offsets"));

    let mut plain = bench.offering("pilothouse.v1, bearer.TOKEN");
    assert_eq!(plain.subprotocol(), Some("pilothouse.v1"));
    let first = plain.expect_that(|_| true);
    assert_eq!(first["type"], "history");
    assert_eq!(first.as_object().unwrap().len(), 2, "it asked for nothing: {first}");
    typist.input("echo sec''ond\r");
    let output = plain.expect_that(|message| message["type"] == "output");
    assert_eq!(output.as_object().unwrap().len(), 2, "{output}");
}

#[test]
fn the_subprotocol_is_of_no_effect_at_other_doors() {
    let server = Server::start(&[]);
    let offered = format!("pilothouse.offsets, pilothouse.v1, bearer.{}", server.operator());
    let upgrade = Upgrade::to("/ws/app").with("Sec-WebSocket-Protocol", &offered);
    let viewer = upgrade.send(server.address()).expect("the token is good");
    assert_eq!(viewer.subprotocol(), Some("pilothouse.v1"));
}

/// Scrolls up: asks for what lies before a place until there is nothing more.
#[test]
fn older_output_is_read_page_by_page_up_to_where_the_screen_begins() {
    // More than lies between two checkpoints.
    const LINES: usize = 250_000;
    let bench = Bench::new();
    let mut typist =
        Terminal::attach(&bench.server, &bench.session, &bench.worker, "?fromOffset=0");
    typist.input("stty -echo; PS1=; echo rea''dy\r");
    typist.expect_text("ready\r\n");
    typist.input(&format!("seq 1 {LINES}; echo en''d\r"));
    typist.expect_text("end\r\n");

    let mut viewer = bench.offering("pilothouse.v1, bearer.TOKEN, pilothouse.offsets");
    let history = viewer.expect_that(|message| message["type"] == "history");
    let shown_from = history["startOffset"].as_u64().unwrap();
    assert!(shown_from > 200_000, "it begins with a screen, not with the log: {shown_from}");
    let mut older = String::new();
    let mut from = 0;
    let mut pages = 0;
    while from < shown_from {
        let ask = json!({ "type": "request-history-range", "from": from, "to": shown_from });
        viewer.send(&ask);
        let page: Value = viewer.expect_that(|message| message["type"] == "history-range");
        assert_eq!((&page["startOffset"], &page["firstOffset"]), (&json!(from), &json!(0)));
        let data = page["data"].as_str().unwrap();
        assert!(!data.is_empty() && data.len() <= 256 << 10, "{}", data.len());
        older.push_str(data);
        from = page["endOffset"].as_u64().unwrap();
        pages += 1;
    }
    let lines = &older[older.find("1\r\n2\r\n3\r\n").unwrap()..];
    let expected: String = (1..=LINES).map(|number| format!("{number}\r\n")).collect();
    assert!(expected.starts_with(lines) || lines.starts_with(&expected), "{pages} pages");
    assert!(pages > 1);
}
