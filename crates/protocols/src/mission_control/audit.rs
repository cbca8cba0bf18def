//! The audit as it grows, at `/api/ws/audit`: every record once it is stored, for administrators.
//!
//! There is no snapshot: what was before is read by REST.

use pilothouse_core::{
    Event, Published, Role, Scope,
    audit::{Action, AuditRecord},
    fanout::{Language, MessageKind, Messages, Resync},
    time::{Moment, Timestamp},
    view::View,
};
use serde::Serialize;

use crate::{
    Action as Deed, Actions, Claim, CloseCode, Conversation, Door, Excess, Input, TokenRule,
    door::MessageLimits,
};

/// The door.
pub static DOOR: Door = Door {
    name: "mission_control_audit",
    path: "/api/ws/audit",
    claim: Claim::Path,
    token: TokenRule::Handshake,
    open_on_loopback: false,
    admits: |scope| matches!(scope, Scope::Person(Role::Admin)),
    largest_message: |_| MessageLimits { before_token: 3 << 10, after_token: 64 << 10 },
    excess: Some(Excess::Delay),
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    subprotocols: &[],
    open: |_| Box::new(Listener::default()),
};

/// A record as this protocol's front ends show it, on sockets and by REST.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entry {
    /// Unique over all servers.
    pub id: String,
    /// ISO 8601.
    pub timestamp: String,
    /// The user's or the agent's id.
    pub user_id: String,
    /// What the user is called.
    pub username: String,
    /// The same.
    pub user_name: String,
    /// A word such as `agent.stop`.
    pub action: String,
    /// The action in words for people, with what it was asked of.
    pub description: String,
    /// What it was asked of.
    pub resource: String,
    /// Which agent it concerns, if one.
    pub agent_id: Option<String>,
    /// What that agent was called.
    pub agent_name: String,
    /// `success`, `failure` or `denied`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub result: &'static str,
    /// Further words, such as a command line without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// The address it was asked from.
    pub ip_address: String,
    /// The program it was asked with, if that says its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// What the entry is about, and what went wrong.
    pub metadata: Metadata,
}

/// What an entry is about, and what went wrong.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Metadata {
    /// What it was asked of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl From<&AuditRecord> for Entry {
    fn from(record: &AuditRecord) -> Self {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            id: record.id.to_string(),
            timestamp: moment(record.at),
            user_id: record.actor.to_string(),
            username: record.name.to_string(),
            user_name: record.name.to_string(),
            action: record.action.to_string(),
            description: description(record),
            resource: record.subject.to_string(),
            agent_id: record.agent.as_ref().map(ToString::to_string),
            agent_name: record.agent_name.to_string(),
            result: record.result.as_str(),
            details: said(&record.detail),
            ip_address: record.address.to_string(),
            user_agent: said(&record.program),
            metadata: Metadata { target: said(&record.subject), error: record.refusal.clone() },
        }
    }
}

/// The action in words for people, with what it was asked of.
pub fn description(record: &AuditRecord) -> String {
    let action = Action::named(&record.action).map_or(&*record.action, |action| action.description);
    match (&*record.subject, &*record.agent_name) {
        ("", _) => action.to_owned(),
        (subject, name) if record.agent.as_ref().is_some_and(|agent| agent.as_str() == subject) => {
            format!("{action}: {name}")
        }
        (subject, _) => format!("{action}: {subject}"),
    }
}

fn moment(at: Timestamp) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}

/// `audit.new`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Told {
    /// Always the same.
    r#type: &'static str,
    /// The record.
    payload: Entry,
}

/// The audit and nothing else.
#[derive(Debug)]
pub struct AuditFeed;

/// The one instance: viewers that watch in the same language share its bytes.
pub static AUDIT_FEED: AuditFeed = AuditFeed;

impl Language for AuditFeed {
    fn name(&self) -> &'static str {
        "mission_control_audit"
    }

    fn event(&self, published: &Published, out: &mut Messages) {
        let Event::Audit(record) = &published.event else { return };
        let told = Told { r#type: "audit.new", payload: record.as_ref().into() };
        out.push(MessageKind::Text, |out| {
            serde_json::to_writer(out, &told)
                .expect("the message has text keys, and a Vec takes every byte");
        });
    }

    fn snapshot(&self, _: &View, _: Timestamp, _: &mut Messages) {}

    fn resync(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}

    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}

    /// Who fell behind connects again, and reads by REST what it missed.
    fn has_resync(&self) -> bool {
        false
    }
}

/// One administrator's side: it listens, and whatever it says means nothing.
#[derive(Debug, Default)]
struct Listener {
    is_closed: bool,
}

impl Conversation for Listener {
    fn handle(&mut self, input: Input<'_>, _now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        let code = match input {
            Input::Opened(_) => return actions.push(Deed::Watch(&AUDIT_FEED)),
            Input::Expired | Input::Revoked => CloseCode::Expired,
            Input::Shutdown => CloseCode::GoingAway,
            Input::Text(_)
            | Input::Binary(_)
            | Input::TooFast { .. }
            | Input::Verified(_)
            | Input::Answer(_)
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Listening(_)
            | Input::Heard { .. }
            | Input::Missed(_)
            | Input::Notice(_)
            | Input::Shown(_)
            | Input::Woke => return,
        };
        self.is_closed = true;
        actions.push(Deed::Close(code));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use pilothouse_core::audit::AuditResult;
    use serde_json::{Value, json};

    use super::*;

    /// A record as it is told.
    pub(crate) fn told() -> Value {
        let published =
            Published { sequence: 1, at: Timestamp(0), event: Event::Audit(Arc::new(record())) };
        let mut out = Messages::default();
        AUDIT_FEED.event(&published, &mut out);
        let told: Vec<_> = out.iter().map(|message| message.payload.to_vec()).collect();
        serde_json::from_slice(&told[0]).unwrap()
    }

    fn record() -> AuditRecord {
        AuditRecord {
            id: "aud-1".into(),
            at: Timestamp(1_700_000_000_123),
            actor: "u-1".into(),
            name: "ann".into(),
            address: "::1".into(),
            program: "curl/8".into(),
            action: "command.enqueue".into(),
            subject: "a-1".into(),
            agent: Some("a-1".parse().unwrap()),
            agent_name: "Builder".into(),
            detail: "make".into(),
            result: AuditResult::Failure,
            refusal: Some("the queue is full".into()),
        }
    }

    #[test]
    fn a_record_has_the_fields_of_both_front_ends() {
        assert_eq!(
            told(),
            json!({"type": "audit.new", "payload": {
                "id": "aud-1", "timestamp": "2023-11-14T22:13:20.123Z",
                "userId": "u-1", "username": "ann", "userName": "ann",
                "action": "command.enqueue", "description": "Queued a command: Builder",
                "resource": "a-1", "agentId": "a-1", "agentName": "Builder",
                "result": "failure", "details": "make", "ipAddress": "::1", "userAgent": "curl/8",
                "metadata": {"target": "a-1", "error": "the queue is full"}
            }})
        );
    }

    #[test]
    fn nothing_but_the_audit_is_told_and_revocation_ends_it() {
        let mut out = Messages::default();
        let event = Event::Agents(pilothouse_core::agents::Event::List(Arc::new([])));
        AUDIT_FEED.event(&Published { sequence: 1, at: Timestamp(0), event }, &mut out);
        assert_eq!(out.iter().count(), 0);
        let mut actions = Vec::new();
        let mut listener = Listener::default();
        listener.handle(Input::Text("{}"), Moment::default(), &mut actions);
        listener.handle(Input::Revoked, Moment::default(), &mut actions);
        listener.handle(Input::Revoked, Moment::default(), &mut actions);
        assert!(matches!(actions[..], [Deed::Close(CloseCode::Expired)]), "{actions:?}");
    }
}
