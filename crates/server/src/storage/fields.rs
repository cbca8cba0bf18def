//! Reading columns: what does not fit the core's types is told as damage, never guessed.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{sessions::Size, time::Timestamp};
use sqlx::{Row, any::AnyRow};

use super::failure::Failure;

/// The domain's readings of a row's columns.
pub(super) trait Fields {
    /// A text.
    fn text(&self, column: &str) -> Result<Arc<str>, Failure>;
    /// A text that may be absent.
    fn optional_text(&self, column: &str) -> Result<Option<Arc<str>>, Failure>;
    /// A number that may be absent.
    fn optional_integer(&self, column: &str) -> Result<Option<i64>, Failure>;
    /// A number of any sign.
    fn integer(&self, column: &str) -> Result<i64, Failure>;

    /// A count or a position.
    fn count(&self, column: &str) -> Result<u64, Failure> {
        let stored = self.integer(column)?;
        u64::try_from(stored).map_err(|_| Failure::Corrupt(format!("{column} is negative")))
    }

    /// A point in time.
    fn time(&self, column: &str) -> Result<Timestamp, Failure> {
        self.count(column).map(Timestamp)
    }

    /// A length of time, stored in milliseconds.
    fn duration(&self, column: &str) -> Result<Duration, Failure> {
        self.count(column).map(Duration::from_millis)
    }

    /// A number of a life.
    fn epoch(&self, column: &str) -> Result<u32, Failure> {
        let stored = self.integer(column)?;
        u32::try_from(stored).map_err(|_| Failure::Corrupt(format!("{column} is out of range")))
    }

    /// A terminal's size, in `terminal_columns` and `terminal_rows`.
    fn size(&self) -> Result<Size, Failure> {
        Ok(Size::clamped(self.integer("terminal_columns")?, self.integer("terminal_rows")?))
    }

    /// An id of any kind.
    fn id<T: std::str::FromStr>(&self, column: &str) -> Result<T, Failure> {
        let stored = self.text(column)?;
        stored.parse().map_err(|_| Failure::Corrupt(format!("{column} holds no id")))
    }
}

impl Fields for AnyRow {
    fn text(&self, column: &str) -> Result<Arc<str>, Failure> {
        Ok(self.try_get::<&str, _>(column)?.into())
    }

    fn optional_text(&self, column: &str) -> Result<Option<Arc<str>>, Failure> {
        Ok(self.try_get::<Option<&str>, _>(column)?.map(Into::into))
    }

    fn optional_integer(&self, column: &str) -> Result<Option<i64>, Failure> {
        Ok(self.try_get(column)?)
    }

    fn integer(&self, column: &str) -> Result<i64, Failure> {
        Ok(self.try_get(column)?)
    }
}

/// Milliseconds as they are stored.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
