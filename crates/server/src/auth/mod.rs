//! Who somebody is: tokens, where they may stand in a request, and which origins may use them.

pub(crate) mod agent_keys;
pub(crate) mod origin;
pub mod secret;
pub(crate) mod token_in;
pub mod tokens;

pub use tokens::{Claims, Grant, Signer, Verifier};
