//! Reads what a process writes, on both pipes, and puts it into the outbox as records.

use std::{io, sync::Arc, time::Instant};

use pilothouse_core::streams::{Channel, StreamKey};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, ChildStderr, ChildStdout},
    sync::watch,
    task::JoinHandle,
    time::sleep_until,
};

use super::Commands;
use crate::{batching::Batch, books::Books, speech::PipeSpeech};

/// As much as a pipe holds.
const READ_SIZE: usize = 64 << 10;

/// How far a command is, as far as reading goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The process runs and may be slowed down.
    Running,
    /// The process ends: what it wrote is read without regard to how much is kept.
    Draining,
    /// Nothing is read any more.
    Over,
}

/// The task that reads.
#[derive(Debug)]
pub(super) struct Pump {
    task: Option<JoinHandle<()>>,
}

impl Pump {
    /// Begins to read a child's pipes.
    pub(super) fn start(
        commands: &Arc<Commands>,
        stream: &StreamKey,
        child: &mut Child,
    ) -> (watch::Sender<Phase>, Self) {
        let (sender, phase) = watch::channel(Phase::Running);
        let reader = Reader {
            books: commands.books.clone(),
            stream: stream.clone(),
            batch: commands.batch(),
            speech: PipeSpeech::new(),
            stdout: Pipe::new(child.stdout.take()),
            stderr: Pipe::new(child.stderr.take()),
            phase,
        };
        (sender, Self { task: Some(tokio::spawn(reader.run())) })
    }

    /// Waits until all output is in the outbox. May be cancelled and called again.
    pub(super) async fn ended(&mut self) {
        if let Some(task) = &mut self.task {
            let _ = task.await;
            self.task = None;
        }
    }
}

struct Reader {
    books: Arc<Books>,
    stream: StreamKey,
    batch: Batch,
    speech: PipeSpeech,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    phase: watch::Receiver<Phase>,
}

impl Reader {
    async fn run(mut self) {
        while self.turn().await {}
        let rest = self.batch.finish(Instant::now());
        self.books.outbox().write(&self.stream, &rest);
        if let Some(line) = self.speech.rest() {
            self.books.outbox().said(&self.stream, line);
        }
    }

    /// Waits for one thing to happen; false when reading is over.
    async fn turn(&mut self) -> bool {
        if self.stdout.pipe.is_none() && self.stderr.pipe.is_none() {
            return false;
        }
        let phase = *self.phase.borrow_and_update();
        if phase == Phase::Over {
            return false;
        }
        let own = self.speech.deadline(Instant::now());
        let deadline = [self.batch.deadline(), own].into_iter().flatten().min();
        let (outbox, stream) = (self.books.outbox(), &self.stream);
        let may_read = async {
            if phase == Phase::Running {
                outbox.room(stream).await;
            }
        };
        let read = async {
            may_read.await;
            // Whichever is ready; both orders are as true as the other.
            tokio::select! {
                read = self.stdout.read() => (Channel::Stdout, read),
                read = self.stderr.read() => (Channel::Stderr, read),
            }
        };
        let pieces = tokio::select! {
            changed = self.phase.changed() => return changed.is_ok(),
            () = wait_until(deadline) => self.batch.due(Instant::now()),
            (channel, length) = read => {
                let buffer = match channel {
                    Channel::Stderr => &self.stderr.buffer,
                    Channel::Stdout | Channel::Terminal => &self.stdout.buffer,
                };
                let now = Instant::now();
                if length > 0 {
                    self.books.outbox().take_in(&self.stream, channel, &buffer[..length]);
                    self.speech.written(channel, &buffer[..length]);
                }
                let mut pieces = self.batch.push(channel, &buffer[..length], now);
                // A process that writes without pause must not keep a batch from its deadline.
                pieces.extend(self.batch.due(now));
                pieces
            }
        };
        self.books.outbox().write(&self.stream, &pieces);
        if let Some(line) = self.speech.due(Instant::now()) {
            self.books.outbox().said(&self.stream, line);
        }
        true
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// One of the two outputs, until its end.
struct Pipe<R> {
    pipe: Option<R>,
    buffer: Box<[u8]>,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(pipe: Option<R>) -> Self {
        Self { pipe, buffer: vec![0; READ_SIZE].into() }
    }

    /// Reads into the buffer and says how much. Zero at the end; then it never comes back.
    async fn read(&mut self) -> usize {
        let Some(pipe) = &mut self.pipe else { return std::future::pending().await };
        match pipe.read(&mut self.buffer).await {
            Ok(length @ 1..) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Ok(0) | Err(_) => {
                self.pipe = None;
                0
            }
        }
    }
}
