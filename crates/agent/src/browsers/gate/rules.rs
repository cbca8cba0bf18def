//! Where browsers may go: the open internet, and what was opened besides.
//!
//! Pure: names are resolved elsewhere, and judged here by the addresses they lead to.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Something that is opened to browsers although it is no part of the open internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// This machine itself.
    Loopback,
    /// Private networks. Link-local addresses, where clouds keep their secrets, are not among them.
    Private,
    /// The addresses that begin with these bits.
    Network {
        /// An address in it.
        address: IpAddr,
        /// How many bits count.
        bits: u8,
    },
    /// Whatever that name leads to.
    Host(String),
}

/// Why a text is no allowance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` opens nothing: say loopback, private, a network like 10.1.0.0/16, or a host's name")]
pub struct InvalidAllowance(String);

impl FromStr for Allowance {
    type Err = InvalidAllowance;

    fn from_str(text: &str) -> Result<Self, InvalidAllowance> {
        let invalid = || InvalidAllowance(text.to_owned());
        match text {
            "loopback" => return Ok(Self::Loopback),
            "private" => return Ok(Self::Private),
            _ => {}
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network { address, bits: length(address) });
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| invalid())?;
            let bits = bits.parse().ok().filter(|bits| *bits <= length(address));
            return Ok(Self::Network { address, bits: bits.ok_or_else(invalid)? });
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
        let is_sound = !text.is_empty() && text.len() <= 253 && text.chars().all(is_name);
        if is_sound { Ok(Self::Host(text.to_ascii_lowercase())) } else { Err(invalid()) }
    }
}

fn length(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// All that is opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules(Vec<Allowance>);

impl Rules {
    /// With these openings.
    pub(crate) fn new(allowances: Vec<Allowance>) -> Self {
        Self(allowances)
    }

    /// Whether a browser may connect to an address that it got under that name.
    pub(crate) fn permit(&self, host: &str, address: IpAddr) -> bool {
        let address = plain(address);
        let kind = kind(address);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        kind == Kind::Open
            || self.0.iter().any(|allowance| match allowance {
                Allowance::Loopback => kind == Kind::Loopback,
                Allowance::Private => kind == Kind::Private,
                Allowance::Network { address: network, bits } => {
                    is_in(address, plain(*network), *bits)
                }
                Allowance::Host(name) => *name == host,
            })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Loopback,
    Private,
    /// Link-local, metadata of clouds, multicast, reserved: nothing that people browse.
    Closed,
}

/// The IPv4 address inside an IPv6 one, if the latter is only another way to write it.
#[expect(clippy::many_single_char_names, reason = "parts of addresses have places, not names")]
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let [a, b, c, d, e, f, g, h] = six.segments();
    let four = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match [a, b, c, d, e, f] {
        // Mapped, and translated (RFC 4291, RFC 6052).
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => four(g, h),
        // Compatible, an old way; `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0] if g != 0 => four(g, h),
        // 6to4 (RFC 3056).
        [0x2002, ..] => four(b, c),
        _ => address,
    }
}

fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(four) => kind_of_four(four),
        IpAddr::V6(six) => kind_of_six(six),
    }
}

fn kind_of_four(address: Ipv4Addr) -> Kind {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, ..) => Kind::Loopback,
        // Shared by carriers (RFC 6598) counts as private.
        (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Kind::Private,
        (0 | 224..=255, ..)
        | (169, 254, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18..=19, _)
        | (198, 51, 100)
        | (203, 0, 113) => Kind::Closed,
        _ => Kind::Open,
    }
}

fn kind_of_six(address: Ipv6Addr) -> Kind {
    /// Where Amazon's machines find their secrets.
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    let [first, second, ..] = address.segments();
    match first {
        _ if address.is_loopback() => Kind::Loopback,
        _ if address == METADATA => Kind::Closed,
        0xfc00..=0xfdff => Kind::Private,
        // Tunnels lead who knows where (Teredo), and documentation nowhere.
        0x2001 if matches!(second, 0 | 0xdb8) => Kind::Closed,
        0x2000..=0x3fff => Kind::Open,
        _ => Kind::Closed,
    }
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (one, other, length) = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits().into(), other.to_bits().into(), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    let rest = u32::from(length - bits.min(length));
    let cut = |number: u128| number.checked_shr(rest).unwrap_or_default();
    cut(one) == cut(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn permits(allowances: &[&str], host: &str, address: &str) -> bool {
        let allowances = allowances.iter().map(|text| text.parse().unwrap()).collect();
        Rules::new(allowances).permit(host, address.parse().unwrap())
    }

    #[test]
    fn what_is_no_part_of_the_open_internet_is_closed_until_it_is_opened() {
        for address in
            ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "172.32.0.1", "100.128.0.1"]
        {
            assert!(permits(&[], "h", address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001::1",
            "::7f00:1",
            "fec0::1",
            "192.0.0.192",
            "198.18.0.1",
        ] {
            assert!(!permits(&[], "h", address), "{address}");
        }
    }

    #[test]
    fn an_opening_opens_what_it_names_and_nothing_else() {
        for (allowance, host, address, expect) in [
            ("loopback", "h", "127.0.0.1", true),
            ("loopback", "h", "::ffff:127.0.0.1", true),
            ("loopback", "h", "10.0.0.1", false),
            ("private", "h", "10.0.0.1", true),
            ("private", "h", "fd12::1", true),
            ("private", "h", "127.0.0.1", false),
            ("private", "h", "169.254.169.254", false),
            ("private", "h", "fd00:ec2::254", false),
            ("169.254.169.254", "h", "169.254.169.254", true),
            ("10.1.0.0/16", "h", "10.1.2.3", true),
            ("10.1.0.0/16", "h", "10.2.2.3", false),
            ("0.0.0.0/0", "h", "127.0.0.1", true),
            ("fd12::/16", "h", "fd12:9::1", true),
            ("fd12::/16", "h", "10.0.0.1", false),
            ("intra.example", "Intra.Example.", "10.0.0.1", true),
            ("intra.example", "evil.intra.example", "10.0.0.1", false),
        ] {
            assert_eq!(
                permits(&[allowance], host, address),
                expect,
                "{allowance} {host} {address}"
            );
        }
    }

    #[test]
    fn what_opens_nothing_is_said_at_once() {
        for text in ["", "10.0.0.0/33", "10.0.0/8", "a b", "::/129", "http://x", "x/y"] {
            assert!(text.parse::<Allowance>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_judged_as_the_one_it_is(bits in any::<u32>()) {
            let four = Ipv4Addr::from_bits(bits);
            let rules = Rules::default();
            let mapped = IpAddr::V6(four.to_ipv6_mapped());
            prop_assert_eq!(rules.permit("h", mapped), rules.permit("h", IpAddr::V4(four)));
        }
    }
}
