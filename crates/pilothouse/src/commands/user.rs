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
    secret_input::{new_password, password},
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
    /// Replace a password, one's own or another's; every sign-in of that person ends
    Password(PasswordOptions),
    /// List where somebody is signed in, and sign them out there
    Devices(DevicesOptions),
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

/// Whose password.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "One's own takes the current one too: it is asked for first, or read from the first line of stdin, the
new one from the second.

Examples:
  pilothouse user password
  pilothouse user password ann < password"
)]
pub(crate) struct PasswordOptions {
    /// The username or id [default: oneself]
    #[arg(value_name = "NAME", value_parser = id)]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Whose devices, and what of them.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Whoever is signed out has to sign in again; their connections end at once. Others' devices take an
administrator.

Examples:
  pilothouse user devices
  pilothouse user devices --end SIGN-IN
  pilothouse user devices ann --end-all"
)]
pub(crate) struct DevicesOptions {
    /// The username or id [default: oneself]
    #[arg(value_name = "NAME", value_parser = id, default_value = "me", hide_default_value = true)]
    pub(crate) user: String,
    /// Sign out on this device
    #[arg(long, value_name = "SIGN-IN", value_parser = id)]
    pub(crate) end: Option<String>,
    /// Sign out on all devices
    #[arg(long, conflicts_with = "end")]
    pub(crate) end_all: bool,
    #[command(flatten)]
    pub(crate) list: ListOptions,
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
        Some(UserAction::Password(options)) => change_password(options).await,
        Some(UserAction::Devices(options)) => devices(options).await,
        Some(UserAction::Remove(options)) => {
            let api = options.access.administration()?.api()?;
            api.delete(&format!("/api/v1/users/{}", options.user)).await?;
            Ok(0)
        }
    }
}

async fn change_password(options: PasswordOptions) -> Result<u8, Failure> {
    let api = options.access.administration()?.api()?;
    let me = api.get("/api/auth/me").await?;
    let (own, username) = (word(&me, "id"), word(&me, "username"));
    let is_own = |user: &str| user == own || user.eq_ignore_ascii_case(&username);
    let mut body = json!({});
    if options.user.as_deref().is_none_or(is_own) {
        body["currentPassword"] = password("Current password: ")?.into();
    }
    body["newPassword"] = new_password()?.into();
    let user = options.user.unwrap_or(own);
    api.put(&format!("/api/v1/users/{user}/password"), &body).await?;
    output::remark("it counts from now on; every sign-in of that person is over");
    Ok(0)
}

async fn devices(options: DevicesOptions) -> Result<u8, Failure> {
    let DevicesOptions { user, end, end_all, list } = options;
    let api = list.access.administration()?.api()?;
    let path = format!("/api/v1/users/{user}/sign-ins");
    if end_all {
        api.delete(&path).await?;
        return Ok(0);
    }
    if let Some(id) = end {
        api.delete(&format!("{path}/{id}")).await?;
        return Ok(0);
    }
    let answer = api.get(&path).await?;
    let sign_ins = part(&answer, "signIns")?;
    if list.json {
        output::say(&format!("{sign_ins:#}"));
        return Ok(0);
    }
    let row = |one: &Value| {
        let here = if one["isCurrent"] == true { "this one" } else { "" };
        let columns = ["id", "begunAt", "expiresAt", "address", "program"];
        columns.iter().map(|it| word(one, it)).chain([here.to_owned()]).collect()
    };
    let rows: Vec<Vec<String>> = sign_ins.as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        output::remark("they are signed in nowhere");
        return Ok(0);
    }
    output::text(&table(&["SIGN-IN", "SINCE", "UNTIL", "FROM", "WITH", ""], &rows))?;
    Ok(0)
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
