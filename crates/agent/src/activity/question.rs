//! The question on the screen: since when it is there, whether it is still open, and its words.

use std::time::Duration;

use pilothouse_core::time::{Moment, Steady};

use super::patterns::{Patterns, Place};

/// A question counts when the screen has been at rest for this long.
const REST: Duration = Duration::from_millis(400);

/// It counts without rest if it has been the same for this long: something beside it may be moving.
const STANDING: Duration = Duration::from_millis(800);

/// So long after an answer a program that shows no sign of it is taken to have accepted it.
const ANSWERED: Duration = Duration::from_secs(1);

/// That many lines below a question tell that it has been passed, whoever answered it.
const PASSED: usize = 3;

/// Lines above a question that tell it from the same question asked again.
const CONTEXT: usize = 8;

/// Lines above a match in which the question itself is looked for.
const ABOVE: usize = 16;

/// The longest question, in characters.
const LONGEST: usize = 200;

/// The question that the screen shows, if it shows one.
#[derive(Debug, Default)]
pub(super) struct Question {
    sighting: Option<Sighting>,
    stage: Stage,
}

#[derive(Debug, Default, Clone, Copy)]
enum Stage {
    /// It has been answered, though it can still be read.
    #[default]
    Passed,
    Open {
        appeared: Moment,
        /// Since when neither its words nor its place have changed.
        stands_since: Steady,
        /// Lines below it when it was new.
        depth: usize,
        answered: Option<Steady>,
    },
}

/// What the patterns find on one screen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sighting {
    counts: Vec<usize>,
    /// What matched.
    words: String,
    /// The lines above it and of it, without what follows the match in its last line.
    context: Vec<String>,
    /// The lines below it.
    below: Vec<String>,
    /// For people.
    text: String,
}

impl Question {
    /// Looks at the last lines of a screen that has changed.
    pub(super) fn look(&mut self, patterns: &Patterns, tail: &[String], now: Moment) {
        let Some(sighting) = Sighting::of(patterns, tail) else {
            if !self.is_being_answered(tail) {
                *self = Self::default();
            }
            return;
        };
        let before = self.sighting.as_ref();
        // Something may move above a question that stands, but not above one that was answered.
        let is_over = !matches!(self.stage, Stage::Open { answered: None, .. });
        let is_new = before.is_none_or(|before| {
            sighting.are_more_than(before) || (is_over && sighting.stands_elsewhere(before))
        });
        self.stage = match self.stage {
            Stage::Passed if !is_new => Stage::Passed,
            Stage::Open { depth, answered, .. }
                if !is_new && passed(depth, answered, &sighting) =>
            {
                Stage::Passed
            }
            Stage::Open { appeared, stands_since, depth, answered } if !is_new => {
                let before = before.filter(|before| before.words == sighting.words);
                let stands = before.is_some_and(|it| it.below.len() == sighting.below.len());
                let untouched = before.is_some_and(|it| it.is_same_but_for_an_echo(&sighting));
                Stage::Open {
                    appeared,
                    stands_since: if stands { stands_since } else { now.steady },
                    depth: depth.min(sighting.below.len()),
                    answered: answered.filter(|_| untouched),
                }
            }
            Stage::Passed | Stage::Open { .. } => Stage::Open {
                appeared: now,
                stands_since: now.steady,
                depth: sighting.below.len(),
                answered: None,
            },
        };
        self.sighting = Some(sighting);
    }

    /// Whether it is still the end of the screen, with what somebody types behind it.
    fn is_being_answered(&self, tail: &[String]) -> bool {
        let asked = self.sighting.as_ref().filter(|sighting| sighting.below.is_empty());
        let words = asked.and_then(|sighting| sighting.context.last());
        matches!(self.stage, Stage::Open { .. })
            && words.zip(tail.last()).is_some_and(|(words, line)| line.starts_with(words.as_str()))
    }

    /// Somebody pressed Enter or Escape.
    pub(super) fn answer(&mut self, now: Steady) {
        if let Stage::Open { answered, .. } = &mut self.stage {
            *answered = Some(now);
        }
    }

    /// Whether there is one that nobody has answered, as far as can be told.
    pub(super) fn is_open(&self, now: Steady) -> bool {
        match self.stage {
            Stage::Open { answered, .. } => answered.is_none_or(|at| now < at + ANSWERED),
            Stage::Passed => false,
        }
    }

    /// Forgets that it is open if an answer has been accepted without a word.
    pub(super) fn settle(&mut self, now: Steady) {
        if !self.is_open(now) {
            self.stage = Stage::Passed;
        }
    }

    /// From when on it counts, if the screen last changed at `changed` and does not until then.
    pub(super) fn counts_at(&self, changed: Steady) -> Option<Steady> {
        match self.stage {
            Stage::Open { stands_since, .. } => {
                Some((changed + REST).min(stands_since + STANDING).max(stands_since + REST))
            }
            Stage::Passed => None,
        }
    }

    /// When an answer without any sign of it is taken to be accepted.
    pub(super) fn settles_at(&self) -> Option<Steady> {
        match self.stage {
            Stage::Open { answered, .. } => answered.map(|at| at + ANSWERED),
            Stage::Passed => None,
        }
    }

    /// Since when it is there, and its words.
    pub(super) fn asked(&self) -> Option<(Moment, &str)> {
        match (self.stage, &self.sighting) {
            (Stage::Open { appeared, .. }, Some(sighting)) => Some((appeared, &sighting.text)),
            _ => None,
        }
    }
}

fn passed(depth: usize, answered: Option<Steady>, sighting: &Sighting) -> bool {
    let allowed = if answered.is_some() { 1 } else { PASSED };
    sighting.below.len() >= depth + allowed
}

impl Sighting {
    fn of(patterns: &Patterns, tail: &[String]) -> Option<Self> {
        if patterns.is_empty() {
            return None;
        }
        let text = tail.join("\n");
        let (counts, places): (Vec<usize>, Vec<Option<Place>>) =
            patterns.find(&text).into_iter().unzip();
        let place = places.into_iter().flatten().min_by_key(|place| (place.start, place.end))?;
        let words = text[place.start..place.end].trim_end();
        let first = line_of(&text, place.start);
        let last = line_of(&text, place.start + words.len());
        let mut context = tail[first.saturating_sub(CONTEXT)..=last].to_vec();
        let end = place.start + words.len();
        let line = text[..end].rfind('\n').map_or(0, |byte| byte + 1);
        if let Some(ending) = context.last_mut() {
            text[line..end].clone_into(ending);
        }
        Some(Self {
            counts,
            words: words.to_owned(),
            context,
            below: tail[last + 1..].to_vec(),
            text: for_people(tail, first, last),
        })
    }

    /// Whether a question has come to those of the screen before.
    fn are_more_than(&self, before: &Self) -> bool {
        self.counts.iter().zip(&before.counts).any(|(now, then)| now > then)
    }

    /// Whether there is something above it that was not there before.
    fn stands_elsewhere(&self, before: &Self) -> bool {
        self.context.iter().any(|line| !before.context.contains(line))
    }

    /// Whether nothing happened but that somebody's keys appeared behind the question.
    fn is_same_but_for_an_echo(&self, later: &Self) -> bool {
        self.context.last() == later.context.last() && self.below == later.below
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text[..byte].matches('\n').count()
}

/// The lines with the question: of what matched those up to the last question mark, or else the nearest above.
fn for_people(tail: &[String], first: usize, last: usize) -> String {
    let asks = |line: &usize| tail[*line].contains('?');
    let in_match = (first..=last).rev().find(asks);
    let above = || (first.saturating_sub(ABOVE)..first).rev().find(asks);
    let lines = match in_match {
        Some(line) => &tail[first.max(line.saturating_sub(2))..=line],
        None => above().map_or(&tail[first..=first], |line| &tail[line..=line]),
    };
    let text = lines.join(" ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut short: String = text.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}
