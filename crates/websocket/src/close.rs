//! Close frames and the errors that lead to them.

/// What a peer said when it closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close<'a> {
    /// The code, valid by RFC 6455 7.4.
    pub code: u16,
    /// The reason, for people.
    pub reason: &'a str,
}

/// The peer broke the protocol. The connection has to be closed with that code, and nothing that
/// comes after can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (close code {code})")]
pub struct ProtocolError {
    /// The close code that goes with it.
    pub code: u16,
    /// What was wrong.
    pub reason: &'static str,
}

impl ProtocolError {
    /// RFC 6455 7.4.1: 1002.
    pub(crate) const fn protocol(reason: &'static str) -> Self {
        Self { code: 1002, reason }
    }

    /// RFC 6455 7.4.1: 1007.
    pub(crate) const fn not_text() -> Self {
        Self { code: 1007, reason: "text is not UTF-8" }
    }

    /// RFC 6455 7.4.1: 1009.
    pub(crate) const fn too_big() -> Self {
        Self { code: 1009, reason: "message too big" }
    }
}

/// Reads the payload of a close frame.
pub(crate) fn parse(payload: &[u8]) -> Result<Option<Close<'_>>, ProtocolError> {
    let (code, reason) = match payload {
        [] => return Ok(None),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        [_] => return Err(ProtocolError::protocol("close frame of one byte")),
    };
    if !is_valid(code) {
        return Err(ProtocolError::protocol("invalid close code"));
    }
    let reason = simdutf8::basic::from_utf8(reason).map_err(|_| ProtocolError::not_text())?;
    Ok(Some(Close { code, reason }))
}

/// Codes that may stand in a frame: RFC 6455 7.4.2 and the IANA registry.
fn is_valid(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
