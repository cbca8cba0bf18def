//! What clients see of people.

use pilothouse_core::{Role, people::User, time::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(super) struct UserShape {
    id: String,
    username: String,
    name: String,
    email: Option<String>,
    /// `admin`, `operator` or `viewer`.
    role: &'static str,
    /// Absent for those whose token needs no account.
    created_at: Option<String>,
    last_login: Option<String>,
}

impl From<&User> for UserShape {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.to_string(),
            name: user.name.to_string(),
            email: user.email.as_deref().map(str::to_owned),
            role: user.role.as_str(),
            created_at: Some(iso(user.created_at)),
            last_login: user.signed_in_at.map(iso),
        }
    }
}

impl UserShape {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// With what they may do with the token they have.
    pub(super) fn with_role(self, role: Role) -> Self {
        Self { role: role.as_str(), ..self }
    }

    /// Somebody who has a token and no account.
    pub(super) fn without_account(id: &str, name: &str, role: Role) -> Self {
        Self {
            id: id.to_owned(),
            username: name.to_owned(),
            name: name.to_owned(),
            email: None,
            role: role.as_str(),
            created_at: None,
            last_login: None,
        }
    }
}

/// One person, inside `user` and beside it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OneUser {
    user: UserShape,
    #[serde(flatten)]
    beside: UserShape,
}

impl From<UserShape> for OneUser {
    fn from(user: UserShape) -> Self {
        Self { beside: user.clone(), user }
    }
}

/// Several people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Users {
    pub(super) users: Vec<UserShape>,
    pub(super) count: usize,
}

/// A sentence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Message {
    pub(super) message: &'static str,
}

/// A moment as JavaScript writes it.
fn iso(at: Timestamp) -> String {
    let milliseconds = i64::try_from(at.0).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.3}")
}
