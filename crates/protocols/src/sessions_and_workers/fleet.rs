//! The fleet's sessions as `/ws/app` tells them.

use pilothouse_core::{
    Event, Published,
    fanout::{Language, MessageKind, Messages, Resync},
    sessions::{self, Activity},
    time::Timestamp,
    view::View,
};

use super::messages::{AppServerMessage, WorkerActivity};

/// All sessions, and what their agent workers do.
#[derive(Debug)]
pub struct App;

/// The one instance: viewers that watch in the same language share its bytes.
pub static APP: App = App;

impl Language for App {
    fn name(&self) -> &'static str {
        "sessions_app"
    }

    fn event(&self, published: &Published, out: &mut Messages) {
        match &published.event {
            Event::Sessions(sessions::Event::Created(session)) => {
                say(out, &AppServerMessage::SessionCreated { session: session.as_ref().into() });
            }
            Event::Sessions(sessions::Event::Updated(session)) => {
                say(out, &AppServerMessage::SessionUpdated { session: session.as_ref().into() });
            }
            Event::Sessions(sessions::Event::Deleted(session)) => {
                let session_id = session.id.as_str().into();
                say(out, &AppServerMessage::SessionDeleted { session_id });
            }
            // An agent that has ended, or was started anew, asks nothing any more.
            Event::Sessions(
                sessions::Event::Activity(worker)
                | sessions::Event::Ended(worker)
                | sessions::Event::Restarted(worker),
            ) => {
                if let Some(activity) = WorkerActivity::of(worker) {
                    say(out, &AppServerMessage::WorkerActivity(activity));
                }
            }
            // The session is told beside a removal; sizes and viewers are for those in front of the terminal.
            Event::Sessions(
                sessions::Event::Removed(_)
                | sessions::Event::Resized(_)
                | sessions::Event::Viewers(_)
                | sessions::Event::Repositories(_),
            )
            | Event::Agents(_)
            | Event::Commands(_)
            | Event::Output(_)
            | Event::Attention(_)
            | Event::AgentTypes(_)
            | Event::Audit(_)
            | Event::Browsers(_)
            | Event::Said(_)
            | Event::Beat
            | Event::Control(_)
            | Event::Presets(_)
            | Event::Readiness(_)
            | Event::Runs(_) => {}
        }
    }

    fn snapshot(&self, view: &View, _at: Timestamp, out: &mut Messages) {
        let workers = view.sessions().flat_map(|session| session.workers.iter());
        let seen = workers.filter(|worker| worker.activity != Activity::Unknown);
        let sync = AppServerMessage::SessionsSync {
            sessions: view.sessions().map(|session| session.as_ref().into()).collect(),
            activity_states: seen.filter_map(|worker| WorkerActivity::of(worker)).collect(),
        };
        say(out, &sync);
    }

    fn resync(&self, view: &View, _resync: &Resync, at: Timestamp, out: &mut Messages) {
        self.snapshot(view, at, out);
    }

    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
}

fn say(out: &mut Messages, message: &AppServerMessage) {
    out.push(MessageKind::Text, |out| write(message, out));
}

/// Appends a message.
pub(super) fn write(message: &impl serde::Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, message)
        .expect("the messages have text keys, and a Vec takes every byte");
}
