//! In front of a browser: what is done there goes to the core, and so does how it ends.

use pilothouse_core::{
    browsers::{Parting, Steer},
    ids::SessionId,
};
use pilothouse_protocols::CloseCode;

use super::{connection::Connection, event_loop::EventLoop};
use crate::telemetry::Ending;

impl Connection {
    /// Does something in front of a session's browser.
    pub(super) fn steer(&self, event_loop: &EventLoop, session: &SessionId, steer: Steer) {
        let mut state = self.state.borrow_mut();
        state.is_in_front = true;
        if let Some(caller) = &state.caller {
            event_loop.shared.hub.with(|core, now| core.steer(caller, session, steer, now));
        }
    }

    /// It is no more in front of anything.
    pub(super) fn part(&self, event_loop: &EventLoop) {
        if !self.state.borrow().is_in_front {
            return;
        }
        let parting = self.ending.get().map_or(Parting::Broken, parting);
        event_loop.shared.hub.with(|core, now| core.parted(self.id, parting, now));
    }
}

/// Whoever closes as one does has left. A socket that breaks, or falls silent, leaves somebody behind who comes back.
fn parting(ending: Ending) -> Parting {
    let is = |code: u16, codes: &[CloseCode]| codes.iter().any(|one| one.number() == code);
    match ending {
        Ending::Theirs(None) => Parting::Left,
        Ending::Theirs(Some(code)) if is(code, &[CloseCode::Normal, CloseCode::GoingAway]) => {
            Parting::Left
        }
        Ending::Ours(code) if is(code, &[CloseCode::Expired, CloseCode::Policy]) => {
            Parting::Refused
        }
        Ending::Ours(_) | Ending::Theirs(_) | Ending::Cut => Parting::Broken,
    }
}
