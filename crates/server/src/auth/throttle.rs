//! How often somebody may fail to prove who they are: per account, and per address.
//!
//! Each bucket is one number: when it will be full again. No clock of its own.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use pilothouse_core::time::Steady;

/// The time in which as many attempts come back as there may be.
pub(crate) const WINDOW: Duration = Duration::from_mins(15);
/// How many buckets of a kind are kept. Overflow rule: those that are full again go, and if there are none, the
/// one that will be next.
const MOST: usize = 20_000;

/// Why an attempt does not take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    /// How long until the next one may.
    pub(crate) left: Duration,
    /// Whether this is the first that was refused since one took place. Only that one is worth a record.
    pub(crate) is_first: bool,
}

/// All attempts of the last [`WINDOW`].
#[derive(Debug)]
pub(crate) struct Throttle {
    accounts: Buckets<String>,
    addresses: Buckets<IpAddr>,
}

#[derive(Debug)]
struct Buckets<K> {
    /// What one attempt takes, in milliseconds of the window.
    cost: u64,
    buckets: HashMap<K, Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Steady,
    was_refused: bool,
}

impl Throttle {
    /// So many attempts in a window.
    pub(crate) fn new(per_account: u32, per_address: u32) -> Self {
        Self { accounts: Buckets::new(per_account), addresses: Buckets::new(per_address) }
    }

    /// Takes an attempt on that account, if there is one, from that address. Taken before it is known how it ends, so that
    /// many at once are no way around it.
    pub(crate) fn attempt(
        &mut self,
        account: Option<&str>,
        address: &str,
        now: Steady,
    ) -> Result<(), Wait> {
        let address = network(address);
        self.addresses.take(address, now)?;
        if let Some(account) = account
            && let Err(wait) = self.accounts.take(account.to_owned(), now)
        {
            self.addresses.give_back(&address);
            return Err(wait);
        }
        Ok(())
    }

    /// The attempt succeeded, so it does not count.
    pub(crate) fn forgive(&mut self, account: Option<&str>, address: &str) {
        self.addresses.give_back(&network(address));
        if let Some(account) = account {
            self.accounts.give_back(&account.to_owned());
        }
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(per_window: u32) -> Self {
        let window = u64::try_from(WINDOW.as_millis()).unwrap_or(u64::MAX);
        Self { cost: window / u64::from(per_window.max(1)), buckets: HashMap::new() }
    }

    fn take(&mut self, key: K, now: Steady) -> Result<(), Wait> {
        if !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        let fresh = Bucket { full_at: now, was_refused: false };
        let bucket = self.buckets.entry(key).or_insert(fresh);
        let full_at = Steady(bucket.full_at.max(now).0 + self.cost);
        let allowed = now + WINDOW;
        if full_at > allowed {
            let is_first = !bucket.was_refused;
            bucket.was_refused = true;
            return Err(Wait { left: allowed.until(full_at), is_first });
        }
        *bucket = Bucket { full_at, was_refused: false };
        Ok(())
    }

    fn give_back(&mut self, key: &K) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.full_at = Steady(bucket.full_at.0.saturating_sub(self.cost));
        }
    }

    fn make_room(&mut self, now: Steady) {
        if self.buckets.len() < MOST {
            return;
        }
        self.buckets.retain(|_, bucket| bucket.full_at > now);
        if self.buckets.len() >= MOST {
            let next = self.buckets.iter().min_by_key(|(_, bucket)| bucket.full_at);
            if let Some(key) = next.map(|(key, _)| key.clone()) {
                self.buckets.remove(&key);
            }
        }
    }
}

/// Whoever has one IPv6 address usually has a network of them.
fn network(address: &str) -> IpAddr {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        Ok(address) => address,
        Err(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    #[test]
    fn ten_attempts_and_then_one_every_ninety_seconds() {
        let mut throttle = Throttle::new(10, 1000);
        let mut tries = |now: u64| throttle.attempt(Some("ann"), "10.0.0.1", Steady(now));
        for _ in 0..10 {
            assert_eq!(tries(0), Ok(()));
        }
        let wait = |left, is_first| Err(Wait { left: Duration::from_secs(left), is_first });
        assert_eq!(tries(0), wait(90, true));
        assert_eq!(tries(30_000), wait(60, false));
        assert!(tries(89_999).is_err());
        assert_eq!(tries(90_000), Ok(()));
        assert_eq!(tries(90_000), wait(90, true));
        let later = 90_000 + 15 * MINUTE;
        assert_eq!((0..11).filter(|_| tries(later).is_ok()).count(), 10);
    }

    #[test]
    fn accounts_and_addresses_are_counted_apart() {
        let mut throttle = Throttle::new(2, 5);
        let mut tries = |account: &str, address: &str| {
            throttle.attempt(Some(account), address, Steady(0)).is_ok()
        };
        assert!(tries("ann", "10.0.0.1") && tries("ann", "10.0.0.2"));
        assert!(!tries("ann", "10.0.0.3"), "from wherever they come");
        assert!(tries("ben", "10.0.0.1") && tries("cleo", "10.0.0.1"));
        assert!(tries("dora", "10.0.0.1") && tries("eve", "10.0.0.1"));
        assert!(!tries("finn", "10.0.0.1"), "whomever they try");
        assert!(tries("finn", "10.0.0.9"));
        assert!((0..5).all(|n| tries(&format!("six-{n}"), &format!("2001:db8::{n}"))));
        assert!(!tries("six-9", "2001:db8::ffff:1"), "one network is one address");
        assert!(tries("six-9", "2001:db8:0:1::1"));
    }

    #[test]
    fn whoever_succeeds_is_not_slowed_down() {
        let mut throttle = Throttle::new(3, 3);
        for _ in 0..100 {
            assert_eq!(throttle.attempt(Some("ann"), "10.0.0.1", Steady(5)), Ok(()));
            throttle.forgive(Some("ann"), "10.0.0.1");
        }
    }

    #[test]
    fn a_flood_of_names_does_not_grow_without_end() {
        let mut throttle = Throttle::new(1, u32::MAX);
        assert!(throttle.attempt(Some("victim"), "10.0.0.1", Steady(9)).is_ok());
        for number in 0..MOST + 10 {
            let name = number.to_string();
            let _ = throttle.attempt(Some(&name), "10.0.0.1", Steady(8));
        }
        assert_eq!(throttle.accounts.buckets.len(), MOST);
        assert!(throttle.attempt(Some("victim"), "10.0.0.2", Steady(9)).is_err());
    }
}
