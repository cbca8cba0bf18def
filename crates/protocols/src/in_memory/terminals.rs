//! In front of terminals: the same order as in the gateway, with a log in memory.

use pilothouse_core::{
    Asked, CoreError, LookedAt, Reply, Request,
    fanout::TopicKey,
    sessions,
    streams::{Record, StoredGroup, StreamKey},
};

use super::{
    Watching, World,
    fed::{Fed, Lines},
};
use crate::{Attach, Attachment, LogPage, Past, ReadLog, Start, TerminalLanguage};

impl World {
    pub(super) fn attach(&mut self, name: &str, attach: &Attach) {
        self.commit();
        let caller = self.clients[name].caller.clone().expect("only callers attach");
        let Attach { session, worker, language, has } = attach.clone();
        let ask = sessions::Request::Attach { session: session.clone(), worker: worker.clone() };
        let may_type = match self.core.ask(&caller, Request::Sessions(ask), self.now) {
            Asked::Answered(Ok(Reply::Attached { may_type })) => may_type,
            Asked::Answered(Err(refusal)) => {
                return self.input(name, &Fed::Attached(Err(refusal)));
            }
            other => panic!("{other:?}"),
        };
        let looked = self.core.look_at(&session, &worker).expect("it may be attached to");
        let topic = TopicKey::Worker(worker);
        let make = || Box::new(Lines) as _;
        let watched = self.core.topics().watch(&topic, language, (0, &make), self.now.wall);
        let client = self.clients.get_mut(name).expect("it attaches");
        let (shape, cursor) = (watched.shape, watched.cursor);
        let terminal = Some((session, language));
        client.watching = Some(Watching { topic, shape, cursor, may_type, terminal });
        let attachment = self.attachment(looked, (language, has), may_type, false);
        self.input(name, &Fed::Attached(Ok(attachment)));
    }

    /// A client fell off a terminal's log.
    pub(super) fn begin_anew(&mut self, name: &str) {
        let watching = self.clients.get_mut(name).and_then(|client| client.watching.as_mut());
        let watching = watching.expect("it watches");
        let (topic, may_type) = (watching.topic.clone(), watching.may_type);
        let TopicKey::Worker(worker) = &topic else { panic!("the fleet has snapshots") };
        watching.cursor = self.core.topics().next(&topic);
        let (session, language) = watching.terminal.clone().expect("it is attached");
        let attached = match self.core.look_at(&session, worker) {
            Some(looked) => Ok(self.attachment(looked, (language, None), may_type, true)),
            None => Err(CoreError::WorkerNotFound(worker.clone())),
        };
        self.input(name, &Fed::Attached(attached));
    }

    pub(super) fn read_log(&mut self, name: &str, wanted: ReadLog) {
        let ReadLog { stream, from, to } = wanted;
        let all = self.records(&stream, 0, u64::MAX);
        let first = all.first().map_or(0, |record| record.position);
        let records = self.records(&stream, from.max(first), to);
        self.input(name, &Fed::LogRead(Ok(LogPage { stream, first, records })));
    }

    fn attachment(
        &self,
        looked: LookedAt,
        (language, has): (&dyn TerminalLanguage, Option<(u32, u64)>),
        may_type: bool,
        is_resync: bool,
    ) -> Attachment {
        let LookedAt { session, worker, position, viewers } = looked;
        let stream = worker.stream();
        let continued = has.filter(|(epoch, from)| *epoch == stream.epoch && *from <= position);
        let checkpoint = || self.checkpoints.iter().rev().find(|known| known.stream == stream);
        let start = match (continued, checkpoint()) {
            (Some((_, from)), _) => Start::Continued(from),
            (None, Some(checkpoint)) => Start::Checkpoint(checkpoint.clone()),
            (None, None) => Start::Empty(0),
        };
        let from = match &start {
            Start::Checkpoint(checkpoint) => checkpoint.position,
            Start::Continued(from) | Start::Empty(from) => *from,
        };
        let records = self.records(&stream, from, position);
        let past = language.past(&Past { epoch: stream.epoch, start, records, position });
        let past = past.map(Into::into);
        Attachment { session, worker, may_type, past, position, viewers, is_resync }
    }

    fn records(&self, stream: &StreamKey, from: u64, to: u64) -> Vec<Record> {
        let groups = self.stored.iter().filter(|group| group.stream == *stream);
        let records = groups.flat_map(StoredGroup::numbered);
        records.filter(|record| record.end() > from && record.position < to).collect()
    }
}
