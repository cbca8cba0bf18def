//! What the process's environment says: values of keys, files with secrets, and slips.

use std::{collections::BTreeMap, ffi::OsString, fs, path::PathBuf};

use super::{ConfigError, KEYS, Key, Origin, hint::nearest, keys::PREFIX};

/// Variables of ours that are no keys: the command line's own, what the agent gives to commands, and what builds and
/// tests take.
pub const OTHER_VARIABLES: &[&str] = &[
    "PILOTHOUSE_APPROVAL_TIMEOUT",
    "PILOTHOUSE_BROWSER",
    "PILOTHOUSE_BROWSER_ALLOW",
    "PILOTHOUSE_CA_FILE",
    "PILOTHOUSE_CONFIG",
    "PILOTHOUSE_KEY",
    "PILOTHOUSE_LLM_BUDGET",
    "PILOTHOUSE_LLM_IMAGES",
    "PILOTHOUSE_LLM_KEY",
    "PILOTHOUSE_LLM_KEY_FILE",
    "PILOTHOUSE_LLM_KIND",
    "PILOTHOUSE_LLM_MAX_TOKENS",
    "PILOTHOUSE_LLM_MODEL",
    "PILOTHOUSE_LLM_URL",
    "PILOTHOUSE_LOG",
    "PILOTHOUSE_LOG_FORMAT",
    "PILOTHOUSE_SEARCH_URL",
    "PILOTHOUSE_SECRETS_FILE",
    "PILOTHOUSE_SERVER",
    "PILOTHOUSE_TOKEN",
    "PILOTHOUSE_TOKEN_FILE",
    "PILOTHOUSE_COMMAND_ID",
    "PILOTHOUSE_BIN",
    "PILOTHOUSE_WEB_DIST",
];

/// The variables that are set. An empty one counts as not set, as with most programs.
#[derive(Debug, Default)]
pub(super) struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// That of this process.
    pub(super) fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect()
    }

    /// A variable that holds a path.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(name).map(PathBuf::from)
    }

    /// The value of a key, if there is one, and where it came from.
    pub(super) fn value(&self, key: &Key) -> Result<Option<(String, Origin)>, ConfigError> {
        let (direct, by_file) = (key.environment(), key.file_environment());
        let by_file = by_file.filter(|name| self.0.contains_key(name));
        match (self.0.get(&direct), by_file) {
            (None, None) => Ok(None),
            (Some(value), None) => {
                let text = value.to_str().ok_or_else(|| ConfigError::Value {
                    origin: Origin::Variable(direct.clone()),
                    name: key.name.to_owned(),
                    reason: "this is not UTF-8".to_owned(),
                })?;
                Ok(Some((text.to_owned(), Origin::Variable(direct))))
            }
            (None, Some(variable)) => {
                let path = self.path(&variable).unwrap_or_default();
                match fs::read_to_string(&path) {
                    Ok(text) => {
                        let text = text.trim_end_matches(['\r', '\n']).to_owned();
                        Ok(Some((text, Origin::Variable(variable))))
                    }
                    Err(source) => Err(ConfigError::SecretFile { variable, path, source }),
                }
            }
            (Some(_), Some(by_file)) => Err(ConfigError::Both { direct, by_file }),
        }
    }

    /// A sentence for each variable that looks like one of ours and is none.
    ///
    /// Told and not refused: other programs may use the prefix, and Kubernetes sets variables of that
    /// shape for every service that is called `pilothouse`.
    pub(super) fn slips(&self) -> Vec<String> {
        let known: Vec<String> = KEYS
            .iter()
            .flat_map(|key| [Some(key.environment()), key.file_environment()])
            .flatten()
            .chain(OTHER_VARIABLES.iter().map(ToString::to_string))
            .collect();
        let unknown = self.0.keys().filter(|name| {
            name.starts_with(PREFIX) && !known.contains(name) && !is_of_kubernetes(name)
        });
        let sentence = |name: &String| {
            let meant = nearest(name, known.iter().map(String::as_str));
            let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
            format!("the environment variable {name} is not one of ours and does nothing{meant}")
        };
        unknown.map(sentence).collect()
    }
}

impl<Name: Into<String>, Value: Into<OsString>> FromIterator<(Name, Value)> for Environment {
    fn from_iter<T: IntoIterator<Item = (Name, Value)>>(variables: T) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(variables.filter(|(_, value): &(String, OsString)| !value.is_empty()).collect())
    }
}

/// `PILOTHOUSE_SERVICE_HOST`, `PILOTHOUSE_PORT_7717_TCP_ADDR` and the like.
fn is_of_kubernetes(name: &str) -> bool {
    let name = name.strip_prefix(PREFIX).unwrap_or_default();
    name.starts_with("SERVICE_") || name == "PORT" || name.starts_with("PORT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> &'static Key {
        KEYS.iter().find(|key| key.name == name).unwrap()
    }

    #[test]
    fn slips_are_told_with_what_was_meant_and_variables_of_others_are_left_alone() {
        let environment = Environment::from_iter([
            ("PILOTHOUSE_COMANDS_TIMEOUT", "5m"),
            ("PILOTHOUSE_TOKN", "x"),
            ("PILOTHOUSE_LISTEN", "127.0.0.1:1"),
            ("PILOTHOUSE_AUTH_SECRET_FILE", "/x"),
            ("PILOTHOUSE_LOG", "debug"),
            ("PILOTHOUSE_COMMAND_ID", "cmd-1"),
            ("PILOTHOUSE_PORT_7717_TCP", "tcp://10.0.0.1:7717"),
            ("PILOTHOUSE_SERVICE_HOST", "10.0.0.1"),
            ("PILOTHOUSE_EMPTY", ""),
            ("PATH", "/bin"),
        ]);
        let slips = environment.slips();
        assert_eq!(slips.len(), 2, "{slips:?}");
        assert!(slips[0].ends_with("did you mean PILOTHOUSE_COMMANDS_TIMEOUT?"), "{slips:?}");
        assert!(slips[1].ends_with("did you mean PILOTHOUSE_TOKEN?"), "{slips:?}");
    }

    #[test]
    fn a_secret_may_come_by_file_and_only_one_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "s3cret\n").unwrap();
        let name = ("PILOTHOUSE_AUTH_SECRET_FILE", file.as_os_str().to_owned());
        let environment = Environment::from_iter([name.clone()]);
        let found = environment.value(key("auth.secret")).unwrap().unwrap();
        assert_eq!(found, ("s3cret".to_owned(), Origin::Variable(name.0.to_owned())));
        let both = Environment::from_iter([name, ("PILOTHOUSE_AUTH_SECRET", "x".into())]);
        let error = both.value(key("auth.secret")).unwrap_err().to_string();
        assert!(error.contains("PILOTHOUSE_AUTH_SECRET_FILE"), "{error}");
        let away = Environment::from_iter([("PILOTHOUSE_DATABASE_URL_FILE", "/nowhere/x")]);
        let error = away.value(key("database.url")).unwrap_err().to_string();
        assert!(error.contains("/nowhere/x") && error.contains("DATABASE_URL_FILE"), "{error}");
    }

    #[test]
    fn what_is_no_secret_does_not_come_by_file() {
        let environment = Environment::from_iter([("PILOTHOUSE_LISTEN_FILE", "/x")]);
        assert!(environment.value(key("listen")).unwrap().is_none());
        assert_eq!(environment.slips().len(), 1);
    }
}
