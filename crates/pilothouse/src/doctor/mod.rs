//! What `pilothouse doctor` finds: one line for each check, and what to do.

mod certificate;
mod disk;
mod exchange;
mod machine;
mod reach;
mod upgrade;

use pilothouse_server::config::Loaded;
use serde_json::json;

pub(crate) use reach::Place;

use crate::output::{Colour, coloured};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Nothing is wrong.
    Ok,
    /// It works, but something is not as it should be.
    Warning,
    /// It does not work.
    Problem,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    fn colour(self) -> Colour {
        match self {
            Self::Ok => Colour::Green,
            Self::Warning => Colour::Yellow,
            Self::Problem => Colour::Red,
        }
    }
}

/// One check's outcome.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    pub(crate) check: &'static str,
    pub(crate) sentence: String,
}

impl Finding {
    fn ok(check: &'static str, sentence: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, check, sentence: sentence.into() }
    }

    pub(crate) fn warning(check: &'static str, sentence: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, check, sentence: sentence.into() }
    }

    pub(crate) fn problem(check: &'static str, sentence: impl Into<String>) -> Self {
        Self { verdict: Verdict::Problem, check, sentence: sentence.into() }
    }
}

/// Looks at this machine: configuration, data directory, disk, descriptors, database, Redis, port, agents.
///
/// Also says whether a server runs here.
pub(crate) async fn examine_machine(loaded: &Loaded) -> (Vec<Finding>, bool) {
    let config = &loaded.config;
    let mut found = vec![machine::configuration(loaded)];
    found.push(disk::data_dir(&config.data_dir));
    found.extend(disk::secret(config));
    found.extend(disk::free_space(&config.data_dir));
    found.push(machine::database(config).await);
    found.extend(machine::redis(config).await);
    found.push(machine::descriptors());
    found.push(machine::browser());
    let (port, is_running) = machine::port(config).await;
    found.push(port);
    found.extend(machine::roles(config));
    (found, is_running)
}

/// Looks at a server from where we are: reachable, healthy, clock, upgrades, pages, token, agents.
pub(crate) async fn examine_server(place: &Place) -> Vec<Finding> {
    let mut found = reach::server(place).await;
    let is_there =
        found.iter().any(|finding| finding.check == "server" && finding.verdict == Verdict::Ok);
    if is_there {
        found.extend(upgrade::upgrades(place).await);
    }
    found
}

/// How a server is, in a few words; an error says why it cannot be asked.
pub(crate) async fn state(url: &str) -> Result<String, String> {
    let place = Place::new(url, None, None).map_err(|error| error.to_string())?;
    let health = reach::health(&place).await;
    health.map(|health| health.words()).map_err(|absent| absent.reason)
}

/// One line per finding, for people.
pub(crate) fn as_text(found: &[Finding]) -> String {
    let width = found.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let line = |finding: &Finding| {
        let Finding { verdict, check, sentence } = finding;
        let word = coloured(verdict.colour(), &format!("{:7}", verdict.word()));
        format!("{word}  {check:width$}  {sentence}")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The same for programs.
pub(crate) fn as_json(found: &[Finding]) -> String {
    let checks = found.iter().map(|finding| {
        let Finding { verdict, check, sentence } = finding;
        json!({ "check": check, "verdict": verdict.word(), "sentence": sentence })
    });
    let worst = worst(found).word();
    format!("{:#}", json!({ "verdict": worst, "checks": checks.collect::<Vec<_>>() }))
}

/// The worst verdict of all.
pub(crate) fn worst(found: &[Finding]) -> Verdict {
    found.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok)
}
