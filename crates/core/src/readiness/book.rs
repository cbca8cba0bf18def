//! Every stream that is kept in mind.

use std::{collections::BTreeMap, sync::Arc};

use super::Readiness;
use crate::ids::SessionId;

/// How every stream stands.
#[derive(Debug, Default)]
pub(crate) struct Book {
    by_stream: BTreeMap<SessionId, Arc<Readiness>>,
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

    pub(super) fn next_version(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    /// Every stream but those that `is_left_out` says.
    pub(super) fn without(&self, is_left_out: impl Fn(&SessionId) -> bool) -> Vec<Arc<Readiness>> {
        let rest = self.by_stream.values().filter(|known| !is_left_out(&known.stream));
        rest.cloned().collect()
    }
}
