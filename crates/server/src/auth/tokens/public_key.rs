//! Public keys of others who sign tokens. Each verifies one algorithm, and the key says which, never the token.

use std::{io, path::PathBuf};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// The shortest modulus of an RSA key, in bytes.
const SHORTEST_MODULUS: usize = 256;
/// The length of an Ed25519 key, in bytes.
const ED25519: usize = 32;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the key in {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is not what it should be.
    #[error("{0}")]
    Unusable(&'static str),
    /// Not one key of the set can be used.
    #[error("{0} has no RSA or Ed25519 key for signatures (`use` is `sig` or absent)")]
    NoneUsable(PathBuf),
    /// It was not said whose tokens are meant.
    #[error("auth.public_key and auth.jwks need auth.issuer and auth.audience beside them")]
    NoSource,
}

/// A key and the one algorithm it verifies.
#[derive(Clone)]
pub(super) struct PublicKey {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl PublicKey {
    /// Reads a PEM text: `PUBLIC KEY` or `RSA PUBLIC KEY`.
    pub(super) fn from_pem(text: &str) -> Result<Self, KeyError> {
        let unusable = |reason| Err(KeyError::Unusable(reason));
        if text.contains("PRIVATE KEY") {
            return unusable(
                "auth.public_key is a private key; the server needs the public one only",
            );
        }
        if text.contains("CERTIFICATE") {
            return unusable(
                "auth.public_key is a certificate; extract its key: openssl x509 -pubkey -noout",
            );
        }
        let bytes = text.as_bytes();
        let found = match DecodingKey::from_ed_pem(bytes) {
            Ok(key) => Ok((Algorithm::EdDSA, key)),
            Err(_) => DecodingKey::from_rsa_pem(bytes).map(|key| (Algorithm::RS256, key)),
        };
        let Ok((algorithm, key)) = found else {
            return unusable("auth.public_key is not an RSA or Ed25519 public key in PEM");
        };
        let shortest = if algorithm == Algorithm::RS256 { SHORTEST_MODULUS } else { ED25519 };
        if key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() < shortest) {
            return unusable("auth.public_key is too short; RSA keys need at least 2048 bits");
        }
        Ok(Self { id: None, algorithm, key })
    }

    /// Reads one key of a JSON Web Key Set, or says why it is not one that verifies tokens.
    pub(super) fn from_jwk(value: &serde_json::Value) -> Result<Self, &'static str> {
        let wire = Jwk::deserialize(value).map_err(|_| "it is not a JSON Web Key")?;
        if wire.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err("it is not for signatures");
        }
        if wire.key_ops.is_some_and(|operations| operations.iter().all(|one| one != "verify")) {
            return Err("it is not for verifying");
        }
        let (algorithm, name, key) = match wire.kty.as_str() {
            "RSA" => {
                let (n, e) = (bytes(wire.n.as_deref())?, bytes(wire.e.as_deref())?);
                let length = n.iter().skip_while(|byte| **byte == 0).count();
                if length < SHORTEST_MODULUS {
                    return Err("it has fewer than 2048 bits");
                }
                (Algorithm::RS256, "RS256", DecodingKey::from_rsa_raw_components(&n, &e))
            }
            "OKP" if wire.crv.as_deref() == Some("Ed25519") => {
                let x = bytes(wire.x.as_deref())?;
                if x.len() != ED25519 {
                    return Err("it has the wrong length");
                }
                (Algorithm::EdDSA, "EdDSA", DecodingKey::from_ed_der(&x))
            }
            "oct" => return Err("it is symmetric: whoever can read it could sign with it"),
            _ => return Err("it is neither RSA nor Ed25519"),
        };
        if wire.alg.is_some_and(|alg| alg != name) {
            return Err("it is for another algorithm than RS256 or EdDSA");
        }
        Ok(Self { id: wire.kid, algorithm, key })
    }
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
}

fn bytes(text: Option<&str>) -> Result<Vec<u8>, &'static str> {
    let text = text.ok_or("a part of it is missing")?;
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| "a part of it is not base64url")
}
