//! What was said in the transcripts, and which of it shows a message best.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    in_memory::Said,
    transcript::{Act, Step, Transcript},
};

/// What stands behind the arrows of a text in the notation of transcripts, which is not run.
pub(crate) fn written(text: &str) -> Vec<Said> {
    let acts = Transcript::parse(text).unwrap().steps.into_iter().map(|(_, step)| match step {
        Step::Client { act: Act::Send(text), .. } => Said { by_client: true, text },
        Step::Client { act: Act::Expect(value), .. } => {
            Said { by_client: false, text: value.to_string() }
        }
        other => panic!("{other:?} is no message"),
    });
    acts.collect()
}

/// Of each type the message that shows most.
pub(super) fn fullest(messages: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    let mut fullest: BTreeMap<String, Value> = BTreeMap::new();
    for message in messages {
        let tag = message["type"].as_str().unwrap_or_default().to_owned();
        let best = fullest.entry(tag).or_insert_with(|| message.clone());
        if fields(best) < fields(&message) {
            *best = message;
        }
    }
    fullest
}

/// How many fields there are in it; pages of many equal things show no more than one.
fn fields(value: &Value) -> usize {
    match value {
        Value::Object(fields_of) => fields_of.len() + fields_of.values().map(fields).sum::<usize>(),
        Value::Array(values) => values.iter().map(fields).max().unwrap_or_default(),
        _ => 0,
    }
}
