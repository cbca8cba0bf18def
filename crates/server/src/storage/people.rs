//! People as rows: accounts, the hashes of their passwords, and where they are signed in.

use std::sync::LazyLock;

use pilothouse_core::{
    Role,
    agents::KeyHash,
    ids::{SignInId, UserId},
    people::{PasswordHash, SignIn, User},
    time::Timestamp,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer, text},
};

static REPLACE_USERS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO users (id, username, name, email, role, created_at, signed_in_at, gone_at, valid_from) VALUES",
        9,
        "ON CONFLICT (id) DO UPDATE SET username = excluded.username, name = excluded.name, \
         email = excluded.email, role = excluded.role, created_at = excluded.created_at, \
         signed_in_at = excluded.signed_in_at, gone_at = excluded.gone_at, valid_from = excluded.valid_from",
    )
});

static REPLACE_PASSWORDS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO passwords (user_id, hash) VALUES",
        2,
        "ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash",
    )
});

static DELETE_PASSWORDS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM passwords WHERE user_id IN (VALUES", 1, ")"));

static REPLACE_SIGN_INS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO sign_ins (id, user_id, hash, begun_at, expires_at, address, program) VALUES",
        7,
        "ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at",
    )
});

static DELETE_SIGN_INS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM sign_ins WHERE id IN (VALUES", 1, ")"));

/// Inserts or replaces accounts, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    users: &[&User],
) -> Result<(), Failure> {
    let time = |at: Option<Timestamp>| at.map(|at| integer(at.0));
    REPLACE_USERS
        .run(connection, users, |query, user| {
            query
                .bind(user.id.to_string())
                .bind(text(&user.username))
                .bind(text(&user.name))
                .bind(user.email.as_deref().map(text))
                .bind(user.role.as_str())
                .bind(integer(user.created_at.0))
                .bind(time(user.signed_in_at))
                .bind(time(user.gone_at))
                .bind(integer(user.valid_from.0))
        })
        .await?;
    Ok(())
}

/// Inserts or replaces passwords, each person's at most once.
pub(super) async fn replace_passwords(
    connection: &mut AnyConnection,
    passwords: &[(&UserId, &PasswordHash)],
) -> Result<(), Failure> {
    REPLACE_PASSWORDS
        .run(connection, passwords, |query, (user, hash)| {
            query.bind(user.to_string()).bind(text(hash.reveal()))
        })
        .await?;
    Ok(())
}

/// Deletes passwords.
pub(super) async fn delete_passwords(
    connection: &mut AnyConnection,
    users: &[&UserId],
) -> Result<(), Failure> {
    DELETE_PASSWORDS.run(connection, users, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// Inserts or replaces sign-ins, each at most once.
pub(super) async fn replace_sign_ins(
    connection: &mut AnyConnection,
    sign_ins: &[&SignIn],
) -> Result<(), Failure> {
    REPLACE_SIGN_INS
        .run(connection, sign_ins, |query, sign_in| {
            query
                .bind(sign_in.id.to_string())
                .bind(sign_in.user.to_string())
                .bind(sign_in.secret.to_hexadecimal())
                .bind(integer(sign_in.begun_at.0))
                .bind(integer(sign_in.expires_at.0))
                .bind(text(&sign_in.address))
                .bind(text(&sign_in.program))
        })
        .await?;
    Ok(())
}

/// Deletes sign-ins.
pub(super) async fn delete_sign_ins(
    connection: &mut AnyConnection,
    sign_ins: &[&SignInId],
) -> Result<(), Failure> {
    DELETE_SIGN_INS.run(connection, sign_ins, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// All accounts by id.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<User>, Failure> {
    let rows = sqlx::query("SELECT * FROM users").fetch_all(connection).await?;
    let mut users = rows.iter().map(user).collect::<Result<Vec<_>, _>>()?;
    // The two databases do not sort texts alike.
    users.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(users)
}

/// All sign-ins by id.
pub(super) async fn sign_ins(connection: &mut AnyConnection) -> Result<Vec<SignIn>, Failure> {
    let rows = sqlx::query("SELECT * FROM sign_ins").fetch_all(connection).await?;
    let mut sign_ins = rows.iter().map(sign_in).collect::<Result<Vec<_>, _>>()?;
    sign_ins.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(sign_ins)
}

/// A person's password.
pub(super) async fn password(
    connection: &mut AnyConnection,
    user: &UserId,
) -> Result<Option<PasswordHash>, Failure> {
    let row = sqlx::query("SELECT hash FROM passwords WHERE user_id = $1")
        .bind(user.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(PasswordHash::new(row.text("hash")?))).transpose()
}

fn user(row: &AnyRow) -> Result<User, Failure> {
    let role = Role::named(&row.text("role")?)
        .ok_or_else(|| Failure::Corrupt("a user's role is none".to_owned()))?;
    Ok(User {
        id: row.id("id")?,
        username: row.text("username")?,
        name: row.text("name")?,
        email: row.optional_text("email")?,
        role,
        created_at: row.time("created_at")?,
        signed_in_at: optional_time(row, "signed_in_at")?,
        gone_at: optional_time(row, "gone_at")?,
        valid_from: row.time("valid_from")?,
    })
}

fn optional_time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, Failure> {
    match row.optional_integer(column)? {
        Some(_) => row.time(column).map(Some),
        None => Ok(None),
    }
}

fn sign_in(row: &AnyRow) -> Result<SignIn, Failure> {
    let secret = KeyHash::from_hexadecimal(&row.text("hash")?)
        .ok_or_else(|| Failure::Corrupt("a sign-in's secret is no hash".to_owned()))?;
    Ok(SignIn {
        id: row.id("id")?,
        user: row.id("user_id")?,
        secret,
        begun_at: row.time("begun_at")?,
        expires_at: row.time("expires_at")?,
        address: row.text("address")?,
        program: row.text("program")?,
    })
}
