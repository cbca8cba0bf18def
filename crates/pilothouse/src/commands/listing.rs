//! What every command that lists things shares: its options, all pages of a route, and the table.

use clap::Args;
use pilothouse_client::Api;
use serde_json::Value;

use crate::{
    access::Access,
    failure::{Failure, PROTOCOL},
    output::{self, plain, table},
};

/// How to list, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

impl ListOptions {
    /// Whoever can read the secret of this machine's server may do everything anyway.
    pub(super) fn administration(&self) -> Result<Api, Failure> {
        Ok(self.access.administration()?.api()?)
    }

    /// Prints things as JSON, or as a table whose columns are a heading and a member each; `nothing` is what
    /// people are told instead of an empty table.
    pub(super) fn show(
        &self,
        things: Vec<Value>,
        nothing: &str,
        columns: &[(&str, &str)],
    ) -> Result<u8, Failure> {
        if self.json {
            output::text(&format!("{:#}", Value::Array(things)))?;
            return Ok(0);
        }
        if things.is_empty() {
            output::remark(nothing);
            return Ok(0);
        }
        let row = |thing: &Value| columns.iter().map(|(_, member)| cell(thing, member)).collect();
        let rows: Vec<Vec<String>> = things.iter().map(row).collect();
        let head: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
        output::text(&table(&head, &rows))?;
        Ok(0)
    }
}

/// Everything that a route lists as `member`, however many pages that takes.
pub(super) async fn all(api: &Api, path: &str, member: &str) -> Result<Vec<Value>, Failure> {
    let mut answer = api.get(path).await?;
    let mut things = taken(&mut answer, member)?;
    while let Some(next) = answer["next"].as_str() {
        answer = api.get(&format!("{path}?after={next}")).await?;
        things.extend(taken(&mut answer, member)?);
    }
    Ok(things)
}

/// What a route lists, out of its answer.
pub(super) fn taken(answer: &mut Value, member: &str) -> Result<Vec<Value>, Failure> {
    part(answer, member)?;
    match answer[member].take() {
        Value::Array(things) => Ok(things),
        _ => Err(missing(member)),
    }
}

/// The member of an answer that everything is in.
pub(super) fn part<'a>(answer: &'a Value, name: &str) -> Result<&'a Value, Failure> {
    answer.get(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Failure {
    Failure::new(PROTOCOL, format!("the server's answer has no {name}; check its version"))
}

/// A member as text that is safe to show, or nothing.
pub(super) fn word(thing: &Value, name: &str) -> String {
    plain(thing[name].as_str().unwrap_or_default())
}

/// A member as it is shown: a list with commas, a switch as a word.
fn cell(thing: &Value, member: &str) -> String {
    match &thing[member] {
        Value::Array(words) => {
            let words = words.iter().filter_map(Value::as_str).map(plain);
            words.collect::<Vec<_>>().join(",")
        }
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Number(number) => number.to_string(),
        _ => word(thing, member),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_words_that_no_terminal_obeys() {
        let thing = json!({"a": ["x", "\u{1b}[2J"], "b": true, "c": 3, "d": "plain", "e": null});
        let cells = ["a", "b", "c", "d", "e", "f"].map(|member| cell(&thing, member));
        assert!(!cells[0].contains('\u{1b}'), "{cells:?}");
        assert_eq!(cells[1..], ["on", "3", "plain", "", ""]);
    }
}
