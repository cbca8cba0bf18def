//! The protocols with their doors, in words for people.

use serde_json::{Value, json};

use super::{
    Protocol,
    channels::{Channel, Side},
    examples::{fullest, written},
    schemas::Part,
    tests::said,
};
use crate::{
    CloseCode, agent_link, control_and_stream, dashboard, in_memory::Said, live_pictures,
    mission_control, runs, sessions_and_workers as sessions,
};

/// A life of a link in the notation of transcripts: every message of both sides.
pub(super) const LINK: &str = include_str!("../agent_link/examples.txt");

/// The same of a producer of pictures and a viewer.
pub(crate) const LIVE_PICTURES: &str = include_str!("../live_pictures/examples.txt");

/// Every protocol.
pub(super) fn all() -> Vec<Protocol> {
    vec![
        control_and_stream(),
        dashboard(),
        live_pictures(),
        mission_control(),
        runs(),
        sessions_and_workers(),
        agent_link(),
    ]
}

/// The messages of one side that can be read as what they are, in order.
pub(super) fn readable(said: &[Said], by_client: bool, reads: impl Fn(&str) -> bool) -> Vec<Value> {
    let texts = said.iter().filter(|one| one.by_client == by_client && reads(&one.text));
    texts.map(|one| serde_json::from_str(&one.text).unwrap()).collect()
}

fn server(part: Part, examples: Vec<Value>) -> Side {
    Side { is_server: true, speaker: "server", part, examples: fullest(examples.into_iter()) }
}

fn client(part: Part, examples: Vec<Value>) -> Side {
    Side { is_server: false, speaker: "client", part, examples: fullest(examples.into_iter()) }
}

fn control_and_stream() -> Protocol {
    use control_and_stream::messages::{ClientMessage, Envelope, ServerMessage, parse};
    let said = said(&control_and_stream::DOOR, "control_and_stream/transcripts");
    let is_ours = |text: &str| serde_json::from_str::<Envelope<ServerMessage>>(text).is_ok();
    let read = Part::read::<Envelope<ClientMessage>>().without_need_of(&["timestamp"]);
    Protocol {
        name: "control_and_stream",
        title: "Pilothouse: the control plane",
        version: env!("CARGO_PKG_VERSION").into(),
        description: "Programs show a token, subscribe to tasks, sessions and agents, and are told how they stand. Every \
            message is one flat object with `type`, `timestamp` and perhaps `messageId`, which answers repeat; clients \
            may leave out the last two. Unknown fields are ignored. The same conversation is held inside of Socket.IO's \
            event `message` at `/ws/socket.io/`.",
        channels: vec![Channel {
            name: "control",
            door: &control_and_stream::DOOR,
            title: "The control plane",
            description: "Nothing is said before the client's first message, which decides which of the path's \
                protocols is spoken: in this one types are in capitals. It has to authenticate within 30 s.",
            parameters: &[],
            query: &[],
            endings: &[
                CloseCode::Revoked,
                CloseCode::GoingAway,
                CloseCode::Policy,
                CloseCode::Dead,
                CloseCode::Expired,
            ],
            server: server(
                Part::sent::<Envelope<ServerMessage>>(),
                readable(&said, false, is_ours),
            ),
            client: Some(client(read, readable(&said, true, |text| parse(text).is_ok()))),
            binary: None,
        }],
        further: Part::default(),
    }
}

fn dashboard() -> Protocol {
    use dashboard::messages::{ClientMessage, Envelope, ServerMessage, VERSION, parse};
    let said = said(&dashboard::DOOR, "dashboard/transcripts");
    let read = Part::read::<Envelope<ClientMessage>>().without_need_of(&["version", "timestamp"]);
    Protocol {
        name: "dashboard",
        title: "Pilothouse: the dashboard protocol",
        version: VERSION.into(),
        description: "A dashboard sees every agent, runs commands on them and watches their output. Every message \
            has an envelope of `version`, `timestamp`, `type` and `payload`; clients may leave out the first two. \
            Unknown fields are ignored.",
        channels: vec![Channel {
            name: "dashboard",
            door: &dashboard::DOOR,
            title: "The fleet",
            description: "First the state, then every change, without hole or repetition. Without a token in the \
                handshake the first message has to be `dashboard:connect`.",
            parameters: &[],
            query: &[],
            endings: &[CloseCode::GoingAway, CloseCode::Policy, CloseCode::Dead],
            server: server(
                Part::sent::<Envelope<ServerMessage>>(),
                readable(&said, false, |_| true),
            ),
            client: Some(client(read, readable(&said, true, |text| parse(text).is_ok()))),
            binary: None,
        }],
        further: Part::default(),
    }
}

fn runs() -> Protocol {
    use runs::messages::{ClientMessage, ServerMessage, parse};
    let said = said(&runs::DOOR, "runs/transcripts");
    let read = Part::read::<ClientMessage>();
    Protocol {
        name: "runs",
        title: "Pilothouse: runs",
        version: env!("CARGO_PKG_VERSION").into(),
        description: "A client shows a token, names a run, and is told its steps with their screenshots, and how it \
            ended. Every message is one flat object with `type`. Unknown fields are ignored. The bare text `ping` is a \
            sign of life and not answered.",
        channels: vec![Channel {
            name: "runs",
            door: &runs::DOOR,
            title: "Runs, step by step",
            description: "Nothing is said before the client's first message, which decides which of the path's \
                protocols is spoken: in this one types are in small letters. It has to authenticate within 30 s.",
            parameters: &[],
            query: &[],
            endings: &[
                CloseCode::GoingAway,
                CloseCode::Policy,
                CloseCode::Dead,
                CloseCode::Expired,
            ],
            server: server(Part::sent::<ServerMessage>(), readable(&said, false, |_| true)),
            client: Some(client(read, readable(&said, true, |text| parse(text).is_ok()))),
            binary: None,
        }],
        further: Part::default(),
    }
}

fn mission_control() -> Protocol {
    use mission_control::{audit, messages::ServerMessage};
    let said = said(&mission_control::DOOR, "mission_control/transcripts");
    Protocol {
        name: "mission_control",
        title: "Pilothouse: the mission control protocol",
        version: env!("CARGO_PKG_VERSION").into(),
        description: "Who is there, what sessions say, and that the server lives; beside it the audit as it grows. \
            Clients only listen: what they say means nothing, and what they want they ask by REST.",
        channels: vec![
            Channel {
                name: "fleet",
                door: &mission_control::DOOR,
                title: "The fleet",
                description: "Changes only: a client that connects asks `GET /api/agents` for the state.",
                parameters: &[],
                query: &[],
                endings: &[CloseCode::GoingAway, CloseCode::Expired, CloseCode::FellBehind],
                server: server(Part::sent::<ServerMessage>(), readable(&said, false, |_| true)),
                client: None,
                binary: None,
            },
            Channel {
                name: "audit",
                door: &audit::DOOR,
                title: "The audit",
                description: "Every record once it is stored, for administrators. What was before is read by REST.",
                parameters: &[],
                query: &[],
                endings: &[CloseCode::GoingAway, CloseCode::Expired, CloseCode::FellBehind],
                server: server(Part::only::<audit::Told>("audit.new"), vec![audit::tests::told()]),
                client: None,
                binary: None,
            },
        ],
        further: Part::default(),
    }
}

fn sessions_and_workers() -> Protocol {
    use sessions::messages as m;
    let app = said(&sessions::APP_DOOR, "sessions_and_workers/transcripts/app");
    let worker = said(&sessions::WORKER_DOOR, "sessions_and_workers/transcripts/worker");
    let (app_reads, worker_reads) =
        (|text: &str| m::parse_app(text).is_ok(), |text: &str| m::parse_worker(text).is_ok());
    Protocol {
        name: "sessions_and_workers",
        title: "Pilothouse: the sessions and workers protocol",
        version: env!("CARGO_PKG_VERSION").into(),
        description: "A session is a working directory on an agent; its workers are processes in terminals. One door \
            tells all sessions, and each worker's terminal has a door of its own. Sessions are made, changed and \
            deleted by REST. Unknown fields are ignored.",
        channels: vec![
            Channel {
                name: "app",
                door: &sessions::APP_DOOR,
                title: "All sessions",
                description: "First `sessions-sync`, then every change, without hole or repetition.",
                parameters: &[],
                query: &[],
                endings: &[CloseCode::Restarting, CloseCode::Expired, CloseCode::Dead],
                server: server(
                    Part::sent::<m::AppServerMessage>(),
                    readable(&app, false, |_| true),
                ),
                client: Some(client(
                    Part::read::<m::AppClientMessage>(),
                    readable(&app, true, app_reads),
                )),
                binary: None,
            },
            Channel {
                name: "worker",
                door: &sessions::WORKER_DOOR,
                title: "One worker's terminal",
                description: "How it looks, then what it prints, shared by all who attach to it. Clients that ask \
                    for offsets are also told where in its log they are.",
                parameters: &[("session", "The session's id."), ("worker", "The worker's id.")],
                query: &[
                    (
                        "fromOffset",
                        "Asks for offsets, and says how many bytes of the log the client has.",
                    ),
                    ("epoch", "Of which life of the worker they are."),
                ],
                endings: &[
                    CloseCode::Normal,
                    CloseCode::Restarting,
                    CloseCode::Policy,
                    CloseCode::Expired,
                    CloseCode::WorkerRestarted,
                    CloseCode::Dead,
                ],
                server: server(
                    Part::sent::<m::WorkerServerMessage>(),
                    readable(&worker, false, |_| true),
                ),
                client: Some(client(
                    Part::read::<m::WorkerClientMessage>(),
                    readable(&worker, true, worker_reads),
                )),
                binary: None,
            },
        ],
        further: Part::default(),
    }
}

/// The types of what a viewer says.
const VIEWERS_WORDS: [&str; 10] = [
    "ack",
    "config",
    "status",
    "control",
    "input_mouse",
    "input_keyboard",
    "input_touch",
    "input_clipboard",
    "input_copy",
    "resize",
];

/// Whether a message is of one of these types.
fn is_one_of(kinds: &'static [&str]) -> impl Fn(&str) -> bool {
    move |text| {
        let message: Value = serde_json::from_str(text).unwrap();
        kinds.iter().any(|kind| message["type"] == *kind)
    }
}

fn live_pictures() -> Protocol {
    use live_pictures::messages as m;
    let said = written(LIVE_PICTURES);
    Protocol {
        name: "live_pictures",
        title: "Pilothouse: live pictures",
        version: env!("CARGO_PKG_VERSION").into(),
        description: "A producer brings pictures of a browser, and any number of viewers see the newest of them, each \
            at its own pace. Pictures may also be sent as binary messages: the length of a head in four bytes, little \
            endian, the head as JSON without `data`, and the picture's bytes; viewers get them so with `binary=1`. \
            Unknown types and fields are ignored.",
        channels: vec![
            Channel {
                name: "stream",
                door: &live_pictures::STREAM_DOOR,
                title: "The pictures of one stream, on their way in",
                description: "A token is optional unless the server demands one. Nothing is ever answered, except \
                    with `ack=1`.",
                parameters: &[("session", "The stream's id: that of its session, if it has one.")],
                query: &[("ack", "`1` to be told of each picture that was taken.")],
                endings: &[
                    CloseCode::GoingAway,
                    CloseCode::Occupied,
                    CloseCode::Dead,
                    CloseCode::Expired,
                    CloseCode::InvalidToken,
                    CloseCode::InvalidSession,
                    CloseCode::Superseded,
                ],
                server: server(
                    Part::sent::<m::StreamServerMessage>(),
                    readable(&said[..2], false, is_one_of(&["ack"])),
                ),
                client: Some(Side {
                    is_server: false,
                    speaker: "producer",
                    part: Part::read::<m::ProducerMessage>(),
                    examples: fullest(readable(&said, true, is_one_of(&["frame"])).into_iter()),
                }),
                binary: None,
            },
            pictures_seen(&said),
        ],
        further: Part::default(),
    }
}

/// The other door of [`live_pictures`].
fn pictures_seen(said: &[Said]) -> Channel {
    use live_pictures::messages as m;
    Channel {
        name: "view",
        door: &live_pictures::VIEW_DOOR,
        title: "The pictures of one stream, as viewers see them",
        description: "Without `events=1` only `frame` comes, with its first four fields, and nothing that is \
            said means anything but `ack`, with `pacing=ack`.",
        parameters: &[("session", "The stream's id: that of its session, if it has one.")],
        query: &[
            ("events", "`1` to be told more than pictures."),
            ("binary", "`1` for pictures as binary messages."),
            ("maxFps", "At most so many pictures in a second, 1 to 120."),
            ("pacing", "`ack`: the next picture comes once the last was acknowledged."),
            ("replay", "A recording's id, to see that instead."),
            ("speed", "How many times as fast, 0.1 to 16."),
        ],
        endings: &[
            CloseCode::Normal,
            CloseCode::GoingAway,
            CloseCode::Dead,
            CloseCode::Expired,
            CloseCode::InvalidSession,
        ],
        server: server(
            Part::sent::<m::ViewServerMessage>(),
            readable(
                said,
                false,
                is_one_of(&[
                    "frame",
                    "status",
                    "tabs",
                    "watchers",
                    "control",
                    "clipboard",
                    "error",
                ]),
            ),
        ),
        client: Some(client(
            Part::read::<m::ViewClientMessage>(),
            readable(said, true, is_one_of(&VIEWERS_WORDS)),
        )),
        binary: None,
    }
}

fn agent_link() -> Protocol {
    use agent_link::{messages as m, requests as r};
    let said = written(LINK);
    Protocol {
        name: "agent_link",
        title: "Pilothouse: the agent link",
        version: format!("{}.0.0", agent_link::VERSION),
        description: "The one socket of an agent to its server: JSON for control, binary records for output. Unknown \
            types of messages, unknown fields and records of unknown kinds are ignored by both sides.",
        channels: vec![Channel {
            name: "link",
            door: &agent_link::DOOR,
            title: "The link",
            description: "The agent begins with `hello`. Its own key opens the link, sent as a token or in the \
                header `X-Agent-Key`; the first time a token does.",
            parameters: &[],
            query: &[],
            endings: &[
                CloseCode::GoingAway,
                CloseCode::Policy,
                CloseCode::Dead,
                CloseCode::Expired,
                CloseCode::Superseded,
            ],
            server: server(Part::sent::<m::FromServer>(), readable(&said, false, |_| true)),
            client: Some(Side {
                is_server: false,
                speaker: "agent",
                part: Part::read::<m::FromAgent>(),
                examples: fullest(readable(&said, true, |_| true).into_iter()),
            }),
            binary: Some(records()),
        }],
        further: Part::default()
            .with::<r::StatAnswer>()
            .with::<r::GitAnswer>()
            .with::<r::ImageAnswer>()
            .with::<r::MessageAnswer>(),
    }
}

/// The binary messages of the agent link.
fn records() -> Value {
    use agent_link::records::{HEADER, Kind, RawRecord, encode};
    let mut example = Vec::new();
    let record = RawRecord {
        lane: 1,
        kind: Kind::Stdout,
        epoch: 0,
        position: 0,
        sequence: 1,
        bytes: b"hi\n",
    };
    encode(&record, &mut example);
    let hex: Vec<String> = example.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let kinds = [
        (Kind::Stdout, "standard output"),
        (Kind::Stderr, "standard error"),
        (Kind::Terminal, "output of a terminal"),
        (
            Kind::Checkpoint,
            "columns and rows (two bytes each), then how the screen was; takes no position and no number",
        ),
    ];
    let kinds: Vec<Value> = kinds
        .iter()
        .map(|(kind, says)| json!({"number": kind.number(), "carries": says}))
        .collect();
    json!({
        "name": "records",
        "title": "records",
        "summary": "Output: a row of records, little endian, each with a header and its bytes.",
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
        "x-record": {
            "header": HEADER,
            "fields": [
                {"name": "lane", "bytes": 4, "says": "as a `lane` message announced it"},
                {"name": "kind", "bytes": 1, "says": "one of `kinds`; others are of a later version, and skipped"},
                {"name": "epoch", "bytes": 4, "says": "the stream's"},
                {"name": "position", "bytes": 8, "says": "how many bytes of the log come before"},
                {"name": "sequence", "bytes": 8, "says": "its number in the log, from 1"},
                {"name": "length", "bytes": 4, "says": "how many bytes follow"},
                {"name": "bytes", "bytes": "length", "says": "what the process wrote, unchanged"},
            ],
            "kinds": kinds,
            "example": {"hexadecimal": hex, "says": "lane 1, standard output, position 0, number 1: `hi` and a line feed"},
        },
    })
}
