//! One batch as one transaction. Of several states of the same thing in one batch only the last is written: nobody could ever read the others.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use pilothouse_core::{
    agents::Agent,
    audit::AuditRecord,
    ports::{StoredCommand, Write},
    streams::StoredGroup,
};
use sqlx::AnyConnection;

use super::{
    agent_keys::{self, Enrolment},
    agents, append, audit, commands,
    connection::{self, Dialect},
    failure::Failure,
};

/// A batch sorted by table.
#[derive(Default)]
struct Sorted<'a> {
    agents: Vec<&'a Arc<Agent>>,
    keys: Vec<Enrolment<'a>>,
    commands: Vec<&'a StoredCommand>,
    output: Vec<&'a StoredGroup>,
    audit: Vec<&'a AuditRecord>,
}

/// Stores all of it or nothing.
pub(super) async fn commit(
    connection: &mut AnyConnection,
    dialect: Dialect,
    batch: &[Write],
) -> Result<(), Failure> {
    let sorted = sort(batch);
    let mut transaction = connection::begin(connection, dialect).await?;
    agents::replace(&mut transaction, &sorted.agents).await?;
    agent_keys::replace(&mut transaction, &sorted.keys).await?;
    commands::replace(&mut transaction, &sorted.commands).await?;
    append::append(&mut transaction, &sorted.output).await?;
    audit::append(&mut transaction, &sorted.audit).await?;
    Ok(transaction.commit().await?)
}

fn sort(batch: &[Write]) -> Sorted<'_> {
    let mut sorted = Sorted::default();
    for write in batch {
        match write {
            Write::Agent(agent) => sorted.agents.push(agent),
            Write::AgentKey { agent, hash, at } => {
                sorted.keys.retain(|(known, ..)| *known != agent);
                sorted.keys.push((agent, hash, *at));
            }
            Write::Command(command) => sorted.commands.push(command),
            Write::Output(group) => sorted.output.push(group),
            Write::Session(_)
            | Write::SessionGone(_)
            | Write::WorkerGone(_)
            | Write::Checkpoint(_)
            | Write::Repository(_)
            | Write::RepositoryGone(_) => {}
            Write::Audit(record) => sorted.audit.push(record),
        }
    }
    sorted.agents = last_of_each(&sorted.agents, |agent| &agent.id);
    sorted.commands = last_of_each(&sorted.commands, |stored| &stored.command.id);
    sorted
}

fn last_of_each<'a, T, K: Hash + Eq + 'a>(
    writes: &[&'a T],
    id: impl Fn(&'a T) -> &'a K,
) -> Vec<&'a T> {
    let mut places = HashMap::new();
    let mut last: Vec<&'a T> = Vec::new();
    for write in writes {
        let place = *places.entry(id(write)).or_insert(last.len());
        if place == last.len() {
            last.push(write);
        } else {
            last[place] = write;
        }
    }
    last
}
