//! UTF-8 that arrives in pieces: wrong bytes are found as soon as they come.

use crate::ProtocolError;

/// Checks `bytes` from `valid` on, where everything before is known to be whole characters.
/// Returns how much is valid now; at most three bytes of a begun character may be left.
pub(crate) fn check(bytes: &[u8], valid: usize) -> Result<usize, ProtocolError> {
    match simdutf8::compat::from_utf8(&bytes[valid..]) {
        Ok(_) => Ok(bytes.len()),
        Err(error) if error.error_len().is_none() => Ok(valid + error.valid_up_to()),
        Err(_) => Err(ProtocolError::not_text()),
    }
}

/// The whole text, if it is one.
pub(crate) fn whole(bytes: &[u8]) -> Result<&str, ProtocolError> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| ProtocolError::not_text())
}
