//! Puts the sources of configuration together, and says where a wrong value stands.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Config, KEYS};

/// Where values come from, in rising order of weight.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// Whether to read the environment.
    pub environment: bool,
    /// Dotted names and values, from flags.
    pub flags: Vec<(String, String)>,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path} is not TOML: {message}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
    /// There is no such key.
    #[error("{origin}: there is no key `{name}`{hint}")]
    UnknownKey {
        /// Where it stands.
        origin: String,
        /// What it is called.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A value makes no sense.
    #[error("{origin}: {name}: {reason}")]
    Value {
        /// Where it stands.
        origin: String,
        /// Of which key.
        name: String,
        /// Why.
        reason: String,
    },
    /// Nowhere to keep data.
    #[error("cannot find a data directory: set data_dir, XDG_DATA_HOME or HOME")]
    NoDataDir,
}

/// Reads everything, checks it, and fills in what depends on the machine.
pub fn load(source: &Source) -> Result<Config, ConfigError> {
    let mut config = Config::default();
    if let Some(path) = &source.file {
        for (name, value) in read_file(path)? {
            set(&mut config, &path.display().to_string(), &name, &value)?;
        }
    }
    if source.environment {
        for (variable, value) in variables() {
            let key = KEYS.iter().find(|key| key.environment() == variable);
            if let Some(key) = key {
                set(&mut config, &format!("environment {variable}"), key.name, &value)?;
            }
        }
    }
    for (name, value) in &source.flags {
        set(&mut config, "command line", name, value)?;
    }
    if config.data_dir.as_os_str().is_empty() {
        config.data_dir = default_data_dir().ok_or(ConfigError::NoDataDir)?;
    }
    Ok(config)
}

/// `$XDG_DATA_HOME/pilothouse`, or its usual place.
pub fn default_data_dir() -> Option<PathBuf> {
    let found = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = found("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| found("HOME").map(|home| Path::new(&home).join(".local/share")));
    data.map(|data| data.join("pilothouse"))
}

fn variables() -> Vec<(String, String)> {
    let all = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    all.filter(|(name, _)| name.starts_with("PILOTHOUSE_")).collect()
}

fn set(config: &mut Config, origin: &str, name: &str, value: &str) -> Result<(), ConfigError> {
    let key = KEYS.iter().find(|key| key.name == name).ok_or_else(|| ConfigError::UnknownKey {
        origin: origin.to_owned(),
        name: name.to_owned(),
        hint: hint(name),
    })?;
    (key.set)(config, value).map_err(|reason| ConfigError::Value {
        origin: origin.to_owned(),
        name: name.to_owned(),
        reason: if key.is_secret { "this value is not usable".to_owned() } else { reason },
    })
}

fn hint(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let close = KEYS.iter().find(|key| key.name.ends_with(last) || key.name.contains(name));
    close.map(|key| format!("; did you mean `{}`?", key.name)).unwrap_or_default()
}

fn read_file(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        ConfigError::Syntax { path: path.to_owned(), message: error.message().to_owned() }
    })?;
    let mut found = Vec::new();
    flatten("", &table, &mut found);
    Ok(found)
}

fn flatten(prefix: &str, table: &toml::Table, found: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, found),
            toml::Value::String(text) => found.push((name, text.clone())),
            toml::Value::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
                found.push((name, items.collect::<Vec<_>>().join(",")));
            }
            other => found.push((name, other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let flags = flags.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        load(&Source { flags, ..Source::default() })
    }

    #[test]
    fn a_wrong_key_is_refused_with_a_hint() {
        let error = with(&[("timeout", "5s")]).unwrap_err().to_string();
        assert!(error.contains("no key `timeout`") && error.contains("did you mean"), "{error}");
    }

    #[test]
    fn flags_weigh_more_than_the_file() {
        let dir = std::env::temp_dir().join(format!("pilothouse-config-{}", std::process::id()));
        fs::write(&dir, "data_dir = '/x'\n[commands]\ntimeout = '9s'\nper_minute = 7\n").unwrap();
        let flags = vec![("commands.timeout".to_owned(), "3s".to_owned())];
        let config = load(&Source { file: Some(dir.clone()), flags, ..Source::default() }).unwrap();
        fs::remove_file(dir).unwrap();
        assert_eq!(config.core.command_timeout, Duration::from_secs(3));
        assert_eq!(config.protocols.commands_per_minute, 7);
        assert_eq!(config.data_dir, Path::new("/x"));
    }

    #[test]
    fn a_secret_is_not_repeated_in_errors_or_debug() {
        let error = with(&[("auth.secret", "hunter2")]).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        let config =
            with(&[("auth.secret", &"hunter2".repeat(9)), ("database.url", "x://hunter2")]);
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
