//! Tests of tokens: what is taken, and every way in which one is refused.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use pilothouse_core::{Role, Scope, time::Timestamp};
use pilothouse_protocols::Denied;
use serde_json::{Value, json};

use super::{Claims, Grant, Holder, Signer, Verifier};
use crate::auth::secret::Secret;

pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(super) fn secret() -> Secret {
    Secret::new(*b"0123456789abcdef0123456789abcdef").unwrap()
}

pub(super) fn signed_with(
    header: &Value,
    claims: &Value,
    key: &EncodingKey,
    algorithm: Algorithm,
) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn signed(header: &Value, claims: &Value) -> String {
    signed_with(header, claims, &EncodingKey::from_secret(secret().bytes()), Algorithm::HS256)
}

fn verify(claims: &Value) -> Result<Claims, Denied> {
    Verifier::new(&secret()).verify(&signed(&json!({"alg":"HS256","typ":"JWT"}), claims), NOW)
}

#[test]
fn a_signed_token_opens_what_it_was_made_for() {
    let signer = Signer::new(&secret());
    let verifier = Verifier::new(&secret());
    let grants = [
        (Grant::Person { user: "ann".into(), role: Role::Viewer }, Scope::Person(Role::Viewer)),
        (Grant::Agent("a-1".parse().unwrap()), Scope::Agent("a-1".parse().unwrap())),
        (
            Grant::Viewer { user: "ann".into(), session: "s".parse().unwrap() },
            Scope::View("s".parse().unwrap()),
        ),
        (
            Grant::Session { session: "s".parse().unwrap(), agent: "a-1".parse().unwrap() },
            Scope::Session { session: "s".parse().unwrap(), agent: "a-1".parse().unwrap() },
        ),
        (
            Grant::SessionFor {
                holder: holder(),
                session: "s".parse().unwrap(),
                agent: "a-1".parse().unwrap(),
            },
            Scope::Session { session: "s".parse().unwrap(), agent: "a-1".parse().unwrap() },
        ),
    ];
    for (grant, scope) in grants {
        let token = signer.sign(&grant, NOW, Duration::from_secs(60));
        assert_eq!(verifier.verify(&token, NOW).unwrap().scope, scope);
        let later = Timestamp(NOW.0 + 66_000);
        assert_eq!(verifier.verify(&token, later).unwrap_err().reason, "the token has expired");
    }
}

fn holder() -> Holder {
    Holder { user: "usr-1".into(), name: "ann".into(), sign_in: Some("in-1".parse().unwrap()) }
}

#[test]
fn a_sessions_token_names_who_answers_for_it() {
    let (session, agent) = ("s".parse().unwrap(), "a-1".parse().unwrap());
    let grant = Grant::SessionFor { holder: holder(), session, agent };
    let token = Signer::new(&secret()).sign(&grant, NOW, Duration::from_secs(60));
    let claims = Verifier::new(&secret()).verify(&token, NOW).unwrap();
    assert_eq!((&*claims.user, &*claims.name), ("usr-1", "ann"));
    assert_eq!(claims.sign_in, holder().sign_in);
    let nobody = claims.check(&pilothouse_core::people::People::default());
    assert_eq!(nobody.unwrap_err().reason, "the token's sign-in is over; sign in again");
}

#[test]
fn any_of_three_names_is_the_user_and_a_missing_role_is_an_operator() {
    let exp = NOW.0 / 1000 + 60;
    for name in ["sub", "userId", "id"] {
        let claims = verify(&json!({name: "ann", "exp": exp})).unwrap();
        assert_eq!((&*claims.user, claims.scope), ("ann", Scope::Person(Role::Operator)));
    }
}

#[test]
fn odd_claims_are_refused() {
    let exp = NOW.0 / 1000 + 60;
    for claims in [
        json!({"exp": exp}),
        json!({"sub": "", "exp": exp}),
        json!({"sub": "ann"}),
        json!({"sub": "ann", "exp": "soon"}),
        json!({"sub": "ann", "exp": exp - 600}),
        json!({"sub": "ann", "id": "bob", "exp": exp}),
        json!({"sub": "ann", "role": "root", "exp": exp}),
        json!({"sub": "ann", "scope": "everything", "exp": exp}),
        json!({"sub": "ann", "type": "refresh", "exp": exp}),
        json!({"sub": "ann", "scope": "viewer", "exp": exp}),
        json!({"sub": "a b", "scope": "agent", "exp": exp}),
        json!({"sub": "ann", "scope": "viewer", "sessionId": "../s", "exp": exp}),
        json!({"sub": "ann", "scope": "agent", "agentId": "a-1", "exp": exp}),
        json!({"sub": "ann", "type": "websocket_auth", "sessionId": "s", "exp": exp}),
        json!({"sub": "ann", "type": "websocket_auth", "agentId": "a-1", "exp": exp}),
        json!({"sub": "a-1", "scope": "agent", "type": "websocket_auth", "agentId": "a-1",
               "sessionId": "s", "exp": exp}),
        json!({"sub": "ann\nroot", "exp": exp}),
        json!({"sub": "ann", "username": "\u{1b}[2J", "exp": exp}),
        json!({"sub": "x".repeat(257), "exp": exp}),
        json!({"sub": 1, "exp": exp}),
        json!({"sub": "ann", "exp": 1_700_000_060.5}),
        json!({"sub": "ann", "exp": -1}),
        json!({"sub": "ann", "exp": u64::MAX}),
        json!({"sub": "ann", "exp": exp, "nbf": NOW.0 / 1000 + 6}),
        json!({"sub": "ann", "exp": exp, "iat": NOW.0 / 1000 + 6}),
        json!({"sub": "ann", "exp": exp, "nbf": "now"}),
        json!([1, 2]),
        json!([
            "ann", "ann", "ann", "ann", "admin", null, null, null, null, null, null, null, null,
            exp
        ]),
    ] {
        assert!(verify(&claims).is_err(), "{claims}");
    }
}

#[test]
fn odd_headers_and_signatures_are_refused() {
    let verifier = Verifier::new(&secret());
    let claims = json!({"sub": "ann", "exp": NOW.0 / 1000 + 60});
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS512", "typ": "JWT"}),
        json!({"alg": "RS256", "typ": "JWT"}),
        json!({"alg": "HS256", "crit": ["x"], "x": 1}),
        json!({}),
    ] {
        assert!(verifier.verify(&signed(&header, &claims), NOW).is_err(), "{header}");
    }
    let good = signed(&json!({"alg": "HS256"}), &claims);
    assert!(verifier.verify(&good, NOW).is_ok());
    for bad in ["", ".", "..", "a.b.c", &good[1..], &good[..good.len() - 2], &"x".repeat(5000)] {
        assert!(verifier.verify(bad, NOW).is_err(), "{bad}");
    }
    let other = Verifier::new(&Secret::new(vec![7; 32]).unwrap());
    assert!(other.verify(&good, NOW).is_err());
}

#[test]
fn clocks_may_differ_by_five_seconds() {
    let now = NOW.0 / 1000;
    for claims in [
        json!({"sub": "ann", "exp": now - 4}),
        json!({"sub": "ann", "exp": now + 60, "nbf": now + 5, "iat": now + 5}),
    ] {
        assert!(verify(&claims).is_ok(), "{claims}");
    }
    assert!(verify(&json!({"sub": "ann", "exp": now - 5})).is_err());
}
