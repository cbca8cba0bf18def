//! What the audit says of a request.

use std::sync::Arc;

use crate::{
    Caller, Request, access, agents, attention,
    audit::AuditRecord,
    calls::{self, Call},
    commands, control, event, presets, sessions,
    time::Moment,
};

pub(crate) fn describe(caller: &Caller, request: &Request, now: Moment) -> AuditRecord {
    let none: Arc<str> = Arc::from("");
    let (action, subject, detail): (_, Arc<str>, _) = match request {
        Request::Agents(agents::Request::Link(hello)) => {
            ("agent.link", hello.agent.as_str().into(), hello.profile.name.clone())
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
        Request::Access(access::Request::Revoke { credential }) => {
            ("access.revoke", credential.clone(), none)
        }
        Request::Access(access::Request::EndSockets { user }) => {
            ("access.end_sockets", user.clone(), none)
        }
        Request::Sessions(request) => describe_session(request),
        Request::Control(request) => describe_control(request),
        Request::Presets(presets::Request::Add(draft)) => {
            ("preset.add", draft.name.clone(), draft.line.clone())
        }
        Request::Presets(presets::Request::Change { preset, draft }) => {
            ("preset.change", preset.as_str().into(), draft.line.clone())
        }
        Request::Presets(presets::Request::Remove(preset)) => {
            ("preset.remove", preset.as_str().into(), none)
        }
        Request::Call(calls::Request { agent, call, .. }) => {
            let detail = match call {
                Call::Stat { path } => path.clone(),
                Call::Git { directory, arguments } => {
                    format!("{directory}: git {}", arguments.join(" ")).into()
                }
                Call::Message { stream, text } => format!("{stream}: {text}").into(),
                Call::Image { stream, content, .. } => {
                    format!("{stream}: {} bytes", content.len()).into()
                }
            };
            (call_action(call), agent.as_str().into(), detail)
        }
    };
    AuditRecord {
        at: now.wall,
        actor: caller.user.clone(),
        address: caller.address.clone(),
        action,
        subject,
        detail,
        refusal: None,
    }
}

fn call_action(call: &Call) -> &'static str {
    match call {
        Call::Stat { .. } => "agent.stat",
        Call::Git { .. } => "agent.git",
        Call::Image { .. } => "worker.image",
        Call::Message { .. } => "agent.message",
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
            let detail = match budget {
                Some(budget) => format!(
                    "{} commands, {} s an hour, {}",
                    budget.commands_per_hour.map_or("any".to_owned(), |count| count.to_string()),
                    budget
                        .time_per_hour
                        .map_or("any".to_owned(), |time| time.as_secs().to_string()),
                    budget.excess.as_str()
                )
                .into(),
                None => Arc::from("none"),
            };
            ("agent.budget", named(agent), detail)
        }
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
        sessions::Request::Attach { worker, .. } => ("worker.attach", named(worker.as_str()), none),
        sessions::Request::AddRepository { agent, path } => {
            ("repository.add", named(agent.as_str()), path.clone())
        }
        sessions::Request::RemoveRepository(id) => ("repository.remove", named(id.as_str()), none),
    }
}
