//! Where somebody is signed in, and how a single device is signed out.

use std::sync::Arc;

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::{
    ids::{SignInId, UserId},
    people::{Refusal, Request, SignIn},
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{envelope::Denial, problem::Problem},
    Asker, accounts,
    own_routes::Caller,
};
use crate::{
    desk::NoAnswer,
    gateway::{Shared, Whose},
    revocations,
};

/// How people call themselves in a path.
const OWN: &str = "me";

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, end_all)).routes(routes!(end))
}

/// Everywhere somebody is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SignIns {
    /// The oldest first; at most 100.
    sign_ins: Vec<SignInShape>,
}

/// Somebody, signed in on one device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignIn)]
struct SignInShape {
    id: String,
    /// When it began.
    begun_at: String,
    /// When it ends if it is not renewed.
    expires_at: String,
    /// From which address it began; empty if that is not known.
    address: String,
    /// With which program, as that says itself; likewise.
    program: String,
    /// Whether it is the one that asks.
    is_current: bool,
}

/// Where somebody is signed in; `me` is oneself. Others' sign-ins take an administrator.
#[utoipa::path(get, path = "/api/v1/users/{user}/sign-ins", responses((status = 200, body = SignIns)))]
async fn list(Caller(asker): Caller, Path(user): Path<String>) -> Result<Json<SignIns>, Problem> {
    let user = whose(&asker, &user)?;
    if accounts::own(&asker).is_none_or(|own| own.id != user) {
        asker.demand_admin()?;
    }
    let current = asker.claims.sign_in.as_ref();
    let shape = |one: &SignIn| SignInShape {
        id: one.id.to_string(),
        begun_at: moment(one.begun_at),
        expires_at: moment(one.expires_at),
        address: one.address.to_string(),
        program: one.program.to_string(),
        is_current: current == Some(&one.id),
    };
    let sign_ins = asker.shared.hub.look(|core, now| {
        core.people().sign_ins_of(&user, now.wall).into_iter().map(shape).collect()
    });
    Ok(Json(SignIns { sign_ins }))
}

/// Sign somebody out everywhere; `me` is oneself. Their open sockets of these sign-ins end at once.
#[utoipa::path(delete, path = "/api/v1/users/{user}/sign-ins", responses((status = 204, description = "they are over")))]
async fn end_all(Caller(asker): Caller, Path(user): Path<String>) -> Result<StatusCode, Problem> {
    let user = whose(&asker, &user)?;
    finish(&asker, user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign somebody out on one device; `me` is oneself. Their open sockets of this sign-in end at once.
#[utoipa::path(delete, path = "/api/v1/users/{user}/sign-ins/{signIn}", responses((status = 204, description = "it is over")))]
async fn end(
    Caller(asker): Caller,
    Path((user, sign_in)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let user = whose(&asker, &user)?;
    let unknown = |_| Denial::from(NoAnswer::Refused(Refusal::NoSuchSignIn.into()));
    finish(&asker, user, Some(SignInId::new(&sign_in).map_err(unknown)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn whose(asker: &Asker, user: &str) -> Result<UserId, Denial> {
    if user != OWN {
        return accounts::target(asker, user);
    }
    let message = "this token is of nobody with an account; name somebody";
    let nobody = || Denial::new(StatusCode::NOT_FOUND, "USER_NOT_FOUND", message);
    accounts::own(asker).map(|own| own.id.clone()).ok_or_else(nobody)
}

async fn finish(asker: &Asker, user: UserId, sign_in: Option<SignInId>) -> Result<(), Denial> {
    let shared = &asker.shared;
    let named: Vec<SignInId> = match &sign_in {
        Some(one) => vec![one.clone()],
        None => shared.hub.look(|core, now| {
            let all = core.people().sign_ins_of(&user, now.wall);
            all.into_iter().map(|one| one.id.clone()).collect()
        }),
    };
    let request = Request::EndSignIns { user, sign_in };
    let answer = accounts::ask(shared, &asker.caller, request).await;
    // What counts is what is so now, also if that cannot be stored yet.
    let over = shared.hub.look(|core, _| {
        let is_over = |id: &SignInId| core.people().sign_in(id).is_none();
        named.into_iter().filter(is_over).collect::<Vec<_>>()
    });
    for id in over {
        revocations::end_sockets(shared, &Whose::SignIn(id));
    }
    answer.map(drop)
}
