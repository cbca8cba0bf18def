//! The task behind a dashboard: keeps a connection for as long as somebody listens, and comes back when
//! it is lost.

use std::time::Duration;

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use crate::{
    Dashboard, Error, Event, State,
    attempts::Attempts,
    builder::Plan,
    ledger::Ledger,
    line::Line,
    requests::{Order, Requests},
};

/// Events that wait for the reader; beyond that the server waits.
const EVENTS: usize = 256;
/// Requests that wait for the task; beyond that the caller waits.
const ORDERS: usize = 32;
/// The last attempt before giving up gets so long, however little time is left.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// What the task delivers; after an error nothing comes any more.
pub(crate) type Delivery = Result<Event, Error>;

/// Why a connection is not served any more.
pub(crate) enum Ended {
    /// Nobody listens any more.
    Unwanted,
    /// It broke; another one may work.
    Lost(Error),
    /// It broke, and no other one will work.
    Over(Error),
}

/// Everything the task owns.
pub(crate) struct Session {
    pub(crate) plan: Plan,
    pub(crate) orders: mpsc::Receiver<Order>,
    pub(crate) events: mpsc::Sender<Delivery>,
    pub(crate) ledger: Ledger,
    pub(crate) requests: Requests,
    state: watch::Sender<State>,
    attempts: Attempts,
}

/// Connects once; from then on a task keeps it.
pub(crate) async fn start(plan: Plan) -> Result<Dashboard, Error> {
    let line = Line::open(&plan).await?;
    let (order, orders) = mpsc::channel(ORDERS);
    let (events, delivered) = mpsc::channel(EVENTS);
    let (state, watched) = watch::channel(State::Connected);
    let session = Session {
        ledger: Ledger::new(plan.options.follow),
        requests: Requests::new(plan.options.most_waiting),
        plan,
        orders,
        events,
        state,
        attempts: Attempts::at_once(),
    };
    let dashboard = Dashboard::new(order, delivered, watched)?;
    tokio::spawn(session.run(line));
    Ok(dashboard)
}

impl Session {
    async fn run(mut self, mut line: Line) {
        let over = loop {
            self.state.send_replace(State::Connected);
            let can_resume = line.greeting.features.iter().any(|name| name == "output-resume");
            self.ledger.begin_snapshot(line.greeting.connection_id.clone(), can_resume);
            let ended = self.serve(&mut line).await;
            self.requests.line_lost();
            let error = match ended {
                Ended::Unwanted => return line.socket.close().await,
                Ended::Over(error) => break error,
                Ended::Lost(error) => error,
            };
            self.attempts.ended(line.opened);
            drop(line);
            self.state.send_replace(State::Reconnecting);
            line = match self.come_back(error).await {
                Ok(line) => line,
                Err(Some(error)) => break error,
                Err(None) => return,
            };
        };
        self.fail(over).await;
    }

    /// Says that it is over, and why.
    async fn fail(mut self, error: Error) {
        self.state.send_replace(State::Disconnected);
        self.requests.end();
        // Whoever waits for an answer would not read events meanwhile.
        self.orders.close();
        while self.orders.recv().await.is_some() {}
        self.ledger.tell(Event::Failed { reason: error.to_string() });
        while let Some(event) = self.ledger.pop() {
            if self.events.send(Ok(event)).await.is_err() {
                return;
            }
        }
        let _ = self.events.send(Err(error)).await;
    }

    /// Tries until there is a connection; the error if there will be none, nothing if nobody wants one.
    async fn come_back(&mut self, lost: Error) -> Result<Line, Option<Error>> {
        let since = Instant::now();
        let mut last = lost;
        loop {
            let (next, error) = self.attempts.next(&self.plan.options, since, last)?;
            last = error;
            let wait = next.wait;
            self.ledger.tell(Event::Reconnecting(next));
            self.meanwhile(sleep(wait), true).await.ok_or(None)?;
            let limit = self.plan.options.give_up_after;
            let left = limit.map(|limit| limit.saturating_sub(since.elapsed()).max(LAST_CHANCE));
            let opened = Self::open_line(&self.plan, left);
            match self.meanwhile(opened, false).await.ok_or(None)? {
                Some(Ok(line)) => {
                    self.attempts.succeeded();
                    return Ok(line);
                }
                Some(Err(error)) => last = self.attempts.judge(error, &self.plan.token)?,
                None => {}
            }
        }
    }

    fn open_line(
        plan: &Plan,
        left: Option<Duration>,
    ) -> impl Future<Output = Result<Line, Error>> + use<> {
        let mut plan = plan.clone();
        plan.connect_within =
            left.map_or(plan.connect_within, |left| left.min(plan.connect_within));
        async move { Line::open(&plan).await }
    }

    /// Waits for something while there is no connection: requests are queued or refused, events delivered.
    /// `None` if nobody listens any more; `Some(None)` if somebody cut the wait short.
    async fn meanwhile<T>(
        &mut self,
        future: impl Future<Output = T>,
        can_be_cut: bool,
    ) -> Option<Option<T>> {
        tokio::pin!(future);
        loop {
            tokio::select! {
                done = &mut future => return Some(Some(done)),
                order = self.orders.recv() => match order? {
                    Order::Reconnect if can_be_cut => return Some(None),
                    Order::Reconnect => {}
                    Order::Follow { command, from } => self.ledger.follow(&command, from),
                    Order::Send(request) => self.requests.while_away(request),
                },
                permit = self.events.reserve(), if self.ledger.has_news() => {
                    let permit = permit.ok()?;
                    if let Some(event) = self.ledger.pop() {
                        permit.send(Ok(event));
                    }
                }
                () = self.events.closed(), if !self.ledger.has_news() => return None,
            }
        }
    }
}
