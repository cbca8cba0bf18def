//! Where tokens come from, and when one has to be replaced.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::Error;

type Answer = Pin<Box<dyn Future<Output = Result<String, String>> + Send>>;

/// Where tokens come from. Clones ask the same source.
#[derive(Clone)]
pub(crate) enum TokenSource {
    /// None at all, for routes that need none.
    Nothing,
    /// Always this one.
    Fixed(String),
    /// A new one whenever it is asked.
    Callback(Arc<dyn Fn() -> Answer + Send + Sync>),
}

/// Tokens are not for logs.
impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Fixed(_) => "Fixed",
            Self::Callback(_) => "Callback",
        })
    }
}

impl TokenSource {
    pub(crate) fn callback<F, R>(source: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, String>> + Send + 'static,
    {
        Self::Callback(Arc::new(move || Box::pin(source())))
    }

    /// Whether another token can be had when one does not count any more.
    pub(crate) fn can_renew(&self) -> bool {
        matches!(self, Self::Callback(_))
    }

    /// Whether one is to be shown.
    pub(crate) fn is_something(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    pub(crate) async fn get(&self) -> Result<String, Error> {
        let token = match self {
            Self::Nothing => String::new(),
            Self::Fixed(token) => token.clone(),
            Self::Callback(source) => source().await.map_err(|reason| Error::Token { reason })?,
        };
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "it is empty or has characters that no token has".to_owned();
            return Err(Error::Token { reason });
        }
        Ok(token)
    }
}

/// How long after `now` (milliseconds since 1970) a token should be replaced: when four fifths of its
/// time are over. `None` if it does not say when it expires. Nothing is verified here; that is the server's.
pub(crate) fn renew_in(token: &str, now: u64) -> Option<Duration> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: Option<f64>,
    }
    let claims = token.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let exp = serde_json::from_slice::<Claims>(&claims).ok()?.exp?;
    let left = Duration::try_from_secs_f64(exp).ok()?.saturating_sub(Duration::from_millis(now));
    Some(left * 4 / 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_expires() {
        let token = |claims: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(renew_in(&token(r#"{"exp":1100}"#), 1_000_000), Some(Duration::from_secs(80)));
        assert_eq!(renew_in(&token(r#"{"exp":900}"#), 1_000_000), Some(Duration::ZERO));
        for odd in
            [token("{}"), token(r#"{"exp":-1}"#), token("[]"), "opaque".into(), "a.?.b".into()]
        {
            assert_eq!(renew_in(&odd, 0), None, "{odd}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_a_token_is_not_sent() {
        for bad in ["", "a b", "a\r\nX: y"] {
            let error = TokenSource::Fixed(bad.into()).get().await.unwrap_err();
            assert!(matches!(error, Error::Token { .. }), "{bad:?}");
        }
        let denied = TokenSource::callback(async || Err("the vault is sealed".to_owned()));
        assert!(denied.get().await.unwrap_err().to_string().contains("the vault is sealed"));
    }
}
