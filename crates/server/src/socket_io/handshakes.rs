//! How many Socket.IO sessions may begin: a client that polls has no connection of its own that could be counted.
//!
//! Overflow rule: who comes when it is full is refused. What was counted is forgotten when the time to join is over.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

use parking_lot::Mutex;
use pilothouse_core::time::Steady;

use crate::config::ConnectionLimits;

/// The sessions that began a short time ago.
pub(crate) struct Handshakes {
    within: Duration,
    most: usize,
    most_pending: usize,
    most_of_address: usize,
    begun: Mutex<Begun>,
}

#[derive(Default)]
struct Begun {
    in_order: VecDeque<(Steady, Option<IpAddr>)>,
    by_address: HashMap<IpAddr, usize>,
}

impl Handshakes {
    /// Limits over that time, which is how long a session is kept that does nothing.
    pub(super) fn new(limits: &ConnectionLimits, within: Duration) -> Self {
        let number = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            within,
            most: number(limits.connections),
            most_pending: number(limits.pending),
            most_of_address: number(limits.pending_per_address),
            begun: Mutex::default(),
        }
    }

    /// Lets one more begin beside the `open` ones, or says why not.
    pub(super) fn admit(
        &self,
        address: Option<IpAddr>,
        open: usize,
        now: Steady,
    ) -> Result<(), &'static str> {
        let mut begun = self.begun.lock();
        begun.forget(self.within, now);
        if open >= self.most || begun.in_order.len() >= self.most_pending {
            return Err("the server has as many connections as it takes; come back later");
        }
        if let Some(address) = address {
            let count = begun.by_address.entry(address).or_default();
            if *count >= self.most_of_address {
                return Err("too many connections from your address have just begun");
            }
            *count += 1;
        }
        begun.in_order.push_back((now, address));
        Ok(())
    }
}

impl Begun {
    fn forget(&mut self, within: Duration, now: Steady) {
        while let Some((_, address)) = self.in_order.pop_front_if(|(at, _)| *at + within <= now) {
            let Some(address) = address else { continue };
            if let Some(count) = self.by_address.get_mut(&address) {
                *count -= 1;
                if *count == 0 {
                    self.by_address.remove(&address);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_no_more_than_its_share_and_gets_it_back() {
        let limits = ConnectionLimits {
            connections: 10,
            connections_per_address: 10,
            pending: 3,
            pending_per_address: 2,
        };
        let handshakes = Handshakes::new(&limits, Duration::from_secs(10));
        let (one, other) = (Some("::1".parse().unwrap()), Some("::2".parse().unwrap()));
        let admit = |address, at| handshakes.admit(address, 0, Steady(at)).is_ok();
        assert!(admit(one, 0) && admit(one, 1) && !admit(one, 2));
        assert!(admit(other, 3) && !admit(other, 4), "full for everybody");
        assert!(admit(one, 10_000) && !admit(one, 10_000));
        assert!(handshakes.admit(one, 10, Steady(90_000)).is_err(), "too many are open");
        assert!(admit(one, 90_000));
        assert_eq!(handshakes.begun.lock().by_address.len(), 1);
    }
}
