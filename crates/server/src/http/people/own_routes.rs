//! Accounts in our own family, with problems as RFC 9457 has them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use pilothouse_core::people;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        json_body::JsonBody,
        listing::{After, Page, Wanted},
        problem::{Body, Made, Problem},
    },
    Asker, accounts,
    fields::AccountBody,
    shapes::UserShape,
    users::{PasswordBody, RoleBody},
};
use crate::gateway::Shared;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, remove))
        .routes(routes!(change_role))
        .routes(routes!(change_password))
}

/// Whoever asks, refused in this family's words.
pub(super) struct Caller(pub(super) Asker);

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        Ok(Self(Asker::from_request_parts(parts, shared).await?))
    }
}

/// People, the oldest account first.
#[derive(Serialize, ToSchema)]
struct UsersPage {
    users: Vec<UserShape>,
    /// How many there are on all pages.
    count: usize,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Everybody who has an account.
#[utoipa::path(get, path = "/api/v1/users", params(After), responses((status = 200, body = UsersPage)))]
async fn list(Caller(asker): Caller, wanted: Wanted<After>) -> Result<Page<UsersPage>, Problem> {
    let all = accounts::all(&asker)?;
    let count = all.len();
    let (users, next) = wanted.after(all, |user| user.id.clone())?;
    let next = next.map(|id| id.to_string());
    let users = users.iter().map(|user| user.as_ref().into()).collect();
    Ok(wanted.page(UsersPage { users, count, next: next.clone() }, "after", next.as_deref()))
}

/// Give somebody an account.
#[utoipa::path(post, path = "/api/v1/users", request_body = AccountBody, responses((status = 201, body = UserShape)))]
async fn create(
    Caller(asker): Caller,
    JsonBody(account, ..): Body<AccountBody>,
) -> Result<Made<UserShape>, Problem> {
    let Asker { shared, caller, .. } = &asker;
    let user = accounts::create(shared, caller, account, people::Request::Create).await?;
    let path = format!("/api/v1/users/{}", user.id());
    Ok(Made::new(shared, &path, Json(user)))
}

/// One account.
#[utoipa::path(get, path = "/api/v1/users/{user}", responses((status = 200, body = UserShape)))]
async fn show(Caller(asker): Caller, Path(user): Path<String>) -> Result<Json<UserShape>, Problem> {
    Ok(Json(accounts::show(&asker, &user)?))
}

/// Take an account away, with its tokens and open sockets.
#[utoipa::path(delete, path = "/api/v1/users/{user}", responses((status = 204, description = "it is gone")))]
async fn remove(Caller(asker): Caller, Path(user): Path<String>) -> Result<StatusCode, Problem> {
    accounts::remove(&asker, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let somebody do more, or less.
#[utoipa::path(put, path = "/api/v1/users/{user}/role", request_body = RoleBody, responses((status = 200, body = UserShape)))]
async fn change_role(
    Caller(asker): Caller,
    Path(user): Path<String>,
    JsonBody(body, ..): Body<RoleBody>,
) -> Result<Json<UserShape>, Problem> {
    Ok(Json(accounts::change_role(&asker, &user, body.role.as_deref()).await?))
}

/// Replace a password; it ends every sign-in and token of that person.
#[utoipa::path(put, path = "/api/v1/users/{user}/password", request_body = PasswordBody, responses((status = 204, description = "it counts from now on")))]
async fn change_password(
    Caller(asker): Caller,
    Path(user): Path<String>,
    JsonBody(body, ..): Body<PasswordBody>,
) -> Result<StatusCode, Problem> {
    accounts::change_password(&asker, &user, (body.current_password, body.new_password)).await?;
    Ok(StatusCode::NO_CONTENT)
}
