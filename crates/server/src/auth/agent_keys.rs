//! Keys of agents: made by the agent, known here by their hash.
//!
//! A key is `pha_AGENT.SECRET`. It opens that agent's link for as long as the agent is known by it.

use std::sync::Arc;

use pilothouse_core::{Scope, agents::KeyHash, ids::AgentId};
use pilothouse_protocols::Denied;

use super::{Claims, credential::Credential};

/// What a key begins with. No token does: theirs begin with the Base64 of a brace.
const PREFIX: &str = "pha_";
/// The longest key that is looked at: an id, and what agents of this release use as secret, doubled.
const LONGEST: usize = 4 + 128 + 1 + 128;

/// A key as it was presented.
pub(super) struct AgentKey {
    agent: AgentId,
    credential: Credential,
}

impl AgentKey {
    /// Reads a credential; `None` if it is of another kind.
    pub(super) fn read(credential: &str) -> Option<Self> {
        if credential.len() > LONGEST {
            return None;
        }
        let (agent, secret) = credential.strip_prefix(PREFIX)?.split_once('.')?;
        let agent = AgentId::new(agent).ok().filter(|_| !secret.is_empty())?;
        Some(Self { agent, credential: Credential::of(credential) })
    }

    /// What the key opens, if it is the one that its agent is known by. It does not expire.
    pub(super) fn claims(
        self,
        key_of: impl FnOnce(&AgentId) -> Option<KeyHash>,
    ) -> Result<Claims, Denied> {
        if key_of(&self.agent).is_none_or(|known| !self.is(known)) {
            return Err(Denied { reason: "the agent's key is not known" });
        }
        let user: Arc<str> = self.agent.as_str().into();
        Ok(Claims {
            name: user.clone(),
            user,
            scope: Scope::Enrolled(self.agent),
            expires_at: None,
            issued_at: None,
            sign_in: None,
            credential: self.credential,
        })
    }

    /// Whether this is the key of that hash. Takes the same time wherever they differ.
    fn is(&self, known: KeyHash) -> bool {
        let pairs = self.credential.bytes().iter().zip(known.0);
        pairs.fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(key: &str) -> KeyHash {
        KeyHash(*Credential::of(key).bytes())
    }

    #[test]
    fn only_the_whole_key_is_the_key() {
        let key = AgentKey::read("pha_a-1.secret").unwrap();
        assert_eq!(key.agent.as_str(), "a-1");
        assert!(key.is(hash("pha_a-1.secret")));
        for other in ["pha_a-1.secreT", "pha_a-1.secret ", "pha_a-1.secre", "pha_a-2.secret"] {
            assert!(!key.is(hash(other)), "{other}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        let long = format!("pha_a-1.{}", "x".repeat(300));
        for other in
            ["", "pha_", "pha_a-1", "pha_a-1.", "pha_a/1.s", "pha_.s", "eyJhbGciOi.x.y", &long]
        {
            assert!(AgentKey::read(other).is_none(), "{other}");
        }
    }
}
