//! Puts the sources of configuration together, and says where a wrong value stands.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{Config, KEYS, Key, Unit, environment::Environment, file, hint::nearest};

/// What is shown of a secret.
const MASK: &str = "***";

/// Where values come from, in rising order of weight.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// A TOML file; with the environment, one of the usual places if this is absent.
    pub file: Option<PathBuf>,
    /// Whether to read the environment.
    pub environment: bool,
    /// Dotted names and values, from flags.
    pub flags: Vec<(String, String)>,
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere; it is the default.
    Default,
    /// In a file.
    File {
        /// Which file.
        path: PathBuf,
        /// In which line, from 1.
        line: usize,
    },
    /// In a variable of the environment.
    Variable(String),
    /// In a flag.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "environment {name}"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
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
    #[error("{origin}: this is not TOML: {message}")]
    Syntax {
        /// Where it stands.
        origin: Origin,
        /// Why not.
        message: String,
    },
    /// There is no such key.
    #[error("{origin}: there is no key `{name}`{hint}")]
    UnknownKey {
        /// Where it stands.
        origin: Origin,
        /// What it is called.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A value makes no sense.
    #[error("{origin}: {name}: {reason}")]
    Value {
        /// Where it stands.
        origin: Origin,
        /// Of which key.
        name: String,
        /// Why.
        reason: String,
    },
    /// A file that holds a secret cannot be read.
    #[error("environment {variable}: cannot read {path}: {source}")]
    SecretFile {
        /// The variable that names it.
        variable: String,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A secret comes twice.
    #[error("{direct} and {by_file} are both set; unset one of them")]
    Both {
        /// The variable with the value.
        direct: String,
        /// The variable with the name of a file.
        by_file: String,
    },
    /// Nowhere to keep data.
    #[error("cannot find a data directory: set data_dir, XDG_DATA_HOME or HOME")]
    NoDataDir,
}

/// Everything that is wrong with a configuration, one line each.
#[derive(Debug)]
pub struct Invalid(pub Vec<ConfigError>);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Invalid {}

/// One key's value that counts, and where it came from.
#[derive(Clone)]
pub struct Setting {
    /// Which key.
    pub key: &'static Key,
    /// As it was written; empty if it is not set and has no default.
    pub(super) text: String,
    /// Where it was written.
    pub origin: Origin,
}

/// Secrets are not for logs.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.key.name, self.shown(), self.origin)
    }
}

impl Setting {
    /// The value as it may be shown: secrets are masked.
    pub fn shown(&self) -> &str {
        if self.key.is_secret && !self.text.is_empty() { MASK } else { &self.text }
    }
}

/// A configuration that was read, and what is to be said about it.
#[derive(Debug)]
pub struct Loaded {
    /// What counts.
    pub config: Config,
    /// The same, key by key, in the order of [`KEYS`].
    pub settings: Vec<Setting>,
    /// Sentences for whoever started the program.
    pub warnings: Vec<String>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

/// Reads everything, checks it, and fills in what depends on the machine.
pub fn load(source: &Source) -> Result<Loaded, Invalid> {
    let environment =
        if source.environment { Environment::of_process() } else { Environment::default() };
    load_with(source, &environment)
}

/// `$XDG_DATA_HOME/pilothouse`, or its usual place.
fn default_data_dir() -> Option<PathBuf> {
    data_dir_in(&Environment::of_process())
}

fn data_dir_in(environment: &Environment) -> Option<PathBuf> {
    let data = environment.path("XDG_DATA_HOME");
    let data = data.or_else(|| environment.path("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("pilothouse"))
}

fn load_with(source: &Source, environment: &Environment) -> Result<Loaded, Invalid> {
    let named = source.file.clone().or_else(|| environment.path("PILOTHOUSE_CONFIG"));
    let file = named.or_else(|| {
        let places = source.environment.then(|| file::places(|name| environment.path(name)));
        places.unwrap_or_default().into_iter().find(|place| place.exists())
    });
    let mut reading = Reading::new();
    if let Some(path) = &file {
        reading.read_file(path);
    }
    for key in KEYS {
        match environment.value(key) {
            Ok(Some((text, origin))) => reading.set(key, text, origin),
            Ok(None) => {}
            Err(error) => reading.errors.push(error),
        }
    }
    for (name, text) in &source.flags {
        if let Some(key) = reading.key(name, &Origin::CommandLine) {
            reading.set(key, text.clone(), Origin::CommandLine);
        }
    }
    let Reading { mut config, mut settings, mut errors } = reading;
    if config.data_dir.as_os_str().is_empty() {
        match data_dir_in(environment).or_else(default_data_dir) {
            Some(folder) => {
                let setting = settings.iter_mut().find(|setting| setting.key.name == "data_dir");
                setting.expect("data_dir is a key").text = folder.display().to_string();
                config.data_dir = folder;
            }
            None => errors.push(ConfigError::NoDataDir),
        }
    }
    if !errors.is_empty() {
        return Err(Invalid(errors));
    }
    let mut warnings = environment.slips();
    warnings.extend(settings.iter().filter_map(visible_secret));
    Ok(Loaded { config, settings, warnings, file })
}

/// What to say about a secret that everybody on the machine can read in the list of processes.
fn visible_secret(setting: &Setting) -> Option<String> {
    let is_visible = setting.key.is_secret && matches!(setting.origin, Origin::CommandLine);
    // An address is a secret only if it has a password.
    let is_address = matches!(setting.key.name, "database.url" | "redis.url");
    let has_password = !is_address || setting.text.contains('@');
    let variable = setting.key.file_environment()?;
    (is_visible && has_password).then(|| {
        let name = setting.key.name;
        format!("others can read {name} in the list of processes; use a file or {variable}")
    })
}

/// A configuration on its way: what counts so far, and what was wrong.
struct Reading {
    config: Config,
    settings: Vec<Setting>,
    errors: Vec<ConfigError>,
}

impl Reading {
    fn new() -> Self {
        let default = |key: &'static Key| Setting {
            key,
            text: key.default.to_owned(),
            origin: Origin::Default,
        };
        let settings = KEYS.iter().map(default).collect();
        Self { config: Config::default(), settings, errors: Vec::new() }
    }

    fn read_file(&mut self, path: &Path) {
        let entries = match file::read(path) {
            Ok(entries) => entries,
            Err(error) => return self.errors.push(error),
        };
        for entry in entries {
            let Some(key) = self.key(&entry.name, &entry.origin) else { continue };
            match file::check_shape(&entry, key) {
                Ok(()) => self.set(key, entry.text, entry.origin),
                Err(reason) => self.refuse(key, entry.origin, reason),
            }
        }
    }

    fn key(&mut self, name: &str, origin: &Origin) -> Option<&'static Key> {
        let found = KEYS.iter().find(|key| key.name == name);
        if found.is_none() {
            let error = ConfigError::UnknownKey {
                origin: origin.clone(),
                name: name.to_owned(),
                hint: hint(name),
            };
            self.errors.push(error);
        }
        found
    }

    fn set(&mut self, key: &'static Key, text: String, origin: Origin) {
        // An empty value counts as not set; of a list it is the empty list.
        if text.trim().is_empty() && key.unit != Unit::List {
            return;
        }
        if let Err(reason) = (key.set)(&mut self.config, &text) {
            return self.refuse(key, origin, reason);
        }
        if let Some(setting) = self.settings.iter_mut().find(|one| one.key.name == key.name) {
            *setting = Setting { key, text, origin };
        }
    }

    fn refuse(&mut self, key: &Key, origin: Origin, reason: String) {
        let reason = if key.is_secret { "this value is not usable".to_owned() } else { reason };
        self.errors.push(ConfigError::Value { origin, name: key.name.to_owned(), reason });
    }
}

fn hint(name: &str) -> String {
    if let Some(key) = KEYS.iter().find(|key| key.section() == name) {
        return format!("; `{name}` is a section with keys such as `{}`", key.name);
    }
    let meant = nearest(name, KEYS.iter().map(|key| key.name));
    let meant = meant.map(|meant| format!("; did you mean `{meant}`?"));
    meant.unwrap_or_else(|| "; `pilothouse config --keys` lists all".to_owned())
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
