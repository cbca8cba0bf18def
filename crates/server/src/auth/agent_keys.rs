//! Keys of agents: made by the agent, known here by their hash.
//!
//! A key is `pha_AGENT.SECRET`. It opens that agent's link for as long as the agent is known by it.

use pilothouse_core::{agents::KeyHash, ids::AgentId};
use sha2::{Digest, Sha256};

/// What a key begins with. No token does: theirs begin with the Base64 of a brace.
const PREFIX: &str = "pha_";
/// The longest key that is looked at: an id, and what agents of this release use as secret, doubled.
const LONGEST: usize = 4 + 128 + 1 + 128;

/// A key as it was presented.
pub(crate) struct AgentKey {
    pub(crate) agent: AgentId,
    hash: KeyHash,
}

impl AgentKey {
    /// Reads a credential; `None` if it is of another kind.
    pub(crate) fn read(credential: &str) -> Option<Self> {
        if credential.len() > LONGEST {
            return None;
        }
        let (agent, secret) = credential.strip_prefix(PREFIX)?.split_once('.')?;
        let agent = AgentId::new(agent).ok().filter(|_| !secret.is_empty())?;
        Some(Self { agent, hash: KeyHash(Sha256::digest(credential.as_bytes()).into()) })
    }

    /// Whether this is the key of that hash. Takes the same time wherever they differ.
    pub(crate) fn is(&self, known: KeyHash) -> bool {
        let pairs = self.hash.0.iter().zip(known.0);
        pairs.fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_is_the_key() {
        let key = AgentKey::read("pha_a-1.secret").unwrap();
        assert_eq!(key.agent.as_str(), "a-1");
        assert!(key.is(KeyHash(Sha256::digest(b"pha_a-1.secret").into())));
        for other in ["pha_a-1.secreT", "pha_a-1.secret ", "pha_a-1.secre", "pha_a-2.secret"] {
            assert!(!key.is(KeyHash(Sha256::digest(other).into())), "{other}");
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
