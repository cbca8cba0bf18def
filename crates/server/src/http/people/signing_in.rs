//! Signing in and out, renewing tokens, and who one is.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use pilothouse_core::{Role, people::Request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        Outside, Peer,
        envelope::{Body, Denial, Told, WrongField},
        json_body::JsonBody,
    },
    Asker, Coming, accounts,
    cookie::{self, Place},
    fields::AccountBody,
    shapes::{Message, OneUser, UserShape},
};
use crate::{
    auth::reception::{Admitted, LOCAL, stranger},
    gateway::{Shared, Whose},
    revocations,
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(register))
        .routes(routes!(refresh))
        .routes(routes!(exchange))
        .routes(routes!(logout))
        .routes(routes!(me))
        .routes(routes!(make_code))
}

/// Somebody who wants in.
#[derive(Deserialize, ToSchema)]
struct LoginBody {
    /// A username, or an address.
    username: Option<String>,
    /// The same.
    email: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RefreshBody {
    refresh_token: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct CodeBody {
    code: Option<String>,
}

/// A token, and whose it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    token: String,
    /// Such as `24h`.
    expires_in: String,
    /// Good for one more token, once; only for people with an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    user: UserShape,
    /// Whether nobody has an account yet, so that one should be made.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_first: bool,
}

/// A code that opens the page once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MadeCode {
    code: String,
    /// Such as `1h`.
    expires_in: String,
}

type Reply = (HeaderMap, Json<Told<Entry>>);

fn reply(shared: &Shared, outside: &Outside, admitted: Admitted) -> Reply {
    let Admitted { token, lifetime, refresh, user } = admitted;
    let local = || UserShape::without_account(LOCAL, LOCAL, Role::Admin);
    let mut fields = cookie::set(&token, lifetime.as_secs(), &place(shared, outside));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let entry = Entry {
        token,
        expires_in: words(lifetime),
        refresh_token: refresh,
        user: user.map_or_else(local, |user| user.as_ref().into()),
        is_first: shared.hub.look(|core, _| core.people().is_empty()),
    };
    (fields, Told::new(entry))
}

fn place(shared: &Shared, outside: &Outside) -> Place {
    let base_path = shared.config.base_path.clone();
    Place { base_path, is_secure: outside.0.starts_with("https:") }
}

/// Whole hours, minutes or seconds, as the largest unit has it.
pub(in crate::http) fn words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

fn required(text: Option<String>, field: &'static str) -> Result<String, Denial> {
    let missing = || Denial::invalid(vec![WrongField { field, message: "is missing" }]);
    text.filter(|text| !text.is_empty()).ok_or_else(missing)
}

/// Sign in with a password.
#[utoipa::path(post, path = "/api/auth/login", request_body = LoginBody, security(()), responses((status = 200, body = Told<Entry>)))]
async fn login(
    State(shared): State<Arc<Shared>>,
    Coming(whence): Coming,
    Extension(outside): Extension<Outside>,
    JsonBody(body, ..): Body<LoginBody>,
) -> Result<Reply, Denial> {
    let login = required(body.username.or(body.email), "username")?;
    let password = required(body.password, "password")?;
    let admitted = shared.reception.sign_in(&shared.hub, login.trim(), password, &whence).await?;
    Ok(reply(&shared, &outside, admitted))
}

/// Make an account for oneself, where `people.self_registration` allows it. It is a viewer's, whatever was asked for.
#[utoipa::path(post, path = "/api/auth/register", request_body = AccountBody, security(()), responses((status = 201, body = Told<OneUser>)))]
async fn register(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(address)): Extension<Peer>,
    JsonBody(body, ..): Body<AccountBody>,
) -> Result<(StatusCode, Json<Told<OneUser>>), Denial> {
    if !shared.reception.settings.self_registration {
        let message = "accounts are made by administrators here; ask one";
        return Err(Denial::forbidden(message));
    }
    // Hashing is work, so even those who succeed are counted.
    let attempt = shared.reception.attempt(&shared.hub, None, &address);
    attempt.map_err(|wait| Denial::too_often(wait.left))?;
    let nobody = stranger("", &address);
    let body = AccountBody { role: None, ..body };
    let user = accounts::create(&shared, &nobody, body, Request::Register).await?;
    Ok((StatusCode::CREATED, Told::new(user.into())))
}

/// Get the next token. Each refresh token is good once; showing it again ends the sign-in.
#[utoipa::path(post, path = "/api/auth/refresh", request_body = RefreshBody, security(()), responses((status = 200, body = Told<Entry>)))]
async fn refresh(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(address)): Extension<Peer>,
    Extension(outside): Extension<Outside>,
    JsonBody(body, ..): Body<RefreshBody>,
) -> Result<Reply, Denial> {
    let shown = required(body.refresh_token, "refreshToken")?;
    let admitted = shared.reception.refresh(&shared.hub, &shown, &address).await?;
    Ok(reply(&shared, &outside, admitted))
}

/// Get a token for the code of a link.
#[utoipa::path(post, path = "/api/auth/exchange", request_body = CodeBody, security(()), responses((status = 200, body = Told<Entry>)))]
async fn exchange(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(address)): Extension<Peer>,
    Extension(outside): Extension<Outside>,
    JsonBody(body, ..): Body<CodeBody>,
) -> Result<Reply, Denial> {
    let code = required(body.code, "code")?;
    let admitted = shared.reception.exchange(&shared.hub, &code, &address).await?;
    Ok(reply(&shared, &outside, admitted))
}

/// Make a code that opens the page once, as an administrator.
#[utoipa::path(post, path = "/api/auth/codes", responses((status = 200, body = Told<MadeCode>)))]
async fn make_code(asker: Asker) -> Result<Json<Told<MadeCode>>, Denial> {
    let Asker { shared, caller, .. } = &asker;
    accounts::ask(shared, caller, Request::MakeCode).await?;
    let lifetime = shared.reception.settings.code_lifetime;
    let now = shared.hub.clock.now().steady;
    let made = shared.reception.codes.lock().make(lifetime, now);
    let code = made.map_err(|_| {
        Denial::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "no code can be made now")
    })?;
    Ok(Told::new(MadeCode { code, expires_in: words(lifetime) }))
}

/// End this token, the sign-in it belongs to, and the sockets of that.
#[utoipa::path(post, path = "/api/auth/logout", responses((status = 200, body = Told<Message>)))]
async fn logout(
    asker: Asker,
    Extension(outside): Extension<Outside>,
) -> Result<(HeaderMap, Json<Told<Message>>), Denial> {
    let Asker { shared, caller, claims } = &asker;
    let sign_in = claims.sign_in.clone();
    accounts::ask(shared, caller, Request::SignOut { sign_in: sign_in.clone() }).await?;
    match sign_in {
        Some(sign_in) => {
            revocations::end_sockets(shared, &Whose::SignIn(sign_in));
        }
        // A token that was signed without a sign-in is put onto the list of those that count no longer.
        None => {
            revocations::revoke(shared, claims.credential).await.map_err(|error| {
                Denial::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", error.to_string())
            })?;
        }
    }
    let fields = cookie::clear(&place(shared, &outside));
    Ok((fields, Told::new(Message { message: "signed out" })))
}

/// Who one is, and what one may do now.
#[utoipa::path(get, path = "/api/auth/me", responses((status = 200, body = Told<OneUser>)))]
async fn me(asker: Asker) -> Json<Told<OneUser>> {
    let role =
        [Role::Admin, Role::Operator].into_iter().find(|role| asker.caller.is_at_least(*role));
    let role = role.unwrap_or(Role::Viewer);
    let user = match accounts::own(&asker) {
        Some(own) => UserShape::from(own.as_ref()).with_role(role),
        None => UserShape::without_account(&asker.caller.user, &asker.caller.name, role),
    };
    Told::new(user.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_told_in_their_largest_unit() {
        for (seconds, expected) in [(86_400, "24h"), (90, "90s"), (1800, "30m"), (0, "0s")] {
            assert_eq!(words(Duration::from_secs(seconds)), expected);
        }
    }
}
