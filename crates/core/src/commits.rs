//! What waits to be stored, and what becomes of it then: events become visible, answers and orders go out.

use std::sync::Arc;

use crate::{
    Asked, Caller, Core, CoreError, Delivery, Event, Reply, Urgency, agents, outbox::Followup,
    ports::Write, runs,
};

/// So much unstored output is stored at once instead of soon.
const MUCH_OUTPUT: usize = 1 << 20;

impl Core {
    /// What was done is answered once it is stored; a refusal, which changes nothing, at once.
    pub(crate) fn answer_after_commit(
        &mut self,
        caller: &Caller,
        done: Result<Reply, CoreError>,
    ) -> Asked {
        match done {
            Ok(reply) => {
                let connection = caller.connection;
                self.outbox.after_commit(Followup::Answer { connection, reply });
                Asked::AfterCommit
            }
            Err(refusal) => Asked::Answered(Err(refusal)),
        }
    }

    /// Whether there is something to store.
    pub fn wants_commit(&self) -> Urgency {
        match (self.outbox.is_committing(), self.outbox.has_writes(), self.logs.pending_bytes()) {
            (true, _, _) | (false, false, 0) => Urgency::Nothing,
            (false, true, _) | (false, false, MUCH_OUTPUT..) => Urgency::Now,
            (false, false, _) => Urgency::Soon,
        }
    }

    /// Hands out everything that waits to be stored. Followed by [`Core::end_commit`]; nothing else
    /// is handed out until then.
    pub fn begin_commit(&mut self) -> Option<Arc<Vec<Write>>> {
        if self.outbox.is_committing() {
            return None;
        }
        for (agent, group) in self.logs.take_pending() {
            self.outbox.after_commit(Followup::Acknowledge {
                agent,
                stream: group.stream.clone(),
                position: group.end(),
                sequence: group.next_sequence(),
            });
            self.outbox.write(Write::Output(group));
        }
        self.outbox.begin_commit()
    }

    /// Says what became of the commit: state becomes visible, answers and acknowledgements go out.
    pub fn end_commit(&mut self, is_stored: bool) {
        let was_degraded = self.outbox.is_degraded();
        if is_stored {
            for followup in self.outbox.commit_succeeded() {
                self.follow_up(followup);
            }
        } else {
            for refused in self.outbox.commit_failed() {
                self.undo_enqueue(&refused);
            }
        }
        if self.outbox.is_degraded() != was_degraded {
            self.storage_changed();
        }
        self.release();
    }

    /// How much output waits to be stored, in bytes; 0 while storage is away, since nobody knows for how long.
    pub fn unstored_output(&self) -> usize {
        if self.outbox.is_degraded() {
            return 0;
        }
        self.logs.pending_bytes() + self.outbox.unstored_output()
    }

    pub(crate) fn follow_up(&mut self, followup: Followup) {
        match followup {
            Followup::Answer { connection, reply } => {
                self.deliver(connection, Delivery::Answer(Ok(reply)));
            }
            Followup::Dispatch { agent, command } => {
                if let Some(live) = self.commands.live_mut(&command) {
                    live.is_committed = true;
                }
                self.dispatch(&agent);
            }
            Followup::Spawn(stream) => self.spawn(&stream),
            Followup::ForgetWorker { agent, stream } => {
                self.order(&agent, agents::Order::ForgetWorker(stream));
            }
            Followup::Enrolled { agent } => {
                self.order(&agent, agents::Order::Enrolled);
            }
            Followup::Forget { agent, command } => {
                self.order(&agent, agents::Order::Forget(command));
            }
            Followup::Acknowledge { agent, stream, position, sequence } => {
                self.order(&agent, agents::Order::Acknowledge { stream, position, sequence });
            }
            Followup::Send { webhook, delivery, due } => {
                self.delivery_stored(&webhook, &delivery, due);
            }
            Followup::BeginRun(run) => self.run_stored(&run),
            Followup::Answered { agent, order } => {
                self.order(&agent, agents::Order::Run(order));
            }
            Followup::RunStored { agent, stored } => {
                self.order(&agent, agents::Order::Run(runs::Order::Stored(stored)));
            }
            Followup::ForgetRun { agent, run } => {
                self.order(&agent, agents::Order::Run(runs::Order::Forget(run)));
            }
            Followup::Audited(record) => {
                let at = record.at;
                self.topics.publish(Event::Audit(record), at);
            }
        }
    }

    /// Publishes every event that may be seen by now.
    pub(crate) fn release(&mut self) {
        while let Some((event, at)) = self.outbox.pop_visible() {
            self.end_attachments(&event);
            self.listening.take(&event, at);
            self.topics.publish(event, at);
        }
    }
}
