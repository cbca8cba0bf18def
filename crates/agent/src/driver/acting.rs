//! Does what is asked, and says how it can be done again.

use std::time::Duration;

use pilothouse_core::browsers::TabAct;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Action, Direction, Done, Driver, DriverError, Permit, Target, aiming::Aim, finding::Element,
    matching::Purpose, page::Page, patience::Patience,
};
use crate::browsers::{BLANK, meant};

/// How much of what is seen is scrolled when nothing else is said.
const MOST_OF_IT: f64 = 0.8;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    current_index: i64,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Navigated {
    #[serde(default)]
    error_text: String,
    #[serde(default)]
    is_download: bool,
}

impl Driver {
    /// Does something, waits until the page is calm again, and says what became of it.
    ///
    /// While a person steers, it waits until they hand the browser back, does nothing, and says so with
    /// [`DriverError::Held`]: what was decided before may be wrong by then.
    pub(crate) async fn act(&mut self, action: &Action) -> Result<Done, DriverError> {
        (self.is_secret, self.permit) = (false, None);
        self.do_it(action).await
    }

    /// The same for what must not be seen: the field that is typed into is hidden in pictures and outlines from then on, and
    /// it is in no frame of another site than `permit` says.
    pub(crate) async fn act_in_secret(
        &mut self,
        action: &Action,
        permit: Permit,
    ) -> Result<Done, DriverError> {
        (self.is_secret, self.permit) = (true, Some(permit));
        self.do_it(action).await
    }

    async fn do_it(&mut self, action: &Action) -> Result<Done, DriverError> {
        action.check().map_err(|error| DriverError::Refused(error.to_string()))?;
        if self.wait_for_hand_back().await? {
            return Err(DriverError::Held);
        }
        let patience = Patience::of(self.limit_of(action));
        let before = self.tabs();
        self.note_incident();
        let done = self.perform(action, patience).await;
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                self.let_go();
                return Err(self.better(error));
            }
        };
        if action.changes_page() {
            let page = self.page(patience).await?;
            self.settle(&page, patience).await?;
        }
        self.let_go();
        self.tell_of_tabs(&before);
        self.note_incident();
        let notes = self.watching.take_notes();
        Ok(Done { notes, ..done })
    }

    /// A wait may be longer than other actions.
    fn limit_of(&self, action: &Action) -> Duration {
        match action {
            Action::Wait { ms: Some(ms), .. } => self.limit + Duration::from_millis(*ms),
            _ => self.limit,
        }
    }

    /// What a page that crashed or hung is to blame for is said so.
    fn better(&self, error: DriverError) -> DriverError {
        let crashed = self.pages.values().any(|name| self.watching.is_crashed(name));
        match error {
            DriverError::Failed(_) | DriverError::Gone if self.driven.is_gone() => {
                DriverError::Gone
            }
            DriverError::TimedOut(_) | DriverError::Failed(_) if crashed => DriverError::Crashed,
            error => error,
        }
    }

    async fn perform(&mut self, action: &Action, patience: Patience) -> Result<Done, DriverError> {
        let page = self.page(patience).await?;
        match action {
            Action::Navigate { url } => self.go(&page, url, patience).await?,
            Action::Search { query } => {
                let url = self.search.replace("{}", &encoded(query));
                self.go(&page, &url, patience).await?;
            }
            Action::Back => self.back(&page, patience).await?,
            Action::Click { target }
            | Action::Select { target, .. }
            | Action::Upload { target, .. } => {
                return self.use_mouse(&page, action, target, patience).await;
            }
            Action::Type { target, text } | Action::TypeAndEnter { target, text } => {
                return self.fill(&page, action, (target, text), patience).await;
            }
            Action::Scroll { target, direction, amount } => {
                return self.scroll(&page, action, (target, *direction, *amount), patience).await;
            }
            Action::Wait { target, ms, text } => {
                self.wait_for(&page, target, (*ms, text.as_deref()), patience).await?;
            }
            Action::Extract { target, .. } => {
                return self.extract(&page, action, target, patience).await;
            }
            Action::OpenTab { url } => self.open_tab(url.as_deref(), patience).await?,
            Action::SwitchTab { tab } => {
                let id = self.tab(tab)?;
                self.act_on_tabs(TabAct::Select(id.into())).await?;
            }
            Action::CloseTab { tab } => {
                let id = match tab {
                    Some(tab) => self.tab(tab)?,
                    None => page.target.clone(),
                };
                self.close_tab(id, patience).await?;
            }
            Action::Screenshot | Action::Done { .. } | Action::Ask { .. } => {
                return Ok(Done::default());
            }
        }
        Ok(Done { command: Some(action.written()), ..Done::default() })
    }

    async fn use_mouse(
        &mut self,
        page: &Page,
        action: &Action,
        target: &Target,
        patience: Patience,
    ) -> Result<Done, DriverError> {
        let element = self.find(page, target, Purpose::Other, patience).await?;
        if matches!(action, Action::Select { .. }) {
            self.check_permit(&element)?;
        }
        let command = self.command(page, action, &element, patience).await?;
        let is_healed = element.is_healed;
        let found = (element, target);
        match action {
            Action::Select { value, .. } => {
                self.check_permit(&found.0)?;
                self.choose(page, found, value, patience).await?
            }
            Action::Upload { files, .. } => self.upload(page, found, files, patience).await?,
            _ => {
                let (element, target) = found;
                let state = self.state(page, &element, patience).await?;
                if state.tag == "option" {
                    let value = element.name.clone();
                    self.choose(page, (element, target), &value, patience).await?
                } else {
                    self.click(page, element, (target, Purpose::Other), patience).await?
                }
            }
        };
        Ok(Done { command: Some(command), is_healed, ..Done::default() })
    }

    async fn fill(
        &mut self,
        page: &Page,
        action: &Action,
        (target, text): (&Target, &str),
        patience: Patience,
    ) -> Result<Done, DriverError> {
        let element = self.find(page, target, Purpose::Typing, patience).await?;
        let command = self.command(page, action, &element, patience).await?;
        let is_healed = element.is_healed;
        self.type_into(page, (element, target), text, patience).await?;
        if matches!(action, Action::TypeAndEnter { .. }) {
            self.press_key(page, ("Enter", "Enter", 13), "\r", patience).await?;
        }
        Ok(Done { command: Some(command), is_healed, ..Done::default() })
    }

    pub(super) async fn go(
        &mut self,
        page: &Page,
        url: &str,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let url = shown(url)?;
        let mut refusals = self.driven.now().refusals;
        refusals.mark_unchanged();
        self.watching.touch(&page.name);
        let answer = self.begin(&page.session, "Page.navigate", json!({"url": url}))?;
        let answer = match self.wait(page, answer, patience).await {
            Err(DriverError::TimedOut(_)) => {
                return Err(patience.over(&format!("{url} does not come")));
            }
            answer => answer?,
        };
        let navigated: Navigated = serde_json::from_str(answer.get())
            .map_err(|_| DriverError::Failed("the browser's answer makes no sense".to_owned()))?;
        let error = navigated.error_text;
        let host = host(&url);
        let refused = refusals.has_changed().unwrap_or_default();
        let refusal = refusals.borrow().clone().filter(|why| refused && why.starts_with(host));
        if let Some(why) = refusal {
            return Err(DriverError::Refused(why));
        }
        if error.is_empty() || navigated.is_download || error == "net::ERR_ABORTED" {
            return Ok(());
        }
        Err(DriverError::Failed(format!("{url} cannot be shown ({error})")))
    }

    async fn back(&mut self, page: &Page, patience: Patience) -> Result<(), DriverError> {
        let method = "Page.getNavigationHistory";
        let history: History = self.ask(page, &page.session, method, json!({}), patience).await?;
        let place = usize::try_from(history.current_index - 1).ok();
        let nothing = || DriverError::Refused("there is no page to go back to".to_owned());
        let entry = place.and_then(|place| history.entries.get(place)).ok_or_else(nothing)?;
        self.watching.touch(&page.name);
        let there = json!({"entryId": entry.id});
        self.make(page, &page.session, "Page.navigateToHistoryEntry", there, patience).await
    }

    async fn scroll(
        &mut self,
        page: &Page,
        action: &Action,
        (target, direction, amount): (&Target, Direction, Option<f64>),
        patience: Patience,
    ) -> Result<Done, DriverError> {
        let viewport = self.driven.now().viewport;
        let (mut at, mut command) = (self.middle(), action.written());
        if !target.is_empty() {
            let element = self.find(page, target, Purpose::Other, patience).await?;
            command = self.command(page, action, &element, patience).await?;
            self.bring_into_view(page, &element, 0, patience).await?;
            if let Aim::At(point) = self.aim(page, &element, patience).await? {
                at = point;
            }
        }
        let (across, down) = match direction {
            Direction::Up => (0.0, -1.0),
            Direction::Down => (0.0, 1.0),
            Direction::Left => (-1.0, 0.0),
            Direction::Right => (1.0, 0.0),
        };
        let side = if down == 0.0 { viewport.width } else { viewport.height };
        let far = amount.unwrap_or(f64::from(side) * MOST_OF_IT).min(100_000.0);
        self.watching.touch(&page.name);
        self.move_to(page, at, patience).await?;
        self.wheel(page, at, (across * far, down * far), patience).await?;
        Ok(Done { command: Some(command), ..Done::default() })
    }
}

pub(super) fn done(command: Value, element: &Element) -> Done {
    Done { command: Some(command), is_healed: element.is_healed, ..Done::default() }
}

/// An address that a run may show.
fn shown(url: &str) -> Result<String, DriverError> {
    let url = meant(url).map_err(DriverError::Refused)?;
    let is_page =
        url.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http")) || url == BLANK;
    let refused = || DriverError::Refused("runs show http and https addresses alone".to_owned());
    is_page.then_some(url).ok_or_else(refused)
}

/// The host that an address names, without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    match rest.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => rest.split(':').next().unwrap_or_default(),
    }
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_show_pages_of_the_web_and_nothing_of_the_machine() {
        for url in ["https://example.org/", "example.org", "http://a.b:81/c", "about:blank", ""] {
            assert!(shown(url).is_ok(), "{url}");
        }
        for url in [
            "file:///etc/passwd",
            "data:text/html,x",
            "chrome://version",
            "javascript:1",
            "blob:x",
            "about:version",
        ] {
            assert!(matches!(shown(url), Err(DriverError::Refused(_))), "{url}");
        }
        for (url, name) in [
            ("http://a.b:81/c", "a.b"),
            ("https://u:p@a.b?x@y", "a.b"),
            ("http://[::1]:8/", "::1"),
            ("about:blank", "about"),
        ] {
            assert_eq!(host(url), name);
        }
        assert_eq!(encoded("a b&c/ü"), "a%20b%26c%2F%C3%BC");
    }
}
