//! Output comes in: shown at once, stored in groups, acknowledged when stored.

use super::{Event, Record, Source, StreamKey, logs::Received};
use crate::{Core, Event as Fact, ids::AgentId, time::Moment};

impl Core {
    /// Takes in one record of an agent. What it sent before is ignored.
    pub(crate) fn receive(&mut self, agent: &AgentId, record: Record, now: Moment) {
        if self.agent_of_stream(&record.stream).is_some_and(|owner| owner != *agent) {
            return;
        }
        let received = self.logs.append(agent, &record, now.wall);
        if let Received::Repeated = received {
            return;
        }
        self.output_records += 1;
        self.output_bytes += record.bytes.len() as u64;
        if let Received::AppendedAfterHole { from } = received {
            self.missing(agent, record.stream.clone(), (from, record.position), now);
        }
        // Late output of an ended command is stored, and never shown as if it still ran.
        if self.is_live(&record.stream) {
            self.show(Fact::Output(Event::Written { agent: agent.clone(), record }), now);
        }
    }

    /// Tells viewers that bytes are lost for everybody.
    pub(crate) fn missing(
        &mut self,
        agent: &AgentId,
        stream: StreamKey,
        (from, to): (u64, u64),
        now: Moment,
    ) {
        self.show(Fact::Output(Event::Missing { agent: agent.clone(), stream, from, to }), now);
    }

    /// Which agent a stream belongs to, as far as it is known.
    pub(crate) fn agent_of_stream(&self, stream: &StreamKey) -> Option<AgentId> {
        match &stream.source {
            Source::Command(id) => {
                let live = self.commands.live(id).map(|live| &live.command);
                live.or_else(|| self.commands.ended(id)).map(|command| command.agent.clone())
            }
            Source::Worker(_) | Source::Run(_) => None,
        }
    }

    fn is_live(&self, stream: &StreamKey) -> bool {
        match &stream.source {
            Source::Command(id) => self.commands.live(id).is_some(),
            Source::Worker(_) | Source::Run(_) => true,
        }
    }
}
