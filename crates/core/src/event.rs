//! Everything a viewer can learn. One line a feature; the variants live in the feature's folder.

use std::sync::Arc;

use crate::{
    CoreError, agent_type, agents, attention, audit::AuditRecord, browsers, commands, control,
    presets, readiness, runs, said::Said, sessions, streams, time::Timestamp,
};

/// A fact. Cheap to clone: whatever is large is shared.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// About agents.
    Agents(agents::Event),
    /// About commands and queues.
    Commands(commands::Event),
    /// Output of a process, or a hole in it.
    Output(streams::Event),
    /// About what waits for a person.
    Attention(attention::Event),
    /// About sessions and their workers.
    Sessions(sessions::Event),
    /// About kinds of command line agents.
    AgentTypes(agent_type::Event),
    /// About browsers.
    Browsers(browsers::Event),
    /// A record of the audit. No snapshot holds it.
    Audit(Arc<AuditRecord>),
    /// Something printed a line; nobody who misses it needs it later.
    Said(Arc<Said>),
    /// Time passes; a sign of life for protocols that want one.
    Beat,
    /// About control over agents.
    Control(control::Event),
    /// About presets.
    Presets(presets::Event),
    /// About whether pictures flow.
    Readiness(readiness::Event),
    /// About runs.
    Runs(runs::Event),
}

impl Event {
    /// Whether this is state, which must not be lost, in contrast to output and the audit, which can be read later,
    /// and to what is of interest only while it is new.
    pub fn is_state(&self) -> bool {
        let is_passing = matches!(self, Self::Sessions(sessions::Event::Viewers(_)));
        !matches!(self, Self::Output(_) | Self::Audit(_) | Self::Said(_) | Self::Beat)
            && !is_passing
    }
}

/// An event with its place in the topic's log.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Counts the topic's events from 1, without holes.
    pub sequence: u64,
    /// When it happened. Encoders use this and never a clock, so that all viewers share the bytes.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// What the core has to tell one connection, and nobody else.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// An order to the agent at the other end.
    Order(agents::Order),
    /// The command this connection asked for ran out of time.
    CommandTimedOut(Arc<commands::Command>),
    /// The same agent linked again elsewhere; this link is over.
    Superseded,
    /// What this connection did to its terminal did not reach it.
    NotTouched(CoreError),
    /// What this connection did in a browser had no effect.
    NotSteered(CoreError),
    /// Who steers the browser that this connection is in front of.
    Lease {
        /// How that is.
        lease: Arc<browsers::Lease>,
        /// Whether the role of whoever has this connection allows to steer.
        may_steer: bool,
    },
    /// What this connection asked to be copied out of a page.
    Copied(Arc<browsers::Copied>),
    /// The worker that this connection is attached to has a new life, with a log of its own.
    WorkerRestarted,
    /// The worker that this connection is attached to is gone.
    WorkerGone {
        /// Whether its whole session was deleted.
        session_is_gone: bool,
    },
}

/// What an attention item is about, as one word.
pub(crate) fn subject_name(subject: &attention::Subject) -> Arc<str> {
    match subject {
        attention::Subject::Agent(id) => id.as_str().into(),
        attention::Subject::Command(id) => id.as_str().into(),
        attention::Subject::Run(id) => id.as_str().into(),
        attention::Subject::Worker(id) => id.as_str().into(),
    }
}
