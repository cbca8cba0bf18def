//! What a key's value is measured in, and how it is written in TOML.

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `250ms`, `30s`, `5m`, `8h`, `30d`
    Duration,
    /// A number, or one with KB, MB, GB, KiB, MiB, GiB.
    Bytes,
    /// A whole number.
    Count,
    /// `HOST:PORT` or a URL.
    Address,
    /// A file or folder.
    Path,
    /// Words; with commas between them outside of TOML.
    List,
    /// Any text.
    Text,
    /// `true` or `false`
    Switch,
}

impl Unit {
    /// In one word, for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Bytes => "bytes",
            Self::Count => "count",
            Self::Address => "address",
            Self::Path => "path",
            Self::List => "list",
            Self::Text => "text",
            Self::Switch => "switch",
        }
    }

    /// A value as it is written in a TOML file.
    pub(super) fn as_toml(self, text: &str) -> toml::Value {
        match self {
            Self::Count => match text.trim().parse() {
                Ok(number) => toml::Value::Integer(number),
                Err(_) => toml::Value::String(text.to_owned()),
            },
            Self::Switch => match text.trim().parse() {
                Ok(switch) => toml::Value::Boolean(switch),
                Err(_) => toml::Value::String(text.to_owned()),
            },
            Self::List => {
                let words = super::value::list(text).into_iter().map(toml::Value::String);
                toml::Value::Array(words.collect())
            }
            Self::Duration | Self::Bytes | Self::Address | Self::Path | Self::Text => {
                toml::Value::String(text.to_owned())
            }
        }
    }
}
