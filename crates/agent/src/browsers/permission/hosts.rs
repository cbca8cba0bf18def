//! Hosts as people list them, and sites as browsers go to them.

use std::net::Ipv6Addr;

use url::{Host, Url};

/// Where a request goes: all that the rules look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Site {
    /// Name or address, in lower case, without brackets and without a dot at its end.
    pub(super) host: String,
    /// The port, also where it is the usual one.
    pub(super) port: u16,
    /// Whether it is reached with TLS; nothing where that cannot be seen.
    pub(super) is_secure: Option<bool>,
}

impl Site {
    /// Where that leads; nothing if it leads to no host.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let is_secure = is_secure(url.scheme())?;
        let usual = if is_secure { 443 } else { 80 };
        let port = url.port().unwrap_or(usual);
        Some(Self { host: written(url.host()?), port, is_secure: Some(is_secure) })
    }

    /// The other end of a tunnel, which does not say what goes through it.
    pub(super) fn tunnelled(host: &str, port: u16) -> Self {
        let named = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let host = Host::parse(&named).map_or_else(|_| host.to_ascii_lowercase(), written);
        Self { host, port, is_secure: None }
    }
}

fn is_secure(scheme: &str) -> Option<bool> {
    match scheme {
        "https" | "wss" => Some(true),
        "http" | "ws" => Some(false),
        _ => None,
    }
}

fn written<S: AsRef<str>>(host: Host<S>) -> String {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref();
            name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
        }
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    }
}

/// Hosts that pages may come from without anybody being asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    is_secure: Option<bool>,
    port: Option<u16>,
    host: String,
    /// It is what lies under that name, and not the name itself.
    is_under: bool,
}

/// Why a text names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no host: say example.com, *.example.com, example.com:8443 or https://example.com"
)]
pub(crate) struct InvalidHost(pub(super) String);

impl Hosts {
    /// All of them, or the first one that makes no sense.
    pub(super) fn parse<T: AsRef<str>>(list: &[T]) -> Result<Self, InvalidHost> {
        let entry = |text: &T| {
            entry(text.as_ref())
                .ok_or_else(|| InvalidHost(text.as_ref().chars().take(100).collect()))
        };
        list.iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a site is among them.
    pub(super) fn include(&self, site: &Site) -> bool {
        self.0.iter().any(|entry| entry.includes(site))
    }
}

impl Entry {
    fn includes(&self, site: &Site) -> bool {
        let is_host = if self.is_under {
            site.host
                .strip_suffix(&self.host)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            site.host == self.host
        };
        let is_scheme =
            site.is_secure.is_none() || self.is_secure.is_none_or(|it| Some(it) == site.is_secure);
        is_host && is_scheme && self.port.is_none_or(|port| port == site.port)
    }
}

fn entry(text: &str) -> Option<Entry> {
    let text = text.trim();
    let (is_secure, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(is_secure(&scheme.to_ascii_lowercase())?), rest),
        None => (None, text),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.len() > 300
        || rest.contains(['/', '\\', '?', '#', '@', '%'])
        || rest.contains(char::is_whitespace)
    {
        return None;
    }
    let (is_under, rest) = match rest.strip_prefix("*.") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (host, port) = if let Ok(address) = rest.parse::<Ipv6Addr>() {
        (Host::Ipv6(address), None)
    } else {
        let at = rest.rfind(':').filter(|at| !rest[*at..].contains(']'));
        let (host, port) = at.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
        let port = match port {
            Some(port) => Some(port.parse().ok().filter(|port| *port > 0)?),
            None => None,
        };
        (Host::parse(host).ok()?, port)
    };
    if is_under && !matches!(host, Host::Domain(_)) {
        return None;
    }
    let host = written(host);
    if host.contains('*') {
        return None;
    }
    // A whole origin is the one port that it names.
    let port = port.or(is_secure.map(|is_secure| if is_secure { 443 } else { 80 }));
    (!host.is_empty()).then_some(Entry { is_secure, port, host, is_under })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn includes(entry: &str, url: &str) -> bool {
        let site = Site::of(&url.parse().unwrap()).unwrap();
        Hosts::parse(&[entry]).unwrap().include(&site)
    }

    #[test]
    fn an_entry_is_the_host_that_it_names_and_no_other() {
        for (entry, url, expect) in [
            ("example.com", "https://example.com/a?b", true),
            ("example.com", "http://example.com:8080/", true),
            ("example.com", "wss://example.com/", true),
            ("EXAMPLE.Com", "https://eXample.COM/", true),
            ("example.com.", "https://example.com/", true),
            ("example.com", "https://example.com./", true),
            ("example.com", "https://www.example.com/", false),
            ("example.com", "https://notexample.com/", false),
            ("example.com", "https://example.com.evil.test/", false),
            ("example.com", "https://example.com@evil.test/", false),
            ("example.com", "https://evil.test/example.com", false),
            ("example.com", "https://evil.test\\@example.com/", false),
            ("example.com", "https://evil.test#@example.com/", false),
            ("*.example.com", "https://a.b.example.com/", true),
            ("*.example.com", "https://example.com/", false),
            ("*.example.com", "https://evilexample.com/", false),
            ("*.example.com", "https://.example.com/", false),
            ("*.EXAMPLE.com:8443", "https://a.example.com:8443/", true),
            ("*.example.com:8443", "https://a.example.com/", false),
            ("example.com:8443", "https://example.com:8443/", true),
            ("example.com:8443", "https://example.com/", false),
            ("example.com:443", "https://example.com/", true),
            ("example.com:443", "http://example.com/", false),
            ("https://example.com", "https://example.com/x", true),
            ("https://example.com/", "wss://example.com/x", true),
            ("https://example.com", "http://example.com/x", false),
            ("https://example.com", "https://example.com:8443/", false),
            ("HTTP://example.com:8080", "http://example.com:8080/", true),
            ("bücher.example", "https://xn--bcher-kva.example/", true),
            ("bücher.example", "https://BÜCHER.example/", true),
            ("xn--bcher-kva.example", "https://bücher.example/", true),
            ("exаmple.com", "https://example.com/", false),
            ("127.0.0.1", "http://127.0.0.1:9/", true),
            ("127.0.0.1", "http://0x7f.1/", true),
            ("127.0.0.1", "http://127.0.0.2/", false),
            ("::1", "http://[::1]:80/", true),
            ("[::1]", "http://[0:0:0:0:0:0:0:1]/", true),
            ("[::1]:8080", "http://[::1]:8080/", true),
            ("[::1]:8080", "http://[::1]/", false),
            ("::1", "http://[::2]/", false),
        ] {
            assert_eq!(includes(entry, url), expect, "{entry} {url}");
        }
    }

    #[test]
    fn a_tunnel_is_judged_by_host_and_port() {
        let hosts = Hosts::parse(&["https://example.com", "[::1]:8443", "*.a.example"]).unwrap();
        for (host, port, expect) in [
            ("example.com", 443, true),
            ("Example.com.", 443, true),
            ("example.com", 444, false),
            ("::1", 8443, true),
            ("::1", 443, false),
            ("b.a.example", 1, true),
            ("a.example", 1, false),
        ] {
            assert_eq!(hosts.include(&Site::tunnelled(host, port)), expect, "{host}:{port}");
        }
    }

    #[test]
    fn what_names_no_host_is_said_at_once() {
        for text in [
            "",
            " ",
            "*",
            "*.",
            "a b",
            "ftp://a",
            "https://",
            "http://a/b",
            "a:0",
            "a:99999",
            "a:x",
            "u@a",
            "*.127.0.0.1",
            "a/*",
            "[::1",
            "*.*.a",
            "a?b",
            "https://*",
            "a#b",
            "%61",
        ] {
            assert!(Hosts::parse(&[text]).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_listed_nothing_breaks(text in "\\PC{0,40}", host in "[a-z0-9.:\\[\\]-]{0,40}") {
            let _ = Hosts::parse(&[&text]);
            let _ = Site::tunnelled(&host, 1);
        }

        #[test]
        fn no_other_host_is_ever_included(host in "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}", other in "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}") {
            prop_assert_eq!(includes(&host, &format!("https://{other}/")), host == other);
        }
    }
}
