//! What went wrong in the database, told without SQL, addresses or secrets.

use pilothouse_core::ports::StoreError;
use sqlx::migrate::MigrateError;

/// Why a call did not succeed, with its cause for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The database or its driver refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The schema is not what this version expects.
    #[error(transparent)]
    Schema(#[from] MigrateError),
    /// A row makes no sense.
    #[error("{0}")]
    Corrupt(String),
    /// The store cannot be used, with the reason in words.
    #[error("{0}")]
    Unusable(&'static str),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => told(&error),
            Failure::Schema(error) => told_of_schema(error),
            Failure::Corrupt(what) => Self::Corrupt(what),
            Failure::Unusable(what) => unavailable(what),
        }
    }
}

fn unavailable(what: &str) -> StoreError {
    StoreError::Unavailable(what.to_owned())
}

fn told_of_schema(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => told(&error),
        MigrateError::VersionMissing(version) => StoreError::Unavailable(format!(
            "the database was written by a newer pilothouse (schema {version}), use that version or another database"
        )),
        MigrateError::VersionMismatch(version) => {
            StoreError::Corrupt(format!("schema {version} of the database was altered by somebody"))
        }
        other => StoreError::Corrupt(format!("the database's schema is unknown: {other}")),
    }
}

fn told(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(refusal) => told_by_code(refusal.code().as_deref().unwrap_or("")),
        sqlx::Error::Io(_) => unavailable("the database cannot be reached"),
        sqlx::Error::Tls(_) => unavailable("the database's certificate is not accepted"),
        sqlx::Error::Protocol(_) => unavailable("the connection to the database broke"),
        sqlx::Error::PoolTimedOut => unavailable("the database does not answer"),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            unavailable("the storage is closed")
        }
        sqlx::Error::Configuration(_) => unavailable(
            "the database address is not valid, use sqlite://PATH?mode=rwc or postgres://…",
        ),
        other => StoreError::Corrupt(format!(
            "the database answered something else than asked: {}",
            shape(other)
        )),
    }
}

/// The kind of an error without its text, which may quote SQL.
fn shape(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index} has another type"),
        sqlx::Error::ColumnNotFound(name) => format!("column {name} is missing"),
        sqlx::Error::RowNotFound => "a row is missing".to_owned(),
        _ => "unexpected reply".to_owned(),
    }
}

/// PostgreSQL codes have five characters, SQLite's are numbers with the kind in the low byte.
fn told_by_code(code: &str) -> StoreError {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => told_by_sqlite(number & 0xff),
        _ => told_by_postgres(code),
    }
}

fn told_by_sqlite(kind: u32) -> StoreError {
    match kind {
        5 | 6 => unavailable("the database is locked by another program"),
        8 | 3 => unavailable("the database file cannot be written, check its permissions"),
        10 => unavailable("the disk reports an error"),
        13 => unavailable("the disk is full"),
        14 => unavailable(
            "the database file cannot be opened, check the directory and its permissions",
        ),
        11 | 26 => StoreError::Corrupt("the database file is damaged".to_owned()),
        other => StoreError::Corrupt(format!("the database refused with code {other}")),
    }
}

fn told_by_postgres(code: &str) -> StoreError {
    match code.get(..2).unwrap_or("") {
        "53" if code == "53100" => unavailable("the database's disk is full"),
        "53" => unavailable("the database has no resources left"),
        "28" | "42" if code != "42P01" && code != "42703" => {
            unavailable("the database refuses the login or its rights")
        }
        "3D" => unavailable("the database does not exist, create it first"),
        "08" | "57" => unavailable("the database is shutting down or cannot be reached"),
        "25" | "40" | "55" => unavailable("the database is busy or read-only"),
        "58" => unavailable("the database's disk reports an error"),
        _ => StoreError::Corrupt(format!("the database refused with code {code}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_unavailable_and_what_may_not_is_corrupt() {
        for code in ["13", "10", "5", "778", "14", "53100", "57P01", "08006", "3D000", "28P01"] {
            assert!(matches!(told_by_code(code), StoreError::Unavailable(_)), "{code}");
        }
        for code in ["11", "26", "267", "2067", "XX001", "23505", ""] {
            assert!(matches!(told_by_code(code), StoreError::Corrupt(_)), "{code}");
        }
    }
}
