//! How a request comes to its one record: at once, or when it is known what became of it.

use std::{collections::BTreeMap, sync::Arc};

use super::{AuditRecord, AuditResult};
use crate::{Asked, Core, CoreError, ids::ConnectionId};

/// Records of requests whose answer an agent has to give. Bounded by connections, each of which waits for one answer.
pub(crate) type Unsettled = BTreeMap<ConnectionId, AuditRecord>;

impl Core {
    /// Takes the record of a request, once that was granted or refused.
    pub(crate) fn audit(
        &mut self,
        mut record: AuditRecord,
        connection: ConnectionId,
        asked: &Asked,
    ) {
        match asked {
            Asked::Answered(Ok(_)) => {}
            Asked::Answered(Err(refusal)) => record.refuse(refusal),
            Asked::AfterCommit if self.outbox.will_answer(connection) => {
                self.outbox.settle_with_commit(connection, &record.id);
            }
            Asked::AfterCommit => {
                if let Some(earlier) = self.unsettled.insert(connection, record) {
                    self.outbox.audit(Arc::new(earlier));
                }
                return;
            }
        }
        self.outbox.audit(Arc::new(record));
    }

    /// The answer is there, and with it what became of the request.
    pub(crate) fn settle_audit(
        &mut self,
        connection: ConnectionId,
        answer: Result<(), &CoreError>,
    ) {
        let Some(mut record) = self.unsettled.remove(&connection) else { return };
        if let Err(refusal) = answer {
            record.refuse(refusal);
        }
        self.outbox.audit(Arc::new(record));
    }

    /// Nobody waits for the answer any more, so that nobody learns what became of the request.
    pub(crate) fn abandon_audit(&mut self, connection: ConnectionId) {
        let Some(mut record) = self.unsettled.remove(&connection) else { return };
        record.result = AuditResult::Failure;
        record.refusal = Some("whoever asked left before the answer came".to_owned());
        self.outbox.audit(Arc::new(record));
    }
}
