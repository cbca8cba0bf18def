//! The agent's own browsers, as runs drive them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use pilothouse_core::ids::SessionId;

use super::{
    RunConfig,
    decider::Doing,
    page::{Holding, Page, Pages, Wheel},
};
use crate::{
    browsers::{Browsers, Guarded, Steered},
    driver::{Action, Done, Driver, DriverError, Observation, Permit},
};

/// Browsers on this machine.
struct Own {
    browsers: Arc<Browsers>,
    search: Option<String>,
    step_within: Duration,
}

/// Browsers on this machine, driven as the configuration says.
pub(super) fn pages(browsers: Arc<Browsers>, config: &RunConfig) -> impl Pages + use<> {
    let (search, step_within) = (config.search.clone(), config.step_within);
    Own { browsers, search, step_within }
}

impl Pages for Own {
    fn open(&self, wheel: Wheel) -> Doing<'_, Result<Box<dyn Page>, String>> {
        Box::pin(async move {
            let driver = self.browsers.drive(&wheel.session, None).await;
            let driver = driver.map_err(|failure| failure.reason)?;
            let mut driver = driver.with_files(wheel.files);
            if let Some(search) = &self.search {
                driver = driver.searching(search.clone());
            }
            let Some(permission) = wheel.permission else {
                let driver = driver.within(self.step_within);
                return Ok(Box::new(Actor { driver, guarded: None }) as Box<dyn Page>);
            };
            // Nothing leaves the browser before this, nor if it fails.
            let guarded = self.browsers.guard(&wheel.session, &permission).await;
            let guarded = Some(guarded.map_err(|failure| failure.reason)?);
            // A page may wait for a person; whoever has it act counts the time.
            let driver = driver.within(permission.timeout().saturating_mul(PATIENCE));
            Ok(Box::new(Actor { driver, guarded }) as Box<dyn Page>)
        })
    }

    fn close<'a>(&'a self, session: &'a SessionId) -> Doing<'a, ()> {
        Box::pin(self.browsers.close(session))
    }
}

/// So many decisions of people may come one after the other in one action.
const PATIENCE: u32 = 12;

/// A browser that is driven, and under a permission as long as this is there.
struct Actor {
    driver: Driver,
    #[expect(dead_code, reason = "what counts is that it is there")]
    guarded: Option<Guarded>,
}

impl Page for Actor {
    fn observe(&mut self) -> Doing<'_, Result<Observation, DriverError>> {
        Box::pin(self.driver.observe())
    }

    fn act<'a>(&'a mut self, action: &'a Action) -> Doing<'a, Result<Done, DriverError>> {
        Box::pin(self.driver.act(action))
    }

    fn act_in_secret<'a>(
        &'a mut self,
        action: &'a Action,
        permit: Permit,
    ) -> Doing<'a, Result<Done, DriverError>> {
        Box::pin(self.driver.act_in_secret(action, permit))
    }

    fn screenshot(&mut self) -> Doing<'_, Result<Bytes, DriverError>> {
        Box::pin(self.driver.screenshot())
    }

    fn holding(&self) -> Box<dyn Holding> {
        Box::new(self.driver.steered())
    }
}

impl Holding for Steered {
    fn is_held(&self) -> bool {
        self.is_held()
    }

    fn changed(&mut self) -> Doing<'_, bool> {
        Box::pin(self.changed())
    }
}
