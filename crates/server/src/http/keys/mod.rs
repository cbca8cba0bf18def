//! Keys of agents: made, shown once, listed, revoked and deleted. Both families of routes do the same.

mod mission;
mod own;

use std::{sync::Arc, time::Duration};

use pilothouse_core::{
    Caller, CoreError, Reply, Request, Role,
    agents::KeyHash,
    ids::{AgentId, ConnectionId, KeyId},
    keys::{self, KeyDraft, Presented, Standing},
    time::Timestamp,
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    auth::{agent_keys, credential::Credential},
    desk::{self, NoAnswer},
    gateway::{Shared, Whose},
    revocations,
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().merge(mission::router()).merge(own::router())
}

/// A key that was just made. Its text is in no other place.
struct Made {
    id: KeyId,
    text: String,
    at: Timestamp,
    expires_at: Option<Timestamp>,
}

/// Makes a key that counts for so long, or until it is revoked.
async fn make(
    shared: &Shared,
    caller: &Caller,
    name: &str,
    agent: Option<AgentId>,
    lifetime: Option<Duration>,
) -> Result<Made, NoAnswer> {
    let (text, hash) = agent_keys::make().map_err(|error| {
        tracing::error!(%error, "there are no random numbers");
        CoreError::StorageUnavailable
    })?;
    let at = shared.hub.clock.now().wall;
    let after = |lifetime: Duration| {
        Timestamp(at.0.saturating_add(u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX)))
    };
    let expires_at = lifetime.map(after);
    let new = KeyDraft { name: name.into(), hash, agent, expires_at };
    match ask(shared, caller, keys::Request::Make(new)).await? {
        Reply::KeyMade(id) => Ok(Made { id, text, at, expires_at }),
        // Nothing else answers this.
        _ => Err(NoAnswer::TooLate),
    }
}

/// The keys that the caller may see, oldest first; nothing if they may see none.
fn visible(shared: &Shared, caller: &Caller) -> Result<Vec<Presented>, NoAnswer> {
    if !caller.is_at_least(Role::Operator) {
        return Err(CoreError::Forbidden("this takes the role operator or admin").into());
    }
    Ok(shared.hub.look(|core, now| core.visible_keys(caller, now.wall)))
}

/// The key of that id, if the caller may see it.
fn find(shared: &Shared, caller: &Caller, id: &KeyId) -> Result<Presented, NoAnswer> {
    let mut keys = visible(shared, caller)?.into_iter();
    let found = keys.find(|presented| presented.key.id == *id);
    found.ok_or_else(|| CoreError::KeyNotFound(id.clone()).into())
}

/// Revokes a key, and with it those that agents enrolled with through it. Returns how many sockets that ended.
async fn revoke(shared: &Shared, caller: &Caller, id: KeyId) -> Result<usize, NoAnswer> {
    end(shared, caller, id.clone(), keys::Request::Revoke(id)).await
}

/// Revokes and forgets a key.
async fn delete(shared: &Shared, caller: &Caller, id: KeyId) -> Result<usize, NoAnswer> {
    end(shared, caller, id.clone(), keys::Request::Delete(id)).await
}

async fn end(
    shared: &Shared,
    caller: &Caller,
    id: KeyId,
    request: keys::Request,
) -> Result<usize, NoAnswer> {
    let (family, links) =
        shared.hub.look(|core, _| (core.key_family(&id), core.links_through_key(&id)));
    // The core does it as soon as it is asked; its answer waits for the storage, and the sockets do not.
    let cut = async {
        let sockets: usize = family.iter().map(|hash| end_sockets(shared, *hash)).sum();
        let is_ended = family.first().is_some_and(|hash| !counts(shared, *hash));
        // An agent whose own key is revoked may have come with another one, before it enrolled.
        let links = links.iter().filter(|_| is_ended);
        let end = |link: &ConnectionId| revocations::end_sockets(shared, &Whose::Connection(*link));
        sockets + links.map(end).sum::<usize>()
    };
    let (answer, closed) = tokio::join!(biased; ask(shared, caller, request), cut);
    answer.map(|_| closed)
}

/// Ends the sockets that a key opened, if it does not count any more.
fn end_sockets(shared: &Shared, hash: KeyHash) -> usize {
    if counts(shared, hash) {
        return 0;
    }
    let credential = Credential::with_hash(hash.0);
    revocations::end_sockets(shared, &Whose::Credential(credential))
}

fn counts(shared: &Shared, hash: KeyHash) -> bool {
    let presented = shared.hub.look(|core, now| core.presented_key(&hash, now.wall));
    presented.is_some_and(|presented| presented.standing == Standing::Counts)
}

async fn ask(shared: &Shared, caller: &Caller, request: keys::Request) -> Result<Reply, NoAnswer> {
    shared.hub.ask(caller, Request::Keys(request), desk::WITHIN).await
}
