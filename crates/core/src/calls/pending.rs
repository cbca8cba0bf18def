//! Calls that wait for their agents' answers.

use std::sync::Arc;

use super::{CallRefusal, Found, Request};
use crate::{
    Asked, Caller, Core, CoreError, Delivery, Reply,
    agents::Order,
    ids::{AgentId, ConnectionId},
    time::{Moment, Steady},
};

/// How many calls may wait. Overflow rule: further ones are refused.
const MOST_PENDING: usize = 1_000;

/// One call on its way.
#[derive(Debug)]
struct Pending {
    number: u64,
    agent: AgentId,
    connection: ConnectionId,
    due: Steady,
}

/// All calls on their way.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pending: Vec<Pending>,
    last: u64,
}

impl Calls {
    /// The number of the next call. An answer to one that nobody waits for is dropped.
    pub(crate) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// When the first of them has waited long enough.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        self.pending.iter().map(|call| call.due).min()
    }

    /// Nobody waits there for an answer any more.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.pending.retain(|call| call.connection != connection);
    }
}

impl Core {
    pub(crate) fn call(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        if let Err(refusal) = self.check_linked(&request.agent) {
            return Asked::Answered(Err(refusal));
        }
        if self.calls.pending.len() >= MOST_PENDING {
            let refusal =
                CoreError::LimitReached("too many questions to agents at once; try again");
            return Asked::Answered(Err(refusal));
        }
        let number = self.calls.number();
        self.calls.pending.push(Pending {
            number,
            agent: request.agent.clone(),
            connection: caller.connection,
            due: now.steady + request.within,
        });
        let what = Arc::new(request.call);
        self.order(&request.agent, Order::Call { call: number, within: request.within, what });
        Asked::AfterCommit
    }

    pub(crate) fn called(
        &mut self,
        agent: &AgentId,
        number: u64,
        answer: Result<Found, CallRefusal>,
    ) {
        let is_it = |call: &Pending| call.number == number && call.agent == *agent;
        let Some(place) = self.calls.pending.iter().position(is_it) else { return };
        let call = self.calls.pending.swap_remove(place);
        let answer = answer.map(Reply::Called).map_err(CoreError::CallRefused);
        self.deliver(call.connection, Delivery::Answer(answer));
    }

    /// Calls to an agent that is gone are not answered any more.
    pub(crate) fn fail_calls(&mut self, agent: &AgentId) {
        self.give_up(|call| call.agent == *agent, |call| CoreError::AgentOffline(call.agent));
    }

    /// Calls that waited long enough are not answered any more.
    pub(crate) fn expire_calls(&mut self, now: Steady) {
        self.give_up(|call| call.due <= now, |call| CoreError::CallTimedOut(call.agent));
    }

    fn give_up(
        &mut self,
        is_over: impl Fn(&Pending) -> bool,
        refusal: impl Fn(Pending) -> CoreError,
    ) {
        let all = std::mem::take(&mut self.calls.pending);
        let (over, rest) = all.into_iter().partition::<Vec<_>, _>(is_over);
        self.calls.pending = rest;
        for call in over {
            let connection = call.connection;
            self.deliver(connection, Delivery::Answer(Err(refusal(call))));
        }
    }
}
