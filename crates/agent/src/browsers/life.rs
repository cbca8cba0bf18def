//! A browser's life: its program is started, and started again when it is lost, until somebody closes it.

use std::{collections::VecDeque, path::PathBuf, sync::Arc, time::Duration};

use nix::sys::signal::Signal;
use parking_lot::Mutex;
use pilothouse_core::{
    browsers::{Act, Viewport},
    ids::SessionId,
};
use pilothouse_protocols::agent_link::{
    browsers::{Browser, BrowserState},
    requests::{Failure, FailureCode},
};
use pilothouse_websocket::connect::Connector;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use super::{
    Destinations, Order, Reply,
    driven::Wheel,
    failure,
    folder::Folder,
    gate::{Gate, Rules},
    input::Steering,
    launch::{Launch, Program},
    news::News,
    permission::Permission,
    pictures::{Picture, Remembered},
    producer::{self, Progress},
    running::{End, Running},
};
use crate::AgentConfig;

/// So many crashes within [`CRASHES_WITHIN`] are too many.
const MOST_CRASHES: usize = 5;
/// How long a crash counts.
const CRASHES_WITHIN: Duration = Duration::from_mins(1);
/// Pages in one process crash with it, and so together: that is one crash.
const TOGETHER: Duration = Duration::from_secs(1);
/// How long its processes have to end politely.
const GRACE: Duration = Duration::from_millis(500);
/// How long to wait before it is started again, for each crash that counts.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// What one browser needs.
pub(super) struct Life {
    pub(super) session: SessionId,
    pub(super) program: PathBuf,
    pub(super) config: Arc<AgentConfig>,
    pub(super) news: Arc<News>,
    pub(super) connector: Connector,
    pub(super) destinations: Arc<Destinations>,
}

/// What stays when its program is lost and started again.
pub(super) struct Lasting {
    pub(super) session: SessionId,
    pub(super) news: Arc<News>,
    pub(super) folder: Folder,
    pub(super) gate: Gate,
    /// What its last pictures showed.
    pub(super) remembered: Arc<Mutex<Remembered>>,
    pub(super) pictures: watch::Sender<Option<Arc<Picture>>>,
    pub(super) progress: watch::Receiver<Progress>,
    /// What opens the door for its pictures.
    pub(super) token: Arc<Mutex<Option<String>>>,
    pub(super) viewport: Viewport,
    pub(super) fps: u32,
    /// Where pictures go does not say how fast it wants them.
    pub(super) usual_fps: u32,
    /// The page that was in front last.
    pub(super) url: String,
    pub(super) incident: Option<String>,
    /// Grows with every size that a page has.
    pub(super) layout: u64,
    /// Who steers, as far as is known here.
    pub(super) steering: Steering,
    /// What whoever drives it knows of it.
    pub(super) wheel: Wheel,
    /// What a run may do, if one with approval drives it.
    pub(super) permission: Option<Permission>,
    crashes: VecDeque<Instant>,
}

impl Lasting {
    /// Something crashed. False if that happens too often.
    pub(super) fn crashed(&mut self, now: Instant) -> bool {
        self.crashes.push_back(now);
        while self.crashes.front().is_some_and(|at| *at + CRASHES_WITHIN < now) {
            self.crashes.pop_front();
        }
        self.crashes.len() < MOST_CRASHES
    }

    /// A page crashed. False if that happens too often.
    pub(super) fn page_crashed(&mut self, now: Instant) -> bool {
        if self.crashes.back().is_some_and(|at| now < *at + TOGETHER) {
            return self.crashes.len() < MOST_CRASHES;
        }
        self.crashed(now)
    }

    /// How it is while its program does not run.
    fn tell(&self, state: BrowserState) {
        let browser = Browser {
            session: self.session.as_str().to_owned(),
            state,
            url: self.url.clone(),
            title: String::new(),
            tabs: Vec::new(),
            viewport: self.viewport.into(),
            incident: self.incident.clone(),
        };
        self.news.put(&self.session, browser);
    }
}

/// What becomes of a browser that does not run.
enum Next {
    Again,
    Over(Option<Reply>),
}

impl Life {
    /// All of it. Ends when the browser is closed, or when nobody can tell it anything any more.
    pub(super) async fn live(self, mut orders: mpsc::Receiver<Order>) {
        let (pictures, to_send) = watch::channel(None);
        let (told, progress) = watch::channel(Progress::default());
        let token: Arc<Mutex<Option<String>>> = Arc::default();
        let lasting = self.make(pictures, progress, token.clone()).await;
        let reply = match lasting {
            Ok(mut lasting) => {
                let destination =
                    || (self.destinations)(&self.session, token.lock().clone().as_deref());
                let session = self.session.as_str();
                let sending =
                    producer::produce(session, &self.connector, destination, to_send, &told);
                tokio::select! {
                    reply = self.browse(&mut lasting, &mut orders) => reply,
                    () = sending => None,
                }
            }
            Err(error) => {
                let reason = format!("the agent's folder cannot be used: {error}");
                orders.close();
                while let Some(order) = orders.recv().await {
                    refuse(order, &reason);
                }
                None
            }
        };
        // No order comes any more, and none that came is left without an answer.
        orders.close();
        while let Some(order) = orders.recv().await {
            refuse(order, "the browser was closed meanwhile");
        }
        self.news.gone(&self.session);
        if let Some(reply) = reply {
            let _ = reply.send(Ok(()));
        }
    }

    async fn make(
        &self,
        pictures: watch::Sender<Option<Arc<Picture>>>,
        progress: watch::Receiver<Progress>,
        token: Arc<Mutex<Option<String>>>,
    ) -> std::io::Result<Lasting> {
        let is_foreign = self.config.browser.backend_url.is_some();
        let gate = Gate::open(Rules::new(self.config.browser.allow.clone())).await?;
        Ok(Lasting {
            session: self.session.clone(),
            news: self.news.clone(),
            folder: Folder::make(&self.config.data_dir, &self.session)?,
            wheel: Wheel::new(Viewport::default(), gate.refusals()),
            gate,
            remembered: Arc::default(),
            pictures,
            progress,
            token,
            viewport: Viewport::default(),
            fps: 0,
            usual_fps: if is_foreign { FOREIGN_FPS } else { 0 },
            url: String::new(),
            incident: None,
            layout: 0,
            steering: Steering::default(),
            permission: None,
            crashes: VecDeque::new(),
        })
    }

    /// Starts it until it is closed. Gives whoever waits for the end.
    async fn browse(
        &self,
        lasting: &mut Lasting,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Option<Reply> {
        loop {
            lasting.tell(BrowserState::Opening);
            let end = self.run(lasting, orders).await;
            let why = match end {
                Ok(End::Closed(reply)) => return reply,
                Ok(End::Crashed(why)) | Err(why) => why,
            };
            tracing::warn!(session = %self.session, why, "a browser was lost");
            if lasting.crashed(Instant::now()) {
                lasting.incident = Some(format!("{why}, and it was started again"));
                let crashes = u32::try_from(lasting.crashes.len()).unwrap_or(1);
                sleep(AGAIN_AFTER * crashes).await;
                continue;
            }
            lasting.incident = Some(format!(
                "{why}; {MOST_CRASHES} times in a minute are too many: open it again"
            ));
            lasting.tell(BrowserState::Failed);
            lasting.wheel.failed(lasting.incident.clone());
            match fail(lasting, orders).await {
                Next::Again => lasting.crashes.clear(),
                Next::Over(reply) => return reply,
            }
        }
    }

    /// One program, from its start until nothing of it is left.
    async fn run(
        &self,
        lasting: &mut Lasting,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<End, String> {
        let launch = Launch {
            program: &self.program,
            folder: &lasting.folder,
            gate: [lasting.gate.address(), lasting.gate.socket_address()],
            viewport: lasting.viewport,
            environment: &self.config.environment,
        };
        let started = launch.start();
        let mut program = started
            .map_err(|error| format!("{} cannot be started: {error}", self.program.display()))?;
        lasting.gate.belongs_to(program.process.pid);
        let end = Running::new(lasting, &program.cdp).run(&mut program, orders).await;
        lasting.wheel.lost();
        if let Some(permission) = &lasting.permission {
            // What Chromium holds back it would let go when it ends.
            permission.lose();
            lasting.gate.cut();
        }
        let crashed = matches!(end, Ok(End::Crashed(_)) | Err(_));
        bury(lasting, program, crashed).await;
        end
    }
}

/// How fast pictures are taken for somebody who cannot say how fast.
const FOREIGN_FPS: u32 = 15;

/// Ends what is left of a program, and takes in its dead.
async fn bury(lasting: &Lasting, mut program: Program, crashed: bool) {
    let mut tree = lasting.folder.tree(program.process);
    let politely: &[Signal] = if crashed { &[] } else { &[Signal::SIGTERM] };
    // Its own end has to be taken in meanwhile, or it would never be gone.
    let (left, _) = tokio::join!(tree.end(politely, GRACE), program.child.wait());
    if left > 0 {
        tracing::warn!(session = %lasting.session, left, "processes of a browser do not end");
    }
    // The dead whose parent was among them came to this process in the meantime.
    tree.clear_away().await;
}

/// It crashed too often. Nothing happens until somebody opens it again or closes it.
async fn fail(lasting: &mut Lasting, orders: &mut mpsc::Receiver<Order>) -> Next {
    let reason = lasting.incident.clone().unwrap_or_default();
    // What was asked before it failed does not start it again.
    while let Ok(order) = orders.try_recv() {
        if let Order::Act { act: Act::Close, reply, .. } = order {
            return Next::Over(Some(reply));
        }
        refuse(order, &reason);
    }
    loop {
        match orders.recv().await {
            None => return Next::Over(None),
            Some(Order::Act { act: Act::Close, reply, .. }) => return Next::Over(Some(reply)),
            Some(Order::Act { act: Act::Open { url, viewport }, token, reply }) => {
                if let Some(url) = url {
                    url.as_ref().clone_into(&mut lasting.url);
                }
                lasting.viewport = viewport.unwrap_or(lasting.viewport);
                *lasting.token.lock() = token.or(lasting.token.lock().take());
                lasting.incident = None;
                // Its state tells the rest.
                let _ = reply.send(Ok(()));
                return Next::Again;
            }
            Some(Order::Wanted(fps)) => lasting.fps = fps,
            Some(Order::Held { epoch, held }) => {
                lasting.wheel.hold(held);
                drop(lasting.steering.begin(epoch, held));
            }
            Some(Order::Input { epoch, inputs }) => {
                lasting.news.took(&lasting.session, epoch, inputs.len());
            }
            Some(order) => refuse(order, &reason),
        }
    }
}

fn refuse(order: Order, reason: &str) {
    let failure: Failure = failure(FailureCode::Failed, reason);
    match order {
        Order::Act { reply, .. } | Order::Drives { reply, .. } | Order::Guard { reply, .. } => {
            drop(reply.send(Err(failure)));
        }
        Order::Drive(drive) => drive.refuse(failure),
        Order::Wanted(_) | Order::Held { .. } | Order::Input { .. } | Order::Unguard(_) => {}
    }
}
