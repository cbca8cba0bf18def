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

/// The path as we know it, whether or not a proxy has taken our base path off.
pub(crate) fn without_base<'a>(path: &'a str, base: &str) -> &'a str {
    match path.strip_prefix(base) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
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
    fn a_base_path_is_taken_off_once_and_only_as_a_whole_word() {
        let local = |path| without_base(path, "/pilot");
        assert_eq!(local("/pilot"), "/");
        assert_eq!(local("/pilot/"), "/");
        assert_eq!(local("/pilot/ws/agent"), "/ws/agent");
        assert_eq!(local("/ws/agent"), "/ws/agent");
        assert_eq!(local("/pilots/ws"), "/pilots/ws");
        assert_eq!(local("/pilot/pilot/x"), "/pilot/x");
        assert_eq!(without_base("/ws/agent", ""), "/ws/agent");
        assert_eq!(without_base("*", ""), "*");
    }

    #[test]
    fn a_path_leads_to_one_door_or_none() {
        assert_eq!(door("/ws/dashboard").unwrap().0.name, "dashboard");
        assert_eq!(door("/ws/agent").unwrap().0.name, "agent_link");
        assert_eq!(door("/").unwrap().0.name, "mission_control");
        assert_eq!(door("/ws").unwrap().0.name, "control_and_stream");
        assert_eq!(door("/ws/view/s-1").unwrap().1, ["s-1"]);
        for path in ["//", "/ws/", "/ws/dashboard/", "/ws/dashboard/x", "/ws/Dashboard", ""] {
            assert!(door(path).is_none(), "{path}");
        }
        let found = parameters("/ws/session/*/worker/*", "/ws/session/a/worker/b");
        assert_eq!(found.unwrap(), ["a", "b"]);
        assert!(parameters("/ws/session/*/worker/*", "/ws/session//worker/b").is_none());
    }
}
