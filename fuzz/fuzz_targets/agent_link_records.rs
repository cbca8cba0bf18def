//! Any binary message on an agent's link: records are read or refused, and encode to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{ids::CommandId, streams::StreamKey};
use pilothouse_protocols::agent_link::{
    lanes::{Carried, Lanes},
    records::{Malformed, RawRecord, decode, encode},
};

fuzz_target!(|input: &[u8]| {
    let read: Result<Vec<RawRecord<'_>>, Malformed> = decode(input).collect();
    if let Ok(records) = &read {
        let mut message = Vec::new();
        for record in records {
            encode(record, &mut message);
        }
        assert_eq!(message, input);
    }
    // Lanes that fit the first record, so that more than its refusal is tried.
    let mut lanes = Lanes::default();
    if let Some(Ok(first)) = decode(input).next() {
        let command = CommandId::new("cmd-1").expect("a good id");
        let _ = lanes.open(first.lane, StreamKey::command(command), first.position, first.sequence);
    }
    let mut bytes = 0;
    let taken = lanes.read(input, |carried| {
        bytes += match carried {
            Carried::Output(record) => record.bytes.len(),
            Carried::Checkpoint(checkpoint) => checkpoint.bytes.len(),
        };
    });
    assert!(bytes <= input.len());
    assert!(taken.is_err() || read.is_ok());
});
