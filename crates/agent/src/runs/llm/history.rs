//! What a run did so far, as its model is reminded of it: a line for each step, the newest in full.

use std::{collections::VecDeque, fmt::Write as _};

use crate::{
    driver::Action,
    runs::{decider::Happened, deed::shortened},
};

/// How many of the newest steps are told with all that they brought.
const IN_FULL: usize = 3;
/// How much a step told in full may bring, in characters; what was read may bring more.
const LONGEST_GAIN: usize = 600;
/// How much of what was read is remembered, in characters.
const LONGEST_READ: usize = 6000;
/// How much of that an older step keeps.
const LONGEST_OLD: usize = 300;
/// How many steps are remembered. Overflow rule: the oldest go, and that they are left out is told.
const MOST_STEPS: usize = 120;
/// So many times the same without effect is told to the model as that.
const TOO_OFTEN: usize = 3;

/// What was done, in order.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: VecDeque<Line>,
    left_out: usize,
}

#[derive(Debug)]
struct Line {
    number: u32,
    words: String,
    /// What it brought, or why it was not done. Written by strangers, but for answers of people.
    came: Came,
    /// Deeds that the model wanted behind it and that were not done.
    dropped: usize,
}

#[derive(Debug)]
enum Came {
    Nothing,
    Read(String),
    Answered(String),
    Failed(String),
}

impl History {
    /// Something was done, and so many deeds behind it were not.
    pub(super) fn take(&mut self, happened: &Happened, dropped: usize) {
        let came = match &happened.result {
            Err(why) => Came::Failed(shortened(why, LONGEST_GAIN)),
            Ok(gain) => {
                let is_question = matches!(happened.deed.action, Action::Ask { .. });
                let text = gain.text.iter().chain(&gain.notes).map(String::as_str);
                let text = text.collect::<Vec<_>>().join("\n");
                match (text.is_empty(), is_question) {
                    (true, _) => Came::Nothing,
                    (false, true) => Came::Answered(shortened(&text, LONGEST_READ)),
                    (false, false) => Came::Read(shortened(&text, LONGEST_READ)),
                }
            }
        };
        let words = match &happened.deed.explanation {
            Some(why) => format!("{} — {}", happened.deed.in_words(), shortened(why, 200)),
            None => happened.deed.in_words(),
        };
        self.steps.push_back(Line { number: happened.step, words, came, dropped });
        if self.steps.len() > MOST_STEPS {
            self.steps.pop_front();
            self.left_out += 1;
        }
    }

    /// All of it. What strangers wrote stands between the fences.
    pub(super) fn told(&self, fence: &Fence) -> String {
        if self.steps.is_empty() {
            return "Nothing was done yet.".to_owned();
        }
        let mut told = String::new();
        if self.left_out > 0 {
            let _ = writeln!(told, "({} earlier steps are left out)", self.left_out);
        }
        let newest = self.steps.len().saturating_sub(IN_FULL);
        for (place, line) in self.steps.iter().enumerate() {
            let longest = if place < newest { LONGEST_OLD } else { LONGEST_READ };
            let _ = write!(told, "{}. {}: ", line.number, line.words);
            match &line.came {
                Came::Nothing => told.push_str("done"),
                Came::Read(text) => {
                    let _ = write!(told, "done; {}", fence.around(&shortened(text, longest)));
                }
                Came::Answered(text) => {
                    let _ = write!(told, "the person answered: {text}");
                }
                Came::Failed(why) => {
                    let _ = write!(told, "NOT DONE: {}", fence.around(&shortened(why, longest)));
                }
            }
            if line.dropped > 0 {
                let dropped = line.dropped;
                let _ = write!(
                    told,
                    " ({dropped} more calls of the same answer were not done, for the page may have changed)"
                );
            }
            told.push('\n');
        }
        if let Some(words) = self.repeated() {
            let _ = writeln!(
                told,
                "You have done the same {TOO_OFTEN} times in a row ({words}). Do something else."
            );
        }
        told
    }

    fn repeated(&self) -> Option<&str> {
        let newest: Vec<_> = self.steps.iter().rev().take(TOO_OFTEN).collect();
        let first = newest.first()?;
        let is_same = |line: &&Line| line.words == first.words;
        (newest.len() == TOO_OFTEN && newest.iter().all(is_same)).then_some(&*first.words)
    }
}

/// What strangers wrote stands between two marks that they cannot know.
#[derive(Debug)]
pub(super) struct Fence(String);

impl Fence {
    /// Marks of their own for each run.
    pub(super) fn new(number: u64) -> Self {
        Self(format!("untrusted-{number:016x}"))
    }

    /// The name of the marks.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// A stranger's text between the marks.
    pub(super) fn around(&self, text: &str) -> String {
        format!("<{0}>\n{text}\n</{0}>", self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::runs::{decider::Gain, deed::deed};

    fn happened(step: u32, written: &Value, result: Result<&str, &str>) -> Happened {
        let gain = |text: &str| Gain {
            text: Some(text.to_owned()).filter(|text| !text.is_empty()),
            notes: Vec::new(),
        };
        let result = result.map(gain).map_err(str::to_owned);
        Happened { step, deed: deed(written), result }
    }

    #[test]
    fn the_newest_steps_are_told_in_full_and_old_ones_in_short() {
        let mut history = History::default();
        let long = "x".repeat(5000);
        let read = json!({"type": "extract"});
        history.take(&happened(1, &read, Ok(&long)), 0);
        for step in 2..=4 {
            let url = format!("https://{step}.example");
            history.take(&happened(step, &json!({"type": "navigate", "url": url}), Ok("")), 0);
        }
        history.take(&happened(5, &read, Ok(&long)), 2);
        let told = history.told(&Fence::new(7));
        let lengths: Vec<_> = told.lines().map(|line| line.matches('x').count()).collect();
        assert!(lengths.contains(&5000) && lengths.contains(&LONGEST_OLD), "{lengths:?}");
        assert!(told.contains("2 more calls of the same answer were not done"));
        assert!(told.contains("<untrusted-0000000000000007>\nxxx"));
    }

    #[test]
    fn memory_is_bounded_and_says_what_it_leaves_out() {
        let mut history = History::default();
        for step in 1..=200 {
            history.take(&happened(step, &json!({"type": "back"}), Err("no")), 0);
        }
        let told = history.told(&Fence::new(1));
        assert!(told.starts_with("(80 earlier steps are left out)"), "{told}");
        assert!(told.contains("200. go back: NOT DONE"), "{told}");
        assert!(told.contains("the same 3 times in a row"), "{told}");
    }

    #[test]
    fn what_people_answer_is_no_stranger_s_text() {
        let mut history = History::default();
        let ask = json!({"type": "ask", "question": "Which?"});
        history.take(&happened(1, &ask, Ok("the blue one")), 0);
        let told = history.told(&Fence::new(1));
        assert!(told.contains("the person answered: the blue one"), "{told}");
        assert!(!told.contains("untrusted"), "{told}");
    }
}
