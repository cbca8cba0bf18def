//! An agent and a server of the version before: each works with the present one of the other kind.

#[expect(clippy::struct_field_names, reason = "kept as it was")]
mod messages;
mod requests;

use std::{
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

use pilothouse_testkit::{
    program::{Server, program, request},
    viewer::{Upgrade, Viewer},
};
use pilothouse_websocket::frame::Opcode;
use tungstenite::{Message, WebSocket};

use messages::{
    Ended, FromAgent, FromServer, Hello, Outcome, Profile, Start, Stream, StreamKind, Welcome,
};

/// The version that these messages are of.
const VERSION: u32 = 1;

fn stream_of(command: &str) -> Stream {
    Stream { kind: StreamKind::Command, id: command.to_owned(), epoch: 0 }
}

/// A record as version 1 frames it.
fn record(lane: u32, kind: u8, position: u64, sequence: u64, bytes: &[u8]) -> Vec<u8> {
    let mut message = lane.to_le_bytes().to_vec();
    message.push(kind);
    message.extend_from_slice(&0_u32.to_le_bytes());
    message.extend_from_slice(&position.to_le_bytes());
    message.extend_from_slice(&sequence.to_le_bytes());
    message.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
    message.extend_from_slice(bytes);
    message
}

struct OlderAgent(Viewer);

impl OlderAgent {
    fn say(&mut self, message: &FromAgent) {
        self.0.send(&serde_json::to_value(message).unwrap());
    }

    /// The next message; one that version 1 does not know would be a mistake of the server.
    fn hear(&mut self) -> FromServer {
        let text = self.0.text();
        let message: FromServer = serde_json::from_str(&text).unwrap();
        assert_ne!(message, FromServer::Unknown, "{text}");
        message
    }
}

#[test]
fn an_agent_of_the_version_before_works_with_this_server() {
    let server = Server::start(&[]);
    let token = server.agent_token("old-1");
    let upgrade = Upgrade::to("/ws/agent").with("Authorization", &format!("Bearer {token}"));
    let mut agent = OlderAgent(upgrade.send(server.address()).unwrap());
    agent.say(&FromAgent::Hello(Hello {
        version: VERSION,
        oldest: None,
        features: Vec::new(),
        agent: "old-1".to_owned(),
        incarnation: "life-1".to_owned(),
        profile: Profile {
            name: None,
            agent_type: "shell".to_owned(),
            version: "0.1.0".to_owned(),
            platform: "linux-x86_64".to_owned(),
            host: "old".to_owned(),
            capabilities: vec!["commands".to_owned()],
        },
        commands: Vec::new(),
    }));
    let FromServer::Welcome(welcome) = agent.hear() else { panic!("no welcome") };
    assert_eq!(welcome.version, VERSION);
    let mut viewer = server.dashboard();
    viewer.send(&request("old-1", "whatever"));
    let FromServer::Start(start) = agent.hear() else { panic!("no start") };
    let command = start.command;
    agent.say(&FromAgent::Started { command: command.clone(), at: 1_763_700_000_000 });
    let stream = stream_of(&command);
    agent.say(&FromAgent::Lane { lane: 1, stream: stream.clone(), position: 0, sequence: 1 });
    agent.0.send_raw(Opcode::Binary, &record(1, 1, 0, 1, b"old words\n"));
    assert_eq!(viewer.expect("terminal:output")["data"], "old words\n");
    let ended = Ended {
        outcome: Outcome::Exited { code: 3, signal: None },
        ended_at: 1_763_700_000_060,
        ran_for: 60,
    };
    agent.say(&FromAgent::Ended { command: command.clone(), ended });
    assert_eq!(viewer.expect_status("failed")["exitCode"], 3);
    let (mut is_acknowledged, mut is_forgotten) = (false, false);
    while !(is_acknowledged && is_forgotten) {
        match agent.hear() {
            FromServer::Acknowledge { stream: own, position: 10, sequence: 2 } => {
                is_acknowledged = own == stream;
            }
            FromServer::Forget { command: own } => is_forgotten = own == command,
            other => panic!("unexpected {other:?}"),
        }
    }
}

/// A server of the version before, with one agent.
struct OlderServer(WebSocket<TcpStream>);

impl OlderServer {
    fn say(&mut self, message: &FromServer) {
        self.0.send(Message::text(serde_json::to_string(message).unwrap())).unwrap();
    }

    /// The next message that is not output. Output is collected.
    fn hear(&mut self, output: &mut Vec<u8>) -> FromAgent {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => {
                    let message: FromAgent = serde_json::from_str(&text).unwrap();
                    assert_ne!(message, FromAgent::Unknown, "{text}");
                    return message;
                }
                Message::Binary(bytes) => output.extend_from_slice(&bytes[29..]),
                _ => {}
            }
        }
    }
}

#[test]
fn this_agent_works_with_a_server_of_the_version_before() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut agent = Command::new(program())
        .args(["agent", "--id", "new-1", "--token", "-"])
        .args(["--server", &format!("ws://{}", listener.local_addr().unwrap())])
        .args(["--data-dir".as_ref(), folder.path().as_os_str()])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut agent.stdin.take().unwrap(), b"token").unwrap();
    let mut server = OlderServer(tungstenite::accept(listener.accept().unwrap().0).unwrap());
    let mut output = Vec::new();
    let hello = server.hear(&mut output);
    let FromAgent::Hello(hello) = hello else { panic!("no hello but {hello:?}") };
    let oldest = hello.oldest.unwrap_or(hello.version);
    assert!(hello.version >= VERSION && oldest <= VERSION, "{} to {oldest}", hello.version);
    server.say(&FromServer::Welcome(Welcome {
        version: VERSION,
        link: 1,
        resume: Vec::new(),
        forget: Vec::new(),
        credit: 1 << 20,
        heartbeat_interval: 20_000,
        heartbeat_timeout: 60_000,
        output_batch: None,
        output_chunk: None,
    }));
    server.say(&FromServer::Start(Start {
        command: "c-1".to_owned(),
        line: "echo new words; exit 4".to_owned(),
        directory: None,
        environment: Vec::new(),
        timeout: 60_000,
    }));
    let ended = loop {
        match server.hear(&mut output) {
            FromAgent::Ended { command, ended } => {
                assert_eq!(command, "c-1");
                break ended;
            }
            FromAgent::Started { .. } | FromAgent::Lane { .. } => {}
            other => panic!("unexpected {other:?}"),
        }
    };
    assert_eq!(ended.outcome, Outcome::Exited { code: 4, signal: None });
    assert_eq!(output, b"new words\n");
    server.say(&FromServer::Forget { command: "c-1".to_owned() });
    pilothouse_testkit::program::signal(agent.id(), "TERM");
    assert!(agent.wait().unwrap().success());
}
