//! Who may ask what about people.

use super::{People, Refusal, Request};
use crate::{Caller, CoreError, Role, Scope, ids::UserId};

impl People {
    /// Whether the caller, whose role is the one that counts now, may ask this.
    pub(crate) fn permit(&self, caller: &Caller, request: &Request) -> Result<(), CoreError> {
        let is_own = |user: &UserId| self.named(&caller.user).is_some_and(|own| own.id == *user);
        let is_admin = caller.is_at_least(Role::Admin);
        match request {
            Request::ChangeRole { user, .. } if is_admin && is_own(user) => {
                Err(Refusal::OwnRole.into())
            }
            Request::Remove(user) if is_admin && is_own(user) => Err(Refusal::OwnAccount.into()),
            Request::Create(_)
            | Request::ChangeRole { .. }
            | Request::Remove(_)
            | Request::MakeCode => demand(is_admin, "this takes the role admin"),
            Request::ChangePassword { user, .. } => {
                demand(is_admin || is_own(user), "another's password takes the role admin")
            }
            Request::EndSignIns { user, .. } => {
                demand(is_admin || is_own(user), "another's sign-ins take the role admin")
            }
            Request::SignIn(sign_in) => demand(is_own(&sign_in.user), "this is somebody else"),
            Request::SignOut { .. } | Request::ApproveDevice { .. } => {
                demand(caller.is_at_least(Role::Viewer), "the token is for another purpose")
            }
            Request::Register(_)
            | Request::FailSignIn { .. }
            | Request::Refresh { .. }
            | Request::ExchangeCode { .. } => {
                demand(caller.scope == Scope::Nobody, "this is for those who are not signed in")
            }
        }
    }
}

fn demand(holds: bool, otherwise: &'static str) -> Result<(), CoreError> {
    if holds { Ok(()) } else { Err(CoreError::Forbidden(otherwise)) }
}
