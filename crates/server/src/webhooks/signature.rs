//! Signatures as Standard Webhooks has them: HMAC-SHA256 over id, moment and body, one for each secret that counts.

use base64::{Engine, engine::general_purpose::STANDARD};
use pilothouse_core::{time::Timestamp, webhooks::Webhook};
use sha2::{Digest, Sha256};

use super::secret;

/// SHA-256 works on blocks of so many bytes.
const BLOCK: usize = 64;

/// What goes into the headers `webhook-timestamp` and `webhook-signature`.
pub(super) struct Signed {
    pub(super) timestamp: String,
    pub(super) signatures: String,
}

/// Signs a body with every secret that counts, the newest first.
pub(super) fn sign(webhook: &Webhook, id: &str, body: &str, now: Timestamp) -> Signed {
    let timestamp = (now.0 / 1000).to_string();
    let parts = [id, ".", &timestamp, ".", body];
    let signatures = webhook.secrets(now).map(|secret| {
        format!("v1,{}", STANDARD.encode(hmac(&secret::key(secret), &parts.map(str::as_bytes))))
    });
    let signatures = signatures.collect::<Vec<_>>().join(" ");
    Signed { timestamp, signatures }
}

/// RFC 2104, over the parts one after the other.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x36));
    parts.iter().for_each(|part| inner.update(part));
    let mut outer = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pilothouse_core::{
        ids::WebhookId,
        webhooks::{OldSecret, WebhookSecret},
    };

    use super::*;

    fn hexadecimal(bytes: [u8; 32]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_hash_is_that_of_rfc_4231() {
        let two = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hexadecimal(two), expected);
        let six = hmac(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        assert_eq!(hexadecimal(six), expected);
    }

    #[test]
    fn both_secrets_sign_for_a_while() {
        let secret = |text: &str| WebhookSecret(text.into());
        let old = OldSecret { secret: secret("whsec_b2xk"), until: Timestamp(5_000) };
        let webhook = Webhook {
            id: WebhookId::new("hook-1").unwrap(),
            name: "a".into(),
            url: "http://h".into(),
            occasions: BTreeSet::new(),
            agent: None,
            is_active: true,
            turned_off: None,
            failing_since: None,
            made_by: "ann".into(),
            made_at: Timestamp(0),
            secret: secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            old_secret: Some(old),
        };
        let body = r#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let later = sign(&webhook, id, body, Timestamp(1_614_265_330_999));
        // The example of the specification.
        assert_eq!(later.signatures, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(later.timestamp, "1614265330");
        let both = sign(&webhook, id, body, Timestamp(4_999));
        assert_eq!(both.signatures.split(' ').count(), 2);
    }
}
