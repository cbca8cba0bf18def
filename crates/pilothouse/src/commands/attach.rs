//! `pilothouse attach`: a worker's terminal in one's own.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use clap::Args;
use pilothouse_client::{Error, Keyboard, Screen, Terminal, TerminalEvent, TerminalExit};
use pilothouse_server::config::duration;
use tokio::{
    io::AsyncReadExt,
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

use super::{attachable, workers::id};
use crate::{
    access::Access,
    detach_key::DetachKey,
    failure::{Failure, USAGE},
    keys::Keys,
    output,
    raw_terminal::{self, RawTerminal},
};

/// How often the server is asked for a sign of life, twice, and after how much silence it counts as dead.
const HEARTBEAT: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(35));
/// What is read from the keyboard at once; what is pasted takes several.
const READ: usize = 16 * 1024;

/// What to attach to, and how.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The connection comes back by itself and goes on where it stopped; keys that are pressed meanwhile are thrown away.

Examples:
  pilothouse attach s-1/w-1
  pilothouse attach s-1/w-1 --read-only | tee log

Exit codes: 0 after the detach key, the worker's own when it ended (128+n when signal n ended it), and
  64 wrong usage   69 server or worker not there   77 token refused   129, 130, 143 ended by a signal"
)]
pub(crate) struct AttachOptions {
    /// The session and the worker in it; see pilothouse sessions
    #[arg(value_name = "SESSION/WORKER", value_parser = worker)]
    pub(crate) worker: (String, String),
    /// The key that leaves and lets the worker go on
    #[arg(long, value_name = "KEY", default_value = "ctrl-]")]
    pub(crate) detach_key: DetachKey,
    /// Only look: type nothing, and leave the terminal's size as it is
    #[arg(long, short)]
    pub(crate) read_only: bool,
    /// Leave when the server did not come back for so long [default: never]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) give_up_after: Option<Duration>,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Shows the terminal until the person leaves or the worker ends.
pub(crate) async fn run(options: AttachOptions) -> Result<u8, Failure> {
    let is_terminal = io::stdin().is_terminal();
    if !is_terminal && !options.read_only {
        let sentence = "stdin is no terminal, so nobody can type; add --read-only to look";
        return Err(Failure::new(USAGE, sentence));
    }
    let (every, dead_after) = HEARTBEAT;
    let mut builder = options.access.dashboard()?.heartbeat(every, dead_after);
    if let Some(limit) = options.give_up_after {
        builder = builder.give_up_after(limit);
    }
    let (session, worker) = &options.worker;
    let signals = Signals::catch().map_err(|error| Failure::io(&error))?;
    let terminal = builder.attach(session, worker).await?;
    let key = options.detach_key;
    if is_terminal {
        output::note(&format!("attached to {session}/{worker}; {key} leaves, the worker goes on"));
    }
    // From here on the terminal is the worker's.
    let raw =
        is_terminal.then(RawTerminal::take).transpose().map_err(|error| Failure::io(&error))?;
    let watching = Watching {
        terminal,
        raw,
        screen: Screen::default(),
        title: format!("{session}/{worker} ({key} leaves)"),
        is_read_only: options.read_only,
        refusal: None,
        has_begun: false,
    };
    match watching.watch(key, signals).await? {
        End::NeverThere(error) => {
            Err(attachable::instead_of(session, error, &options.access).await)
        }
        end => finish(end),
    }
}

/// Why watching ends.
enum End {
    /// The person left.
    Left,
    /// Nobody reads what we write any more.
    NobodyReads,
    /// A signal said so; its number.
    Signal(u8),
    Exit(TerminalExit),
    /// There is no such worker, and there was none.
    NeverThere(Error),
    Failed(Failure),
}

struct Watching {
    terminal: Terminal,
    /// Absent where stdin is none.
    raw: Option<RawTerminal>,
    screen: Screen,
    /// What the window is called as long as no program calls it something else.
    title: String,
    is_read_only: bool,
    /// What was last refused, until something else happens.
    refusal: Option<String>,
    /// Whether anything of the worker was seen.
    has_begun: bool,
}

impl Watching {
    async fn watch(mut self, key: DetachKey, mut signals: Signals) -> Result<End, Failure> {
        let keyboard = self.terminal.keyboard();
        let (left, mut has_left) = oneshot::channel();
        // The sender is kept where nobody types, or it would look as if somebody had left.
        let mut nobody_leaves = None;
        if self.raw.is_some() {
            let typing = (!self.is_read_only).then(|| keyboard.clone());
            tokio::spawn(read_keys(typing, key, left));
        } else {
            nobody_leaves = Some(left);
        }
        let mut sizes = signal(SignalKind::window_change()).map_err(|error| Failure::io(&error))?;
        self.tell_size(&keyboard);
        let end = loop {
            let shown = tokio::select! {
                event = self.terminal.next() => match event {
                    Ok(event) => self.show(event),
                    Err(error @ Error::Gone { .. }) if !self.has_begun => {
                        Err(End::NeverThere(error))
                    }
                    Err(error) => Err(End::Failed(error.into())),
                },
                _ = &mut has_left => Err(End::Left),
                number = signals.next() => Err(End::Signal(number)),
                _ = sizes.recv() => {
                    self.tell_size(&keyboard);
                    Ok(())
                }
            };
            if let Err(end) = shown {
                break end;
            }
        };
        drop(nobody_leaves);
        // The terminal is given back before anything is said.
        drop(self.raw.take());
        Ok(end)
    }

    /// Tells the worker how large the person's terminal is. A task waits, not the one that reads events.
    fn tell_size(&self, keyboard: &Keyboard) {
        if let Some((columns, rows)) = raw_terminal::size().filter(|_| !self.is_read_only) {
            let keyboard = keyboard.clone();
            tokio::spawn(async move { keyboard.resize(columns, rows).await });
        }
    }

    fn show(&mut self, event: TerminalEvent) -> Result<(), End> {
        match event {
            TerminalEvent::Output(text) => self.write(false, &text),
            TerminalEvent::Begin(text) => self.write(true, &text),
            TerminalEvent::Refused { message, .. } => {
                // One refusal is told once, not for every key.
                if self.refusal.as_ref() != Some(&message) {
                    self.note(&message);
                }
                self.refusal = Some(message);
                Ok(())
            }
            TerminalEvent::Reconnecting(attempt) => {
                // Every attempt would fill the screen.
                if attempt.attempt == 1 || attempt.is_long {
                    self.note(&format!("{}; trying again", attempt.reason));
                }
                Ok(())
            }
            TerminalEvent::Connected => {
                self.note("connected again");
                Ok(())
            }
            TerminalEvent::Exit(exit) => Err(End::Exit(exit)),
            _ => Ok(()),
        }
    }

    fn write(&mut self, begins: bool, text: &str) -> Result<(), End> {
        (self.refusal, self.has_begun) = (None, true);
        let mut stdout = io::stdout().lock();
        let written = if io::stdout().is_terminal() {
            let mut shown = String::new();
            if begins {
                shown = self.screen.clear();
                if self.raw.is_some() {
                    // What was said before is wiped away with the rest of the screen.
                    shown += &self.screen.show(&format!("\x1b]2;{}\x07", self.title));
                }
            }
            shown += &self.screen.show(text);
            if let Some(raw) = &self.raw {
                raw.on_leaving(self.screen.farewell());
            }
            stdout.write_all(shown.as_bytes())
        } else {
            stdout.write_all(text.as_bytes())
        };
        written.and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => End::NobodyReads,
            _ => End::Failed(Failure::io(&error)),
        })
    }

    /// Says something beside the worker's output, without being able to say where on the screen it stands.
    fn note(&self, text: &str) {
        let line = format!("pilothouse: {}", output::plain(text));
        let line = if self.raw.is_some() { format!("\r\n{line}\r") } else { line };
        output::note(&line);
    }
}

/// What is said in the end, and the exit code.
fn finish(end: End) -> Result<u8, Failure> {
    match end {
        End::Left => {
            output::remark("detached; the worker goes on");
            Ok(0)
        }
        End::NobodyReads => Ok(0),
        End::Signal(number) => Ok(128 + number),
        End::Exit(exit) => {
            let by = exit.signal.map(|signal| format!(" by {}", output::plain(&signal)));
            let by = by.unwrap_or_default();
            output::remark(&format!("the worker ended{by} with exit code {}", exit.code));
            Ok(u8::try_from(exit.code & 0xff).unwrap_or(1))
        }
        End::NeverThere(error) => Err(error.into()),
        End::Failed(failure) => Err(failure),
    }
}

/// Passes keys on until the person leaves. The keyboard cannot be waited for without a thread that reads.
async fn read_keys(keyboard: Option<Keyboard>, key: DetachKey, left: oneshot::Sender<()>) {
    let mut keys = Keys::new(key);
    let mut stdin = tokio::io::stdin();
    let mut piece = vec![0; READ];
    // The end of input is the terminal's own end, and leaves too.
    while let Ok(read @ 1..) = stdin.read(&mut piece).await {
        let typed = keys.take(&piece[..read]);
        if let Some(keyboard) = keyboard.as_ref().filter(|_| !typed.text.is_empty())
            && keyboard.input(&typed.text).await.is_err()
        {
            // Whoever reads events learns why.
            return std::future::pending().await;
        }
        // Who only looks may leave with Ctrl-C, which means nothing to the worker then.
        if typed.leaves || (keyboard.is_none() && typed.text.contains('\u{3}')) {
            break;
        }
    }
    let _ = left.send(());
}

/// What ends the program from outside.
struct Signals {
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The number of the next one.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.hangup.recv() => 1,
            _ = self.interrupt.recv() => 2,
            _ = self.quit.recv() => 3,
            _ = self.terminate.recv() => 15,
        }
    }
}

fn worker(text: &str) -> Result<(String, String), String> {
    let (session, worker) = text.split_once('/').ok_or("write it like SESSION/WORKER")?;
    Ok((id(session)?, id(worker)?))
}
