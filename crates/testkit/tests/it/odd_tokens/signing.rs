//! Makes tokens of any form, with the server's secret, an issuer's key or an attacker's.

use std::time::{Duration, SystemTime};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// The server's secret.
pub(super) const SECRET: &str = "a-secret-that-the-tests-know-0123456789";
pub(super) const ISSUER: &str = "https://login.example";
pub(super) const AUDIENCE: &str = "pilothouse";

/// The issuer's key pair.
const RSA: &str = include_str!("../../../../server/src/auth/tokens/fixtures/rsa.pem");
pub(super) const RSA_PUBLIC: &str =
    include_str!("../../../../server/src/auth/tokens/fixtures/rsa.pub.pem");
pub(super) const RSA_PUBLIC_FILE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/auth/tokens/fixtures/rsa.pub.pem");
/// A key that the server was never told of.
const ED25519: &str = include_str!("../../../../server/src/auth/tokens/fixtures/ed25519.pem");
const OTHER_RSA: &str = include_str!("../../../../server/src/auth/tokens/fixtures/other_rsa.pem");

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "tests sign tokens for the present")]
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs()
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Claims that let an administrator in.
pub(super) fn admin() -> Value {
    json!({"sub": "ann", "role": "admin", "exp": now() + 3600})
}

/// The same from the issuer.
pub(super) fn issued() -> Value {
    json!({"sub": "ann", "role": "admin", "exp": now() + 3600, "iss": ISSUER, "aud": AUDIENCE})
}

/// Header and claims as they are given, signed with any secret.
pub(super) fn hmac(
    header: impl AsRef<[u8]>,
    claims: impl AsRef<[u8]>,
    secret: &[u8],
    algorithm: Algorithm,
) -> String {
    signed(header, claims, &EncodingKey::from_secret(secret), algorithm)
}

/// Our own token with these claims.
pub(super) fn own(claims: &Value) -> String {
    own_text(claims.to_string())
}

/// Our own token whose claims are that text.
pub(super) fn own_text(claims: impl AsRef<[u8]>) -> String {
    headed(r#"{"alg":"HS256","typ":"JWT"}"#, claims)
}

/// Our own token with that header.
pub(super) fn headed(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    hmac(header, claims, SECRET.as_bytes(), Algorithm::HS256)
}

/// Signed by the issuer, with the algorithm named in the header and used.
pub(super) fn issuer(claims: &Value, name: &str, algorithm: Algorithm) -> String {
    let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    signed(json!({"alg": name}).to_string(), claims.to_string(), &key, algorithm)
}

/// Signed by somebody else with RS256, under any header.
pub(super) fn other_rsa(header: &Value, claims: &Value) -> String {
    let key = EncodingKey::from_rsa_pem(OTHER_RSA.as_bytes()).unwrap();
    signed(header.to_string(), claims.to_string(), &key, Algorithm::RS256)
}

/// Signed by somebody else with `EdDSA`, under any header.
pub(super) fn other_ed25519(header: &Value, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(ED25519.as_bytes()).unwrap();
    signed(header.to_string(), claims.to_string(), &key, Algorithm::EdDSA)
}

fn signed(
    header: impl AsRef<[u8]>,
    claims: impl AsRef<[u8]>,
    key: &EncodingKey,
    algorithm: Algorithm,
) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}
