//! A run watched to its end: told step by step, asked about where somebody can answer, kept in a folder.

use pilothouse_client::{Api, Error, FollowedRun, RunEvent, RunStatus, RunStep, Waiting};
use serde_json::{Value, json};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

use super::{
    WatchOptions,
    asking::{self, Asked, Wanted},
    folder::Folder,
    lines::{Lines, Unsaid},
    path,
};
use crate::{
    commands::listing::word,
    failure::{Failure, UNAVAILABLE},
    output,
};

/// The person left with Ctrl-C, as shells say it.
const LEFT: u8 = 130;
/// Nobody reads what we write any more; as shells say it.
const BROKEN_PIPE: u8 = 141;

/// Why watching ends before the run does.
pub(super) enum Stop {
    Left,
    NobodyReads,
    /// The run is over, or there is none.
    Over(Failure),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Unsaid> for Stop {
    fn from(unsaid: Unsaid) -> Self {
        match unsaid {
            Unsaid::NobodyReads => Self::NobodyReads,
            Unsaid::Failed(failure) => Self::Failed(failure),
        }
    }
}

/// A run that is being watched.
pub(super) struct Watching {
    pub(super) api: Api,
    pub(super) run: String,
    pub(super) lines: Lines,
    pub(super) folder: Option<Folder>,
    /// Absent where nobody can be asked.
    typed: Option<mpsc::Receiver<String>>,
    asked: Asked,
    status: Option<RunStatus>,
    is_away: bool,
    is_cancelling: bool,
}

/// Watches a run, from its first step on, to its end; its outcome becomes our exit code.
pub(in crate::commands) async fn watch(run: Value, options: WatchOptions) -> Result<u8, Failure> {
    let folder = options.out.as_deref().map(Folder::open).transpose()?;
    let id = word(&run, "id");
    // From here on Ctrl-C is a question.
    let interrupts = signal(SignalKind::interrupt()).map_err(|error| Failure::io(&error))?;
    let builder = options.access.dashboard()?.give_up_after(options.give_up_after);
    let api = builder.clone().api()?;
    let followed = builder.follow_run(&id, 0)?;
    let lines = Lines { is_json: options.json, is_quiet: options.quiet };
    let agent = word(&run, "agentId");
    lines.note(&format!("{id} on {agent}; see it at {}/runs/{id}", options.access.server()));
    let watching = Watching {
        api,
        run: id.clone(),
        typed: if options.json { None } else { asking::lines() },
        lines,
        folder,
        asked: Asked::Nothing,
        status: None,
        is_away: false,
        is_cancelling: false,
    };
    match watching.watch(&run, followed, interrupts).await {
        Ok(code) => Ok(code),
        Err(Stop::Left) => {
            let back = format!("pilothouse runs watch {id}");
            output::complain(&format!("left; the run goes on: `{back}` comes back to it"));
            Ok(LEFT)
        }
        Err(Stop::NobodyReads) => Ok(BROKEN_PIPE),
        Err(Stop::Over(failure)) => Err(failure),
        Err(Stop::Failed(Failure { code, sentence })) => {
            Err(Failure::new(code, format!("{sentence}; as far as is known, run {id} goes on")))
        }
    }
}

impl Watching {
    async fn watch(
        mut self,
        run: &Value,
        mut followed: FollowedRun,
        mut interrupts: Signal,
    ) -> Result<u8, Stop> {
        self.lines.run("run", run)?;
        loop {
            tokio::select! {
                event = followed.next() => match event {
                    Ok(RunEvent::Ended(completion)) => return self.end(completion).await,
                    Ok(event) => self.take(event)?,
                    Err(Error::Gone { reason }) => {
                        let sentence = format!("the server does not know the run: {reason}");
                        return Err(Stop::Over(Failure::new(UNAVAILABLE, sentence)));
                    }
                    Err(error) => return Err(Failure::from(error).into()),
                },
                line = typed(&mut self.typed) => match line {
                    Some(line) => self.line(&line).await?,
                    None => self.nobody_types(),
                },
                _ = interrupts.recv() => self.interrupted().await?,
            }
        }
    }

    fn take(&mut self, event: RunEvent) -> Result<(), Stop> {
        match event {
            RunEvent::Step(step) => self.step(&step)?,
            RunEvent::Status(status) => self.status(&status)?,
            RunEvent::Reconnecting(attempt) => {
                if !self.is_away || attempt.is_long {
                    self.lines.connection("reconnecting", Some(&attempt.reason))?;
                }
                self.is_away = true;
            }
            RunEvent::Connected if self.is_away => {
                self.is_away = false;
                self.lines.connection("connected", None)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn step(&mut self, step: &RunStep) -> Result<(), Stop> {
        let kept = self.folder.as_ref().zip(step.screenshot.as_deref());
        let kept =
            kept.map(|(folder, picture)| folder.picture(step.number, picture)).transpose()?;
        self.break_line();
        self.lines.step(step, kept.as_deref())?;
        self.ask_again();
        Ok(())
    }

    fn status(&mut self, status: &RunStatus) -> Result<(), Stop> {
        if self.status.as_ref() == Some(status) {
            return Ok(());
        }
        let before = self.status.replace(status.clone());
        let waited = before.as_ref().and_then(|before| before.waiting.as_ref());
        let changes = status.waiting.as_ref().map(|wait| &wait.id) != waited.map(|wait| &wait.id);
        if changes && self.asked.is_about_a_wait() {
            // Somebody else answered, or nobody in time.
            self.asked = Asked::Nothing;
            output::note("\n      it does not wait for that any more");
        }
        self.lines.status(status, before.as_ref())?;
        match &status.waiting {
            Some(waiting) if changes => self.wait(waiting),
            None if changes => self.lines.note("      goes on"),
            Some(_) | None => {}
        }
        Ok(())
    }

    /// The run waits for a person: whoever sits here, if somebody does.
    fn wait(&mut self, waiting: &Waiting) {
        self.lines.waits(&self.run, waiting, self.typed.is_some());
        if self.typed.is_some() && self.asked == Asked::Nothing {
            self.asked = Asked::about(waiting);
            self.asked.ask();
        }
    }

    fn waiting(&self) -> Option<Waiting> {
        self.status.as_ref().and_then(|status| status.waiting.clone())
    }

    async fn line(&mut self, line: &str) -> Result<(), Stop> {
        let asked = std::mem::replace(&mut self.asked, Asked::Nothing);
        match asked.take(line) {
            Wanted::Nothing => {}
            Wanted::Ask(asked) => {
                self.asked = asked;
                self.asked.ask();
            }
            Wanted::Reply { wait, text } => {
                self.act("reply", &json!({ "waitId": wait, "text": text })).await;
            }
            Wanted::Decide { wait, granted, always, reason } => {
                let mut body = json!({ "waitId": wait, "granted": granted, "always": always });
                if let Some(reason) = reason {
                    body["reason"] = reason.into();
                }
                self.act("decision", &body).await;
            }
            Wanted::Detach => return Err(Stop::Left),
            Wanted::Cancel => self.cancel().await,
            Wanted::Stay => {
                if let Some(waiting) = self.waiting() {
                    self.wait(&waiting);
                }
            }
        }
        Ok(())
    }

    /// Tells the server what the person wants. What cannot be told now is asked again, as long as it is waited for.
    async fn act(&mut self, what: &str, body: &Value) {
        let done = self.api.post(&format!("{}/{what}", path(&self.run)), body).await;
        let Err(error) = done else { return };
        output::complain(&error.to_string());
        let is_decided = matches!(error, Error::Denied { status: 403 | 404 | 409, .. });
        let wanted = self.waiting().filter(|waiting| body["waitId"] == waiting.id.as_str());
        if let Some(waiting) = wanted.filter(|_| !is_decided) {
            self.wait(&waiting);
        }
    }

    async fn cancel(&mut self) {
        self.is_cancelling = true;
        let reason = json!({ "reason": "Ctrl-C in pilothouse run" });
        match self.api.post(&format!("{}/cancel", path(&self.run)), &reason).await {
            Ok(_) => self.lines.note("cancelling; Ctrl-C again leaves without waiting"),
            Err(error) => {
                self.is_cancelling = false;
                output::complain(&format!("it could not be cancelled: {error}"));
            }
        }
    }

    /// The first Ctrl-C asks, the second one cancels, the third one does not wait for that. Where nobody can be asked, the
    /// first one leaves.
    async fn interrupted(&mut self) -> Result<(), Stop> {
        if self.is_cancelling || self.typed.is_none() {
            return Err(Stop::Left);
        }
        if self.asked == Asked::Going {
            self.asked = Asked::Nothing;
            self.break_line();
            self.cancel().await;
        } else {
            self.asked = Asked::Going;
            self.asked.ask();
        }
        Ok(())
    }

    /// The terminal is closed, or Ctrl-D was pressed: from now on it is as if nobody sat there.
    fn nobody_types(&mut self) {
        self.typed = None;
        self.asked = Asked::Nothing;
        if let Some(waiting) = self.waiting() {
            output::note("");
            self.wait(&waiting);
        }
    }

    /// Lines are not written behind what is asked.
    pub(super) fn break_line(&self) {
        if self.asked != Asked::Nothing {
            output::note("");
        }
    }

    fn ask_again(&self) {
        self.asked.ask();
    }
}

/// The next line that a person types, if somebody can.
async fn typed(lines: &mut Option<mpsc::Receiver<String>>) -> Option<String> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}
