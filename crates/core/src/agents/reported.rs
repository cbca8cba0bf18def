//! Reported agents: those without a link, whose state somebody else reports. A link always counts more.

use std::sync::Arc;

use super::{Agent, Profile, Status};
use crate::{
    Core, CoreError, Reply,
    ids::AgentId,
    time::{Moment, Steady},
};

/// How many agents may be known by reports alone. Overflow rule: further ones are refused.
const MOST_REPORTED: usize = 1000;

/// What somebody reports of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporting {
    /// Which agent.
    pub agent: AgentId,
    /// Who reports, in a word for people: `gateway`, `demo`, `api`.
    pub source: Arc<str>,
    /// What it is called; its id if nobody says.
    pub name: Option<Arc<str>>,
    /// How it is.
    pub status: Status,
}

/// What was reported last, and until when that counts.
#[derive(Debug, Clone)]
pub(crate) struct Reported {
    pub(crate) source: Arc<str>,
    pub(crate) status: Status,
    pub(crate) until: Steady,
}

impl Core {
    /// Takes in the state of an agent that has no link. Not a request: whoever calls it has been let in before.
    pub fn take_in(&mut self, reporting: &Reporting, now: Moment) -> Result<Reply, CoreError> {
        self.take_report(reporting, now)?;
        self.release();
        Ok(Reply::Done)
    }

    /// A session of an agent that has no link says something; the agent has been reported before.
    pub fn overhear(&mut self, agent: &AgentId, session: Arc<str>, text: &str, now: Moment) {
        if self.agents.get(agent).is_some() {
            self.say(agent, session, text, now);
            self.release();
        }
    }

    pub(crate) fn take_report(
        &mut self,
        reporting: &Reporting,
        now: Moment,
    ) -> Result<(), CoreError> {
        let id = &reporting.agent;
        let is_new = self.agents.get(id).is_none();
        if is_new
            && self.agents.iter().filter(|(_, known)| known.is_reported_only()).count()
                >= MOST_REPORTED
        {
            return Err(CoreError::LimitReached(
                "there are as many reported agents as there may be",
            ));
        }
        let until = now.steady + self.settings.reported_for;
        let profile = profile(reporting);
        let known = self.agents.known(id, || Agent {
            id: id.clone(),
            profile: profile.clone(),
            status: Status::Offline,
            connected_at: now.wall,
            last_activity: now.wall,
        });
        if known.is_reported_only() && known.agent.profile != profile {
            known.agent = Arc::new(Agent { profile, ..known.agent.as_ref().clone() });
        }
        let Reporting { source, status, .. } = reporting;
        known.reported = Some(Reported { source: source.clone(), status: *status, until });
        if is_new {
            self.list_due = Some(now.steady + self.settings.list_delay);
        }
        self.tell_status(id, now);
        Ok(())
    }

    /// Whoever says something is there: an agent that is known by reports alone, or not yet, is online unless it
    /// was reported to be something else.
    pub(crate) fn note_sign_of_life(
        &mut self,
        agent: &AgentId,
        now: Moment,
    ) -> Result<(), CoreError> {
        let known = self.agents.get(agent);
        let (source, name, status) = match known.map(|known| (known, &known.reported)) {
            None => ("api".into(), None, Status::Online),
            Some((known, Some(reported))) if known.is_reported_only() => {
                let is_away = reported.status == Status::Offline;
                let status = if is_away { Status::Online } else { reported.status };
                (reported.source.clone(), Some(known.agent.profile.name.clone()), status)
            }
            Some(_) => return Ok(()),
        };
        let reporting = Reporting { agent: agent.clone(), source, name, status };
        self.take_report(&reporting, now)
    }

    /// An agent that nobody reports any more is offline, as one without a link is.
    pub(crate) fn end_reports(&mut self, now: Moment) {
        let is_due = |known: &super::Known| {
            known.reported.as_ref().is_some_and(|reported| reported.until <= now.steady)
        };
        let due = self.agents.iter().filter(|(_, known)| is_due(known));
        let due: Vec<AgentId> = due.map(|(id, _)| id.clone()).collect();
        for agent in due {
            if let Some(reported) = self.agents.get_mut(&agent).and_then(|k| k.reported.as_mut()) {
                reported.status = Status::Offline;
                // Kept, so that it is still known who reported it; never due again.
                reported.until = Steady(u64::MAX);
            }
            self.tell_status(&agent, now);
        }
    }

    /// Whether something can be passed on to an agent by whoever reports it.
    pub(crate) fn check_reported(&self, agent: &AgentId) -> Result<Reply, CoreError> {
        if self.agents.get(agent).is_none() {
            return Err(CoreError::AgentNotFound(agent.clone()));
        }
        match self.reported_by(agent) {
            Some(_) => Ok(Reply::Done),
            None => Err(CoreError::AgentOffline(agent.clone())),
        }
    }

    /// Who reports an agent that has no link; `None` if it has one, or nobody does.
    pub fn reported_by(&self, agent: &AgentId) -> Option<&Arc<str>> {
        let known = self.agents.get(agent).filter(|known| !known.is_there())?;
        known.reported.as_ref().map(|reported| &reported.source)
    }

    /// What is wrong with an agent, in words.
    pub fn trouble_of(&self, agent: &AgentId) -> Option<&Arc<str>> {
        self.agents.get(agent)?.trouble_in_words()
    }
}

fn profile(reporting: &Reporting) -> Profile {
    let name = reporting.name.clone().unwrap_or_else(|| reporting.agent.as_str().into());
    Profile {
        name,
        agent_type: reporting.source.clone(),
        version: "".into(),
        platform: "".into(),
        host: "".into(),
        capabilities: Arc::new([]),
    }
}
