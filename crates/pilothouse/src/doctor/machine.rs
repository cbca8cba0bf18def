//! This machine: configuration, database, port, file descriptors, and who could read the secret.

use std::{fs, io, os::unix::fs::MetadataExt, time::Duration};

use nix::sys::resource::{Resource, getrlimit};
use pilothouse_server::{
    config::{Config, Loaded, Origin},
    place, readiness, storage,
};

use tokio::time::timeout;

use super::{Finding, Place, disk, reach};

/// Every connection needs a descriptor.
const FEW_DESCRIPTORS: u64 = 4096;
/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn configuration(loaded: &Loaded) -> Finding {
    let changed =
        loaded.settings.iter().filter(|setting| setting.origin != Origin::Default).count();
    let file = loaded.file.as_ref().map(|path| format!("{}, ", path.display()));
    let sentence =
        format!("{}{changed} of {} keys set", file.unwrap_or_default(), loaded.settings.len());
    if loaded.warnings.is_empty() {
        return Finding::ok("configuration", sentence);
    }
    Finding::warning("configuration", format!("{sentence}; {}", loaded.warnings.join("; ")))
}

pub(super) async fn database(config: &Config) -> Finding {
    let check = "database";
    match timeout(PATIENCE, storage::reach(config)).await {
        Ok(Ok(sentence)) => Finding::ok(check, sentence),
        Ok(Err(error)) => {
            let sentence = format!("{error}; look at database.url, and whether the database runs");
            Finding::problem(check, sentence)
        }
        Err(_) => {
            Finding::problem(check, "it does not answer; look at its server and at the network")
        }
    }
}

/// The server works without it, so that this is never more than a warning.
pub(super) async fn redis(config: &Config) -> Option<Finding> {
    let check = "redis";
    Some(match readiness::reach(config).await? {
        Ok(sentence) => Finding::ok(check, sentence),
        Err(error) => {
            let sentence = format!(
                "{error}; look at redis.url, and whether Redis runs; until then nobody learns there which browsers are ready"
            );
            Finding::warning(check, sentence)
        }
    })
}

pub(super) fn descriptors() -> Finding {
    let check = "descriptors";
    let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return Finding::warning(check, "the system does not say how many files may be open");
    };
    // The server raises its own limit as far as it may.
    if most < FEW_DESCRIPTORS {
        let sentence = format!(
            "at most {most} files may be open, one per connection; raise it with `ulimit -Hn` as root, or LimitNOFILE= in the unit"
        );
        return Finding::warning(check, sentence);
    }
    Finding::ok(check, format!("up to {most} files may be open"))
}

/// Whether an agent on this machine could open a browser.
pub(super) fn browser() -> Finding {
    let check = "browser";
    match pilothouse_agent::browser_of_this_machine() {
        Some(program) => Finding::ok(check, format!("{} shows pages", program.display())),
        None => Finding::ok(
            check,
            "none is found, so that an agent here opens none; install Chromium, or name one with --browser",
        ),
    }
}

/// Free, or taken by a Pilothouse, or taken by somebody else. Also says whether a Pilothouse has it.
pub(super) async fn port(config: &Config) -> (Finding, bool) {
    let check = "port";
    let listen = config.listen;
    let Err(error) = std::net::TcpListener::bind(listen) else {
        return (Finding::ok(check, format!("{listen} is free")), false);
    };
    if error.kind() != io::ErrorKind::AddrInUse {
        let sentence = format!("cannot listen on {listen}: {error}; choose another with --listen");
        return (Finding::problem(check, sentence), false);
    }
    if place::of_running(&config.data_dir).is_some_and(|url| url == config.url()) {
        let sentence = format!("the server of this data directory listens on {listen}");
        return (Finding::ok(check, sentence), true);
    }
    let health = match Place::new(&config.url(), None, None) {
        Ok(place) => reach::health(&place).await.map_err(|absent| absent.reason),
        Err(error) => Err(error.to_string()),
    };
    match health {
        Ok(health) => {
            let sentence = format!("a Pilothouse {} answers at {listen}", health.version());
            (Finding::ok(check, sentence), true)
        }
        Err(reason) => {
            let sentence = format!("{listen} is taken: {reason}; choose another with --listen");
            (Finding::problem(check, sentence), false)
        }
    }
}

/// An agent that runs as the user who owns the secret lets everybody who may use it make tokens.
pub(super) fn roles(config: &Config) -> Option<Finding> {
    let owner = disk::owner_of_secret(config)?;
    let agents = agents_of(owner);
    if agents.is_empty() {
        return Some(Finding::ok(
            "roles",
            "no agent on this machine runs as the owner of the secret",
        ));
    }
    let processes: Vec<_> = agents.iter().map(ToString::to_string).collect();
    let sentence = format!(
        "void: the agent (process {}) runs as the owner of the server's secret, so whoever may run commands on it can read \
         the secret and make any token; fine for one person, otherwise run agents as another user",
        processes.join(", ")
    );
    Some(Finding::warning("roles", sentence))
}

/// The agents that run as that user, or as root, who may read everything.
fn agents_of(owner: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_owner = entries.filter_map(|entry| {
        let process: u32 = entry.file_name().to_str()?.parse().ok()?;
        let user = entry.metadata().ok()?.uid();
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        (user == 0 || user == owner).then_some(())?;
        is_agent(&line).then_some(process)
    });
    of_owner.collect()
}

/// Whether that is the command line of `pilothouse … agent …`.
fn is_agent(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == 0);
    let program = words.next().unwrap_or_default();
    let is_ours = program.rsplit(|byte| *byte == b'/').next() == Some(b"pilothouse");
    is_ours && words.any(|word| word == b"agent")
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    #[test]
    fn agents_are_known_by_their_command_line() {
        assert!(is_agent(b"/usr/bin/pilothouse\0--log\0info\0agent\0--id\0a\0"));
        assert!(!is_agent(b"/usr/bin/pilothouse\0serve\0"));
        assert!(!is_agent(b"/usr/bin/vim\0agent\0"));
    }

    #[tokio::test]
    async fn a_port_that_another_program_has_is_a_problem() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = taken.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut peer, _) = taken.accept().unwrap();
            let _ = peer.read(&mut [0; 1024]);
            peer.write_all(b"HTTP/1.1 200 OK\r\nServer: other/1\r\nContent-Length: 2\r\n\r\nhi")
                .unwrap();
        });
        let (found, is_ours) = port(&Config { listen, ..Config::default() }).await;
        assert!(!is_ours);
        answering.join().unwrap();
        assert_eq!(found.verdict, Verdict::Problem);
        assert!(found.sentence.contains("other/1"), "{}", found.sentence);
    }
}
