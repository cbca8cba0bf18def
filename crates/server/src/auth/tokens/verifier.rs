//! JSON Web Tokens: who signed them, what they open, and how we sign our own.
//!
//! The algorithm is pinned to HS256 with the server's own secret. `exp` is demanded.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use pilothouse_core::{
    Caller, Role, Scope,
    ids::{AgentId, ConnectionId, SessionId},
    time::Timestamp,
};
use pilothouse_protocols::Denied;
use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// How far two clocks may differ.
const LEEWAY: Duration = Duration::from_secs(5);
/// The longest token that is looked at.
const LONGEST: usize = 4096;

/// A token that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    user: Arc<str>,
    name: Arc<str>,
    scope: Scope,
    expires_at: Timestamp,
}

impl Claims {
    /// The token's holder on one connection.
    pub fn caller(&self, connection: ConnectionId, address: Arc<str>) -> Caller {
        Caller {
            user: self.user.clone(),
            name: self.name.clone(),
            scope: self.scope.clone(),
            connection,
            address,
            expires_at: Some(self.expires_at),
        }
    }
}

/// What a token is to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// All doors of people, with that role.
    Person {
        /// The user's id.
        user: String,
        /// What they may do.
        role: Role,
    },
    /// The link of one agent.
    Agent(AgentId),
    /// The pictures of one session.
    Viewer {
        /// The user's id.
        user: String,
        /// Which session.
        session: SessionId,
    },
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Wire {
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(rename = "agentId", skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    exp: u64,
}

/// Signs tokens with the server's secret.
pub struct Signer {
    key: EncodingKey,
}

impl Signer {
    /// A signer with that secret.
    pub fn new(secret: &Secret) -> Self {
        Self { key: EncodingKey::from_secret(secret.bytes()) }
    }

    /// One token that counts for `lifetime` from `now` on.
    pub fn sign(&self, grant: &Grant, now: Timestamp, lifetime: Duration) -> String {
        let iat = now.0 / 1000;
        let mut wire = Wire { iat: Some(iat), exp: iat + lifetime.as_secs(), ..Wire::default() };
        match grant {
            Grant::Person { user, role } => {
                wire.sub = Some(user.clone());
                wire.user_id = Some(user.clone());
                wire.username = Some(user.clone());
                wire.role = Some(role.as_str().to_owned());
            }
            Grant::Agent(agent) => {
                wire.sub = Some(agent.to_string());
                wire.scope = Some("agent".to_owned());
                wire.agent_id = Some(agent.to_string());
            }
            Grant::Viewer { user, session } => {
                wire.sub = Some(user.clone());
                wire.scope = Some("viewer".to_owned());
                wire.session_id = Some(session.to_string());
            }
        }
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &wire, &self.key)
            .expect("claims are plain JSON and the key is a secret")
    }
}

/// Checks tokens.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    /// A verifier of what a [`Signer`] with the same secret signs.
    pub fn new(secret: &Secret) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false; // checked below, against the clock we are given
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp"]);
        Self { key: DecodingKey::from_secret(secret.bytes()), validation }
    }

    /// Who holds the token, if it counts at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Denied> {
        let denied = |reason| Err(Denied { reason });
        if token.len() > LONGEST {
            return denied("the token is too long");
        }
        if has_critical_extension(token) {
            return denied("the token demands an extension that is not known");
        }
        let Ok(decoded) = jsonwebtoken::decode::<Wire>(token, &self.key, &self.validation) else {
            return denied("the token is invalid");
        };
        let wire = decoded.claims;
        if wire.exp.saturating_add(LEEWAY.as_secs()) <= now.0 / 1000 {
            return denied("the token has expired");
        }
        claims(&wire)
    }
}

/// RFC 7515 4.1.11: a header field `crit` that we do not understand makes a token void.
fn has_critical_extension(token: &str) -> bool {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = token.split('.').next().unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    serde_json::from_slice::<serde_json::Value>(&decoded)
        .is_ok_and(|header| header.get("crit").is_some())
}

fn claims(wire: &Wire) -> Result<Claims, Denied> {
    let denied = |reason| Err(Denied { reason });
    let mut ids = [&wire.sub, &wire.user_id, &wire.id].into_iter().flatten();
    let user = ids.next().filter(|user| !user.is_empty() && user.len() <= 256);
    let Some(user) = user else { return denied("the token names no user") };
    if ids.any(|other| other != user) {
        return denied("the token names several users");
    }
    let scope = match (wire.scope.as_deref(), wire.kind.as_deref()) {
        (None, None) => Scope::Person(role(wire)?),
        (Some("agent"), None) => match wire.agent_id.as_ref().unwrap_or(user).parse() {
            Ok(agent) => Scope::Agent(agent),
            Err(_) => return denied("the token names no agent"),
        },
        (Some("viewer"), None) => match wire.session_id.as_deref().unwrap_or("").parse() {
            Ok(session) => Scope::View(session),
            Err(_) => return denied("the token names no session"),
        },
        _ => return denied("the token has an unknown scope or type"),
    };
    let name = wire.username.as_deref().unwrap_or(user);
    let expires_at = Timestamp(wire.exp.saturating_mul(1000));
    Ok(Claims { user: user.as_str().into(), name: name.into(), scope, expires_at })
}

fn role(wire: &Wire) -> Result<Role, Denied> {
    match wire.role.as_deref() {
        None => Ok(Role::Operator),
        Some(name) => Role::named(name).ok_or(Denied { reason: "the token has an unknown role" }),
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
