//! Requests about credentials and the sockets that were opened with them.
//!
//! The core only decides who may ask; credentials and sockets are the server's.

use std::sync::Arc;

use crate::ids::{AgentId, SessionId};

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
    /// A token is to be made that opens a session's pictures, and tells of that agent's work in it.
    MakeToken {
        /// Of which session; the id of a stream if it has none.
        session: SessionId,
        /// Which agent's.
        agent: AgentId,
    },
}
