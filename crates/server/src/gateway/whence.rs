//! From where, and with which program, somebody comes: what the audit says besides the name.

use std::sync::Arc;

/// The longest name of a program that is kept, in bytes.
const LONGEST: usize = 256;

/// Where somebody comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whence {
    /// The address without its port.
    pub(crate) address: Arc<str>,
    /// What the field `User-Agent` says, on one line; empty without one.
    pub(crate) program: Arc<str>,
}

impl Whence {
    /// From that address, with the program that the request names.
    pub(crate) fn new(address: Arc<str>, user_agent: Option<&str>) -> Self {
        let program = user_agent.unwrap_or_default();
        let cut = program.floor_char_boundary(LONGEST.min(program.len()));
        let plain = program[..cut].chars().filter(|character| !character.is_control());
        let plain: String = plain.collect();
        Self { address, program: pilothouse_core::audit::redact(&plain).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_on_one_short_line_without_secrets() {
        let program = |name: &str| Whence::new("::1".into(), Some(name)).program;
        assert_eq!(&*program("curl/8.5"), "curl/8.5");
        assert_eq!(&*program("a\r\nb\u{7f}"), "ab");
        assert_eq!(program(&"ä".repeat(500)).len(), 256);
        assert_eq!(&*program("bot token=hunter2"), "bot token=[redacted]");
        assert_eq!(&*Whence::new("::1".into(), None).program, "");
    }
}
