//! Programs that wait until somebody who is signed in lets them in, as RFC 8628 has it. Kept in memory.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use pilothouse_core::{Role, time::Steady};

use super::{credential::Credential, random};

/// How long a program waits at most.
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);
/// How often it may ask; whoever asks more often is slowed down by as much again.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5);
/// How many may wait. Overflow rule: further ones are refused.
const MOST: usize = 1_000;
/// How many of them from one address.
const MOST_PER_ADDRESS: usize = 20;

/// Who lets a program in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Approval {
    pub(crate) user: Arc<str>,
    pub(crate) role: Role,
}

/// What a program is told that asks how it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nobody has let it in yet.
    Pending,
    /// The same, and it asks too often.
    SlowDown,
    /// It waited for too long.
    Expired,
    /// There is no such code, or it was used.
    Unknown,
    /// Somebody let it in; told once.
    Approved(Approval),
}

/// Why a program is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotApproved {
    Unknown,
    Expired,
    Already,
}

/// The two codes of a new program.
#[derive(Debug)]
pub(crate) struct Codes {
    /// For the program alone.
    pub(crate) device: String,
    /// For people to compare and type.
    pub(crate) user: String,
}

#[derive(Debug)]
struct Device {
    user_code: String,
    address: Arc<str>,
    expires_at: Steady,
    interval: Duration,
    ask_from: Steady,
    approval: Option<Approval>,
}

/// All programs that wait.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    waiting: HashMap<Credential, Device>,
}

impl Devices {
    /// A program comes; `None` if too many wait already.
    pub(crate) fn begin(&mut self, address: Arc<str>, now: Steady) -> io::Result<Option<Codes>> {
        // An expired one is remembered for a while, so that it is told what became of it.
        self.waiting.retain(|_, device| device.expires_at + LIFETIME > now);
        let from_there = self.waiting.values().filter(|device| device.address == address).count();
        if self.waiting.len() >= MOST || from_there >= MOST_PER_ADDRESS {
            return Ok(None);
        }
        let (code, mut user_code) = (random::secret()?, random::letters()?);
        while self.waiting.values().any(|device| device.user_code == user_code) {
            user_code = random::letters()?;
        }
        let device = Device {
            user_code: user_code.clone(),
            address,
            expires_at: now + LIFETIME,
            interval: INTERVAL,
            ask_from: now,
            approval: None,
        };
        self.waiting.insert(Credential::of(&code), device);
        Ok(Some(Codes { device: code, user: user_code }))
    }

    /// Somebody types what a program shows.
    pub(crate) fn approve(
        &mut self,
        typed: &str,
        approval: Approval,
        now: Steady,
    ) -> Result<(), NotApproved> {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let typed = letters(typed).to_uppercase();
        let device = self.waiting.values_mut().find(|device| letters(&device.user_code) == typed);
        let device = device.ok_or(NotApproved::Unknown)?;
        if device.expires_at <= now {
            return Err(NotApproved::Expired);
        }
        if device.approval.is_some() {
            return Err(NotApproved::Already);
        }
        device.approval = Some(approval);
        Ok(())
    }

    /// A program asks how it stands.
    pub(crate) fn ask(&mut self, code: &str, now: Steady) -> Standing {
        let key = Credential::of(code);
        let Some(device) = self.waiting.get_mut(&key) else { return Standing::Unknown };
        if device.expires_at <= now {
            self.waiting.remove(&key);
            return Standing::Expired;
        }
        if now < device.ask_from {
            device.interval += INTERVAL;
            device.ask_from = now + device.interval;
            return Standing::SlowDown;
        }
        device.ask_from = now + device.interval;
        match device.approval.take() {
            None => Standing::Pending,
            Some(approval) => {
                self.waiting.remove(&key);
                Standing::Approved(approval)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval() -> Approval {
        Approval { user: "ann".into(), role: Role::Operator }
    }

    #[test]
    fn a_program_is_let_in_once_by_whoever_types_its_letters() {
        let mut devices = Devices::default();
        let codes = devices.begin("10.0.0.1".into(), Steady(0)).unwrap().unwrap();
        assert_eq!(devices.ask(&codes.device, Steady(0)), Standing::Pending);
        let typed = codes.user.to_lowercase().replace('-', " ");
        let guessed = devices.approve("ZZZZ-ZZZZ", approval(), Steady(1));
        assert_eq!(guessed, Err(NotApproved::Unknown));
        assert_eq!(devices.approve(&typed, approval(), Steady(1)), Ok(()));
        assert_eq!(devices.approve(&typed, approval(), Steady(1)), Err(NotApproved::Already));
        assert_eq!(devices.ask(&codes.user, Steady(5000)), Standing::Unknown);
        assert_eq!(devices.ask(&codes.device, Steady(5000)), Standing::Approved(approval()));
        assert_eq!(devices.ask(&codes.device, Steady(9999)), Standing::Unknown);
    }

    #[test]
    fn whoever_asks_too_often_is_slowed_down() {
        let mut devices = Devices::default();
        let code = devices.begin("10.0.0.1".into(), Steady(0)).unwrap().unwrap().device;
        let mut ask = |at| devices.ask(&code, Steady(at));
        assert_eq!(ask(0), Standing::Pending);
        assert_eq!(ask(4999), Standing::SlowDown);
        assert_eq!(ask(9999), Standing::SlowDown, "now it is ten seconds");
        assert_eq!(ask(24_999), Standing::Pending);
        assert_eq!(ask(600_000), Standing::Expired);
        assert_eq!(ask(600_000), Standing::Unknown);
    }

    #[test]
    fn what_is_too_old_is_not_let_in() {
        let mut devices = Devices::default();
        let codes = devices.begin("10.0.0.1".into(), Steady(0)).unwrap().unwrap();
        let late = devices.approve(&codes.user, approval(), Steady(600_000));
        assert_eq!(late, Err(NotApproved::Expired));
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let mut devices = Devices::default();
        let mut begin = |address: &str, now| devices.begin(address.into(), Steady(now)).unwrap();
        let let_in = (0..50).filter(|_| begin("10.0.0.1", 0).is_some()).count();
        assert_eq!(let_in, MOST_PER_ADDRESS);
        assert!(begin("10.0.0.2", 0).is_some());
        assert!(begin("10.0.0.1", 2_000_000).is_some());
    }
}
