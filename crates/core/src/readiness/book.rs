//! Every stream that is kept in mind.

use std::{collections::BTreeMap, sync::Arc};

use super::{Flow, Readiness};
use crate::{ids::SessionId, time::Timestamp};

/// How every stream stands.
#[derive(Debug, Default)]
pub(crate) struct Book {
    by_stream: BTreeMap<SessionId, Arc<Readiness>>,
    /// What an earlier life left live and this one knows nothing of, for copies outside. Filled at the start alone.
    abandoned: Vec<Arc<Readiness>>,
    version: u64,
}

impl Book {
    pub(crate) fn get(&self, stream: &SessionId) -> Option<&Arc<Readiness>> {
        self.by_stream.get(stream)
    }

    pub(super) fn put(&mut self, readiness: Arc<Readiness>) {
        self.by_stream.insert(readiness.stream.clone(), readiness);
    }

    pub(super) fn remove(&mut self, stream: &SessionId) {
        self.by_stream.remove(stream);
    }

    /// A stream that is forgotten, and ended when the server did.
    pub(super) fn abandon(&mut self, readiness: &Readiness, at: Timestamp) {
        let flow = Flow::Ended { since: readiness.since(), at };
        let version = self.next_version();
        let stream = readiness.stream.clone();
        self.abandoned.push(Arc::new(Readiness { stream, flow, version }));
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn next_version(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    pub(super) fn since(&self, version: u64) -> impl Iterator<Item = &Arc<Readiness>> {
        let is_known = |one: &&Arc<Readiness>| self.by_stream.contains_key(&one.stream);
        let abandoned = self.abandoned.iter().filter(move |one| !is_known(one));
        self.by_stream.values().chain(abandoned).filter(move |one| one.version > version)
    }

    /// Every stream but those that `is_left_out` says.
    pub(super) fn without(&self, is_left_out: impl Fn(&SessionId) -> bool) -> Vec<Arc<Readiness>> {
        let rest = self.by_stream.values().filter(|known| !is_left_out(&known.stream));
        rest.cloned().collect()
    }
}
