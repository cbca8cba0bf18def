//! Programs that act for somebody who lets them in on a page, in the words of RFC 8628.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::{Extension, Request as HttpRequest, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pilothouse_core::{Role, people::Request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        Outside, Peer,
        envelope::{Body, Denial, Told, retry},
        json_body::JsonBody,
    },
    Asker, Coming, accounts,
    shapes::Message,
};
use crate::{
    auth::{
        devices::{Approval, INTERVAL, LIFETIME, NotApproved, Standing},
        reception::{Admitted, NotLetIn},
        token_in,
    },
    gateway::Shared,
};

/// What a program names as the way in which it gets a token.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The largest body, in bytes.
const LARGEST: usize = 16 << 10;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(authorize)).routes(routes!(confirm)).routes(routes!(token))
}

/// What a program shows, and what it asks with.
#[derive(Serialize, ToSchema)]
struct Authorization {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// In seconds.
    expires_in: u64,
    /// How often to ask, in seconds.
    interval: u64,
}

#[derive(Deserialize, ToSchema)]
struct ConfirmBody {
    user_code: Option<String>,
}

/// As a form, or as JSON.
#[derive(Deserialize, ToSchema, Default)]
struct TokenBody {
    grant_type: Option<String>,
    device_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TokenReply {
    access_token: String,
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: &'static str,
}

/// A refusal in the words of OAuth.
#[derive(Serialize, ToSchema)]
struct OAuthError {
    error: &'static str,
    error_description: &'static str,
}

fn refuse(error: &'static str, error_description: &'static str) -> Response {
    let body = Json(OAuthError { error, error_description });
    (StatusCode::BAD_REQUEST, body).into_response()
}

/// A program wants in: it shows the code and the address, and asks for its token until somebody types the code there.
#[utoipa::path(post, path = "/api/auth/device/authorize", security(()), responses((status = 200, body = Authorization)))]
async fn authorize(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(address)): Extension<Peer>,
    Extension(Outside(outside)): Extension<Outside>,
) -> Result<Json<Authorization>, Denial> {
    let now = shared.hub.clock.now().steady;
    let begun = shared.reception.devices.lock().begin(address, now);
    let codes = begun.map_err(NotLetIn::from)?.ok_or_else(|| Denial::too_often(LIFETIME))?;
    let verification_uri = format!("{outside}/device");
    Ok(Json(Authorization {
        verification_uri_complete: format!("{verification_uri}#code={}", codes.user),
        verification_uri,
        device_code: codes.device,
        user_code: codes.user,
        expires_in: LIFETIME.as_secs(),
        interval: INTERVAL.as_secs(),
    }))
}

/// Let the program in that shows this code, to act as oneself.
#[utoipa::path(post, path = "/api/auth/device/confirm", request_body = ConfirmBody, responses((status = 200, body = Told<Message>)))]
async fn confirm(
    asker: Asker,
    JsonBody(body, ..): Body<ConfirmBody>,
) -> Result<Json<Told<Message>>, Denial> {
    let Asker { shared, caller, .. } = &asker;
    let typed = body.user_code.unwrap_or_default();
    let typed = typed.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>();
    // Nobody tries all of them.
    let attempt = shared.reception.attempt(&shared.hub, Some(&caller.user), &caller.address);
    attempt.map_err(|wait| Denial::too_often(wait.left))?;
    let request = Request::ApproveDevice { code: typed.as_str().into() };
    accounts::ask(shared, caller, request).await?;
    let role = [Role::Admin, Role::Operator].into_iter().find(|role| caller.is_at_least(*role));
    let approval = Approval { user: caller.user.clone(), role: role.unwrap_or(Role::Viewer) };
    let now = shared.hub.clock.now().steady;
    let approved = shared.reception.devices.lock().approve(&typed, approval, now);
    let (code, message) = match approved {
        Ok(()) => {
            shared.reception.throttle.lock().forgive(Some(&caller.user), &caller.address);
            return Ok(Told::new(Message { message: "the program is let in" }));
        }
        Err(NotApproved::Unknown) => ("INVALID_CODE", "no program shows that code"),
        Err(NotApproved::Expired) => ("EXPIRED_CODE", "the code is too old; begin again"),
        Err(NotApproved::Already) => ("ALREADY_AUTHORIZED", "the program was let in already"),
    };
    Err(Denial::new(StatusCode::BAD_REQUEST, code, message))
}

/// A program asks whether it was let in, and gets its token if so.
#[utoipa::path(post, path = "/api/auth/device/token", request_body = TokenBody, security(()), responses((status = 200, body = TokenReply), (status = 400, body = OAuthError)))]
async fn token(
    State(shared): State<Arc<Shared>>,
    Coming(whence): Coming,
    request: HttpRequest,
) -> Response {
    let Some(TokenBody { grant_type: Some(grant), device_code: Some(code) }) = read(request).await
    else {
        return refuse("invalid_request", "grant_type and device_code are needed");
    };
    if grant != GRANT {
        return refuse("unsupported_grant_type", "only device codes are taken here");
    }
    let now = shared.hub.clock.now().steady;
    let standing = shared.reception.devices.lock().ask(&code, now);
    let approval = match standing {
        Standing::Pending => {
            return refuse("authorization_pending", "nobody has typed the code yet");
        }
        Standing::SlowDown => return refuse("slow_down", "ask less often, by five seconds"),
        Standing::Expired => return refuse("expired_token", "nobody typed the code in time"),
        Standing::Unknown => return refuse("invalid_grant", "the code is not known, or was used"),
        Standing::Approved(approval) => approval,
    };
    match shared.reception.approved(&shared.hub, &approval, &whence).await {
        Ok(Admitted { token, lifetime, refresh, .. }) => {
            let reply = TokenReply {
                access_token: token,
                token_type: "Bearer",
                expires_in: lifetime.as_secs(),
                refresh_token: refresh,
                scope: approval.role.as_str(),
            };
            ([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response()
        }
        Err(NotLetIn::NoAnswer(_)) => refuse("access_denied", "whoever let it in is gone"),
        Err(reason) => {
            let denial = Denial::from(reason);
            let after = denial.retry_after;
            let mut response = refuse("temporarily_unavailable", "try again later");
            *response.status_mut() = denial.status;
            retry(&mut response, after);
            response
        }
    }
}

async fn read(request: HttpRequest) -> Option<TokenBody> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let is_json =
        content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let bytes = to_bytes(request.into_body(), LARGEST).await.ok()?;
    if is_json {
        return serde_json::from_slice(&bytes).ok();
    }
    let mut body = TokenBody::default();
    for (name, value) in token_in::pairs(std::str::from_utf8(&bytes).ok()?) {
        match name.as_str() {
            "grant_type" => body.grant_type = Some(value),
            "device_code" => body.device_code = Some(value),
            _ => {}
        }
    }
    Some(body)
}
