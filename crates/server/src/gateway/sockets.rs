//! Which live sockets belong to which user and credential, so that a revocation reaches them at once.
//!
//! As large as there are connections: opening and refreshing add an entry, closing takes it away.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;
use pilothouse_core::{
    Role,
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
    /// Those of a person that need more than this role.
    Beyond(Arc<str>, Role),
}

#[derive(Debug)]
struct Holder {
    door: &'static str,
    user: Arc<str>,
    is_agent: bool,
    credential: Credential,
    expires_at: Option<Timestamp>,
    sign_in: Option<SignInId>,
    /// It ends when its holder's role is lower than this.
    needs: Option<Role>,
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
        let mut holders = self.holders.lock();
        let holder = Holder {
            door,
            user: claims.user.clone(),
            is_agent: claims.is_agent(),
            credential: claims.credential,
            expires_at: claims.expires_at,
            sign_in: claims.sign_in.clone(),
            needs: holders.get(&connection).and_then(|before| before.needs),
        };
        holders.insert(connection, holder);
        drop(holders);
        revoked.check(&claims.credential)
    }

    /// What it does, or its door, is for people of that role: it ends when its holder has a lower one. Said before it is
    /// looked which role that is, so that a change in between is missed by neither side.
    pub(crate) fn needs(&self, connection: ConnectionId, role: Role) {
        if let Some(holder) = self.holders.lock().get_mut(&connection) {
            holder.needs = Some(role);
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
            Whose::Beyond(user, role) => {
                holder.needs.is_some_and(|needs| needs > *role)
                    && holder.user.to_lowercase() == user.to_lowercase()
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
    use pilothouse_core::Scope;

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
    fn who_may_do_less_keeps_the_sockets_that_need_no_more() {
        let (sockets, revoked) = (Sockets::default(), Revoked::default());
        for number in 1..=4 {
            let user = if number == 4 { "bob" } else { "Ann" };
            let claims = claims(user, Scope::Person(Role::Admin), "one");
            sockets.hold((ConnectionId(number), "any"), &claims, &revoked).unwrap();
        }
        sockets.needs(ConnectionId(1), Role::Admin);
        sockets.needs(ConnectionId(2), Role::Operator);
        sockets.needs(ConnectionId(4), Role::Admin);
        // A refreshed token changes nothing about what is done there.
        let fresh = claims("Ann", Scope::Person(Role::Admin), "two");
        sockets.hold((ConnectionId(2), "any"), &fresh, &revoked).unwrap();
        let ended = |role| sockets.take(&Whose::Beyond("ann".into(), role));
        assert_eq!(ended(Role::Admin), []);
        assert_eq!(ended(Role::Operator), [ConnectionId(1)]);
        assert_eq!(ended(Role::Viewer), [ConnectionId(2)]);
        assert_eq!(sockets.take(&Whose::User("ann".into())), [ConnectionId(3)]);
    }

    #[test]
    fn a_socket_that_opens_while_its_credential_is_revoked_is_told() {
        let (sockets, revoked) = (Sockets::default(), Revoked::default());
        revoked.insert(Credential::of("one"), None, Timestamp(0)).unwrap();
        let claims = claims("ann", Scope::Person(Role::Admin), "one");
        assert!(sockets.hold((ConnectionId(1), "dashboard"), &claims, &revoked).is_err());
    }
}
