//! What a worker's terminal shows: whose size it has, what it does, and when it is worth a checkpoint.

use std::time::{Duration, Instant};

use pilothouse_core::{
    sessions::{Size, SpawnOrder},
    time::{Moment, Steady},
};

use super::{
    owner::Ownership,
    replies::{Replies, is_a_persons},
    watch::Watch,
};
use crate::{
    activity::{Change, Patterns},
    clock,
    terminal::{self, SCROLLBACK_LINES, Terminal},
};

/// How long a terminal is quiet before it is worth a checkpoint.
const QUIET: Duration = Duration::from_secs(2);
/// How much output is worth a checkpoint.
const PICTURE_EVERY: usize = 1 << 20;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Screen {
    terminal: Terminal,
    replies: Replies,
    ownership: Ownership,
    size: Size,
    wanted: Option<Size>,
    /// The size that the journal does not know.
    unremembered: Option<Size>,
    watch: Option<Watch>,
    /// When the terminal is quiet, if something happened since the last time it was.
    quiet_at: Option<Steady>,
    written: usize,
    wants_picture: bool,
}

impl Screen {
    pub(super) fn new(order: &SpawnOrder) -> Self {
        let watch = order.is_agent.then(|| {
            let patterns = Patterns::compile(&order.launch.asking_patterns);
            Watch::new(&patterns.unwrap_or_else(|error| {
                tracing::warn!(stream = %order.stream, %error, "nobody will see what it asks");
                Patterns::default()
            }))
        });
        Self {
            terminal: Terminal::new(cells(order.size), SCROLLBACK_LINES),
            replies: Replies::default(),
            ownership: Ownership::default(),
            size: order.size,
            wanted: None,
            unremembered: None,
            watch,
            quiet_at: None,
            written: 0,
            wants_picture: false,
        }
    }

    /// The program wrote something; gives what the terminal answers.
    pub(super) fn written(&mut self, bytes: &[u8], now: Moment) -> Vec<u8> {
        self.quiet_at = Some(now.steady + QUIET);
        self.written += bytes.len();
        if let Some(watch) = &mut self.watch {
            watch.written(bytes.len());
        }
        if self.written >= PICTURE_EVERY {
            self.wants_picture = true;
        }
        self.terminal.feed(bytes);
        let replies = self.terminal.take_replies();
        if !replies.is_empty() {
            self.replies.gave(&replies, now);
        }
        replies
    }

    /// Somebody typed, or their terminal sent it; gives what of it the program is to see.
    pub(super) fn typed(&mut self, viewer: &str, text: &str, now: Moment) -> String {
        let text = self.replies.without(text, now);
        if is_a_persons(&text) {
            let size = self.ownership.typed(viewer, now);
            self.wanted = size.or(self.wanted);
        }
        if let Some(watch) = &mut self.watch {
            watch.typed(&text, now);
        }
        text
    }

    /// Somebody wants another size.
    pub(super) fn wanted(&mut self, viewer: &str, size: Size, now: Moment) {
        let size = self.ownership.wants(viewer, size, now);
        self.wanted = size.or(self.wanted);
    }

    /// Somebody is gone.
    pub(super) fn left(&mut self, viewer: &str) {
        self.ownership.left(viewer);
    }

    /// A fresh checkpoint is wanted.
    pub(super) fn want_picture(&mut self) {
        self.wants_picture = true;
    }

    /// The size that the terminal is to have from now on, if that is another one.
    pub(super) fn size_due(&mut self) -> Option<Size> {
        self.wanted.take().filter(|size| *size != self.size)
    }

    /// The terminal has that size now.
    pub(super) fn resized(&mut self, size: Size, now: Moment) {
        self.size = size;
        self.terminal.resize(cells(size));
        self.unremembered = Some(size);
        self.wants_picture = true;
        self.quiet_at = Some(now.steady + QUIET);
        if let Some(watch) = &mut self.watch {
            watch.resized(now);
        }
    }

    /// What the agent does, if that is news.
    pub(super) fn activity_due(&mut self, now: Moment) -> Option<Change> {
        let terminal = &self.terminal;
        self.watch.as_mut()?.look(|| terminal.screen_lines(), now)
    }

    /// Whether it is time for a checkpoint.
    pub(super) fn picture_is_due(&mut self, now: Moment) -> bool {
        if self.quiet_at.is_some_and(|at| at <= now.steady) {
            self.quiet_at = None;
            self.wants_picture = true;
        }
        self.wants_picture
    }

    /// How it looks: the size, and escape sequences that recreate it.
    pub(super) fn picture(&mut self) -> (Size, Vec<u8>) {
        self.wants_picture = false;
        self.written = 0;
        (self.size, self.terminal.snapshot())
    }

    /// A size that lasted, so that it is worth a line in the journal.
    pub(super) fn size_to_remember(&mut self) -> Option<Size> {
        if self.quiet_at.is_some() { None } else { self.unremembered.take() }
    }

    /// When something is due if nothing happens before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let watch = self.watch.as_ref().and_then(Watch::due);
        let due = [self.quiet_at, watch].into_iter().flatten().min()?;
        Some(Instant::now() + clock::moment().steady.until(due))
    }
}

fn cells(size: Size) -> terminal::Size {
    terminal::Size { columns: size.columns, rows: size.rows }
}
