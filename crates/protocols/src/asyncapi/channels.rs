//! One door as a channel: its address, who says what there, its limits and how it ends.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::schemas::{Message, Part};
use crate::{CloseCode, Door, Excess, Settings, TokenRule};

/// The table that says what each close code means.
const CLOSE_CODES: &str = include_str!("../../../../docs/protocols/close-codes.md");

/// The codes that any connection can end with.
const ANYWHERE: [CloseCode; 5] = [
    CloseCode::ProtocolError,
    CloseCode::InvalidText,
    CloseCode::TooBig,
    CloseCode::Internal,
    CloseCode::Overloaded,
];

/// A door, and what is said there.
pub(super) struct Channel {
    /// The channel's name in the document.
    pub(super) name: &'static str,
    pub(super) door: &'static Door,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// The path's variable parts, in order, and what they are.
    pub(super) parameters: &'static [(&'static str, &'static str)],
    /// What the query may have beside a token.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// How it can end, beside what can happen anywhere.
    pub(super) endings: &'static [CloseCode],
    pub(super) server: Side,
    /// Nobody where clients only listen.
    pub(super) client: Option<Side>,
    /// Binary messages, described in words, since no schema can.
    pub(super) binary: Option<Value>,
}

/// One end of a channel.
pub(super) struct Side {
    pub(super) is_server: bool,
    /// What it is called in names of messages.
    pub(super) speaker: &'static str,
    pub(super) part: Part,
    /// One message of each type, as it was said.
    pub(super) examples: BTreeMap<String, Value>,
}

impl Channel {
    pub(super) fn described(&self) -> Value {
        let mut names = self.parameters.iter();
        let parts = self.door.path.split('/').map(|part| match part {
            "*" => format!("{{{}}}", names.next().expect("each variable part has a name").0),
            part => part.to_owned(),
        });
        let address = parts.collect::<Vec<_>>().join("/");
        let parameters: Map<String, Value> =
            named(self.parameters, |says| json!({"description": says}));
        let mut channel = json!({
            "address": address,
            "title": self.title,
            "description": self.description,
            "messages": self.messages(),
            "x-limits": self.limits(),
            "x-close-codes": self.close_codes(),
            "x-handshake-refusals": refusals(),
        });
        if !parameters.is_empty() {
            channel["parameters"] = parameters.into();
        }
        if !self.query.is_empty() {
            let says = |says: &str| json!({"type": "string", "description": says});
            let query = json!({"type": "object", "properties": named(self.query, says)});
            channel["bindings"] =
                json!({"ws": {"method": "GET", "query": query, "bindingVersion": "0.1.0"}});
        }
        channel
    }

    /// What the server does here, as AsyncAPI puts it.
    pub(super) fn operations(&self) -> Vec<(String, Value)> {
        let sides = [Some(&self.server), self.client.as_ref()];
        let operation = |side: &Side| {
            let action = if side.is_server { "send" } else { "receive" };
            let mut messages: Vec<Value> = side
                .part
                .messages
                .iter()
                .map(|message| self.reference(&side.key(message)))
                .collect();
            if !side.is_server && self.binary.is_some() {
                messages.push(self.reference("agent.records"));
            }
            let operation = json!({
                "action": action,
                "channel": {"$ref": format!("#/channels/{}", self.name)},
                "summary": format!("What the {} says.", side.speaker),
                "messages": messages,
            });
            (format!("{}.{action}", self.name), operation)
        };
        sides.into_iter().flatten().map(operation).collect()
    }

    fn reference(&self, message: &str) -> Value {
        json!({"$ref": format!("#/channels/{}/messages/{message}", self.name)})
    }

    fn messages(&self) -> Map<String, Value> {
        let sides = [Some(&self.server), self.client.as_ref()];
        let mut messages = Map::new();
        for side in sides.into_iter().flatten() {
            messages
                .extend(side.part.messages.iter().map(|one| (side.key(one), side.message(one))));
        }
        messages.extend(self.binary.clone().map(|records| ("agent.records".into(), records)));
        messages
    }

    fn limits(&self) -> Value {
        let settings = Settings::default();
        let largest = (self.door.largest_message)(&settings);
        let milliseconds =
            |duration: Option<std::time::Duration>| duration.map(|one| one.as_millis());
        json!({
            "largestMessage": {"beforeToken": largest.before_token, "afterToken": largest.after_token},
            "beyondTheRate": match self.door.excess {
                Some(Excess::Refuse) => "thrown away, and the protocol says so",
                Some(Excess::Delay) => "read slower",
                None => "no limit",
            },
            "compressedAbove": (self.door.compress_above)(&settings),
            "pingEvery": milliseconds((self.door.ping)(&settings)),
            "closedAfterSilence": milliseconds((self.door.silence)(&settings)),
            "token": match self.door.token {
                TokenRule::Handshake => "with the handshake",
                TokenRule::HandshakeOrMessage => "with the handshake, or by the first message",
                TokenRule::AfterUpgrade => "with the handshake, or not at all; a bad one closes with 4002",
            },
            "onlyAdministrators": self.door.is_for_administrators(),
            "openOnLoopback": self.door.open_on_loopback,
            "subprotocols": self.door.subprotocols,
        })
    }

    fn close_codes(&self) -> Vec<Value> {
        let mut codes: Vec<CloseCode> =
            ANYWHERE.into_iter().chain(self.endings.iter().copied()).collect();
        codes.sort_by_key(|code| code.number());
        codes.dedup();
        codes.into_iter().map(close_code).collect()
    }
}

impl Side {
    fn key(&self, message: &Message) -> String {
        format!("{}.{}", self.speaker, message.tag.replace(':', "-"))
    }

    fn message(&self, message: &Message) -> Value {
        let examples: Vec<Value> = self
            .examples
            .get(&message.tag)
            .map(|example| json!({"payload": example}))
            .into_iter()
            .collect();
        json!({
            "name": message.tag,
            "title": message.tag,
            "summary": message.summary,
            "payload": message.schema,
            "examples": examples,
        })
    }
}

/// The row of the table that is about this code.
fn close_code(code: CloseCode) -> Value {
    let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let number = code.number().to_string();
    let mut rows = CLOSE_CODES.lines().map(cells);
    let row = rows.find(|row| row.get(1) == Some(&&*number) && row.get(2) == Some(&code.reason()));
    let row = row.expect("the table has a row for every code and reason");
    json!({"code": code.number(), "reason": code.reason(), "when": row[3], "comeBack": row[4]})
}

fn refusals() -> Value {
    json!({
        "400": "two hosts or origins, or several different tokens",
        "401": "no valid token",
        "403": "a foreign origin or host, or a role that is too low",
        "404": "no such door",
        "503": "full, or stopping; come back later",
    })
}

fn named(
    pairs: &[(&str, &'static str)],
    says: impl Fn(&'static str) -> Value,
) -> Map<String, Value> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), says(text))).collect()
}
