//! `pilothouse user`: the people who have accounts, by the server's REST interface.

use clap::{Args, Subcommand};
use pilothouse_core::Role;
use serde_json::{Value, json};

use super::{
    sessions::{part, word},
    token::RoleName,
    workers::id,
};
use crate::{
    access::Access,
    failure::Failure,
    output::{self, table},
    secret_input::new_password,
};

/// What to do about people; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Passwords are asked for, or read from the first line of stdin; never from the command line. On the
server's own machine no token is needed.

Examples:
  pilothouse user add ann --role operator --email ann@example.org
  pilothouse user add robot --role viewer < password
  pilothouse user role ann viewer
  pilothouse user remove ann"
)]
pub(crate) struct UserOptions {
    #[command(subcommand)]
    pub(crate) action: Option<UserAction>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// How to list, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum UserAction {
    /// List everybody who has an account
    List(ListOptions),
    /// Give somebody an account
    Add(AddOptions),
    /// Let somebody do more, or less; at once, on open connections too
    Role(RoleOptions),
    /// Replace a password; every sign-in of that person ends
    Password(WhomOptions),
    /// Take an account away, with its tokens and open connections
    Remove(WhomOptions),
}

/// The account to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct AddOptions {
    /// What they sign in with
    #[arg(value_name = "NAME", value_parser = id)]
    pub(crate) username: String,
    /// What they may do
    #[arg(long, value_enum, default_value = "viewer")]
    pub(crate) role: RoleName,
    /// What they can sign in with as well
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// What people call them
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// The role to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct RoleOptions {
    /// The username or id
    #[arg(value_name = "NAME", value_parser = id)]
    pub(crate) user: String,
    /// What they may do from now on
    #[arg(value_enum)]
    pub(crate) role: RoleName,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Whom it is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhomOptions {
    /// The username or id
    #[arg(value_name = "NAME", value_parser = id)]
    pub(crate) user: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Does it.
pub(crate) async fn run(options: UserOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options.list).await,
        Some(UserAction::List(options)) => list(&options).await,
        Some(UserAction::Add(options)) => add(options).await,
        Some(UserAction::Role(options)) => {
            let api = options.access.administration()?.api()?;
            let body = json!({ "role": Role::from(options.role).as_str() });
            api.put(&format!("/api/v1/users/{}/role", options.user), &body).await?;
            Ok(0)
        }
        Some(UserAction::Password(options)) => {
            let api = options.access.administration()?.api()?;
            let body = json!({ "newPassword": new_password()? });
            api.put(&format!("/api/v1/users/{}/password", options.user), &body).await?;
            Ok(0)
        }
        Some(UserAction::Remove(options)) => {
            let api = options.access.administration()?.api()?;
            api.delete(&format!("/api/v1/users/{}", options.user)).await?;
            Ok(0)
        }
    }
}

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let answer = options.access.administration()?.api()?.get("/api/v1/users").await?;
    let users = part(&answer, "users")?;
    if options.json {
        output::say(&format!("{users:#}"));
        return Ok(0);
    }
    let users = users.as_array().map(Vec::as_slice).unwrap_or_default();
    if users.is_empty() {
        output::remark("nobody has an account; give somebody one with `pilothouse user add NAME`");
        return Ok(0);
    }
    let row = |user: &Value| {
        ["username", "role", "name", "email", "lastLogin", "id"].map(|it| word(user, it)).to_vec()
    };
    let rows: Vec<_> = users.iter().map(row).collect();
    output::text(&table(&["USERNAME", "ROLE", "NAME", "EMAIL", "SIGNED IN", "ID"], &rows))?;
    Ok(0)
}

async fn add(options: AddOptions) -> Result<u8, Failure> {
    let api = options.access.administration()?.api()?;
    let body = json!({
        "username": options.username,
        "name": options.name,
        "email": options.email,
        "role": Role::from(options.role).as_str(),
        "password": new_password()?,
    });
    let user = api.post("/api/v1/users", &body).await?;
    output::say(&word(&user, "id"));
    Ok(0)
}
