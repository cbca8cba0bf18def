//! What happened, in this protocol's words.

use pilothouse_core::{
    Event, Published,
    agents::{self, Agent, Status},
    fanout::{Language, MessageKind, Messages, Resync},
    time::Timestamp,
    view::View,
};

use super::messages::{AgentStatus, Heartbeat, Presence, ServerMessage, SessionActivity};

/// The fleet as mission control hears of it.
#[derive(Debug)]
pub struct Feed;

/// The one instance: viewers that watch in the same language share its bytes.
pub static FEED: Feed = Feed;

impl Language for Feed {
    fn name(&self) -> &'static str {
        "mission_control"
    }

    fn event(&self, published: &Published, out: &mut Messages) {
        let timestamp = published.at.0;
        let message = match &published.event {
            Event::Agents(agents::Event::Presence(agent)) => status(agent, timestamp),
            Event::Said(said) => ServerMessage::SessionActivity(SessionActivity {
                agent_id: said.agent.as_str().into(),
                session_id: said.session.as_ref().into(),
                last_message: said.text.as_ref().into(),
                timestamp,
            }),
            Event::Beat => ServerMessage::Heartbeat(Heartbeat { timestamp }),
            // Whether an agent works is no news here, and what there is else is asked for by REST.
            Event::Agents(agents::Event::Status(_) | agents::Event::List(_))
            | Event::Commands(_)
            | Event::Output(_)
            | Event::Attention(_)
            | Event::Sessions(_)
            | Event::AgentTypes(_)
            | Event::Audit(_)
            | Event::Browsers(_)
            | Event::Control(_)
            | Event::Presets(_)
            | Event::Readiness(_)
            | Event::Runs(_) => return,
        };
        out.push(MessageKind::Text, |out| {
            serde_json::to_writer(out, &message)
                .expect("the messages have text keys, and a Vec takes every byte");
        });
    }

    /// Nothing: clients of this protocol ask for the state by REST, and are told changes.
    fn snapshot(&self, _: &View, _: Timestamp, _: &mut Messages) {}

    fn resync(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}

    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}

    /// A client that fell behind connects again, and asks for the state as it did the first time.
    fn has_resync(&self) -> bool {
        false
    }
}

fn status(agent: &Agent, timestamp: u64) -> ServerMessage {
    let status = match agent.status {
        Status::Online | Status::Busy => Presence::Online,
        Status::Offline => Presence::Offline,
        Status::Error => Presence::Error,
    };
    ServerMessage::AgentStatus(AgentStatus {
        agent_id: agent.id.as_str().into(),
        status,
        timestamp,
    })
}
