//! `gateway.mock`: five agents that are not there, for those who want to see how it looks. They say so everywhere.

use pilothouse_core::{agents::Status, ids::AgentId};
use serde_json::{Map, Value};

use super::shapes::GatewaySession;

/// How long one of their lines lasts, in milliseconds.
const LINE: u64 = 7_000;

/// One of them.
type Role = (&'static str, &'static str, &'static [(Status, &'static str)]);

/// Who they are: the id, what they are called, and what they go through again and again.
const CAST: [Role; 5] = [
    (
        "main",
        "Main Agent (demo)",
        &[
            (Status::Busy, "Reading the list of open tasks"),
            (Status::Busy, "Handing the parser over to backend-dev"),
            (Status::Online, "Waiting for the review"),
        ],
    ),
    (
        "backend-dev",
        "Backend Dev Agent (demo)",
        &[
            (Status::Busy, "cargo test: 128 passed"),
            (Status::Busy, "Writing the migration for sessions"),
            (Status::Busy, "Committing: sessions survive restarts"),
            (Status::Online, "Done; the branch is ready"),
        ],
    ),
    (
        "architect",
        "Architect Agent (demo)",
        &[
            (Status::Online, "The plan has four steps"),
            (Status::Busy, "Comparing two ways to store output"),
        ],
    ),
    (
        "frontend-dev",
        "Frontend Dev Agent (demo)",
        &[
            (Status::Busy, "npm run build: 2.1 s"),
            (Status::Online, "The page is drawn on a phone as well"),
            (Status::Offline, "Gone for now"),
        ],
    ),
    (
        "error-test",
        "Error Test Agent (demo)",
        &[
            (Status::Error, "The last run was aborted: out of tokens"),
            (Status::Error, "Still waiting for a person"),
        ],
    ),
];

/// What they do at a moment, in milliseconds since 1970; the server started at `began_at`.
pub(super) fn sessions(now: u64, began_at: u64) -> Vec<GatewaySession> {
    let turn = usize::try_from(now.saturating_sub(began_at) / LINE).unwrap_or(0);
    CAST.iter()
        .enumerate()
        .filter_map(|(place, (id, name, lines))| {
            // Each a little later than the one before, so that not all change together.
            let (status, line) = lines[(turn + place) % lines.len()];
            Some(GatewaySession {
                agent: AgentId::new(id).ok()?,
                name: (*name).to_owned(),
                session: format!("demo-{id}"),
                status,
                task: (status == Status::Busy).then(|| line.to_owned()),
                message: Some(line.to_owned()),
                active_at: now - now.saturating_sub(began_at) % LINE,
                began_at,
                details: Map::from_iter([
                    ("demo".to_owned(), Value::Bool(true)),
                    ("channel".to_owned(), "demo".into()),
                    ("model".to_owned(), "none: this agent is a demonstration".into()),
                ]),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_agents_move_and_say_that_they_are_a_demonstration() {
        let lines =
            |now| -> Vec<_> { sessions(now, 1000).into_iter().map(|it| it.message).collect() };
        assert_ne!(lines(1000), lines(1000 + LINE));
        assert_eq!(lines(1000), lines(1000 + LINE - 1));
        let shown = sessions(123_456, 1000);
        assert_eq!(shown.len(), 5);
        assert!(shown.iter().all(|it| it.name.ends_with("(demo)") && it.details["demo"] == true));
    }
}
