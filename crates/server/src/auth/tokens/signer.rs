//! Signs our own tokens with the server's secret.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pilothouse_core::{
    Role,
    ids::{AgentId, SessionId, SignInId},
    people::User,
    time::Timestamp,
};

use super::claims::{SESSION, Wire};
use crate::auth::secret::Secret;

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
    /// All doors of people, for somebody who has an account and is signed in.
    SignedIn {
        /// Who.
        user: Arc<User>,
        /// Which sign-in the token ends with.
        sign_in: SignInId,
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
    /// One session's pictures, and that agent's part in it.
    Session {
        /// Which session.
        session: SessionId,
        /// Which agent.
        agent: AgentId,
    },
    /// The same, as long as somebody counts who asked for it.
    SessionFor {
        /// Who.
        holder: Holder,
        /// Which session.
        session: SessionId,
        /// Which agent.
        agent: AgentId,
    },
}

/// Somebody who answers for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user's id.
    pub user: String,
    /// What to show to people.
    pub name: String,
    /// Which sign-in the token ends with.
    pub sign_in: Option<SignInId>,
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
            Grant::SignedIn { user, sign_in } => {
                wire.sub = Some(user.id.to_string());
                wire.user_id = Some(user.id.to_string());
                wire.username = Some(user.username.to_string());
                wire.email = user.email.as_deref().map(str::to_owned);
                wire.role = Some(user.role.as_str().to_owned());
                wire.sign_in = Some(sign_in.to_string());
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
            Grant::Session { session, agent } => {
                wire.kind = Some(SESSION.to_owned());
                wire.session_id = Some(session.to_string());
                wire.agent_id = Some(agent.to_string());
            }
            Grant::SessionFor { holder, session, agent } => {
                wire.sub = Some(holder.user.clone());
                wire.username = Some(holder.name.clone());
                wire.sign_in = holder.sign_in.as_ref().map(ToString::to_string);
                wire.kind = Some(SESSION.to_owned());
                wire.session_id = Some(session.to_string());
                wire.agent_id = Some(agent.to_string());
            }
        }
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &wire, &self.key)
            .expect("claims are plain JSON and the key is a secret")
    }
}
