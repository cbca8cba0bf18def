//! The book of people: accounts by id and by name, and who is signed in.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{MOST_SIGN_INS, SignIn, User};
use crate::{
    Caller, Role,
    ids::{SignInId, UserId},
    time::Timestamp,
};

/// How many accounts there may be, removed ones included. Overflow rule: no further one is made.
pub(super) const MOST_USERS: usize = 100_000;

/// Everybody who has, or had, an account.
#[derive(Debug, Default)]
pub struct People {
    users: BTreeMap<UserId, Arc<User>>,
    /// By username in small letters; of several the newest, since only that one can be here.
    by_username: HashMap<String, UserId>,
    /// By address in small letters; only of those who are here.
    by_email: HashMap<String, UserId>,
    sign_ins: BTreeMap<UserId, BTreeMap<SignInId, SignIn>>,
    holders: HashMap<SignInId, UserId>,
}

/// What the book says of somebody who holds a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The book does not know them, so their credential says all.
    Unknown,
    /// They may do no more than this.
    AtMost(Role),
    /// They were removed.
    Gone,
}

impl People {
    /// The account of that id, removed or not.
    pub fn get(&self, id: &UserId) -> Option<&Arc<User>> {
        self.users.get(id)
    }

    /// Everybody who is here, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values().filter(|user| user.is_here())
    }

    /// Whether nobody is here yet, or any more.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Who signs in with that username or address.
    pub fn find(&self, login: &str) -> Option<&Arc<User>> {
        let login = login.to_lowercase();
        let id = self.by_username.get(&login).or_else(|| self.by_email.get(&login))?;
        self.users.get(id).filter(|user| user.is_here())
    }

    /// Whom a credential means that names somebody so: by id, or by username.
    pub fn named(&self, name: &str) -> Option<&Arc<User>> {
        let by_id = UserId::new(name).ok().and_then(|id| self.users.get(&id));
        by_id.or_else(|| self.users.get(self.by_username.get(&name.to_lowercase())?))
    }

    /// A sign-in that goes on.
    pub fn sign_in(&self, id: &SignInId) -> Option<&SignIn> {
        self.sign_ins.get(self.holders.get(id)?)?.get(id)
    }

    /// Where somebody is signed in, the oldest first.
    pub fn sign_ins_of(&self, user: &UserId, now: Timestamp) -> Vec<&SignIn> {
        let own = self.sign_ins.get(user).into_iter().flat_map(BTreeMap::values);
        let mut own: Vec<_> = own.filter(|one| one.expires_at > now).collect();
        own.sort_by_key(|one| (one.begun_at, &one.id));
        own
    }

    /// Whether a credential counts: it was issued after everything of its holder ended, and its sign-in goes on.
    pub fn counts(
        &self,
        holder: &str,
        issued_at: Option<Timestamp>,
        sign_in: Option<&SignInId>,
    ) -> Result<(), &'static str> {
        if let Some(user) = self.named(holder) {
            if !user.is_here() {
                return Err("the user was removed");
            }
            if issued_at.unwrap_or_default() < user.valid_from {
                return Err("the token was ended; sign in again");
            }
        }
        match sign_in {
            Some(sign_in) if self.sign_in(sign_in).is_none() => {
                Err("the token's sign-in is over; sign in again")
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn standing(&self, caller: &Caller) -> Standing {
        if !caller.is_person() {
            return Standing::Unknown;
        }
        match self.named(&caller.user) {
            None => Standing::Unknown,
            Some(user) if user.is_here() => Standing::AtMost(user.role),
            Some(_) => Standing::Gone,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.users.len() >= MOST_USERS
    }

    pub(super) fn has_username(&self, username: &str) -> bool {
        self.by_username.get(&username.to_lowercase()).is_some_and(|id| self.users[id].is_here())
    }

    /// Whether somebody was removed who had that username.
    pub(super) fn had_username(&self, username: &str) -> bool {
        self.by_username.contains_key(&username.to_lowercase())
    }

    pub(super) fn has_email(&self, email: &str) -> bool {
        self.by_email.contains_key(&email.to_lowercase())
    }

    /// Inserts or replaces an account.
    pub(super) fn put(&mut self, user: Arc<User>) {
        let username = user.username.to_lowercase();
        let newest = self.by_username.get(&username).and_then(|id| self.users.get(id));
        let is_newest = |known: &Arc<User>| {
            let is_older = !known.is_here() && known.created_at <= user.created_at;
            known.id == user.id || user.is_here() || is_older
        };
        if newest.is_none_or(is_newest) {
            self.by_username.insert(username, user.id.clone());
        }
        if let Some(email) = user.email.as_ref().map(|email| email.to_lowercase()) {
            if user.is_here() {
                self.by_email.insert(email, user.id.clone());
            } else if self.by_email.get(&email) == Some(&user.id) {
                self.by_email.remove(&email);
            }
        }
        self.users.insert(user.id.clone(), user);
    }

    /// Begins or renews a sign-in. Returns those that end for it.
    pub(super) fn put_sign_in(&mut self, sign_in: SignIn, now: Timestamp) -> Vec<SignInId> {
        self.holders.insert(sign_in.id.clone(), sign_in.user.clone());
        let own = self.sign_ins.entry(sign_in.user.clone()).or_default();
        own.insert(sign_in.id.clone(), sign_in);
        let mut ended: Vec<_> =
            own.values().filter(|one| one.expires_at <= now).map(|one| one.id.clone()).collect();
        if own.len() - ended.len() > MOST_SIGN_INS {
            let live = own.values().filter(|one| one.expires_at > now);
            ended.extend(live.min_by_key(|one| (one.begun_at, &one.id)).map(|one| one.id.clone()));
        }
        for id in &ended {
            self.end_sign_in(id);
        }
        ended
    }

    /// Ends a sign-in. Says whether there was one.
    pub(super) fn end_sign_in(&mut self, id: &SignInId) -> bool {
        let Some(user) = self.holders.remove(id) else { return false };
        if let Some(own) = self.sign_ins.get_mut(&user) {
            own.remove(id);
            if own.is_empty() {
                self.sign_ins.remove(&user);
            }
        }
        true
    }

    /// Ends every sign-in of a person.
    pub(super) fn end_all(&mut self, user: &UserId) -> Vec<SignInId> {
        let own = self.sign_ins.remove(user).unwrap_or_default();
        let ended: Vec<_> = own.into_keys().collect();
        for id in &ended {
            self.holders.remove(id);
        }
        ended
    }
}
