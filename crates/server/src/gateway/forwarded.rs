//! Who really asks, and under which name, as far as proxies that we trust tell.
//!
//! What a proxy says counts only if `trusted_proxies` has its address. Of a chain of proxies only the end
//! that is nearest to us can be believed: anybody may send a header that already has entries.

use std::net::{IpAddr, SocketAddr};

use super::event_loop::Shared;
use crate::{auth::origin::Way, config::Networks};

/// The end of a chain of proxies that is ours, or the peer itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client<'a> {
    pub(crate) address: IpAddr,
    /// The host that the client asked for, if a proxy says so.
    pub(crate) host: Option<&'a str>,
    /// Whether the client spoke TLS with the proxy, if it says so.
    pub(crate) is_secure: Option<bool>,
    /// Whether the client is known to be on this machine, whatever stands between it and us.
    pub(crate) is_on_this_machine: bool,
}

/// Fields that only proxies send.
const OF_PROXIES: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/// One proxy's words about whom it was asked by.
#[derive(Debug, Clone, Copy, Default)]
struct Hop<'a> {
    address: Option<IpAddr>,
    host: Option<&'a str>,
    scheme: Option<&'a str>,
}

impl<'a> Client<'a> {
    /// `fields` are those of the request, in order.
    pub(crate) fn of(peer: IpAddr, fields: &[(&str, &'a [u8])], trusted: &Networks) -> Self {
        let mut direct = Self {
            address: peer.to_canonical(),
            host: None,
            is_secure: None,
            is_on_this_machine: false,
        };
        if !trusted.contains(peer) {
            // A proxy here that nobody told us of may bring along anybody.
            let is_of_proxy =
                |name: &str| OF_PROXIES.iter().any(|known| known.eq_ignore_ascii_case(name));
            direct.is_on_this_machine =
                direct.address.is_loopback() && !fields.iter().any(|(name, _)| is_of_proxy(name));
            return direct;
        }
        let values = |name: &'static str| {
            let found = fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
            found.filter_map(|(_, value)| std::str::from_utf8(value).ok())
        };
        // Nearly every proxy appends to this one, and passes on a `Forwarded` that a client made up.
        let mut hops: Vec<Hop<'a>> = values("x-forwarded-for")
            .flat_map(|value| value.split(','))
            .map(|text| Hop { address: address(text), ..Hop::default() })
            .collect();
        if hops.is_empty() {
            hops = values("forwarded").flat_map(elements).map(hop).collect();
        } else if let Some(last) = hops.last_mut() {
            last.host = last_word(values("x-forwarded-host"));
            last.scheme = last_word(values("x-forwarded-proto"));
        }
        direct.behind(&hops, trusted)
    }

    /// What origins are checked against.
    pub(crate) fn way(&self, authority: Option<&'a str>, shared: &Shared) -> Way<'a> {
        let is_secure = shared.certificate.is_some() || self.is_secure == Some(true);
        Way { authority, forwarded_host: self.host, is_secure }
    }

    /// Walks from us outwards, for as long as it is our proxies who speak.
    fn behind(mut self, hops: &[Hop<'a>], trusted: &Networks) -> Self {
        for hop in hops.iter().rev() {
            self.host = hop.host.or(self.host);
            self.is_secure = hop.scheme.map(is_secure).or(self.is_secure);
            // A proxy that hides whom it was asked by is the client itself, for all that we can know.
            let Some(address) = hop.address else {
                self.is_on_this_machine = false;
                break;
            };
            self.address = address;
            self.is_on_this_machine = address.is_loopback();
            if !trusted.contains(address) {
                break;
            }
        }
        self
    }
}

fn is_secure(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss")
}

fn last_word<'a>(values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    values.last()?.rsplit(',').next().map(str::trim).filter(|word| !word.is_empty())
}

/// An address with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

/// RFC 7239: elements with commas between them; quoted texts may have commas too.
fn elements(value: &str) -> impl Iterator<Item = &str> {
    split(value, ',')
}

fn hop(element: &str) -> Hop<'_> {
    let mut hop = Hop::default();
    for pair in split(element, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address(value),
            "host" => hop.host = Some(value),
            "proto" => hop.scheme = Some(value),
            _ => {}
        }
    }
    hop
}

fn split(text: &str, at: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c| {
        is_quoted ^= c == '"';
        c == at && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted() -> Networks {
        Networks::parse(&["10.0.0.0/8".to_owned(), "::1".to_owned()]).unwrap()
    }

    fn client<'a>(peer: &str, fields: &'a [(&'a str, &'a str)]) -> Client<'a> {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        Client::of(peer.parse().unwrap(), &fields, &trusted())
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_of_ours_is_the_client() {
        let cases: [(&[(&str, &str)], &str); 11] = [
            (&[], "10.0.0.1"),
            (&[("X-Forwarded-For", "1.2.3.4")], "1.2.3.4"),
            // What stands before our proxy's own entry was said by the client.
            (&[("X-Forwarded-For", "9.9.9.9, 1.2.3.4")], "1.2.3.4"),
            (&[("X-Forwarded-For", "9.9.9.9, 1.2.3.4, 10.0.0.7")], "1.2.3.4"),
            (&[("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-For", "1.2.3.4:5678")], "1.2.3.4"),
            (&[("X-Forwarded-For", "10.0.0.9, 10.0.0.7")], "10.0.0.9"),
            (&[("X-Forwarded-For", "1.2.3.4, nonsense")], "10.0.0.1"),
            (&[("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=9.9.9.9")], "1.2.3.4"),
            (&[("Forwarded", "for=9.9.9.9, for=1.2.3.4;proto=https")], "1.2.3.4"),
            (&[("Forwarded", "For=\"[2001:db8::1]:4711\"")], "2001:db8::1"),
            (&[("Forwarded", "for=1.2.3.4, for=_hidden")], "10.0.0.1"),
        ];
        for (fields, expected) in cases {
            let expected: IpAddr = expected.parse().unwrap();
            assert_eq!(client("10.0.0.1", fields).address, expected, "{fields:?}");
        }
    }

    #[test]
    fn nobody_else_is_believed() {
        let fields = [
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Forwarded-Host", "pilot.example"),
            ("X-Forwarded-Proto", "https"),
            ("Forwarded", "for=1.2.3.4;host=pilot.example;proto=https"),
        ];
        let seen = client("192.0.2.1", &fields);
        let address = "192.0.2.1".parse().unwrap();
        let is_on_this_machine = false;
        assert_eq!(seen, Client { address, host: None, is_secure: None, is_on_this_machine });
    }

    #[test]
    fn only_who_surely_is_on_this_machine_counts_as_such() {
        let local = |peer: &str, fields: &[(&str, &str)]| client(peer, fields).is_on_this_machine;
        assert!(local("127.0.0.1", &[]) && local("::ffff:127.0.0.1", &[]));
        assert!(local("::1", &[("X-Forwarded-For", "127.0.0.1")]));
        let cases: [(&str, &[(&str, &str)]); 8] = [
            ("192.0.2.1", &[]),
            ("192.0.2.1", &[("X-Forwarded-For", "127.0.0.1")]),
            // A proxy that is not configured, and says whom it speaks for, or only that it is one.
            ("127.0.0.1", &[("X-Forwarded-For", "127.0.0.1")]),
            ("127.0.0.1", &[("Via", "1.1 nginx")]),
            // A proxy that is, and does not say whom it speaks for.
            ("::1", &[]),
            ("::1", &[("X-Forwarded-For", "127.0.0.1, unknown")]),
            ("::1", &[("X-Forwarded-For", "127.0.0.1, 1.2.3.4")]),
            ("::1", &[("Forwarded", "for=_hidden, for=\"[::1]\"")]),
        ];
        for (peer, fields) in cases {
            assert!(!local(peer, fields), "{peer} {fields:?}");
        }
    }

    #[test]
    fn host_and_scheme_are_those_of_the_proxy_nearest_to_the_client() {
        let fields = [
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Forwarded-Host", "evil.example, pilot.example"),
            ("X-Forwarded-Proto", "https"),
        ];
        let seen = client("::1", &fields);
        assert_eq!((seen.host, seen.is_secure), (Some("pilot.example"), Some(true)));
        let fields =
            [("Forwarded", "for=1.2.3.4;host=\"a,b;c\";proto=http, for=10.0.0.7;host=inner")];
        let seen = client("10.0.0.1", &fields);
        assert_eq!((seen.host, seen.is_secure), (Some("a,b;c"), Some(false)));
    }
}
