//! Who somebody is: tokens, where they may stand in a request, and which origins may use them.

pub(crate) mod agent_keys;
mod authenticator;
pub(crate) mod codes;
pub(crate) mod credential;
pub(crate) mod devices;
pub(crate) mod origin;
pub(crate) mod passwords;
pub(crate) mod random;
pub(crate) mod reception;
pub(crate) mod revoked;
pub mod secret;
mod throttle;
pub(crate) mod token_in;
pub mod tokens;

pub(crate) use authenticator::Authenticator;
pub(crate) use reception::Reception;
pub use tokens::{Claims, Grant, KeyError, Signer, Verifier};
