//! Tests of tokens that somebody else signs: each key verifies its own algorithm, for its own issuer and audience.

use std::{fs, path::Path};

use jsonwebtoken::{Algorithm, EncodingKey};
use pilothouse_core::{Role, Scope, time::Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Issuer, Verifier,
    tests::{NOW, secret, signed_with},
};
use crate::config::Config;

const RSA: &str = include_str!("fixtures/rsa.pem");
const RSA_PUBLIC: &str = include_str!("fixtures/rsa.pub.pem");
const ED25519: &str = include_str!("fixtures/ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("fixtures/ed25519.pub.pem");
const KEYS: &str = include_str!("fixtures/keys.json");

fn config(public_key: Option<&str>, jwks: Option<&Path>) -> Config {
    Config {
        auth_public_key: public_key.map(str::to_owned),
        auth_jwks: jwks.map(Into::into),
        auth_issuer: Some("https://login.example".into()),
        auth_audience: Some("pilothouse".into()),
        ..Config::default()
    }
}

fn verifier(public_key: Option<&str>, jwks: Option<&Path>) -> Verifier {
    let issuer = Issuer::configured(&config(public_key, jwks)).unwrap();
    Verifier::new(&secret()).with_issuer(issuer)
}

fn claims() -> Value {
    json!({"sub": "ann", "role": "operator", "iss": "https://login.example", "aud": "pilothouse",
           "exp": NOW.0 / 1000 + 60})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn rs256(kid: Option<&str>, claims: &Value) -> String {
    let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    signed_with(&json!({"alg": "RS256", "kid": kid}), claims, &key, Algorithm::RS256)
}

fn eddsa(kid: Option<&str>, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(ED25519.as_bytes()).unwrap();
    signed_with(&json!({"alg": "EdDSA", "kid": kid}), claims, &key, Algorithm::EdDSA)
}

#[test]
fn the_key_decides_which_algorithm_it_verifies() {
    let (rsa, ed25519) = (verifier(Some(RSA_PUBLIC), None), verifier(Some(ED25519_PUBLIC), None));
    let scope = Scope::Person(Role::Operator);
    assert_eq!(rsa.verify(&rs256(None, &claims()), NOW).unwrap().scope, scope);
    assert_eq!(ed25519.verify(&eddsa(Some("any"), &claims()), NOW).unwrap().scope, scope);
    assert!(rsa.verify(&eddsa(None, &claims()), NOW).is_err());
    assert!(ed25519.verify(&rs256(None, &claims()), NOW).is_err());
    assert!(Verifier::new(&secret()).verify(&rs256(None, &claims()), NOW).is_err());
}

#[test]
fn a_public_key_is_never_a_secret() {
    let verifier = verifier(Some(RSA_PUBLIC), None);
    for secret in [RSA_PUBLIC.as_bytes(), RSA_PUBLIC.trim().as_bytes()] {
        let key = EncodingKey::from_secret(secret);
        let forged = signed_with(&json!({"alg": "HS256"}), &claims(), &key, Algorithm::HS256);
        assert!(verifier.verify(&forged, NOW).is_err());
    }
    let genuine = rs256(None, &claims());
    let rest = genuine.split_once('.').unwrap().1;
    for head in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"PS256"}"#] {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(head));
        assert!(verifier.verify(&forged, NOW).is_err(), "{head}");
    }
}

#[test]
fn issuer_and_audience_are_demanded_and_a_missing_role_is_the_lowest() {
    let verifier = verifier(Some(RSA_PUBLIC), None);
    let verify = |claims: &Value| verifier.verify(&rs256(None, claims), NOW);
    assert!(verify(&with("aud", json!(["other", "pilothouse"]))).is_ok());
    for (name, value) in [
        ("iss", json!("https://login.example/")),
        ("iss", Value::Null),
        ("iss", json!(["https://login.example"])),
        ("aud", json!("pilothouse-staging")),
        ("aud", json!(["other"])),
        ("aud", json!([])),
        ("aud", json!({"pilothouse": true})),
        ("aud", Value::Null),
    ] {
        assert!(verify(&with(name, value.clone())).is_err(), "{name} {value}");
    }
    let unsaid = verify(&with("role", Value::Null)).unwrap();
    assert_eq!(unsaid.scope, Scope::Person(Role::Viewer));
}

#[test]
fn keys_of_a_set_are_found_by_their_id() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.json");
    fs::write(&path, KEYS).unwrap();
    let verifier = verifier(None, Some(&path));
    for good in
        [rs256(Some("rsa-1"), &claims()), eddsa(Some("ed-1"), &claims()), rs256(None, &claims())]
    {
        assert!(verifier.verify(&good, NOW).is_ok(), "{good}");
    }
    for bad in [
        rs256(Some("rsa-2"), &claims()),
        rs256(Some("ed-1"), &claims()),
        eddsa(Some("rsa-1"), &claims()),
        rs256(Some("../rsa-1"), &claims()),
        rs256(Some(""), &claims()),
    ] {
        assert!(verifier.verify(&bad, NOW).is_err(), "{bad}");
    }
}

#[test]
fn keys_that_are_not_for_verifying_are_not_used() {
    let mut unsuitable = Vec::new();
    for (name, value) in [("use", "enc"), ("alg", "RS512"), ("kty", "oct"), ("n", "AQAB")] {
        let mut keys: Value = serde_json::from_str(KEYS).unwrap();
        keys["keys"].as_array_mut().unwrap().truncate(1);
        keys["keys"][0][name] = value.into();
        unsuitable.push(keys);
    }
    unsuitable.push(json!({"keys": [{"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0"}]}));
    unsuitable.push(json!({"keys": []}));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.json");
    for keys in unsuitable {
        fs::write(&path, keys.to_string()).unwrap();
        assert!(Issuer::configured(&config(None, Some(&path))).is_err(), "{keys}");
    }
}

#[test]
fn a_changed_set_counts_at_once_and_a_broken_one_leaves_the_old_keys() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.json");
    fs::write(&path, KEYS).unwrap();
    let verifier = verifier(None, Some(&path));
    let (old, new) = (rs256(Some("rsa-1"), &claims()), rs256(Some("rsa-200"), &claims()));
    assert!(verifier.verify(&old, NOW).is_ok());
    assert!(verifier.verify(&new, NOW).is_err());
    fs::write(&path, "{").unwrap();
    assert!(verifier.verify(&old, NOW).is_ok());
    fs::write(&path, KEYS.replace("rsa-1", "rsa-200")).unwrap();
    assert!(verifier.verify(&new, NOW).is_ok());
    assert!(verifier.verify(&old, NOW).is_err());
    fs::remove_file(&path).unwrap();
    assert!(verifier.verify(&new, NOW).is_ok());
}

#[test]
fn unusable_keys_are_told_at_the_start() {
    for pem in [
        RSA,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        include_str!("fixtures/weak_rsa.pub.pem"),
        include_str!("fixtures/ec.pub.pem"),
        "/no/such/file",
    ] {
        assert!(Issuer::configured(&config(Some(pem), None)).is_err(), "{pem}");
    }
    let url = Path::new("https://login.example/keys");
    assert!(Issuer::configured(&config(None, Some(url))).is_err());
    let mut unsaid = config(Some(RSA_PUBLIC), None);
    unsaid.auth_audience = None;
    assert!(Issuer::configured(&unsaid).is_err());
    let escaped = RSA_PUBLIC.replace('\n', "\\n");
    assert!(Issuer::configured(&config(Some(&escaped), None)).unwrap().is_some());
}

#[test]
fn our_own_tokens_need_neither_issuer_nor_audience() {
    let verifier = verifier(Some(RSA_PUBLIC), None);
    let key = EncodingKey::from_secret(secret().bytes());
    let own = json!({"sub": "ann", "exp": NOW.0 / 1000 + 60});
    let token = signed_with(&json!({"alg": "HS256"}), &own, &key, Algorithm::HS256);
    assert!(verifier.verify(&token, NOW).is_ok());
    assert!(verifier.verify(&token, Timestamp(NOW.0 + 66_000)).is_err());
}
