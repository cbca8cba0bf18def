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
    browsers::{Browsers, Steered},
    driver::{Action, Done, Driver, DriverError, Observation},
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
            let mut driver = driver.within(self.step_within).with_files(wheel.files);
            if let Some(search) = &self.search {
                driver = driver.searching(search.clone());
            }
            Ok(Box::new(driver) as Box<dyn Page>)
        })
    }

    fn close<'a>(&'a self, session: &'a SessionId) -> Doing<'a, ()> {
        Box::pin(async move { drop(self.browsers.close(session).await) })
    }
}

impl Page for Driver {
    fn observe(&mut self) -> Doing<'_, Result<Observation, DriverError>> {
        Box::pin(self.observe())
    }

    fn act<'a>(
        &'a mut self,
        action: &'a Action,
        secret: bool,
    ) -> Doing<'a, Result<Done, DriverError>> {
        Box::pin(async move {
            if secret { self.act_in_secret(action).await } else { self.act(action).await }
        })
    }

    fn screenshot(&mut self) -> Doing<'_, Result<Bytes, DriverError>> {
        Box::pin(self.screenshot())
    }

    fn holding(&self) -> Box<dyn Holding> {
        Box::new(self.steered())
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
