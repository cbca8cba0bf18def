//! Revokes: refuses a credential from now on, ends its sockets, and makes that last over restarts.

use std::sync::Arc;

use pilothouse_core::{people::User, ports::StoreError, time::Timestamp};
use tokio::sync::{mpsc, oneshot};

use crate::{
    auth::{
        credential::Credential,
        revoked::{self, Full, Revoked},
    },
    gateway::{Shared, Whose},
    storage::{RevokedCredential, SqlStore},
};

/// How many revocations may wait for the storage. Overflow rule: whoever revokes waits.
const MOST_WAITING: usize = 64;

/// One revocation on its way to the storage.
pub(crate) struct Order {
    revoked: RevokedCredential,
    at: Timestamp,
    stored: oneshot::Sender<Result<(), StoreError>>,
}

/// Where revocations are handed to the thread that stores.
pub(crate) type Orders = mpsc::Sender<Order>;

/// Why a revocation is not, or not yet, what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRevoked {
    /// Nothing was done.
    #[error(transparent)]
    Full(#[from] Full),
    /// It counts here and now, but a restart would forget it.
    #[error("the credential is refused now, but that could not be stored; ask again")]
    NotStored,
}

/// The two ends of the way to the storage.
pub(crate) fn orders() -> (Orders, mpsc::Receiver<Order>) {
    mpsc::channel(MOST_WAITING)
}

/// Reads what was revoked before this start, and deletes what has expired since.
pub(crate) async fn load(store: &SqlStore, now: Timestamp) -> Result<Revoked, StoreError> {
    let list = Revoked::default();
    for stored in store.revoked(revoked::forgotten_before(now)).await? {
        let credential = stored
            .credential
            .parse()
            .map_err(|()| StoreError::Corrupt("a revoked credential is no SHA-256".to_owned()))?;
        if list.insert(credential, stored.expires_at, now).is_err() {
            tracing::error!("more credentials are revoked than can be kept in memory");
            break;
        }
    }
    Ok(list)
}

/// Stores revocations for ever.
pub(crate) async fn store_all(mut orders: mpsc::Receiver<Order>, store: &SqlStore) {
    while let Some(order) = orders.recv().await {
        let before = revoked::forgotten_before(order.at);
        let stored = store.revoke(&order.revoked, order.at, before).await;
        if let Err(error) = &stored {
            tracing::error!(%error, "a revocation could not be stored");
        }
        // Nobody listens if whoever asked has left; it is stored all the same.
        let _ = order.stored.send(stored);
    }
}

/// Revokes a credential and ends its sockets. Returns how many those were, once it is stored.
pub(crate) async fn revoke(shared: &Shared, credential: Credential) -> Result<usize, NotRevoked> {
    let now = shared.hub.clock.now().wall;
    let expires_at = shared.sockets.expiry_of(&credential);
    // The list first: a socket that opens meanwhile either finds it there or is found itself.
    shared.authenticator.revoked.insert(credential, expires_at, now)?;
    let ended = end_sockets(shared, &Whose::Credential(credential));
    let revoked = RevokedCredential { credential: credential.to_string().into(), expires_at };
    let (stored, is_stored) = oneshot::channel();
    let order = Order { revoked, at: now, stored };
    shared.revocations.send(order).await.map_err(|_| NotRevoked::NotStored)?;
    match is_stored.await {
        Ok(Ok(())) => Ok(ended),
        Ok(Err(_)) | Err(_) => Err(NotRevoked::NotStored),
    }
}

/// Tells the sockets of somebody that they are over, by whichever of their names these were opened.
pub(crate) fn end_person(shared: &Shared, user: &User) -> usize {
    let names = [Arc::from(user.id.as_str()), user.username.clone()];
    names.into_iter().map(|name| end_sockets(shared, &Whose::User(name))).sum()
}

/// The same for the sockets that need another role than the one that somebody has now.
pub(crate) fn end_beyond(shared: &Shared, user: &User) -> usize {
    let names = [Arc::from(user.id.as_str()), user.username.clone()];
    names.into_iter().map(|name| end_sockets(shared, &Whose::Beyond(name, user.role))).sum()
}

/// Tells sockets that they are over. Returns how many.
pub(crate) fn end_sockets(shared: &Shared, whose: &Whose) -> usize {
    let sockets = shared.sockets.take(whose);
    shared.hub.tell_revoked(&sockets);
    sockets.len()
}
