//! The agents this server knows, and the links they have right now.

use std::{collections::BTreeMap, sync::Arc};

use super::{Agent, Hello, Status, crashes::Lives, reported::Reported};
use crate::{
    ids::{AgentId, ConnectionId, IncarnationId, LinkId},
    time::{Moment, Steady},
};

/// The one live socket of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub id: LinkId,
    /// The connection it runs over.
    pub connection: ConnectionId,
    /// Whose credential opened it.
    pub user: Arc<str>,
    /// Which life of the agent it belongs to.
    pub incarnation: IncarnationId,
    /// The agent of that life is dead, and this is its witness.
    pub is_witness: bool,
}

/// One known agent.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) agent: Arc<Agent>,
    pub(crate) link: Option<Link>,
    /// It linked at some time, in this life of the server or before.
    has_linked: bool,
    pub(crate) is_running: bool,
    /// Whether it says that it does runs; unknown until it links.
    pub(crate) does_runs: Option<bool>,
    pub(crate) trouble: Option<Arc<str>>,
    /// When its work counts as failed, while it is away with work.
    pub(crate) lost_at: Option<Steady>,
    pub(crate) lives: Lives,
    /// What somebody else says of it.
    pub(crate) reported: Option<Reported>,
    /// The presence that viewers were told last; `Busy` is `Online` here.
    told: Status,
}

impl Known {
    fn new(agent: Arc<Agent>) -> Self {
        Self {
            agent,
            link: None,
            has_linked: false,
            is_running: false,
            does_runs: None,
            trouble: None,
            lost_at: None,
            lives: Lives::default(),
            reported: None,
            told: Status::Offline,
        }
    }

    /// What the link and the work say, or else what is reported; the one place where a status is made.
    fn status(&self) -> Status {
        match (self.is_there(), self.trouble_in_words(), self.is_running) {
            (false, _, _) => self.reported.as_ref().map_or(Status::Offline, |it| it.status),
            (true, Some(_), _) => Status::Error,
            (true, None, true) => Status::Busy,
            (true, None, false) => Status::Online,
        }
    }

    /// What the agent says is wrong, or what its restarts say.
    pub(crate) fn trouble_in_words(&self) -> Option<&Arc<str>> {
        self.trouble.as_ref().or_else(|| self.lives.trouble())
    }

    /// Whether it never linked, as far as we know.
    pub(crate) fn is_reported_only(&self) -> bool {
        self.reported.is_some() && !self.has_linked
    }

    /// When something about it is due.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        let reported = self.reported.as_ref().map(|reported| reported.until);
        let reported = reported.filter(|until| *until < Steady(u64::MAX));
        [self.lost_at, self.lives.forgiven_at(), reported].into_iter().flatten().min()
    }

    /// Notes that viewers are told the present status; whether that is another presence than before.
    pub(crate) fn tell(&mut self) -> bool {
        let presence = match self.agent.status {
            Status::Busy => Status::Online,
            status => status,
        };
        std::mem::replace(&mut self.told, presence) != presence
    }

    /// Whether the agent itself has a link. Its witness does not count: it takes no work.
    pub(crate) fn is_there(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.is_witness)
    }
}

/// Every known agent. The link is the one owner of presence: nothing else makes an agent online.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    agents: BTreeMap<AgentId, Known>,
    links: BTreeMap<LinkId, AgentId>,
    last_link: u64,
}

impl Registry {
    pub(crate) fn get(&self, id: &AgentId) -> Option<&Known> {
        self.agents.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &AgentId) -> Option<&mut Known> {
        self.agents.get_mut(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&AgentId, &Known)> {
        self.agents.iter()
    }

    pub(crate) fn all(&self) -> Arc<[Arc<Agent>]> {
        self.agents.values().map(|known| known.agent.clone()).collect()
    }

    pub(crate) fn agent_of(&self, link: LinkId) -> Option<&AgentId> {
        self.links.get(&link)
    }

    /// Takes an agent over from storage; it is offline until it links.
    pub(crate) fn restore(&mut self, agent: Agent) {
        let agent = Arc::new(Agent { status: Status::Offline, ..agent });
        // Only those that linked are stored.
        let known = Known { has_linked: true, ..Known::new(agent) };
        self.agents.insert(known.agent.id.clone(), known);
    }

    /// The agent of that id, which comes into being if nobody knew it.
    pub(crate) fn known(&mut self, id: &AgentId, make: impl FnOnce() -> Agent) -> &mut Known {
        self.agents.entry(id.clone()).or_insert_with(|| Known::new(Arc::new(make())))
    }

    /// Links an agent and returns its new link, the link it replaces, and whether the set of agents grew.
    pub(crate) fn link(
        &mut self,
        hello: &Hello,
        connection: ConnectionId,
        user: &Arc<str>,
        now: Moment,
    ) -> (LinkId, Option<Link>, bool) {
        self.last_link += 1;
        let id = LinkId(self.last_link);
        let link = Link {
            id,
            connection,
            user: user.clone(),
            incarnation: hello.incarnation.clone(),
            is_witness: false,
        };
        let agent = Agent {
            id: hello.agent.clone(),
            profile: hello.profile.clone(),
            status: Status::Online,
            connected_at: now.wall,
            last_activity: now.wall,
        };
        let grew = !self.agents.contains_key(&hello.agent);
        let known = self.known(&hello.agent, || agent.clone());
        let replaced = known.link.replace(link);
        known.has_linked = true;
        known.trouble = None;
        known.does_runs = Some(hello.runs.is_some());
        known.lost_at = None;
        // From now on the link says how it is, and its absence that it is away.
        known.reported = None;
        known.agent = Arc::new(Agent { status: known.status(), ..agent });
        if let Some(old) = &replaced {
            self.links.remove(&old.id);
        }
        self.links.insert(id, hello.agent.clone());
        (id, replaced, grew)
    }

    /// Links the witness of a dead agent, and returns its link and the one it replaces. `None` if the
    /// agent is not known.
    pub(crate) fn link_witness(
        &mut self,
        hello: &Hello,
        connection: ConnectionId,
        user: &Arc<str>,
    ) -> Option<(LinkId, Option<Link>)> {
        let known = self.agents.get_mut(&hello.agent)?;
        self.last_link += 1;
        let id = LinkId(self.last_link);
        let replaced = known.link.replace(Link {
            id,
            connection,
            user: user.clone(),
            incarnation: hello.incarnation.clone(),
            is_witness: true,
        });
        if let Some(old) = &replaced {
            self.links.remove(&old.id);
        }
        self.links.insert(id, hello.agent.clone());
        Some((id, replaced))
    }

    /// Ends a link. `None` if it had been replaced before.
    pub(crate) fn unlink(&mut self, link: LinkId) -> Option<AgentId> {
        let agent = self.links.remove(&link)?;
        if let Some(known) = self.agents.get_mut(&agent) {
            known.link = None;
        }
        Some(agent)
    }

    /// Brings an agent's status up to date; the agent, if that changed it.
    pub(crate) fn refresh(&mut self, id: &AgentId, now: Moment) -> Option<Arc<Agent>> {
        let known = self.agents.get_mut(id)?;
        let status = known.status();
        if known.agent.status == status {
            return None;
        }
        let agent = Agent { status, last_activity: now.wall, ..(*known.agent).clone() };
        known.agent = Arc::new(agent);
        Some(known.agent.clone())
    }
}
