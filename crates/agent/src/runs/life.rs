//! A run's life: look, decide, act, tell, until it is done, or cannot go on.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use pilothouse_core::{ids::RunId, runs::LARGEST_PICTURE};
use pilothouse_protocols::agent_link::runs::{RunEnded, RunOutcome};
use serde_json::Value;

use super::{
    control::Unwanted,
    course::{Course, Stop},
    decider::{Decider, Decision, Gain, Happened, Seen},
    deed::{Deed, cut},
    page::Page,
    secrets::Secrets,
    shelf::{Shelf, Step},
};
use crate::driver::{Action, Done, DriverError, Observation};

/// The longest explanation or error that a server keeps, in bytes.
const LONGEST_SENTENCE: usize = 1024;
/// The longest answer that a server keeps, in bytes.
const LONGEST_ANSWER: usize = 64 << 10;
/// The longest commands that a server keeps, in bytes.
const LONGEST_COMMANDS: usize = 1 << 20;
/// How often in a row a page may crash before anything can be decided about it.
const MOST_CRASHES: u32 = 3;

/// What a run is made of while it is under way.
pub(super) struct Life<'a> {
    pub(super) run: &'a RunId,
    pub(super) shelf: &'a Arc<Shelf>,
    pub(super) secrets: &'a Secrets,
    pub(super) course: &'a mut Course,
    pub(super) page: &'a mut dyn Page,
    pub(super) decider: &'a mut dyn Decider,
    /// How many steps it may take.
    pub(super) most_steps: u32,
    /// How long a person's answer is waited for.
    pub(super) answer_within: Duration,
    pub(super) done: &'a mut DoneSoFar,
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct DoneSoFar {
    steps: u32,
    commands: Vec<Value>,
    /// How long they are.
    bytes: usize,
    /// How the page looked after the last step.
    picture: Option<Bytes>,
}

impl DoneSoFar {
    /// The commands that do the same again. What is too long to be kept is not told in part.
    fn commands(self) -> Option<Vec<Value>> {
        (self.bytes <= LONGEST_COMMANDS).then_some(self.commands)
    }
}

/// Why a run is over without being done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// Something stopped it.
    Stopped(Stop),
    /// It cannot go on.
    Stuck(String),
}

impl From<Stop> for Failed {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

/// What came of a deed.
enum Came {
    /// The run is done, with this answer.
    Over(Option<String>),
    /// It was tried as the next step.
    Tried(Happened),
    /// A person steered meanwhile, and nothing was done.
    Held(Deed),
}

impl Life<'_> {
    /// All of it. Gives the answer.
    pub(super) async fn live(&mut self) -> Result<Option<String>, Failed> {
        let mut last: Option<Happened> = None;
        loop {
            self.course.go_on().await?;
            let looks = self.decider.looks(last.as_ref());
            if looks && self.done.steps >= self.most_steps {
                return Err(self.too_many());
            }
            let page = if looks { Some(self.look().await?) } else { None };
            let seen = Seen {
                page: page.as_ref(),
                picture: self.done.picture.as_ref(),
                last: last.as_ref(),
                steps: self.most_steps.saturating_sub(self.done.steps),
                time: self.course.left(),
            };
            let decided = self.course.during(self.decider.decide(seen)).await?;
            let deed = match decided.map_err(|error| Failed::Stuck(error.0))? {
                Decision::Over { answer } => return Ok(answer),
                Decision::Do(_) if self.done.steps >= self.most_steps => {
                    return Err(self.too_many());
                }
                Decision::Do(deed) => deed,
            };
            // Somebody may have paused it while it was decided.
            self.course.go_on().await?;
            let address = page.as_ref().map(|page| page.url.clone());
            last = Some(match self.act(deed, address).await? {
                Came::Over(answer) => return Ok(answer),
                Came::Tried(happened) => happened,
                Came::Held(deed) => {
                    self.done.picture = None;
                    let why = DriverError::Held.to_string();
                    Happened { step: self.done.steps, deed, result: Err(why) }
                }
            });
        }
    }

    fn too_many(&self) -> Failed {
        Failed::Stuck(format!("took more than {} steps", self.most_steps))
    }

    /// The page as whoever decides may see it.
    async fn look(&mut self) -> Result<Observation, Failed> {
        let mut crashes = 0;
        let seen = loop {
            let seen = self.course.step(self.page.observe()).await?;
            match seen.unwrap_or_else(|slow| Err(DriverError::TimedOut(slow))) {
                Ok(seen) => break seen,
                Err(DriverError::Gone) => return Err(gone()),
                Err(DriverError::Lost(why)) => return Err(Failed::Stuck(why)),
                Err(DriverError::Crashed | DriverError::Held) if crashes < MOST_CRASHES => {
                    crashes += 1;
                }
                Err(error) => {
                    break Observation { notes: vec![error.to_string()], ..Observation::default() };
                }
            }
        };
        if self.done.picture.is_none() {
            self.done.picture = self.picture().await?;
        }
        let hide = |text: &str| self.secrets.hide(text);
        Ok(Observation {
            url: hide(&seen.url),
            title: hide(&seen.title),
            outline: hide(&seen.outline),
            notes: seen.notes.iter().map(|note| hide(note)).collect(),
            tabs: seen
                .tabs
                .into_iter()
                .map(|mut tab| {
                    (tab.title, tab.url) = (hide(&tab.title), hide(&tab.url));
                    tab
                })
                .collect(),
        })
    }

    async fn picture(&mut self) -> Result<Option<Bytes>, Failed> {
        let picture = self.course.step(self.page.screenshot()).await?;
        let picture = picture.ok().and_then(Result::ok);
        Ok(picture.filter(|picture| picture.len() <= LARGEST_PICTURE))
    }

    /// Does one deed, in whose page the address is that was seen.
    async fn act(&mut self, deed: Deed, address: Option<String>) -> Result<Came, Failed> {
        match &deed.action {
            Action::Done { answer } => {
                let answer = answer.clone();
                self.take_step(&deed, deed.written(), None).await?;
                return Ok(Came::Over(answer));
            }
            Action::Ask { question } => {
                let question = self.secrets.hide(question);
                self.take_step(&deed, deed.written(), None).await?;
                let answer = self.course.ask(&question, self.answer_within).await?;
                // Much may have happened meanwhile.
                self.done.picture = None;
                let result = if let Some(text) = answer {
                    Ok(Gain { text: Some(self.secrets.hide(&text)), notes: Vec::new() })
                } else {
                    let minutes = self.answer_within.as_secs().div_ceil(60);
                    Err(format!("nobody answered within {minutes} min"))
                };
                if self.decider.is_scripted() {
                    self.record(&deed.written());
                }
                return Ok(Came::Tried(Happened { step: self.done.steps, deed, result }));
            }
            _ => {}
        }
        let address = match address {
            None if super::secrets::holds_placeholder(&deed.action.written().to_string()) => {
                let seen = self.course.during(self.page.observe()).await?;
                seen.map(|seen| seen.url).unwrap_or_default()
            }
            address => address.unwrap_or_default(),
        };
        let filled = match self.secrets.fill(&deed.action, &address) {
            Ok(filled) => filled,
            Err(refused) => return self.tried(deed, Err(refused.to_string()), &[]).await,
        };
        let did = loop {
            let doing = match &filled {
                Some(filled) => self.page.act_in_secret(&filled.action, filled.permit()),
                None => self.page.act(&deed.action),
            };
            let did = self.course.step(doing).await?;
            if did != Ok(Err(DriverError::Held)) || !self.decider.is_scripted() {
                break did.unwrap_or_else(|slow| Err(DriverError::TimedOut(slow)));
            }
            // What a list says is still to be done when the person is done, on the page as it is then.
            let _ = self.course.during(self.page.observe()).await?;
            self.course.go_on().await?;
        };
        let refused = self.course.notes();
        match did {
            Ok(done) => self.tried(deed, Ok(done), &refused).await,
            Err(DriverError::Held) => Ok(Came::Held(deed)),
            Err(DriverError::Gone) => Err(gone()),
            Err(DriverError::Lost(why)) => Err(Failed::Stuck(why)),
            Err(error) => self.tried(deed, Err(error.to_string()), &refused).await,
        }
    }

    /// Tells of a deed and what came of it, with what people did not let out meanwhile.
    async fn tried(
        &mut self,
        deed: Deed,
        did: Result<Done, String>,
        refused: &[String],
    ) -> Result<Came, Failed> {
        let mut told = deed.clone();
        let mut written = deed.written();
        let result = match did {
            Ok(done) => {
                if let Some(command) = done.command {
                    let command = self.as_given(&command, &deed);
                    written = command.clone();
                    self.record(&command);
                }
                if done.is_healed {
                    let why = told.explanation.take().unwrap_or_else(|| deed.in_words());
                    told.explanation =
                        Some(format!("{why} (its selector leads nowhere; found by role and name)"));
                }
                if !refused.is_empty() {
                    let why = told.explanation.take().unwrap_or_else(|| deed.in_words());
                    told.explanation = Some(format!("{why} — {}", refused.join("; ")));
                }
                let hide = |text: &String| self.secrets.hide(text);
                let notes = done.notes.iter().chain(refused).map(hide).collect();
                Ok(Gain { text: done.text.as_ref().map(hide), notes })
            }
            Err(why) if refused.is_empty() => Err(self.secrets.hide(&why)),
            Err(why) => Err(self.secrets.hide(&format!("{why}; {}", refused.join("; ")))),
        };
        let failure = result.as_ref().err().cloned();
        self.take_step(&told, written, failure).await?;
        Ok(Came::Tried(Happened { step: self.done.steps, deed, result }))
    }

    /// A command as the driver found it to be done again, with what was given instead of what was filled in.
    fn as_given(&self, command: &Value, deed: &Deed) -> Value {
        let mut command = self.secrets.hide_in(command);
        let Value::Object(fields) = &mut command else { return command };
        if let Value::Object(given) = deed.written() {
            for name in ["text", "value", "url", "explanation"] {
                if let Some(value) = given.get(name) {
                    fields.insert(name.to_owned(), value.clone());
                }
            }
        }
        command
    }

    fn record(&mut self, command: &Value) {
        let command = self.secrets.hide_in(command);
        self.done.bytes += command.to_string().len();
        self.done.commands.push(command);
    }

    /// Tells of a step, with how the page looks now.
    async fn take_step(
        &mut self,
        deed: &Deed,
        written: Value,
        failure: Option<String>,
    ) -> Result<(), Failed> {
        let picture = self.picture().await?;
        self.done.steps += 1;
        let why = deed.explanation.clone().unwrap_or_else(|| deed.in_words());
        let explanation = match failure {
            Some(failure) => format!("{why} — not done: {failure}"),
            None => why,
        };
        let explanation = cut(&self.secrets.hide(&explanation), LONGEST_SENTENCE);
        let action = self.secrets.hide_in(&written);
        let number = self.done.steps;
        self.done.picture.clone_from(&picture);
        self.shelf.step(self.run, Step { number, action, explanation, picture, place: 0 });
        Ok(())
    }
}

fn gone() -> Failed {
    Failed::Stopped(Stop::Gone)
}

/// How a run ended, as its server is told.
pub(super) fn ended(
    run: &RunId,
    secrets: &Secrets,
    limit: Duration,
    came: Result<Option<String>, Failed>,
    done: DoneSoFar,
) -> RunEnded {
    let (outcome, error, answer) = match came {
        Ok(answer) => (RunOutcome::Completed, None, answer),
        Err(Failed::Stopped(Stop::Unwanted(Unwanted::Cancelled))) => {
            (RunOutcome::Cancelled, None, None)
        }
        Err(Failed::Stopped(Stop::Unwanted(Unwanted::Stopping))) => {
            (RunOutcome::Failed, Some("its agent was stopped".to_owned()), None)
        }
        Err(Failed::Stopped(Stop::Late)) => {
            let words = format!("ran longer than {} s", limit.as_secs());
            (RunOutcome::Failed, Some(words), None)
        }
        Err(Failed::Stopped(Stop::Gone)) => {
            (RunOutcome::Failed, Some(DriverError::Gone.to_string()), None)
        }
        Err(Failed::Stuck(why)) => (RunOutcome::Failed, Some(why), None),
    };
    RunEnded {
        run: run.as_str().to_owned(),
        outcome,
        error: error.map(|error| cut(&secrets.hide(&error), LONGEST_SENTENCE)),
        answer: answer.map(|answer| cut(&secrets.hide(&answer), LONGEST_ANSWER)),
        commands: done.commands(),
    }
}
