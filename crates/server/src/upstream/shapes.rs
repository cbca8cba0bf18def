//! What gateways answer: their sessions in either of the two shapes there are, and their health. Odd fields are
//! skipped, odd entries too; nothing in an answer can do more than be ignored.

use std::collections::BTreeMap;

use pilothouse_core::{agents::Status, ids::AgentId};
use serde_json::{Map, Value};

/// How many sessions of one answer are looked at. Overflow rule: the rest is ignored.
const MOST_SESSIONS: usize = 1000;
/// Sessions that were busy so recently still are, in milliseconds.
const BUSY_FOR: u64 = 10_000;
/// In the status shape, who was active so recently is online.
const ONLINE_FOR: u64 = 5 * 60_000;
/// The same in the older shape.
const ONLINE_FOR_OLDER: u64 = 30_000;
/// Times before 1973 in milliseconds are meant in seconds.
const SURELY_MILLISECONDS: u64 = 100_000_000_000;

/// One session of a gateway, as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GatewaySession {
    pub(crate) agent: AgentId,
    /// What the gateway calls the agent.
    pub(crate) name: String,
    /// What the gateway calls the session.
    pub(crate) session: String,
    pub(crate) status: Status,
    /// What it does, for people.
    pub(crate) task: Option<String>,
    /// What it said last, if the gateway tells.
    pub(crate) message: Option<String>,
    /// When it was active last, in milliseconds since 1970.
    pub(crate) active_at: u64,
    /// When it began, likewise; 0 if the gateway does not tell.
    pub(crate) began_at: u64,
    /// The gateway's own fields that people look at.
    pub(crate) details: Map<String, Value>,
}

/// The sessions in an answer; `None` if it is none of the shapes.
pub(crate) fn sessions(answer: &Value, now: u64) -> Option<Vec<GatewaySession>> {
    let inner = answer.get("data").filter(|data| data.is_object()).unwrap_or(answer);
    let listed = inner.get("sessions").unwrap_or(inner);
    let entries = listed.get("recent").unwrap_or(listed).as_array()?;
    let entries = entries.iter().take(MOST_SESSIONS).filter_map(Value::as_object);
    Some(entries.filter_map(|entry| session(entry, now)).collect())
}

/// What an answer says of agents' heartbeats: `{heartbeat: {agents: [{agentId, enabled, every, everyMs}]}}`.
pub(crate) fn heartbeats(answer: &Value) -> BTreeMap<AgentId, Map<String, Value>> {
    let inner = answer.get("data").filter(|data| data.is_object()).unwrap_or(answer);
    let listed = inner.get("heartbeat").and_then(|heartbeat| heartbeat.get("agents"));
    let entries = listed.and_then(Value::as_array).into_iter().flatten().take(MOST_SESSIONS);
    let beat = |entry: &Value| {
        let entry = entry.as_object()?;
        let kept = ["enabled", "every", "everyMs"].into_iter();
        let kept = kept.filter_map(|name| Some((name.to_owned(), entry.get(name)?.clone())));
        let is_small = |value: &Value| !value.is_object() && !value.is_array();
        let kept = kept.filter(|(_, value)| is_small(value));
        Some((agent_id(text(entry, "agentId")?)?, kept.collect()))
    };
    entries.filter_map(beat).collect()
}

/// Whether a gateway says that it is well. What is no object says nothing, and is not unwell.
pub(crate) fn is_well(answer: &Value) -> bool {
    let status = answer.get("status").and_then(Value::as_str);
    let healthy = answer.get("healthy").and_then(Value::as_bool);
    match (status, healthy) {
        (_, Some(healthy)) => healthy,
        (Some(status), None) => matches!(status, "ok" | "healthy" | "live" | "degraded"),
        (None, None) => true,
    }
}

fn session(entry: &Map<String, Value>, now: u64) -> Option<GatewaySession> {
    if entry.contains_key("session") { older(entry, now) } else { newer(entry, now) }
}

/// An entry of the status shape: `{agentId, key, sessionId, updatedAt, age, abortedLastRun, outputTokens, …}`.
fn newer(entry: &Map<String, Value>, now: u64) -> Option<GatewaySession> {
    let key = text(entry, "key");
    let agent = text(entry, "agentId").or_else(|| key.and_then(|key| key.split(':').nth(1)))?;
    let session = text(entry, "sessionId").or(key)?;
    let updated_at = moment(entry.get("updatedAt"));
    let age = number(entry, "age").or_else(|| updated_at.map(|at| now.saturating_sub(at)));
    let age = age.unwrap_or(u64::MAX);
    let written = number(entry, "outputTokens").unwrap_or(0);
    let is_aborted = entry.get("abortedLastRun").and_then(Value::as_bool).unwrap_or(false);
    let status = match (is_aborted, age) {
        (true, _) => Status::Error,
        (false, ..BUSY_FOR) if written > 0 => Status::Busy,
        (false, ..ONLINE_FOR) => Status::Online,
        (false, _) => Status::Offline,
    };
    let task = match (status, number(entry, "percentUsed"), number(entry, "totalTokens")) {
        (Status::Busy, _, _) => Some(format!("Processing ({written} tokens output)")),
        (_, Some(percent), Some(total)) => {
            Some(format!("Context: {percent}% used ({total} tokens)"))
        }
        _ => None,
    };
    Some(GatewaySession {
        agent: agent_id(agent)?,
        name: title(agent),
        session: session.to_owned(),
        status,
        task,
        message: text(entry, "lastMessage").map(str::to_owned),
        active_at: updated_at.unwrap_or_else(|| now.saturating_sub(age)),
        began_at: moment(entry.get("startedAt").or_else(|| entry.get("createdAt"))).unwrap_or(0),
        details: details(entry, channel_of(key)),
    })
}

/// An entry of the older shape: `{session, type, label, channel, model, host, created_at, last_activity,
/// current_message: {content, timestamp}, status, error}`.
fn older(entry: &Map<String, Value>, now: u64) -> Option<GatewaySession> {
    let session = text(entry, "session")?;
    let agent =
        text(entry, "agentId").or_else(|| match session.split(':').collect::<Vec<_>>()[..] {
            ["agent", agent, ..] => Some(agent),
            _ => Some(session),
        })?;
    let message = entry.get("current_message").and_then(Value::as_object);
    let said = message.and_then(|message| text(message, "content"));
    let said_at = message.and_then(|message| moment(message.get("timestamp"))).unwrap_or(0);
    let active_at = moment(entry.get("last_activity")).unwrap_or(0).max(said_at);
    let is_failed =
        entry.get("error").is_some_and(|error| !error.is_null() && *error != Value::Bool(false))
            || text(entry, "status") == Some("error")
            || entry.get("abortedLastRun").and_then(Value::as_bool) == Some(true);
    let status = if is_failed {
        Status::Error
    } else if said.is_some() && now.saturating_sub(said_at) < BUSY_FOR {
        Status::Busy
    } else if now.saturating_sub(active_at) < ONLINE_FOR_OLDER {
        Status::Online
    } else {
        Status::Offline
    };
    Some(GatewaySession {
        agent: agent_id(agent)?,
        name: text(entry, "label").map_or_else(|| title(agent), str::to_owned),
        session: session.to_owned(),
        status,
        task: said.map(|said| said.chars().take(60).collect()),
        message: said.map(str::to_owned),
        active_at,
        began_at: moment(entry.get("created_at")).unwrap_or(0),
        details: details(entry, channel_of(Some(session))),
    })
}

/// What a gateway calls its agents, in the characters that ids have.
fn agent_id(text: &str) -> Option<AgentId> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let id: String =
        text.trim().chars().map(plain).take(pilothouse_core::ids::LONGEST_ID).collect();
    AgentId::new(&id).ok()
}

/// `backend-dev` is the `Backend Dev Agent`.
fn title(agent: &str) -> String {
    let words = agent.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let capital = words.map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    });
    capital.chain(["Agent".to_owned()]).collect::<Vec<_>>().join(" ").chars().take(100).collect()
}

/// `agent:main:telegram:…` came by telegram.
fn channel_of(key: Option<&str>) -> Option<&str> {
    match key?.split(':').collect::<Vec<_>>()[..] {
        ["agent", _, channel, ..] => Some(channel),
        _ => None,
    }
}

fn details(entry: &Map<String, Value>, channel: Option<&str>) -> Map<String, Value> {
    const KEPT: [&str; 14] = [
        "channel",
        "model",
        "host",
        "kind",
        "type",
        "label",
        "totalTokens",
        "remainingTokens",
        "percentUsed",
        "contextTokens",
        "inputTokens",
        "outputTokens",
        "flags",
        "abortedLastRun",
    ];
    // Nothing large: these are shown beside every agent.
    let is_small = |value: &Value| match value {
        Value::String(text) => text.len() <= 200,
        Value::Array(values) => {
            values.len() <= 20 && values.iter().all(|it| !it.is_object() && !it.is_array())
        }
        Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    };
    let kept = KEPT.iter().filter_map(|name| Some((*name, entry.get(*name)?)));
    let mut details: Map<String, Value> = kept
        .filter(|(_, value)| is_small(value))
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    if let (Some(channel), false) = (channel, details.contains_key("channel")) {
        details.insert("channel".to_owned(), channel.chars().take(100).collect::<String>().into());
    }
    details
}

fn text<'a>(entry: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    entry
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty() && text.len() <= 64 << 10)
}

fn number(entry: &Map<String, Value>, name: &str) -> Option<u64> {
    let value = entry.get(name)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "such a cast saturates"
    )]
    value.as_u64().or_else(|| value.as_f64().map(|number| number as u64))
}

/// A moment in milliseconds since 1970, from seconds, milliseconds, or a text as ISO 8601 has it.
fn moment(value: Option<&Value>) -> Option<u64> {
    if let Some(text) = value?.as_str() {
        let at: jiff::Timestamp = text.parse().ok()?;
        return u64::try_from(at.as_millisecond()).ok();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "such a cast saturates"
    )]
    let to_whole = |number: f64| {
        if number < 100_000_000_000.0 { (number * 1000.0) as u64 } else { number as u64 }
    };
    match value?.as_u64() {
        Some(at) if at < SURELY_MILLISECONDS => Some(at * 1000),
        Some(at) => Some(at),
        None => value?.as_f64().map(to_whole),
    }
}

#[cfg(test)]
#[path = "shapes_tests.rs"]
mod tests;
