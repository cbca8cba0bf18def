//! People steer browsers: what they ask, what comes of it by itself, and what they do while they steer.
//!
//! What is asked passes [`Core::ask`]. What is done in a browser does not: it is too much for the audit, which has who
//! steered from when to when.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use super::{
    Act, Claims, Copied, Event, Happened, Input, Lease, Order, Parting, Viewport, inputs::Inputs,
};
use crate::{
    Asked, Caller, Core, CoreError, Delivery, Event as Fact, Notice, Reply, Role, agents,
    audit::{AuditRecord, AuditResult},
    ids::{AgentId, ConnectionId, SessionId},
    time::{Moment, Steady},
};

/// Who the audit names for what nobody asked for.
const NOBODY: &str = "system";

/// What can be asked about who steers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SteeringAct {
    /// Steer: at once if nobody does, otherwise when whoever does agrees.
    Request,
    /// Let somebody who waits steer.
    Grant {
        /// The request's number; the first one if absent.
        id: Option<u64>,
    },
    /// Go on steering, whoever waits.
    Decline {
        /// The request's number; the first one if absent.
        id: Option<u64>,
    },
    /// Steer no longer, or wait for it no longer.
    Release,
    /// Steer, whoever does.
    Take,
}

/// What somebody in front of a browser does there without asking.
#[derive(Clone, PartialEq)]
pub enum Steer {
    /// Comes.
    Arrive,
    /// Is still there.
    Renew,
    /// Does this to the page.
    Input(Input),
    /// Wants pages of another size.
    Resize(Viewport),
}

/// Who steers which browser, and who hears of it.
#[derive(Debug, Default)]
pub(crate) struct Steering {
    /// Bounded by browsers.
    steered: BTreeMap<SessionId, Steered>,
    /// Those in front of each browser. Bounded by connections, each of which is in front of one.
    audiences: BTreeMap<SessionId, Vec<Caller>>,
    places: BTreeMap<ConnectionId, SessionId>,
}

#[derive(Debug)]
struct Steered {
    claims: Claims,
    inputs: Inputs,
    /// What everybody was told last.
    told: Arc<Lease>,
    /// Which turn the agent was told last.
    epoch: u64,
}

impl Steering {
    /// When something here is due.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        self.steered.values().filter_map(|steered| steered.claims.next_due()).min()
    }
}

impl Core {
    /// Who steers a session's browser; absent if nobody did yet.
    pub fn lease(&self, session: &SessionId) -> Option<&Arc<Lease>> {
        self.steering.steered.get(session).map(|steered| &steered.told)
    }

    pub(super) fn ask_to_steer(
        &mut self,
        caller: &Caller,
        session: &SessionId,
        act: SteeringAct,
        now: Moment,
    ) -> Asked {
        Asked::Answered(self.steering_act(caller, session, act, now).map(|()| Reply::Done))
    }

    fn steering_act(
        &mut self,
        caller: &Caller,
        session: &SessionId,
        act: SteeringAct,
        now: Moment,
    ) -> Result<(), CoreError> {
        if self.agent_of_browser(session).is_none() {
            return Err(CoreError::SessionNotFound(session.clone()));
        }
        if self.browsers.get(session).is_none() {
            return Err(CoreError::Invalid("the session has no browser that could be steered"));
        }
        let claims = &mut self.steered(session, now).claims;
        let happened = match act {
            SteeringAct::Request => claims.request(caller, now)?,
            SteeringAct::Grant { id } => {
                claims.grant(caller, id, now)?;
                Vec::new()
            }
            SteeringAct::Decline { id } => {
                claims.decline(caller, id, now)?;
                Vec::new()
            }
            SteeringAct::Release => claims.release(caller, now)?,
            SteeringAct::Take => {
                claims.take(caller, now);
                Vec::new()
            }
        };
        self.settle_steering(session, happened, now);
        Ok(())
    }

    /// What the audit says of it beside whose browser it is about.
    pub(crate) fn steering_detail(&self, session: &SessionId, act: &SteeringAct) -> Arc<str> {
        let claims = self.steering.steered.get(session).map(|steered| &steered.claims);
        let about = match act {
            SteeringAct::Grant { id } | SteeringAct::Decline { id } => {
                claims.and_then(|claims| claims.asking(*id))
            }
            SteeringAct::Request | SteeringAct::Take => claims.and_then(Claims::holder),
            SteeringAct::Release => None,
        };
        about.map_or_else(|| "".into(), |caller| caller.name.clone())
    }

    /// While somebody steers, nobody else does anything to the browser; but an admin may close it.
    pub(super) fn check_steered(
        &self,
        caller: &Caller,
        session: &SessionId,
        act: &Act,
    ) -> Result<(), CoreError> {
        let steered = self.steering.steered.get(session);
        let Some(holder) = steered.and_then(|steered| steered.claims.holder()) else {
            return Ok(());
        };
        let may_close = matches!(act, Act::Close) && caller.is_at_least(Role::Admin);
        if holder.user == caller.user || may_close {
            return Ok(());
        }
        Err(CoreError::SteeredByOther(holder.name.clone()))
    }

    /// Somebody in front of a browser does something there. Nothing happens unless it is whoever steers.
    pub fn steer(&mut self, caller: &Caller, session: &SessionId, steer: Steer, now: Moment) {
        if let Steer::Arrive = steer {
            return self.arrive(caller, session, now);
        }
        let steered = self.steering.steered.get_mut(session);
        let Some(steered) =
            steered.filter(|_| self.browsers.get(session).is_some()).and_then(|steered| {
                steered.claims.touch(caller.connection, now.steady).then_some(steered)
            })
        else {
            if !matches!(steer, Steer::Renew) {
                self.refuse_steering(caller.connection, CoreError::NotInControl);
            }
            return;
        };
        let refused = match steer {
            Steer::Input(input) => steered.inputs.push(input).is_err(),
            Steer::Resize(viewport) => {
                self.resize_steered(session, viewport);
                false
            }
            Steer::Arrive | Steer::Renew => false,
        };
        if refused {
            let refusal = CoreError::LimitReached("the browser does not keep up; wait a moment");
            self.refuse_steering(caller.connection, refusal);
        }
        self.send_inputs(session);
        self.tell_lease(session, now);
        self.release();
    }

    fn refuse_steering(&mut self, connection: ConnectionId, refusal: CoreError) {
        self.deliver(connection, Delivery::Notice(Notice::NotSteered(refusal)));
    }

    fn resize_steered(&mut self, session: &SessionId, viewport: Viewport) {
        let Some(agent) = self.browsers.get(session).map(|browser| browser.agent.clone()) else {
            return;
        };
        self.act_unasked(&agent, session.clone(), Act::Resize(viewport));
    }

    /// Somebody is in front of a browser from now on, and is told who steers it.
    fn arrive(&mut self, caller: &Caller, session: &SessionId, now: Moment) {
        if self.steering.places.insert(caller.connection, session.clone()).is_some() {
            return;
        }
        self.steering.audiences.entry(session.clone()).or_default().push(caller.clone());
        let may_steer = self.may_type(caller);
        let steered = self.steering.steered.get_mut(session);
        let is_back = may_steer && steered.is_some_and(|steered| steered.claims.came(caller, now));
        if is_back {
            // Whatever was held down when the connection broke is let go of.
            self.tell_agent_who_steers(session);
            self.tell_lease(session, now);
        } else {
            let nobody = || Arc::new(Lease::of_nobody(session.clone()));
            let lease = self.lease(session).cloned().unwrap_or_else(nobody);
            self.tell_one(caller.connection, &lease, may_steer);
        }
        self.release();
    }

    fn tell_one(&mut self, connection: ConnectionId, lease: &Arc<Lease>, may_steer: bool) {
        let notice = Notice::Lease { lease: lease.clone(), may_steer };
        self.deliver(connection, Delivery::Notice(notice));
    }

    fn tell_audience(&mut self, lease: &Arc<Lease>) {
        let audience = self.steering.audiences.get(&lease.session).into_iter().flatten();
        let told: Vec<_> =
            audience.map(|caller| (caller.connection, self.may_type(caller))).collect();
        for (connection, may_steer) in told {
            self.tell_one(connection, lease, may_steer);
        }
    }

    /// A connection of somebody in front of a browser is no more.
    pub fn parted(&mut self, connection: ConnectionId, parting: Parting, now: Moment) {
        let Some(session) = self.steering.places.remove(&connection) else { return };
        if let Some(audience) = self.steering.audiences.get_mut(&session) {
            audience.retain(|caller| caller.connection != connection);
            if audience.is_empty() {
                self.steering.audiences.remove(&session);
            }
        }
        if let Some(steered) = self.steering.steered.get_mut(&session) {
            let happened = steered.claims.parted(connection, parting, now);
            self.settle_steering(&session, happened, now);
        }
        self.release();
    }

    /// Somebody's role is another one, or somebody is no user any more.
    pub(crate) fn keep_steering(&mut self, now: Moment) {
        let holders = self.steering.steered.values().flat_map(|steered| steered.claims.people());
        let kept: Vec<_> = holders
            .filter(|caller| self.may_type(caller))
            .map(|caller| caller.connection)
            .collect();
        let may = |caller: &Caller| kept.contains(&caller.connection);
        self.each_steered(now, |claims| claims.keep(may, now));
        // What somebody may do is told beside who steers.
        let leases: Vec<_> = self.steering.steered.values().map(|it| it.told.clone()).collect();
        for lease in &leases {
            self.tell_audience(lease);
        }
    }

    pub(crate) fn advance_steering(&mut self, now: Moment) {
        self.each_steered(now, |claims| claims.advance(now));
    }

    fn each_steered(&mut self, now: Moment, mut change: impl FnMut(&mut Claims) -> Vec<Happened>) {
        let sessions: Vec<_> = self.steering.steered.keys().cloned().collect();
        for session in sessions {
            let Some(steered) = self.steering.steered.get_mut(&session) else { continue };
            let happened = change(&mut steered.claims);
            self.settle_steering(&session, happened, now);
        }
    }

    /// A session's browser is gone, and with it what could be steered.
    pub(super) fn end_steering(&mut self, session: &SessionId, now: Moment) {
        let Some(steered) = self.steering.steered.get_mut(session) else { return };
        let happened = steered.claims.end();
        self.settle_steering(session, happened, now);
    }

    /// The session is deleted. Before that its turns go on being counted, over all browsers that it has.
    pub(super) fn forget_steering(&mut self, session: &SessionId) {
        self.steering.steered.remove(session);
    }

    /// An agent has linked: it learns who steers its browser now, and what it was sent before is not sent again.
    pub(super) fn resume_steering(&mut self, session: &SessionId, now: Moment) {
        if self.browsers.get(session).is_some() {
            self.steered(session, now).inputs.clear();
            self.tell_agent_who_steers(session);
        }
    }

    fn steered(&mut self, session: &SessionId, now: Moment) -> &mut Steered {
        let settings = self.settings.steering;
        self.steering.steered.entry(session.clone()).or_insert_with(|| {
            let claims = Claims::new(session.clone(), settings, now);
            let (told, epoch) = (Arc::new(claims.lease()), claims.epoch());
            Steered { claims, inputs: Inputs::default(), told, epoch }
        })
    }

    /// An agent has done so many inputs of that turn.
    pub(super) fn inputs_taken(&mut self, session: &SessionId, epoch: u64, count: usize) {
        let Some(steered) = self.steering.steered.get_mut(session) else { return };
        if steered.epoch == epoch {
            steered.inputs.took(count);
            self.send_inputs(session);
        }
    }

    /// What was copied goes to whoever asked for it, if that is still who steers.
    pub(super) fn copied(&mut self, copied: Arc<Copied>) {
        let Some(steered) = self.steering.steered.get(&copied.session) else { return };
        let holder = steered.claims.holder().filter(|_| steered.epoch == copied.epoch);
        if let Some(connection) = holder.map(|holder| holder.connection) {
            self.deliver(connection, Delivery::Notice(Notice::Copied(copied)));
        }
    }

    fn send_inputs(&mut self, session: &SessionId) {
        let Some(steered) = self.steering.steered.get_mut(session) else { return };
        let Some(agent) = self.browsers.get(session).map(|browser| browser.agent.clone()) else {
            return;
        };
        let inputs = steered.inputs.take();
        if !inputs.is_empty() {
            let (session, epoch) = (session.clone(), steered.epoch);
            self.order_browser(&agent, Order::Input { session, epoch, inputs: inputs.into() });
        }
    }

    fn tell_agent_who_steers(&mut self, session: &SessionId) {
        let Some(steered) = self.steering.steered.get(session) else { return };
        let (epoch, held) = (steered.claims.epoch(), steered.claims.holder().is_some());
        if let Some(agent) = self.browsers.get(session).map(|browser| browser.agent.clone()) {
            self.order_browser(&agent, Order::Held { session: session.clone(), epoch, held });
        }
    }

    fn order_browser(&mut self, agent: &AgentId, order: Order) {
        self.order(agent, agents::Order::Browser(order));
    }

    /// Tells whoever has to know what became of something, and keeps the records of what nobody asked for.
    fn settle_steering(&mut self, session: &SessionId, happened: Vec<Happened>, now: Moment) {
        for one in happened {
            self.record_steering(session, &one, now);
        }
        let Some(steered) = self.steering.steered.get_mut(session) else { return };
        if steered.epoch != steered.claims.epoch() {
            steered.epoch = steered.claims.epoch();
            steered.inputs.clear();
            self.tell_agent_who_steers(session);
        }
        self.tell_lease(session, now);
    }

    fn tell_lease(&mut self, session: &SessionId, now: Moment) {
        let Some(steered) = self.steering.steered.get_mut(session) else { return };
        let lease = steered.claims.lease();
        if *steered.told != lease {
            steered.told = Arc::new(lease);
            let told = steered.told.clone();
            self.tell_audience(&told);
            self.show(Fact::Browsers(Event::Lease(told)), now);
        }
    }

    fn record_steering(&mut self, session: &SessionId, happened: &Happened, now: Moment) {
        let waited = "nobody answered in time";
        let (action, by, detail) = match happened {
            Happened::Granted(caller) => ("control.grant", None, caller.name.to_string()),
            Happened::Unanswered(caller) => {
                ("control.decline", None, format!("{}: {waited}", caller.name))
            }
            Happened::Left(caller) => ("control.release", Some(caller), String::new()),
            Happened::Expired(caller, why) => {
                ("control.expire", None, format!("{}: {}", caller.name, why.as_str()))
            }
        };
        let agent = self.agent_of_browser(session).cloned();
        let known = agent.as_ref().and_then(|agent| self.agents.get(agent));
        let record = AuditRecord {
            id: self.naming.audit(now.wall),
            at: now.wall,
            actor: by.map_or_else(|| NOBODY.into(), |caller| caller.user.clone()),
            name: by.map_or_else(|| NOBODY.into(), |caller| caller.name.clone()),
            address: by.map_or_else(|| "".into(), |caller| caller.address.clone()),
            program: by.map_or_else(|| "".into(), |caller| caller.program.clone()),
            action: Cow::Borrowed(action),
            subject: session.as_str().into(),
            agent_name: known.map_or_else(|| "".into(), |known| known.agent.profile.name.clone()),
            agent,
            detail: detail.into(),
            result: AuditResult::Success,
            refusal: None,
        };
        self.outbox.audit(Arc::new(record));
    }
}

impl SteeringAct {
    /// The audit's word for it.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::Request => "control.request",
            Self::Grant { .. } => "control.grant",
            Self::Decline { .. } => "control.decline",
            Self::Release => "control.release",
            Self::Take => "control.take",
        }
    }
}

/// What is done in a browser is not for logs.
impl std::fmt::Debug for Steer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Arrive => "Arrive",
            Self::Renew => "Renew",
            Self::Input(_) => "Input",
            Self::Resize(_) => "Resize",
        })
    }
}
