//! Tabs: opened, shown, closed, and told of.

use std::time::Duration;

use pilothouse_core::browsers::{Act, TabAct};

use super::{Driver, DriverError, TabSeen, patience::Patience, watching::short};

/// How long a tab takes to close at most.
const CLOSES_WITHIN: Duration = Duration::from_secs(5);

impl Driver {
    pub(super) async fn open_tab(
        &mut self,
        url: Option<&str>,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let before = self.tabs().len();
        self.act_on_tabs(TabAct::New { url: None }).await?;
        while self.tabs().len() <= before && !patience.is_over() {
            patience.pause(Duration::from_millis(10)).await;
        }
        let Some(url) = url else { return Ok(()) };
        let page = self.page(patience).await?;
        self.go(&page, url, patience).await
    }

    /// Closes a tab. It is closed when nobody is told of it any more, also if it closed itself meanwhile.
    pub(super) async fn close_tab(
        &mut self,
        id: String,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let asked = self.act_on_tabs(TabAct::Close(id.as_str().into())).await;
        let patience = patience.at_most(CLOSES_WITHIN);
        while self.tabs().iter().any(|tab| tab.id == id) {
            if asked == Err(DriverError::Held) || patience.is_over() {
                return asked.and(Err(patience.over("the tab does not close")));
            }
            patience.pause(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    pub(super) async fn act_on_tabs(&mut self, act: TabAct) -> Result<(), DriverError> {
        let done = self.driven.act(Act::Tab(act)).await;
        done.map_err(|failure| {
            let is_held = self.driven.now().is_held;
            if is_held { DriverError::Held } else { DriverError::Refused(failure.reason) }
        })
    }

    /// Which tab is meant.
    pub(super) fn tab(&self, meant: &str) -> Result<String, DriverError> {
        let tabs = self.tabs();
        let number = meant.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let by_number = number.and_then(|at| tabs.get(at));
        let by_id = || tabs.iter().find(|tab| tab.id == meant);
        let small = meant.to_lowercase();
        let says = |text: &str| text.to_lowercase().contains(&small);
        let by_word = || tabs.iter().find(|tab| says(&tab.title) || says(&tab.url));
        let found = by_number.or_else(by_id).or_else(by_word);
        let missing =
            || DriverError::NotFound(format!("the tab {meant}; there are {}", tabs.len()));
        Ok(found.ok_or_else(missing)?.id.clone())
    }

    pub(super) fn tabs(&self) -> Vec<TabSeen> {
        let tabs = self.driven.now().tabs.into_iter();
        tabs.map(|tab| TabSeen { id: tab.id, title: tab.title, url: tab.url, active: tab.active })
            .collect()
    }

    /// Whoever did something is to know which tabs it opened and closed.
    pub(super) fn tell_of_tabs(&self, before: &[TabSeen]) {
        let now = self.tabs();
        let missing = |one: &[TabSeen], other: &[TabSeen]| {
            let is_missing = |tab: &&TabSeen| !other.iter().any(|it| it.id == tab.id);
            one.iter().filter(is_missing).cloned().collect::<Vec<_>>()
        };
        let (opened, closed) = (missing(&now, before), missing(before, &now));
        match opened.as_slice() {
            [] => {}
            [tab] => {
                let front = if tab.active { ", and is in front" } else { "" };
                let what = if tab.url.is_empty() { "" } else { ": " };
                self.watching.note(format!("a tab opened{what}{}{front}", short(&tab.url)));
            }
            several => self.watching.note(format!("{} tabs opened", several.len())),
        }
        if !closed.is_empty() {
            self.watching.note(format!("{} tab(s) closed", closed.len()));
        }
    }
}
