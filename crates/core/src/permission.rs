//! Who may ask what.

use crate::{
    Caller, CoreError, Request, Role, Scope, access, agents, calls, control, ids::AgentId, sessions,
};

/// The one place where roles are checked; for requests about people it is [`People::permit`], about keys
/// [`Core::permit_keys`].
pub(crate) fn permit(caller: &Caller, request: &Request) -> Result<(), CoreError> {
    match request {
        Request::Agents(agents::Request::Link(hello)) => {
            return permit_link(caller, &hello.agent);
        }
        Request::Agents(
            agents::Request::Report(agents::Reporting { agent, .. })
            | agents::Request::Say { agent, .. },
        ) => return permit_report(caller, agent),
        // Their books know more of it.
        Request::Keys(_) | Request::People(_) => return Ok(()),
        _ => {}
    }
    let role = role_for(request);
    if caller.is_at_least(role) {
        return Ok(());
    }
    Err(CoreError::Forbidden(match role {
        Role::Viewer => "this takes a person's token",
        Role::Operator => "this takes the role operator or admin",
        Role::Admin => "this takes the role admin",
    }))
}

fn permit_link(caller: &Caller, agent: &AgentId) -> Result<(), CoreError> {
    match &caller.scope {
        Scope::Agent(id) | Scope::Enrolled(id) if id == agent => Ok(()),
        Scope::Keyed { agent: of, .. } if of.as_ref().is_none_or(|id| id == agent) => Ok(()),
        Scope::Keyed { .. } => Err(CoreError::Forbidden("the key belongs to another agent")),
        Scope::Agent(_) | Scope::Enrolled(_) => {
            Err(CoreError::Forbidden("the token belongs to another agent"))
        }
        Scope::Person(role) if *role >= Role::Operator => Ok(()),
        Scope::Person(_) | Scope::View(_) | Scope::Session { .. } | Scope::Nobody => {
            Err(CoreError::Forbidden("linking an agent takes an agent's or an operator's token"))
        }
    }
}

fn permit_report(caller: &Caller, agent: &AgentId) -> Result<(), CoreError> {
    match &caller.scope {
        Scope::Agent(id) | Scope::Enrolled(id) if id == agent => Ok(()),
        Scope::Keyed { agent: of, .. } if of.as_ref().is_none_or(|id| id == agent) => Ok(()),
        _ if caller.is_at_least(Role::Operator) => Ok(()),
        _ => Err(CoreError::Forbidden(
            "reporting for an agent takes its own key, or the role operator or admin",
        )),
    }
}

/// The least role of a person who may ask this.
fn role_for(request: &Request) -> Role {
    match request {
        // Whoever may see everything may watch.
        Request::Sessions(sessions::Request::Attach { .. } | sessions::Request::Look { .. })
        | Request::Keys(_)
        | Request::People(_) => Role::Viewer,
        Request::Call(calls::Request { call, .. }) if call.only_reads_git() => Role::Viewer,
        Request::Access(access::Request::MakeToken { .. }) => Role::Operator,
        Request::Access(_)
        | Request::Audit(_)
        // An address that is called is a way out of here, and into whatever network this is.
        | Request::Webhooks(_)
        | Request::Control(control::Request::SetBudget { .. }) => Role::Admin,
        Request::Agents(_)
        | Request::Commands(_)
        | Request::Attention(_)
        | Request::Sessions(_)
        | Request::AgentTypes(_)
        | Request::Browsers(_)
        | Request::Call(_)
        | Request::Control(_)
        | Request::Pictures(_)
        | Request::Presets(_)
        | Request::Runs(_) => Role::Operator,
    }
}
