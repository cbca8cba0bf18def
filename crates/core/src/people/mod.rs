//! People: who has an account here, what they may do, and where they are signed in.
//!
//! Passwords and tokens are the server's: of them only hashes pass through here, and nothing is made of them.

mod book;
mod life;
mod permit;
mod refusal;
mod request;

use std::{fmt, sync::Arc};

use crate::{
    Role,
    agents::KeyHash,
    ids::{SignInId, UserId},
    time::Timestamp,
};

pub use book::People;
pub use refusal::Refusal;
pub use request::{Applicant, Failure, Request};

/// How often one person can be signed in. Overflow rule: the oldest sign-in ends.
pub const MOST_SIGN_INS: usize = 100;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// What tokens name them by; it never changes.
    pub id: UserId,
    /// What they sign in with. Of those who are not gone no two have the same, in whichever case.
    pub username: Arc<str>,
    /// What people call them.
    pub name: Arc<str>,
    /// What they can sign in with as well.
    pub email: Option<Arc<str>>,
    /// What they may do. A token may allow less, never more.
    pub role: Role,
    /// When they got the account.
    pub created_at: Timestamp,
    /// When they signed in last.
    pub signed_in_at: Option<Timestamp>,
    /// When they were removed. Kept, so that their tokens do not come back.
    pub gone_at: Option<Timestamp>,
    /// Tokens that were issued before do not count. Full seconds, since tokens count in seconds.
    pub valid_from: Timestamp,
}

impl User {
    /// Whether they have not been removed.
    pub fn is_here(&self) -> bool {
        self.gone_at.is_none()
    }
}

/// The hash of a password, in whatever form the server gave it. Nobody here looks into it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Arc<str>);

impl PasswordHash {
    /// Takes it as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// As it was taken, for whoever stores or checks it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One person, signed in on one device, until they sign out or do not come back for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Its name, which every token of it carries.
    pub id: SignInId,
    /// Whose.
    pub user: UserId,
    /// The hash of the secret that the next refresh has to show. Each secret is good once.
    pub secret: KeyHash,
    /// When it began.
    pub begun_at: Timestamp,
    /// Until when it can be refreshed.
    pub expires_at: Timestamp,
    /// From which address it began; empty if that is not known.
    pub address: Arc<str>,
    /// With which program, as that says itself; likewise.
    pub program: Arc<str>,
}
