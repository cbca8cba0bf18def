//! Directories on agents that people name: they have to be there, and not belong to the system.

use std::sync::Arc;

use pilothouse_core::{calls::PathKind, ids::AgentId};

use super::{asker::Asker, refused::Refused};

/// The longest path, in bytes.
const LONGEST: usize = 4096;

/// Folders of the system in which nobody works; what lies below them is meant too.
const OF_THE_SYSTEM: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/private/etc",
    "/proc",
    "/sbin",
    "/sys",
    "/System",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/libx32",
    "/usr/sbin",
];

/// The administrator's home, which is no place to work for anybody else.
const ROOT_HOME: &str = "/root";

/// The directory at a path on an agent, without links and dots. Refused if there is none, or if it belongs to the
/// system; what counts is where the path really leads.
pub(super) async fn directory(
    asker: &Asker,
    agent: &AgentId,
    path: &str,
) -> Result<Arc<str>, Refused> {
    check_text(path)?;
    let asked = if path == "~" { "~/" } else { path };
    let stat = asker.stat(agent, asked).await?;
    let real = stat.real_path;
    match stat.kind {
        PathKind::Directory => {}
        PathKind::Missing => return Err(Refused::invalid(format!("there is nothing at {path}"))),
        PathKind::File | PathKind::Other => {
            return Err(Refused::invalid(format!("{path} is not a directory")));
        }
    }
    if !is_plain(&real) {
        return Err(Refused::conflict(format!("agent {agent} did not say where {path} leads")));
    }
    let is_refused = OF_THE_SYSTEM.iter().any(|folder| is_within(&real, folder))
        || is_within(&real, ROOT_HOME) && !is_within(&home(asker, agent).await?, ROOT_HOME);
    if is_refused {
        return Err(Refused::invalid(format!(
            "{path} leads to {real}, which belongs to the system; choose another directory"
        )));
    }
    Ok(real)
}

/// The home of an agent's user.
pub(super) async fn home(asker: &Asker, agent: &AgentId) -> Result<Arc<str>, Refused> {
    let home = asker.stat(agent, "~/").await?;
    if home.kind != PathKind::Directory || !is_plain(&home.real_path) {
        return Err(Refused::conflict(format!("the user of agent {agent} has no home directory")));
    }
    Ok(home.real_path)
}

/// Whether `path` is `folder` or lies below it. Both are without links and dots.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn check_text(path: &str) -> Result<(), Refused> {
    if path.len() > LONGEST || path.contains('\0') {
        return Err(Refused::invalid("a path has at most 4096 bytes and no NUL"));
    }
    if !path.starts_with('/') && !path.starts_with("~/") && path != "~" {
        return Err(Refused::invalid("give an absolute path, or one that begins with ~/"));
    }
    Ok(())
}

/// Whether a path is absolute and leads nowhere else.
fn is_plain(path: &str) -> bool {
    path.starts_with('/') && !path.split('/').any(|part| matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_contains_itself_and_what_is_below_but_not_its_namesakes() {
        for (path, folder) in
            [("/etc", "/etc"), ("/etc/x", "/etc"), ("/etc/x", "/etc/"), ("/x", "/")]
        {
            assert!(is_within(path, folder), "{path} {folder}");
        }
        for (path, folder) in [("/etcetera", "/etc"), ("/srv/etc", "/etc"), ("/", "/etc")] {
            assert!(!is_within(path, folder), "{path} {folder}");
        }
    }

    #[test]
    fn paths_are_absolute_or_begin_at_home() {
        for good in ["/", "/srv/a b", "~", "~/x", "/a/../b"] {
            assert!(check_text(good).is_ok(), "{good}");
        }
        for bad in ["", "x", "./x", "../x", "~ann", "~ann/x", "/a\0b", &"/a".repeat(3000)] {
            assert!(check_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_agents_answer_is_believed_only_if_it_leads_nowhere_else() {
        assert!(is_plain("/srv/x") && is_plain("/"));
        assert!(!is_plain("/srv/../etc") && !is_plain("srv") && !is_plain(""));
    }
}
