//! What people want of a run that is under way.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells a run what people want of it. Clones are of the same run.
#[derive(Debug, Clone)]
pub(super) struct Control(Arc<watch::Sender<Wishes>>);

/// What is wanted. Only the newest of each counts.
#[derive(Debug, Default)]
struct Wishes {
    unwanted: Option<Unwanted>,
    is_paused: bool,
    /// The wait that is open.
    asked: Option<String>,
    answer: Option<Answer>,
}

/// Why a run is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwanted {
    /// Somebody said so.
    Cancelled,
    /// The agent stops.
    Stopping,
}

/// What a person said to what a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// In words.
    Reply(String),
    /// Whether something may be sent.
    Verdict {
        /// Whether it may.
        granted: bool,
        /// Why, for whoever decides.
        reason: Option<String>,
        /// Whether the same holds for all that goes to that host.
        always: bool,
    },
}

/// The run's own side.
#[derive(Debug)]
pub(super) struct Wanted {
    control: Control,
    changes: watch::Receiver<Wishes>,
}

impl Control {
    /// Nobody wants anything yet.
    pub(super) fn new() -> (Self, Wanted) {
        let (sender, changes) = watch::channel(Wishes::default());
        let control = Self(Arc::new(sender));
        (control.clone(), Wanted { control, changes })
    }

    /// The run is to end. The first reason counts.
    pub(super) fn end(&self, why: Unwanted) {
        self.0.send_modify(|wishes| {
            wishes.unwanted.get_or_insert(why);
        });
    }

    /// The run is to hold still, or to go on.
    pub(super) fn pause(&self, is_paused: bool) {
        self.0.send_modify(|wishes| wishes.is_paused = is_paused);
    }

    /// Somebody answered. What the run does not wait for is not kept, and of two answers the first counts.
    pub(super) fn answer(&self, wait: &str, answer: Answer) {
        self.0.send_if_modified(|wishes| {
            let is_asked = wishes.asked.as_deref() == Some(wait) && wishes.answer.is_none();
            if is_asked {
                wishes.answer = Some(answer);
            }
            is_asked
        });
    }
}

impl Wanted {
    /// Done when the run is to end.
    pub(super) async fn unwanted(&self) -> Unwanted {
        self.found(|wishes| wishes.unwanted).await
    }

    /// Whether the run is to hold still.
    pub(super) fn is_paused(&self) -> bool {
        self.changes.borrow().is_paused
    }

    /// Done when the run is not to hold still any more.
    pub(super) async fn resumed(&self) {
        self.found(|wishes| (!wishes.is_paused).then_some(())).await;
    }

    /// From now on an answer to that is waited for.
    pub(super) fn asks(&self, wait: &str) {
        self.control.0.send_modify(|wishes| {
            wishes.asked = Some(wait.to_owned());
            wishes.answer = None;
        });
    }

    /// Done when somebody answered.
    pub(super) async fn answered(&self) -> Answer {
        self.found(|wishes| wishes.answer.clone()).await
    }

    /// No answer is waited for any more.
    pub(super) fn asks_nothing(&self) {
        self.control.0.send_modify(|wishes| (wishes.asked, wishes.answer) = (None, None));
    }

    async fn found<T>(&self, find: impl Fn(&Wishes) -> Option<T>) -> T {
        let mut changes = self.changes.clone();
        loop {
            let found = find(&changes.borrow_and_update());
            if let Some(found) = found {
                return found;
            }
            if changes.changed().await.is_err() {
                // This side holds the other one, too.
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Answer {
        Answer::Reply(text.to_owned())
    }

    #[tokio::test]
    async fn the_first_answer_to_what_is_asked_counts() {
        let (control, wanted) = Control::new();
        control.answer("ask-1", reply("too early"));
        wanted.asks("ask-1");
        control.answer("ask-0", reply("to something else"));
        control.answer("ask-1", reply("first"));
        control.answer("ask-1", reply("second"));
        assert_eq!(wanted.answered().await, reply("first"));
        wanted.asks_nothing();
        control.answer("ask-1", reply("too late"));
        wanted.asks("ask-2");
        control.answer("ask-2", reply("next"));
        assert_eq!(wanted.answered().await, reply("next"));
    }

    #[tokio::test]
    async fn a_paused_run_goes_on_and_the_first_reason_to_end_counts() {
        let (control, wanted) = Control::new();
        control.pause(true);
        assert!(wanted.is_paused());
        let both = async { tokio::join!(wanted.resumed(), async { control.pause(false) }).0 };
        both.await;
        assert!(!wanted.is_paused());
        control.end(Unwanted::Cancelled);
        control.end(Unwanted::Stopping);
        assert_eq!(wanted.unwanted().await, Unwanted::Cancelled);
    }
}
