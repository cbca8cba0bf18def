//! Admission: how many connections there may be in all, from one address, and of peers that have not
//! yet said who they are.
//!
//! Overflow rule: who comes when it is full is refused; nobody who is in has to leave for others.

use std::{
    cell::Cell,
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    rc::Rc,
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{config::ConnectionLimits, descriptors};

/// Connections beyond the limit that may still ask for `/health` and `/metrics`; they are in the reserve.
const SPARE: u32 = 8;
/// What `limits.connections` is at most if it is not configured.
const MOST: u32 = 50_000;

/// Why nobody else gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// `limits.connections`
    Connections,
    /// `limits.connections_per_address`
    Address,
    /// `limits.pending`
    Pending,
    /// `limits.pending_per_address`
    PendingOfAddress,
    /// The process has no file descriptor left.
    Descriptors,
}

impl Full {
    /// What the peer is told.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Connections => "the server has as many connections as it takes; come back later",
            Self::Address => "too many connections from your address; close some first",
            Self::Pending => "too many connections have not said who they are; come back later",
            Self::PendingOfAddress => {
                "too many connections from your address have not said who they are"
            }
            Self::Descriptors => "the server is out of file descriptors; come back later",
        }
    }

    /// Whether a connection of the reserve may be used instead.
    fn concerns_everybody(self) -> bool {
        matches!(self, Self::Connections | Self::Pending)
    }
}

/// Counts who is in, over all event loops.
pub(crate) struct Admission {
    limits: ConnectionLimits,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: Share,
    spare: u32,
    /// Only addresses that have connections.
    by_network: HashMap<IpAddr, Share>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Share {
    open: u32,
    pending: u32,
}

/// One connection's place; given back when it is dropped. Lives on its event loop's thread.
pub(crate) struct Place {
    admission: Arc<Admission>,
    network: Cell<Option<IpAddr>>,
    is_pending: Cell<bool>,
    is_spare: bool,
}

impl Admission {
    /// Limits that were not configured follow from what the process may open.
    pub(crate) fn new(configured: &ConnectionLimits, loops: usize) -> Arc<Self> {
        let others = descriptors::used_by_others(loops) + SPARE;
        let available = descriptors::limit().saturating_sub(others);
        let limits = effective(configured, available);
        Arc::new(Self { limits, counts: Mutex::default() })
    }

    /// What counts in the end.
    pub(crate) fn limits(&self) -> &ConnectionLimits {
        &self.limits
    }

    /// Lets a connection in. `None` stands for an address that is not known yet, behind a proxy.
    pub(crate) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Rc<Place>, Full> {
        let network = address.map(network);
        let mut counts = self.counts.lock();
        let is_spare = match counts.enter(network, &self.limits) {
            Ok(()) => false,
            Err(full) if full.concerns_everybody() && counts.spare < SPARE => {
                counts.spare += 1;
                true
            }
            Err(full) => return Err(full),
        };
        drop(counts);
        let (network, is_pending) = (Cell::new(network), Cell::new(true));
        Ok(Rc::new(Place { admission: self.clone(), network, is_pending, is_spare }))
    }

    /// Whether further connections only get what the reserve is for.
    pub(crate) fn is_full(&self) -> bool {
        let counts = self.counts.lock();
        counts.all.open >= self.limits.connections || counts.all.pending >= self.limits.pending
    }

    /// How many are in and have not said who they are.
    pub(crate) fn pending(&self) -> u32 {
        self.counts.lock().all.pending
    }
}

impl Counts {
    fn enter(&mut self, network: Option<IpAddr>, limits: &ConnectionLimits) -> Result<(), Full> {
        if self.all.open >= limits.connections {
            return Err(Full::Connections);
        }
        if self.all.pending >= limits.pending {
            return Err(Full::Pending);
        }
        if let Some(network) = network {
            self.enter_network(network, true, limits)?;
        }
        self.all.open += 1;
        self.all.pending += 1;
        Ok(())
    }

    fn enter_network(
        &mut self,
        network: IpAddr,
        is_pending: bool,
        limits: &ConnectionLimits,
    ) -> Result<(), Full> {
        let share = self.by_network.get(&network).copied().unwrap_or_default();
        if share.open >= limits.connections_per_address {
            return Err(Full::Address);
        }
        if is_pending && share.pending >= limits.pending_per_address {
            return Err(Full::PendingOfAddress);
        }
        let share = self.by_network.entry(network).or_default();
        share.open += 1;
        share.pending += u32::from(is_pending);
        Ok(())
    }

    fn leave_network(&mut self, network: IpAddr, is_pending: bool) {
        if let Some(share) = self.by_network.get_mut(&network) {
            share.open -= 1;
            share.pending -= u32::from(is_pending);
            if share.open == 0 {
                self.by_network.remove(&network);
            }
        }
    }
}

impl Place {
    /// Whether this connection is one of the reserve: it may ask how the server is, and nothing else.
    pub(crate) fn is_spare(&self) -> bool {
        self.is_spare
    }

    /// Counts the connection for another address, once a proxy has said whose it is.
    pub(crate) fn belongs_to(&self, address: IpAddr) -> Result<(), Full> {
        if self.is_spare {
            return Err(Full::Connections);
        }
        let network = network(address);
        let known = self.network.get();
        if known == Some(network) {
            return Ok(());
        }
        let mut counts = self.admission.counts.lock();
        counts.enter_network(network, self.is_pending.get(), &self.admission.limits)?;
        if let Some(known) = known {
            counts.leave_network(known, self.is_pending.get());
        }
        self.network.set(Some(network));
        Ok(())
    }

    /// The peer has said who it is.
    pub(crate) fn has_a_caller(&self) {
        if self.is_spare || !self.is_pending.replace(false) {
            return;
        }
        let mut counts = self.admission.counts.lock();
        counts.all.pending -= 1;
        if let Some(share) = self.network.get().and_then(|known| counts.by_network.get_mut(&known))
        {
            share.pending -= 1;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock();
        if self.is_spare {
            counts.spare -= 1;
            return;
        }
        counts.all.open -= 1;
        counts.all.pending -= u32::from(self.is_pending.get());
        if let Some(network) = self.network.get() {
            counts.leave_network(network, self.is_pending.get());
        }
    }
}

/// Whoever has one IPv6 address has the 2⁶⁴ of its network.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Half of all places may be taken by peers without a token, and half of those by one address, so
/// that neither a flood nor one machine keeps everybody else out.
fn effective(configured: &ConnectionLimits, available: u32) -> ConnectionLimits {
    let or = |configured: u32, derived: u32| if configured == 0 { derived } else { configured };
    let connections = or(configured.connections, available.min(MOST)).max(1);
    let pending = or(configured.pending, connections.div_ceil(2));
    ConnectionLimits {
        connections,
        connections_per_address: configured.connections_per_address,
        pending,
        pending_per_address: or(configured.pending_per_address, pending.div_ceil(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(limits: [u32; 4]) -> Arc<Admission> {
        let [connections, connections_per_address, pending, pending_per_address] = limits;
        let limits =
            ConnectionLimits { connections, connections_per_address, pending, pending_per_address };
        Arc::new(Admission { limits, counts: Mutex::default() })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_everything() {
        let admission = admission([10, 3, 10, 2]);
        let admit = |address| admission.admit(Some(ip(address)));
        let (first, _second) = (admit("10.0.0.1").unwrap(), admit("10.0.0.1").unwrap());
        assert_eq!(admit("10.0.0.1").err(), Some(Full::PendingOfAddress));
        first.has_a_caller();
        let third = admit("::ffff:10.0.0.1").unwrap();
        assert_eq!(admit("10.0.0.1").err(), Some(Full::Address));
        let _other = admit("10.0.0.2").unwrap();
        drop(third);
        let _again = admit("10.0.0.1").unwrap();
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let admission = admission([10, 1, 10, 1]);
        let _first = admission.admit(Some(ip("2001:db8:0:1::1"))).unwrap();
        assert_eq!(admission.admit(Some(ip("2001:db8:0:1:ffff::2"))).err(), Some(Full::Address));
        assert!(admission.admit(Some(ip("2001:db8:0:2::1"))).is_ok());
    }

    #[test]
    fn a_full_server_can_still_be_asked_how_it_is() {
        let admission = admission([2, 9, 9, 9]);
        let _in: Vec<_> = (0..2).map(|_| admission.admit(None).unwrap()).collect();
        assert!(admission.is_full());
        let spares: Vec<_> = (0..SPARE).map(|_| admission.admit(None).unwrap()).collect();
        assert!(spares.iter().all(|place| place.is_spare()));
        assert_eq!(admission.admit(None).err(), Some(Full::Connections));
        drop(spares);
        assert!(admission.admit(None).unwrap().is_spare());
    }

    #[test]
    fn every_place_is_given_back_whatever_happened_to_it() {
        let admission = admission([4, 2, 4, 2]);
        let direct = admission.admit(Some(ip("10.0.0.1"))).unwrap();
        let proxied = admission.admit(None).unwrap();
        proxied.belongs_to(ip("10.0.0.1")).unwrap();
        let late = admission.admit(None).unwrap();
        assert_eq!(late.belongs_to(ip("10.0.0.1")), Err(Full::Address));
        late.belongs_to(ip("10.0.0.9")).unwrap();
        late.belongs_to(ip("10.0.0.8")).unwrap();
        direct.has_a_caller();
        direct.has_a_caller();
        assert_eq!(admission.pending(), 2);
        drop((direct, proxied, late));
        let counts = admission.counts.lock();
        assert_eq!((counts.all, counts.by_network.len()), (Share::default(), 0));
    }

    #[test]
    fn limits_that_are_not_configured_follow_from_the_descriptors() {
        let configured = ConnectionLimits { connections_per_address: 7, ..Default::default() };
        let limits = effective(&configured, 1000);
        assert_eq!(
            (limits.connections, limits.pending, limits.pending_per_address),
            (1000, 500, 250)
        );
        assert_eq!(effective(&configured, 1 << 20).connections, MOST);
        assert_eq!(effective(&configured, 0).connections, 1);
        let set = ConnectionLimits { connections: 90_000, pending: 5, ..configured };
        assert_eq!((effective(&set, 9).connections, effective(&set, 9).pending), (90_000, 5));
    }
}
