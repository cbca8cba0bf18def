//! One POST: bounded in time and size, to no forbidden address, and no redirect followed.

use std::{sync::Arc, time::Duration};

use axum::body::{Body, to_bytes};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Incoming,
    client::conn::http1,
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use pilothouse_core::{
    time::Timestamp,
    webhooks::{Attempt, Sent},
};
use pilothouse_websocket::connect::{ConnectError, Connector, TrustError};

use super::{
    signature::Signed,
    target::{self, Target},
};

/// So much of an answer is read, and thrown away.
const LARGEST_ANSWER: usize = 64 << 10;

/// Why there is no answer. The texts hold nothing of the URL but its host.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("it does not answer as HTTP wants it: {0}")]
    Http(#[from] hyper::Error),
}

/// Posts to receivers.
#[derive(Debug)]
pub(super) struct Poster {
    connector: Connector,
    within: Duration,
}

impl Poster {
    pub(super) fn new(within: Duration) -> Result<Self, TrustError> {
        let connector = Connector::new(None, within)?.refusing(target::is_forbidden);
        Ok(Self { connector, within })
    }

    /// Posts a body, and says what came of it. `now` is for dates in the answer.
    pub(super) async fn post(
        &self,
        target: &Target,
        id: &Arc<str>,
        signed: Signed,
        body: String,
        now: Timestamp,
    ) -> Sent {
        let request = request(target, id, &signed, body);
        let answer = tokio::time::timeout(self.within, self.exchange(target, request)).await;
        let (status, error, retry_after) = match answer {
            Ok(Ok((status, fields))) => {
                let retry_after = fields.get(header::RETRY_AFTER);
                (Some(status), rejected(status), retry_after.and_then(|it| pause(it, now)))
            }
            Ok(Err(error)) => (None, Some(error.to_string()), None),
            Err(_) => {
                let within = self.within.as_millis();
                (None, Some(format!("it did not answer within {within} ms")), None)
            }
        };
        let attempt =
            Attempt { status: status.map(|status| status.as_u16()), error: error.map(Into::into) };
        Sent { attempt, retry_after }
    }

    async fn exchange(
        &self,
        target: &Target,
        request: Request<Body>,
    ) -> Result<(StatusCode, HeaderMap), NoAnswer> {
        let stream = self.connector.connect(&target.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let (head, body) = response.into_parts();
            read(body).await;
            Ok((head.status, head.headers))
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
}

/// Takes an answer to its end, so that nobody is cut off in the middle of it. Nothing of it counts.
async fn read(body: Incoming) {
    let _ = to_bytes(Body::new(body), LARGEST_ANSWER).await;
}

fn rejected(status: StatusCode) -> Option<String> {
    if status.is_success() {
        return None;
    }
    let hint = if status.is_redirection() { "; redirects are not followed" } else { "" };
    Some(format!("it answered with the status {status}{hint}"))
}

/// `Retry-After`: seconds, or a date.
fn pause(field: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let text = field.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
    Some(Duration::from_millis(u64::try_from(date).ok()?.saturating_sub(now.0)))
}

fn request(target: &Target, id: &str, signed: &Signed, body: String) -> Request<Body> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::POST;
    // The path was read from a URI.
    *request.uri_mut() = target.path.parse().unwrap_or_default();
    let fields = request.headers_mut();
    let agent = concat!("pilothouse/", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        (header::HOST, target.address.authority().as_str()),
        (header::CONTENT_TYPE, "application/json"),
        (header::USER_AGENT, agent),
        (header::CONNECTION, "close"),
        (HeaderName::from_static("webhook-id"), id),
        (HeaderName::from_static("webhook-timestamp"), &signed.timestamp),
        (HeaderName::from_static("webhook-signature"), &signed.signatures),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            fields.insert(name, value);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_says_when_in_seconds_or_with_a_date() {
        let now = Timestamp(784_111_717_000);
        for (text, expected) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let found = pause(&HeaderValue::from_static(text), now);
            assert_eq!(found, expected.map(Duration::from_secs), "{text}");
        }
    }
}
