//! A viewer's side: which pictures it wants, how fast, and what it is told besides if it asked for that.

use pilothouse_core::{
    browsers::Tab,
    ids::{RecordingId, SessionId},
    time::{Moment, Steady},
};

use super::{
    inputs,
    messages::{
        StreamTab, StreamWatcher, ViewClientMessage, ViewError, ViewErrorCode, ViewServerMessage,
    },
    steering::{self, Steering},
};
use crate::{
    Action, Actions, CloseCode, Conversation, Input, Opening,
    pictures::{NotShown, Pace, Replay, Shape, Showing, Shown, Status, Viewing, Watcher},
};

/// The most pictures a second that a viewer can ask for.
const MOST_PER_SECOND: f64 = 120.0;
/// How slowly and how fast recordings can be shown.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=16.0;

/// The conversation.
#[derive(Debug, Default)]
pub(super) struct Viewer {
    /// Whether it asked to be told more than pictures.
    hears_news: bool,
    pace: Pace,
    /// Absent for those who were not told who steers.
    steering: Option<Steering>,
    is_closed: bool,
}

impl Conversation for Viewer {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        match input {
            Input::Opened(opening) => self.open(opening, now.steady, actions),
            Input::Text(text) => self.hear(text, now.steady, actions),
            Input::Binary(bytes) => {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    self.hear(text, now.steady, actions);
                }
            }
            Input::Shown(shown) => self.shown(&shown, actions),
            Input::Expired => self.leave("the token has expired", actions),
            Input::Revoked => self.leave("the token was revoked", actions),
            Input::Shutdown => self.close(CloseCode::GoingAway, actions),
            Input::Notice(notice) => {
                if let Some(steering) = &mut self.steering {
                    steering.notice(notice, now.steady, actions);
                }
            }
            Input::Answer(Err(refusal)) => steering::refuse(&refusal, actions),
            Input::TooFast { .. }
            | Input::Verified(_)
            | Input::Answer(Ok(_))
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Listening(_)
            | Input::Heard { .. }
            | Input::Missed(_)
            | Input::Woke => {}
        }
    }
}

impl Viewer {
    fn open(&mut self, opening: &Opening, now: Steady, actions: &mut Actions) {
        let query = |name: &str| {
            opening.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let stream = opening.parameters.first().and_then(|id| SessionId::new(id).ok());
        let Some(stream) = stream else { return self.close(CloseCode::InvalidSession, actions) };
        self.hears_news = query("events") == Some("1");
        let shape = match (query("binary"), self.hears_news) {
            (Some("1"), _) => Shape::Binary,
            (_, true) => Shape::Numbered,
            (_, false) => Shape::Plain,
        };
        self.pace = Pace {
            most_per_second: query("maxFps").and_then(|text| text.parse().ok()).and_then(rate),
            by_acknowledgement: query("pacing") == Some("ack"),
        };
        let replay = match query("replay").map(RecordingId::new) {
            None => None,
            Some(Ok(recording)) => {
                let speed = query("speed").and_then(|text| text.parse().ok());
                let speed = speed.filter(|speed| SPEEDS.contains(speed)).unwrap_or(1.0);
                Some(Replay { recording, speed })
            }
            Some(Err(_)) => return self.refused(NotShown::NoRecording, actions),
        };
        let session = stream.clone();
        let viewing =
            Viewing { stream, shape, pace: self.pace, hears_news: self.hears_news, replay };
        let is_live = viewing.replay.is_none();
        actions.push(Action::Showing(Showing::View(viewing)));
        if self.hears_news && is_live {
            self.steering = Some(Steering::begin(session, opening.connection, now, actions));
        }
    }

    /// What cannot be read, or is of another type, means nothing.
    fn hear(&mut self, text: &str, now: Steady, actions: &mut Actions) {
        if !self.hears_news && !self.pace.by_acknowledgement {
            return;
        }
        match serde_json::from_str(text) {
            Ok(ViewClientMessage::Ack { seq }) => {
                actions.push(Action::Showing(Showing::Taken(seq)));
            }
            Ok(ViewClientMessage::Config { max_fps, pacing }) => {
                self.configure(max_fps, pacing.as_deref(), actions);
            }
            Ok(ViewClientMessage::Status) => actions.push(Action::Showing(Showing::Status)),
            Ok(other) => self.steer(other, now, actions),
            Err(_) => {}
        }
    }

    fn steer(&mut self, message: ViewClientMessage, now: Steady, actions: &mut Actions) {
        let Some(steering) = &mut self.steering else { return };
        let input = match message {
            ViewClientMessage::InputMouse(input) => inputs::mouse(&input),
            ViewClientMessage::InputKeyboard(input) => inputs::keyboard(input),
            ViewClientMessage::InputTouch(input) => inputs::touch(&input),
            ViewClientMessage::InputClipboard(input) => inputs::paste(input),
            ViewClientMessage::InputCopy => pilothouse_core::browsers::Input::Copy,
            ViewClientMessage::Control(request) => return steering.asks(&request, now, actions),
            ViewClientMessage::Resize(size) => return steering.resizes(size, now, actions),
            ViewClientMessage::Ack { .. }
            | ViewClientMessage::Config { .. }
            | ViewClientMessage::Status => return,
        };
        steering.does(input, actions);
    }

    fn configure(&mut self, max_fps: Option<f64>, pacing: Option<&str>, actions: &mut Actions) {
        let mut pace = self.pace;
        pace.most_per_second = max_fps.and_then(rate).or(pace.most_per_second);
        pace.by_acknowledgement = match pacing {
            Some("ack") => true,
            Some("none") => false,
            Some(_) | None => pace.by_acknowledgement,
        };
        if pace != self.pace {
            self.pace = pace;
            actions.push(Action::Showing(Showing::Pace(pace)));
        }
    }

    fn shown(&mut self, shown: &Shown<'_>, actions: &mut Actions) {
        match shown {
            Shown::Refused(reason) => self.refused(*reason, actions),
            Shown::Status(status) => self.say(&status_message(status), actions),
            Shown::Tabs(tabs) => {
                let tabs = tabs.iter().map(StreamTab::from).collect();
                self.say(&ViewServerMessage::Tabs { tabs }, actions);
            }
            Shown::Watchers(watchers) => {
                let watchers = watchers.iter().map(StreamWatcher::from).collect();
                self.say(&ViewServerMessage::Watchers { watchers }, actions);
            }
            Shown::ReplayEnded => self.close(CloseCode::Normal, actions),
            Shown::Superseded => {}
        }
    }

    fn refused(&mut self, reason: NotShown, actions: &mut Actions) {
        let code = match reason {
            NotShown::NoRecording => {
                let message = "there is no such recording of this session".to_owned();
                let code = ViewErrorCode::RecordingNotFound;
                self.say(&ViewServerMessage::Error(ViewError { code, message }), actions);
                CloseCode::InvalidSession
            }
            NotShown::Session => CloseCode::InvalidSession,
            NotShown::Credential => CloseCode::Policy,
            NotShown::Occupied | NotShown::Full => CloseCode::Overloaded,
        };
        self.close(code, actions);
    }

    fn leave(&mut self, message: &str, actions: &mut Actions) {
        let error = ViewError { code: ViewErrorCode::TokenExpired, message: message.to_owned() };
        self.say(&ViewServerMessage::Error(error), actions);
        self.close(CloseCode::Expired, actions);
    }

    /// Nothing but pictures to those who did not ask for more.
    fn say(&self, message: &ViewServerMessage, actions: &mut Actions) {
        if self.hears_news {
            steering::say(message, actions);
        }
    }

    fn close(&mut self, code: CloseCode, actions: &mut Actions) {
        self.is_closed = true;
        actions.push(Action::Close(code));
    }
}

/// A rate within what makes sense.
fn rate(wanted: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is between 1 and the most"
    )]
    let rate = |wanted: f64| wanted.clamp(1.0, MOST_PER_SECOND) as u32;
    wanted.is_finite().then(|| rate(wanted))
}

fn status_message(status: &Status) -> ViewServerMessage {
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    ViewServerMessage::Status {
        session_id: status.stream.as_ref().map(ToString::to_string).unwrap_or_default(),
        live: status.is_live,
        reason: text(&status.reason),
        viewport_width: status.viewport.map(|(width, _)| width),
        viewport_height: status.viewport.map(|(_, height)| height),
        url: text(&status.url),
        title: text(&status.title),
        recording: status.is_recorded,
    }
}

impl From<&Tab> for StreamTab {
    fn from(tab: &Tab) -> Self {
        Self {
            id: tab.id.to_string(),
            title: tab.title.to_string(),
            url: tab.url.to_string(),
            active: tab.is_active,
        }
    }
}

impl From<&Watcher> for StreamWatcher {
    fn from(watcher: &Watcher) -> Self {
        Self {
            name: watcher.name.to_string(),
            role: watcher.role.to_owned(),
            connections: watcher.connections,
        }
    }
}
