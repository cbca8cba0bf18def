//! A viewer who steers, or wants to: what is asked, done, told and refused.

use std::time::Duration;

use pilothouse_core::{
    CoreError, Notice, Request,
    browsers::{self, Input, Steer, SteeringAct},
    fanout::MessageKind,
    ids::{ConnectionId, SessionId},
    time::Steady,
};

use super::{
    inputs,
    messages::{
        ClipboardText, ControlAction, ControlRequest, ControlState, PageSize, ViewError,
        ViewErrorCode, ViewServerMessage,
    },
};
use crate::{Action, Actions, rate::Bucket};

/// How long nobody is told again that an input had no effect: inputs come by the hundred.
const BETWEEN_REFUSALS: Duration = Duration::from_secs(1);
/// How often in a second one viewer may ask for control, or for pages of another size.
const ASKS_PER_SECOND: u32 = 10;

/// One viewer in front of one session's browser.
#[derive(Debug)]
pub(super) struct Steering {
    session: SessionId,
    own: ConnectionId,
    /// When it may be told the next time that an input had no effect.
    refuses_from: Steady,
    /// The door has no rate of its own, but what is asked here leaves records and reaches the agent.
    asks: Bucket,
}

impl Steering {
    /// The viewer comes.
    pub(super) fn begin(
        session: SessionId,
        own: ConnectionId,
        now: Steady,
        actions: &mut Actions,
    ) -> Self {
        actions.push(Action::Steer(session.clone(), Steer::Arrive));
        let asks = Bucket::new(ASKS_PER_SECOND, Duration::from_secs(1), now);
        Self { session, own, refuses_from: Steady(0), asks }
    }

    pub(super) fn does(&self, input: Input, actions: &mut Actions) {
        actions.push(Action::Steer(self.session.clone(), Steer::Input(input)));
    }

    pub(super) fn resizes(&mut self, size: PageSize, now: Steady, actions: &mut Actions) {
        if size.width.is_finite() && size.height.is_finite() && self.may_ask(now, actions) {
            let viewport = inputs::viewport(size);
            actions.push(Action::Steer(self.session.clone(), Steer::Resize(viewport)));
        }
    }

    /// Asks for something. A number that is none is nobody's.
    pub(super) fn asks(&mut self, request: &ControlRequest, now: Steady, actions: &mut Actions) {
        if request.action != ControlAction::Renew && !self.may_ask(now, actions) {
            return;
        }
        let id = request.id.as_ref().map(|id| id.parse().unwrap_or(0));
        let act = match request.action {
            ControlAction::Request => SteeringAct::Request,
            ControlAction::Release => SteeringAct::Release,
            ControlAction::Grant => SteeringAct::Grant { id },
            ControlAction::Decline => SteeringAct::Decline { id },
            ControlAction::Take => SteeringAct::Take,
            ControlAction::Renew => {
                return actions.push(Action::Steer(self.session.clone(), Steer::Renew));
            }
        };
        let session = self.session.clone();
        actions.push(Action::Ask(Request::Browsers(browsers::Request::Steer { session, act })));
    }

    fn may_ask(&mut self, now: Steady, actions: &mut Actions) -> bool {
        let may = self.asks.take(now).is_ok();
        if !may {
            let refusal = CoreError::LimitReached("too many requests at once; try again");
            self.refuse_now_and_then(&refusal, now, actions);
        }
        may
    }

    fn refuse_now_and_then(&mut self, refusal: &CoreError, now: Steady, actions: &mut Actions) {
        if self.refuses_from <= now {
            self.refuses_from = now + BETWEEN_REFUSALS;
            refuse(refusal, actions);
        }
    }

    /// What the core has to tell.
    pub(super) fn notice(&mut self, notice: &Notice, now: Steady, actions: &mut Actions) {
        match notice {
            Notice::Lease { lease, may_steer } => {
                let state = ControlState::of(lease, self.own, *may_steer);
                say(&ViewServerMessage::Control(state), actions);
            }
            Notice::Copied(copied) => {
                let text = ClipboardText { text: copied.text.to_string() };
                say(&ViewServerMessage::Clipboard(text), actions);
            }
            Notice::NotSteered(refusal) => self.refuse_now_and_then(refusal, now, actions),
            _ => {}
        }
    }
}

/// Says why something was not done.
pub(super) fn refuse(refusal: &CoreError, actions: &mut Actions) {
    let code = match refusal {
        CoreError::NotInControl | CoreError::SteeredByOther(_) => ViewErrorCode::NotInControl,
        CoreError::Forbidden(_) => ViewErrorCode::Forbidden,
        CoreError::LimitReached(_) => ViewErrorCode::LimitReached,
        _ => ViewErrorCode::Invalid,
    };
    say(&ViewServerMessage::Error(ViewError { code, message: refusal.to_string() }), actions);
}

pub(super) fn say(message: &ViewServerMessage, actions: &mut Actions) {
    let payload =
        serde_json::to_vec(message).expect("the message has text keys, and a Vec takes every byte");
    actions.push(Action::Send { kind: MessageKind::Text, payload: payload.into() });
}
