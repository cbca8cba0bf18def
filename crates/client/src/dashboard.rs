//! A dashboard as its user has it: who is there, what runs, and what it writes.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Builder, Error, Event, State,
    messages::{ClientMessage, CommandInterrupt, CommandRequest, Priority},
    requests::{Order, Request},
    session::Delivery,
};

/// Events that may come between a request and its answer.
const LONGEST_WAIT: usize = 65_536;

/// How a command is to be run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunOptions {
    /// Which of the waiting commands goes first; normal if absent.
    pub priority: Option<Priority>,
    /// Its own time limit; the server's if absent or longer than that.
    pub timeout: Option<Duration>,
    /// The directory to run in; the agent's own if absent.
    pub directory: Option<String>,
    /// Extra environment variables.
    pub environment: BTreeMap<String, String>,
}

/// A dashboard that stays connected. Dropping it closes the connection; commands go on.
///
/// A task of its own keeps the connection and comes back when it is lost. Whoever does not call
/// [`Self::next`] makes the server wait, not this process grow.
#[derive(Debug)]
pub struct Dashboard {
    orders: mpsc::Sender<Order>,
    events: mpsc::Receiver<Delivery>,
    /// What came while an answer was awaited, for [`Self::next`].
    kept: VecDeque<Event>,
    state: watch::Receiver<State>,
    name: String,
    requests: u64,
}

impl Dashboard {
    pub(crate) fn new(
        orders: mpsc::Sender<Order>,
        events: mpsc::Receiver<Delivery>,
        state: watch::Receiver<State>,
    ) -> Result<Self, Error> {
        // Requests are found again by name after a server's restart, so no other client may use it.
        let name = getrandom::u64().map_err(Error::lost)?;
        let name = format!("{name:016x}");
        Ok(Self { orders, events, kept: VecDeque::new(), state, name, requests: 0 })
    }

    /// Connects to a server such as `http://127.0.0.1:7717` or `https://pilothouse.example.org/prefix`.
    ///
    /// # Errors
    ///
    /// As [`Builder::connect`].
    pub async fn connect(server: &str, token: &str) -> Result<Self, Error> {
        Self::builder(server).token(token).connect().await
    }

    /// Everything that can be chosen, with the protocol's own values as defaults.
    pub fn builder(server: &str) -> Builder {
        Builder::new(server)
    }

    /// The next event, in order. Cancel-safe: nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// The connection is over, for good: the token does not count any more, or the time to come back is
    /// over. After an error nothing comes any more.
    pub async fn next(&mut self) -> Result<Event, Error> {
        match self.kept.pop_front() {
            Some(event) => Ok(event),
            None => self.receive().await,
        }
    }

    /// How the connection is now.
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Queues a command line on an agent and returns the command's id.
    ///
    /// Everything that comes meanwhile, the command's first status included, is delivered by [`Self::next`].
    /// The command's output is followed: what is missed while the connection is away is fetched later.
    ///
    /// A request is sent once. When the connection is lost before the answer, the command is looked for
    /// by its `requestId` in what the server tells after coming back.
    ///
    /// Cancelling this does not call the request back: the command may run.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the server says no; [`Error::Unknown`] if the answer was lost and the
    /// command is not to be seen; [`Error::Away`] or [`Error::TooManyWaiting`] if there is no connection
    /// now; whatever ends the connection meanwhile.
    pub async fn run(
        &mut self,
        agent: &str,
        line: &str,
        options: RunOptions,
    ) -> Result<String, Error> {
        self.requests += 1;
        let request = CommandRequest {
            agent_id: agent.to_owned(),
            command: line.to_owned(),
            priority: options.priority,
            timeout: options
                .timeout
                .map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
            env: Some(options.environment).filter(|variables| !variables.is_empty()),
            working_directory: options.directory,
            request_id: Some(format!("{}-{}", self.name, self.requests)),
            ..CommandRequest::default()
        };
        let (answer, mut answered) = oneshot::channel();
        self.order(Order::Send(Request::Run { request, answer })).await?;
        loop {
            tokio::select! {
                biased;
                answer = &mut answered => {
                    return answer.unwrap_or_else(|_| Err(Error::lost("it has ended")));
                }
                event = self.events.recv() => match event {
                    Some(Ok(_)) if self.kept.len() >= LONGEST_WAIT => {
                        return Err(Error::protocol("it does not answer the request"));
                    }
                    Some(Ok(event)) => self.kept.push_back(event),
                    Some(Err(error)) => return Err(error),
                    None => return Err(Error::lost("it has ended")),
                },
            }
        }
    }

    /// Asks for a command's end; its final status says that it came. Cancel-safe, but what was on its way is.
    ///
    /// # Errors
    ///
    /// As [`Self::send`].
    pub async fn interrupt(&self, command: &str, reason: Option<&str>) -> Result<(), Error> {
        let (command_id, reason) = (command.to_owned(), reason.map(str::to_owned));
        let interrupt = CommandInterrupt { command_id, reason, request_id: None };
        self.send(ClientMessage::CommandInterrupt(interrupt)).await
    }

    /// Delivers a command's whole output as far as the server keeps it, beginning with the record after
    /// number `after` (0 for the first), and sees to it that nothing is missed from then on. Also of commands
    /// that ended before: then their final status follows.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] if the connection is over.
    pub async fn follow(&self, command: &str, after: u64) -> Result<(), Error> {
        let from = Some(after.saturating_add(1));
        self.order(Order::Follow { command: command.to_owned(), from }).await
    }

    /// Sends any message; done when it is on its way or, if that is wanted, waits for a connection.
    /// Answers come as events.
    ///
    /// # Errors
    ///
    /// [`Error::Away`] or [`Error::TooManyWaiting`] if there is no connection now; [`Error::Lost`] if it is over.
    pub async fn send(&self, message: ClientMessage) -> Result<(), Error> {
        let (sent, is_sent) = oneshot::channel();
        self.order(Order::Send(Request::Message { message, sent: Some(sent) })).await?;
        is_sent.await.unwrap_or_else(|_| Err(Error::lost("it has ended")))
    }

    /// Cuts the wait before the next attempt to come back short.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] if the connection is over.
    pub async fn reconnect(&self) -> Result<(), Error> {
        self.order(Order::Reconnect).await
    }

    async fn order(&self, order: Order) -> Result<(), Error> {
        self.orders.send(order).await.map_err(|_| Error::lost("it has ended"))
    }

    async fn receive(&mut self) -> Result<Event, Error> {
        self.events.recv().await.unwrap_or_else(|| Err(Error::lost("it has ended")))
    }
}
