//! The wire protocols of Pilothouse. Each is a folder: messages, conversation, encoding, transcripts.
//!
//! Everything here is pure: input in, actions out. No socket, clock, task or database.

pub mod agent_link;
#[cfg(test)]
mod asyncapi;
pub mod control_and_stream;
pub mod conversation;
pub mod dashboard;
pub mod door;
#[cfg(test)]
mod in_memory;
mod json_reading;
pub mod json_text;
pub mod live_pictures;
pub mod lobby;
pub mod mission_control;
pub mod pictures;
pub mod rate;
pub mod runs;
pub mod sessions_and_workers;
pub mod transcript;

pub use conversation::{
    Action, Actions, Attach, Attachment, CloseCode, Conversation, Denied, Input, LogPage, Opening,
    Past, ReadLog, ReadStep, Recall, Recalled, Start, StepLanguage, StepRead, TerminalLanguage,
};
pub use door::{Claim, Door, Excess, Settings, TokenRule};

/// Every door of every protocol. A further protocol adds its line here.
pub static ALL: &[&Door] = &[
    &agent_link::DOOR,
    &control_and_stream::DOOR,
    &dashboard::DOOR,
    &live_pictures::STREAM_DOOR,
    &live_pictures::VIEW_DOOR,
    &runs::DOOR,
    &sessions_and_workers::APP_DOOR,
    &sessions_and_workers::WORKER_DOOR,
    &mission_control::audit::DOOR,
    &mission_control::DOOR,
];
