//! Which live sockets belong to which user and credential, so that a revocation reaches them at once.
//!
//! As large as there are connections: opening and refreshing add an entry, closing takes it away.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;
use pilothouse_core::{
    ids::{ConnectionId, SignInId},
    time::Timestamp,
};
use pilothouse_protocols::Denied;

use crate::auth::{Claims, credential::Credential, revoked::Revoked};

/// Whose sockets are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Those that were opened with, or refreshed to, this credential.
    Credential(Credential),
    /// This one.
    Connection(ConnectionId),
    /// Those of a person. An agent of the same name is somebody else.
    User(Arc<str>),
    /// Those of a person on one device.
    SignIn(SignInId),
    /// Those of a person at doors for administrators.
    Administration(Arc<str>),
}

#[derive(Debug)]
struct Holder {
    door: &'static str,
    user: Arc<str>,
    is_agent: bool,
    credential: Credential,
    expires_at: Option<Timestamp>,
    sign_in: Option<SignInId>,
    is_administration: bool,
}

/// The live sockets whose holders are known.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    holders: Mutex<HashMap<ConnectionId, Holder>>,
}

impl Sockets {
    /// Notes who holds a socket. Looks at the list of revoked credentials only afterwards: whoever
    /// revokes writes that list first, so that one of both sides sees the other.
    pub(crate) fn hold(
        &self,
        (connection, door): (ConnectionId, &'static str),
        claims: &Claims,
        revoked: &Revoked,
    ) -> Result<(), Denied> {
        let holder = Holder {
            door,
            user: claims.user.clone(),
            is_agent: claims.is_agent(),
            credential: claims.credential,
            expires_at: claims.expires_at,
            sign_in: claims.sign_in.clone(),
            is_administration: false,
        };
        self.holders.lock().insert(connection, holder);
        revoked.check(&claims.credential)
    }

    /// Its door is for administrators: it ends when its holder is none any more.
    pub(crate) fn needs_administrator(&self, connection: ConnectionId) {
        if let Some(holder) = self.holders.lock().get_mut(&connection) {
            holder.is_administration = true;
        }
    }

    /// The socket is closed.
    pub(crate) fn release(&self, connection: ConnectionId) {
        self.holders.lock().remove(&connection);
    }

    /// Takes out those sockets, to be told that they are over.
    pub(crate) fn take(&self, whose: &Whose) -> Vec<ConnectionId> {
        let mut holders = self.holders.lock();
        let taken = holders.extract_if(|connection, holder| match whose {
            Whose::Connection(ended) => connection == ended,
            Whose::Administration(user) => {
                holder.is_administration && holder.user.to_lowercase() == user.to_lowercase()
            }
            Whose::Credential(credential) => holder.credential == *credential,
            // Tokens may name somebody by username, in whichever case.
            Whose::User(user) => {
                !holder.is_agent && holder.user.to_lowercase() == user.to_lowercase()
            }
            Whose::SignIn(sign_in) => holder.sign_in.as_ref() == Some(sign_in),
        });
        taken.map(|(connection, _)| connection).collect()
    }

    /// How many users have sockets at a door.
    pub(crate) fn users(&self, door: &str) -> usize {
        let holders = self.holders.lock();
        let at_door = holders.values().filter(|holder| holder.door == door);
        at_door.map(|holder| &holder.user).collect::<HashSet<_>>().len()
    }

    /// When a credential expires, if a live socket holds it.
    pub(crate) fn expiry_of(&self, credential: &Credential) -> Option<Timestamp> {
        let holders = self.holders.lock();
        holders.values().find(|holder| holder.credential == *credential)?.expires_at
    }
}

#[cfg(test)]
mod tests {
    use pilothouse_core::{Role, Scope};

    use super::*;

    fn claims(user: &str, scope: Scope, token: &str) -> Claims {
        Claims {
            user: user.into(),
            name: user.into(),
            scope,
            expires_at: Some(Timestamp(9)),
            issued_at: None,
            sign_in: None,
            credential: Credential::of(token),
        }
    }

    #[test]
    fn sockets_are_found_by_user_and_by_their_newest_credential() {
        let (sockets, revoked) = (Sockets::default(), Revoked::default());
        let person = || Scope::Person(Role::Operator);
        let hold = |number, claims: &Claims| {
            let door = if number == 4 { "agent_link" } else { "dashboard" };
            sockets.hold((ConnectionId(number), door), claims, &revoked).unwrap();
        };
        hold(1, &claims("ann", person(), "one"));
        hold(2, &claims("ann", person(), "two"));
        hold(3, &claims("bob", person(), "three"));
        hold(4, &claims("ann", Scope::Agent("ann".parse().unwrap()), "four"));
        hold(1, &claims("ann", person(), "fresh"));
        assert_eq!((sockets.users("dashboard"), sockets.users("agent_link")), (2, 1));
        assert_eq!(sockets.take(&Whose::Credential(Credential::of("one"))), []);
        assert_eq!(sockets.expiry_of(&Credential::of("fresh")), Some(Timestamp(9)));
        assert_eq!(sockets.take(&Whose::Credential(Credential::of("fresh"))), [ConnectionId(1)]);
        assert_eq!(sockets.take(&Whose::User("ann".into())), [ConnectionId(2)]);
        sockets.release(ConnectionId(3));
        assert_eq!(sockets.take(&Whose::User("bob".into())), []);
        assert_eq!(sockets.take(&Whose::Credential(Credential::of("four"))), [ConnectionId(4)]);
    }

    #[test]
    fn a_socket_that_opens_while_its_credential_is_revoked_is_told() {
        let (sockets, revoked) = (Sockets::default(), Revoked::default());
        revoked.insert(Credential::of("one"), None, Timestamp(0)).unwrap();
        let claims = claims("ann", Scope::Person(Role::Admin), "one");
        assert!(sockets.hold((ConnectionId(1), "dashboard"), &claims, &revoked).is_err());
    }
}
