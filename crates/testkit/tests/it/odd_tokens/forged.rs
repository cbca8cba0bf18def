//! The table: every token that must not get in, with what is wrong about it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::signing::{
    self, RSA_PUBLIC, SECRET, admin, encode, headed, hmac, issued, now, other_ed25519, other_rsa,
    own, own_text,
};

/// What is wrong with a token, and the token.
pub(super) type Forged = (String, String);

/// All of them.
pub(super) fn tokens() -> Vec<Forged> {
    let mut all = Vec::new();
    all.extend(unsigned());
    all.extend(wrong_keys());
    all.extend(odd_headers());
    all.extend(odd_forms());
    all.extend(odd_times());
    all.extend(odd_claims());
    all.extend(foreign_sources());
    all.extend(no_tokens());
    all
}

/// Whether a list of subprotocols ends such a token early, or cannot hold it.
pub(super) fn is_cut_by_lists(token: &str) -> bool {
    token.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !b"-_.".contains(&byte))
}

fn named(name: impl Into<String>, token: impl Into<String>) -> Forged {
    (name.into(), token.into())
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = admin();
    claims[name] = value;
    claims
}

fn unsigned() -> Vec<Forged> {
    let claims = encode(admin().to_string());
    let genuine = own(&admin());
    let signature = genuine.rsplit_once('.').unwrap().1;
    let mut all = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "HS256"] {
        let header = encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        all.push(named(format!("alg `{alg}` without a signature"), format!("{header}.{claims}.")));
        if alg != "HS256" {
            let token = format!("{header}.{claims}.{signature}");
            all.push(named(format!("alg `{alg}` with another's signature"), token));
        }
    }
    let header = encode(r#"{"alg":"none"}"#);
    all.push(named("alg none in two parts", format!("{header}.{claims}")));
    all
}

fn wrong_keys() -> Vec<Forged> {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let claims = issued().to_string();
    let pem: String = RSA_PUBLIC.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&pem).unwrap();
    let secrets: [(&str, &[u8]); 9] = [
        ("the issuer's public key as secret", RSA_PUBLIC.as_bytes()),
        ("the issuer's trimmed public key as secret", RSA_PUBLIC.trim().as_bytes()),
        ("the issuer's key without its frame as secret", pem.as_bytes()),
        ("the issuer's key in DER as secret", &der),
        ("the issuer's key in PKCS#1 as secret", &der[24..]),
        ("no secret", b""),
        ("a zero byte as secret", b"\0"),
        ("a usual secret", b"supersecretkey"),
        ("most of the secret", &SECRET.as_bytes()[1..]),
    ];
    let forged = secrets
        .iter()
        .map(|(name, secret)| named(*name, hmac(header, &claims, secret, Algorithm::HS256)));
    let mut all: Vec<_> = forged.collect();
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let header = json!({"alg": name}).to_string();
        let token = hmac(&header, admin().to_string(), SECRET.as_bytes(), algorithm);
        all.push(named(format!("our secret, but {name}"), token));
    }
    for name in ["RS256", "EdDSA", "ES256", "PS256", "HS384", "hs256", "HS256 "] {
        let token = headed(json!({"alg": name}).to_string(), admin().to_string());
        all.push(named(format!("our secret, but called {name}"), token));
    }
    for (name, algorithm) in
        [("RS384", Algorithm::RS384), ("RS512", Algorithm::RS512), ("PS256", Algorithm::PS256)]
    {
        let token = signing::issuer(&issued(), name, algorithm);
        all.push(named(format!("the issuer's key, but {name}"), token));
        let token = signing::issuer(&issued(), "RS256", algorithm);
        all.push(named(format!("the issuer's {name} called RS256"), token));
    }
    all.push(named(
        "the issuer's RS256 called HS256",
        signing::issuer(&issued(), "HS256", Algorithm::RS256),
    ));
    all
}

fn odd_headers() -> Vec<Forged> {
    let claims = admin().to_string();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "mine",
                     "x": "zu-0FH618aXzxI-37LBMiTa4IaVrofH5fWZ4tXSQUS0"});
    let url = "https://evil.example/keys.json";
    let mut all: Vec<_> = [
        ("crit", r#"{"alg":"HS256","crit":["x"],"x":1}"#),
        ("crit of a known name", r#"{"alg":"HS256","crit":["exp"],"exp":1}"#),
        ("empty crit", r#"{"alg":"HS256","crit":[]}"#),
        ("crit null", r#"{"alg":"HS256","crit":null}"#),
        ("crit for b64", r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#),
        ("two algorithms", r#"{"alg":"none","alg":"HS256"}"#),
        ("no algorithm", r#"{"typ":"JWT"}"#),
        ("algorithm null", r#"{"alg":null}"#),
        ("list of algorithms", r#"{"alg":["HS256"]}"#),
        ("number as kid", r#"{"alg":"HS256","kid":1}"#),
        ("list as header", r#"["HS256"]"#),
        ("text as header", r#""HS256""#),
        ("no header", ""),
        ("broken header", r#"{"alg":"HS256""#),
        ("header with a tail", r#"{"alg":"HS256"}{}"#),
        ("header with a mark before it", "\u{feff}{\"alg\":\"HS256\"}"),
    ]
    .into_iter()
    .map(|(name, header)| named(name, headed(header, &claims)))
    .collect();
    let utf16: Vec<u8> = r#"{"alg":"HS256"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    all.push(named("header in UTF-16", headed(utf16, &claims)));
    for (name, field, value) in [
        ("jwk", "jwk", jwk),
        ("jku", "jku", json!(url)),
        ("x5u", "x5u", json!(url)),
        ("x5c", "x5c", json!(["MIIB"])),
        ("kid of a file", "kid", json!("../../../../dev/null")),
        ("kid with SQL", "kid", json!("' UNION SELECT 'x' --")),
        ("kid with a command", "kid", json!("|true")),
    ] {
        let header = |alg: &str| json!({"alg": alg, field: value});
        all.push(named(format!("{name}, another RSA key"), other_rsa(&header("RS256"), &issued())));
        let token = other_ed25519(&header("EdDSA"), &issued());
        all.push(named(format!("{name}, another Ed25519 key"), token));
        let token = hmac(header("HS256").to_string(), &claims, b"", Algorithm::HS256);
        all.push(named(format!("{name}, no secret"), token));
    }
    all
}

fn odd_forms() -> Vec<Forged> {
    let good = own(&admin());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let other = own(&with("sub", json!("bob")));
    let last = match signature.as_bytes().last() {
        Some(b'A') => 'B',
        _ => 'A',
    };
    let cut = &good[..good.len() - 1];
    let padded = |text: &str| {
        let claims = admin().to_string() + text;
        format!("{header}.{}", URL_SAFE.encode(&claims))
    };
    // One of these lengths is not a multiple of three, so that there is padding.
    let padded = [padded(""), padded(" "), padded("  ")].into_iter().find(|t| t.ends_with('='));
    let signed_padded = {
        let message = padded.unwrap();
        let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    };
    let huge = |size: usize| own(&with("note", json!("x".repeat(size))));
    let utf16: String = good.encode_utf16().flat_map(u16::to_be_bytes).map(char::from).collect();
    vec![
        named("stripped signature", format!("{message}.")),
        named("no signature", message),
        named("a dot behind", format!("{good}.")),
        named("a dot before", format!(".{good}")),
        named("two dots", format!("{header}..{claims}.{signature}")),
        named("four parts", format!("{good}.{signature}")),
        named("five parts", format!("{header}.{claims}.{header}.{claims}.{signature}")),
        named("no header", format!(".{claims}.{signature}")),
        named("no claims", format!("{header}..{signature}")),
        named("another's signature", {
            format!("{message}.{}", other.rsplit_once('.').unwrap().1)
        }),
        named("another's claims", {
            let claims = other.split('.').nth(1).unwrap();
            format!("{header}.{claims}.{signature}")
        }),
        named("a cut signature", cut),
        named("an altered signature", format!("{}{last}", &good[..good.len() - 2])),
        named("spare bits in the signature", spare_bits(&good)),
        named("a longer signature", format!("{good}A")),
        named("a padded signature", format!("{good}=")),
        named("padded claims", signed_padded),
        named("a space inside", good.replacen('.', ". ", 1)),
        named("a line end inside", good.replacen('.', ".\n", 1)),
        named("the other alphabet", format!("{message}.{}", "+/".repeat(21) + "A")),
        named("capital letters", good.to_uppercase()),
        named("escaped dots", good.replace('.', "%2E")),
        named("wide dots", good.replace('.', "\u{ff0e}")),
        named("NUL behind", format!("{good}\0")),
        named("NUL inside", good.replacen('.', ".\0", 1)),
        named("UTF-16", utf16),
        named("twice", format!("{good}{good}")),
        named("twice with a comma", format!("{good},{good}")),
        named("in quotes", format!("\"{good}\"")),
        named("the scheme twice", format!("Bearer {good}")),
        named("long", huge(4000)),
        named("huge", huge(10_000)),
        named("in JSON", {
            json!({"protected": header, "payload": claims, "signature": signature}).to_string()
        }),
        named("in another", headed(r#"{"alg":"HS256","cty":"JWT"}"#, &good)),
        named("in another, as text", own_text(json!(good).to_string())),
    ]
}

/// The same signature in another spelling: bits that stand for nothing are set.
fn spare_bits(token: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = token.bytes().last().unwrap();
    let place = ALPHABET.iter().position(|letter| *letter == last).unwrap();
    // 32 bytes are 42 letters and two thirds: the last letter has two spare bits, which are zero.
    let other = char::from(ALPHABET[place | 1]);
    format!("{}{other}", &token[..token.len() - 1])
}

fn odd_times() -> Vec<Forged> {
    let now = now();
    let mut all: Vec<_> = [
        ("expired", json!(now - 3600)),
        ("just expired", json!(now - 6)),
        ("exp as text", json!((now + 3600).to_string())),
        ("exp as fraction", json!(f64::from(u32::MAX) + 0.5)),
        ("exp negative", json!(-1)),
        ("exp zero", json!(0)),
        ("exp null", Value::Null),
        ("exp true", json!(true)),
        ("exp in a list", json!([now + 3600])),
        ("exp in an object", json!({"exp": now + 3600})),
        ("exp in milliseconds", json!((now + 3600) * 1000)),
        ("exp at the end of integers", json!(u64::MAX)),
    ]
    .into_iter()
    .map(|(name, exp)| named(name, own(&with("exp", exp))))
    .collect();
    let raw = |exp: &str| own_text(format!(r#"{{"sub":"ann","role":"admin","exp":{exp}}}"#));
    all.extend([
        named("no exp", own(&json!({"sub": "ann", "role": "admin"}))),
        named("exp beyond integers", raw("99999999999999999999999")),
        named("exp with an exponent", raw("1e10")),
        named("exp infinite", raw("Infinity")),
        named("exp not a number", raw("NaN")),
        named("exp twice", raw(&format!("1,\"exp\":{}", now + 3600))),
    ]);
    for name in ["nbf", "iat"] {
        for (what, value) in [
            ("in the future", json!(now + 60)),
            ("as text", json!("0")),
            ("as fraction", json!(0.5)),
            ("negative", json!(-5)),
            ("huge", json!(u64::MAX)),
        ] {
            all.push(named(format!("{name} {what}"), own(&with(name, value))));
        }
    }
    all
}

fn odd_claims() -> Vec<Forged> {
    let exp = now() + 3600;
    let mut all: Vec<_> = [
        ("unknown scope", with("scope", json!("everything"))),
        ("several scopes", with("scope", json!("agent viewer"))),
        ("list of scopes", with("scope", json!(["agent"]))),
        ("empty scope", with("scope", json!(""))),
        ("unknown type", with("type", json!("refresh_token"))),
        ("empty type", with("type", json!(""))),
        (
            "scope and type",
            json!({"sub": "a-1", "scope": "agent", "type": "websocket_auth",
                                  "agentId": "a-1", "sessionId": "s", "exp": exp}),
        ),
        ("unknown role", with("role", json!("root"))),
        ("role in capitals", with("role", json!("Admin"))),
        ("role with a space", with("role", json!("admin "))),
        ("list of roles", with("role", json!(["admin"]))),
        ("empty role", with("role", json!(""))),
        ("sub and userId differ", with("userId", json!("bob"))),
        ("sub and id differ", with("id", json!("root"))),
        ("userId and id differ", json!({"userId": "ann", "id": "bob", "exp": exp})),
        ("no user", json!({"role": "admin", "exp": exp})),
        ("sub null", with("sub", Value::Null)),
        ("empty sub", with("sub", json!(""))),
        ("empty id beside sub", with("id", json!(""))),
        ("sub as number", with("sub", json!(0))),
        ("sub as object", with("sub", json!({"$ne": null}))),
        ("sub with a line end", with("sub", json!("ann\r\nSet-Cookie: x"))),
        ("sub with NUL", with("sub", json!("ann\0"))),
        ("sub too long", with("sub", json!("x".repeat(300)))),
        ("username with escapes", with("username", json!("\u{1b}]0;x\u{7}"))),
        (
            "agent of another name",
            json!({"sub": "ann", "scope": "agent", "agentId": "a-1", "exp": exp}),
        ),
        ("agent with a path", json!({"sub": "../a", "scope": "agent", "exp": exp})),
        ("view of no session", json!({"sub": "ann", "scope": "viewer", "exp": exp})),
        ("session without agent", json!({"type": "websocket_auth", "sessionId": "s", "exp": exp})),
        ("session without session", json!({"type": "websocket_auth", "agentId": "a", "exp": exp})),
        (
            "list of claims",
            json!([
                "ann", "ann", "ann", "ann", "admin", null, null, null, null, null, null, null,
                null, exp
            ]),
        ),
        ("text as claims", json!("ann")),
        ("null as claims", Value::Null),
        ("empty claims", json!({})),
        ("nested claims", json!({"claims": admin()})),
        ("names in capitals", json!({"SUB": "ann", "ROLE": "admin", "EXP": exp})),
    ]
    .into_iter()
    .map(|(name, claims)| named(name, own(&claims)))
    .collect();
    let twice = format!(r#"{{"sub":"ann","sub":"root","role":"admin","exp":{exp}}}"#);
    let escaped = format!(r#"{{"sub":"ann","s\u0075b":"root","exp":{exp}}}"#);
    let utf16: Vec<u8> = admin().to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
    all.extend([
        named("sub twice", own_text(twice)),
        named("sub twice, once escaped", own_text(escaped)),
        named("claims with a tail", own_text(admin().to_string() + "}")),
        named("claims without an end", own_text(r#"{"sub":"ann""#)),
        named("claims in UTF-16", own_text(utf16)),
        named("claims that are no text", own_text(b"{\"sub\":\"\xff\"}")),
        named("deep claims", own_text("{\"a\":".repeat(300) + "1" + &"}".repeat(300))),
    ]);
    all
}

fn foreign_sources() -> Vec<Forged> {
    let with = |name: &str, value: Value| {
        let mut claims = issued();
        claims[name] = value;
        signing::issuer(&claims, "RS256", Algorithm::RS256)
    };
    vec![
        named("another RSA key", other_rsa(&json!({"alg": "RS256"}), &issued())),
        named("an Ed25519 key", other_ed25519(&json!({"alg": "EdDSA"}), &issued())),
        named("another issuer", with("iss", json!("https://evil.example"))),
        named("a similar issuer", with("iss", json!("https://login.example/"))),
        named("no issuer", with("iss", Value::Null)),
        named("a list of issuers", with("iss", json!(["https://login.example"]))),
        named("another audience", with("aud", json!("mail"))),
        named("a longer audience", with("aud", json!("pilothouse2"))),
        named("other audiences", with("aud", json!(["mail", "calendar"]))),
        named("no audience", with("aud", Value::Null)),
        named("an empty audience", with("aud", json!([]))),
        named("audience in another list", with("aud", json!([["pilothouse"]]))),
        named("issued and expired", with("exp", json!(now() - 60))),
        named("issued with another role", with("role", json!("owner"))),
        named("issued with a foreign scope", with("scope", json!("openid profile"))),
    ]
}

fn no_tokens() -> Vec<Forged> {
    let texts = [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "null",
        "undefined",
        "true",
        "{}",
        "[]",
        "*",
        "%",
        "%00",
        "Bearer",
        "bearer.",
        "pha_agent.AAAA",
        "ann:secret",
        "../../auth.secret",
        "' OR '1'='1",
    ];
    texts.into_iter().map(|text| named(format!("the text {text}"), text)).collect()
}
