//! `pilothouse exec`: runs a command on an agent as if it ran here.

use std::{io, time::Duration};

use clap::{Args, ValueEnum};
use pilothouse_client::{
    Dashboard, RunOptions, ServerMessage,
    messages::{CommandState, CommandStatus, ErrorCode, OutputStream, Priority, TerminalOutput},
};
use pilothouse_server::config::duration;

use crate::{
    access::Access,
    failure::{Failure, UNAVAILABLE},
    output, quoting,
};

/// The command ran longer than it may; as timeout(1) says it.
pub(crate) const TIMED_OUT: u8 = 124;
/// The command was interrupted; as shells say it.
const INTERRUPTED: u8 = 130;

/// What to run, where and how.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "One argument after -- is a shell line and goes as it is; several are quoted into one.

Examples:
  pilothouse exec build-01 -- 'make test 2>&1 | tail -20'
  pilothouse exec build-01 --timeout 30s --cwd /srv/app --env CI=1 -- npm test

Exit codes: the command's own (128+n when signal n ended it), and
  124 timed out   130 interrupted   64 wrong usage   69 server or agent not there
  75 agent offline or busy beyond measure: try later   77 token refused"
)]
pub(crate) struct ExecOptions {
    /// The agent's id
    #[arg(value_name = "AGENT")]
    pub(crate) agent: String,
    /// Which of the waiting commands goes first
    #[arg(long, value_enum, default_value = "normal")]
    pub(crate) priority: PriorityName,
    /// End the command after so long, such as 30s; the server's limit stays
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// The directory to run in, on the agent's machine
    #[arg(long, value_name = "DIR")]
    pub(crate) cwd: Option<String>,
    /// A further environment variable; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,
    /// Say nothing but what the command says
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) access: Access,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

/// Which of the waiting commands goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PriorityName {
    /// Overtakes all others.
    High,
    /// The default.
    Normal,
    /// Waits for all others.
    Low,
}

impl From<PriorityName> for Priority {
    fn from(name: PriorityName) -> Self {
        match name {
            PriorityName::High => Self::High,
            PriorityName::Normal => Self::Normal,
            PriorityName::Low => Self::Low,
        }
    }
}

/// Runs the command; its exit code becomes ours.
pub(crate) async fn run(options: ExecOptions) -> Result<u8, Failure> {
    let mut dashboard = options.access.connect().await?;
    let line = quoting::line_of(&options.command);
    let how = RunOptions {
        priority: Some(options.priority.into()),
        timeout: options.timeout,
        directory: options.cwd,
        environment: options.env.into_iter().collect(),
    };
    let command = dashboard.run(&options.agent, &line, how).await?;
    let follower = Follower { command, is_quiet: options.quiet, position: 0, has_timed_out: false };
    follower.follow(&mut dashboard).await
}

/// Follows one command to its end.
struct Follower {
    command: String,
    is_quiet: bool,
    position: u64,
    has_timed_out: bool,
}

impl Follower {
    async fn follow(mut self, dashboard: &mut Dashboard) -> Result<u8, Failure> {
        let mut is_interrupting = false;
        loop {
            let message = tokio::select! {
                message = dashboard.next() => message.map_err(|error| self.lost(&error))?,
                _ = tokio::signal::ctrl_c() => {
                    if is_interrupting {
                        let id = &self.command;
                        return Err(Failure::new(INTERRUPTED, format!("left; command {id} may go on: see `pilothouse status`")));
                    }
                    is_interrupting = true;
                    dashboard.interrupt(&self.command, Some("Ctrl-C in pilothouse exec")).await?;
                    self.remark("interrupting; Ctrl-C again leaves without waiting");
                    continue;
                }
            };
            if let Some(code) = self.take(message)? {
                return Ok(code);
            }
        }
    }

    /// Takes a message; the exit code once the command has ended.
    fn take(&mut self, message: ServerMessage) -> Result<Option<u8>, Failure> {
        match message {
            ServerMessage::TerminalOutput(piece) if piece.command_id == self.command => {
                pass_on(&piece).map_err(|error| Failure::io(&error))?;
            }
            ServerMessage::CommandStatus(status) if status.command_id == self.command => {
                return self.status(&status);
            }
            ServerMessage::CommandQueue(queue) => {
                let own = queue.queue.iter().find(|entry| entry.command_id == self.command);
                if let Some(own) = own.filter(|own| own.position != self.position) {
                    self.position = own.position;
                    self.remark(&format!(
                        "queued at position {} on {}",
                        own.position, queue.agent_id
                    ));
                }
            }
            ServerMessage::Error(error) => {
                let about =
                    error.details.as_ref().and_then(|details| details.command_id.as_deref());
                let is_ours = about == Some(self.command.as_str());
                self.has_timed_out |= is_ours && error.code == ErrorCode::CommandTimeout;
                if !error.recoverable {
                    return Err(pilothouse_client::Error::Rejected(Box::new(error)).into());
                }
            }
            ServerMessage::TerminalOutput(_)
            | ServerMessage::CommandStatus(_)
            | ServerMessage::ConnectionAck(_)
            | ServerMessage::AgentList(_)
            | ServerMessage::AgentStatus(_)
            | ServerMessage::Heartbeat(_)
            | ServerMessage::TokenRefreshed(_)
            | ServerMessage::OutputPage(_) => {}
        }
        Ok(None)
    }

    fn status(&self, status: &CommandStatus) -> Result<Option<u8>, Failure> {
        let code = status.exit_code.map(|code| u8::try_from(code & 0xff).unwrap_or(1));
        match status.status {
            CommandState::Queued | CommandState::Running => Ok(None),
            CommandState::Completed => Ok(Some(code.unwrap_or(0))),
            CommandState::Interrupted => {
                self.remark("interrupted");
                Ok(Some(INTERRUPTED))
            }
            CommandState::Failed => {
                let reason = status.error.as_deref();
                if let Some(reason) = reason {
                    self.remark(reason);
                }
                if self.has_timed_out {
                    return Ok(Some(TIMED_OUT));
                }
                let reason = reason.unwrap_or("the command did not run to its end");
                code.map(Some).ok_or_else(|| Failure::new(UNAVAILABLE, reason))
            }
        }
    }

    fn lost(&self, error: &pilothouse_client::Error) -> Failure {
        Failure::new(UNAVAILABLE, format!("{error}; command {} goes on", self.command))
    }

    fn remark(&self, text: &str) {
        if !self.is_quiet {
            output::remark(text);
        }
    }
}

fn pass_on(piece: &TerminalOutput) -> io::Result<()> {
    if piece.gap.is_some() {
        output::complain(&output::plain(&piece.data));
        return Ok(());
    }
    match piece.stream {
        OutputStream::Stdout => output::pass_on(io::stdout().lock(), &piece.data),
        OutputStream::Stderr => output::pass_on(io::stderr().lock(), &piece.data),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
