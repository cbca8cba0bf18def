//! Browsers open, change and go, as people ask and agents tell.

use std::{sync::Arc, time::Duration};

use super::{Act, Browser, Event, LONGEST_URL, Order, Report, Request, Seen, State};
use crate::{
    Asked, Caller, Core, CoreError, Event as Fact, agents,
    calls::{self, Call, CallRefusal, RefusalCause},
    ids::{AgentId, RunId, SessionId},
    time::Moment,
};

/// What an agent that has a browser says it can.
const CAPABILITY: &str = "browser";
/// How long an agent has for what nobody waits for.
const UNASKED_WITHIN: Duration = Duration::from_secs(30);

impl Core {
    /// A session's browser, as its agent told last.
    pub fn browser(&self, session: &SessionId) -> Option<&Arc<Browser>> {
        self.browsers.get(session)
    }

    /// Grows with every change of any session's browser.
    pub fn browsers_version(&self) -> u64 {
        self.browsers.version()
    }

    /// Who has the browser that is called so, if it may have one: the session's agent, or that of a live run which does not
    /// use a session's browser and gives its own the run's name.
    pub(crate) fn agent_of_browser(&self, id: &SessionId) -> Option<&AgentId> {
        let of_run = || {
            let run = &self.runs.get(&RunId::new(id.as_str()).ok()?)?.run;
            run.session.is_none().then_some(&run.agent)
        };
        self.sessions.get(id).map(|session| &session.agent).or_else(of_run)
    }

    /// How many pictures a second the fastest viewer of a session's browser wants; 0 if nobody watches.
    pub fn want_pictures(&mut self, session: &SessionId, fps: u32) {
        if !self.browsers.want(session, fps) {
            return;
        }
        if let Some(agent) = self.agent_of_browser(session).cloned() {
            let session = session.clone();
            self.order(&agent, agents::Order::Browser(Order::Wanted { session, fps }));
        }
    }

    pub(crate) fn ask_browsers(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let (session, act, within) = match request {
            Request::Act { session, act, within } => (session, act, within),
            Request::Steer { session, act } => {
                return self.ask_to_steer(caller, &session, act, now);
            }
        };
        let checked = self.check_steered(caller, &session, &act);
        let agent = match checked.and_then(|()| self.check_act(&session, &act)) {
            Ok(agent) => agent,
            Err(refusal) => return Asked::Answered(Err(refusal)),
        };
        self.call(
            caller,
            calls::Request { agent, call: Call::Browser { session, act }, within },
            now,
        )
    }

    /// Whether that can be asked of that session's browser at all.
    fn check_act(&self, id: &SessionId, act: &Act) -> Result<AgentId, CoreError> {
        let agent = self.agent_of_browser(id);
        let agent = agent.ok_or_else(|| CoreError::SessionNotFound(id.clone()))?;
        if act.url().is_some_and(|url| url.len() > LONGEST_URL || url.contains(char::is_control)) {
            return Err(CoreError::Invalid(
                "an address has at most 8192 bytes and no control characters",
            ));
        }
        self.check_linked(agent)?;
        if let Act::Open { .. } = act {
            if self.sessions.get(id).is_none() {
                return Err(CoreError::Invalid("a run opens its browser itself"));
            }
            self.check_not_stopped(agent)?;
            self.check_can_browse(agent)?;
        } else if self.browsers.get(id).is_none() {
            return Err(refused(
                RefusalCause::NotFound,
                "the session has no browser; open it first",
            ));
        }
        Ok(agent.clone())
    }

    fn check_can_browse(&self, agent: &AgentId) -> Result<(), CoreError> {
        let known = self.agents.get(agent);
        let can = known.is_some_and(|known| {
            known.agent.profile.capabilities.iter().any(|it| &**it == CAPABILITY)
        });
        if can {
            return Ok(());
        }
        let reason = "the agent found no browser on its machine; install Chromium there and restart the agent";
        Err(refused(RefusalCause::Unsupported, reason))
    }

    pub(crate) fn browser_report(&mut self, agent: &AgentId, report: Report, now: Moment) {
        match report {
            Report::Seen(seen) => self.browser_seen(agent, *seen, now),
            Report::Gone(session) => {
                if self.browsers.get(&session).is_some_and(|browser| browser.agent == *agent) {
                    self.browser_gone(&session, now);
                }
            }
            Report::Took { session, epoch, count } => {
                if self.browsers.get(&session).is_some_and(|browser| browser.agent == *agent) {
                    self.inputs_taken(&session, epoch, count);
                }
            }
            Report::Copied(copied) => {
                let known = self.browsers.get(&copied.session);
                if known.is_some_and(|browser| browser.agent == *agent) {
                    self.copied(copied);
                }
            }
        }
    }

    fn browser_seen(&mut self, agent: &AgentId, seen: Seen, now: Moment) {
        if self.agent_of_browser(&seen.session) != Some(agent) {
            // Its session was deleted, or its run ended, meanwhile: then nobody can watch or close it.
            return self.close_unasked(agent, seen.session);
        }
        let before = self.browsers.get(&seen.session);
        let since = before.filter(|before| before.state == seen.state).map(|before| before.since);
        let browser = Browser {
            session: seen.session,
            agent: agent.clone(),
            state: seen.state,
            url: seen.url,
            title: seen.title,
            tabs: seen.tabs,
            viewport: seen.viewport,
            incident: seen.incident,
            since: since.unwrap_or(now.wall),
        };
        if before.is_some_and(|before| **before == browser) {
            return;
        }
        let is_new = before.is_none();
        let browser = Arc::new(browser);
        self.browsers.put(browser.clone());
        // It opened after its viewers came.
        let fps = self.browsers.wanted(&browser.session);
        if (is_new || since.is_none() && browser.state == State::Open) && fps > 0 {
            let session = browser.session.clone();
            self.order(agent, agents::Order::Browser(Order::Wanted { session, fps }));
        }
        self.show(Fact::Browsers(Event::Changed(browser)), now);
    }

    fn browser_gone(&mut self, session: &SessionId, now: Moment) {
        if self.browsers.remove(session) {
            self.end_steering(session, now);
            self.show(Fact::Browsers(Event::Gone(session.clone())), now);
        }
    }

    /// The session is deleted, or the run is over that had a browser of its own: so is what the browser showed.
    pub(crate) fn end_browser(&mut self, agent: &AgentId, session: &SessionId, now: Moment) {
        self.browsers.want(session, 0);
        if self.browsers.get(session).is_some() {
            self.close_unasked(agent, session.clone());
            self.browser_gone(session, now);
        }
        self.forget_steering(session);
    }

    /// The agent is stopped, and nothing of it is to run.
    pub(crate) fn close_browsers(&mut self, agent: &AgentId) {
        for session in self.browsers.of_agent(agent) {
            self.close_unasked(agent, session);
        }
    }

    fn close_unasked(&mut self, agent: &AgentId, session: SessionId) {
        self.act_unasked(agent, session, Act::Close);
    }

    /// Has a browser do something whose answer nobody waits for.
    pub(super) fn act_unasked(&mut self, agent: &AgentId, session: SessionId, act: Act) {
        let what = Arc::new(Call::Browser { session, act });
        let call = self.calls.number();
        self.order(agent, agents::Order::Call { call, within: UNASKED_WITHIN, what });
    }

    /// An agent has linked, and says which browsers it has.
    pub(crate) fn settle_browsers(&mut self, agent: &AgentId, held: &[Seen], now: Moment) {
        self.browsers.is_back(agent);
        for session in self.browsers.of_agent(agent) {
            if held.iter().all(|seen| seen.session != session) {
                self.browser_gone(&session, now);
            }
        }
        for seen in held {
            self.browser_seen(agent, seen.clone(), now);
            let (session, fps) = (seen.session.clone(), self.browsers.wanted(&seen.session));
            self.order(agent, agents::Order::Browser(Order::Wanted { session, fps }));
            self.resume_steering(&seen.session, now);
        }
    }

    /// An agent is away. Its browsers go on without a link, and so does what is known of them for a while.
    pub(crate) fn expect_browsers(&mut self, agent: &AgentId, now: Moment) {
        self.browsers.expect(agent, now.steady + self.settings.lost_after);
    }

    /// The agent's process died, and its browsers with it.
    pub(crate) fn lose_browsers(&mut self, agent: &AgentId, now: Moment) {
        self.browsers.is_back(agent);
        for session in self.browsers.of_agent(agent) {
            self.browser_gone(&session, now);
        }
    }

    /// Agents that stayed away too long have no browsers any more.
    pub(crate) fn lose_overdue_browsers(&mut self, now: Moment) {
        for agent in self.browsers.take_overdue(now.steady) {
            self.lose_browsers(&agent, now);
        }
    }
}

fn refused(cause: RefusalCause, reason: &str) -> CoreError {
    CoreError::CallRefused(CallRefusal { cause, reason: reason.into() })
}
