//! Steps and endings of runs in the protocol's words.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pilothouse_core::{
    fanout::MessageKind,
    runs::{Ended, Outcome, Run, Screenshot, Step},
};

use serde_json::{Map, Value};

use super::messages::{Completion, ServerMessage, Success};
use crate::{Action, StepLanguage, json_text};

/// What explains a step that its agent did not explain.
const UNEXPLAINED: &str = "Performing action";
/// Why a run failed that somebody cancelled.
const CANCELLED: &str = "The run was cancelled";

/// The protocol's words for steps.
#[derive(Debug)]
pub(super) struct StepUpdates;

impl StepLanguage for StepUpdates {
    fn name(&self) -> &'static str {
        "runs"
    }

    fn step(&self, step: &Step, screenshot: Option<&Screenshot>) -> Vec<u8> {
        let picture = screenshot.map_or(&[][..], |screenshot| &screenshot.bytes);
        let explanation = Some(&*step.explanation).filter(|text| !text.trim().is_empty());
        let explanation = explanation.unwrap_or(UNEXPLAINED);
        let length = picture.len().div_ceil(3) * 4;
        let mut out = Vec::with_capacity(length + step.action.len() + explanation.len() + 256);
        out.extend_from_slice(br#"{"type":"step_update","stepNumber":"#);
        json_text::number(step.number.into(), &mut out);
        out.extend_from_slice(br#","screenshot":""#);
        let start = out.len();
        out.resize(start + length, 0);
        // The room is exactly what it takes.
        let written = STANDARD.encode_slice(picture, &mut out[start..]).unwrap_or(0);
        out.truncate(start + written);
        out.extend_from_slice(br#"","action":"#);
        out.extend_from_slice(step.action.as_bytes());
        out.extend_from_slice(br#","explanation":""#);
        json_text::escape(explanation.as_bytes(), &mut out);
        out.extend_from_slice(br#"","runId":""#);
        json_text::escape(step.run.as_str().as_bytes(), &mut out);
        out.extend_from_slice(br#""}"#);
        out
    }
}

/// How a run ended.
pub(super) fn completion(run: &Run, ended: &Ended) -> ServerMessage {
    let commands = ended.commands.as_deref().and_then(objects);
    let (status, commands, error) = match &ended.outcome {
        Outcome::Completed => (Success::Success, Some(commands.unwrap_or_default()), None),
        Outcome::Failed { error } => (Success::Failed, commands, Some(error.as_ref().to_owned())),
        Outcome::Cancelled => (Success::Failed, commands, Some(CANCELLED.to_owned())),
    };
    ServerMessage::Completion(Completion {
        status,
        commands,
        error,
        final_answer: ended.answer.as_deref().map(str::to_owned),
        run_id: run.id.as_str().to_owned(),
    })
}

/// Those that are objects: others are no commands.
fn objects(commands: &str) -> Option<Vec<Map<String, Value>>> {
    let all: Vec<Value> = serde_json::from_str(commands).ok()?;
    let objects = all.into_iter().filter_map(|command| match command {
        Value::Object(command) => Some(command),
        _ => None,
    });
    Some(objects.collect())
}

/// A message to the peer alone.
pub(super) fn said(message: &ServerMessage) -> Action {
    let payload = serde_json::to_vec(message).unwrap_or_default();
    Action::Send { kind: MessageKind::Text, payload: payload.into() }
}
