//! Who somebody is: tokens, where they may stand in a request, and which origins may use them.

pub(crate) mod agent_keys;
mod authenticator;
pub(crate) mod credential;
pub(crate) mod origin;
pub(crate) mod revoked;
pub mod secret;
pub(crate) mod token_in;
pub mod tokens;

pub(crate) use authenticator::Authenticator;
pub use tokens::{Claims, Grant, KeyError, Signer, Verifier};
