//! The witness: a process that sees the agent die, ends what it left and reports how.
//!
//! It is the same program in a session of its own, at the other end of a pipe that the agent holds
//! for as long as it lives. A cut cable leaves the pipe alone; `kill -9` of the agent does not.

mod beside;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use parking_lot::Mutex;
use pilothouse_core::ids::AgentId;
use pilothouse_websocket::connect::{Connector, ServerAddress};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    time::{sleep, timeout},
};

use crate::{
    AgentConfig, AgentError,
    books::Books,
    browsers::Browsers,
    commands::Commands,
    credential::Credentials,
    link::{self, Link},
    profile,
    resources::Meter,
    runs::Runs,
    workers::Workers,
};
pub(crate) use beside::Beside;

/// What an agent that ends by itself says last.
const FAREWELL: &str = "done";
/// How long a server that is away is waited for; the agent's next life reports what is left then.
const PATIENCE: Duration = Duration::from_mins(15);
/// How long a new life of the agent waits for the witness of the last one to make room.
const MAKES_ROOM_WITHIN: Duration = Duration::from_secs(10);
/// How long the lock of a dead agent may take to be free.
const LOCK_OUTLASTS: Duration = Duration::from_secs(3);
/// How often to look whether it did.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What the witness has to know; the agent's first line to it. Goes through a pipe that nobody else reads.
#[derive(Serialize, Deserialize)]
struct Will {
    server: String,
    server_file: Option<PathBuf>,
    id: String,
    token: Option<String>,
    authorities: Option<PathBuf>,
    data_dir: PathBuf,
    name: Option<String>,
    agent_type: String,
    incarnation: String,
}

/// Waits for the death of the agent at the other end of `input`, then does what is left to do.
/// Returns early at `shutdown`, which is how a new life of the agent takes over.
pub async fn witness(
    input: impl AsyncRead + Unpin,
    shutdown: impl Future<Output = ()>,
) -> Result<(), AgentError> {
    let mut lines = BufReader::new(input).lines();
    let Some(first) = lines.next_line().await? else { return Ok(()) };
    let will: Will = serde_json::from_str(&first).map_err(io::Error::from)?;
    // Anything but a farewell is the end of the pipe: the agent is gone.
    if matches!(lines.next_line().await, Ok(Some(line)) if line == FAREWELL) {
        return Ok(());
    }
    tracing::warn!(agent = will.id, "the agent has died; what it ran is ended and reported");
    tokio::select! {
        settled = settle(will) => settled,
        () = shutdown => Ok(()),
    }
}

async fn settle(will: Will) -> Result<(), AgentError> {
    let Ok(id) = AgentId::new(&will.id) else { return Ok(()) };
    let Some(_room) = Room::take(&will.data_dir).await? else { return Ok(()) };
    let token = will.token.clone();
    let credentials = Credentials::open(&will.data_dir, &id, token.clone())?;
    let mut config = AgentConfig::new(will.server, id, token, will.data_dir);
    (config.name, config.agent_type) = (will.name, will.agent_type);
    config.server_file = will.server_file;
    config.authorities = will.authorities;
    let config = Arc::new(config);
    let books = Books::open(config.clone()).await?;
    let address: ServerAddress = config.server.parse()?;
    let connector = Connector::new(config.authorities.clone(), config.connect_within)?;
    let credentials = Arc::new(Mutex::new(credentials));
    let destinations = link::destinations(&config, address.clone(), credentials.clone());
    // None of them is opened: a witness gets no work.
    let browsers = Browsers::new(config.clone(), connector.clone(), destinations);
    let link = Link {
        address,
        runs: Runs::new(config.clone(), browsers.clone()),
        browsers,
        connector,
        incarnation: will.incarnation,
        meter: Arc::new(Mutex::new(Meter::new())),
        new_life: tokio::sync::Notify::new(),
        is_witness: true,
        profile: profile(&config),
        credentials,
        books: books.clone(),
        commands: Commands::new(books.clone()),
        workers: Workers::new(books.clone()),
        config,
    };
    let told = async {
        while !books.outbox().is_empty() {
            sleep(LOOK_EVERY).await;
        }
    };
    let _ = timeout(PATIENCE, async {
        tokio::select! {
            () = told => {}
            error = link.keep() => tracing::info!(%error, "the agent's next life reports the rest"),
        }
    })
    .await;
    Ok(())
}

/// The witness's right to the agent's folder.
struct Room {
    _lock: File,
}

impl Room {
    /// `None` if a new life of the agent is there already, or another witness.
    async fn take(folder: &Path) -> io::Result<Option<Self>> {
        let mut file = open(folder)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.set_len(0)?;
        file.write_all(std::process::id().to_string().as_bytes())?;
        // The dead agent's own lock may outlast its pipe for a moment. Who has taken it for a new life
        // asks this witness to go as soon as it sees its lock.
        let agents = File::options().write(true).open(folder.join("lock"))?;
        let is_free = async {
            while agents.try_lock().is_err() {
                sleep(LOOK_EVERY).await;
            }
        };
        Ok(timeout(LOCK_OUTLASTS, is_free).await.is_ok().then_some(Self { _lock: file }))
    }
}

/// Sends the witness of an earlier life away, because this life takes care of everything now.
pub(crate) async fn relieve(folder: &Path) -> io::Result<()> {
    let file = open(folder)?;
    let wait = async {
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {}
            }
            let process = fs::read_to_string(folder.join("witness.lock"))?;
            // Only the holder of the lock is meant, and it holds it right now.
            if let Ok(process @ 2..) = process.trim().parse::<i32>() {
                let _ = kill(Pid::from_raw(process), Signal::SIGTERM);
                // One that was stopped has to run to hear it.
                let _ = kill(Pid::from_raw(process), Signal::SIGCONT);
            }
            sleep(LOOK_EVERY).await;
        }
    };
    match timeout(MAKES_ROOM_WITHIN, wait).await {
        Ok(result) => result,
        Err(_) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "the witness of the agent's last life does not make room; end the process in witness.lock",
        )),
    }
}

fn open(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600).open(folder.join("witness.lock"))
}
