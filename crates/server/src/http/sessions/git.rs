//! Git on agents: branches and their names, worktrees as git lists them, and its complaints for people.

use std::{collections::BTreeSet, sync::Arc};

use pilothouse_core::{calls::GitOutput, ids::AgentId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{asker::Asker, refused::Refused};

/// The longest name of a branch, in bytes.
const LONGEST_BRANCH: usize = 200;
/// How much of a complaint people are told, in characters.
const COMPLAINT: usize = 400;

/// The branches of a repository.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Branches {
    local: Vec<String>,
    remote: Vec<String>,
    /// The one that others begin from, if that can be told.
    default_branch: Option<String>,
}

/// One worktree, as git lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) path: String,
    /// The branch; the commit's hash if none is checked out.
    pub(super) branch: String,
}

/// Refuses what is no name of a branch, or would be taken for an option.
pub(super) fn check_branch(name: &str) -> Result<(), Refused> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    let fits = (1..=LONGEST_BRANCH).contains(&name.len()) && name.bytes().all(is_plain);
    if fits && !name.starts_with('-') {
        return Ok(());
    }
    Err(Refused::invalid(
        "the name of a branch has letters, digits and . _ / - and does not begin with -",
    ))
}

/// What git said if it did what it should, and its complaint otherwise.
pub(super) fn done(output: &GitOutput) -> Result<&Arc<str>, Refused> {
    if output.code == 0 { Ok(&output.output) } else { Err(Refused::conflict(complaint(output))) }
}

fn complaint(output: &GitOutput) -> String {
    let text = output.complaint.trim();
    // The last line is the one that says why.
    let line = text.lines().rev().find(|line| line.contains("fatal:") || line.contains("error:"));
    let line = line.or(text.lines().last()).unwrap_or("it did not say why");
    format!("git refused: {}", line.chars().take(COMPLAINT).collect::<String>())
}

/// The root of the repository that a directory is in.
pub(super) async fn root(
    asker: &Asker,
    agent: &AgentId,
    directory: &str,
) -> Result<Arc<str>, Refused> {
    let output = asker.git(agent, directory, &["rev-parse", "--show-toplevel"]).await?;
    let root = output.output.trim_end_matches('\n');
    if output.code != 0 || !root.starts_with('/') {
        return Err(Refused::invalid(format!("{directory} is not a git repository")));
    }
    Ok(root.into())
}

/// All branches of the repository that a directory is in.
pub(super) async fn branches(
    asker: &Asker,
    agent: &AgentId,
    directory: &str,
) -> Result<Branches, Refused> {
    let references = ["for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes"];
    let references = asker.git(agent, directory, &references).await?;
    let head = asker.git(agent, directory, &["rev-parse", "--abbrev-ref", "origin/HEAD"]).await?;
    let head = (head.code == 0).then(|| head.output.trim().to_owned());
    Ok(read_branches(done(&references)?, head.as_deref()))
}

fn read_branches(references: &str, head: Option<&str>) -> Branches {
    let names = |prefix: &str| -> Vec<String> {
        let names = references.lines().filter_map(|line| line.strip_prefix(prefix));
        names.filter(|name| !name.ends_with("/HEAD")).map(str::to_owned).collect()
    };
    let (local, remote) = (names("refs/heads/"), names("refs/remotes/"));
    let usual = || ["main", "master"].into_iter().find(|usual| local.iter().any(|l| l == usual));
    let head = head.and_then(|head| head.strip_prefix("origin/")).filter(|head| *head != "HEAD");
    let default_branch = head.or_else(usual).map(str::to_owned);
    Branches { local, remote, default_branch }
}

/// The worktrees of a repository, the main one first.
pub(super) async fn worktrees(
    asker: &Asker,
    agent: &AgentId,
    repository: &str,
) -> Result<Vec<Listed>, Refused> {
    let output = asker.git(agent, repository, &["worktree", "list", "--porcelain"]).await?;
    Ok(read_worktrees(done(&output)?))
}

fn read_worktrees(text: &str) -> Vec<Listed> {
    let blocks = text.split("\n\n").filter_map(|block| {
        let field = |name: &str| {
            let mut lines = block.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        let branch = field("branch").map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
        let branch = branch.or_else(|| field("HEAD")).unwrap_or_default();
        Some(Listed { path: field("worktree")?.to_owned(), branch: branch.to_owned() })
    });
    blocks.collect()
}

/// The number in the name of a worktree's folder, if it is one of ours: `wt-007-k3xq` has 7.
pub(super) fn number(path: &str) -> Option<u32> {
    let name = path.rsplit('/').next()?;
    let (number, _) = name.strip_prefix("wt-")?.split_once('-')?;
    number.parse().ok()
}

/// The lowest number that none of them has.
pub(super) fn free_number(worktrees: &[Listed]) -> u32 {
    let taken: BTreeSet<u32> = worktrees.iter().filter_map(|known| number(&known.path)).collect();
    (1..=u32::MAX).find(|number| !taken.contains(number)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_branches_are_plain_and_no_options() {
        for good in ["main", "feature/x-1", "v1.2_3", "a"] {
            assert!(check_branch(good).is_ok(), "{good}");
        }
        for bad in ["", "-d", "--force", "a b", "a;b", "ä", "a\n", "a\0", "$(x)", &"x".repeat(201)]
        {
            assert!(check_branch(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn branches_are_sorted_into_local_and_remote_ones() {
        let references = "refs/heads/main\nrefs/heads/a/HEAD2\nrefs/remotes/origin/HEAD\n\
                          refs/remotes/origin/main\n";
        let found = read_branches(references, Some("origin/trunk"));
        assert_eq!(found.local, ["main", "a/HEAD2"]);
        assert_eq!(found.remote, ["origin/main"]);
        assert_eq!(found.default_branch.as_deref(), Some("trunk"));
        assert_eq!(read_branches(references, None).default_branch.as_deref(), Some("main"));
        assert_eq!(read_branches("refs/heads/x", Some("origin/HEAD")).default_branch, None);
    }

    #[test]
    fn worktrees_are_read_with_their_branches_and_numbers() {
        let text = "worktree /r\nHEAD 11\nbranch refs/heads/main\n\n\
                    worktree /w/wt-001-abcd\nHEAD 22\ndetached\n\n\
                    worktree /w/wt-003-abcd x\nHEAD 33\nbranch refs/heads/f/x\nlocked\n\n";
        let found = read_worktrees(text);
        let found: Vec<_> = found.iter().map(|w| (w.path.as_str(), w.branch.as_str())).collect();
        let expected = [("/r", "main"), ("/w/wt-001-abcd", "22"), ("/w/wt-003-abcd x", "f/x")];
        assert_eq!(found, expected);
        assert_eq!(free_number(&read_worktrees(text)), 2);
        assert_eq!(number("/w/wt-x-y"), None);
    }

    #[test]
    fn people_are_told_the_line_that_says_why() {
        let said = |complaint: &str| {
            let output = GitOutput { code: 128, output: "".into(), complaint: complaint.into() };
            done(&output).unwrap_err().error
        };
        let text = "Preparing worktree\nfatal: 'x' is already checked out\nhint: look elsewhere\n";
        assert_eq!(said(text), "git refused: fatal: 'x' is already checked out");
        assert_eq!(said(""), "git refused: it did not say why");
    }
}
