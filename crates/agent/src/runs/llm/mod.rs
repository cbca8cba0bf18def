//! Runs in which a language model decides.
//!
//! Each question stands for itself: the task, a line for every step so far, the page as it is now. Old pages are not
//! kept, so that a question does not grow with the run. What a model answers is checked before anything is done, and
//! what makes no sense is answered back a few times.

mod anthropic;
mod client;
mod history;
mod openai;
mod prompt;
mod talk;
mod tools;

#[cfg(test)]
pub(super) mod tests;

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{
    config::ModelConfig,
    decider::{Decider, DeciderError, Decision, Doing, Happened, Seen},
    deed::{Deed, shortened},
    secrets::Secrets,
};
use crate::driver::Action;
use client::Client;
use history::{Fence, History};
use talk::{CallResult, Question, Said, Tool, Turn};

/// How many answers to one question may make no sense.
const MOST_MISTAKES: usize = 4;
/// How many calls of one answer are looked at. Overflow rule: those behind are not done, and the model is told.
const MOST_CALLS: usize = 8;
/// How many characters of a model's own words explain a step.
const LONGEST_REASON: usize = 300;
/// About how many bytes a token has, where nobody counts them.
const BYTES_PER_TOKEN: usize = 4;

/// Decides as a model says.
pub(super) struct Model {
    client: Client,
    task: String,
    system: String,
    tools: Vec<Tool>,
    fence: Fence,
    history: History,
    /// What its last answer wants besides what was decided. Bounded by [`MOST_CALLS`].
    wanted: VecDeque<Deed>,
    /// How many deeds of its last answer are not done.
    dropped: usize,
    tokens: u64,
}

/// What an answer comes to.
enum Choice {
    /// This deed and those behind it; so many more are not done.
    Deeds(Box<Deed>, VecDeque<Deed>, usize),
    /// It called nothing.
    Words,
    /// What is wrong with each call.
    Wrong(Vec<CallResult>),
}

impl Model {
    /// A model that has just been given a task. `chance` is for marks that pages cannot guess.
    pub(super) fn new(
        config: ModelConfig,
        task: &str,
        secrets: &Secrets,
        chance: u64,
    ) -> Result<Self, DeciderError> {
        let client = Client::new(config).map_err(|error| DeciderError(error.to_string()))?;
        let fence = Fence::new(chance);
        Ok(Self {
            client,
            task: task.to_owned(),
            system: prompt::system(&fence, &secrets.names()),
            tools: tools::all(),
            fence,
            history: History::default(),
            wanted: VecDeque::new(),
            dropped: 0,
            tokens: 0,
        })
    }

    async fn next(&mut self, seen: Seen<'_>) -> Result<Decision, DeciderError> {
        if let Some(happened) = seen.last {
            let is_last = self.wanted.is_empty() || happened.result.is_err();
            // After what failed, nothing of the same answer is done.
            let dropped = if is_last { self.dropped + self.wanted.len() } else { 0 };
            self.history.take(happened, dropped);
            if is_last {
                self.wanted.clear();
                self.dropped = 0;
            }
        }
        if let Some(deed) = self.wanted.pop_front() {
            return Ok(Decision::Do(deed));
        }
        self.ask(seen).await.map(Decision::Do)
    }

    async fn ask(&mut self, seen: Seen<'_>) -> Result<Deed, DeciderError> {
        let until = Instant::now() + seen.time;
        let (outline, sees) = (self.client.config().outline, self.client.config().sees);
        let text = prompt::turn(&self.task, &self.history, &seen, &self.fence, outline);
        let picture = seen.picture.filter(|_| sees).cloned();
        let mut turns = vec![Turn::Told { text, picture }];
        let mut mistakes = 0;
        loop {
            let said = self.say(&turns, until).await?;
            let answer = match self.choose(&said) {
                Choice::Deeds(first, deeds, dropped) => {
                    (self.wanted, self.dropped) = (deeds, dropped);
                    return Ok(*first);
                }
                // Asked again, it says the same: that is its answer.
                Choice::Words if mistakes > 0 && !said.text.is_empty() => {
                    return Ok(Deed::done(Some(said.text)));
                }
                Choice::Words => Turn::told(AGAIN),
                Choice::Wrong(results) => Turn::Results(results),
            };
            mistakes += 1;
            if mistakes >= MOST_MISTAKES {
                return Err(DeciderError(nonsense(&answer)));
            }
            turns.extend([Turn::Said(said), answer]);
        }
    }

    async fn say(&mut self, turns: &[Turn], until: Instant) -> Result<Said, DeciderError> {
        let budget = self.client.config().budget;
        if self.tokens >= budget {
            let words = format!("the run has used up the {budget} tokens that it may take");
            return Err(DeciderError(words));
        }
        let question = Question { system: &self.system, turns, tools: &self.tools };
        let said = self.client.ask(&question, until).await;
        let said = said.map_err(|error| DeciderError(error.to_string()))?;
        let guess = || self.guess(turns, &said);
        self.tokens = self.tokens.saturating_add(said.tokens.unwrap_or_else(guess));
        Ok(said)
    }

    /// About how many tokens a question and its answer took.
    fn guess(&self, turns: &[Turn], said: &Said) -> u64 {
        let told = turns.iter().map(|turn| match turn {
            Turn::Told { text, .. } => text.len(),
            Turn::Said(said) => said.text.len(),
            Turn::Results(results) => results.iter().map(|result| result.text.len()).sum(),
        });
        let bytes = self.system.len() + told.sum::<usize>() + said.text.len();
        (bytes / BYTES_PER_TOKEN) as u64
    }

    /// All calls up to the first that changes the page; none if one of them makes no sense.
    fn choose(&self, said: &Said) -> Choice {
        if said.calls.is_empty() {
            return Choice::Words;
        }
        let mut deeds = VecDeque::new();
        let mut results = Vec::new();
        let mut is_wrong = false;
        for call in said.calls.iter().take(MOST_CALLS) {
            let is_settled = deeds.back().is_some_and(|deed: &Deed| !is_reading(&deed.action));
            let read = match tools::deed(&self.tools, call) {
                _ if is_settled => break,
                Ok(deed) => {
                    deeds.push_back(explained(deed, &said.text));
                    Ok("not done, because another call was wrong".to_owned())
                }
                Err(why) if said.is_cut => {
                    Err(format!("{why}; your answer was too long and was cut"))
                }
                Err(why) => Err(why),
            };
            is_wrong |= read.is_err();
            let is_error = read.is_err();
            let text = read.unwrap_or_else(|why| format!("Error: {why}"));
            results.push(CallResult { id: call.id.clone(), text, is_error });
        }
        let dropped = said.calls.len() - deeds.len();
        if !is_wrong && let Some(first) = deeds.pop_front() {
            return Choice::Deeds(Box::new(first), deeds, dropped);
        }
        // Every call has to be answered.
        let unseen = said.calls.iter().skip(results.len()).map(|call| CallResult {
            id: call.id.clone(),
            text: "not done".to_owned(),
            is_error: true,
        });
        let unseen: Vec<_> = unseen.collect();
        results.extend(unseen);
        Choice::Wrong(results)
    }
}

const AGAIN: &str = "You called no tool. Call one; if the task is done or cannot be done, call `done` with the answer.";

/// Whether the page is the same afterwards, so that more of the same answer can be done.
fn is_reading(action: &Action) -> bool {
    matches!(action, Action::Extract { .. } | Action::Screenshot | Action::Wait { .. })
}

/// Its own words explain what it does if nothing else does.
fn explained(mut deed: Deed, words: &str) -> Deed {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if deed.explanation.is_none() && !words.is_empty() {
        deed.explanation = Some(shortened(&words, LONGEST_REASON));
    }
    deed
}

fn nonsense(answer: &Turn) -> String {
    let why = match answer {
        Turn::Results(results) => results.iter().find(|result| result.is_error),
        Turn::Told { .. } | Turn::Said(_) => None,
    };
    let why = why.map_or("it calls no tool", |result| &result.text);
    format!("the model's answers make no sense, {MOST_MISTAKES} times in a row: {why}")
}

impl Decider for Model {
    fn decide<'a>(&'a mut self, seen: Seen<'a>) -> Doing<'a, Result<Decision, DeciderError>> {
        Box::pin(self.next(seen))
    }

    fn looks(&self, last: Option<&Happened>) -> bool {
        self.wanted.is_empty() || last.is_some_and(|last| last.result.is_err())
    }

    fn is_scripted(&self) -> bool {
        false
    }
}
