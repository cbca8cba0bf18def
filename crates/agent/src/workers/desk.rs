//! A worker's terminal at work: what the program writes goes to the outbox, what viewers type to the program.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use pilothouse_core::{
    sessions::SpawnOrder,
    streams::{Channel, StreamKey},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep_until,
};

use super::{
    Touch, WantedSizes, Workers, messages::Messages, pace::Pace, pty::Keyboard, screen::Screen,
};
use crate::{
    batching::{Batch, Piece},
    clock,
    outbox::{Face, Snapshot},
};

/// The largest record of a terminal that has the link to itself, and the most that is read at once.
const ALONE: usize = 64 << 10;
/// The largest record of a terminal beside others.
const BESIDE_OTHERS: usize = 16 << 10;

/// The largest checkpoint, in bytes: half of what a message of the link may have.
const LARGEST_PICTURE: usize = 8 << 20;

/// How many bytes of answers to what a program asked its terminal may wait for one that does not read; later questions
/// are not answered.
const MOST_ANSWERS: usize = 64 << 10;

/// How far a worker is, as far as reading goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The program runs and may be slowed down.
    Running,
    /// The program ends: what it wrote is read without regard to how much is kept.
    Draining,
    /// Nothing is read any more.
    Over,
}

/// The task that sits at the terminal.
pub(super) struct Pump {
    task: Option<JoinHandle<Desk>>,
    desk: Option<Desk>,
}

impl Pump {
    /// Begins to read and type.
    pub(super) fn start(desk: Desk) -> Self {
        Self { task: Some(tokio::spawn(desk.run())), desk: None }
    }

    /// Waits until all output is read. May be cancelled and called again.
    pub(super) async fn ended(&mut self) {
        if let Some(task) = &mut self.task {
            self.desk = task.await.ok();
            self.task = None;
        }
    }

    /// Adds a last word to the output, and keeps how the screen looks then.
    pub(super) fn close(self, last: &str) {
        if let Some(mut desk) = self.desk {
            desk.close(last.as_bytes());
        }
    }
}

/// What comes from those who are in front of the terminal.
pub(super) struct Viewers {
    pub(super) touched: mpsc::Receiver<Touch>,
    /// How many typed bytes are under way, those that the desk has taken included.
    pub(super) waiting: Arc<AtomicUsize>,
    pub(super) sizes: Arc<Mutex<WantedSizes>>,
}

/// See the [module](self).
pub(super) struct Desk {
    workers: Arc<Workers>,
    stream: StreamKey,
    /// Nothing when the program's side is closed.
    output: Option<Box<dyn AsyncRead + Send + Unpin>>,
    keyboard: Box<dyn Keyboard>,
    viewers: Viewers,
    typed: VecDeque<u8>,
    phase: watch::Receiver<Phase>,
    batch: Batch,
    pace: Pace,
    buffer: Box<[u8]>,
    screen: Screen,
    messages: Messages,
}

/// What ends the wait of a desk.
enum Event {
    Phase(bool),
    Due,
    Read(usize),
    Typed(io::Result<usize>),
    Touched(Option<Touch>),
    Stored(u64),
}

impl Desk {
    pub(super) fn new(
        workers: &Arc<Workers>,
        order: &SpawnOrder,
        (output, keyboard): (Box<dyn AsyncRead + Send + Unpin>, Box<dyn Keyboard>),
        viewers: Viewers,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self {
            workers: workers.clone(),
            stream: order.stream.clone(),
            output: Some(output),
            keyboard,
            viewers,
            typed: VecDeque::new(),
            phase,
            batch: Batch::new(Duration::ZERO, ALONE),
            pace: Pace::default(),
            buffer: vec![0; ALONE].into(),
            screen: Screen::new(order),
            messages: Messages::default(),
        }
    }

    async fn run(mut self) -> Self {
        while self.turn().await {}
        self
    }

    /// Waits for one thing to happen and does what follows from it; false when reading is over.
    async fn turn(&mut self) -> bool {
        let phase = *self.phase.borrow_and_update();
        if self.output.is_none() || phase == Phase::Over {
            return false;
        }
        match self.event(phase).await {
            Event::Phase(goes_on) => return goes_on,
            Event::Due => {
                let pieces = self.batch.due(Instant::now());
                self.send(&pieces);
            }
            Event::Read(0) => self.output = None,
            Event::Read(length) => self.written(length),
            Event::Typed(written) => {
                // A program that has closed its terminal reads nothing any more.
                let written = written.unwrap_or(self.typed.len());
                self.typed.drain(..written);
                self.viewers.waiting.fetch_sub(written, Ordering::Relaxed);
            }
            Event::Touched(Some(touch)) => self.touched(touch),
            Event::Stored(position) => self.screen.stored(position),
            // Everybody who could touch it is gone, and with them the worker.
            Event::Touched(None) => return false,
        }
        self.look_up().await;
        true
    }

    async fn event(&mut self, phase: Phase) -> Event {
        // Before everything else is typed no Enter follows.
        let told = self.typed.is_empty().then(|| self.messages.deadline(Instant::now())).flatten();
        let due = [self.batch.deadline(), self.screen.deadline(), told].into_iter().flatten().min();
        let (workers, stream, several) = (&self.workers, &self.stream, self.workers.are_several());
        let (output, buffer) = (&mut self.output, &mut self.buffer);
        let most = if several { BESIDE_OTHERS } else { ALONE };
        let read = async {
            if phase == Phase::Running {
                workers.books.outbox().room(stream).await;
            }
            match output {
                Some(output) => read(output, &mut buffer[..most]).await,
                None => 0,
            }
        };
        let stored = async {
            match self.screen.waits_for() {
                Some(position) => workers.books.outbox().stored(stream, position).await,
                None => std::future::pending().await,
            }
        };
        let (typed, _) = self.typed.as_slices();
        tokio::select! {
            changed = self.phase.changed() => Event::Phase(changed.is_ok()),
            written = self.keyboard.write(typed), if !typed.is_empty() => Event::Typed(written),
            touch = self.viewers.touched.recv() => Event::Touched(touch),
            length = read => Event::Read(length),
            position = stored => Event::Stored(position),
            () = wait_until(due) => Event::Due,
        }
    }

    /// The program wrote something.
    fn written(&mut self, length: usize) {
        let now = Instant::now();
        let bytes = &self.buffer[..length];
        self.workers.books.outbox().take_in(&self.stream, Channel::Terminal, bytes);
        let replies = self.screen.written(bytes);
        let chunk = if self.workers.are_several() { BESIDE_OTHERS } else { ALONE };
        self.batch.pace(self.pace.gather(length, now), chunk);
        let mut pieces = self.batch.push(Channel::Terminal, bytes, now);
        pieces.extend(self.batch.due(now));
        self.send(&pieces);
        if self.typed.len() + replies.len() <= MOST_ANSWERS {
            self.type_in(&replies);
        }
    }

    fn send(&mut self, pieces: &[Piece]) {
        if !pieces.is_empty() {
            self.workers.books.outbox().write(&self.stream, pieces);
        }
    }

    /// Queues bytes for the program.
    fn type_in(&mut self, bytes: &[u8]) {
        self.viewers.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        self.typed.extend(bytes);
    }

    fn touched(&mut self, touch: Touch) {
        // A message counts until it is typed.
        if !matches!(touch, Touch::Told { .. }) {
            self.viewers.waiting.fetch_sub(touch.length(), Ordering::Relaxed);
        }
        let now = clock::moment();
        match touch {
            Touch::Typed { viewer, text } => {
                let bytes = self.screen.typed(&viewer, &text, now);
                if self.messages.is_open() {
                    self.viewers.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
                    self.messages.hold(&bytes);
                } else {
                    self.type_in(&bytes);
                }
            }
            Touch::Told { text } => self.messages.push(text),
            Touch::Resized { viewer, size } => {
                let newest = self.viewers.sizes.lock().take(&viewer);
                self.screen.wanted(&viewer, newest.unwrap_or(size));
            }
            Touch::Left { viewer } => self.screen.left(&viewer),
            Touch::Linked => self.screen.linked(),
        }
    }

    /// Does what the screen says has to be done by now.
    async fn look_up(&mut self) {
        let now = clock::moment();
        if self.typed.is_empty() {
            let before = self.messages.weight();
            let told = self.messages.next(Instant::now(), self.screen.is_bracketed_paste());
            self.viewers.waiting.fetch_sub(before - self.messages.weight(), Ordering::Relaxed);
            self.type_in(&told);
        }
        let released = self.screen.released(now);
        self.type_in(&released);
        if let Some(size) = self.screen.size_due() {
            // What was written for the old size is in the log before the new one counts.
            let pieces = self.batch.flush(Instant::now());
            self.send(&pieces);
            if let Err(error) = self.keyboard.resize(size) {
                tracing::warn!(stream = %self.stream, %error, "the terminal's size cannot be changed");
            }
            self.screen.resized(size, now);
            let position = self.position();
            self.tell(|face| (face.size, face.sized_at) = (size, position));
        }
        if self.screen.owner_changed() {
            let owner = self.screen.owner();
            self.tell(|face| face.size_owner = owner);
        }
        if let Some(change) = self.screen.activity_due(now) {
            self.tell(|face| {
                (face.activity, face.question) = (change.state, change.question);
                face.does_so_since = change.since.steady;
            });
        }
        if let Some(line) = self.screen.line_due() {
            self.workers.books.outbox().said(&self.stream, line);
        }
        if self.screen.picture_is_due() {
            let pieces = self.batch.flush(Instant::now());
            self.send(&pieces);
            // What ends inside something is not in the log yet, but on the screen.
            if self.batch.is_empty() {
                self.picture();
            }
        }
        if let Some(size) = self.screen.size_to_remember() {
            let books = &self.workers.books;
            books.write(&self.stream, move |journal, key| journal.resized(key, size)).await;
        }
    }

    fn picture(&mut self) {
        let position = self.position();
        let (size, screen) = self.screen.picture(position);
        if screen.len() > LARGEST_PICTURE {
            return tracing::warn!(stream = %self.stream, "its terminal is too large for a checkpoint");
        }
        let snapshot = Snapshot::new(position, size, &screen);
        self.tell(|face| face.snapshot = Some(snapshot));
    }

    fn tell(&self, change: impl FnOnce(&mut Face)) {
        self.workers.books.outbox().face(&self.stream, change);
    }

    fn position(&self) -> u64 {
        self.workers.books.outbox().next(&self.stream).map_or(0, |next| next.position)
    }

    fn close(&mut self, last: &[u8]) {
        let now = Instant::now();
        let mut pieces = Vec::new();
        if !last.is_empty() {
            self.workers.books.outbox().take_in(&self.stream, Channel::Terminal, last);
            let _ = self.screen.written(last);
            pieces.extend(self.batch.push(Channel::Terminal, last, now));
        }
        pieces.extend(self.batch.finish(now));
        self.send(&pieces);
        if let Some(line) = self.screen.last_line() {
            self.workers.books.outbox().said(&self.stream, line);
        }
        self.picture();
    }
}

/// Reads what is there, and waits only for the first byte of it. Zero at the end.
async fn read(output: &mut (dyn AsyncRead + Send + Unpin), buffer: &mut [u8]) -> usize {
    // The end of a terminal is an error on some systems.
    let mut length = output.read(buffer).await.unwrap_or(0);
    while length > 0 && length < buffer.len() {
        let mut rest = ReadBuf::new(&mut buffer[length..]);
        let more = poll_fn(|context| {
            let read = Pin::new(&mut *output).poll_read(context, &mut rest);
            Poll::Ready(matches!(read, Poll::Ready(Ok(()))))
        });
        if !more.await || rest.filled().is_empty() {
            break;
        }
        length += rest.filled().len();
    }
    length
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
