//! One batch as one transaction. Of several states of the same thing in one batch only the last is written: nobody could ever read the others.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

use pilothouse_core::{
    AgentType,
    agents::Agent,
    audit::AuditRecord,
    control::{Budget, Hold},
    ids::{
        AgentId, AgentTypeId, DeliveryId, KeyId, PresetId, RepositoryId, RunId, SessionId,
        SignInId, UserId, WebhookId,
    },
    keys::Key,
    people::{PasswordHash, SignIn, User},
    ports::{StoredCommand, Write},
    presets::Preset,
    readiness::Readiness,
    runs::{Run, Screenshot, Step},
    sessions::{Checkpoint, Repository, Session},
    streams::{StoredGroup, StreamKey},
    webhooks::{Webhook, WebhookDelivery},
};
use sqlx::AnyConnection;

use super::{
    agent_kinds, agents, append, audit, checkpoints, commands,
    connection::{self, Dialect},
    control,
    failure::Failure,
    forgetting, keys, people, presets, readiness, repositories, run_steps, runs, sessions,
    webhooks,
};

/// A batch sorted by table. What is `None` is to be deleted.
#[derive(Default)]
struct Sorted<'a> {
    agents: Vec<&'a Arc<Agent>>,
    keys: BTreeMap<&'a KeyId, Option<&'a Key>>,
    commands: Vec<&'a StoredCommand>,
    output: Vec<&'a StoredGroup>,
    sessions: BTreeMap<&'a SessionId, Option<&'a Session>>,
    repositories: BTreeMap<&'a RepositoryId, Option<&'a Repository>>,
    agent_types: BTreeMap<&'a AgentTypeId, Option<&'a AgentType>>,
    holds: BTreeMap<&'a AgentId, Option<&'a Hold>>,
    budgets: BTreeMap<&'a AgentId, Option<&'a Budget>>,
    presets: BTreeMap<&'a PresetId, Option<&'a Preset>>,
    readiness: BTreeMap<&'a SessionId, Option<&'a Readiness>>,
    runs: BTreeMap<&'a RunId, &'a Run>,
    steps: Vec<(&'a Step, Option<&'a Screenshot>)>,
    checkpoints: Vec<&'a Checkpoint>,
    /// The last lives of workers that are gone.
    gone: Vec<StreamKey>,
    audit: Vec<&'a AuditRecord>,
    users: BTreeMap<&'a UserId, &'a User>,
    passwords: BTreeMap<&'a UserId, Option<&'a PasswordHash>>,
    sign_ins: BTreeMap<&'a SignInId, Option<&'a SignIn>>,
    webhooks: BTreeMap<&'a WebhookId, Option<&'a Webhook>>,
    deliveries: BTreeMap<&'a DeliveryId, &'a WebhookDelivery>,
    expected: BTreeMap<&'a AgentId, bool>,
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
    let (replaced, deleted) = apart(&sorted.keys);
    keys::replace(&mut transaction, &replaced).await?;
    keys::delete(&mut transaction, &deleted).await?;
    commands::replace(&mut transaction, &sorted.commands).await?;
    append::append(&mut transaction, &sorted.output).await?;
    checkpoints::append(&mut transaction, &sorted.checkpoints).await?;
    let (replaced, deleted) = apart(&sorted.sessions);
    sessions::replace(&mut transaction, &replaced).await?;
    sessions::delete(&mut transaction, &deleted).await?;
    let (replaced, deleted) = apart(&sorted.repositories);
    repositories::replace(&mut transaction, &replaced).await?;
    repositories::delete(&mut transaction, &deleted).await?;
    let (replaced, deleted) = apart(&sorted.agent_types);
    agent_kinds::replace(&mut transaction, &replaced).await?;
    agent_kinds::delete(&mut transaction, &deleted).await?;
    control(&mut transaction, &sorted).await?;
    let (replaced, deleted) = apart(&sorted.presets);
    presets::replace(&mut transaction, &replaced).await?;
    presets::delete(&mut transaction, &deleted).await?;
    let (replaced, deleted) = apart(&sorted.readiness);
    readiness::replace(&mut transaction, &replaced).await?;
    readiness::delete(&mut transaction, &deleted).await?;
    runs::replace(&mut transaction, &sorted.runs.values().copied().collect::<Vec<_>>()).await?;
    run_steps::append(&mut transaction, &sorted.steps).await?;
    // Last, so that output of the same batch goes too.
    forgetting::forget(&mut transaction, &sorted.gone).await?;
    audit::append(&mut transaction, &sorted.audit).await?;
    let users: Vec<_> = sorted.users.values().copied().collect();
    people::replace(&mut transaction, &users).await?;
    let (_, deleted) = apart(&sorted.passwords);
    let replaced = sorted.passwords.iter().filter_map(|(user, hash)| Some((*user, (*hash)?)));
    people::replace_passwords(&mut transaction, &replaced.collect::<Vec<_>>()).await?;
    people::delete_passwords(&mut transaction, &deleted).await?;
    let (replaced, deleted) = apart(&sorted.sign_ins);
    people::replace_sign_ins(&mut transaction, &replaced).await?;
    people::delete_sign_ins(&mut transaction, &deleted).await?;
    webhooks(&mut transaction, &sorted).await?;
    Ok(transaction.commit().await?)
}

async fn webhooks(connection: &mut AnyConnection, sorted: &Sorted<'_>) -> Result<(), Failure> {
    let (replaced, deleted) = apart(&sorted.webhooks);
    webhooks::replace(connection, &replaced).await?;
    let deliveries: Vec<_> = sorted.deliveries.values().copied().collect();
    webhooks::replace_deliveries(connection, &deliveries).await?;
    // Last, so that deliveries of the same batch go too.
    webhooks::delete(connection, &deleted).await?;
    let expected: Vec<_> = sorted.expected.iter().map(|(agent, is)| (*agent, *is)).collect();
    webhooks::expect(connection, &expected).await
}

async fn control(connection: &mut AnyConnection, sorted: &Sorted<'_>) -> Result<(), Failure> {
    let (holds, released) = named(&sorted.holds);
    control::hold(connection, &holds).await?;
    control::release(connection, &released).await?;
    let (budgets, ended) = named(&sorted.budgets);
    control::limit(connection, &budgets).await?;
    control::unlimit(connection, &ended).await
}

/// What is to be replaced with its name, and the names of what is to be deleted.
fn named<'a, K, T>(last: &BTreeMap<&'a K, Option<&'a T>>) -> (Vec<(&'a K, &'a T)>, Vec<&'a K>) {
    let kept = last.iter().filter_map(|(name, state)| state.map(|state| (*name, state)));
    (kept.collect(), apart(last).1)
}

fn sort(batch: &[Write]) -> Sorted<'_> {
    let mut sorted = Sorted::default();
    for write in batch {
        match write {
            Write::Agent(agent) => sorted.agents.push(agent),
            Write::Key(key) => {
                sorted.keys.insert(&key.id, Some(&**key));
            }
            Write::KeyGone(id) => {
                sorted.keys.insert(id, None);
            }
            Write::Command(command) => sorted.commands.push(command),
            Write::Output(group) => sorted.output.push(group),
            Write::Session(session) => {
                sorted.sessions.insert(&session.id, Some(&**session));
            }
            Write::SessionGone(session) => {
                sorted.sessions.insert(&session.id, None);
                sorted.gone.extend(session.workers.iter().map(|worker| worker.stream()));
            }
            Write::WorkerGone(stream) => sorted.gone.push(stream.clone()),
            Write::Checkpoint(checkpoint) => sorted.checkpoints.push(checkpoint),
            Write::Repository(repository) => {
                sorted.repositories.insert(&repository.id, Some(&**repository));
            }
            Write::RepositoryGone(id) => {
                sorted.repositories.insert(id, None);
            }
            Write::AgentType(agent_type) => {
                sorted.agent_types.insert(&agent_type.id, Some(&**agent_type));
            }
            Write::AgentTypeGone(id) => {
                sorted.agent_types.insert(id, None);
            }
            Write::Hold { agent, hold } => {
                sorted.holds.insert(agent, hold.as_deref());
            }
            Write::Budget { agent, budget } => {
                sorted.budgets.insert(agent, budget.as_ref());
            }
            Write::Preset(preset) => {
                sorted.presets.insert(&preset.id, Some(&**preset));
            }
            Write::PresetGone(id) => {
                sorted.presets.insert(id, None);
            }
            Write::Readiness(_)
            | Write::ReadinessGone(_)
            | Write::Run(_)
            | Write::RunStep { .. } => sort_work(&mut sorted, write),
            Write::Audit(record) => sorted.audit.push(record),
            Write::User(_) | Write::Password { .. } | Write::SignIn(_) | Write::SignInGone(_) => {
                sort_people(&mut sorted, write);
            }
            Write::Webhook(_)
            | Write::WebhookGone(_)
            | Write::WebhookDelivery(_)
            | Write::Expected { .. } => sort_webhook(&mut sorted, write),
        }
    }
    sorted.agents = last_of_each(&sorted.agents, |agent| &agent.id);
    sorted.commands = last_of_each(&sorted.commands, |stored| &stored.command.id);
    sorted
}

fn sort_work<'a>(sorted: &mut Sorted<'a>, write: &'a Write) {
    match write {
        Write::Readiness(readiness) => {
            sorted.readiness.insert(&readiness.stream, Some(&**readiness));
        }
        Write::ReadinessGone(stream) => {
            sorted.readiness.insert(stream, None);
        }
        Write::Run(run) => {
            sorted.runs.insert(&run.id, &**run);
        }
        Write::RunStep { step, screenshot } => {
            sorted.steps.push((&**step, screenshot.as_ref()));
        }
        // Sorted by whoever calls.
        _ => {}
    }
}

fn sort_people<'a>(sorted: &mut Sorted<'a>, write: &'a Write) {
    match write {
        Write::User(user) => {
            sorted.users.insert(&user.id, &**user);
        }
        Write::Password { user, hash } => {
            sorted.passwords.insert(user, hash.as_ref());
        }
        Write::SignIn(sign_in) => {
            sorted.sign_ins.insert(&sign_in.id, Some(sign_in));
        }
        Write::SignInGone(id) => {
            sorted.sign_ins.insert(id, None);
        }
        // Sorted by whoever calls.
        _ => {}
    }
}

fn sort_webhook<'a>(sorted: &mut Sorted<'a>, write: &'a Write) {
    match write {
        Write::Webhook(webhook) => {
            sorted.webhooks.insert(&webhook.id, Some(&**webhook));
        }
        Write::WebhookGone(id) => {
            sorted.webhooks.insert(id, None);
        }
        Write::WebhookDelivery(delivery) => {
            sorted.deliveries.insert(&delivery.id, &**delivery);
        }
        Write::Expected { agent, is_expected } => {
            sorted.expected.insert(agent, *is_expected);
        }
        // Sorted by whoever calls.
        _ => {}
    }
}

/// What is to be replaced, and what is to be deleted.
fn apart<'a, K, T>(last: &BTreeMap<&'a K, Option<&'a T>>) -> (Vec<&'a T>, Vec<&'a K>) {
    let deleted = last.iter().filter(|(_, state)| state.is_none()).map(|(id, _)| *id);
    (last.values().flatten().copied().collect(), deleted.collect())
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
