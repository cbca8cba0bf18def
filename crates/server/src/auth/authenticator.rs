//! The one way in: whatever somebody presents, at whichever door, is checked here.

use pilothouse_core::{agents::KeyHash, keys::Presented, time::Timestamp};
use pilothouse_protocols::Denied;

use super::{Claims, Verifier, agent_keys, revoked::Revoked};

/// Knows every kind of credential, and which of them were revoked.
pub(crate) struct Authenticator {
    tokens: Verifier,
    pub(crate) revoked: Revoked,
}

impl Authenticator {
    pub(crate) fn new(tokens: Verifier, revoked: Revoked) -> Self {
        Self { tokens, revoked }
    }

    /// Who presents this, if it counts at `now`. `key_with` knows the keys of agents by their hashes.
    pub(crate) fn authenticate(
        &self,
        text: &str,
        key_with: impl FnOnce(&KeyHash) -> Option<Presented>,
        now: Timestamp,
    ) -> Result<Claims, Denied> {
        let claims = match agent_keys::read(text) {
            Some(credential) => {
                let presented = key_with(&KeyHash(*credential.bytes()));
                agent_keys::claims(credential, presented)?
            }
            None => self.tokens.verify(text, now)?,
        };
        self.revoked.check(&claims.credential)?;
        Ok(claims)
    }
}
