//! Statuses that come from guesses about age flap at the edges: a change counts once it has held. Pure.

use std::collections::BTreeMap;

use pilothouse_core::{agents::Status, ids::AgentId};

/// How many looks in a row have to see another status before it counts. Trouble counts at once.
const LOOKS: u32 = 2;

/// What was seen of one agent.
#[derive(Debug, Clone, Copy)]
struct Seen {
    told: Status,
    /// Another status than the one that was told, and how often it was seen in a row.
    candidate: Option<(Status, u32)>,
}

/// What was seen of all agents of a gateway.
#[derive(Debug, Default)]
pub(crate) struct Steadiness {
    seen: BTreeMap<AgentId, Seen>,
}

impl Steadiness {
    /// One look at all agents: what each counts as from now on. Agents that are not in it any more count as
    /// offline once that has held, and are forgotten then.
    pub(crate) fn look(&mut self, now: &BTreeMap<AgentId, Status>) -> Vec<(AgentId, Status)> {
        for agent in now.keys() {
            let first = Seen { told: now[agent], candidate: None };
            self.seen.entry(agent.clone()).or_insert(first);
        }
        let mut told = Vec::new();
        self.seen.retain(|agent, seen| {
            let present = now.get(agent).copied();
            seen.take(present.unwrap_or(Status::Offline));
            told.push((agent.clone(), seen.told));
            present.is_some() || seen.told != Status::Offline
        });
        told
    }
}

impl Seen {
    fn take(&mut self, status: Status) {
        if status == self.told {
            self.candidate = None;
            return;
        }
        let times = match self.candidate {
            Some((candidate, times)) if candidate == status => times + 1,
            _ => 1,
        };
        if times >= LOOKS || status == Status::Error {
            *self = Self { told: status, candidate: None };
        } else {
            self.candidate = Some((status, times));
        }
    }
}

/// How an agent with several sessions is: in trouble if the newest one is, otherwise as the liveliest one.
pub(crate) fn together(sessions: &[(u64, Status)]) -> Status {
    let newest = sessions.iter().max_by_key(|(active_at, _)| *active_at);
    if newest.is_some_and(|(_, status)| *status == Status::Error) {
        return Status::Error;
    }
    let any = |wanted: Status| sessions.iter().any(|(_, status)| *status == wanted);
    match (any(Status::Busy), any(Status::Online)) {
        (true, _) => Status::Busy,
        (false, true) => Status::Online,
        (false, false) => Status::Offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen and what is told, look by look: `o`nline, `b`usy, `f` offline, `e`rror, `-` not listed.
    fn told(seen: &str) -> String {
        let id = AgentId::new("a").unwrap();
        let mut steadiness = Steadiness::default();
        let letter = |status| match status {
            Status::Online => 'o',
            Status::Busy => 'b',
            Status::Offline => 'f',
            Status::Error => 'e',
        };
        let look = |seen: char| {
            let status = match seen {
                'o' => Some(Status::Online),
                'b' => Some(Status::Busy),
                'f' => Some(Status::Offline),
                'e' => Some(Status::Error),
                _ => None,
            };
            let now = status.map(|status| (id.clone(), status)).into_iter().collect();
            steadiness.look(&now).first().map_or('-', |(_, status)| letter(*status))
        };
        seen.chars().map(look).collect()
    }

    #[test]
    fn a_change_counts_once_it_has_held_and_trouble_at_once() {
        for (seen, expected) in [
            ("ooo", "ooo"),
            ("obob", "oooo"),
            ("obb", "oob"),
            ("offo", "ooff"),
            ("offoo", "ooffo"),
            ("obfb", "oooo"),
            ("oe", "oe"),
            ("oeoe", "oeee"),
            ("oeoo", "oeeo"),
            ("o-o-", "oooo"),
            ("o--", "oof"),
            ("o---", "oof-"),
            ("e", "e"),
            ("--", "--"),
        ] {
            assert_eq!(told(seen), expected, "{seen}");
        }
    }

    #[test]
    fn an_agent_is_as_lively_as_its_liveliest_session() {
        use Status::{Busy, Error, Offline, Online};
        for (sessions, expected) in [
            (&[(1, Offline), (2, Online)][..], Online),
            (&[(3, Busy), (9, Online)], Busy),
            (&[(1, Error), (2, Online)], Online),
            (&[(1, Online), (2, Error)], Error),
            (&[], Offline),
        ] {
            assert_eq!(together(sessions), expected, "{sessions:?}");
        }
    }
}
