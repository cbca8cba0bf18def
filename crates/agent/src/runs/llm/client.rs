//! Asks a model over HTTP: bounded in time and size, again when that may help, and without ever telling its key.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use pilothouse_websocket::connect::{Connector, ServerAddress};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::{
    anthropic, openai,
    talk::{Question, Said},
};
use crate::runs::{
    config::{ModelConfig, ModelKind},
    deed::shortened,
};

/// The largest answer, in bytes.
const LARGEST: usize = 8 << 20;
/// How often one question is asked at most.
const MOST_ATTEMPTS: u32 = 6;
/// How long to wait at most before another attempt, whatever the server says.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How long connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);
/// How many characters of a server's own words are repeated.
const LONGEST_WORDS: usize = 300;

/// Asks one model.
pub(super) struct Client {
    config: ModelConfig,
    address: ServerAddress,
    path: String,
    connector: Connector,
    /// What the server calls the limit of an answer.
    limit: usize,
}

/// Why there is no answer. The texts never contain the key.
#[derive(Debug, thiserror::Error)]
pub(super) enum ModelError {
    /// What it was told makes no sense.
    #[error("{0}")]
    Config(String),
    /// There is no connection, or it broke.
    #[error("the model cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("the model did not answer within {} s", .0.as_secs())]
    Slow(Duration),
    /// It said no.
    #[error("the model's server answered {status}: {words}")]
    Status {
        /// With which status.
        status: StatusCode,
        /// In its words.
        words: String,
        /// When to ask again, if it said so.
        after: Option<Duration>,
    },
    /// It said something that is no answer.
    #[error("the model's server answered with something that makes no sense: {0}")]
    Malformed(String),
    /// There is no time to ask again.
    #[error("{0}; there is no time left to ask again")]
    Late(Box<ModelError>),
}

impl ModelError {
    /// Whether the same question may have an answer later.
    fn is_passing(&self) -> bool {
        match self {
            Self::Config(_) | Self::Late(_) => false,
            Self::Unreachable(_) | Self::Slow(_) | Self::Malformed(_) => true,
            Self::Status { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 408 | 409 | 425 | 429)
            }
        }
    }

    fn after(&self) -> Option<Duration> {
        match self {
            Self::Status { after, .. } => *after,
            _ => None,
        }
    }
}

impl Client {
    pub(super) fn new(config: ModelConfig) -> Result<Self, ModelError> {
        let url = config.url.as_deref().unwrap_or(config.kind.usual_url());
        let wrong = |error: String| ModelError::Config(format!("the model's URL: {error}"));
        let address: ServerAddress =
            url.parse().map_err(|error: pilothouse_websocket::connect::InvalidAddress| {
                wrong(error.to_string())
            })?;
        let prefix = address.path("");
        let path = match config.kind {
            ModelKind::OpenAi => address.path("/chat/completions"),
            ModelKind::Anthropic if prefix.ends_with("/messages") => prefix,
            ModelKind::Anthropic if prefix.ends_with("/v1") => address.path("/messages"),
            ModelKind::Anthropic => address.path("/v1/messages"),
        };
        let connector = Connector::new(None, CONNECT_WITHIN.min(config.within))
            .map_err(|error| wrong(error.to_string()))?;
        if config.key.as_ref().is_some_and(|key| key_field(config.kind, key).is_none()) {
            let reason = "the model's key contains characters that no key has".to_owned();
            return Err(ModelError::Config(reason));
        }
        Ok(Self { config, address, path, connector, limit: 0 })
    }

    /// How the model is spoken to.
    pub(super) fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Asks until there is an answer, or no hope, or no time.
    pub(super) async fn ask(
        &mut self,
        question: &Question<'_>,
        until: Instant,
    ) -> Result<Said, ModelError> {
        let mut attempt = 0;
        loop {
            let within = self.config.within.min(until.saturating_duration_since(Instant::now()));
            let body = self.body(question);
            let asked = timeout(within, self.exchange(&body)).await;
            let error = match asked.unwrap_or(Err(ModelError::Slow(within))) {
                Ok(said) => return Ok(said),
                Err(error) => error,
            };
            if self.learns(&error) {
                continue;
            }
            attempt += 1;
            if !error.is_passing() || attempt >= MOST_ATTEMPTS {
                return Err(error);
            }
            let wait = error.after().unwrap_or_else(|| self.wait(attempt)).min(LONGEST_WAIT);
            if Instant::now() + wait >= until {
                return Err(ModelError::Late(Box::new(error)));
            }
            tracing::info!(%error, ?wait, attempt, "the model is asked again");
            sleep(wait).await;
        }
    }

    /// Doubles with each attempt; some of it is chance, so that runs do not ask in step.
    fn wait(&self, attempt: u32) -> Duration {
        let longest = self.config.retry_first * 2_u32.saturating_pow(attempt - 1);
        let chance = u32::try_from(crate::link::random() % 512).unwrap_or_default();
        longest / 2 + longest / 1024 * chance
    }

    /// Newer models refuse the usual name of the limit and say which one they know.
    fn learns(&mut self, error: &ModelError) -> bool {
        let ModelError::Status { status: StatusCode::BAD_REQUEST, words, .. } = error else {
            return false;
        };
        let refused = self.config.kind == ModelKind::OpenAi && words.contains(openai::LIMITS[1]);
        let is_new = refused && self.limit == 0;
        if is_new {
            self.limit = 1;
        }
        is_new
    }

    fn body(&self, question: &Question<'_>) -> Value {
        match self.config.kind {
            ModelKind::OpenAi => {
                openai::request(&self.config, question, openai::LIMITS[self.limit])
            }
            ModelKind::Anthropic => anthropic::request(&self.config, question),
        }
    }

    async fn exchange(&self, body: &Value) -> Result<Said, ModelError> {
        let broken = |error: hyper::Error| ModelError::Unreachable(error.to_string());
        let request = self.request(body);
        let stream = self.connector.connect(&self.address).await;
        let stream = stream.map_err(|error| ModelError::Unreachable(error.to_string()))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST).collect().await;
            let body = body.map_err(|error| ModelError::Unreachable(error.to_string()))?;
            self.read(head.status, &head.headers, &body.to_bytes())
        };
        tokio::pin!(answer);
        // The connection does the work; once it has ended, what it read is still there to be taken.
        tokio::select! {
            answer = &mut answer => answer,
            ended = connection => {
                ended.map_err(broken)?;
                answer.await
            }
        }
    }

    fn request(&self, body: &Value) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::from(body.to_string())));
        *request.method_mut() = Method::POST;
        // The path is ours, and the prefix was checked with the address.
        *request.uri_mut() = self.path.parse().unwrap_or_default();
        let fields = request.headers_mut();
        if let Ok(host) = HeaderValue::from_str(&self.address.authority()) {
            fields.insert(header::HOST, host);
        }
        let json = HeaderValue::from_static("application/json");
        fields.insert(header::CONTENT_TYPE, json.clone());
        fields.insert(header::ACCEPT, json);
        fields.insert(header::CONNECTION, HeaderValue::from_static("close"));
        fields.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        if self.config.kind == ModelKind::Anthropic {
            let version = HeaderValue::from_static(anthropic::VERSION);
            fields.insert(HeaderName::from_static("anthropic-version"), version);
        }
        let key = self.config.key.as_deref();
        fields.extend(key.and_then(|key| key_field(self.config.kind, key)));
        request
    }

    fn read(
        &self,
        status: StatusCode,
        fields: &HeaderMap,
        body: &[u8],
    ) -> Result<Said, ModelError> {
        let answer = serde_json::from_slice::<Value>(body);
        let error = answer.as_ref().ok().and_then(|answer| answer.get("error"));
        let error = error.filter(|error| !error.is_null());
        if !status.is_success() || error.is_some() {
            let status = match error.and_then(|error| error.get("code")).and_then(Value::as_u64) {
                // Some say with 200 that another server behind them failed.
                Some(code) if status.is_success() => {
                    let code =
                        u16::try_from(code).ok().and_then(|it| StatusCode::from_u16(it).ok());
                    code.unwrap_or(StatusCode::BAD_GATEWAY)
                }
                _ if status.is_success() => StatusCode::BAD_GATEWAY,
                _ => status,
            };
            return Err(ModelError::Status {
                status,
                words: self.words(error, body),
                after: retry_after(fields),
            });
        }
        let answer = answer.map_err(|error| ModelError::Malformed(error.to_string()))?;
        let said = match self.config.kind {
            ModelKind::OpenAi => openai::read(&answer),
            ModelKind::Anthropic => anthropic::read(&answer),
        };
        said.ok_or_else(|| {
            let reason = "there is no message in it; is the URL right?";
            ModelError::Malformed(reason.to_owned())
        })
    }

    /// A refusal in the server's words. Some repeat the key.
    fn words(&self, error: Option<&Value>, body: &[u8]) -> String {
        let message = error.and_then(|error| error.get("message").or(Some(error)));
        let words = match message {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => {
                String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST_WORDS)]).into_owned()
            }
        };
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = match self.config.key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) => words.replace(key, "…"),
            None => words,
        };
        shortened(&words, LONGEST_WORDS)
    }
}

const USER_AGENT: &str = concat!("pilothouse/", env!("CARGO_PKG_VERSION"));

fn key_field(kind: ModelKind, key: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, text) = match kind {
        ModelKind::OpenAi => (header::AUTHORIZATION, format!("Bearer {key}")),
        ModelKind::Anthropic => (HeaderName::from_static("x-api-key"), key.to_owned()),
    };
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// After how long the server wants to be asked again. A date is not understood; then our own wait counts.
fn retry_after(fields: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| fields.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let milliseconds = number("retry-after-ms").map(|number| number / 1000.0);
    let seconds = milliseconds.or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}
