//! Steps of runs that are being told: read from storage and put into words once for all who want them at that time.
//!
//! A viewer is told one step after the other, each when its socket has taken what it was sent before; so a slow one
//! keeps one step in memory, and a live step takes the same way as one of last week.

use std::{rc::Rc, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::{
    CoreError, Role,
    ids::RunId,
    ports::StoreError,
    runs::{Run, StoredStep},
};
use pilothouse_protocols::{CloseCode, Input, ReadStep, StepLanguage, StepRead};
use tokio::sync::OnceCell;

use super::{
    connection::Connection,
    event_loop::{EventLoop, Shared, contain},
    pasts::InUse,
};

/// Which step, in which words.
type Wanted = (&'static str, RunId, u32);

/// All steps that are being told, over all loops. Nothing is kept for later.
#[derive(Debug, Default)]
pub(super) struct RunSteps {
    told: Mutex<InUse<Wanted, Told>>,
}

/// One step, for as long as somebody waits for it or is being sent it.
#[derive(Debug, Default)]
struct Told {
    /// The text; nothing if the step is not kept.
    words: OnceCell<Option<Vec<u8>>>,
}

/// A step's text, which keeps the step in use for as long as the text waits in somebody's queue.
struct Text(Arc<Told>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.words.get().and_then(Option::as_deref).unwrap_or_default()
    }
}

impl RunSteps {
    fn begin(&self, wanted: Wanted) -> Arc<Told> {
        let mut all = self.told.lock();
        if let Some(told) = all.find(&wanted) {
            return told;
        }
        let told = Arc::new(Told::default());
        all.put(wanted, &told);
        told
    }
}

impl Connection {
    /// Reads a step when the socket has room for it.
    pub(super) fn want_step(&self, event_loop: &EventLoop, wanted: ReadStep) {
        let mut state = self.state.borrow_mut();
        let may_see = state.caller.as_ref().is_some_and(|caller| caller.is_at_least(Role::Viewer));
        if may_see {
            state.wanted_step = Some(wanted);
        } else {
            drop(state);
            self.close(event_loop, CloseCode::Policy);
        }
    }

    /// Reads the step that is wanted, if everything before it is sent. Beside the loop; nobody waits for it.
    pub(super) fn read_wanted_step(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let wanted = {
            let mut state = self.state.borrow_mut();
            let has_room = state.outbound.is_empty() && !state.outbound.is_blocked;
            if self.is_over.get() || !has_room || state.closing.is_some() {
                return;
            }
            state.wanted_step.take()
        };
        let Some(wanted) = wanted else { return };
        let (connection, event_loop) = (self.clone(), event_loop.clone());
        tokio::task::spawn_local(async move {
            let read = read(&event_loop, wanted).await;
            if !connection.is_over.get() {
                let is_told = read.as_ref().is_ok_and(|read| read.words.is_some());
                event_loop.tally.steps_told.add(u64::from(is_told));
                contain(&connection, || {
                    connection.handle(&event_loop, Input::StepRead(read));
                    connection.flush(&event_loop);
                    connection.rearm(&event_loop);
                });
            }
        });
    }
}

async fn read(event_loop: &EventLoop, wanted: ReadStep) -> Result<StepRead, CoreError> {
    let ReadStep { run, step, language } = wanted;
    let found = find(&event_loop.shared, &run).await?;
    // One that is told is stored. One that is not told yet is not looked for, so that nobody learns too early that it is
    // not there.
    let words =
        if found.steps >= step { words(event_loop, run, step, language).await? } else { None };
    Ok(StepRead { run: found, step, words })
}

/// The run as viewers were told it; one that nobody was told of lately, from storage.
async fn find(shared: &Shared, id: &RunId) -> Result<Arc<Run>, CoreError> {
    if let Some(told) = shared.hub.look(|core, _| core.fleet().view().runs().get(id).cloned()) {
        return Ok(told);
    }
    let stored = shared.runs.run(id).await.map_err(|error| away(&error))?;
    stored.map(Arc::new).ok_or_else(|| CoreError::RunNotFound(id.clone()))
}

/// Whoever comes first reads; the others wait for that.
async fn words(
    event_loop: &EventLoop,
    run: RunId,
    step: u32,
    language: &'static dyn StepLanguage,
) -> Result<Option<Bytes>, CoreError> {
    let told = event_loop.shared.pasts.run_steps.begin((language.name(), run.clone(), step));
    let first = || async {
        let reading = event_loop.readers.acquire().await;
        let said = say(event_loop, &run, step, language).await;
        drop(reading);
        said
    };
    let words = told.words.get_or_try_init(first).await.map_err(|error| away(&error))?;
    let has_words = words.is_some();
    Ok(has_words.then(|| Bytes::from_owner(Text(told))))
}

async fn say(
    event_loop: &EventLoop,
    run: &RunId,
    step: u32,
    language: &'static dyn StepLanguage,
) -> Result<Option<Vec<u8>>, StoreError> {
    let runs = &event_loop.shared.runs;
    let steps = runs.steps(run, step.saturating_sub(1), 1).await?;
    let Some(StoredStep { step: stored, has_screenshot }) =
        steps.into_iter().find(|stored| stored.step.number == step)
    else {
        return Ok(None);
    };
    let screenshot = if has_screenshot { runs.screenshot(run, step).await? } else { None };
    event_loop.tally.steps_read.add(1);
    Ok(Some(language.step(&stored, screenshot.as_ref())))
}

fn away(error: &StoreError) -> CoreError {
    tracing::warn!(%error, "a step of a run cannot be read");
    CoreError::StorageUnavailable
}
