//! Accounts in mission control's family.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, rejection::QueryRejection},
    http::StatusCode,
};
use pilothouse_core::people::Request;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        asking::invalid,
        envelope::{Body, Denial, Told},
        json_body::JsonBody,
    },
    Asker, accounts,
    fields::AccountBody,
    shapes::{Message, OneUser, Users},
};
use crate::gateway::Shared;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, remove))
        .routes(routes!(change_role, patch_role))
        .routes(routes!(change_password))
}

/// What somebody may do from now on.
#[derive(Deserialize, ToSchema)]
pub(super) struct RoleBody {
    /// `admin`, `operator` or `viewer`.
    #[schema(value_type = String, required = true, pattern = "^(admin|operator|viewer)$")]
    pub(super) role: Option<String>,
}

/// A password to be replaced.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PasswordBody {
    /// The present one; only for one's own.
    pub(super) current_password: Option<String>,
    /// At least 8 characters.
    #[schema(value_type = String, required = true, min_length = 8)]
    pub(super) new_password: Option<String>,
}

/// Which accounts are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserQuery {
    /// How many at most; all if absent.
    limit: Option<usize>,
    /// How many of the oldest are left out.
    offset: Option<usize>,
}

/// Everybody who has an account. `count` is how many there are in all.
#[utoipa::path(get, path = "/api/users", params(UserQuery), responses((status = 200, body = Told<Users>)))]
async fn list(
    asker: Asker,
    query: Result<Query<UserQuery>, QueryRejection>,
) -> Result<Json<Told<Users>>, Denial> {
    let Query(UserQuery { limit, offset }) = query.map_err(|wrong| invalid(wrong.body_text()))?;
    let all = accounts::all(&asker)?;
    let page = all.iter().skip(offset.unwrap_or(0)).take(limit.unwrap_or(usize::MAX));
    let users = page.map(|user| user.as_ref().into()).collect();
    Ok(Told::new(Users { users, count: all.len() }))
}

/// Give somebody an account.
#[utoipa::path(post, path = "/api/users", request_body = AccountBody, responses((status = 201, body = Told<OneUser>)))]
async fn create(
    asker: Asker,
    JsonBody(account, ..): Body<AccountBody>,
) -> Result<(StatusCode, Json<Told<OneUser>>), Denial> {
    let Asker { shared, caller, .. } = &asker;
    let user = accounts::create(shared, caller, account, Request::Create).await?;
    Ok((StatusCode::CREATED, Told::new(user.into())))
}

/// One account.
#[utoipa::path(get, path = "/api/users/{user}", responses((status = 200, body = Told<OneUser>)))]
async fn show(asker: Asker, Path(user): Path<String>) -> Result<Json<Told<OneUser>>, Denial> {
    accounts::show(&asker, &user).map(|user| Told::new(user.into()))
}

/// Take an account away, with its tokens and open sockets.
#[utoipa::path(delete, path = "/api/users/{user}", responses((status = 200, body = Told<Message>)))]
async fn remove(asker: Asker, Path(user): Path<String>) -> Result<Json<Told<Message>>, Denial> {
    accounts::remove(&asker, &user).await?;
    Ok(Told::new(Message { message: "the account was removed" }))
}

/// Let somebody do more, or less.
#[utoipa::path(put, path = "/api/users/{user}/role", request_body = RoleBody, responses((status = 200, body = Told<OneUser>)))]
async fn change_role(
    asker: Asker,
    Path(user): Path<String>,
    JsonBody(body, ..): Body<RoleBody>,
) -> Result<Json<Told<OneUser>>, Denial> {
    let user = accounts::change_role(&asker, &user, body.role.as_deref()).await?;
    Ok(Told::new(user.into()))
}

/// The same.
#[utoipa::path(patch, path = "/api/users/{user}/role", request_body = RoleBody, responses((status = 200, body = Told<OneUser>)))]
async fn patch_role(
    asker: Asker,
    user: Path<String>,
    body: Body<RoleBody>,
) -> Result<Json<Told<OneUser>>, Denial> {
    change_role(asker, user, body).await
}

/// Replace a password; it ends every sign-in and token of that person.
#[utoipa::path(put, path = "/api/users/{user}/password", request_body = PasswordBody, responses((status = 200, body = Told<Message>)))]
async fn change_password(
    asker: Asker,
    Path(user): Path<String>,
    JsonBody(body, ..): Body<PasswordBody>,
) -> Result<Json<Told<Message>>, Denial> {
    accounts::change_password(&asker, &user, (body.current_password, body.new_password)).await?;
    Ok(Told::new(Message { message: "the password was changed; sign in again" }))
}
