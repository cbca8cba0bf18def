//! The agent's workers: programs in terminals, started at most once for each life, ended as a whole.

mod desk;
mod launch;
mod life;
mod messages;
mod pace;
mod pty;
mod screen;
mod sizes;
mod watch;

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use pilothouse_core::{
    sessions::{Size, SpawnOrder},
    streams::StreamKey,
};
use tokio::{
    sync::{mpsc, watch as state},
    task::JoinSet,
};

use crate::{books::Books, clock, outbox::folder_of, processes::Ending};
use pty::{PtyBackend, UnixTerminals};
use sizes::WantedSizes;

/// How many workers run at once.
const MOST_RUNNING: usize = 256;
/// How many things viewers may do to a worker before it looks at them; later ones are lost.
const MOST_TOUCHES: usize = 1024;
/// How many bytes may wait for a program that does not read; what is typed beyond that is lost.
const MOST_TYPED: usize = 8 << 20;

/// What happens to a worker's terminal from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Somebody typed.
    Typed {
        /// Who.
        viewer: String,
        /// What.
        text: String,
    },
    /// Somebody sent a message to whoever works here.
    Told {
        /// What.
        text: String,
    },
    /// Somebody wants another size.
    Resized {
        /// Who.
        viewer: String,
        /// Which.
        size: Size,
    },
    /// Somebody is gone.
    Left {
        /// Who.
        viewer: String,
    },
    /// There is a server again, which may have missed the last checkpoints.
    Linked,
}

impl Touch {
    fn length(&self) -> usize {
        match self {
            Self::Typed { text, .. } => text.len(),
            Self::Told { text } => messages::weight(text),
            Self::Resized { .. } | Self::Left { .. } | Self::Linked => 0,
        }
    }
}

/// All workers of one agent. Cheap to share.
#[derive(Debug)]
pub(crate) struct Workers {
    books: Arc<Books>,
    terminals: Box<dyn PtyBackend>,
    running: Mutex<HashMap<StreamKey, Running>>,
    tasks: Mutex<JoinSet<()>>,
}

#[derive(Debug)]
struct Running {
    ending: state::Sender<Ending>,
    touches: mpsc::Sender<Touch>,
    waiting: Arc<AtomicUsize>,
    sizes: Arc<Mutex<WantedSizes>>,
}

impl Workers {
    /// None runs yet.
    pub(crate) fn new(books: Arc<Books>) -> Arc<Self> {
        Arc::new(Self {
            books,
            terminals: Box::new(UnixTerminals),
            running: Mutex::default(),
            tasks: Mutex::default(),
        })
    }

    /// Starts a worker unless this life of it was ever started before.
    pub(crate) fn spawn(self: &Arc<Self>, order: SpawnOrder) {
        let stream = order.stream.clone();
        if !self.books.outbox().begin(&stream, clock::now(), Some(order.size)) {
            return tracing::info!(%stream, "is known already and not started again");
        }
        let (ending, asked) = state::channel(Ending::Unasked);
        let (touches, touched) = mpsc::channel(MOST_TOUCHES);
        let waiting = Arc::new(AtomicUsize::new(0));
        let sizes = Arc::<Mutex<WantedSizes>>::default();
        let line = life::Line { asked, touched, waiting: waiting.clone(), sizes: sizes.clone() };
        let has_room = {
            let mut running = self.running.lock();
            running.insert(stream.clone(), Running { ending, touches, waiting, sizes });
            running.len() <= MOST_RUNNING
        };
        let workers = self.clone();
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            life::live(&workers, order, line, has_room).await;
            let running = workers.running.lock().remove(&stream);
            // The server may say so at any time, also right after it heard of the end.
            if running.is_some_and(|running| *running.ending.borrow() == Ending::Unwanted) {
                workers.forget(&stream).await;
            }
        });
    }

    /// Ends a running worker's tree.
    pub(crate) fn end(&self, stream: &StreamKey, grace: Duration) {
        self.ask(stream, Ending::Interrupted { grace });
    }

    /// Forgets a life of a worker; ends it first if it runs.
    pub(crate) async fn forget(&self, stream: &StreamKey) {
        if !self.ask(stream, Ending::Unwanted) {
            self.books.forget(stream).await;
            let _ = tokio::fs::remove_dir_all(self.image_folder(stream)).await;
        }
    }

    /// Does something to a worker's terminal. False if there is none, or if it is too busy.
    pub(crate) fn touch(&self, stream: &StreamKey, touch: Touch) -> bool {
        let running = self.running.lock();
        let Some(worker) = running.get(stream) else { return false };
        match &touch {
            // The touch that waits already will find this size.
            Touch::Resized { viewer, size } if !worker.sizes.lock().want(viewer, *size) => {
                return true;
            }
            Touch::Left { .. } => worker.sizes.lock().leave(),
            _ => {}
        }
        let length = touch.length();
        let has_room = worker.waiting.load(Ordering::Relaxed) + length <= MOST_TYPED;
        let refused = if has_room { worker.touches.try_send(touch).err() } else { None };
        let refused = refused.map(mpsc::error::TrySendError::into_inner);
        if let Some(Touch::Resized { viewer, .. }) = &refused {
            worker.sizes.lock().refused(viewer);
        }
        let is_taken = has_room && refused.is_none();
        if is_taken {
            worker.waiting.fetch_add(length, Ordering::Relaxed);
        } else {
            tracing::warn!(%stream, "does not read; what was typed is lost");
        }
        is_taken
    }

    /// There is a server that may have missed the last checkpoints.
    pub(crate) fn link_opened(&self) {
        let streams: Vec<_> = self.running.lock().keys().cloned().collect();
        for stream in streams {
            self.touch(&stream, Touch::Linked);
        }
    }

    /// Where pictures for a worker are kept.
    pub(crate) fn image_folder(&self, stream: &StreamKey) -> std::path::PathBuf {
        let images: &Path = &self.books.config().data_dir;
        images.join("images").join(folder_of(stream))
    }

    /// Whether a worker's process may be typed to.
    pub(crate) fn is_running(&self, stream: &StreamKey) -> bool {
        self.running.lock().contains_key(stream)
    }

    /// The agent's configuration.
    pub(crate) fn config(&self) -> &crate::AgentConfig {
        self.books.config()
    }

    /// Ends all workers, because the agent stops.
    pub(crate) async fn stop(&self) {
        for running in self.running.lock().values() {
            running.ending.send_modify(|ending| {
                if matches!(ending, Ending::Unasked) {
                    *ending = Ending::Stopping;
                }
            });
        }
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        while tasks.join_next().await.is_some() {}
    }

    /// Whether others run too, so that output has to be shared out in small pieces.
    fn are_several(&self) -> bool {
        self.running.lock().len() > 1
    }

    /// False if the worker does not run.
    fn ask(&self, stream: &StreamKey, wanted: Ending) -> bool {
        let running = self.running.lock();
        let Some(worker) = running.get(stream) else { return false };
        // A worker that was ended and is then unwanted is both; the first one decides how it is ended.
        worker.ending.send_modify(|ending| *ending = wanted);
        true
    }
}
