//! What a worker's terminal shows: whose size it has, what it does, and when it is worth a checkpoint.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::{Duration, Instant},
};

use pilothouse_core::{
    sessions::{Size, SpawnOrder},
    time::Moment,
};

use super::watch::Watch;
use crate::{
    activity::{Change, Patterns},
    clock,
    speech::ScreenSpeech,
    terminal::{
        self, SCROLLBACK_LINES, Terminal, checkpoints::CheckpointPolicy, focus::Focus,
        ownership::Ownership, replies::Replies,
    },
};

/// How long after a checkpoint another one is not worth it only because a program has asked something.
const ASKS_AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// How many bytes of checkpoints a second are worth it for that reason: a program may ask in every frame.
const ASKS_BYTES_PER_SECOND: u32 = 64 << 10;

/// How long a size counts before the journal has to know it: a window is dragged through many.
const SIZE_LASTS: Duration = Duration::from_secs(2);

/// How many viewers' names are kept. Whoever else owns the size is not told by name.
const MOST_NAMES: usize = 4096;

/// A viewer, by a number: the hash of its name.
type Viewer = u64;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Screen {
    terminal: Terminal,
    replies: Replies<Viewer>,
    focus: Focus<Viewer>,
    ownership: Ownership<Viewer>,
    /// What those are called who may own the size.
    names: HashMap<Viewer, Arc<str>>,
    /// Who was told to own it.
    owner_told: Option<Viewer>,
    policy: CheckpointPolicy,
    /// The size that counts from now on.
    next_size: Option<Size>,
    size: Size,
    /// The size that the journal does not know, and since when.
    unremembered: Option<(Size, Instant)>,
    watch: Option<Watch>,
    speech: ScreenSpeech,
    /// A checkpoint is wanted whatever the policy says.
    wants_picture: bool,
    /// When another one is worth it only because of a query.
    asks_count_at: Option<Instant>,
    /// When a query in the log is worth a checkpoint behind it.
    asked: Option<Instant>,
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
            focus: Focus::default(),
            ownership: Ownership::new(cells(order.size)),
            names: HashMap::new(),
            owner_told: None,
            policy: CheckpointPolicy::default(),
            next_size: None,
            size: order.size,
            unremembered: None,
            watch,
            speech: ScreenSpeech::default(),
            wants_picture: false,
            asks_count_at: None,
            asked: None,
        }
    }

    /// The program wrote something; gives what the terminal answers.
    pub(super) fn written(&mut self, bytes: &[u8]) -> Vec<u8> {
        let now = Instant::now();
        self.policy.output(bytes.len(), now);
        if let Some(watch) = &mut self.watch {
            watch.written(bytes.len());
        }
        self.terminal.feed(bytes);
        self.focus.wanted(self.terminal.wants_focus());
        self.speech.written();
        let replies = self.terminal.take_replies();
        if !replies.is_empty() {
            self.replies.answered(&replies);
            // Whoever comes later is not to be asked again by what it is told of the past.
            self.asked.get_or_insert(self.asks_count_at.map_or(now, |at| at.max(now)));
        }
        replies
    }

    /// Whether the program wants to know where a paste begins and ends.
    pub(super) fn is_bracketed_paste(&self) -> bool {
        self.terminal.is_bracketed_paste()
    }

    /// Somebody typed, or their terminal sent it; gives what of it the program is to see.
    pub(super) fn typed(&mut self, viewer: &str, text: &str, now: Moment) -> Vec<u8> {
        let viewer = self.number(viewer);
        let bytes = self.replies.filter(viewer, text.as_bytes(), Instant::now());
        self.pass_on(viewer, &bytes, now)
    }

    /// What was held back and is no answer after all.
    pub(super) fn released(&mut self, now: Moment) -> Vec<u8> {
        let mut all = Vec::new();
        for (viewer, bytes) in self.replies.release(Instant::now()) {
            all.extend(self.pass_on(viewer, &bytes, now));
        }
        all
    }

    fn pass_on(&mut self, viewer: Viewer, bytes: &[u8], now: Moment) -> Vec<u8> {
        let bytes = self.focus.filter(viewer, bytes, self.terminal.wants_focus());
        let size = self.ownership.input(viewer, &bytes, Instant::now());
        self.next_size = size.map(from_cells).or(self.next_size);
        if !bytes.is_empty() {
            self.speech.typed(Instant::now());
        }
        if let Some(watch) = &mut self.watch {
            watch.typed(&String::from_utf8_lossy(&bytes), now);
        }
        bytes
    }

    /// Somebody wants another size.
    pub(super) fn wanted(&mut self, viewer: &str, size: Size) {
        let viewer = self.number(viewer);
        let size = self.ownership.resize(viewer, cells(size), Instant::now());
        self.next_size = size.map(from_cells).or(self.next_size);
    }

    /// Somebody is gone.
    pub(super) fn left(&mut self, viewer: &str) {
        let viewer = number(viewer);
        self.ownership.leave(viewer);
        self.replies.leave(viewer);
        self.focus.leave(viewer);
        self.names.remove(&viewer);
    }

    /// There is a server again, which may have missed the last checkpoints, and we that viewers left.
    pub(super) fn linked(&mut self) {
        self.wants_picture = true;
        self.ownership.doubt();
    }

    /// Whether the size is somebody else's than when this was last asked.
    pub(super) fn owner_changed(&mut self) -> bool {
        let owner = self.ownership.owner();
        std::mem::replace(&mut self.owner_told, owner) != owner
    }

    /// Whose size it is, if that is somebody who is there and whose name is known.
    pub(super) fn owner(&self) -> Option<Arc<str>> {
        self.names.get(&self.ownership.owner()?).cloned()
    }

    fn number(&mut self, viewer: &str) -> Viewer {
        let number = number(viewer);
        if self.names.len() < MOST_NAMES && !self.names.contains_key(&number) {
            self.names.insert(number, viewer.into());
        }
        number
    }

    /// The size that the terminal is to have from now on, if that is another one.
    pub(super) fn size_due(&mut self) -> Option<Size> {
        self.next_size.take().filter(|size| *size != self.size)
    }

    /// The terminal has that size now.
    pub(super) fn resized(&mut self, size: Size, now: Moment) {
        self.size = size;
        self.terminal.resize(cells(size));
        self.unremembered = Some((size, Instant::now()));
        self.policy.resized();
        if let Some(watch) = &mut self.watch {
            watch.resized(now);
        }
    }

    /// What the agent does, if that is news.
    pub(super) fn activity_due(&mut self, now: Moment) -> Option<Change> {
        let terminal = &self.terminal;
        self.watch.as_mut()?.look(|| terminal.screen_lines(), now)
    }

    /// The line it printed last, if it is time to tell a new one.
    pub(super) fn line_due(&mut self) -> Option<String> {
        self.speech.due(&self.terminal, Instant::now())
    }

    /// The line it printed last and nobody was told, since nothing follows.
    pub(super) fn last_line(&mut self) -> Option<String> {
        self.speech.rest(&self.terminal, Instant::now())
    }

    /// Whether it is time for a checkpoint.
    pub(super) fn picture_is_due(&mut self) -> bool {
        let now = Instant::now();
        self.wants_picture |= self.policy.is_due(now) || self.asked.is_some_and(|at| at <= now);
        self.wants_picture
    }

    /// How it looks at this position of its log: the size, and escape sequences that recreate it.
    pub(super) fn picture(&mut self, position: u64) -> (Size, Vec<u8>) {
        self.wants_picture = false;
        self.asked = None;
        self.policy.taken();
        self.replies.pictured(position);
        let screen = self.terminal.snapshot();
        self.asks_count_at = Some(Instant::now() + pause_behind(screen.len()));
        (self.size, screen)
    }

    /// What of the log has to be stored before [`stored`](Self::stored) has something to do.
    pub(super) fn waits_for(&self) -> Option<u64> {
        self.replies.waits_for()
    }

    /// The log is stored up to this position.
    pub(super) fn stored(&mut self, position: u64) {
        self.replies.stored(position, Instant::now());
    }

    /// A size that lasted, so that it is worth a line in the journal.
    pub(super) fn size_to_remember(&mut self) -> Option<Size> {
        let lasted = |(_, since): &mut (Size, Instant)| since.elapsed() >= SIZE_LASTS;
        self.unremembered.take_if(lasted).map(|(size, _)| size)
    }

    /// When something is due if nothing happens before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let watch = self.watch.as_ref().and_then(Watch::due);
        let watch = watch.map(|due| Instant::now() + clock::moment().steady.until(due));
        // One that is wanted already waits for the log, not for the clock.
        let picture = self.policy.wake_at().into_iter().chain(self.asked).min();
        let picture = picture.filter(|_| !self.wants_picture);
        let size = self.unremembered.map(|(_, since)| since + SIZE_LASTS);
        let line = self.speech.deadline(&self.terminal, Instant::now());
        [watch, picture, size, line, self.replies.release_at()].into_iter().flatten().min()
    }
}

/// How long after a checkpoint of so many bytes another one is not worth it only because of a query.
fn pause_behind(bytes: usize) -> Duration {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    (Duration::from_secs(1) * bytes / ASKS_BYTES_PER_SECOND).max(ASKS_AT_MOST_EVERY)
}

fn number(viewer: &str) -> Viewer {
    let mut hasher = DefaultHasher::new();
    viewer.hash(&mut hasher);
    hasher.finish()
}

fn cells(size: Size) -> terminal::Size {
    terminal::Size { columns: size.columns, rows: size.rows }
}

fn from_cells(size: terminal::Size) -> Size {
    Size { columns: size.columns, rows: size.rows }
}
