//! One connection to the dashboard door: who is there, what runs, and what it writes.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use pilothouse_protocols::dashboard::messages::{
    ClientMessage, CommandInterrupt, CommandRequest, Priority, ServerMessage,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

use crate::{
    Address, Error,
    link::{Delivery, Link},
    socket::Socket,
};

const PATH: &str = "/ws/dashboard";
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Messages that wait for the reader; beyond that the server waits.
const INCOMING: usize = 256;
/// Requests that wait for the socket; beyond that the caller waits.
const OUTGOING: usize = 32;
/// Messages that may come between a request and its answer.
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

/// A connected dashboard. Dropping it closes the connection; commands go on.
#[derive(Debug)]
pub struct Dashboard {
    outgoing: mpsc::Sender<ClientMessage>,
    incoming: mpsc::Receiver<Delivery>,
    /// What came while an answer was awaited, for [`Self::next`].
    kept: VecDeque<ServerMessage>,
    connection_id: String,
    requests: u64,
}

impl Dashboard {
    /// Connects to a server such as `http://127.0.0.1:7717` and waits for its greeting.
    pub async fn connect(server: &str, token: &str) -> Result<Self, Error> {
        let address: Address = server.parse()?;
        let unreachable = |source| Error::Unreachable { server: address.to_string(), source };
        let stream = timeout(CONNECT_WITHIN, TcpStream::connect(address.host_and_port())).await;
        let stream = stream.map_err(|_| unreachable(std::io::ErrorKind::TimedOut.into()))?;
        let stream = stream.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        Self::over(stream, &address.authority(), token).await
    }

    /// Does the same over a stream that is already connected, such as one with TLS around it.
    pub async fn over<S>(stream: S, authority: &str, token: &str) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let silent = |_| Error::lost("the server did not greet in time");
        let socket = Socket::open(stream, authority, PATH, token);
        let socket = timeout(CONNECT_WITHIN, socket).await.map_err(silent)??;
        let (outgoing, requests) = mpsc::channel(OUTGOING);
        let (deliveries, incoming) = mpsc::channel(INCOMING);
        let link = Link { socket, outgoing: requests, incoming: deliveries, now: wall_clock };
        tokio::spawn(link.run());
        let kept = VecDeque::new();
        let mut dashboard =
            Self { outgoing, incoming, kept, connection_id: String::new(), requests: 0 };
        match timeout(CONNECT_WITHIN, dashboard.next()).await.map_err(silent)?? {
            ServerMessage::ConnectionAck(ack) => dashboard.connection_id = ack.connection_id,
            ServerMessage::Error(error) => return Err(Error::Refused { reason: error.message }),
            _ => return Err(Error::protocol("it did not greet first")),
        }
        Ok(dashboard)
    }

    /// This connection's name in the server's logs.
    pub fn connection_id(&self) -> &str {
        &self.connection_id
    }

    /// The next message from the server, in order. After an error nothing comes any more.
    pub async fn next(&mut self) -> Result<ServerMessage, Error> {
        match self.kept.pop_front() {
            Some(message) => Ok(message),
            None => self.receive().await,
        }
    }

    /// Queues a command line on an agent and returns the command's id.
    ///
    /// Everything that comes meanwhile, the command's first status included, is delivered by [`Self::next`].
    pub async fn run(
        &mut self,
        agent: &str,
        line: &str,
        options: RunOptions,
    ) -> Result<String, Error> {
        self.requests += 1;
        let name = format!("{}-{}", self.connection_id, self.requests);
        self.send(ClientMessage::CommandRequest(CommandRequest {
            agent_id: agent.to_owned(),
            command: line.to_owned(),
            priority: options.priority,
            timeout: options
                .timeout
                .map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
            env: Some(options.environment).filter(|variables| !variables.is_empty()),
            working_directory: options.directory,
            request_id: Some(name.clone()),
            ..CommandRequest::default()
        }))
        .await?;
        loop {
            let message = self.receive().await?;
            let answer = answer_in(&message, &name);
            if self.kept.len() >= LONGEST_WAIT {
                return Err(Error::protocol("it does not answer the request"));
            }
            match answer {
                Some(Ok(command)) => {
                    self.kept.push_back(message);
                    return Ok(command);
                }
                Some(Err(error)) => return Err(error),
                None => self.kept.push_back(message),
            }
        }
    }

    /// Asks for a command's end; its final status says that it came.
    pub async fn interrupt(&self, command: &str, reason: Option<&str>) -> Result<(), Error> {
        let (command_id, reason) = (command.to_owned(), reason.map(str::to_owned));
        let interrupt = CommandInterrupt { command_id, reason, request_id: None };
        self.send(ClientMessage::CommandInterrupt(interrupt)).await
    }

    /// Sends any message.
    pub async fn send(&self, message: ClientMessage) -> Result<(), Error> {
        let ended = |_| Error::lost("it has ended");
        self.outgoing.send(message).await.map_err(ended)
    }

    async fn receive(&mut self) -> Result<ServerMessage, Error> {
        self.incoming.recv().await.unwrap_or_else(|| Err(Error::lost("it has ended")))
    }
}

/// The answer to the request of that name, if the message is it.
fn answer_in(message: &ServerMessage, name: &str) -> Option<Result<String, Error>> {
    match message {
        ServerMessage::CommandStatus(status) if status.request_id.as_deref() == Some(name) => {
            Some(Ok(status.command_id.clone()))
        }
        ServerMessage::Error(error) => {
            let about = error.details.as_ref().and_then(|details| details.request_id.as_deref());
            let is_ours = about == Some(name) || !error.recoverable;
            is_ours.then(|| Err(Error::Rejected(Box::new(error.clone()))))
        }
        _ => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "the outermost edge: envelopes carry the wall clock")]
fn wall_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
