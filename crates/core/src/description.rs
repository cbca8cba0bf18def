//! What the audit says of a request.

use std::sync::Arc;

use crate::{
    Caller, Request, access, agents, attention,
    audit::AuditRecord,
    calls::{self, Call},
    commands, event, people, sessions,
    time::Moment,
};

pub(crate) fn describe(caller: &Caller, request: &Request, now: Moment) -> AuditRecord {
    let none: Arc<str> = Arc::from("");
    let (action, subject, detail): (_, Arc<str>, _) = match request {
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
        Request::Access(access::Request::Revoke { credential }) => {
            ("access.revoke", credential.clone(), none)
        }
        Request::Access(access::Request::EndSockets { user }) => {
            ("access.end_sockets", user.clone(), none)
        }
        Request::Sessions(request) => describe_session(request),
        Request::People(request) => describe_people(request),
        Request::Call(calls::Request { agent, call, .. }) => {
            let detail = match call {
                Call::Stat { path } => path.clone(),
                Call::Git { directory, arguments } => {
                    format!("{directory}: git {}", arguments.join(" ")).into()
                }
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
        Request::MakeCode => ("code.make", none.clone(), none),
        Request::ExchangeCode { .. } => ("code.exchange", none.clone(), none),
        Request::ApproveDevice { code } => ("device.approve", code.clone(), none),
    }
}
