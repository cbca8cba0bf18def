//! What commands and workers say: the line they printed last, as a person sees it, at most one a second.
//!
//! Pure; time comes in.

mod pipe;
mod screen;

#[cfg(test)]
mod tests;

pub(crate) use pipe::PipeSpeech;
pub(crate) use screen::ScreenSpeech;

use std::time::{Duration, Instant};

use pilothouse_core::said::visible_line;

/// How often a line is told.
const EVERY: Duration = Duration::from_secs(1);

/// When the next line may be told.
#[derive(Debug, Default)]
struct Turn {
    told_at: Option<Instant>,
    has_news: bool,
}

impl Turn {
    /// When to look, if there may be something to tell.
    fn deadline(&self, now: Instant) -> Option<Instant> {
        self.has_news.then(|| self.told_at.map_or(now, |at| at + EVERY))
    }

    /// Whether it is time to look.
    fn take(&mut self, now: Instant) -> bool {
        let is_due = self.deadline(now).is_some_and(|at| at <= now);
        self.has_news &= !is_due;
        is_due
    }
}

/// A line as it is told: without what frames it, `None` if nothing is left.
fn line(text: &str) -> Option<String> {
    let frame = |c: char| c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(&c);
    visible_line(text.trim_matches(frame)).map(|line| line.to_string())
}
