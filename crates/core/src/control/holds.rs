//! Queues are held: by people, and by budgets.

use std::sync::Arc;

use super::{Budget, Event, Excess, Hold, HoldCause, Spent, StoredControl};
use crate::{
    Caller, Core, CoreError, Event as Fact, Reply,
    ids::AgentId,
    ports::Write,
    time::{Moment, Timestamp},
};

impl Core {
    /// Takes holds, budgets and what they count over from storage.
    pub(crate) fn restore_control(&mut self, stored: StoredControl, now: Moment) {
        for (agent, hold) in stored.holds {
            self.control.ordered.insert(agent, Arc::new(hold));
        }
        self.control.budgets.extend(stored.budgets);
        for Spent { agent, began, ran_for } in stored.spent {
            self.control.usage.entry(agent).or_default().restore(began, ran_for);
        }
        let agents: Vec<_> = self.agents.iter().map(|(agent, _)| agent.clone()).collect();
        for agent in agents {
            self.refresh_hold(&agent, now);
        }
    }

    /// Why nothing of an agent's queue is started now.
    pub(crate) fn hold_of(&self, agent: &AgentId) -> Option<&Arc<Hold>> {
        self.control.told.get(agent)
    }

    /// The budget of an agent.
    pub fn budget(&self, agent: &AgentId) -> Option<Budget> {
        self.control.budgets.get(agent).copied()
    }

    /// How many commands an agent started in the last hour, and how long its commands ran in it.
    pub fn last_hour(&self, agent: &AgentId, now: Timestamp) -> (usize, std::time::Duration) {
        self.control.usage.get(agent).map(|usage| usage.last_hour(now)).unwrap_or_default()
    }

    /// Puts a hold in the place of another.
    pub(super) fn put_hold(&mut self, agent: &AgentId, hold: Option<Hold>, now: Moment) {
        let hold = hold.map(Arc::new);
        match &hold {
            Some(hold) => drop(self.control.ordered.insert(agent.clone(), hold.clone())),
            None => drop(self.control.ordered.remove(agent)),
        }
        self.outbox.write(Write::Hold { agent: agent.clone(), hold });
        self.refresh_hold(agent, now);
    }

    pub(super) fn pause(
        &mut self,
        caller: &Caller,
        agent: &AgentId,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.check_known(agent)?;
        if self.control.ordered.contains_key(agent) {
            return Ok(Reply::Done);
        }
        let text = format!("{} paused this agent", caller.name).into();
        let (by, since, until) = (caller.name.clone(), now.wall, None);
        let hold = Hold { cause: HoldCause::Paused, by, since, until, text };
        self.put_hold(agent, Some(hold), now);
        Ok(Reply::Done)
    }

    pub(super) fn resume(&mut self, agent: &AgentId, now: Moment) -> Result<Reply, CoreError> {
        self.check_known(agent)?;
        if self.control.ordered.contains_key(agent) {
            self.put_hold(agent, None, now);
        }
        Ok(Reply::Done)
    }

    pub(super) fn set_budget(
        &mut self,
        agent: &AgentId,
        budget: Option<Budget>,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.check_known(agent)?;
        match budget {
            Some(budget) => {
                budget.check()?;
                self.control.budgets.insert(agent.clone(), budget);
            }
            None => drop(self.control.budgets.remove(agent)),
        }
        self.outbox.write(Write::Budget { agent: agent.clone(), budget });
        self.refresh_hold(agent, now);
        Ok(Reply::Done)
    }

    /// A command of an agent began to run.
    pub(crate) fn spend(&mut self, agent: &AgentId, began: Timestamp, now: Moment) {
        let usage = self.control.usage.entry(agent.clone()).or_default();
        usage.forget_old(now.wall);
        usage.begin(began);
    }

    /// A command of an agent that had begun to run ended.
    pub(crate) fn spent(&mut self, agent: &AgentId, began: Timestamp, ended: Timestamp) {
        if let Some(usage) = self.control.usage.get_mut(agent) {
            usage.end(began, ended);
        }
    }

    /// Whether an agent may start a command now, with its budget; a hold that begins or ends with it is told.
    pub(crate) fn refresh_hold(&mut self, agent: &AgentId, now: Moment) {
        let ordered = self.control.ordered.get(agent).cloned();
        let hold = ordered.or_else(|| self.over_budget(agent, now));
        let told = self.control.told.get(agent);
        if told == hold.as_ref() {
            return;
        }
        match &hold {
            Some(hold) => drop(self.control.told.insert(agent.clone(), hold.clone())),
            None => drop(self.control.told.remove(agent)),
        }
        self.show_committed(
            Fact::Control(Event::Held { agent: agent.clone(), hold: hold.clone() }),
            now,
        );
        self.tell_queue(agent, now);
        if hold.as_ref().is_none_or(|hold| !hold.cause.is_stop()) {
            self.start_waiting_workers(agent);
        }
        if hold.is_none() {
            self.dispatch_runs(agent);
            self.dispatch(agent);
        }
    }

    /// Budgets that have room again.
    pub(crate) fn refresh_budgets(&mut self, now: Moment) {
        let due = self.control.frees.iter().filter(|(_, at)| **at <= now.steady);
        let due: Vec<_> = due.map(|(agent, _)| agent.clone()).collect();
        for agent in due {
            self.refresh_hold(&agent, now);
        }
    }

    fn over_budget(&mut self, agent: &AgentId, now: Moment) -> Option<Arc<Hold>> {
        self.control.frees.remove(agent);
        let budget = self.control.budgets.get(agent)?;
        let usage = self.control.usage.get_mut(agent)?;
        usage.forget_old(now.wall);
        let over = usage.over(budget, now.wall)?;
        let wait = std::time::Duration::from_millis(over.until.0.saturating_sub(now.wall.0).max(1));
        self.control.frees.insert(agent.clone(), now.steady + wait);
        let text = match (over.by_time, budget.commands_per_hour, budget.time_per_hour) {
            (true, _, Some(time)) => {
                format!("this agent's commands ran for its {} minutes of this hour", minutes(time))
            }
            (_, Some(count), _) => {
                format!("this agent has started its {count} commands of this hour")
            }
            _ => "this agent has used up its budget of this hour".to_owned(),
        };
        let told = self.control.told.get(agent).filter(|hold| hold.cause == HoldCause::OverBudget);
        let since = told.map_or(now.wall, |hold| hold.since);
        let (by, until) = ("".into(), Some(over.until));
        let hold = Hold { cause: HoldCause::OverBudget, by, since, until, text: text.into() };
        Some(Arc::new(hold))
    }

    /// A queue whose budget refuses is closed while it is used up.
    pub(crate) fn check_budget(&mut self, agent: &AgentId, now: Moment) -> Result<(), CoreError> {
        self.refresh_hold(agent, now);
        let refuses = self.control.budgets.get(agent).is_some_and(|b| b.excess == Excess::Refuse);
        match self.over_budget(agent, now) {
            Some(hold) if refuses => Err(CoreError::OverBudget {
                agent: agent.clone(),
                until: hold.until.unwrap_or(now.wall),
                text: hold.text.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// No worker is started on an agent that was stopped.
    pub(crate) fn check_not_stopped(&self, agent: &AgentId) -> Result<(), CoreError> {
        match self.control.ordered.get(agent) {
            Some(hold) if hold.cause.is_stop() => {
                Err(CoreError::AgentHeld { agent: agent.clone(), hold: hold.clone() })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_known(&self, agent: &AgentId) -> Result<(), CoreError> {
        match self.agents.get(agent) {
            Some(_) => Ok(()),
            None => Err(CoreError::AgentNotFound(agent.clone())),
        }
    }
}

fn minutes(time: std::time::Duration) -> u64 {
    time.as_secs().div_ceil(60)
}
