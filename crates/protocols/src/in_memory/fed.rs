//! What conversations are fed, how tokens are checked, and how messages are framed, all in memory.

use std::{collections::VecDeque, sync::Arc};

use bytes::BytesMut;
use pilothouse_core::{
    Caller, CoreError, Delivery, Published, Role, Scope,
    fanout::{Framing, Message, MessageKind},
    ids::{AgentId, ConnectionId, SessionId},
    listening::Standing,
    time::Timestamp,
};

use super::START;
use crate::{Attachment, Denied, Input, LogPage, Opening, Recalled, StepRead, transcript::Names};

/// An input that owns what it carries.
pub(super) enum Fed {
    Opened(Opening),
    Text(String),
    Binary(Vec<u8>),
    TooFast(u64),
    Verified(Result<Caller, Denied>),
    Delivery(Delivery),
    Recalled(Result<Recalled, CoreError>),
    Attached(Result<Attachment, CoreError>),
    LogRead(Result<LogPage, CoreError>),
    StepRead(Result<StepRead, CoreError>),
    Listening(Result<Standing, CoreError>),
    Heard(AgentId, Vec<Arc<Published>>),
    Missed(AgentId),
    Woke,
    Expired,
    Shutdown,
}

impl Fed {
    pub(super) fn as_input(&self) -> Input<'_> {
        match self {
            Self::Opened(opening) => Input::Opened(opening),
            Self::Text(text) => Input::Text(text),
            Self::Binary(bytes) => Input::Binary(bytes),
            Self::TooFast(dropped) => Input::TooFast { dropped: *dropped },
            Self::Verified(verified) => Input::Verified(verified.clone()),
            Self::Delivery(Delivery::Answer(answer)) => Input::Answer(answer.clone()),
            Self::Delivery(Delivery::Notice(notice)) => Input::Notice(notice),
            Self::Recalled(recalled) => Input::Recalled(recalled.clone()),
            Self::Attached(attached) => Input::Attached(attached.clone()),
            Self::LogRead(read) => Input::LogRead(read.clone()),
            Self::StepRead(read) => Input::StepRead(read.clone()),
            Self::Listening(standing) => Input::Listening(standing.clone()),
            Self::Heard(agent, events) => Input::Heard { agent, events },
            Self::Missed(agent) => Input::Missed(agent),
            Self::Woke => Input::Woke,
            Self::Expired => Input::Expired,
            Self::Shutdown => Input::Shutdown,
        }
    }
}

/// A token is its user's name; `-viewer` at its end is a role, a number there tells tokens apart. `of SESSION AGENT` is
/// a session's token.
pub(super) fn verify(
    token: &str,
    connection: ConnectionId,
    names: &Names,
) -> Result<Caller, Denied> {
    if token == "bad" || token.is_empty() {
        return Err(Denied { reason: "the token is invalid" });
    }
    let (user, role) = match token.strip_suffix("-viewer") {
        Some(user) => (user, Role::Viewer),
        None => (token, Role::Operator),
    };
    let user = user.split_once('-').map_or(user, |(user, _)| user);
    let words: Vec<_> = token.split(' ').collect();
    let scope = match words[..] {
        ["of", session, agent] => Scope::Session {
            session: SessionId::new(names.id(session)).unwrap(),
            agent: AgentId::new(agent).unwrap(),
        },
        _ => Scope::Person(role),
    };
    Ok(Caller {
        user: user.into(),
        name: user.into(),
        scope,
        connection,
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: Some(Timestamp(START + 3_600_000)),
    })
}

/// One message a line: JSON on one line has none inside.
pub(super) struct Lines;

impl Framing for Lines {
    fn frame(&mut self, message: Message<'_>, out: &mut BytesMut) -> bool {
        assert_eq!(message.kind, MessageKind::Text);
        out.extend_from_slice(message.payload);
        out.extend_from_slice(b"\n");
        false
    }
}

pub(super) fn receive(inbox: &mut VecDeque<String>, framed: &[u8]) {
    inbox.extend(std::str::from_utf8(framed).unwrap().lines().map(String::from));
}
