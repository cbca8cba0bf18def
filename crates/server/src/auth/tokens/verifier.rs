//! Checks tokens: the form, then the signature by a key that fits, then what is claimed.
//!
//! Our own secret verifies HS256 and nothing else does; an issuer's key verifies its own algorithm only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use pilothouse_core::{Role, time::Timestamp};
use pilothouse_protocols::Denied;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};

use super::{
    claims::{Claims, Wire, denied},
    jwks::KeyFile,
    public_key::{KeyError, PublicKey},
};
use crate::{
    auth::{credential::Credential, secret::Secret},
    config::Config,
};

/// The longest token that is looked at.
const LONGEST: usize = 4096;

/// Checks tokens.
pub struct Verifier {
    own: DecodingKey,
    issuer: Option<Issuer>,
}

/// Somebody else who signs tokens for us.
pub(crate) struct Issuer {
    name: String,
    audience: String,
    pem: Option<PublicKey>,
    file: Option<KeyFile>,
}

/// What a token's first part says that concerns us. Keys that it brings along are not even read.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Presence,
}

/// Whether a field is there at all, whatever it holds.
#[derive(Default)]
struct Presence(bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

impl Issuer {
    /// The issuer of the configuration, if there is one.
    pub(crate) fn configured(config: &Config) -> Result<Option<Self>, KeyError> {
        let pem = config.auth_public_key.as_deref().map(pem).transpose()?;
        let file = config.auth_jwks.clone().map(KeyFile::open).transpose()?;
        if pem.is_none() && file.is_none() {
            return Ok(None);
        }
        let (Some(name), Some(audience)) = (&config.auth_issuer, &config.auth_audience) else {
            return Err(KeyError::NoSource);
        };
        Ok(Some(Self { name: name.clone(), audience: audience.clone(), pem, file }))
    }

    /// The key for a token. A key in PEM has no id, so that any id is as good as none for it.
    fn key(&self, id: Option<&str>, algorithm: Algorithm) -> Option<PublicKey> {
        let in_file = self.file.as_ref().and_then(|file| file.find(id, algorithm));
        in_file.or_else(|| self.pem.clone().filter(|pem| pem.algorithm == algorithm))
    }
}

/// A PEM text or the name of a file with one. In the environment line ends may be written as `\n`.
fn pem(text: &str) -> Result<PublicKey, KeyError> {
    if text.trim_start().starts_with("-----BEGIN") {
        return PublicKey::from_pem(&text.replace("\\n", "\n"));
    }
    let file = |source| KeyError::File { path: text.into(), source };
    PublicKey::from_pem(&std::fs::read_to_string(text).map_err(file)?)
}

impl Verifier {
    /// A verifier of what a [`super::Signer`] with the same secret signs.
    pub fn new(secret: &Secret) -> Self {
        Self { own: DecodingKey::from_secret(secret.bytes()), issuer: None }
    }

    /// Also takes the tokens of an issuer.
    pub(crate) fn with_issuer(mut self, issuer: Option<Issuer>) -> Self {
        self.issuer = issuer;
        self
    }

    /// Who holds the token, if it counts at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Denied> {
        const INVALID: Denied = Denied { reason: "the token is invalid" };
        if token.len() > LONGEST {
            return denied("the token is too long");
        }
        let (message, signature) = token.rsplit_once('.').ok_or(INVALID)?;
        let (head, claims) = message.split_once('.').ok_or(INVALID)?;
        let head: Head = part(head).ok_or(INVALID)?;
        if head.crit.0 {
            return denied("the token demands an extension that is not known");
        }
        let signed = |key: &DecodingKey, algorithm| {
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm)
                .is_ok_and(|holds| holds)
        };
        let (algorithm, issuer) = match head.alg.as_str() {
            "HS256" => (Algorithm::HS256, None),
            "RS256" => (Algorithm::RS256, self.issuer.as_ref()),
            "EdDSA" => (Algorithm::EdDSA, self.issuer.as_ref()),
            _ => return denied("the token is signed in a way that is not accepted"),
        };
        let is_signed = match (algorithm, issuer) {
            (Algorithm::HS256, _) => signed(&self.own, Algorithm::HS256),
            (_, Some(issuer)) => match issuer.key(head.kid.as_deref(), algorithm) {
                Some(key) => signed(&key.key, key.algorithm),
                None => return denied("the token is signed with a key that is not known"),
            },
            (_, None) => return denied("the token is signed in a way that is not accepted"),
        };
        if !is_signed {
            return Err(INVALID);
        }
        let wire: Wire = part(claims).ok_or(INVALID)?;
        wire.check_times(now)?;
        // Whoever holds our secret is ourselves; anybody else has to say that a role is meant.
        let unsaid = match issuer {
            Some(issuer) => {
                wire.check_source(&issuer.name, &issuer.audience)?;
                Role::Viewer
            }
            None => Role::Operator,
        };
        wire.read(unsaid, Credential::of(token))
    }
}

/// The JSON object in one part of a token.
fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    // Without this, serde would also take a list for a record.
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(&bytes).ok()).flatten()
}
