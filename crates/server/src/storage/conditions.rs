//! What a filter says, as SQL. Nothing that came from outside stands in its text.

use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

use super::rows::text;

/// A value that a condition compares with.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
}

/// Conditions that all have to hold, and the values in them.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition, made of places and of nothing that came from outside.
    pub(super) fn add(&mut self, condition: String) {
        self.texts.push(condition);
    }

    /// A column has that text, if there is one.
    pub(super) fn equals(&mut self, column: &str, wanted: Option<&str>) {
        if let Some(wanted) = wanted {
            let place = self.text(wanted);
            self.texts.push(format!("{column} = {place}"));
        }
    }

    /// Adds a comparison with a number, such as `at >=`.
    pub(super) fn compare(&mut self, comparison: &str, value: i64) {
        let place = self.integer(value);
        self.texts.push(format!("{comparison} {place}"));
    }

    /// One of the columns has that text in it, whatever its case.
    pub(super) fn contains(&mut self, columns: &[&str], wanted: &str) {
        let place = self.place(Value::Text(pattern(wanted)));
        let any: Vec<_> = columns
            .iter()
            .map(|column| format!("LOWER({column}) LIKE {place} ESCAPE '!'"))
            .collect();
        self.texts.push(format!("({})", any.join(" OR ")));
    }

    /// Takes a text and says how SQL calls it.
    pub(super) fn text(&mut self, value: &str) -> String {
        self.place(Value::Text(text(value)))
    }

    /// Takes a number and says how SQL calls it.
    pub(super) fn integer(&mut self, value: i64) -> String {
        self.place(Value::Integer(value))
    }

    fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// The statement `head WHERE … tail`.
    pub(super) fn query(self, head: &str, tail: &str) -> Query<'static, Any, AnyArguments> {
        let condition =
            if self.texts.is_empty() { "1 = 1".to_owned() } else { self.texts.join(" AND ") };
        let query = sqlx::query(AssertSqlSafe(format!("{head} WHERE {condition} {tail}")));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(value) => query.bind(value),
            Value::Integer(value) => query.bind(value),
        })
    }
}

/// A text as part of others, with nothing in it that means something to LIKE.
fn pattern(wanted: &str) -> String {
    let mut pattern = String::from("%");
    for character in text(wanted).to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_is_never_syntax() {
        assert_eq!(pattern("50%_OFF!"), "%50!%!_off!!%");
        let mut conditions = Conditions::default();
        conditions.equals("actor", Some("'; DROP TABLE audit"));
        conditions.contains(&["detail", "subject"], "x' OR 1=1 --");
        assert!(
            conditions.texts.iter().all(|text| !text.contains("DROP") && !text.contains("1=1"))
        );
        assert_eq!(conditions.values.len(), 2);
    }
}
