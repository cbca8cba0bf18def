//! What an agent's runs are told on the command line: who decides them, and with which secrets.

use std::{ffi::OsString, fs, path::PathBuf, time::Duration};

use clap::{Args, ValueHint};
use pilothouse_agent::{ModelConfig, ModelKind, RunConfig};
use pilothouse_server::config::duration;

use crate::{
    environment,
    failure::{Failure, IO, USAGE},
};

/// The language model that decides runs with a task, and what runs may type.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunOptions {
    /// The language model that does tasks; without one, runs need scripts. Its key comes from `PILOTHOUSE_LLM_KEY`
    #[arg(long, env = "PILOTHOUSE_LLM_MODEL", value_name = "MODEL")]
    pub(crate) llm_model: Option<String>,
    /// How it is spoken to: openai (chat completions, which many servers speak) or anthropic (messages) [default: openai]
    #[arg(long, env = "PILOTHOUSE_LLM_KIND", value_name = "KIND")]
    pub(crate) llm_kind: Option<String>,
    /// Where it is, such as <http://127.0.0.1:11434/v1> [default: where its kind usually is]
    #[arg(long, env = "PILOTHOUSE_LLM_URL", value_name = "URL")]
    pub(crate) llm_url: Option<String>,
    /// A file with its key in it
    #[arg(long, env = "PILOTHOUSE_LLM_KEY_FILE", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) llm_key_file: Option<PathBuf>,
    /// How many tokens one answer of it may have [default: 2048]
    #[arg(long, env = "PILOTHOUSE_LLM_MAX_TOKENS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) llm_max_tokens: Option<u32>,
    /// How many tokens one run may take in all [default: 1000000]
    #[arg(long, env = "PILOTHOUSE_LLM_BUDGET", value_name = "N")]
    pub(crate) llm_budget: Option<u64>,
    /// Whether it is shown how pages look, besides what they say [default: true]
    #[arg(long, env = "PILOTHOUSE_LLM_IMAGES", value_name = "BOOL")]
    pub(crate) llm_images: Option<bool>,
    /// A file with secrets that runs may type by name, a line `name@host = "value"` for each; nobody else may read it
    #[arg(long, env = "PILOTHOUSE_SECRETS_FILE", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) secrets_file: Option<PathBuf>,
    /// Where runs search, with {} for what [default: a public search engine]
    #[arg(long, env = "PILOTHOUSE_SEARCH_URL", value_name = "URL")]
    pub(crate) search_url: Option<String>,
    /// How long what needs approval waits for a person, such as 1h; then it counts as denied [default: 5m]
    #[arg(long, env = "PILOTHOUSE_APPROVAL_TIMEOUT", value_name = "DURATION", value_parser = duration)]
    pub(crate) approval_timeout: Option<Duration>,
}

impl RunOptions {
    /// For an agent of this process.
    pub(crate) fn config(&self) -> Result<RunConfig, Failure> {
        let search = given(self.search_url.as_deref()).map(str::to_owned);
        if search.as_ref().is_some_and(|search| !search.contains("{}")) {
            return Err(Failure::new(
                USAGE,
                "--search-url has no {} where what is searched belongs",
            ));
        }
        let secrets_file = self.secrets_file.clone().filter(|path| !path.as_os_str().is_empty());
        let usual = RunConfig::default();
        let approval_within = self.approval_timeout.unwrap_or(usual.approval_within);
        if approval_within.is_zero() {
            return Err(Failure::new(USAGE, "--approval-timeout leaves no time for an answer"));
        }
        Ok(RunConfig { model: self.model()?, secrets_file, search, approval_within, ..usual })
    }

    fn model(&self) -> Result<Option<ModelConfig>, Failure> {
        let Some(name) = given(self.llm_model.as_deref()) else { return Ok(None) };
        let kind = given(self.llm_kind.as_deref()).unwrap_or("openai");
        let kind: ModelKind = kind.parse().map_err(|error| Failure::new(USAGE, error))?;
        let usual = ModelConfig::new(kind, name);
        Ok(Some(ModelConfig {
            url: given(self.llm_url.as_deref()).map(str::to_owned),
            key: self.key()?,
            max_tokens: self.llm_max_tokens.unwrap_or(usual.max_tokens),
            budget: self.llm_budget.unwrap_or(usual.budget),
            sees: self.llm_images.unwrap_or(usual.sees),
            ..usual
        }))
    }

    /// The file, then the environment.
    fn key(&self) -> Result<Option<String>, Failure> {
        let file = self.llm_key_file.as_ref().filter(|path| !path.as_os_str().is_empty());
        let Some(path) = file else { return Ok(environment::llm_key()) };
        let read = fs::read_to_string(path).map_err(|error| {
            let path = path.display();
            Failure::new(IO, format!("cannot read the model's key in {path}: {error}"))
        })?;
        Ok(Some(read.trim().to_owned()))
    }

    /// The same for an agent in a process of its own. The key goes by the environment.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = OsString> {
        let text = |text: &Option<String>| text.as_ref().map(OsString::from);
        let path = |path: &Option<PathBuf>| path.as_ref().map(OsString::from);
        let number = |number: Option<String>| number.map(OsString::from);
        let given = [
            ("--llm-model", text(&self.llm_model)),
            ("--llm-kind", text(&self.llm_kind)),
            ("--llm-url", text(&self.llm_url)),
            ("--llm-key-file", path(&self.llm_key_file)),
            ("--llm-max-tokens", number(self.llm_max_tokens.map(|it| it.to_string()))),
            ("--llm-budget", number(self.llm_budget.map(|it| it.to_string()))),
            ("--llm-images", number(self.llm_images.map(|it| it.to_string()))),
            ("--secrets-file", path(&self.secrets_file)),
            ("--search-url", text(&self.search_url)),
            ("--approval-timeout", number(self.approval_timeout.map(milliseconds))),
        ];
        let given = given.into_iter().filter_map(|(flag, value)| Some([flag.into(), value?]));
        given.flatten()
    }
}

/// A duration as it is read again.
fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}

/// An empty variable counts as not set.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> RunOptions {
        RunOptions {
            llm_model: Some("model-1".to_owned()),
            llm_kind: Some("anthropic".to_owned()),
            llm_url: Some(String::new()),
            llm_images: Some(false),
            ..RunOptions::default()
        }
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert!(RunOptions::default().config().unwrap().model.is_none());
        let model = options().config().unwrap().model.unwrap();
        assert_eq!((model.kind, model.url, model.sees), (ModelKind::Anthropic, None, false));
        assert_eq!(model.max_tokens, 2048);
        let slip = RunOptions { llm_kind: Some("openia".to_owned()), ..options() };
        assert!(slip.config().is_err());
        let nowhere = RunOptions { search_url: Some("https://s".to_owned()), ..options() };
        assert!(nowhere.config().is_err());
    }

    #[test]
    fn what_needs_approval_waits_as_long_as_is_said() {
        let waits = |approval_timeout| RunOptions { approval_timeout, ..RunOptions::default() };
        let usual = waits(None).config().unwrap().approval_within;
        assert_eq!(usual, Duration::from_mins(5));
        let long = waits(Some(Duration::from_mins(90)));
        assert_eq!(long.config().unwrap().approval_within, Duration::from_mins(90));
        assert_eq!(long.arguments().collect::<Vec<_>>(), ["--approval-timeout", "5400000ms"]);
        assert_eq!(duration("5400000ms"), Ok(Duration::from_mins(90)));
        assert!(waits(Some(Duration::ZERO)).config().is_err());
    }

    #[test]
    fn a_key_in_a_file_is_read_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "sk-1\n").unwrap();
        let keyed = RunOptions { llm_key_file: Some(path), ..options() };
        assert_eq!(keyed.config().unwrap().model.unwrap().key.as_deref(), Some("sk-1"));
        let away = RunOptions { llm_key_file: Some("/nowhere/key".into()), ..options() };
        assert!(away.config().is_err());
    }

    #[test]
    fn an_agent_of_its_own_is_told_the_same() {
        let arguments: Vec<_> = options().arguments().collect();
        let told = ["--llm-model", "model-1", "--llm-kind", "anthropic", "--llm-url", ""];
        assert_eq!(arguments, [&told[..], &["--llm-images", "false"]].concat());
    }
}
