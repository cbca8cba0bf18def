//! The one way in: whatever somebody presents, at whichever door, is checked here.

use pilothouse_core::time::Timestamp;
use pilothouse_protocols::Denied;

use super::{Claims, Verifier, revoked::Revoked};

/// Knows every kind of credential, and which of them were revoked.
pub(crate) struct Authenticator {
    tokens: Verifier,
    pub(crate) revoked: Revoked,
}

impl Authenticator {
    pub(crate) fn new(tokens: Verifier, revoked: Revoked) -> Self {
        Self { tokens, revoked }
    }

    /// Who presents this, if it counts at `now`.
    pub(crate) fn authenticate(&self, text: &str, now: Timestamp) -> Result<Claims, Denied> {
        let claims = self.tokens.verify(text, now)?;
        self.revoked.check(&claims.credential)?;
        Ok(claims)
    }
}
