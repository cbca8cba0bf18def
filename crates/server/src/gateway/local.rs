//! Programs on this machine that come without a token, where `console.open_on_loopback` lets them in.

use pilothouse_core::{Caller, Role, Scope, ids::ConnectionId};

use super::{event_loop::Shared, forwarded::Client, whence::Whence};
use crate::auth::origin;

/// What the audit calls them.
const NAME: &str = "local";

impl Shared {
    /// Whether a request without a token may only come from this machine, and asks for it by a name that only
    /// it has, so that no foreign page can be behind it either.
    pub(crate) fn is_local<'a>(
        &self,
        client: &Client<'_>,
        fields: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> bool {
        self.config.is_console_open
            && client.is_on_this_machine
            && origin::names_us(fields, client.host, &self.config)
    }
}

/// An operator without a token.
pub(crate) fn local_caller(connection: ConnectionId, whence: &Whence) -> Caller {
    Caller {
        user: NAME.into(),
        name: NAME.into(),
        scope: Scope::Person(Role::Operator),
        connection,
        address: whence.address.clone(),
        program: whence.program.clone(),
        expires_at: None,
    }
}
