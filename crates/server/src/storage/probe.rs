//! Whether the database can be reached, without changing anything in it.

use sqlx::{ConnectOptions, Connection, Executor, any::AnyConnectOptions};

use super::{connection::Dialect, failure::Failure, in_time};
use crate::config::Config;
use pilothouse_core::ports::StoreError;

/// Connects to the configured database and reads a little. Says what was found.
pub async fn reach(config: &Config) -> Result<String, StoreError> {
    in_time(look(config)).await
}

async fn look(config: &Config) -> Result<String, Failure> {
    sqlx::any::install_default_drivers();
    let url = config.database();
    let dialect = Dialect::of(&url)?;
    let (url, query) = match dialect {
        Dialect::Sqlite => {
            let file = url.trim_start_matches("sqlite:").trim_start_matches("//");
            let file = file.split('?').next().unwrap_or_default();
            if !std::path::Path::new(file).exists() {
                return Ok(format!("SQLite in {file}, made on the first start"));
            }
            // The schema's table is read from the file; a constant would not be.
            (format!("sqlite://{file}?mode=ro"), "SELECT COUNT(*) FROM sqlite_master")
        }
        Dialect::Postgres => (url, "SELECT 1"),
    };
    let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
    let mut connection = options.connect().await?;
    connection.execute(query).await?;
    connection.close().await?;
    Ok(match dialect {
        Dialect::Sqlite => "SQLite can be read".to_owned(),
        Dialect::Postgres => "PostgreSQL answers".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_is_read_and_never_made_or_changed() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        assert!(reach(&config).await.unwrap().contains("first start"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let store = super::super::SqlStore::open(&config.database()).await.unwrap();
        assert_eq!(reach(&config).await.unwrap(), "SQLite can be read");
        store.close().await;
        std::fs::write(
            folder.path().join("pilothouse.db"),
            "no database at all, but long enough".repeat(99),
        )
        .unwrap();
        assert!(reach(&config).await.is_err());
    }
}
