//! What can be asked about people.

use std::sync::Arc;

use super::{PasswordHash, SignIn};
use crate::{
    Role,
    agents::KeyHash,
    ids::{SignInId, UserId},
    time::Timestamp,
};

/// What can be asked about people.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Give somebody an account. Answered with its id.
    Create(Applicant),
    /// Give oneself an account, as a viewer whatever was asked for. Answered with its id.
    Register(Applicant),
    /// Let somebody do more, or less.
    ChangeRole {
        /// Whom.
        user: UserId,
        /// What they may do from now on.
        role: Role,
    },
    /// Replace a password; it ends every sign-in and every token of that person.
    ChangePassword {
        /// Whose.
        user: UserId,
        /// The hash of the new one.
        password: PasswordHash,
    },
    /// Take an account away, with every sign-in and every token.
    Remove(UserId),
    /// The caller proved who they are and is signed in from now on.
    SignIn(SignIn),
    /// Somebody did not prove who they are. Always refused; asked for the audit's sake.
    FailSignIn {
        /// Who they said they are.
        name: Arc<str>,
        /// Why they are not let in.
        failure: Failure,
    },
    /// Somebody shows the secret of a sign-in, and gets the next one.
    Refresh {
        /// Which sign-in.
        sign_in: SignInId,
        /// The hash of what was shown.
        shown: KeyHash,
        /// The hash of what the next refresh has to show.
        next: KeyHash,
        /// Until when that will be possible.
        expires_at: Timestamp,
    },
    /// The caller leaves.
    SignOut {
        /// The sign-in that the token belongs to, if it belongs to one.
        sign_in: Option<SignInId>,
    },
    /// End one of somebody's sign-ins, or all of them.
    EndSignIns {
        /// Whose.
        user: UserId,
        /// Which one; all if absent.
        sign_in: Option<SignInId>,
    },
    /// Make a link that opens the page once, as an administrator.
    MakeCode,
    /// Somebody shows the code of such a link, good or bad.
    ExchangeCode {
        /// Whether it was good.
        is_good: bool,
    },
    /// Let a program that shows this code act as the caller.
    ApproveDevice {
        /// What the program shows.
        code: Arc<str>,
    },
}

/// Somebody who is to get an account. The server has checked what the texts look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// What they sign in with.
    pub username: Arc<str>,
    /// What people call them.
    pub name: Arc<str>,
    /// What they can sign in with as well.
    pub email: Option<Arc<str>>,
    /// What they may do.
    pub role: Role,
    /// The hash of their password.
    pub password: PasswordHash,
}

/// Why somebody is not let in. Strangers are told less than the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There is no such person, or the password is another.
    Wrong,
    /// They tried too often.
    TooOften,
}
