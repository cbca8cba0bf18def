//! What both families do with accounts.

use std::sync::Arc;

use axum::http::StatusCode;
use pilothouse_core::{
    Caller, Reply, Role, Scope,
    ids::UserId,
    people::{Applicant, PasswordHash, Request, User},
};

use super::{
    super::envelope::{Denial, WrongField},
    Asker,
    fields::{self, AccountBody},
    shapes::UserShape,
};
use crate::{auth::reception::NotLetIn, desk, gateway::Shared, revocations};

/// Asks the core.
pub(super) async fn ask(
    shared: &Shared,
    caller: &Caller,
    request: Request,
) -> Result<Reply, Denial> {
    let request = pilothouse_core::Request::People(request);
    Ok(shared.hub.ask(caller, request, desk::WITHIN).await?)
}

/// The role of that name.
pub(super) fn role(name: Option<&str>) -> Result<Role, Denial> {
    let role = name.and_then(Role::named);
    let message = "a role is admin, operator or viewer";
    role.ok_or_else(|| Denial::new(StatusCode::BAD_REQUEST, "INVALID_ROLE", message))
}

/// Makes an account.
pub(super) async fn create(
    shared: &Shared,
    caller: &Caller,
    account: AccountBody,
    make: impl FnOnce(Applicant) -> Request,
) -> Result<UserShape, Denial> {
    let role = account.role.as_deref().map_or(Ok(Role::Viewer), |name| role(Some(name)))?;
    let checked = account.check()?;
    let is_allowed = caller.scope == Scope::Nobody || caller.is_at_least(Role::Admin);
    let password = hash(shared, checked.password, is_allowed).await?;
    let new = Applicant {
        username: checked.username.into(),
        name: checked.name.into(),
        email: checked.email.map(Into::into),
        role,
        password,
    };
    match ask(shared, caller, make(new)).await? {
        Reply::UserMade(id) => find(shared, id.as_str()).map(|user| user.as_ref().into()),
        other => Err(unexpected(&other)),
    }
}

/// Everybody, oldest first.
pub(super) fn all(asker: &Asker) -> Result<Vec<Arc<User>>, Denial> {
    asker.demand_admin()?;
    Ok(asker.shared.hub.look(|core, _| core.people().all().cloned().collect()))
}

/// One of them.
pub(super) fn show(asker: &Asker, id: &str) -> Result<UserShape, Denial> {
    asker.demand_admin()?;
    find(&asker.shared, id).map(|user| user.as_ref().into())
}

/// Lets somebody do more, or less; on their open sockets too.
pub(super) async fn change_role(
    asker: &Asker,
    id: &str,
    name: Option<&str>,
) -> Result<UserShape, Denial> {
    let role = role(name)?;
    let user = target(asker, id)?;
    let request = Request::ChangeRole { user: user.clone(), role };
    let answer = ask(&asker.shared, &asker.caller, request).await;
    let user = find(&asker.shared, user.as_str())?;
    // What counts is what is so now, also if that cannot be stored yet.
    revocations::end_beyond(&asker.shared, &user);
    answer?;
    Ok(user.as_ref().into())
}

/// Takes an account away. Sockets end even if that cannot be stored yet.
pub(super) async fn remove(asker: &Asker, id: &str) -> Result<(), Denial> {
    let id = target(asker, id)?;
    let answer = ask(&asker.shared, &asker.caller, Request::Remove(id.clone())).await;
    let known = asker.shared.hub.look(|core, _| core.people().get(&id).cloned());
    if let Some(user) = known.filter(|user| !user.is_here()) {
        revocations::end_person(&asker.shared, &user);
    }
    answer.map(drop)
}

/// Replaces a password and ends everything that was opened with the old one. For one's own, the old one is needed.
pub(super) async fn change_password(
    asker: &Asker,
    id: &str,
    (current, new): (Option<String>, Option<String>),
) -> Result<(), Denial> {
    let id = target(asker, id)?;
    let (shared, caller) = (&asker.shared, &asker.caller);
    let new = new.filter(|new| fields::is_password(new));
    let wrong = WrongField { field: "newPassword", message: fields::PASSWORD };
    let new = new.ok_or_else(|| Denial::invalid(vec![wrong]))?;
    let own = own(asker).filter(|own| own.id == id);
    if let Some(own) = &own {
        prove(asker, own, current.unwrap_or_default()).await?;
    }
    let is_allowed = own.is_some() || caller.is_at_least(Role::Admin);
    let password = hash(shared, new, is_allowed).await?;
    ask(shared, caller, Request::ChangePassword { user: id.clone(), password }).await?;
    let user = find(shared, id.as_str())?;
    revocations::end_person(shared, &user);
    Ok(())
}

/// Somebody proves once more who they are.
async fn prove(asker: &Asker, own: &Arc<User>, password: String) -> Result<(), Denial> {
    let (shared, address) = (&asker.shared, &asker.caller.address);
    let account = Some(own.id.as_str());
    let attempt = shared.reception.attempt(&shared.hub, account, address);
    attempt.map_err(|wait| Denial::too_often(wait.left))?;
    if shared.reception.is_password(Some(own), password).await? {
        shared.reception.throttle.lock().forgive(account, address);
        return Ok(());
    }
    let message = "the current password is another";
    Err(Denial::new(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS", message))
}

/// The hash of a password; none is made for those whom the core will refuse, since it is much work.
async fn hash(shared: &Shared, password: String, is_allowed: bool) -> Result<PasswordHash, Denial> {
    if !is_allowed {
        return Ok(PasswordHash::new(""));
    }
    Ok(shared.reception.passwords.hash(password).await.map_err(NotLetIn::from)?)
}

/// The asker's own account.
pub(super) fn own(asker: &Asker) -> Option<Arc<User>> {
    let own = asker.shared.hub.look(|core, _| core.people().named(&asker.caller.user).cloned());
    own.filter(|own| own.is_here())
}

/// Whose account is meant. Of ids that are not known the core says so, and leaves a record.
pub(super) fn target(asker: &Asker, id: &str) -> Result<UserId, Denial> {
    find(&asker.shared, id)
        .map(|user| user.id.clone())
        .or_else(|unknown| UserId::new(id).map_err(|_| unknown))
}

/// Somebody who is here, by id or username.
fn find(shared: &Shared, id: &str) -> Result<Arc<User>, Denial> {
    let user = shared.hub.look(|core, _| core.people().named(id).cloned());
    let unknown = || Denial::new(StatusCode::NOT_FOUND, "USER_NOT_FOUND", "that user is not known");
    user.filter(|user| user.is_here()).ok_or_else(unknown)
}

fn unexpected(reply: &Reply) -> Denial {
    tracing::error!(?reply, "the core answered something else than it was asked");
    Denial::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "something went wrong here")
}
