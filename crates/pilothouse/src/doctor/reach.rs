//! A server from outside: whether it answers, how it feels, whether its clock agrees with ours.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use pilothouse_client::{Connector, ServerAddress};

use crate::output::plain;

use super::{
    Finding, certificate,
    exchange::{Answer, PATIENCE, ask},
};

/// Tokens and logs suffer when clocks differ by more.
const CLOCKS_MAY_DIFFER: Duration = Duration::from_secs(5);

/// Which server is looked at, and with which token.
#[derive(Debug)]
pub(crate) struct Place {
    /// As it was written.
    pub(crate) url: String,
    pub(crate) address: ServerAddress,
    pub(crate) connector: Connector,
    pub(crate) token: Option<String>,
}

impl Place {
    /// Where that URL leads; `authorities` may vouch for it instead of those of this machine.
    pub(crate) fn new(
        url: &str,
        token: Option<String>,
        authorities: Option<PathBuf>,
    ) -> Result<Self, pilothouse_client::Error> {
        let connector = Connector::new(authorities, PATIENCE)?;
        Ok(Self { url: url.to_owned(), address: url.parse()?, connector, token })
    }

    pub(super) fn authority(&self) -> String {
        self.address.authority()
    }

    pub(super) fn path(&self, path: &str) -> String {
        self.address.path(path)
    }
}

/// What `/health` says.
#[derive(Debug)]
pub(super) struct Health {
    pub(super) body: serde_json::Value,
    /// The server's clock minus ours, in milliseconds.
    ahead: Option<i64>,
    certificate: Option<Vec<u8>>,
}

impl Health {
    pub(super) fn words(&self) -> String {
        let count = |of: &str, name: &str| self.body[of][name].as_u64().unwrap_or(0);
        let (linked, known) = (count("agents", "online"), count("agents", "known"));
        let (running, queued) = (count("commands", "running"), count("commands", "queued"));
        format!("{linked} of {known} agents linked, commands: {running} running, {queued} waiting")
    }

    pub(super) fn version(&self) -> &str {
        self.body["version"].as_str().unwrap_or("of unknown version")
    }
}

/// Why a server is not there, and what to do about it.
#[derive(Debug)]
pub(super) struct Absent {
    pub(super) reason: String,
    advice: &'static str,
}

/// Asks for `/health`.
pub(super) async fn health(place: &Place) -> Result<Health, Absent> {
    let asked = now_ms();
    let answer = ask(place, &place.path("/health"), "Connection: close\r\n", false).await;
    let advice = "start one with `pilothouse`, or say where it is with --server";
    let answer = answer.map_err(|reason| Absent { reason, advice })?;
    let between = i64::midpoint(asked, now_ms());
    let body = answer.json().filter(|body| answer.status == 200 && body["websocket"].is_object());
    let Some(body) = body else { return Err(somebody_else(&answer)) };
    let told = body["timestamp"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let ahead = told.map(|at| at.as_millisecond() - between);
    Ok(Health { body, ahead, certificate: answer.certificate })
}

fn somebody_else(answer: &Answer) -> Absent {
    let server = answer.field("server").map(|name| format!(" ({})", plain(name)));
    let server = server.unwrap_or_default();
    let status = answer.status;
    match status {
        403 => Absent {
            reason: format!("this name is refused: {}", answer.words()),
            advice: "add the name to hosts.allowed",
        },
        502..=504 => Absent {
            reason: format!("a proxy{server} answers with {status}"),
            advice: "look whether the server behind it runs",
        },
        _ => Absent {
            reason: format!("another program{server} answers with {status}"),
            advice: "look at the URL",
        },
    }
}

/// Whether it is there, healthy, of our time and version, and has agents.
pub(super) async fn server(place: &Place) -> Vec<Finding> {
    let health = match health(place).await {
        Ok(health) => health,
        Err(Absent { reason, advice }) => {
            let sentence = format!("{}: {reason}; {advice}", place.url);
            return vec![Finding::problem("server", sentence)];
        }
    };
    let mut found =
        vec![Finding::ok("server", format!("{} is a Pilothouse {}", place.url, health.version()))];
    let certificate = health.certificate.as_deref();
    found.extend(certificate.and_then(|der| certificate::lifetime(der, now_ms())));
    found.extend(version(&health));
    found.push(feeling(&health.body));
    found.extend(health.ahead.map(clock));
    found.push(agents(&health));
    found
}

fn version(health: &Health) -> Option<Finding> {
    let ours = env!("CARGO_PKG_VERSION");
    (health.version() != ours).then(|| {
        let sentence = format!(
            "the server is {}, this program is {ours}; use the same if something is odd",
            health.version()
        );
        Finding::warning("version", sentence)
    })
}

/// How the server itself feels.
fn feeling(body: &serde_json::Value) -> Finding {
    if body["status"] == "ok" {
        return Finding::ok("health", "the server says that it is well");
    }
    let status = body["status"].as_str().unwrap_or("not well");
    let reasons = body["reasons"].as_array().cloned().unwrap_or_default();
    let reasons: Vec<_> = reasons.iter().filter_map(serde_json::Value::as_str).map(plain).collect();
    let reasons =
        if reasons.is_empty() { "its log says why".to_owned() } else { reasons.join("; ") };
    Finding::problem("health", format!("the server says that it is {}: {reasons}", plain(status)))
}

fn clock(ahead: i64) -> Finding {
    let apart = Duration::from_millis(ahead.unsigned_abs());
    if apart <= CLOCKS_MAY_DIFFER {
        return Finding::ok("clock", "the server's clock agrees with ours");
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let sentence = format!(
        "the server's clock is {} s {direction} ours; tokens count too long or not at all: set both by NTP",
        apart.as_secs()
    );
    Finding::warning("clock", sentence)
}

fn agents(health: &Health) -> Finding {
    let count = |name: &str| health.body["agents"][name].as_u64().unwrap_or(0);
    match (count("online"), count("known")) {
        (0, 0) => {
            Finding::warning("agents", "no agent was ever here; start one with `pilothouse agent`")
        }
        (0, known) => {
            Finding::warning("agents", format!("none of {known} is linked; look at their logs"))
        }
        (online, known) => Finding::ok("agents", format!("{online} of {known} linked")),
    }
}

#[expect(clippy::disallowed_methods, reason = "two clocks are compared, and this is ours")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::Verdict, *};

    #[test]
    fn clocks_may_differ_a_little() {
        assert_eq!(clock(4_900).verdict, Verdict::Ok);
        assert_eq!(clock(-4_900).verdict, Verdict::Ok);
        assert!(clock(65_000).sentence.contains("65 s ahead"));
        assert!(clock(-7_500).sentence.contains("7 s behind"));
    }

    #[test]
    fn a_server_that_is_not_well_says_why() {
        assert_eq!(feeling(&json!({"status": "ok"})).verdict, Verdict::Ok);
        let reasons = ["storage: the disk is full", "connections: none\nleft"];
        let degraded = feeling(&json!({"status": "degraded", "reasons": reasons}));
        assert_eq!(degraded.verdict, Verdict::Problem);
        assert!(
            degraded
                .sentence
                .ends_with("degraded: storage: the disk is full; connections: none left")
        );
    }

    #[test]
    fn a_place_keeps_the_prefix_of_a_proxy() {
        for (url, health) in [
            ("http://box:1", "/health"),
            ("http://box:1/", "/health"),
            ("ws://box/pilot/", "/pilot/health"),
            ("box:1", "/health"),
        ] {
            assert_eq!(Place::new(url, None, None).unwrap().path("/health"), health, "{url}");
        }
    }
}
