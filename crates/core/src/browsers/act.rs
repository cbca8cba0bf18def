//! What can be asked about browsers.

use std::{sync::Arc, time::Duration};

use super::{SteeringAct, Viewport};
use crate::ids::SessionId;

/// What can be asked about browsers.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Have a session's browser do something. Answered by its agent, once it is done.
    Act {
        /// Whose browser.
        session: SessionId,
        /// What it is to do.
        act: Act,
        /// How long the answer is waited for.
        within: Duration,
    },
    /// Steer a session's browser, or let somebody else. Answered at once.
    Steer {
        /// Whose browser.
        session: SessionId,
        /// What is asked.
        act: SteeringAct,
    },
}

/// What a browser can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Open, or show that address if it is open.
    Open {
        /// What to show first; an empty page if absent.
        url: Option<Arc<str>>,
        /// How large its pages are to be; the usual size if absent.
        viewport: Option<Viewport>,
    },
    /// Close, with all that it knows.
    Close,
    /// Show another page in its active tab.
    Go(Go),
    /// Something with its tabs.
    Tab(TabAct),
    /// Have pages of another size.
    Resize(Viewport),
}

/// Where a page can be asked to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Go {
    /// To that address.
    To(Arc<str>),
    /// To the page before.
    Back,
    /// To the page after.
    Forward,
    /// To itself.
    Reload,
    /// Nowhere: what is being loaded is given up.
    Stop,
}

/// What can be done with tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TabAct {
    /// Bring one to the front.
    Select(Arc<str>),
    /// Close one. The last one that is closed leaves an empty page.
    Close(Arc<str>),
    /// Open one, and bring it to the front.
    New {
        /// What to show there; an empty page if absent.
        url: Option<Arc<str>>,
    },
}

impl Act {
    /// The audit's word for it.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::Open { .. } => "browser.open",
            Self::Close => "browser.close",
            Self::Go(_) => "browser.go",
            Self::Tab(_) => "browser.tab",
            Self::Resize(_) => "browser.resize",
        }
    }

    /// Further words for the audit.
    pub(crate) fn detail(&self) -> Arc<str> {
        let none = || Arc::from("");
        match self {
            Self::Open { url, .. } => url.clone().unwrap_or_else(none),
            Self::Close => none(),
            Self::Go(Go::To(url)) => url.clone(),
            Self::Go(Go::Back) => "back".into(),
            Self::Go(Go::Forward) => "forward".into(),
            Self::Go(Go::Reload) => "reload".into(),
            Self::Go(Go::Stop) => "stop".into(),
            Self::Tab(TabAct::Select(tab)) => format!("select {tab}").into(),
            Self::Tab(TabAct::Close(tab)) => format!("close {tab}").into(),
            Self::Tab(TabAct::New { url }) => {
                format!("new {}", url.as_deref().unwrap_or_default()).trim_end().into()
            }
            Self::Resize(Viewport { width, height }) => format!("{width}x{height}").into(),
        }
    }

    /// The address it is to show.
    pub(crate) fn url(&self) -> Option<&Arc<str>> {
        match self {
            Self::Open { url, .. } | Self::Tab(TabAct::New { url }) => url.as_ref(),
            Self::Go(Go::To(url)) => Some(url),
            Self::Close | Self::Go(_) | Self::Tab(_) | Self::Resize(_) => None,
        }
    }
}
