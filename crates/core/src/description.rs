//! What the audit says of a request.

use std::sync::Arc;

use crate::{
    Caller, Core, Request, access, agent_type, agents, attention,
    audit::{self, Action, AuditRecord, AuditResult, redact},
    browsers,
    calls::{self, Call},
    commands, control, event,
    ids::AgentId,
    keys, people, pictures, presets, runs, sessions,
    time::Moment,
    webhooks,
};

impl Core {
    /// The record of a request, as if it were granted.
    pub(crate) fn describe(
        &mut self,
        caller: &Caller,
        request: &Request,
        now: Moment,
    ) -> AuditRecord {
        let (action, subject, detail) = words(request);
        let detail = match request {
            Request::Browsers(browsers::Request::Steer { session, act }) => {
                self.steering_detail(session, act)
            }
            Request::Runs(runs::Request::Decide { run, wait, verdict }) => {
                self.verdict_detail(run, wait, verdict)
            }
            _ => detail,
        };
        debug_assert!(Action::named(action).is_some(), "{action} is not in the list of actions");
        let agent = self.concerned(request);
        let known = agent.as_ref().and_then(|agent| self.agents.get(agent));
        let name = known.map(|known| known.agent.profile.name.clone());
        let agent_name = name.or_else(|| agent.as_ref().map(|agent| agent.as_str().into()));
        AuditRecord {
            id: self.naming.audit(now.wall),
            at: now.wall,
            actor: caller.user.clone(),
            name: caller.name.clone(),
            address: caller.address.clone(),
            program: caller.program.clone(),
            action: action.into(),
            subject,
            agent,
            agent_name: agent_name.unwrap_or_default(),
            detail: without_secrets(detail),
            result: AuditResult::Success,
            refusal: None,
        }
    }

    /// Which agent a request concerns, as far as that can be told before it is granted.
    fn concerned(&self, request: &Request) -> Option<AgentId> {
        let of_session = |id| self.sessions.get(id).map(|session| session.agent.clone());
        let of_command = |id| self.commands.find(id).map(|command| command.agent.clone());
        match request {
            Request::Agents(request) => match request {
                agents::Request::Link(hello) => Some(hello.agent.clone()),
                agents::Request::Report(reporting) => Some(reporting.agent.clone()),
                agents::Request::Message { agent, .. } | agents::Request::Say { agent, .. } => {
                    Some(agent.clone())
                }
            },
            Request::Commands(request) => match request {
                commands::Request::Enqueue(enqueue) => Some(enqueue.agent.clone()),
                commands::Request::Interrupt { command, .. }
                | commands::Request::Move { command, .. } => of_command(command),
            },
            Request::Browsers(
                browsers::Request::Act { session, .. } | browsers::Request::Steer { session, .. },
            ) => self.agent_of_browser(session).cloned(),
            Request::Call(calls::Request { agent, .. })
            | Request::Access(access::Request::MakeToken { agent, .. }) => Some(agent.clone()),
            Request::Sessions(request) => match request {
                sessions::Request::Create(create) => Some(create.agent.clone()),
                sessions::Request::AddRepository { agent, .. } => Some(agent.clone()),
                sessions::Request::Change(change) => of_session(&change.session),
                sessions::Request::AddWorker(add) => of_session(&add.session),
                sessions::Request::Delete(session)
                | sessions::Request::Stop(session)
                | sessions::Request::RemoveWorker { session, .. }
                | sessions::Request::RestartWorker { session, .. }
                | sessions::Request::Look { session, .. }
                | sessions::Request::Attach { session, .. } => of_session(session),
                sessions::Request::RemoveRepository(_) => None,
            },
            Request::Keys(request) => match request {
                keys::Request::Make(new) => new.agent.clone(),
                keys::Request::Revoke(id) | keys::Request::Delete(id) => {
                    self.keys.get(id).and_then(|key| key.agent.clone())
                }
            },
            Request::Pictures(request) => self.agent_of_browser(request.session()).cloned(),
            Request::Attention(_)
            | Request::Access(_)
            | Request::Audit(_)
            | Request::AgentTypes(_)
            | Request::People(_)
            | Request::Presets(_)
            | Request::Webhooks(_) => None,
            Request::Control(request) => match request {
                control::Request::Pause(agent)
                | control::Request::Resume(agent)
                | control::Request::Stop(agent)
                | control::Request::Restart(agent)
                | control::Request::SetBudget { agent, .. } => Some(agent.clone()),
                control::Request::Message(message) => Some(message.agent.clone()),
                control::Request::EmergencyStop { .. } => None,
            },
            Request::Runs(request) => match request {
                runs::Request::Create(create) => create.agent.clone(),
                runs::Request::Cancel { run, .. }
                | runs::Request::Pause { run }
                | runs::Request::Resume { run }
                | runs::Request::Reply { run, .. }
                | runs::Request::Decide { run, .. } => {
                    self.runs.get(run).map(|live| live.run.agent.clone())
                }
            },
        }
    }
}

fn without_secrets(detail: Arc<str>) -> Arc<str> {
    match redact(&detail) {
        std::borrow::Cow::Borrowed(_) => detail,
        std::borrow::Cow::Owned(redacted) => redacted.into(),
    }
}

/// The action, what it was asked of, and further words.
fn words(request: &Request) -> (&'static str, Arc<str>, Arc<str>) {
    let none: Arc<str> = Arc::from("");
    match request {
        Request::Agents(agents::Request::Link(hello)) => {
            ("agent.link", hello.agent.as_str().into(), hello.profile.name.clone())
        }
        Request::Agents(agents::Request::Report(reporting)) => {
            let status = reporting.status.as_str();
            ("agent.report", reporting.agent.as_str().into(), status.into())
        }
        Request::Agents(agents::Request::Message { agent, text }) => {
            ("agent.message", agent.as_str().into(), text.clone())
        }
        Request::Agents(agents::Request::Say { agent, session, .. }) => {
            ("agent.say", agent.as_str().into(), session.clone())
        }
        Request::Commands(commands::Request::Enqueue(enqueue)) => {
            ("command.enqueue", enqueue.agent.as_str().into(), enqueue.line.clone())
        }
        Request::Commands(commands::Request::Interrupt { command, reason }) => {
            ("command.interrupt", command.as_str().into(), reason.clone().unwrap_or(none))
        }
        Request::Commands(commands::Request::Move { command, place }) => {
            ("command.move", command.as_str().into(), place.to_string().into())
        }
        Request::Attention(attention::Request::Dismiss(subject)) => {
            ("attention.dismiss", event::subject_name(subject), none)
        }
        Request::Access(request) => describe_access(request),
        Request::Sessions(request) => describe_session(request),
        Request::AgentTypes(request) => describe_agent_type(request),
        Request::People(request) => describe_people(request),
        Request::Control(request) => describe_control(request),
        Request::Pictures(request) => pictures::words(request),
        Request::Presets(presets::Request::Add(draft)) => {
            ("preset.add", draft.name.clone(), draft.line.clone())
        }
        Request::Presets(presets::Request::Change { preset, draft }) => {
            ("preset.change", preset.as_str().into(), draft.line.clone())
        }
        Request::Presets(presets::Request::Remove(preset)) => {
            ("preset.remove", preset.as_str().into(), none)
        }
        Request::Runs(request) => describe_run(request),
        Request::Webhooks(request) => webhooks::words(request),
        Request::Browsers(browsers::Request::Act { session, act, .. }) => {
            (act.action(), session.as_str().into(), act.detail())
        }
        // Whom it is about is known to those who steer, and not to the request.
        Request::Browsers(browsers::Request::Steer { session, act }) => {
            (act.action(), session.as_str().into(), none)
        }
        Request::Call(calls::Request { agent, call, .. }) => {
            let detail = match call {
                Call::Stat { path } => path.clone(),
                Call::Git { directory, arguments } => {
                    format!("{directory}: git {}", arguments.join(" ")).into()
                }
                Call::Message { stream, text } => format!("{stream}: {text}").into(),
                Call::Browser { act, .. } => act.detail(),
                Call::Image { stream, content, .. } => {
                    format!("{stream}: {} bytes", content.len()).into()
                }
            };
            (call_action(call), agent.as_str().into(), detail)
        }
        Request::Keys(request) => describe_key(request),
        Request::Audit(audit::Request::Export { format }) => {
            ("audit.export", none, Arc::from(*format))
        }
    }
}

fn call_action(call: &Call) -> &'static str {
    match call {
        Call::Stat { .. } => "agent.stat",
        Call::Git { .. } => "agent.git",
        Call::Image { .. } => "worker.image",
        Call::Message { .. } => "agent.message",
        Call::Browser { act, .. } => act.action(),
    }
}

fn describe_access(request: &access::Request) -> (&'static str, Arc<str>, Arc<str>) {
    use access::Request;
    let none: Arc<str> = Arc::from("");
    match request {
        Request::Revoke { credential } => ("access.revoke", credential.clone(), none),
        Request::EndSockets { user } => ("access.end_sockets", user.clone(), none),
        Request::MakeToken { session, .. } => ("token.make", session.as_str().into(), none),
    }
}

fn describe_key(request: &keys::Request) -> (&'static str, Arc<str>, Arc<str>) {
    use keys::Request;
    let none: Arc<str> = Arc::from("");
    match request {
        Request::Make(new) => {
            let agent = new.agent.as_ref().map(|agent| Arc::from(agent.as_str()));
            ("key.create", new.name.clone(), agent.unwrap_or(none))
        }
        Request::Revoke(id) => ("key.revoke", id.as_str().into(), none),
        Request::Delete(id) => ("key.delete", id.as_str().into(), none),
    }
}

fn describe_control(request: &control::Request) -> (&'static str, Arc<str>, Arc<str>) {
    use control::Request;
    let none: Arc<str> = Arc::from("");
    let named = |agent: &crate::ids::AgentId| Arc::from(agent.as_str());
    match request {
        Request::Pause(agent) => ("agent.pause", named(agent), none),
        Request::Resume(agent) => ("agent.resume", named(agent), none),
        Request::Stop(agent) => ("agent.stop", named(agent), none),
        Request::EmergencyStop { reason } => {
            ("agent.emergency_stop", Arc::from("*"), reason.clone().unwrap_or(none))
        }
        Request::Restart(agent) => ("agent.restart", named(agent), none),
        Request::Message(message) => ("agent.message", named(&message.agent), message.text.clone()),
        Request::SetBudget { agent, budget } => {
            let detail = budget.as_ref().map_or("none".into(), |budget| {
                let commands =
                    budget.commands_per_hour.map(|count| format!("{count} commands an hour"));
                let time = budget.time_per_hour.map(|time| format!("{} s an hour", time.as_secs()));
                let excess = format!("otherwise {}", budget.excess.as_str());
                let words: Vec<_> = commands.into_iter().chain(time).chain([excess]).collect();
                words.join(", ").into()
            });
            ("agent.budget", named(agent), detail)
        }
    }
}

fn describe_run(request: &runs::Request) -> (&'static str, Arc<str>, Arc<str>) {
    let none: Arc<str> = Arc::from("");
    match request {
        runs::Request::Create(create) => {
            let agent = create.agent.as_ref().map(|agent| Arc::from(agent.as_str()));
            let script = || match &create.replay {
                Some(run) => format!("{run} again").into(),
                None => "a script".into(),
            };
            let what = create.task.clone().unwrap_or_else(script);
            ("run.create", agent.unwrap_or(none), what)
        }
        runs::Request::Cancel { run, reason } => {
            ("run.cancel", run.as_str().into(), reason.clone().unwrap_or(none))
        }
        runs::Request::Pause { run } => ("run.pause", run.as_str().into(), none),
        runs::Request::Resume { run } => ("run.resume", run.as_str().into(), none),
        // Not the answer: it may be a code or a password.
        runs::Request::Reply { run, wait, .. } => ("run.reply", run.as_str().into(), wait.clone()),
        // What was decided about is known to the run, and not to the request.
        runs::Request::Decide { run, .. } => ("run.decide", run.as_str().into(), none),
    }
}

fn describe_agent_type(request: &agent_type::Request) -> (&'static str, Arc<str>, Arc<str>) {
    match request {
        agent_type::Request::Add(definition) => {
            let id = definition.id.as_ref().map_or("", |id| id.as_str());
            ("agent_type.add", id.into(), definition.summary().into())
        }
        agent_type::Request::Change(change) => {
            ("agent_type.change", change.agent_type.as_str().into(), change.summary().into())
        }
        agent_type::Request::Remove(id) => ("agent_type.remove", id.as_str().into(), "".into()),
    }
}

fn describe_session(request: &sessions::Request) -> (&'static str, Arc<str>, Arc<str>) {
    let none: Arc<str> = Arc::from("");
    let named = |id: &str| Arc::from(id);
    match request {
        sessions::Request::Create(create) => {
            ("session.create", named(create.agent.as_str()), create.path.clone())
        }
        sessions::Request::Change(change) => {
            let detail = change.title.clone().or_else(|| change.branch.clone());
            ("session.change", named(change.session.as_str()), detail.unwrap_or(none))
        }
        sessions::Request::Delete(id) => ("session.delete", named(id.as_str()), none),
        sessions::Request::Stop(id) => ("session.stop", named(id.as_str()), none),
        sessions::Request::AddWorker(add) => {
            let detail = match &add.worker.kind {
                sessions::WorkerKind::Terminal => "terminal".into(),
                sessions::WorkerKind::Agent { agent_type } => agent_type.clone(),
            };
            ("worker.add", named(add.session.as_str()), detail)
        }
        sessions::Request::RemoveWorker { worker, .. } => {
            ("worker.remove", named(worker.as_str()), none)
        }
        sessions::Request::RestartWorker { worker, .. } => {
            ("worker.restart", named(worker.as_str()), none)
        }
        sessions::Request::Attach { worker, .. } | sessions::Request::Look { worker, .. } => {
            ("worker.attach", named(worker.as_str()), none)
        }
        sessions::Request::AddRepository { agent, path } => {
            ("repository.add", named(agent.as_str()), path.clone())
        }
        sessions::Request::RemoveRepository(id) => ("repository.remove", named(id.as_str()), none),
    }
}

/// Never a password, nor its hash, nor a code.
fn describe_people(request: &people::Request) -> (&'static str, Arc<str>, Arc<str>) {
    use people::Request;
    let none: Arc<str> = Arc::from("");
    let named = |id: &str| Arc::from(id);
    let new = |new: &people::Applicant| (new.username.clone(), named(new.role.as_str()));
    match request {
        Request::Create(user) => {
            let (subject, detail) = new(user);
            ("user.created", subject, detail)
        }
        Request::Register(user) => ("user.registered", user.username.clone(), none),
        Request::ChangeRole { user, role } => {
            ("user.role.changed", named(user.as_str()), named(role.as_str()))
        }
        Request::ChangePassword { user, .. } => {
            ("user.password.changed", named(user.as_str()), none)
        }
        Request::Remove(user) => ("user.deleted", named(user.as_str()), none),
        Request::SignIn(sign_in) => {
            ("user.login", named(sign_in.user.as_str()), named(sign_in.id.as_str()))
        }
        Request::FailSignIn { name, .. } => ("user.login.failed", name.clone(), none),
        Request::Refresh { sign_in, .. } => ("user.refresh", named(sign_in.as_str()), none),
        Request::SignOut { sign_in } => {
            let sign_in = sign_in.as_ref().map_or(none.clone(), |id| named(id.as_str()));
            ("user.logout", sign_in, none)
        }
        Request::EndSignIns { user, sign_in } => {
            let which = sign_in.as_ref().map_or("all", |id| id.as_str());
            ("user.sign_in.ended", named(user.as_str()), named(which))
        }
        Request::MakeCode => ("code.make", none.clone(), none),
        Request::ExchangeCode { .. } => ("code.exchange", none.clone(), none),
        Request::ApproveDevice { code } => ("device.approve", code.clone(), none),
    }
}
