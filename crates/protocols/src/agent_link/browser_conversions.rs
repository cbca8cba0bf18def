//! Between the wire's words about browsers and the core's, in both directions.

use std::sync::Arc;

use pilothouse_core::{
    browsers::{self as domain, Act, LONGEST_URL, MOST_TABS, Order, Seen},
    ids::{InvalidId, SessionId},
};

use super::{
    browsers::{Browser, BrowserState, Go, Tab, TabAction, Viewport, Way},
    conversions::{cut, sentence},
    messages::FromServer,
    requests::Ask,
};

/// How much of a title everybody is told, in bytes.
const LONGEST_TITLE: usize = 512;
/// How much of what was copied is passed on, in bytes.
const LONGEST_CLIPBOARD: usize = 1 << 20;

impl From<domain::Viewport> for Viewport {
    fn from(viewport: domain::Viewport) -> Self {
        Self { width: viewport.width, height: viewport.height }
    }
}

impl From<Viewport> for domain::Viewport {
    fn from(viewport: Viewport) -> Self {
        Self::clamped(viewport.width, viewport.height)
    }
}

impl TryFrom<&Browser> for Seen {
    type Error = InvalidId;

    fn try_from(browser: &Browser) -> Result<Self, InvalidId> {
        let tabs = browser.tabs.iter().take(MOST_TABS).map(|tab| domain::Tab {
            id: cut(&tab.id, LONGEST_TITLE),
            title: cut(&tab.title, LONGEST_TITLE),
            url: cut(&tab.url, LONGEST_URL),
            is_active: tab.active,
        });
        Ok(Self {
            session: SessionId::new(&browser.session)?,
            state: match browser.state {
                BrowserState::Opening | BrowserState::Unknown => domain::State::Opening,
                BrowserState::Open => domain::State::Open,
                BrowserState::Failed => domain::State::Failed,
            },
            url: cut(&browser.url, LONGEST_URL),
            title: cut(&browser.title, LONGEST_TITLE),
            tabs: tabs.collect(),
            viewport: browser.viewport.into(),
            incident: browser.incident.as_deref().map(sentence),
        })
    }
}

impl From<&Seen> for Browser {
    fn from(seen: &Seen) -> Self {
        let tabs = seen.tabs.iter().map(|tab| Tab {
            id: tab.id.as_ref().to_owned(),
            title: tab.title.as_ref().to_owned(),
            url: tab.url.as_ref().to_owned(),
            active: tab.is_active,
        });
        Self {
            session: seen.session.as_str().to_owned(),
            state: match seen.state {
                domain::State::Opening => BrowserState::Opening,
                domain::State::Open => BrowserState::Open,
                domain::State::Failed => BrowserState::Failed,
            },
            url: seen.url.as_ref().to_owned(),
            title: seen.title.as_ref().to_owned(),
            tabs: tabs.collect(),
            viewport: seen.viewport.into(),
            incident: seen.incident.as_deref().map(str::to_owned),
        }
    }
}

/// What was copied, as much of it as is passed on.
pub(super) fn clipboard(text: &str) -> Arc<str> {
    cut(text, LONGEST_CLIPBOARD)
}

/// A call about a browser, as the agent is asked.
pub(super) fn ask(session: &SessionId, act: &Act) -> Ask {
    let session = session.as_str().to_owned();
    let owned = |text: &Arc<str>| text.as_ref().to_owned();
    let tab = |action, tab: Option<&Arc<str>>, url: Option<&Arc<str>>| Ask::BrowserTab {
        session: session.clone(),
        action,
        tab: tab.map(owned),
        url: url.map(owned),
    };
    match act {
        Act::Open { url, viewport } => Ask::OpenBrowser {
            url: url.as_ref().map(owned),
            width: viewport.map(|viewport| viewport.width),
            height: viewport.map(|viewport| viewport.height),
            token: None,
            session,
        },
        Act::Close => Ask::CloseBrowser { session },
        Act::Go(go) => Ask::Browse { session, go: go.into() },
        Act::Tab(domain::TabAct::Select(id)) => tab(TabAction::Select, Some(id), None),
        Act::Tab(domain::TabAct::Close(id)) => tab(TabAction::Close, Some(id), None),
        Act::Tab(domain::TabAct::New { url }) => tab(TabAction::New, None, url.as_ref()),
        Act::Resize(viewport) => {
            Ask::ResizeBrowser { session, width: viewport.width, height: viewport.height }
        }
    }
}

impl From<&domain::Go> for Go {
    fn from(go: &domain::Go) -> Self {
        match go {
            domain::Go::To(url) => Self::To { url: url.as_ref().to_owned() },
            domain::Go::Back => Self::Way { action: Way::Back },
            domain::Go::Forward => Self::Way { action: Way::Forward },
            domain::Go::Reload => Self::Way { action: Way::Reload },
            domain::Go::Stop => Self::Way { action: Way::Stop },
        }
    }
}

impl From<&Go> for domain::Go {
    fn from(go: &Go) -> Self {
        match go {
            Go::To { url } => Self::To(url.as_str().into()),
            Go::Way { action: Way::Back } => Self::Back,
            Go::Way { action: Way::Forward } => Self::Forward,
            Go::Way { action: Way::Reload } => Self::Reload,
            Go::Way { action: Way::Stop } => Self::Stop,
        }
    }
}

impl From<&Order> for FromServer {
    fn from(order: &Order) -> Self {
        match order {
            Order::Wanted { session, fps } => {
                Self::BrowserWanted { session: session.as_str().to_owned(), fps: *fps }
            }
            Order::Held { session, epoch, held } => Self::BrowserHeld {
                session: session.as_str().to_owned(),
                epoch: *epoch,
                held: *held,
            },
            Order::Input { session, epoch, inputs } => Self::BrowserInput {
                session: session.as_str().to_owned(),
                epoch: *epoch,
                inputs: inputs.iter().map(Into::into).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_browser_only_so_much_is_told() {
        let tab = Tab { id: "1".into(), title: "t".repeat(9000), url: String::new(), active: true };
        let browser = Browser {
            session: "s-1".into(),
            state: BrowserState::Open,
            url: "é".repeat(9000),
            title: String::new(),
            tabs: vec![tab; 99],
            viewport: Viewport { width: 0, height: 99_999 },
            incident: None,
        };
        let seen = Seen::try_from(&browser).unwrap();
        assert_eq!((seen.tabs.len(), seen.tabs[0].title.len()), (MOST_TABS, LONGEST_TITLE));
        assert_eq!((seen.url.len(), seen.viewport.width, seen.viewport.height), (8192, 100, 4096));
        let back = Browser::from(&seen);
        assert_eq!(Seen::try_from(&back).unwrap(), seen);
        let nameless = Browser { session: "a b".into(), ..browser };
        assert!(Seen::try_from(&nameless).is_err());
    }
}
