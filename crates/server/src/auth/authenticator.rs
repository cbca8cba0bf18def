//! The one way in: whatever somebody presents, at whichever door, is checked here.

use pilothouse_core::{agents::KeyHash, ids::AgentId, time::Timestamp};
use pilothouse_protocols::Denied;

use super::{Claims, Verifier, agent_keys::AgentKey, revoked::Revoked};

/// Knows every kind of credential, and which of them were revoked.
pub(crate) struct Authenticator {
    tokens: Verifier,
    pub(crate) revoked: Revoked,
}

impl Authenticator {
    pub(crate) fn new(tokens: Verifier, revoked: Revoked) -> Self {
        Self { tokens, revoked }
    }

    /// Who presents this, if it counts at `now`. `key_of` knows the keys that agents enrolled with.
    pub(crate) fn authenticate(
        &self,
        text: &str,
        key_of: impl FnOnce(&AgentId) -> Option<KeyHash>,
        now: Timestamp,
    ) -> Result<Claims, Denied> {
        let claims = match AgentKey::read(text) {
            Some(key) => key.claims(key_of)?,
            None => self.tokens.verify(text, now)?,
        };
        self.revoked.check(&claims.credential)?;
        Ok(claims)
    }
}
