//! Why something about people was refused.

/// A refusal. Each variant says what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody of that id is here.
    #[error("that user is not known")]
    NotFound,
    /// Somebody else has the username or the address already.
    #[error("the {0} is taken; choose another")]
    Taken(&'static str),
    /// Administrators do not take away their own rights, so that one is always left.
    #[error("nobody can take away their own role; ask another administrator")]
    OwnRole,
    /// The same for their own account.
    #[error("nobody can remove their own account; ask another administrator")]
    OwnAccount,
    /// They did not prove who they are.
    #[error("the name or the password is wrong")]
    WrongCredentials,
    /// They did not prove who they are too often.
    #[error("too many attempts; wait before the next one")]
    TooManyAttempts,
    /// The sign-in has ended, or its secret was used before.
    #[error("this sign-in is over; sign in again")]
    SignInOver,
    /// The person is not signed in so, or not any more.
    #[error("there is no such sign-in; it may be over already")]
    NoSuchSignIn,
    /// A code is wrong, used, or too old.
    #[error("the code is wrong, was used already, or is too old; ask for a new one")]
    WrongCode,
}
