//! What is asked about people is done here.

use std::{borrow::Cow, sync::Arc};

use super::{
    Applicant, Failure, PasswordHash, People, Refusal, Request, SignIn, User, book::Standing,
};
use crate::{
    Asked, Caller, Core, CoreError, Reply, Role, Scope,
    agents::KeyHash,
    ids::{SignInId, UserId},
    ports::Write,
    time::{Moment, Timestamp},
};

impl Core {
    /// Everybody who has, or had, an account.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The caller with the role that counts now: the lower one of credential and account.
    pub fn effective<'a>(&self, caller: &'a Caller) -> Result<Cow<'a, Caller>, CoreError> {
        match (self.people.standing(caller), &caller.scope) {
            (Standing::Gone, _) => Err(CoreError::Forbidden("the user was removed")),
            (Standing::AtMost(most), Scope::Person(claimed)) if most < *claimed => {
                Ok(Cow::Owned(Caller { scope: Scope::Person(most), ..caller.clone() }))
            }
            (Standing::AtMost(_) | Standing::Unknown, _) => Ok(Cow::Borrowed(caller)),
        }
    }

    /// Whether somebody holds the token of a session that was made for them, and made by them now, would be refused.
    pub(crate) fn has_outlived_role(&self, caller: &Caller) -> bool {
        matches!(caller.scope, Scope::Session { .. })
            && matches!(self.people.standing(caller), Standing::AtMost(role) if role < Role::Operator)
    }

    /// Whether somebody may type now. Asked with every key, so it copies nothing.
    pub(crate) fn may_type(&self, caller: &Caller) -> bool {
        match self.people.standing(caller) {
            Standing::Gone => false,
            Standing::AtMost(role) if role < Role::Operator => false,
            Standing::AtMost(_) | Standing::Unknown => caller.is_at_least(Role::Operator),
        }
    }

    pub(crate) fn restore_people(&mut self, users: Vec<User>, sign_ins: Vec<SignIn>, now: Moment) {
        for user in users {
            self.people.put(user.into());
        }
        for sign_in in sign_ins.into_iter().filter(|one| one.expires_at > now.wall) {
            if self.people.get(&sign_in.user).is_some_and(|user| user.is_here()) {
                self.people.put_sign_in(sign_in, now.wall);
            }
        }
    }

    pub(crate) fn ask_people(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let answer = match request {
            Request::Create(new) => self.create_user(new, now.wall),
            Request::Register(new) => {
                self.create_user(Applicant { role: Role::Viewer, ..new }, now.wall)
            }
            Request::ChangeRole { user, role } => {
                let changed = self.change_role(&user, role);
                self.roles_changed(now);
                self.keep_steering(now);
                changed
            }
            Request::ChangePassword { user, password } => {
                self.change_password(&user, password, now.wall)
            }
            Request::Remove(user) => {
                let removed = self.remove_user(&user, now.wall);
                self.keep_steering(now);
                removed
            }
            Request::SignIn(sign_in) => self.begin_sign_in(sign_in, now.wall),
            Request::FailSignIn { failure: Failure::Wrong, .. } => {
                Err(Refusal::WrongCredentials.into())
            }
            Request::FailSignIn { failure: Failure::TooOften, .. } => {
                Err(Refusal::TooManyAttempts.into())
            }
            Request::Refresh { sign_in, shown, next, expires_at } => {
                self.refresh(&sign_in, (shown, next), expires_at, now.wall)
            }
            Request::SignOut { sign_in } => {
                if let Some(sign_in) = sign_in {
                    self.end_sign_in(sign_in);
                }
                Ok(Reply::Done)
            }
            Request::EndSignIns { user, sign_in: None } => self.present(&user).map(|user| {
                self.end_everything(&user.id);
                Reply::Done
            }),
            Request::EndSignIns { user, sign_in: Some(sign_in) } => {
                self.end_sign_in_of(&user, sign_in)
            }
            Request::ExchangeCode { is_good: false } => Err(Refusal::WrongCode.into()),
            Request::ExchangeCode { is_good: true }
            | Request::MakeCode
            | Request::ApproveDevice { .. } => Ok(Reply::Done),
        };
        self.answer_after_commit(caller, answer)
    }

    fn create_user(&mut self, new: Applicant, now: Timestamp) -> Result<Reply, CoreError> {
        self.demand_storage()?;
        if self.people.has_username(&new.username) {
            return Err(Refusal::Taken("username").into());
        }
        if new.email.as_ref().is_some_and(|email| self.people.has_email(email)) {
            return Err(Refusal::Taken("address").into());
        }
        if self.people.is_full() {
            return Err(CoreError::LimitReached("there are as many accounts as there may be"));
        }
        // Whoever had this name before left tokens behind that may name it.
        let had = self.people.had_username(&new.username);
        let user = User {
            id: self.naming.user(now),
            username: new.username,
            name: new.name,
            email: new.email,
            role: new.role,
            created_at: now,
            signed_in_at: None,
            gone_at: None,
            valid_from: if had { next_second(now) } else { Timestamp(0) },
        };
        let id = user.id.clone();
        self.keep_user(user);
        self.outbox.write(Write::Password { user: id.clone(), hash: Some(new.password) });
        Ok(Reply::UserMade(id))
    }

    fn change_role(&mut self, user: &UserId, role: Role) -> Result<Reply, CoreError> {
        let user = self.present(user)?;
        self.keep_user(User { role, ..(*user).clone() });
        Ok(Reply::Done)
    }

    fn change_password(
        &mut self,
        user: &UserId,
        password: PasswordHash,
        now: Timestamp,
    ) -> Result<Reply, CoreError> {
        self.demand_storage()?;
        let user = self.present(user)?;
        self.end_everything(&user.id);
        // Later than the last time, so that two changes within one second end what came between them.
        let valid_from = next_second(now.max(user.valid_from));
        self.outbox.write(Write::Password { user: user.id.clone(), hash: Some(password) });
        self.keep_user(User { valid_from, ..(*user).clone() });
        Ok(Reply::Done)
    }

    fn remove_user(&mut self, user: &UserId, now: Timestamp) -> Result<Reply, CoreError> {
        let user = self.present(user)?;
        self.end_everything(&user.id);
        self.outbox.write(Write::Password { user: user.id.clone(), hash: None });
        self.keep_user(User { gone_at: Some(now), ..(*user).clone() });
        Ok(Reply::Done)
    }

    fn begin_sign_in(&mut self, sign_in: SignIn, now: Timestamp) -> Result<Reply, CoreError> {
        self.demand_storage()?;
        let user = self.present(&sign_in.user)?;
        self.keep_user(User { signed_in_at: Some(now), ..(*user).clone() });
        self.keep_sign_in(sign_in, now);
        Ok(Reply::Done)
    }

    /// Whoever shows a secret a second time has it from somebody else, or somebody else has it from them.
    fn refresh(
        &mut self,
        id: &SignInId,
        (shown, next): (KeyHash, KeyHash),
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Reply, CoreError> {
        self.demand_storage()?;
        let known = self.people.sign_in(id).cloned().ok_or(Refusal::SignInOver)?;
        if known.secret != shown || known.expires_at <= now {
            self.end_sign_in(id.clone());
            return Err(Refusal::SignInOver.into());
        }
        self.present(&known.user)?;
        self.keep_sign_in(SignIn { secret: next, expires_at, ..known }, now);
        Ok(Reply::Done)
    }

    fn present(&self, id: &UserId) -> Result<Arc<User>, CoreError> {
        let user = self.people.get(id).filter(|user| user.is_here());
        Ok(user.ok_or(Refusal::NotFound)?.clone())
    }

    fn demand_storage(&self) -> Result<(), CoreError> {
        if self.outbox.is_degraded() { Err(CoreError::StorageUnavailable) } else { Ok(()) }
    }

    fn keep_user(&mut self, user: User) {
        let user = Arc::new(user);
        self.people.put(user.clone());
        self.outbox.write(Write::User(user));
    }

    fn keep_sign_in(&mut self, sign_in: SignIn, now: Timestamp) {
        self.outbox.write(Write::SignIn(sign_in.clone()));
        for ended in self.people.put_sign_in(sign_in, now) {
            self.outbox.write(Write::SignInGone(ended));
        }
    }

    fn end_sign_in_of(&mut self, user: &UserId, id: SignInId) -> Result<Reply, CoreError> {
        let known = self.people.sign_in(&id).filter(|known| known.user == *user);
        known.ok_or(Refusal::NoSuchSignIn)?;
        self.end_sign_in(id);
        Ok(Reply::Done)
    }

    fn end_sign_in(&mut self, id: SignInId) {
        if self.people.end_sign_in(&id) {
            self.outbox.write(Write::SignInGone(id));
        }
    }

    fn end_everything(&mut self, user: &UserId) {
        for ended in self.people.end_all(user) {
            self.outbox.write(Write::SignInGone(ended));
        }
    }
}

/// The first full second after `at`: tokens say no more exactly when they were issued.
fn next_second(at: Timestamp) -> Timestamp {
    Timestamp((at.0 / 1000 + 1) * 1000)
}
