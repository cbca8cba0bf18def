//! Many come to one terminal at the same moment: its past is read and put into words for all of them together.

use std::{fs, sync::Barrier, thread, time::Instant};

use pilothouse_testkit::{
    program::Server,
    terminal::{session, shell},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

const VIEWERS: usize = 20;
/// Just less than what is told to somebody who has a part already.
const PAST: u64 = 1_000_000;

/// A server with a shell that has printed more than [`PAST`], and where its viewers are to go on.
struct Crowd {
    server: Server,
    _agent: pilothouse_testkit::program::Agent,
    path: String,
    /// The border of a record, [`PAST`] before the end.
    from: u64,
    end: u64,
}

fn attach(server: &Server, path: &str) -> Viewer {
    let token = format!("Bearer {}", server.operator());
    Upgrade::to(path).with("Authorization", &token).send(server.address()).expect("it is good")
}

fn told(viewer: &mut Viewer) -> Value {
    viewer.expect_that(|message| message["type"] == "output" || message["type"] == "history")
}

impl Crowd {
    fn new() -> Self {
        let server = Server::start(&[]);
        let agent = server.agent("box");
        let session = session(&server, "/tmp");
        let worker = shell(&server, &session);
        let path = format!("/ws/session/{session}/worker/{worker}");
        let mut first = attach(&server, &format!("{path}?fromOffset=0"));
        let line =
            "stty -echo; PS1=; yes 01234567890123456789012345678 | head -c 1500000; echo en''d\r";
        first.send(&json!({ "type": "input", "data": line }));
        let mut ends = Vec::new();
        loop {
            let message = told(&mut first);
            ends.push(message["offset"].as_u64().unwrap());
            if message["data"].as_str().unwrap().contains("end\r\n") {
                break;
            }
        }
        let end = ends[ends.len() - 1];
        let from = ends.into_iter().find(|place| place + PAST >= end).unwrap();
        Self { server, _agent: agent, path: format!("{path}?fromOffset={from}&epoch=1"), from, end }
    }

    /// How long the server's process has computed, in ticks of 10 ms.
    fn computed(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.server.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

#[test]
fn the_past_of_a_terminal_is_read_once_for_all_who_come_together() {
    let crowd = Crowd::new();
    let (computed, began) = (crowd.computed(), Instant::now());
    let barrier = Barrier::new(VIEWERS);
    thread::scope(|scope| {
        for _ in 0..VIEWERS {
            scope.spawn(|| {
                barrier.wait();
                let mut viewer = attach(&crowd.server, &crowd.path);
                let history = told(&mut viewer);
                assert_eq!(history["startOffset"], crowd.from);
                assert!(history["offset"].as_u64().unwrap() >= crowd.end);
                assert!(history["data"].as_str().unwrap().contains("end\r\n"));
            });
        }
    });
    eprintln!("{} ms, {} ticks", began.elapsed().as_millis(), crowd.computed() - computed);
    // The first viewer's is one of them, and not all of the others come in the same moment.
    let read = crowd.server.metrics()["pilothouse_terminals_histories_read_total"];
    assert!(read <= 1 + VIEWERS as u64 / 2, "{read} histories were read for {VIEWERS} viewers");
}
