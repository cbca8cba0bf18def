//! Which web pages may talk to us, and under which names we answer on loopback.
//!
//! Programs send no `Origin` and pass. `null`, what is not an origin, and two of them never do.

use std::net::IpAddr;

use crate::config::Config;

/// Why a request is refused before anything else is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// As HTTP says it.
    pub(crate) status: u16,
    /// In words.
    pub(crate) reason: &'static str,
}

const FOREIGN_ORIGIN: Refusal =
    Refusal { status: 403, reason: "this origin is not allowed; see origins.allowed" };
const FOREIGN_HOST: Refusal =
    Refusal { status: 403, reason: "this host name is not allowed; see hosts.allowed" };

/// A host and its port, as a URL or a header has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Authority<'a> {
    host: &'a str,
    port: Option<u16>,
}

/// How a request came here, beside its fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Way<'a> {
    /// The authority of the request's target, if it is a whole URL.
    pub(crate) authority: Option<&'a str>,
    /// The host that the client asked for, as a trusted proxy says.
    pub(crate) forwarded_host: Option<&'a str>,
    /// Whether the client is known to speak TLS; then a page that came without it is foreign.
    pub(crate) is_secure: bool,
}

/// Refuses foreign pages, and names that only DNS rebinding leads here.
pub(crate) fn check<'a>(
    fields: impl Iterator<Item = (&'a str, &'a [u8])>,
    way: Way<'_>,
    config: &Config,
) -> Result<(), Refusal> {
    let (mut hosts, mut origins) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("host") {
            hosts.push(value);
        } else if name.eq_ignore_ascii_case("origin") {
            origins.push(value);
        }
    }
    let ambiguous = |reason| Refusal { status: 400, reason };
    let host = match hosts[..] {
        [] => "",
        [host] => std::str::from_utf8(host).map_err(|_| ambiguous("the host is not a name"))?,
        _ => return Err(ambiguous("there are several host fields")),
    };
    if way.authority.is_some_and(|authority| !authority.eq_ignore_ascii_case(host)) {
        return Err(ambiguous("the request's target names another host than its host field"));
    }
    let host = Authority::parse(way.forwarded_host.unwrap_or(host));
    if config.listen.ip().is_loopback() && !host.is_some_and(|host| host.is_own(config)) {
        return Err(FOREIGN_HOST);
    }
    let origin = match origins[..] {
        [] => return Ok(()),
        [origin] => std::str::from_utf8(origin).map_err(|_| FOREIGN_ORIGIN)?,
        _ => return Err(FOREIGN_ORIGIN),
    };
    let is_weaker = way.is_secure && !origin.to_ascii_lowercase().starts_with("https://");
    let is_allowed = host.is_some_and(|host| is_same(origin, host) && !is_weaker)
        || config.origins_allowed.iter().any(|known| is_known(origin, known));
    if is_allowed { Ok(()) } else { Err(FOREIGN_ORIGIN) }
}

/// Whether a request asks for us by a name that only this machine has, wherever we listen.
pub(crate) fn names_us<'a>(
    fields: impl Iterator<Item = (&'a str, &'a [u8])>,
    forwarded_host: Option<&str>,
    config: &Config,
) -> bool {
    let mut hosts = fields.filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    let (Some((_, host)), None) = (hosts.next(), hosts.next()) else { return false };
    let host = forwarded_host.or_else(|| std::str::from_utf8(host).ok());
    host.and_then(Authority::parse).is_some_and(|host| host.is_own(config))
}

/// Whether a page of that origin was served under the very name it now connects to.
fn is_same(origin: &str, host: Authority<'_>) -> bool {
    let Some((usual_port, own)) = page(origin) else { return false };
    let port = |authority: Authority<'_>| authority.port.unwrap_or(usual_port);
    own.host.eq_ignore_ascii_case(host.host) && port(own) == port(host)
}

/// Whether an origin is one that was configured. Those of no web page, such as an extension's, are compared as texts.
fn is_known(origin: &str, known: &str) -> bool {
    let known = known.trim_end_matches('/');
    match (page(origin), page(known)) {
        (Some((usual_port, _)), Some((known_port, host))) => {
            usual_port == known_port && is_same(origin, host)
        }
        (None, None) => origin.contains("://") && origin.eq_ignore_ascii_case(known),
        _ => false,
    }
}

/// The usual port of a web page's origin, and where it came from.
fn page(origin: &str) -> Option<(u16, Authority<'_>)> {
    let (scheme, authority) = origin.split_once("://")?;
    let usual_port = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some((usual_port, Authority::parse(authority)?))
}

impl<'a> Authority<'a> {
    /// Reads `name`, `name:port`, `[address]` and `[address]:port`, and nothing that only looks like them.
    fn parse(text: &'a str) -> Option<Self> {
        let name_ends = if text.starts_with('[') { text.find(']')? + 1 } else { 0 };
        let (host, port) = match text[name_ends..].find(':') {
            Some(colon) => {
                let (host, port) = text.split_at(name_ends + colon);
                (host, &port[1..])
            }
            None => (text, ""),
        };
        let is_address = host.starts_with('[');
        let fits = |byte: u8| match byte {
            b'[' | b']' | b':' => is_address,
            _ => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'),
        };
        let is_host = !host.is_empty() && host.bytes().all(fits);
        let is_port = port.bytes().all(|digit| digit.is_ascii_digit());
        let port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
        (is_host && is_port && (!is_address || host.ends_with(']'))).then_some(Self { host, port })
    }

    /// Whether this is a name of ours, which nobody else can give away.
    fn is_own(self, config: &Config) -> bool {
        // A dot at the end only says that the name is complete.
        let name = self.host.strip_suffix('.').unwrap_or(self.host);
        let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let address = literal.unwrap_or(name).parse::<IpAddr>().ok();
        let is_own_address =
            |address: IpAddr| address.to_canonical().is_loopback() || address == config.listen.ip();
        let is_known =
            |known: &String| name.eq_ignore_ascii_case(known.strip_suffix('.').unwrap_or(known));
        name.eq_ignore_ascii_case("localhost")
            || address.is_some_and(is_own_address)
            || config.hosts_allowed.iter().any(is_known)
    }
}

#[cfg(test)]
#[path = "origin_tests.rs"]
mod tests;
