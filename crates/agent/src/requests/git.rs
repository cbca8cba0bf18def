//! Git in a directory: a closed list of operations, without a shell, a prompt or a program of its choice.

use std::{path::Path, process::Stdio};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use pilothouse_protocols::agent_link::requests::{Failure, FailureCode, GitAnswer};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};

use super::failure;
use crate::{
    AgentConfig,
    processes::{Mark, check_directory, exit_code, lead_session},
};

/// What git may be asked for.
const OPERATIONS: &[&str] = &[
    "rev-parse",
    "status",
    "branch",
    "worktree",
    "for-each-ref",
    "symbolic-ref",
    "check-ref-format",
    "log",
    "merge-base",
    "fetch",
    "diff",
];
/// Options that start programs, write files or leave the directory; their beginnings too, because git takes any
/// unambiguous beginning for the whole name.
const REFUSED: &[&str] = &[
    "upload-pack",
    "receive-pack",
    "ext-diff",
    "textconv",
    "edit-description",
    "config",
    "server-option",
    "recurse-submodules",
    "no-index",
    "open-files-in-pager",
];
/// How such options begin, whatever follows.
const REFUSED_FAMILIES: &[&str] = &["exe", "out"];
/// What git is told before the operation: no daemon, no pager, no remote that is a program.
const TAMED: &[&str] = &[
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.pager=cat",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "protocol.ext.allow=never",
];
/// How much of what git prints is kept, in bytes.
const MOST_OUTPUT: usize = 1 << 20;
/// How much of what git complains of is kept, in bytes.
const MOST_COMPLAINT: usize = 64 << 10;
/// How many arguments there may be, and how long one may be in bytes.
const MOST_ARGUMENTS: usize = 256;
const LONGEST_ARGUMENT: usize = 8192;

/// Does one operation. Given up by dropping; then git is killed.
pub(super) async fn git(
    directory: &str,
    arguments: &[String],
    config: &AgentConfig,
) -> Result<GitAnswer, Failure> {
    check(arguments).map_err(|reason| failure(FailureCode::Invalid, reason))?;
    let directory = Path::new(directory);
    if !directory.is_absolute() {
        return Err(failure(FailureCode::Invalid, "the directory has to be absolute"));
    }
    check_directory(directory).map_err(|reason| failure(FailureCode::NotFound, reason))?;
    let mut command = Command::new("git");
    let (operation, rest) = arguments.split_at(1);
    command.args(TAMED).args(operation).args(tame(&operation[0])).args(rest);
    command.current_dir(directory).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_clear();
    // Whoever started the agent inside a repository did not mean every other one.
    let inherited =
        config.environment.iter().filter(|(name, _)| !name.as_encoded_bytes().starts_with(b"GIT_"));
    command.envs(inherited.map(|(name, value)| (name, value)));
    for (name, value) in [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_ASKPASS", "/bin/false"),
        ("SSH_ASKPASS", "/bin/false"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_EDITOR", "/bin/false"),
        ("LC_ALL", "C.UTF-8"),
    ] {
        command.env(name, value);
    }
    let mark = Mark::of_requests();
    command.env(mark.name(), mark.value());
    // Without a terminal nobody can be asked for a password.
    lead_session(&mut command, mark.stamp());
    let failed = |error: std::io::Error| {
        failure(FailureCode::Failed, format!("git cannot be run: {error}; install it"))
    };
    let mut child = command.spawn().map_err(failed)?;
    let mut group = Group(child.id());
    let output = child.stdout.take();
    let complaint = child.stderr.take();
    let (output, complaint, status) =
        tokio::join!(take(output, MOST_OUTPUT), take(complaint, MOST_COMPLAINT), child.wait());
    group.0 = None;
    Ok(GitAnswer { code: exit_code(status.map_err(failed)?), output, complaint })
}

/// The processes of an operation, which end with it when it is given up.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(Ok(group @ 2..)) = self.0.map(i32::try_from) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }
}

/// Options that keep a directory's settings from starting programs.
fn tame(operation: &str) -> &'static [&'static str] {
    match operation {
        "log" | "diff" => &["--no-ext-diff", "--no-textconv"],
        _ => &[],
    }
}

/// Whether git may be asked for that, or in words why not.
fn check(arguments: &[String]) -> Result<(), String> {
    let Some((operation, arguments)) = arguments.split_first() else {
        return Err("an operation is needed".to_owned());
    };
    if !OPERATIONS.contains(&operation.as_str()) {
        return Err(format!("git {operation:?} is not on the list; the list is {OPERATIONS:?}"));
    }
    if arguments.len() > MOST_ARGUMENTS
        || arguments.iter().any(|argument| argument.len() > LONGEST_ARGUMENT)
    {
        return Err("there are too many arguments, or one is too long".to_owned());
    }
    // What follows is names of files and never an option.
    let options = arguments.iter().take_while(|argument| *argument != "--");
    match options.into_iter().find(|argument| is_refused(operation, argument)) {
        Some(refused) => Err(format!("the argument {refused:?} is not allowed")),
        None if arguments.iter().any(|argument| argument.contains('\0')) => {
            Err("an argument contains a NUL character".to_owned())
        }
        None => Ok(()),
    }
}

/// Whether an option could start a program or write a file.
fn is_refused(operation: &str, argument: &str) -> bool {
    let Some(option) = argument.strip_prefix("--") else {
        let begins = |letters: &str| argument.starts_with(letters);
        return begins("-o") || begins("-O") || (begins("-c") && operation != "branch");
    };
    let name = option.split_once('=').map_or(option, |(name, _)| name);
    // A whole name of its own.
    name != "text"
        && name.len() > 2
        && (REFUSED_FAMILIES.iter().any(|family| name.starts_with(family))
            || REFUSED.iter().any(|refused| refused.starts_with(name)))
}

async fn take(pipe: Option<impl AsyncRead + Unpin>, most: usize) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let mut kept = Vec::new();
    let _ = (&mut pipe).take(most as u64).read_to_end(&mut kept).await;
    // What is beyond is read all the same, so that git does not wait for it.
    let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use pilothouse_core::ids::AgentId;
    use tokio::time::timeout;

    use super::*;

    async fn run(directory: &Path, arguments: &[&str]) -> Result<GitAnswer, Failure> {
        let id = AgentId::new("a-1").unwrap();
        let config = AgentConfig::new("ws://127.0.0.1:1", id, None, "/tmp");
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        git(directory.to_str().unwrap(), &arguments, &config).await
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let status = std::process::Command::new("git")
            .args(["init", "--quiet", "--initial-branch=main"])
            .current_dir(folder.path())
            .status();
        assert!(status.unwrap().success());
        folder
    }

    #[tokio::test]
    async fn git_answers_with_code_output_and_complaint() {
        let folder = repository();
        fs::write(folder.path().join("a"), "x").unwrap();
        let status = run(folder.path(), &["status", "--porcelain", "-uno"]).await.unwrap();
        assert_eq!((status.code, status.output.as_str()), (0, ""));
        let status = run(folder.path(), &["status", "--porcelain"]).await.unwrap();
        assert_eq!(status.output, "?? a\n");
        let branch = run(folder.path(), &["symbolic-ref", "--short", "HEAD"]).await.unwrap();
        assert_eq!(branch.output, "main\n");
        let wrong = run(folder.path(), &["rev-parse", "--verify", "no-such"]).await.unwrap();
        assert_eq!(wrong.code, 128);
        assert!(wrong.complaint.contains("fatal"), "{wrong:?}");
        let nowhere = run(&folder.path().join("none"), &["status"]).await.unwrap_err();
        assert_eq!(nowhere.code, FailureCode::NotFound);
    }

    #[test]
    fn what_could_start_a_program_is_refused() {
        let is_allowed = |line: &str| {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            check(&words).is_ok()
        };
        for line in [
            "clone x",
            "-c a.b=c status",
            "config x",
            "fetch --upload-pack=/bin/sh origin",
            "fetch --upl /bin/sh origin",
            "log -p --ext-diff",
            "log --exec=x",
            "diff --output=/etc/x",
            "diff --out /etc/x",
            "diff --no-index /etc/passwd /dev/null",
            "log -o x",
            "status -c x",
            "branch --edit-description",
            "rev-parse --exec-path",
        ] {
            assert!(!is_allowed(line), "{line}");
        }
        for line in [
            "worktree add -b topic /tmp/x main",
            "worktree remove --force /tmp/x",
            "branch -c a b",
            "log --text --oneline -n 5",
            "for-each-ref --format=%(refname) refs/heads",
            "rev-parse --git-common-dir --show-toplevel",
            "diff -- --output",
            "fetch --prune origin",
        ] {
            assert!(is_allowed(line), "{line}");
        }
    }

    #[tokio::test]
    async fn a_repositorys_settings_start_nothing_and_a_program_does_not_outlive_its_request() {
        let folder = repository();
        let mark = folder.path().join("mark");
        let settings = format!(
            "[diff]\n external = touch {0}\n[remote \"slow\"]\n url = \"ext::touch {0}\"\n\
             [core]\n sshCommand = \"touch {0}.ssh; sleep 1000; :\"\n fsmonitor = \"touch {0}\"\n",
            mark.display()
        );
        let path = folder.path().join(".git/config");
        fs::write(&path, fs::read_to_string(&path).unwrap() + &settings).unwrap();
        fs::write(folder.path().join("a"), "x").unwrap();
        assert_eq!(run(folder.path(), &["status"]).await.unwrap().code, 0);
        assert_eq!(run(folder.path(), &["diff"]).await.unwrap().code, 0);
        assert_ne!(run(folder.path(), &["fetch", "slow"]).await.unwrap().code, 0);
        assert!(!mark.exists());
        let fetch = run(folder.path(), &["fetch", "ssh://127.0.0.1/x"]);
        let started = folder.path().join("mark.ssh");
        tokio::pin!(fetch);
        while !started.exists() {
            // Goes on only while it is polled, and is dropped as at a deadline.
            let _ = timeout(Duration::from_millis(10), &mut fetch).await;
        }
    }
}
