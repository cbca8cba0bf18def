//! Statements over many rows at once, in a few fixed sizes, so that each is prepared once per connection.

use sqlx::{Any, AnyConnection, any::AnyArguments, any::AnyRow, query::Query};

/// A statement that values are being bound to.
pub(super) type AnyQuery = Query<'static, Any, AnyArguments>;

/// Rows per statement, largest first. One round trip carries up to the first of them.
const SIZES: [usize; 3] = [64, 8, 1];

/// The same statement for each size.
pub(super) struct ManyRows {
    texts: [String; SIZES.len()],
}

impl ManyRows {
    /// `head (…), (…) tail`, with that many values in each pair of parentheses.
    pub(super) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let texts = SIZES.map(|rows| {
            let values: Vec<String> = (0..rows).map(|row| placeholders(row, columns)).collect();
            format!("{head} {} {tail}", values.join(", "))
        });
        Self { texts }
    }

    /// Runs it over all rows and returns what it returns.
    pub(super) async fn run<T>(
        &'static self,
        connection: &mut AnyConnection,
        rows: &[T],
        bind: impl Fn(AnyQuery, &T) -> AnyQuery,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let mut returned = Vec::new();
        let mut rest = rows;
        for (size, text) in SIZES.into_iter().zip(&self.texts) {
            while rest.len() >= size {
                let (now, later) = rest.split_at(size);
                let query = now.iter().fold(sqlx::query(text.as_str()), &bind);
                returned.extend(query.fetch_all(&mut *connection).await?);
                rest = later;
            }
        }
        Ok(returned)
    }
}

fn placeholders(row: usize, columns: usize) -> String {
    let names: Vec<String> =
        (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
    format!("({})", names.join(", "))
}

/// Neither database agrees with the other on NUL in a text, so it is shown as the replacement character.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Counts fit 63 bits for the next millions of years; what a liar sends beyond that is cut.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_over_the_rows() {
        let statement = ManyRows::new("INSERT INTO t (a, b) VALUES", 2, "RETURNING a");
        assert_eq!(statement.texts[2], "INSERT INTO t (a, b) VALUES ($1, $2) RETURNING a");
        assert!(statement.texts[1].contains("($1, $2), ($3, $4), "));
        assert!(statement.texts[0].ends_with("($127, $128) RETURNING a"));
    }
}
