//! How keys are to be reported: the flags of the kitty protocol, and xterm's `modifyOtherKeys`.
//!
//! The agent turns no keys into bytes; it only tells viewers and programs what programs asked for.

use super::parameters::Parameters;

/// How many flags can be put aside; the oldest is forgotten first.
const MAX_DEPTH: usize = 16;

/// The flags of one screen: those in force are the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flags(pub(super) Vec<u32>);

impl Default for Flags {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Flags {
    fn current(&mut self) -> &mut u32 {
        if self.0.is_empty() {
            self.0.push(0);
        }
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}

/// The flags of both screens, and xterm's setting.
#[derive(Debug, Default)]
pub(super) struct Keyboard {
    pub(super) primary: Flags,
    pub(super) alternate: Flags,
    pub(super) other_keys: u32,
}

impl Keyboard {
    fn flags(&mut self, is_alternate: bool) -> &mut Flags {
        if is_alternate { &mut self.alternate } else { &mut self.primary }
    }

    pub(super) fn current(&mut self, is_alternate: bool) -> u32 {
        *self.flags(is_alternate).current()
    }

    /// `CSI = flags ; how u`.
    pub(super) fn set(&mut self, is_alternate: bool, parameters: &Parameters) {
        let flags = parameters.get(0) & 0x1F;
        let current = self.flags(is_alternate).current();
        match parameters.at_least_one(1) {
            1 => *current = flags,
            2 => *current |= flags,
            3 => *current &= !flags,
            _ => {}
        }
    }

    /// `CSI > flags u`.
    pub(super) fn push(&mut self, is_alternate: bool, flags: u32) {
        let stack = &mut self.flags(is_alternate).0;
        if stack.len() == MAX_DEPTH {
            stack.remove(0);
        }
        stack.push(flags & 0x1F);
    }

    /// `CSI < count u`.
    pub(super) fn pop(&mut self, is_alternate: bool, count: usize) {
        let stack = &mut self.flags(is_alternate).0;
        stack.truncate(stack.len().saturating_sub(count));
        if stack.is_empty() {
            stack.push(0);
        }
    }
}
