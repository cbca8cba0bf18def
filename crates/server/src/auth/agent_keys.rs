//! Keys of agents: `mc_` and 64 digits, made here for people, or `pha_AGENT.SECRET`, made by an agent that enrols.
//!
//! Both are known by their SHA-256 only. What a key opens, and whether it counts, the core knows.

use std::sync::Arc;

use pilothouse_core::{
    Scope,
    agents::KeyHash,
    keys::{Origin, Presented, Standing},
};
use pilothouse_protocols::Denied;

use super::{Claims, credential::Credential};

/// What a key that somebody made begins with.
const MADE: &str = "mc_";
/// What a key that an agent enrolled with begins with. No token does: theirs begin with the Base64 of a brace.
const ENROLLED: &str = "pha_";
/// The longest key that is looked at: an id, and what agents of this release use as secret, doubled.
const LONGEST: usize = 4 + 128 + 1 + 128;

/// A new key's text, which nobody but its holder ever sees again, and its hash.
pub(crate) fn make() -> Result<(String, KeyHash), getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let text = format!("{MADE}{}", KeyHash(secret).to_hexadecimal());
    let hash = KeyHash(*Credential::of(&text).bytes());
    Ok((text, hash))
}

/// The name of a credential that may be a key; `None` if it is of another kind.
pub(super) fn read(credential: &str) -> Option<Credential> {
    let is_key = credential.starts_with(MADE) || credential.starts_with(ENROLLED);
    (is_key && credential.len() <= LONGEST).then(|| Credential::of(credential))
}

/// What a key opens, if it counts.
pub(super) fn claims(
    credential: Credential,
    presented: Option<Presented>,
) -> Result<Claims, Denied> {
    let denied = |reason| Err(Denied { reason });
    let Some(Presented { key, standing, expires_at }) = presented else {
        return denied("the agent's key is not known");
    };
    match standing {
        Standing::Counts => {}
        Standing::Revoked => {
            return denied(
                "the agent's key was revoked; start the agent with another one, see `pilothouse keys add`",
            );
        }
        Standing::Expired => {
            return denied(
                "the agent's key has expired; start the agent with another one, see `pilothouse keys add`",
            );
        }
    }
    let (user, name, scope) = match (key.origin, key.agent.clone()) {
        (Origin::Enrolled, Some(agent)) => {
            let user: Arc<str> = agent.as_str().into();
            (user.clone(), user, Scope::Enrolled(agent))
        }
        (Origin::Enrolled, None) => return denied("the agent's key is not known"),
        (Origin::Made, agent) => {
            let scope = Scope::Keyed { key: key.id.clone(), agent };
            (key.id.as_str().into(), key.name.clone(), scope)
        }
    };
    Ok(Claims { user, name, scope, expires_at, issued_at: None, sign_in: None, credential })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_long_unlike_others_and_known_by_its_hash() {
        let (one, hash) = make().unwrap();
        let (other, _) = make().unwrap();
        assert_eq!(one.len(), 3 + 64);
        assert!(one[3..].bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(one, other);
        assert_eq!(KeyHash(*read(&one).unwrap().bytes()), hash);
        assert_ne!(KeyHash(*read(&one[..66]).unwrap().bytes()), hash);
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        let long = format!("pha_a-1.{}", "x".repeat(300));
        for other in ["", "mc", "MC_1", " mc_1", "eyJhbGciOi.x.y", &long] {
            assert!(read(other).is_none(), "{other}");
        }
        let denied = claims(read("mc_1").unwrap(), None).err().unwrap();
        assert_eq!(denied.reason, "the agent's key is not known");
    }
}
