//! Secrets of webhooks, as Standard Webhooks writes them: `whsec_` and Base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use pilothouse_core::webhooks::WebhookSecret;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// A new secret.
pub(crate) fn make() -> Result<WebhookSecret, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(WebhookSecret(format!("{PREFIX}{}", STANDARD.encode(bytes)).into()))
}

/// The key that a secret stands for.
pub(super) fn key(secret: &WebhookSecret) -> Vec<u8> {
    let text = secret.0.strip_prefix(PREFIX).unwrap_or(&secret.0);
    STANDARD.decode(text).unwrap_or_else(|_| secret.0.as_bytes().to_vec())
}
