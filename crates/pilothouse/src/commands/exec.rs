//! `pilothouse exec`: runs a command on an agent as if it ran here.

use std::{io, time::Duration};

use clap::{Args, ValueEnum};
use pilothouse_client::{
    Dashboard, Event, Follow, OutputGap, RunOptions, ServerMessage,
    messages::{CommandState, CommandStatus, ErrorCode, OutputStream, Priority, TerminalOutput},
};
use pilothouse_server::config::duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    access::Access,
    failure::{Failure, UNAVAILABLE},
    output, quoting,
};

/// The command ran longer than it may; as timeout(1) says it.
pub(crate) const TIMED_OUT: u8 = 124;
/// The command was interrupted; as shells say it.
const INTERRUPTED: u8 = 130;
/// Nobody reads what we write any more; as shells say it.
const BROKEN_PIPE: u8 = 141;
/// How the server's reason begins when a command ran out of time.
const TIME_IS_UP: &str = "exceeded its time limit";
/// How many requests, such as an interrupt, wait while the server is away.
const WAITING: usize = 8;

/// What to run, where and how.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "One argument after -- is a shell line and goes as it is; several are quoted into one.

Examples:
  pilothouse exec build-01 -- 'make test 2>&1 | tail -20'
  pilothouse exec build-01 --timeout 30s --cwd /srv/app --env CI=1 -- npm test

Exit codes: the command's own (128+n when signal n ended it), and
  124 timed out   130 interrupted   141 nobody reads the output
  64 wrong usage   69 server or agent not there, or server away for too long
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
    /// Leave when the server did not come back for so long; the command goes on
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2m")]
    pub(crate) give_up_after: Duration,
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

impl PriorityName {
    /// Its name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The class of that name, or the default.
    pub(crate) fn named(name: Option<&str>) -> Self {
        let named = |class: &Self| Some(class.as_str()) == name;
        [Self::High, Self::Low].into_iter().find(named).unwrap_or(Self::Normal)
    }
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
    let builder = options.access.dashboard()?.follow(Follow::Own).queue_while_away(WAITING);
    let mut dashboard = builder.give_up_after(options.give_up_after).connect().await?;
    // From here on Ctrl-C is meant for the command.
    let interrupts = signal(SignalKind::interrupt()).map_err(|error| Failure::io(&error))?;
    let line = quoting::line_of(&options.command);
    let how = RunOptions {
        priority: Some(options.priority.into()),
        timeout: options.timeout,
        directory: options.cwd,
        environment: options.env.into_iter().collect(),
    };
    let mut following = Following {
        command: String::new(),
        is_quiet: options.quiet,
        position: 0,
        has_timed_out: false,
        is_away: false,
        interrupts,
    };
    following.command = tokio::select! {
        command = dashboard.run(&options.agent, &line, how) => command?,
        _ = following.interrupts.recv() => {
            let sentence = "left before the server answered: the command may run, see `pilothouse status`";
            return Err(Failure::new(INTERRUPTED, sentence));
        }
    };
    following.follow(&mut dashboard).await
}

/// Follows one command to its end.
struct Following {
    command: String,
    is_quiet: bool,
    position: u64,
    has_timed_out: bool,
    is_away: bool,
    interrupts: Signal,
}

impl Following {
    async fn follow(mut self, dashboard: &mut Dashboard) -> Result<u8, Failure> {
        let mut is_interrupting = false;
        loop {
            let event = tokio::select! {
                event = dashboard.next() => event.map_err(|error| self.lost(error))?,
                _ = self.interrupts.recv() => {
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
            match self.take(event) {
                Ok(None) => {}
                Ok(Some(code)) => return Ok(code),
                Err(Stop::NobodyReads) => {
                    // As a command that runs here would end at its next write.
                    let reason = Some("nobody reads the output of pilothouse exec");
                    let _ = dashboard.interrupt(&self.command, reason).await;
                    return Ok(BROKEN_PIPE);
                }
                Err(Stop::Failed(failure)) => return Err(failure),
            }
        }
    }

    /// Takes an event; the exit code once the command has ended.
    fn take(&mut self, event: Event) -> Result<Option<u8>, Stop> {
        match event {
            Event::Message(message) => return self.message(message),
            Event::Gap(gap) if gap.command_id == self.command => {
                let OutputGap { from_sequence, next_sequence, reason, .. } = gap;
                let count = next_sequence - from_sequence;
                let reason = output::plain(&reason);
                output::complain(&format!("{count} pieces of output are missing here: {reason}"));
            }
            Event::Forgotten { command_id } if command_id == self.command => {
                let sentence = format!("the server does not know command {command_id} any more");
                return Err(Failure::new(UNAVAILABLE, sentence).into());
            }
            Event::Reconnecting(attempt) => {
                if !self.is_away || attempt.is_long {
                    let reason = output::plain(&attempt.reason);
                    self.note(&format!("{reason}; trying again (attempt {})", attempt.attempt));
                }
                self.is_away = true;
            }
            Event::Connected { .. } if self.is_away => {
                self.is_away = false;
                self.note("connected again");
            }
            _ => {}
        }
        Ok(None)
    }

    fn message(&mut self, message: ServerMessage) -> Result<Option<u8>, Stop> {
        match message {
            ServerMessage::TerminalOutput(piece) if piece.command_id == self.command => {
                pass_on(&piece)?;
            }
            ServerMessage::CommandStatus(status) if status.command_id == self.command => {
                return Ok(self.status(&status)?);
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
            }
            _ => {}
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
                // The notice goes to the connection that asked, which may be gone; the reason stays.
                let is_late = reason.is_some_and(|reason| reason.starts_with(TIME_IS_UP));
                if self.has_timed_out || is_late {
                    return Ok(Some(TIMED_OUT));
                }
                let reason = reason.unwrap_or("the command did not run to its end");
                code.map(Some).ok_or_else(|| Failure::new(UNAVAILABLE, reason))
            }
        }
    }

    fn lost(&self, error: pilothouse_client::Error) -> Failure {
        let Failure { code, sentence } = error.into();
        Failure::new(code, format!("{sentence}; command {} goes on", self.command))
    }

    fn note(&self, text: &str) {
        if !self.is_quiet {
            output::complain(text);
        }
    }

    fn remark(&self, text: &str) {
        if !self.is_quiet {
            output::remark(text);
        }
    }
}

/// Why following ends before the command does.
enum Stop {
    /// Whoever read our output has gone.
    NobodyReads,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::Failed(Failure::io(&error)),
        }
    }
}

fn pass_on(piece: &TerminalOutput) -> io::Result<()> {
    match piece.stream {
        OutputStream::Stdout => output::pass_on(io::stdout().lock(), &piece.data),
        OutputStream::Stderr => output::pass_on(io::stderr().lock(), &piece.data),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
