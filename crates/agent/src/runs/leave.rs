//! Leave that a run needs from people before its browser sends something away. One is asked for at a time.

use std::{collections::VecDeque, sync::Arc};

use pilothouse_core::ids::RunId;
use pilothouse_protocols::agent_link::runs::{RunWaitKind, RunWaits};
use tokio::time::Instant;

use super::{control::Answer, secrets::Secrets};
use crate::browsers::{Happening, Over, Permission, Wanted};

/// What a run's permission wants to know, and in which order.
pub(super) struct Leave {
    permission: Permission,
    secrets: Arc<Secrets>,
    /// What is wanted and not over, with the end of its time. Bounded by the permission.
    wanted: VecDeque<(Wanted, Instant)>,
    /// What people are asked just now.
    asked: Option<String>,
}

/// What people are to be asked.
pub(super) enum Next {
    /// What they are asked already.
    Same,
    /// This, until then.
    Asks(RunWaits, Instant),
    /// Nothing any more.
    Nothing,
}

impl Leave {
    pub(super) fn new(permission: Permission, secrets: Arc<Secrets>) -> Self {
        Self { permission, secrets, wanted: VecDeque::new(), asked: None }
    }

    /// The next news of the permission.
    pub(super) async fn happened(&self) -> Happening {
        self.permission.happened().await
    }

    /// Takes news in.
    pub(super) fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Wanted(wanted) => {
                self.wanted.push_back((wanted, Instant::now() + self.permission.timeout()));
            }
            Happening::Over(Over { id, .. }) => self.wanted.retain(|(wanted, _)| wanted.id != id),
        }
    }

    /// Whether something waits for an answer.
    pub(super) fn is_asking(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// What is to be asked from now on.
    pub(super) fn next(&mut self, run: &RunId) -> Next {
        let first = self.wanted.front();
        let name = first.map(|(wanted, _)| format!("send-{}", wanted.id));
        if name == self.asked {
            return Next::Same;
        }
        self.asked.clone_from(&name);
        match (first, name) {
            (Some((wanted, until)), Some(name)) => {
                let wait = RunWaits {
                    run: run.as_str().to_owned(),
                    wait: name,
                    kind: RunWaitKind::Approval,
                    text: self.secrets.hide(&wanted.text),
                    timeout: None,
                    method: Some(wanted.method.clone()),
                    url: Some(self.secrets.hide(&wanted.url)),
                };
                Next::Asks(wait, *until)
            }
            _ => Next::Nothing,
        }
    }

    /// People were asked something else meanwhile.
    pub(super) fn was_hidden(&mut self) {
        self.asked = None;
    }

    /// Somebody answered what was asked. One that is over meanwhile has no answer.
    pub(super) fn answer(&self, answer: Answer) {
        let Answer::Verdict { granted, reason, always } = answer else { return };
        let Some((wanted, _)) = self.wanted.front() else { return };
        let _ = if always {
            self.permission.decide_for_host(&wanted.id, granted, reason)
        } else {
            self.permission.decide(&wanted.id, granted, reason)
        };
    }

    /// What did not go out since this was asked last.
    pub(super) fn notes(&self) -> Vec<String> {
        self.permission.take_notes()
    }
}
