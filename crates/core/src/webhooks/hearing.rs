//! From what viewers are told to what webhooks are told: every event passes here as it happens.

use std::sync::Arc;

use super::{CommandNews, News, NewsKind, RunNews, WorkerNews};
use crate::{
    Core, Event,
    agents::{self, Agent, Status},
    attention::{self, Item, Subject},
    audit::redact,
    commands::{self, Command, Ended, Outcome, State},
    ids::{AgentId, WebhookId},
    ports::Write,
    said::LONGEST_LINE,
    sessions::{self, Activity, Exit, Session, Worker, WorkerKind, WorkerState},
    time::{Moment, Timestamp},
};

impl Core {
    /// Makes deliveries of what is worth one, to be stored with the fact they tell of.
    pub(crate) fn hear(&mut self, event: &Event, now: Moment) {
        match event {
            Event::Agents(agents::Event::Presence(agent)) => self.hear_presence(agent, now),
            Event::Commands(commands::Event::Status(command)) => self.hear_command(command, now),
            Event::Attention(attention::Event::Raised(item)) => {
                if self.webhooks.settling.raised(item, now.steady) {
                    self.tell_attention(item, now);
                }
            }
            Event::Attention(attention::Event::Cleared(subject)) => {
                self.webhooks.settling.cleared(subject, now.steady);
            }
            Event::Sessions(event) => self.hear_session(event, now),
            Event::Agents(agents::Event::Status(_) | agents::Event::List(_))
            | Event::Commands(commands::Event::Queue { .. })
            | Event::Output(_)
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

    fn hear_presence(&mut self, agent: &Agent, now: Moment) {
        let settling = &mut self.webhooks.settling;
        if agent.status == Status::Offline {
            settling.went(&agent.id, now.steady + self.settings.webhooks.offline_after, now.wall);
            return;
        }
        if settling.came(&agent.id) {
            self.store_expected(&agent.id, true);
        }
        if agent.status != Status::Error {
            self.webhooks.settling.is_well(&agent.id);
        } else if self.webhooks.settling.is_new_trouble(&agent.id) {
            let text = self.trouble_of(&agent.id).cloned();
            let text = text.unwrap_or_else(|| "something is wrong with the agent".into());
            let news = self.news(NewsKind::AgentError, &agent.id, &text, now);
            self.tell_webhooks(news, now);
        }
    }

    /// Agents that are only reported are not stored, and so not this of them.
    fn store_expected(&mut self, agent: &AgentId, is_expected: bool) {
        if self.agents.get(agent).is_none_or(|known| !known.is_reported_only()) {
            self.outbox.write(Write::Expected { agent: agent.clone(), is_expected });
        }
    }

    fn hear_command(&mut self, command: &Command, now: Moment) {
        let State::Ended(ended) = &command.state else { return };
        let (kind, text): (_, Arc<str>) = match commands::failure(&ended.outcome) {
            Some(text) => (NewsKind::CommandFailed, text),
            None if matches!(ended.outcome, Outcome::Interrupted { .. }) => return,
            None => (NewsKind::CommandCompleted, "exit code 0".into()),
        };
        let mut news = self.news(kind, &command.agent, &text, now);
        news.at = ended.at;
        news.last_line = self.last_line(&command.agent, command.id.as_str());
        news.command = Some(command_news(command, Some(ended)));
        self.tell_webhooks(news, now);
    }

    fn hear_session(&mut self, event: &sessions::Event, now: Moment) {
        match event {
            sessions::Event::Activity(worker) => self.hear_activity(worker, now),
            sessions::Event::Ended(worker) => {
                self.webhooks.settling.rests(&worker.id);
                self.hear_exit(worker, now);
            }
            sessions::Event::Restarted(worker) | sessions::Event::Removed(worker) => {
                self.webhooks.settling.rests(&worker.id);
            }
            sessions::Event::Deleted(session) => {
                for worker in session.workers.iter() {
                    self.webhooks.settling.rests(&worker.id);
                }
            }
            sessions::Event::Created(_)
            | sessions::Event::Updated(_)
            | sessions::Event::Resized(_)
            | sessions::Event::Viewers(_)
            | sessions::Event::Repositories(_) => {}
        }
    }

    fn hear_activity(&mut self, worker: &Worker, now: Moment) {
        if worker.activity == Activity::Active {
            return self.webhooks.settling.works(&worker.id);
        }
        let has_worked = self.webhooks.settling.rests(&worker.id);
        if has_worked && worker.activity == Activity::Idle {
            let text = format!("{} waits for what comes next", worker.name);
            self.tell_of_worker(NewsKind::WorkerIdle, worker, &text, now);
        }
    }

    /// A command line agent that failed, unless somebody stopped it.
    fn hear_exit(&mut self, worker: &Worker, now: Moment) {
        let WorkerState::Ended(exit) = &worker.state else { return };
        let is_agent = matches!(worker.kind, WorkerKind::Agent { .. });
        let was_asked_for = self.stopping.iter().any(|(_, session)| *session == worker.session);
        if exit.code != 0 && is_agent && !was_asked_for {
            let text = sessions::failure(&worker.name, exit);
            self.tell_of_worker(NewsKind::WorkerFailed, worker, &text, now);
        }
    }

    fn tell_of_worker(&mut self, kind: NewsKind, worker: &Worker, text: &str, now: Moment) {
        let Some(session) = self.sessions.get(&worker.session).cloned() else { return };
        if kind == NewsKind::WorkerFailed && self.check_not_stopped(&session.agent).is_err() {
            return;
        }
        let mut news = self.news(kind, &session.agent, text, now);
        news.last_line = self.last_line_of(&session);
        news.worker = Some(worker_news(worker));
        self.tell_webhooks(news, now);
    }

    fn tell_attention(&mut self, item: &Item, now: Moment) {
        let mut news = self.news(NewsKind::AttentionRaised, &item.agent, &item.text, now);
        news.at = item.since;
        news.reason = Some(item.reason.name().into());
        match &item.subject {
            Subject::Agent(_) => {}
            Subject::Run(id) => {
                let waits = self.runs.get(id).and_then(|live| live.run.waits.as_ref());
                let wait = waits.map(|wait| wait.id.clone());
                news.run = Some(RunNews { id: id.clone(), wait });
            }
            Subject::Command(id) => {
                news.command = self.commands.find(id).map(|command| {
                    let ended = match &command.state {
                        State::Ended(ended) => Some(ended),
                        State::Queued | State::Running { .. } => None,
                    };
                    command_news(command, ended)
                });
                news.last_line = self.last_line(&item.agent, id.as_str());
            }
            Subject::Worker(id) => {
                let found = self.sessions.worker(id);
                let found = found.map(|(session, worker)| (session.clone(), worker.clone()));
                if let Some((session, worker)) = found {
                    news.last_line = self.last_line_of(&session);
                    news.worker = Some(worker_news(&worker));
                }
            }
        }
        self.tell_webhooks(news, now);
    }

    /// Tells what has lasted long enough to be told.
    pub(crate) fn tell_settled(&mut self, now: Moment) {
        for (agent, since) in self.webhooks.settling.take_gone(now.steady) {
            self.store_expected(&agent, false);
            let mut news = self.news(NewsKind::AgentOffline, &agent, "the agent is away", now);
            news.at = since;
            self.tell_webhooks(news, now);
        }
        for subject in self.webhooks.settling.take_settled(now) {
            if let Some(item) = self.attention.get(&subject).cloned() {
                self.tell_attention(&item, now);
            }
        }
    }

    fn news(&mut self, kind: NewsKind, agent: &AgentId, text: &str, now: Moment) -> News {
        let known = self.agents.get(agent).map(|known| known.agent.profile.name.clone());
        let name = known.unwrap_or_else(|| agent.as_str().into());
        News { agent: Some((agent.clone(), name)), ..self.bare_news(kind, text, now.wall) }
    }

    /// News of nobody in particular.
    pub(super) fn bare_news(&mut self, kind: NewsKind, text: &str, at: Timestamp) -> News {
        News {
            id: self.naming.news(at),
            kind,
            at,
            agent: None,
            text: redact(text).into(),
            reason: None,
            command: None,
            worker: None,
            run: None,
            last_line: None,
        }
    }

    /// The line that a session's workers printed last.
    fn last_line_of(&mut self, session: &Session) -> Option<Arc<str>> {
        self.last_line(&session.agent, session.id.as_str())
    }

    fn last_line(&mut self, agent: &AgentId, session: &str) -> Option<Arc<str>> {
        self.heard_last(agent, session).map(|line| redact(&line).into())
    }

    /// Makes a delivery for everybody who wants to know.
    fn tell_webhooks(&mut self, news: News, now: Moment) {
        let (Some(occasion), Some((agent, _))) = (news.kind.occasion(), &news.agent) else {
            return;
        };
        let wanted = self.webhooks.by_id.iter();
        let wanted = wanted.filter(|(_, kept)| kept.webhook.wants(occasion, agent));
        let wanted: Vec<WebhookId> = wanted.map(|(id, _)| id.clone()).collect();
        let news = Arc::new(news);
        for webhook in wanted {
            self.make_delivery(&webhook, news.clone(), now);
        }
    }
}

fn command_news(command: &Command, ended: Option<&Ended>) -> CommandNews {
    // Cut afterwards: the beginning of a secret would not be recognised.
    let line: String = redact(&command.line).chars().take(LONGEST_LINE).collect();
    let exit_code = ended.and_then(|ended| match ended.outcome {
        Outcome::Exited { code, .. } => Some(code),
        Outcome::Interrupted { code } | Outcome::TimedOut { code } => code,
        Outcome::NotStarted { .. } | Outcome::AgentLost => None,
    });
    CommandNews {
        id: command.id.clone(),
        line: line.into(),
        requested_by: command.requested_by.clone(),
        exit_code,
        ran_for: ended.map(|ended| ended.ran_for).unwrap_or_default(),
    }
}

fn worker_news(worker: &Worker) -> WorkerNews {
    let exit_code = match &worker.state {
        WorkerState::Ended(Exit { code, .. }) => Some(*code),
        WorkerState::Starting | WorkerState::Running { .. } => None,
    };
    WorkerNews {
        id: worker.id.clone(),
        session: worker.session.clone(),
        name: worker.name.clone(),
        exit_code,
    }
}
