//! What somebody could have attached to, for whoever named something that is not there.

use std::{fmt::Write, time::Duration};

use pilothouse_client::Error;
use serde_json::Value;

use super::listing::{part, word};
use crate::{
    access::Access,
    failure::{Failure, UNAVAILABLE},
};

/// How many workers are named.
const MOST: usize = 10;
/// How long the answer is waited for; the failure is more important.
const WITHIN: Duration = Duration::from_secs(3);

/// The failure, and what there is instead if the server says so.
pub(super) async fn instead_of(session: &str, error: Error, access: &Access) -> Failure {
    let failure = Failure::from(error);
    if failure.code != UNAVAILABLE {
        return failure;
    }
    let asked =
        async { access.dashboard()?.api()?.get("/api/sessions").await.map_err(Failure::from) };
    match tokio::time::timeout(WITHIN, asked).await {
        Ok(Ok(answer)) => match part(&answer, "sessions").ok().and_then(Value::as_array) {
            Some(sessions) => {
                Failure::new(failure.code, failure.sentence + &offer(session, sessions))
            }
            None => failure,
        },
        Ok(Err(_)) | Err(_) => failure,
    }
}

/// The workers of that session, or of all if there is no such session.
fn offer(session: &str, sessions: &[Value]) -> String {
    let known = sessions.iter().find(|known| known["id"] == session);
    let looked_at = known.map_or(sessions, std::slice::from_ref);
    let workers: Vec<String> = looked_at.iter().flat_map(names).collect();
    let of = known.map_or(String::new(), |known| format!(" in {}", word(known, "id")));
    if workers.is_empty() {
        return match known {
            Some(known) => {
                format!("; it has no worker; pilothouse workers add {}", word(known, "id"))
            }
            None => "; there is no worker at all; pilothouse sessions new FOLDER --terminal".into(),
        };
    }
    let mut text = format!("; there is{of}: {}", workers[..workers.len().min(MOST)].join(", "));
    if workers.len() > MOST {
        let _ = write!(text, ", and {} more; see pilothouse sessions", workers.len() - MOST);
    }
    text
}

fn names(session: &Value) -> Vec<String> {
    let workers = session["workers"].as_array().map_or(&[][..], Vec::as_slice);
    let name = |worker: &Value| {
        format!("{}/{} ({})", word(session, "id"), word(worker, "id"), word(worker, "name"))
    };
    workers.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn workers_are_named_as_they_are_attached_to() {
        let worker = |id: usize| json!({ "id": format!("w-{id}"), "name": "shell" });
        let few = json!({ "id": "s-1", "workers": [worker(1), worker(2)] });
        let many = json!({ "id": "s-2", "workers": (0..12).map(worker).collect::<Vec<_>>() });
        let none = json!({ "id": "s-3", "workers": [] });
        let all = [few, many, none.clone()];
        assert_eq!(offer("s-1", &all), "; there is in s-1: s-1/w-1 (shell), s-1/w-2 (shell)");
        assert!(offer("s-2", &all).ends_with(", and 2 more; see pilothouse sessions"));
        assert_eq!(offer("s-3", &all), "; it has no worker; pilothouse workers add s-3");
        assert!(offer("s-4", &all).starts_with("; there is: s-1/w-1 (shell), "));
        assert!(offer("s-4", &[none]).starts_with("; there is no worker at all"));
    }
}
