//! What an agent tells of its machine, on the wire.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{agents::NO_LIMIT, resources as domain, streams::StreamKey};
use serde::{Deserialize, Serialize};

use super::messages::Stream;

/// Of how many commands and workers it is told what they take. Overflow rule: the smallest are left out.
pub const MOST_PROCESSES: usize = 128;

/// `resources`. What the machine does not tell is absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// How much of all its processors is in use, in per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// How many processors it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processors: Option<u32>,
    /// How many processes wanted to run, on average over 1, 5 and 15 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<[f64; 3]>,
    /// Its memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Room>,
    /// The file system that the agent's data is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<Room>,
    /// For how many milliseconds the agent has run.
    pub uptime: u64,
    /// How many commands run.
    pub commands: u32,
    /// How many workers run.
    pub workers: u32,
    /// What runs, and what it takes; the largest first.
    #[serde(default)]
    pub processes: Vec<Taken>,
}

/// How much of something there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Room {
    /// In use.
    pub used: u64,
    /// In all.
    pub total: u64,
}

/// What all processes of one command or worker take together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Taken {
    /// Whose.
    pub stream: Stream,
    /// Of all processors, in per cent; absent until it was seen for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// Memory in bytes. What several share counts for each.
    pub memory: u64,
}

/// Whatever an agent says, people are told numbers that can be.
impl From<Resources> for domain::Resources {
    fn from(told: Resources) -> Self {
        let processes = told.processes.into_iter().take(MOST_PROCESSES).filter_map(|taken| {
            let stream = StreamKey::try_from(&taken.stream).ok()?;
            let (cpu, memory) = (taken.cpu.and_then(share), taken.memory.min(NO_LIMIT));
            Some(domain::Taken { stream, cpu, memory })
        });
        Self {
            cpu: told.cpu.and_then(share),
            processors: told.processors,
            load: told.load.filter(|load| load.iter().all(|it| it.is_finite() && *it >= 0.0)),
            memory: told.memory.map(Into::into),
            disk: told.disk.map(Into::into),
            uptime: Duration::from_millis(told.uptime.min(NO_LIMIT)),
            commands: told.commands,
            workers: told.workers,
            processes: processes.collect(),
        }
    }
}

impl From<Room> for domain::Room {
    fn from(room: Room) -> Self {
        let total = room.total.min(NO_LIMIT);
        Self { used: room.used.min(total), total }
    }
}

fn share(per_cent: f64) -> Option<f64> {
    per_cent.is_finite().then(|| per_cent.clamp(0.0, 100.0))
}

/// As a report of the core.
pub(super) fn reported(told: Resources) -> Arc<domain::Resources> {
    Arc::new(told.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_are_not_told() {
        let text = r#"{"cpu":900,"load":[1,-2,3],"memory":{"used":9,"total":4},"uptime":1,
            "commands":0,"workers":0,"processes":[
                {"stream":{"kind":"command","id":"c 1","epoch":0},"memory":1},
                {"stream":{"kind":"command","id":"c-1","epoch":0},"cpu":-1,"memory":1}
            ]}"#;
        let told = domain::Resources::from(serde_json::from_str::<Resources>(text).unwrap());
        assert_eq!((told.cpu, told.load), (Some(100.0), None));
        assert_eq!(told.memory, Some(domain::Room { used: 4, total: 4 }));
        let taken: Vec<_> = told.processes.iter().map(|taken| (taken.cpu, taken.memory)).collect();
        assert_eq!(taken, [(Some(0.0), 1)], "an id that is none is left out");
    }

    #[test]
    fn what_a_machine_does_not_tell_is_absent() {
        let text = serde_json::to_string(&Resources::default()).unwrap();
        assert_eq!(text, r#"{"uptime":0,"commands":0,"workers":0,"processes":[]}"#);
    }
}
