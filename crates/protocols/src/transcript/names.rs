//! The names that a transcript gives to ids, and how what came is compared with what was expected.

use std::collections::HashMap;

use serde_json::Value;

/// What `cmd-1`, `conn-1`, … stand for in one run.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// Replaces names by what they stand for, in a text to be sent.
    pub fn resolve(&self, text: &str) -> String {
        let mut resolved = text.to_owned();
        for (name, id) in &self.0 {
            resolved = resolved.replace(&format!("\"{name}\""), &format!("\"{id}\""));
        }
        resolved
    }

    /// From now on `name` stands for that id.
    pub fn give(&mut self, name: &str, id: &str) {
        self.0.insert(name.into(), id.into());
    }

    /// Replaces names that are whole parts of a path by what they stand for.
    pub fn resolve_path(&self, path: &str) -> String {
        path.split('/').map(|part| self.id(part)).collect::<Vec<_>>().join("/")
    }

    /// What a name stands for; itself if nothing took its place yet.
    pub fn id<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// Whether `actual` is what was expected. `version` and `timestamp` of the envelope are not compared
    /// unless expected. An error says where the two differ.
    pub fn matches(&mut self, expected: &Value, actual: &Value) -> Result<(), String> {
        let mut actual = actual.clone();
        if let (Value::Object(expected), Value::Object(actual)) = (expected, &mut actual) {
            for field in ["version", "timestamp"] {
                if !expected.contains_key(field) {
                    actual.remove(field);
                }
            }
        }
        self.compare(expected, &actual, "message")
    }

    fn compare(&mut self, expected: &Value, actual: &Value, path: &str) -> Result<(), String> {
        match (expected, actual) {
            (Value::String(any), _) if any == "…" => Ok(()),
            (Value::String(name), Value::String(id)) if is_name(name) => {
                let known = self.0.entry(name.clone()).or_insert_with(|| id.clone());
                if known == id { Ok(()) } else { Err(format!("{path}: {id} is not {name}")) }
            }
            (Value::Object(expected), Value::Object(actual)) => {
                for (field, value) in expected.iter().filter(|(field, _)| *field != "…") {
                    let path = format!("{path}.{field}");
                    let found = actual.get(field).ok_or_else(|| format!("{path} is missing"))?;
                    self.compare(value, found, &path)?;
                }
                match actual.keys().find(|field| !expected.contains_key(*field)) {
                    Some(field) if !expected.contains_key("…") => {
                        Err(format!("{path}.{field} was not expected"))
                    }
                    _ => Ok(()),
                }
            }
            (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
                for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                    self.compare(expected, actual, &format!("{path}[{index}]"))?;
                }
                Ok(())
            }
            _ if expected == actual => Ok(()),
            _ => Err(format!("{path}: expected {expected}, got {actual}")),
        }
    }
}

/// Whether a text stands for an id the server makes: `cmd-`, `conn-`, … and a small number.
fn is_name(text: &str) -> bool {
    let prefixes = ["cmd-", "conn-", "ses-", "wrk-", "repo-", "run-"];
    let number = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
    number.is_some_and(|digits| (1..=3).contains(&digits.len()) && digits.parse::<u16>().is_ok())
}
