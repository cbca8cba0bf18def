//! What a token says: the claims on the wire, and what they mean once the signature holds.

use std::sync::Arc;

use pilothouse_core::{
    Caller, Role, Scope,
    ids::{AgentId, ConnectionId, SessionId, SignInId},
    people::People,
    time::Timestamp,
};
use pilothouse_protocols::Denied;
use serde::{Deserialize, Serialize};

use crate::{auth::credential::Credential, gateway::Whence};

/// How far two clocks may differ, in seconds.
const LEEWAY: u64 = 5;
/// The last second of the year 9999. A token that is to outlive it was made by mistake or to deceive.
const END_OF_TIME: u64 = 253_402_300_799;
/// The longest name of a user, in bytes.
const LONGEST_NAME: usize = 256;
/// What the tokens of sessions are marked with.
pub(super) const SESSION: &str = "websocket_auth";

/// A credential that counts, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub(crate) user: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) scope: Scope,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    /// The sign-in that it belongs to, and ends with.
    pub(crate) sign_in: Option<SignInId>,
    pub(crate) credential: Credential,
}

impl Claims {
    /// Whether this is a key of an agent, whoever made it.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self.scope, Scope::Enrolled(_) | Scope::Keyed { .. })
    }

    /// Whether this is an agent and no person.
    pub(crate) fn is_agent(&self) -> bool {
        self.is_key() || matches!(self.scope, Scope::Agent(_))
    }

    /// Whether the book of people still lets them count. Agents are not in it, even if they are called like people.
    pub(crate) fn check(&self, people: &People) -> Result<(), Denied> {
        match self.scope {
            Scope::Person(_) | Scope::View(_) => people
                .counts(&self.user, self.issued_at, self.sign_in.as_ref())
                .map_err(|reason| Denied { reason }),
            // One that nobody answers for is in its agent's name.
            Scope::Session { ref agent, .. }
                if *self.user != *agent.as_str() || self.sign_in.is_some() =>
            {
                people
                    .counts(&self.user, self.issued_at, self.sign_in.as_ref())
                    .map_err(|reason| Denied { reason })
            }
            Scope::Agent(_)
            | Scope::Enrolled(_)
            | Scope::Keyed { .. }
            | Scope::Session { .. }
            | Scope::Nobody => Ok(()),
        }
    }

    /// The token's holder on one connection.
    pub(crate) fn caller(&self, connection: ConnectionId, whence: &Whence) -> Caller {
        Caller {
            user: self.user.clone(),
            name: self.name.clone(),
            scope: self.scope.clone(),
            connection,
            address: whence.address.clone(),
            program: whence.program.clone(),
            expires_at: self.expires_at,
        }
    }
}

/// The claims as they are signed. Names that we do not know are ignored.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Wire {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub: Option<String>,
    #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(rename = "agentId", skip_serializing_if = "Option::is_none")]
    pub(super) agent_id: Option<String>,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    pub(super) session_id: Option<String>,
    #[serde(rename = "signIn", skip_serializing_if = "Option::is_none")]
    pub(super) sign_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iat: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<u64>,
    pub(super) exp: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Wire {
    /// Whether the token counts at `now`.
    pub(super) fn check_times(&self, now: Timestamp) -> Result<(), Denied> {
        let now = now.0 / 1000;
        let is_early = |at: Option<u64>| at.is_some_and(|at| at > now.saturating_add(LEEWAY));
        if self.exp > END_OF_TIME {
            return denied("the token expires too late to be meant");
        }
        if self.exp.saturating_add(LEEWAY) <= now {
            return denied("the token has expired");
        }
        if is_early(self.nbf) || is_early(self.iat) {
            return denied("the token does not count yet; compare the clocks");
        }
        Ok(())
    }

    /// Whether the token was made by `issuer`, for `audience`.
    pub(super) fn check_source(&self, issuer: &str, audience: &str) -> Result<(), Denied> {
        if self.iss.as_deref() != Some(issuer) {
            return denied("the token has another issuer");
        }
        let is_for_us = match &self.aud {
            Some(Audience::One(one)) => one == audience,
            Some(Audience::Several(several)) => several.iter().any(|one| one == audience),
            None => false,
        };
        if is_for_us { Ok(()) } else { denied("the token has another audience") }
    }

    /// What the claims mean. A person whose role is not said has `unsaid`.
    pub(super) fn read(&self, unsaid: Role, credential: Credential) -> Result<Claims, Denied> {
        let named = self.named()?;
        let agent = || self.agent_id.as_deref().and_then(|id| AgentId::new(id).ok());
        let session = || self.session_id.as_deref().and_then(|id| SessionId::new(id).ok());
        let no_session = Denied { reason: "the token names no session" };
        let no_agent = Denied { reason: "the token names no agent" };
        let (scope, user) = match (self.scope.as_deref(), self.kind.as_deref()) {
            (None, None) => (Scope::Person(self.role(unsaid)?), named),
            (Some("agent"), None) => {
                let agent = self.own_agent(named).ok_or(no_agent)?;
                (Scope::Agent(agent), named.or(self.agent_id.as_deref()))
            }
            (Some("viewer"), None) => (Scope::View(session().ok_or(no_session)?), named),
            (None, Some(SESSION)) => {
                let session = session().ok_or(no_session)?;
                let agent = agent().ok_or(no_agent)?;
                (Scope::Session { session, agent }, named.or(self.agent_id.as_deref()))
            }
            _ => return denied("the token has an unknown scope or type"),
        };
        let sign_in = self.sign_in.as_deref().map(SignInId::new).transpose();
        let sign_in = sign_in.map_err(|_| Denied { reason: "the token names no sign-in" })?;
        let user = user.ok_or(Denied { reason: "the token names no user" })?;
        let name = self.username.as_deref().unwrap_or(user);
        if !is_name(name) {
            return denied("the token has an unusable username");
        }
        Ok(Claims {
            user: user.into(),
            name: name.into(),
            scope,
            expires_at: Some(Timestamp(self.exp.saturating_mul(1000))),
            issued_at: self.iat.map(|at| Timestamp(at.saturating_mul(1000))),
            sign_in,
            credential,
        })
    }

    /// The user, under whichever of the three names; all that are there have to agree.
    fn named(&self) -> Result<Option<&str>, Denied> {
        let mut ids = [&self.sub, &self.user_id, &self.id].into_iter().flatten();
        let Some(user) = ids.next() else { return Ok(None) };
        if !is_name(user) {
            return denied("the token names no user");
        }
        if ids.any(|other| other != user) {
            return denied("the token names several users");
        }
        Ok(Some(user))
    }

    /// The agent of an agent's token: `agentId` or the user, and if both are there, they are the same.
    fn own_agent(&self, named: Option<&str>) -> Option<AgentId> {
        let id = self.agent_id.as_deref().or(named)?;
        AgentId::new(id).ok().filter(|_| named.is_none_or(|named| named == id))
    }

    fn role(&self, unsaid: Role) -> Result<Role, Denied> {
        match self.role.as_deref() {
            None => Ok(unsaid),
            Some(name) => {
                Role::named(name).ok_or(Denied { reason: "the token has an unknown role" })
            }
        }
    }
}

/// A name goes into logs and onto pages, so it is short and on one line.
fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && !text.chars().any(char::is_control)
}

pub(super) fn denied<T>(reason: &'static str) -> Result<T, Denied> {
    Err(Denied { reason })
}
