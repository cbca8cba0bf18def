//! Output comes in: shown at once, stored in groups, acknowledged when stored.

use super::{Begun, Event, Record, Source, StreamKey, logs::Received};
use crate::{Core, Event as Fact, ids::AgentId, sessions::WorkerState, time::Moment};

/// Bytes of a stream that are lost, and where it goes on.
#[derive(Clone, Copy)]
pub(crate) struct Hole {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) next_sequence: u64,
}

impl Core {
    /// Takes in one record of an agent. What it sent before is ignored.
    pub(crate) fn receive(&mut self, agent: &AgentId, record: Record, now: Moment) {
        if !self.owns(agent, &record.stream) {
            return;
        }
        let may_wait = self.may_wait(record.bytes.len());
        let mut begun = self.logs.begun(&record.stream);
        let received = self.logs.append(agent, &record, may_wait, now.wall);
        if let Received::Repeated = received {
            return;
        }
        self.output_records += 1;
        self.output_bytes += record.bytes.len() as u64;
        if let Received::AppendedAfterHole { from } = received {
            begun = Begun::default();
            let hole = Hole { from, to: record.position, next_sequence: record.sequence };
            self.missing(agent, record.stream.clone(), hole, now);
        }
        // Late output of an ended command is stored, and never shown as if it still ran.
        if self.is_live(&record.stream) {
            self.show(Fact::Output(Event::Written { agent: agent.clone(), record, begun }), now);
        }
    }

    /// The agent lost bytes of a stream; it goes on behind them.
    pub(crate) fn skip(&mut self, agent: &AgentId, stream: StreamKey, hole: Hole, now: Moment) {
        if !self.owns(agent, &stream) {
            return;
        }
        if let Some(from) = self.logs.skip(&stream, hole) {
            self.missing(agent, stream, Hole { from, ..hole }, now);
        }
    }

    /// Tells viewers that bytes are lost for everybody.
    fn missing(&mut self, agent: &AgentId, stream: StreamKey, hole: Hole, now: Moment) {
        let Hole { from, to, next_sequence } = hole;
        let agent = agent.clone();
        self.show(Fact::Output(Event::Missing { agent, stream, from, to, next_sequence }), now);
    }

    /// Whether a stream is of an agent. One that nobody knows is nobody's: it is not kept, and the
    /// agent is told to forget it when it says that it ended.
    fn owns(&self, agent: &AgentId, stream: &StreamKey) -> bool {
        self.agent_of_stream(stream).is_some_and(|owner| owner == agent)
    }

    /// Which agent a stream belongs to, as far as it is known.
    pub(crate) fn agent_of_stream(&self, stream: &StreamKey) -> Option<&AgentId> {
        match &stream.source {
            Source::Command(id) => {
                let live = self.commands.live(id).map(|live| &live.command);
                live.or_else(|| self.commands.ended(id)).map(|command| &command.agent)
            }
            Source::Worker(id) => {
                let (session, worker) = self.sessions.worker(id)?;
                (worker.epoch == stream.epoch).then_some(&session.agent)
            }
            Source::Run(_) => None,
        }
    }

    /// Whether viewers are shown what is written to a stream.
    pub(crate) fn is_live(&self, stream: &StreamKey) -> bool {
        match &stream.source {
            Source::Command(id) => self.commands.live(id).is_some(),
            Source::Worker(id) => self.sessions.worker(id).is_some_and(|(_, worker)| {
                worker.epoch == stream.epoch && !matches!(worker.state, WorkerState::Ended(_))
            }),
            Source::Run(_) => true,
        }
    }
}
