//! One HTTP request to the gateway and its answer: bounded in time and size, no redirects, one connection each.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use pilothouse_websocket::connect::{ConnectError, Connector, ServerAddress, TrustError};
use serde_json::Value;

use crate::config::Private;

/// The largest answer, in bytes.
const LARGEST: usize = 4 << 20;

/// Why there is no answer to build on. The texts never contain the token, nor what the gateway answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is nothing to check its certificate against.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// It was cut, or is no HTTP.
    #[error("the gateway does not answer as HTTP wants it: {0}")]
    Http(#[from] hyper::Error),
    /// It took too long.
    #[error("the gateway did not answer within {} ms", .0.as_millis())]
    Slow(Duration),
    /// It answered with something else than success.
    #[error("the gateway answered with the status {0}")]
    Status(StatusCode),
    /// The body is too large, or was cut.
    #[error("the gateway's answer is cut off, or larger than 4 MiB")]
    Body,
    /// It is not JSON.
    #[error("the gateway's answer is not JSON")]
    Malformed,
    /// The token cannot be sent.
    #[error("gateway.token has characters that no token has")]
    Token,
}

/// Where the gateway is, and how it is asked.
#[derive(Debug)]
pub(crate) struct Exchange {
    address: ServerAddress,
    connector: Connector,
    token: Option<HeaderValue>,
    within: Duration,
}

impl Exchange {
    pub(crate) fn new(
        address: ServerAddress,
        token: Option<&Private>,
        within: Duration,
    ) -> Result<Self, ExchangeError> {
        let connector = Connector::new(None, within)?;
        let field = |token: &Private| HeaderValue::from_str(&format!("Bearer {}", token.0));
        let mut token = token.map(field).transpose().map_err(|_| ExchangeError::Token)?;
        if let Some(token) = &mut token {
            token.set_sensitive(true);
        }
        Ok(Self { address, connector, token, within })
    }

    /// Asks for JSON.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, ExchangeError> {
        self.ask(Method::GET, path, None, self.within).await
    }

    /// Sends JSON, and waits for so long for the answer.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &Value,
        within: Duration,
    ) -> Result<Value, ExchangeError> {
        self.ask(Method::POST, path, Some(body), within).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        within: Duration,
    ) -> Result<Value, ExchangeError> {
        let answer = tokio::time::timeout(within, self.exchange(method, path, body));
        let bytes = answer.await.map_err(|_| ExchangeError::Slow(within))??;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|_| ExchangeError::Malformed)
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Bytes, ExchangeError> {
        let request = self.request(method, path, body);
        let stream = self.connector.connect(&self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            if !status.is_success() {
                return Err(ExchangeError::Status(status));
            }
            to_bytes(Body::new(response.into_body()), LARGEST)
                .await
                .map_err(|_| ExchangeError::Body)
        };
        tokio::pin!(answer);
        // The connection does the work; once it has ended, what it read is still there to be taken.
        tokio::select! {
            answer = &mut answer => answer,
            ended = connection => {
                ended?;
                answer.await
            }
        }
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<Body> {
        let bytes = body.map(ToString::to_string).unwrap_or_default();
        let mut request = Request::new(Body::from(bytes));
        *request.method_mut() = method;
        // Paths are ours, and prefixes were checked with the address.
        *request.uri_mut() = self.address.path(path).parse().unwrap_or_default();
        let fields = request.headers_mut();
        if let Ok(host) = HeaderValue::from_str(&self.address.authority()) {
            fields.insert(header::HOST, host);
        }
        fields.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        fields.insert(header::CONNECTION, HeaderValue::from_static("close"));
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            fields.insert(header::CONTENT_TYPE, json);
        }
        if let Some(token) = &self.token {
            fields.insert(header::AUTHORIZATION, token.clone());
        }
        request
    }
}
