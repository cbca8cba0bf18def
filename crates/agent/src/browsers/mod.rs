//! The agent's browsers: Chromium, one for a session, seen and steered by people far away.
//!
//! Each has a folder, a gate through which alone it reaches the network, a socket on which its pictures leave, and a
//! task that is its whole life. What it does is told to the server over the link.

mod acts;
mod address;
mod capture;
mod cdp;
mod driven;
mod find;
mod folder;
mod gate;
mod happenings;
mod input;
mod launch;
mod life;
mod news;
mod permission;
mod pictures;
mod producer;
mod running;
mod shots;
mod steered;
mod tabs;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use parking_lot::Mutex;
use pilothouse_core::{
    browsers::{Act, Go, TabAct, Viewport},
    ids::SessionId,
};
use pilothouse_protocols::agent_link::{
    browsers::{Browser, BrowserInput, TabAction},
    messages::{FromAgent, FromServer},
    requests::{Ask, BrowserAnswer, Failure, FailureCode},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

pub(crate) use address::{BLANK, meant};
pub(crate) use cdp::{Cdp, CdpError, CdpSession, Event};
pub(crate) use driven::{Drivable, Driven, NotMade, Steered};
pub(crate) use find::find;
pub(crate) use folder::bury;
pub use gate::{Allowance, InvalidAllowance};
use life::Life;
use news::News;
pub(crate) use permission::{Guarded, Happening, Over, Permission, Wanted};
pub(crate) use producer::Destination;

use crate::AgentConfig;

/// How many browsers one agent runs. Overflow rule: further ones are refused.
const MOST_BROWSERS: usize = 16;
/// How many orders of one browser may wait. Overflow rule: more are refused.
const MOST_ORDERS: usize = 256;
/// How long browsers have to close when the agent stops.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// What an agent is told about browsers.
#[derive(Clone, Default)]
pub struct BrowserConfig {
    /// The program; the first one that is found if absent.
    pub program: Option<PathBuf>,
    /// What is opened to browsers besides the open internet.
    pub allow: Vec<Allowance>,
    /// `BACKEND_WS_URL`: where pictures go instead of the agent's own server; the session's id is appended.
    pub backend_url: Option<String>,
    /// `BACKEND_ORIGIN`: what the socket for pictures says it comes from.
    pub backend_origin: Option<String>,
    /// `BACKEND_TOKEN`: what opens the socket there.
    pub backend_token: Option<String>,
}

/// The token is not for logs.
impl std::fmt::Debug for BrowserConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrowserConfig")
            .field("program", &self.program)
            .field("allow", &self.allow)
            .field("backend_url", &self.backend_url)
            .field("backend_origin", &self.backend_origin)
            .finish_non_exhaustive()
    }
}

/// What a browser's task is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// To do something, and to say when it is done or why not.
    Act {
        /// What.
        act: Act,
        /// What opens the door for its pictures, if it is another one than the agent's key.
        token: Option<String>,
        /// Where the answer goes.
        reply: Reply,
    },
    /// A run drives from now on.
    Drive(driven::Drive),
    /// A run wants this done to the browser as a whole; not while a person steers.
    Drives {
        /// What.
        act: Act,
        /// Where the answer goes.
        reply: Reply,
    },
    /// From now on it does only what a run may do.
    Guard {
        /// What that is.
        permission: Permission,
        /// Where the answer goes.
        reply: Reply,
    },
    /// That run is over.
    Unguard(Permission),
    /// So many pictures a second are wanted.
    Wanted(u32),
    /// A turn at steering began, or ended.
    Held {
        /// Which.
        epoch: u64,
        /// Whether somebody steers in it.
        held: bool,
    },
    /// Somebody who steers did this.
    Input {
        /// In which turn.
        epoch: u64,
        /// What, in order.
        inputs: Vec<BrowserInput>,
    },
}

type Reply = oneshot::Sender<Result<(), Failure>>;

/// Where pictures of a session go, which the link knows.
pub(crate) type Destinations =
    dyn Fn(&SessionId, Option<&str>) -> Option<Destination> + Send + Sync;

/// All browsers of one agent.
pub(crate) struct Browsers {
    config: Arc<AgentConfig>,
    program: Option<PathBuf>,
    news: Arc<News>,
    open: Arc<Mutex<BTreeMap<SessionId, mpsc::Sender<Order>>>>,
    tasks: Mutex<JoinSet<()>>,
    connector: pilothouse_websocket::connect::Connector,
    destinations: Arc<Destinations>,
}

impl std::fmt::Debug for Browsers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browsers").field("program", &self.program).finish_non_exhaustive()
    }
}

impl Browsers {
    /// None is open yet.
    pub(crate) fn new(
        config: Arc<AgentConfig>,
        connector: pilothouse_websocket::connect::Connector,
        destinations: Arc<Destinations>,
    ) -> Arc<Self> {
        let program = find(config.browser.program.as_deref(), &config.environment);
        Arc::new(Self {
            program,
            news: Arc::default(),
            open: Arc::default(),
            tasks: Mutex::default(),
            config,
            connector,
            destinations,
        })
    }

    /// Does what the server asks, or says why not.
    pub(crate) async fn answer(self: &Arc<Self>, ask: Ask) -> Result<BrowserAnswer, Failure> {
        let (session, token, act) = asked(ask)?;
        let browsed = session.as_str().to_owned();
        let (reply, answer) = oneshot::channel();
        self.order(&session, Order::Act { act, token, reply })?;
        let gone = || failure(FailureCode::Failed, "the browser was closed meanwhile");
        answer.await.unwrap_or_else(|_| Err(gone())).map(|()| BrowserAnswer { browsed })
    }

    /// Takes in what the server says without waiting for an answer.
    pub(crate) fn take(self: &Arc<Self>, message: &FromServer) {
        let (session, order) = match message {
            FromServer::BrowserWanted { session, fps } => (session, Order::Wanted(*fps)),
            FromServer::BrowserHeld { session, epoch, held } => {
                (session, Order::Held { epoch: *epoch, held: *held })
            }
            FromServer::BrowserInput { session, epoch, inputs } => {
                (session, Order::Input { epoch: *epoch, inputs: inputs.clone() })
            }
            _ => return,
        };
        let Ok(session) = SessionId::new(session) else { return };
        let sent = match &order {
            Order::Input { epoch, inputs } => Some((*epoch, inputs.len())),
            _ => None,
        };
        // A browser that is not there is watched and steered by nobody.
        if self.order(&session, order).is_err()
            && let Some((epoch, count)) = sent
        {
            self.news.took(&session, epoch, count);
        }
    }

    /// Every browser, for a hello.
    pub(crate) fn held(&self) -> Vec<Browser> {
        self.news.held()
    }

    /// What the server has yet to learn.
    pub(crate) fn take_news(&self) -> Vec<FromAgent> {
        self.news.take()
    }

    /// Waits until there may be something that the server has yet to learn.
    pub(crate) async fn changed(&self) {
        self.news.changed().await;
    }

    /// Closes all of them, because the agent stops.
    pub(crate) async fn stop(&self) {
        self.open.lock().clear();
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        let closed = async { while tasks.join_next().await.is_some() {} };
        if timeout(CLOSE_WITHIN, closed).await.is_err() {
            tracing::warn!("browsers take too long to close; the agent's next life ends them");
        }
    }

    /// Tells a session's browser. One that is to open comes into being with that.
    fn order(self: &Arc<Self>, session: &SessionId, order: Order) -> Result<(), Failure> {
        let mut open = self.open.lock();
        open.retain(|_, orders| !orders.is_closed());
        if !open.contains_key(session) {
            if !matches!(order, Order::Act { act: Act::Open { .. }, .. }) {
                let reason = "the session has no browser; open it first";
                return Err(failure(FailureCode::NotFound, reason));
            }
            if open.len() >= MOST_BROWSERS {
                let reason = format!("the agent has {MOST_BROWSERS} browsers; close one first");
                return Err(failure(FailureCode::Failed, reason));
            }
            open.insert(session.clone(), self.begin(session)?);
        }
        let told = open[session].try_send(order);
        told.map_err(|_| failure(FailureCode::Failed, "the browser is busy; try again"))
    }

    fn begin(self: &Arc<Self>, session: &SessionId) -> Result<mpsc::Sender<Order>, Failure> {
        let Some(program) = self.program.clone() else {
            let reason = "the agent found no browser on its machine; install Chromium there and restart the agent";
            return Err(failure(FailureCode::Unsupported, reason));
        };
        let (sender, orders) = mpsc::channel(MOST_ORDERS);
        let life = Life {
            session: session.clone(),
            program,
            config: self.config.clone(),
            news: self.news.clone(),
            connector: self.connector.clone(),
            destinations: self.destinations.clone(),
        };
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(life.live(orders));
        Ok(sender)
    }
}

/// What is asked of which session's browser.
fn asked(ask: Ask) -> Result<(SessionId, Option<String>, Act), Failure> {
    let named = |session: String| {
        SessionId::new(&session).map_err(|error| failure(FailureCode::Invalid, error.to_string()))
    };
    Ok(match ask {
        Ask::OpenBrowser { session, url, width, height, token } => {
            let usual = Viewport::default();
            let viewport = (width.is_some() || height.is_some()).then(|| {
                Viewport::clamped(width.unwrap_or(usual.width), height.unwrap_or(usual.height))
            });
            (named(session)?, token, Act::Open { url: url.map(Into::into), viewport })
        }
        Ask::CloseBrowser { session } => (named(session)?, None, Act::Close),
        Ask::Browse { session, go } => (named(session)?, None, Act::Go(Go::from(&go))),
        Ask::ResizeBrowser { session, width, height } => {
            (named(session)?, None, Act::Resize(Viewport::clamped(width, height)))
        }
        Ask::BrowserTab { session, action, tab, url } => {
            let act = match (action, tab) {
                (TabAction::New, _) => TabAct::New { url: url.map(Into::into) },
                (TabAction::Select, Some(tab)) => TabAct::Select(tab.into()),
                (TabAction::Close, Some(tab)) => TabAct::Close(tab.into()),
                (TabAction::Select | TabAction::Close, None) => {
                    return Err(failure(FailureCode::Invalid, "say which tab is meant"));
                }
            };
            (named(session)?, None, Act::Tab(act))
        }
        Ask::Stat { .. }
        | Ask::Git { .. }
        | Ask::Image { .. }
        | Ask::Message { .. }
        | Ask::Unknown => {
            return Err(failure(FailureCode::Unsupported, "browsers know no such requests"));
        }
    })
}

fn failure(code: FailureCode, reason: impl Into<String>) -> Failure {
    Failure { code, reason: reason.into() }
}
