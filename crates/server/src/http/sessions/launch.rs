//! How workers are started: shells, and command line agents with what a person asks them to do.

use std::sync::Arc;

use pilothouse_core::{
    agent_type::{AgentType, PROMPT_VARIABLE, expand, prompt_value},
    sessions::{AddedWorker, Launch, Session, Size, WorkerKind},
};

use super::refused::Refused;

/// The longest prompt, in bytes; what a process takes as one variable.
const LONGEST_PROMPT: usize = 64 * 1024;

/// A shell.
pub(super) fn terminal(name: Option<&String>) -> AddedWorker {
    AddedWorker {
        kind: WorkerKind::Terminal,
        name: name.map(|name| name.as_str().into()),
        launch: Launch::default(),
        size: Size::default(),
    }
}

/// A command line agent of that type, with or without something to do.
pub(super) fn agent(
    agent_type: &AgentType,
    prompt: Option<&String>,
    continues: bool,
) -> Result<AddedWorker, Refused> {
    let kind = WorkerKind::Agent { agent_type: agent_type.id.as_str().into() };
    let launch = launch(agent_type, prompt, continues)?;
    let name = Some(agent_type.name.as_str().into());
    Ok(AddedWorker { kind, name, launch, size: Size::default() })
}

/// The same with a name of its own in its session.
pub(super) fn named(
    mut added: AddedWorker,
    name: Option<&String>,
    session: &Session,
) -> AddedWorker {
    let is_taken = |name: &Arc<str>| session.workers.iter().any(|worker| worker.name == *name);
    match name {
        Some(name) => added.name = Some(name.as_str().into()),
        None => added.name = added.name.filter(|name| !is_taken(name)),
    }
    added
}

/// How an agent of that type is started. What a person wrote travels as a variable, which no shell parses.
pub(super) fn launch(
    agent_type: &AgentType,
    prompt: Option<&String>,
    continues: bool,
) -> Result<Launch, Refused> {
    let prompt = prompt.filter(|prompt| !prompt.is_empty() && !continues);
    if prompt.is_some_and(|prompt| prompt.len() > LONGEST_PROMPT) {
        return Err(Refused::invalid(format!("a prompt has at most {LONGEST_PROMPT} bytes")));
    }
    let template = if continues {
        agent_type.continue_template.as_ref().ok_or_else(|| {
            Refused::invalid(format!("{} cannot go on with a conversation", agent_type.name))
        })?
    } else {
        &agent_type.command_template
    };
    let line = expand(template, prompt.is_some())
        .map_err(|error| Refused::conflict(format!("agent type {}: {error}", agent_type.id)))?;
    let variable = |prompt: &String| (PROMPT_VARIABLE.into(), prompt_value(prompt).into());
    Ok(Launch {
        line: Some(line.into()),
        environment: prompt.map(variable).into_iter().collect(),
        asking_patterns: agent_type
            .asking_patterns
            .iter()
            .map(|text| text.as_str().into())
            .collect(),
    })
}
