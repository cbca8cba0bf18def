//! What a link says, and in which order.

use std::time::Duration;

use bytes::Bytes;
use pilothouse_core::{
    commands::{Ended, Outcome},
    ids::CommandId,
    streams::{Channel, StreamKey},
    time::Timestamp,
};
use pilothouse_protocols::agent_link::{
    messages::{FromAgent, Resume, Stream, StreamKind},
    records::decode,
};
use tempfile::TempDir;

use super::outgoing::{Held, Message, Said};
use crate::{
    batching::Piece,
    journal::End,
    outbox::Outbox,
    spool::{Cursor, SpoolLimits},
};

const LIMITS: SpoolLimits =
    SpoolLimits { memory: 1 << 20, total: 1 << 22, file: 1 << 20, chunk: 1 << 16 };

fn id(text: &str) -> StreamKey {
    StreamKey::command(CommandId::new(text).unwrap())
}

fn held(text: &str) -> Held {
    Held { stream: id(text), face: None }
}

fn outbox(folder: &TempDir) -> Outbox {
    Outbox::open(folder.path().to_owned(), LIMITS, &std::collections::BTreeMap::new()).unwrap()
}

fn write(outbox: &Outbox, command: &str, sizes: &[usize]) {
    let pieces: Vec<_> = sizes
        .iter()
        .map(|size| Piece { channel: Channel::Stdout, bytes: Bytes::from(vec![b'x'; *size]) })
        .collect();
    for piece in &pieces {
        outbox.take_in(&id(command), piece.channel, &piece.bytes);
    }
    outbox.write(&id(command), &pieces);
}

fn end(outbox: &Outbox, command: &str) {
    let outcome = Outcome::Exited { code: 0, signal: None };
    let ended = Ended { outcome, at: Timestamp(9), ran_for: Duration::ZERO };
    outbox.end(&id(command), End::Command(ended));
}

/// One turn in words; records as `lane:position+length`.
fn turn(outbox: &Outbox, said: &mut Said) -> Vec<String> {
    let messages = outbox.look(|commands, trouble| said.turn(commands, trouble));
    messages
        .iter()
        .flat_map(|message| match message {
            Message::Binary(records) => decode(records)
                .map(|record| record.unwrap())
                .map(|record| format!("{}:{}+{}", record.lane, record.position, record.bytes.len()))
                .collect(),
            Message::Text(message) => vec![match message.as_ref() {
                FromAgent::Started { command, .. } => format!("started {command}"),
                FromAgent::Ended { command, .. } => format!("ended {command}"),
                FromAgent::Lane { lane, stream, position, .. } => {
                    format!("lane {lane} {} from {position}", stream.id)
                }
                other => format!("{other:?}"),
            }],
        })
        .collect()
}

#[test]
fn a_command_is_told_from_start_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder);
    let mut said = Said::new(1 << 20, &[], &[]);
    outbox.begin(&id("a"), Timestamp(1), None);
    assert_eq!(turn(&outbox, &mut said), Vec::<String>::new());
    outbox.started(&id("a"), Timestamp(2));
    write(&outbox, "a", &[3, 4]);
    end(&outbox, "a");
    let expect = ["started a", "lane 1 a from 0", "1:0+3", "1:3+4", "ended a"];
    assert_eq!(turn(&outbox, &mut said), expect);
    assert_eq!(turn(&outbox, &mut said), Vec::<String>::new());
}

#[test]
fn a_link_goes_on_where_the_server_says() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder);
    outbox.begin(&id("a"), Timestamp(1), None);
    outbox.started(&id("a"), Timestamp(2));
    write(&outbox, "a", &[3, 4, 5]);
    let stream = Stream { kind: StreamKind::Command, id: "a".to_owned(), epoch: 0 };
    let resume = Resume { stream, position: 3, sequence: 2 };
    let mut said = Said::new(1 << 20, &[held("a")], &[resume]);
    assert_eq!(turn(&outbox, &mut said), ["lane 1 a from 3", "1:3+4", "1:7+5"]);
}

#[test]
fn an_end_waits_for_credit_when_output_does() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder);
    let mut said = Said::new(10, &[held("a")], &[]);
    outbox.begin(&id("a"), Timestamp(1), None);
    write(&outbox, "a", &[8, 8, 8]);
    end(&outbox, "a");
    assert_eq!(turn(&outbox, &mut said), ["lane 1 a from 0", "1:0+8", "1:8+8"]);
    assert_eq!(turn(&outbox, &mut said), Vec::<String>::new());
    said.acknowledged(&id("a"), 8);
    outbox.acknowledge(&id("a"), Cursor { position: 8, sequence: 2 });
    assert_eq!(turn(&outbox, &mut said), ["1:16+8", "ended a"]);
}

#[test]
fn a_flood_lets_others_through() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder);
    let mut said = Said::new(1 << 30, &[], &[]);
    for command in ["a", "b", "c"] {
        outbox.begin(&id(command), Timestamp(1), None);
    }
    write(&outbox, "a", &[10 << 10; 100]);
    turn(&outbox, &mut said);
    write(&outbox, "b", &[1]);
    write(&outbox, "c", &[2]);
    let next = turn(&outbox, &mut said);
    let place = |record: &str| next.iter().position(|said| said == record);
    assert!(place("2:0+1") < Some(6) && place("3:0+2") < Some(8), "{next:?}");
}

#[test]
fn numbers_of_forgotten_commands_are_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder);
    let mut said = Said::new(1 << 20, &[], &[]);
    for command in ["a", "b"] {
        outbox.begin(&id(command), Timestamp(1), None);
        write(&outbox, command, &[1]);
        turn(&outbox, &mut said);
        outbox.forget(&id(command));
    }
    outbox.begin(&id("c"), Timestamp(1), None);
    write(&outbox, "c", &[1]);
    assert_eq!(turn(&outbox, &mut said), ["lane 1 c from 0", "1:0+1"]);
}
