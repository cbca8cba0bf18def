//! Which door a path leads to.

use pilothouse_protocols::{ALL, Door};

/// The door at `path`, and the path's variable parts.
pub(crate) fn door(path: &str) -> Option<(&'static Door, Vec<String>)> {
    ALL.iter().find_map(|door| parameters(door.path, path).map(|found| (*door, found)))
}

/// Whether a WebSocket can be opened at `path`.
pub(crate) fn is_door(path: &str) -> bool {
    door(path).is_some()
}

/// The variable parts of `path` if it matches `pattern`, in which `*` stands for one part.
fn parameters(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut parts = path.split('/');
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        match wanted {
            "*" if !part.is_empty() => found.push(part.to_owned()),
            _ if wanted == part => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_one_door_or_none() {
        assert_eq!(door("/ws/dashboard").unwrap().0.name, "dashboard");
        assert_eq!(door("/ws/agent").unwrap().0.name, "agent_link");
        for path in ["/", "/ws", "/ws/dashboard/", "/ws/dashboard/x", "/ws/Dashboard", ""] {
            assert!(door(path).is_none(), "{path}");
        }
        let found = parameters("/ws/session/*/worker/*", "/ws/session/a/worker/b");
        assert_eq!(found.unwrap(), ["a", "b"]);
        assert!(parameters("/ws/session/*/worker/*", "/ws/session//worker/b").is_none());
    }
}
