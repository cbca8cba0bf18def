//! Whole conversations in memory, as the wire shows them.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{
    Caller, CoreError, Notice, Reply, Request, Role, Scope,
    agents::{self, Linked, Order, Report, ResumeFrom},
    commands::{Outcome, StartOrder},
    fanout::MessageKind,
    ids::{AgentId, CommandId, ConnectionId, LinkId},
    streams::{Channel, StreamKey},
    time::{Moment, Steady, Timestamp},
};

use super::{
    conversation::AgentLink,
    records::{Kind, RawRecord, encode},
};
use crate::{Action, Conversation, Input, Opening, Settings};

const HELLO: &str = r#"{"type":"hello","version":1,"agent":"a-1","incarnation":"i-1",
    "profile":{"agentType":"shell","colour":"blue"},
    "commands":[{"command":"c-1","startedAt":5,"ended":{"outcome":"exited","code":3,"endedAt":9,"ranFor":4}}]}"#;

/// One link, driven by hand; every call returns what happens, in words.
struct Link {
    conversation: AgentLink,
    now: Moment,
}

impl Link {
    fn opened_by(scope: Scope) -> Self {
        let mut link =
            Self { conversation: AgentLink::new(&Settings::default()), now: Moment::default() };
        let opening = Opening {
            connection: ConnectionId(1),
            caller: Some(Caller {
                user: "ann".into(),
                name: "Ann".into(),
                scope,
                connection: ConnectionId(1),
                address: "127.0.0.1".into(),
                program: "".into(),
                expires_at: None,
            }),
            parameters: Vec::new(),
            query: Vec::new(),
            subprotocol: None,
            denied: None,
        };
        assert_eq!(link.input(Input::Opened(&opening)), ["wake at 30000"]);
        link
    }

    fn linked() -> Self {
        let mut link = Self::opened_by(Scope::Person(Role::Operator));
        link.text(HELLO);
        link.input(Input::Answer(Ok(linked())));
        link
    }

    fn actions(&mut self, input: Input<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        self.conversation.handle(input, self.now, &mut actions);
        actions
    }

    fn input(&mut self, input: Input<'_>) -> Vec<String> {
        self.actions(input).iter().map(words).collect()
    }

    fn text(&mut self, text: &str) -> Vec<String> {
        self.input(Input::Text(text))
    }

    fn after(&mut self, elapsed: Duration) -> Vec<String> {
        self.now.steady = Steady(0) + elapsed;
        self.input(Input::Woke)
    }
}

fn linked() -> Reply {
    Reply::Linked(Arc::new(Linked {
        link: LinkId(4),
        resume: vec![ResumeFrom { stream: stream("c-1"), position: 10, sequence: 2 }],
        forget: vec![CommandId::new("c-0").unwrap()],
        forget_workers: Vec::new(),
        runs: Vec::new(),
        forget_runs: Vec::new(),
        credit: 1 << 20,
    }))
}

fn stream(command: &str) -> StreamKey {
    StreamKey::command(CommandId::new(command).unwrap())
}

fn words(action: &Action) -> String {
    match action {
        Action::Send { kind: MessageKind::Text, payload } => {
            String::from_utf8(payload.to_vec()).unwrap()
        }
        Action::WakeAt(at) => format!("wake at {}", at.0),
        Action::Close(code) => format!("close {}", code.number()),
        other => format!("{other:?}"),
    }
}

fn record(position: u64, sequence: u64, bytes: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    let kind = Kind::Stdout;
    encode(&RawRecord { lane: 1, kind, epoch: 0, position, sequence, bytes }, &mut message);
    message
}

const LANE: &str =
    r#"{"type":"lane","lane":1,"stream":{"kind":"command","id":"c-1"},"position":10,"sequence":2}"#;

#[test]
fn a_hello_is_asked_and_welcomed() {
    let mut link = Link::opened_by(Scope::Agent(AgentId::new("a-1").unwrap()));
    let actions = link.actions(Input::Text(HELLO));
    let [Action::Ask(Request::Agents(agents::Request::Link(hello)))] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!((hello.agent.as_str(), hello.profile.name.as_ref()), ("a-1", "a-1"));
    let ended = hello.commands[0].ended.clone().unwrap();
    assert_eq!(ended.outcome, Outcome::Exited { code: 3, signal: None });
    assert_eq!(
        link.input(Input::Answer(Ok(linked()))),
        [concat!(
            r#"{"type":"welcome","version":1,"link":4,"#,
            r#""resume":[{"stream":{"kind":"command","id":"c-1","epoch":0},"position":10,"sequence":2}],"#,
            r#""forget":["c-0"],"credit":1048576,"heartbeatInterval":20000,"heartbeatTimeout":60000,"outputBatch":50,"outputChunk":10240,"#,
            r#""resourcesInterval":10000}"#
        )]
    );
}

#[test]
fn a_hello_that_cannot_be_accepted_is_refused_with_a_reason() {
    let newer = HELLO.replace(r#""version":1"#, r#""version":9,"oldest":8"#);
    let bad_id = HELLO.replace("a-1", "a 1");
    for (scope, hello, code) in [
        (Scope::Person(Role::Admin), newer.as_str(), "VERSION_UNSUPPORTED"),
        (Scope::Person(Role::Admin), bad_id.as_str(), "INVALID"),
    ] {
        let said = Link::opened_by(scope).text(hello);
        assert!(
            said[0].starts_with(&format!(r#"{{"type":"refused","code":"{code}","#)),
            "{said:?}"
        );
        assert_eq!(said[1..], ["close 1008"]);
    }
}

#[test]
fn what_the_core_refuses_is_refused() {
    for (error, code, close) in [
        (CoreError::Forbidden("viewers cannot enrol agents"), "FORBIDDEN", "close 1008"),
        (CoreError::AgentTaken(AgentId::new("a-1").unwrap()), "AGENT_TAKEN", "close 1008"),
        (CoreError::StorageUnavailable, "UNAVAILABLE", "close 1013"),
    ] {
        let mut link = Link::opened_by(Scope::Person(Role::Viewer));
        link.text(HELLO);
        let said = link.input(Input::Answer(Err(error)));
        assert!(said[0].contains(code), "{said:?}");
        assert_eq!(said[1..], [close]);
    }
}

#[test]
fn records_are_reported_with_their_stream() {
    let mut link = Link::linked();
    assert_eq!(link.text(LANE), Vec::<String>::new());
    let message = [record(10, 2, b"one"), record(13, 3, b"two")].concat();
    let actions = link.actions(Input::Binary(&message));
    let records: Vec<_> = actions
        .iter()
        .map(|action| match action {
            Action::Report(LinkId(4), Report::Output(record)) => record,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].stream, stream("c-1"));
    assert_eq!((records[1].position, records[1].sequence), (13, 3));
    assert_eq!((records[1].channel, &records[1].bytes[..]), (Channel::Stdout, &b"two"[..]));
}

#[test]
fn a_lane_goes_on_behind_what_is_missing() {
    let mut link = Link::linked();
    link.text(LANE);
    let missing = r#"{"type":"missing","lane":1,"from":10,"to":50,"nextSequence":7}"#;
    let actions = link.actions(Input::Text(missing));
    assert!(matches!(
        &actions[..],
        [Action::Report(LinkId(4), Report::Missing { from: 10, to: 50, next_sequence: 7, .. })]
    ));
    assert_eq!(link.actions(Input::Binary(&record(50, 7, b"x"))).len(), 1);
}

#[test]
fn broken_lanes_end_the_link() {
    for (open, message) in [
        (false, record(10, 2, b"x")),
        (true, record(11, 2, b"x")),
        (true, record(10, 3, b"x")),
        (true, record(10, 2, b"x")[..5].to_vec()),
    ] {
        let mut link = Link::linked();
        if open {
            link.text(LANE);
        }
        let said = link.input(Input::Binary(&message));
        assert!(said[0].starts_with(r#"{"type":"error","code":"BROKEN_LANE""#), "{said:?}");
        assert_eq!(said[1..], ["Report(LinkId(4), Lost)", "close 1002"]);
        assert_eq!(link.text(HELLO), Vec::<String>::new());
    }
}

#[test]
fn a_position_beyond_what_can_be_counted_ends_the_link() {
    const FAR: u64 = (1 << 53) - 2;
    let lane = |position: u64, sequence: u64| {
        format!(
            r#"{{"type":"lane","lane":1,"stream":{{"kind":"command","id":"c-1"}},"position":{position},"sequence":{sequence}}}"#
        )
    };
    let ends = |told: &[String]| told.iter().any(|told| told == "close 1002");
    assert!(ends(&Link::linked().text(&lane(FAR + 2, 1))));
    assert!(ends(&Link::linked().text(&lane(0, u64::MAX))));
    let mut link = Link::linked();
    assert!(!ends(&link.text(&lane(FAR, FAR))));
    assert!(!ends(&link.input(Input::Binary(&record(FAR, FAR, b"a")))));
    assert!(ends(&link.input(Input::Binary(&record(FAR + 1, FAR + 1, b"ab")))));
    let mut link = Link::linked();
    link.text(&lane(0, 1));
    let to = FAR + 2;
    let missing = format!(r#"{{"type":"missing","lane":1,"from":0,"to":{to},"nextSequence":2}}"#);
    assert!(ends(&link.text(&missing)));
}

#[test]
fn an_agent_does_not_make_everybodys_messages_large() {
    let mut link = Link::opened_by(Scope::Person(Role::Operator));
    let long = "ä".repeat(100_000);
    let many = vec![long.clone(); 100];
    let hello = serde_json::json!({"type": "hello", "version": 2, "agent": "a-1", "incarnation": "i-1",
        "profile": {"name": long, "agentType": long, "host": long, "capabilities": many},
        "commands": [{"command": "c-1", "startedAt": 5,
            "ended": {"outcome": "notStarted", "reason": long, "endedAt": 9}}]});
    let asked = link.text(&hello.to_string());
    assert!(asked[0].len() < 10_000, "{}", asked[0].len());
    link.input(Input::Answer(Ok(linked())));
    let trouble = serde_json::json!({"type": "trouble", "reason": long});
    let reported = link.text(&trouble.to_string());
    assert!(reported[0].len() < 5_000, "{}", reported[0].len());
}

#[test]
fn what_is_not_a_message_ends_the_link_but_a_later_type_does_not() {
    let mut link = Link::linked();
    assert_eq!(link.text(r#"{"type":"moonPhase","phase":0.5}"#), Vec::<String>::new());
    let said = link.text("{");
    assert!(said[0].contains("MALFORMED"), "{said:?}");
    assert_eq!(said.last().unwrap(), "close 1002");
}

#[test]
fn nothing_counts_before_the_hello() {
    for message in [r#"{"type":"heartbeat"}"#, LANE] {
        let said = Link::opened_by(Scope::Person(Role::Admin)).text(message);
        assert!(said[0].contains("OUT_OF_ORDER"), "{said:?}");
    }
    let mut link = Link::opened_by(Scope::Person(Role::Admin));
    assert!(link.input(Input::Binary(&record(0, 1, b"x")))[0].contains("OUT_OF_ORDER"));
}

#[test]
fn orders_go_out_as_they_are_documented() {
    let mut link = Link::linked();
    let command = CommandId::new("c-2").unwrap();
    let start = StartOrder {
        command: command.clone(),
        line: "ls -la".into(),
        directory: None,
        environment: vec![("A".into(), "1".into())],
        timeout: Duration::from_mins(5),
    };
    let acknowledge = Order::Acknowledge { stream: stream("c-2"), position: 7, sequence: 2 };
    for (order, expect) in [
        (
            Order::Start(Arc::new(start)),
            r#"{"type":"start","command":"c-2","line":"ls -la","environment":[["A","1"]],"timeout":300000}"#,
        ),
        (
            Order::Interrupt { command: command.clone(), grace: Duration::from_secs(2) },
            r#"{"type":"interrupt","command":"c-2","grace":2000}"#,
        ),
        (
            acknowledge,
            r#"{"type":"acknowledge","stream":{"kind":"command","id":"c-2","epoch":0},"position":7,"sequence":2}"#,
        ),
        (Order::Forget(command.clone()), r#"{"type":"forget","command":"c-2"}"#),
        (Order::Credit(agents::NO_LIMIT), r#"{"type":"credit","bytes":9007199254740991}"#),
    ] {
        assert_eq!(link.input(Input::Notice(&Notice::Order(order))), [expect]);
    }
}

#[test]
fn an_agent_that_cannot_go_back_in_a_stream_gets_a_new_link_instead() {
    let from = ResumeFrom { stream: stream("c-1"), position: 7, sequence: 2 };
    let order = Notice::Order(Order::Resume(from));
    let mut newer = Link::opened_by(Scope::Person(Role::Operator));
    newer.text(&HELLO.replace(r#""version":1"#, r#""version":2"#));
    newer.input(Input::Answer(Ok(linked())));
    assert_eq!(
        newer.input(Input::Notice(&order)),
        [
            r#"{"type":"resume","stream":{"kind":"command","id":"c-1","epoch":0},"position":7,"sequence":2}"#
        ]
    );
    let said = Link::linked().input(Input::Notice(&order));
    assert_eq!(said.last().unwrap(), "close 1001");
}

#[test]
fn starts_and_ends_are_reported() {
    let mut link = Link::linked();
    let actions = link.actions(Input::Text(r#"{"type":"started","command":"c-2","at":77}"#));
    assert!(matches!(&actions[..],
        [Action::Report(_, Report::Started { command, at: Timestamp(77) })] if command.as_str() == "c-2"));
    let ended = r#"{"type":"ended","command":"c-2","outcome":"exited","code":137,"signal":"SIGKILL","endedAt":90,"ranFor":13}"#;
    let actions = link.actions(Input::Text(ended));
    let [Action::Report(_, Report::Ended { ended, .. })] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(ended.outcome, Outcome::Exited { code: 137, signal: Some("SIGKILL".into()) });
    assert_eq!((ended.at, ended.ran_for), (Timestamp(90), Duration::from_millis(13)));
}

#[test]
fn a_silent_agent_is_dead_after_the_timeout_and_not_before() {
    let mut link = Link::linked();
    link.now.steady = Steady(20_000);
    assert_eq!(link.text(r#"{"type":"heartbeat"}"#), [r#"{"type":"heartbeat"}"#]);
    assert_eq!(link.after(Duration::from_secs(30)), ["wake at 80000"]);
    assert_eq!(link.after(Duration::from_secs(80)), ["Report(LinkId(4), Lost)", "close 4000"]);
}

#[test]
fn whoever_never_says_hello_is_closed() {
    let mut link = Link::opened_by(Scope::Person(Role::Admin));
    assert_eq!(link.after(Duration::from_secs(30)), ["close 4000"]);
}

#[test]
fn a_superseded_link_is_closed_without_being_lost() {
    let mut link = Link::linked();
    assert_eq!(link.input(Input::Notice(&Notice::Superseded)), ["close 4009"]);
}

#[test]
fn the_server_says_when_it_stops_and_when_the_token_is_over() {
    let mut link = Link::linked();
    assert_eq!(link.input(Input::Shutdown).last().unwrap(), "close 1001");
    for over in [Input::Expired, Input::Revoked] {
        let mut link = Link::linked();
        let actions = link.input(over);
        assert!(actions[0].contains("TOKEN_EXPIRED"), "{actions:?}");
        assert_eq!(actions[1..], ["Report(LinkId(4), Lost)", "close 4001"]);
    }
}
