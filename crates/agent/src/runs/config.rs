//! What an agent is told about runs.

use std::{path::PathBuf, time::Duration};

/// How an agent does runs.
#[derive(Debug, Clone)]
pub struct RunConfig {
    /// Who decides runs that have a task and no script; they fail without.
    pub model: Option<ModelConfig>,
    /// A file with secrets, which nobody else may read.
    pub secrets_file: Option<PathBuf>,
    /// Where things are looked up, with `{}` for what; the driver's own choice if absent.
    pub search: Option<String>,
    /// How long one action may take.
    pub step_within: Duration,
    /// How long a run waits for a person's answer.
    pub answer_within: Duration,
    /// How long what needs approval waits for a person's leave; then it counts as denied.
    pub approval_within: Duration,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            model: None,
            secrets_file: None,
            search: None,
            step_within: Duration::from_secs(30),
            answer_within: Duration::from_hours(1),
            approval_within: Duration::from_mins(5),
        }
    }
}

/// A language model behind HTTP.
#[derive(Clone)]
pub struct ModelConfig {
    /// How it is spoken to.
    pub kind: ModelKind,
    /// Where it is; the usual place of its kind if absent.
    pub url: Option<String>,
    /// What opens it.
    pub key: Option<String>,
    /// Which one.
    pub model: String,
    /// How many tokens one answer may have.
    pub max_tokens: u32,
    /// How many tokens one run may take in all.
    pub budget: u64,
    /// Whether it is shown how the page looks.
    pub sees: bool,
    /// How much of a page's outline it is told, in bytes.
    pub outline: usize,
    /// How long one answer may take.
    pub within: Duration,
    /// How long to wait before the second attempt; it doubles with each.
    pub retry_first: Duration,
}

impl ModelConfig {
    /// The defaults for a model of that name.
    pub fn new(kind: ModelKind, model: impl Into<String>) -> Self {
        Self {
            kind,
            url: None,
            key: None,
            model: model.into(),
            max_tokens: 2048,
            budget: 1_000_000,
            sees: true,
            outline: 40 << 10,
            within: Duration::from_mins(2),
            retry_first: Duration::from_secs(1),
        }
    }
}

/// The key is not for logs.
impl std::fmt::Debug for ModelConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelConfig")
            .field("kind", &self.kind)
            .field("url", &self.url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// How a model is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// `POST …/chat/completions`, which many speak.
    OpenAi,
    /// `POST …/v1/messages`.
    Anthropic,
}

impl ModelKind {
    /// Where models of that kind are if nobody says otherwise.
    pub fn usual_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
        }
    }
}

impl std::str::FromStr for ModelKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "openai" => Ok(Self::OpenAi),
            "anthropic" => Ok(Self::Anthropic),
            _ => Err(format!("`{text}` is neither `openai` nor `anthropic`")),
        }
    }
}
