//! JSON Web Tokens: what is in them, how we sign our own, and who else may sign some for us.

mod claims;
mod jwks;
mod public_key;
mod signer;
mod verifier;

#[cfg(test)]
mod issuer_tests;
#[cfg(test)]
mod tests;

pub use claims::Claims;
pub use public_key::KeyError;
pub use signer::{Grant, Holder, Signer};
pub(crate) use verifier::Issuer;
pub use verifier::Verifier;
