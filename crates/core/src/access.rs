//! Requests about credentials and the sockets that were opened with them.
//!
//! The core only decides who may ask; credentials and sockets are the server's.

use std::sync::Arc;

/// A request about access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A credential is to count no longer.
    Revoke {
        /// The SHA-256 of its text, in hexadecimal digits.
        credential: Arc<str>,
    },
    /// Every socket of a user is to be closed; the user may come back.
    EndSockets {
        /// The user's id.
        user: Arc<str>,
    },
}
