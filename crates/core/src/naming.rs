//! New ids: a prefix, the time and some random bits, so that they sort by age and never repeat.

use crate::{
    ids::{
        AgentTypeId, CommandId, DeliveryId, KeyId, PresetId, RepositoryId, RunId, SessionId,
        UserId, WebhookId, WorkerId,
    },
    time::Timestamp,
};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Makes ids. Two with different seeds do not collide in practice.
#[derive(Debug)]
pub(crate) struct Naming {
    state: u64,
    last: u64,
}

impl Naming {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, last: 0 }
    }

    pub(crate) fn command(&mut self, now: Timestamp) -> CommandId {
        CommandId::new(&self.next("cmd", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn session(&mut self, now: Timestamp) -> SessionId {
        SessionId::new(&self.next("ses", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn worker(&mut self, now: Timestamp) -> WorkerId {
        WorkerId::new(&self.next("wrk", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn repository(&mut self, now: Timestamp) -> RepositoryId {
        RepositoryId::new(&self.next("repo", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn agent_type(&mut self, now: Timestamp) -> AgentTypeId {
        AgentTypeId::new(&self.next("type", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn key(&mut self, now: Timestamp) -> KeyId {
        KeyId::new(&self.next("key", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn audit(&mut self, now: Timestamp) -> std::sync::Arc<str> {
        self.next("aud", now).into()
    }

    pub(crate) fn user(&mut self, now: Timestamp) -> UserId {
        UserId::new(&self.next("usr", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn preset(&mut self, now: Timestamp) -> PresetId {
        PresetId::new(&self.next("pre", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn run(&mut self, now: Timestamp) -> RunId {
        RunId::new(&self.next("run", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn webhook(&mut self, now: Timestamp) -> WebhookId {
        WebhookId::new(&self.next("hook", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn delivery(&mut self, now: Timestamp) -> DeliveryId {
        DeliveryId::new(&self.next("del", now)).expect("prefix and base 32 digits are an id")
    }

    pub(crate) fn news(&mut self, now: Timestamp) -> std::sync::Arc<str> {
        self.next("evt", now).into()
    }

    /// 10 digits of time, then 8 random ones. Inside one millisecond the time counts on, so that ids stay ordered.
    fn next(&mut self, prefix: &str, now: Timestamp) -> String {
        self.last = now.0.max(self.last + 1);
        let mut id = format!("{prefix}-");
        digits(self.last, 10, &mut id);
        let random = self.random();
        digits(random, 8, &mut id);
        id
    }

    /// SplitMix64: enough to tell servers apart; nothing secret depends on it.
    pub(crate) fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn digits(number: u64, count: u32, out: &mut String) {
    for place in (0..count).rev() {
        let digit = (number >> (5 * place)) & 31;
        out.push(char::from(ALPHABET[digit as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age_and_differ() {
        let mut naming = Naming::new(7);
        let times = [1000, 1000, 999, 1001, 5_000_000_000_000];
        let ids: Vec<_> = times.iter().map(|&at| naming.command(Timestamp(at))).collect();
        assert!(ids.is_sorted());
        assert!(ids[0].as_str().starts_with("cmd-") && ids[0].as_str().len() == 22);
    }
}
