//! Where a webhook is: a URL, and whether its address may be called at all.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use hyper::Uri;
use pilothouse_websocket::connect::ServerAddress;

/// A URL that was understood.
#[derive(Debug)]
pub(crate) struct Target {
    pub(super) address: ServerAddress,
    /// The path with its query.
    pub(super) path: String,
}

/// Why a text is no webhook's URL. The text itself is not told: there may be a secret in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidTarget {
    #[error("write the url like https://host/path")]
    Malformed,
    #[error("the url has a user or a password in it; leave them out: the signature says who calls")]
    User,
    #[error("the url has a fragment, which is never sent; leave out the # and what follows it")]
    Fragment,
    #[error("the url's address is link-local, unspecified or for many; no receiver is there")]
    Forbidden,
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        if text.contains('#') {
            return Err(InvalidTarget::Fragment);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidTarget::Malformed)?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
            return Err(InvalidTarget::Malformed);
        };
        if authority.as_str().contains('@') {
            return Err(InvalidTarget::User);
        }
        let address = format!("{scheme}://{authority}").parse::<ServerAddress>();
        let address = address.map_err(|_| InvalidTarget::Malformed)?;
        if address.host().parse().is_ok_and(is_forbidden) {
            return Err(InvalidTarget::Forbidden);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self { address, path: path.to_owned() })
    }
}

/// Addresses that are never called, though a name may lead to them: where clouds tell their machines secrets,
/// and where nobody in particular is. Machines on the own network may be receivers, and this one too.
pub(super) fn is_forbidden(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            four.is_unspecified()
                || four.is_link_local()
                || four.is_multicast()
                || four.is_broadcast()
        }
        IpAddr::V6(six) => {
            six.is_unspecified()
                || six.is_unicast_link_local()
                || six.is_multicast()
                || embedded(six).is_some_and(|four| is_forbidden(four.into()))
        }
    }
}

/// The IPv4 address that an IPv6 address leads to: mapped, or translated (RFC 6052).
fn embedded(six: Ipv6Addr) -> Option<Ipv4Addr> {
    let translated = match six.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    };
    six.to_ipv4_mapped().or(translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_with_its_query_and_only_where_somebody_may_be_called() {
        let target: Target = "https://hooks.example:8443/a/b?c=d&e".parse().unwrap();
        assert_eq!((target.address.port(), target.path.as_str()), (8443, "/a/b?c=d&e"));
        assert!(target.address.is_secure());
        let bare: Target = "http://10.0.0.1".parse().unwrap();
        assert_eq!((bare.address.host(), bare.path.as_str()), ("10.0.0.1", "/"));
        for good in
            ["http://localhost:1", "http://127.0.0.1/x", "http://[::1]:80/", "http://192.168.0.1"]
        {
            assert!(good.parse::<Target>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", InvalidTarget::Malformed),
            ("hooks.example", InvalidTarget::Malformed),
            ("ftp://hooks.example/", InvalidTarget::Malformed),
            ("http://a b/", InvalidTarget::Malformed),
            ("http://h:port/", InvalidTarget::Malformed),
            ("https://ann:pw@hooks.example/", InvalidTarget::User),
            ("https://hooks.example/#x", InvalidTarget::Fragment),
            ("http://169.254.169.254/latest", InvalidTarget::Forbidden),
            ("http://0.0.0.0:80", InvalidTarget::Forbidden),
            ("http://[::]/", InvalidTarget::Forbidden),
            ("http://[fe80::1]/", InvalidTarget::Forbidden),
            ("http://[::ffff:169.254.169.254]/", InvalidTarget::Forbidden),
            ("http://[64:ff9b::a9fe:a9fe]/", InvalidTarget::Forbidden),
            ("http://224.0.0.1/", InvalidTarget::Forbidden),
            ("http://255.255.255.255/", InvalidTarget::Forbidden),
        ] {
            assert_eq!(bad.parse::<Target>().err(), Some(why), "{bad}");
        }
    }
}
