//! Addresses and networks in CIDR notation, as lists in the configuration.

use std::{net::IpAddr, str::FromStr};

/// Some networks; an address is a network of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// How many leading bits count.
    prefix: u8,
}

impl Networks {
    /// The networks that the words name.
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        words.iter().map(|word| word.parse()).collect::<Result<_, _>>().map(Self)
    }

    /// Whether nothing is in any of them.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an address or a network such as 10.0.0.0/8");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(prefix) => {
                prefix.parse().ok().filter(|prefix| *prefix <= bits).ok_or_else(wrong)?
            }
        };
        Ok(Self { address, prefix })
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(address)) => {
                let ignored = 32 - u32::from(self.prefix);
                let differs = own.to_bits() ^ address.to_bits();
                differs.checked_shr(ignored).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(address)) => {
                let ignored = 128 - u32::from(self.prefix);
                let differs = own.to_bits() ^ address.to_bits();
                differs.checked_shr(ignored).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(text: &str) -> Result<Networks, String> {
        Networks::parse(&crate::config::value::list(text))
    }

    #[test]
    fn an_address_is_in_a_network_whose_leading_bits_it_has() {
        let known = networks("10.1.0.0/16, 192.168.7.7, fd00::/8").unwrap();
        for inside in ["10.1.255.3", "192.168.7.7", "fd12::1", "::ffff:10.1.2.3"] {
            assert!(known.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["10.2.0.1", "192.168.7.8", "fe00::1", "::1", "127.0.0.1"] {
            assert!(!known.contains(outside.parse().unwrap()), "{outside}");
        }
        assert!(networks("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(!networks("").unwrap().contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["localhost", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/", "/8"] {
            assert!(networks(bad).is_err(), "{bad}");
        }
    }
}
