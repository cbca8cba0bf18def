//! Reads a TOML file into dotted names and values, each with its line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{ConfigError, Key, Origin};

/// One value of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) origin: Origin,
    /// Whether it was written as a list.
    pub(super) is_list: bool,
}

/// Where a configuration is looked for if nobody says where it is; the first that is there counts.
pub(super) fn places(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let own =
        variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
    let own = own.map(|folder| folder.join("pilothouse/pilothouse.toml"));
    own.into_iter().chain([PathBuf::from("/etc/pilothouse/pilothouse.toml")]).collect()
}

/// Everything that stands in a file, in its order.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    let table = DeTable::parse(&text).map_err(|error| ConfigError::Syntax {
        origin: Origin::File {
            path: path.to_owned(),
            line: line(&text, error.span().map_or(0, |span| span.start)),
        },
        message: error.message().replace('\n', ", "),
    })?;
    let mut found = Vec::new();
    flatten("", table.get_ref(), &mut found);
    found.sort_by_key(|(start, ..)| *start);
    let entries = found.into_iter().map(|(start, name, (text_of, is_list))| Entry {
        name,
        text: text_of,
        origin: Origin::File { path: path.to_owned(), line: line(&text, start) },
        is_list,
    });
    Ok(entries.collect())
}

/// Refuses a list where one value is wanted.
pub(super) fn check_shape(entry: &Entry, key: &Key) -> Result<(), String> {
    if entry.is_list && key.unit != super::Unit::List {
        return Err("this is a list; write one value".to_owned());
    }
    Ok(())
}

fn line(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

type Found = (usize, String, (String, bool));

fn flatten(prefix: &str, table: &DeTable<'_>, found: &mut Vec<Found>) {
    for (name, value) in table {
        let start = name.span().start;
        let name = name.get_ref();
        let name = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(&name, inner, found),
            DeValue::Array(items) => {
                let items: Vec<_> = items.iter().map(text).collect();
                found.push((start, name, (items.join(","), true)));
            }
            _ => found.push((start, name, (text(value), false))),
        }
    }
}

fn text(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(is_on) => is_on.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Array(_) => "[…]".to_owned(),
        DeValue::Table(_) => "{…}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_places_come_before_those_of_the_machine() {
        let both = |name: &str| Some(PathBuf::from(format!("/{name}")));
        assert_eq!(
            places(both),
            [
                Path::new("/XDG_CONFIG_HOME/pilothouse/pilothouse.toml"),
                Path::new("/etc/pilothouse/pilothouse.toml")
            ]
        );
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ann"));
        assert_eq!(places(home)[0], Path::new("/home/ann/.config/pilothouse/pilothouse.toml"));
        assert_eq!(places(|_| None).len(), 1);
    }
}
