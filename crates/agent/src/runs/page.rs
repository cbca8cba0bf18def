//! What a run needs of a browser. The driver is one; tests have others.

use std::path::PathBuf;

use bytes::Bytes;
use pilothouse_core::ids::SessionId;

use super::decider::Doing;
use crate::{
    browsers::Permission,
    driver::{Action, Done, DriverError, Observation, Permit},
};

/// A browser that a run drives.
pub(super) trait Page: Send {
    /// What is seen.
    fn observe(&mut self) -> Doing<'_, Result<Observation, DriverError>>;

    /// Does something.
    fn act<'a>(&'a mut self, action: &'a Action) -> Doing<'a, Result<Done, DriverError>>;

    /// Does something with a secret, which goes into no page but those that `permit` says, and is not to be seen later.
    fn act_in_secret<'a>(
        &'a mut self,
        action: &'a Action,
        permit: Permit,
    ) -> Doing<'a, Result<Done, DriverError>>;

    /// How it looks, as JPEG.
    fn screenshot(&mut self) -> Doing<'_, Result<Bytes, DriverError>>;

    /// Tells whether a person steers.
    fn holding(&self) -> Box<dyn Holding>;
}

/// Whether a person steers a browser.
pub(super) trait Holding: Send {
    /// Whether somebody does now.
    fn is_held(&self) -> bool;

    /// Done when that may have changed; false if it never does any more.
    fn changed(&mut self) -> Doing<'_, bool>;
}

/// How a browser is to be driven.
#[derive(Debug)]
pub(super) struct Wheel {
    /// Whose browser.
    pub(super) session: SessionId,
    /// Where files for it and from it are.
    pub(super) files: PathBuf,
    /// What needs somebody's leave, if anything does.
    pub(super) permission: Option<Permission>,
}

/// Where browsers come from.
pub(super) trait Pages: Send + Sync {
    /// Drives a session's browser, which is opened if it is not open.
    fn open(&self, wheel: Wheel) -> Doing<'_, Result<Box<dyn Page>, String>>;

    /// Closes a session's browser.
    fn close<'a>(&'a self, session: &'a SessionId) -> Doing<'a, ()>;
}
