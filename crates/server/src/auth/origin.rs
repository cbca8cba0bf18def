//! Which web pages may talk to us, and under which names we answer on loopback.

use crate::config::Config;

/// Refuses foreign pages, and names that only DNS rebinding leads here. Programs send no `Origin` and pass.
pub(crate) fn check(
    host: Option<&str>,
    origin: Option<&str>,
    config: &Config,
) -> Result<(), &'static str> {
    let host = host.unwrap_or_default();
    if config.listen.ip().is_loopback() && !is_own_name(host, config) {
        return Err("this host name is not allowed; see hosts.allowed");
    }
    match origin {
        None => Ok(()),
        Some(origin) if is_same(origin, host) => Ok(()),
        Some(origin) if config.origins_allowed.iter().any(|known| known == origin) => Ok(()),
        Some(_) => Err("this origin is not allowed; see origins.allowed"),
    }
}

/// Whether a page of that origin was served under the very name it now connects to.
fn is_same(origin: &str, host: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| !host.is_empty() && authority.eq_ignore_ascii_case(host))
}

fn is_own_name(host: &str, config: &Config) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
        || name == config.listen.ip().to_string()
        || config.hosts_allowed.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_null_and_look_alike_origins_are_refused() {
        let config =
            Config { origins_allowed: vec!["https://ops.example".into()], ..Config::default() };
        let passes = |origin| check(Some("localhost:7717"), origin, &config).is_ok();
        assert!(passes(None));
        assert!(passes(Some("http://localhost:7717")));
        assert!(passes(Some("https://ops.example")));
        for foreign in [
            "null",
            "",
            "http://localhost:7718",
            "http://localhost:7717.evil.example",
            "http://evil.example/localhost:7717",
            "https://ops.example.evil",
            "http://localhost:7717@evil.example",
            "localhost:7717",
        ] {
            assert!(!passes(Some(foreign)), "{foreign}");
        }
    }

    #[test]
    fn on_loopback_only_own_names_are_answered() {
        let config = Config { hosts_allowed: vec!["pilot.test".into()], ..Config::default() };
        for own in ["localhost", "127.0.0.1:7717", "[::1]:7717", "pilot.test:80"] {
            assert!(check(Some(own), None, &config).is_ok(), "{own}");
        }
        for foreign in ["evil.example", "localhost.evil.example:7717", "", "127.0.0.1.nip.io"] {
            assert!(check(Some(foreign), None, &config).is_err(), "{foreign}");
        }
    }
}
