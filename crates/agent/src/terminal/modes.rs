//! The switches of a terminal, and the sequences that turn them.

use super::{emulator::Emulator, parameters::Parameters};

/// Which mouse events are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum MouseReports {
    #[default]
    None,
    /// Presses only (9).
    Presses,
    /// Presses and releases (1000).
    Clicks,
    /// And movements with a button held (1002).
    Drags,
    /// And all other movements (1003).
    All,
}

impl MouseReports {
    /// The private mode that turns it on.
    pub(super) const fn number(self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Presses => Some(9),
            Self::Clicks => Some(1000),
            Self::Drags => Some(1002),
            Self::All => Some(1003),
        }
    }
}

/// How mouse events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum MouseEncoding {
    #[default]
    Bytes,
    /// 1006.
    Cells,
    /// 1016.
    Pixels,
}

/// All switches, as they are after a reset by default.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own that programs turn")]
pub(super) struct Modes {
    pub(super) insert: bool,
    pub(super) newline: bool,
    pub(super) cursor_keys: bool,
    pub(super) keypad: bool,
    pub(super) origin: bool,
    pub(super) wraparound: bool,
    pub(super) reverse_wraparound: bool,
    pub(super) is_cursor_hidden: bool,
    pub(super) focus: bool,
    pub(super) bracketed_paste: bool,
    pub(super) synchronized: bool,
    pub(super) mouse: MouseReports,
    pub(super) mouse_encoding: MouseEncoding,
    /// The number of `CSI n SP q`; 0 is the terminal's own.
    pub(super) cursor_style: u8,
    /// Mode 12, which xterm.js keeps apart from the style. `None` until a program says.
    pub(super) blinks: Option<bool>,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            insert: false,
            newline: false,
            cursor_keys: false,
            keypad: false,
            origin: false,
            wraparound: true,
            reverse_wraparound: false,
            is_cursor_hidden: false,
            focus: false,
            bracketed_paste: false,
            synchronized: false,
            mouse: MouseReports::None,
            mouse_encoding: MouseEncoding::Bytes,
            cursor_style: 0,
            blinks: None,
        }
    }
}

impl Modes {
    /// What both resets do. The mouse is turned off by the full one only.
    pub(super) fn reset(&mut self) {
        *self = Self {
            newline: self.newline,
            is_cursor_hidden: self.is_cursor_hidden,
            mouse: self.mouse,
            mouse_encoding: self.mouse_encoding,
            blinks: self.blinks,
            ..Self::default()
        };
    }

    pub(super) fn reset_mouse(&mut self) {
        self.mouse = MouseReports::None;
        self.mouse_encoding = MouseEncoding::Bytes;
    }

    /// Whether a mode of `CSI h` is on; `None` if it is not known.
    pub(super) fn public(&self, mode: u32) -> Option<bool> {
        match mode {
            4 => Some(self.insert),
            20 => Some(self.newline),
            _ => None,
        }
    }

    /// Whether a mode of `CSI ? h` is on; `None` if it is not known here.
    pub(super) fn private(&self, mode: u32) -> Option<bool> {
        Some(match mode {
            1 => self.cursor_keys,
            6 => self.origin,
            7 => self.wraparound,
            12 => self.blinks.unwrap_or(false),
            25 => !self.is_cursor_hidden,
            45 => self.reverse_wraparound,
            66 => self.keypad,
            9 | 1000 | 1002 | 1003 => self.mouse.number() == Some(mode),
            1004 => self.focus,
            1006 => self.mouse_encoding == MouseEncoding::Cells,
            1016 => self.mouse_encoding == MouseEncoding::Pixels,
            2004 => self.bracketed_paste,
            2026 => self.synchronized,
            _ => return None,
        })
    }

    /// Turns a switch that does nothing else. Unknown ones are passed over.
    fn set_private(&mut self, mode: u32, is_on: bool) {
        let mouse = |reports| if is_on { reports } else { MouseReports::None };
        let encoding = |encoding| if is_on { encoding } else { MouseEncoding::Bytes };
        match mode {
            1 => self.cursor_keys = is_on,
            7 => self.wraparound = is_on,
            12 => self.blinks = Some(is_on),
            25 => self.is_cursor_hidden = !is_on,
            45 => self.reverse_wraparound = is_on,
            66 => self.keypad = is_on,
            9 => self.mouse = mouse(MouseReports::Presses),
            1000 => self.mouse = mouse(MouseReports::Clicks),
            1002 => self.mouse = mouse(MouseReports::Drags),
            1003 => self.mouse = mouse(MouseReports::All),
            1004 => self.focus = is_on,
            1006 => self.mouse_encoding = encoding(MouseEncoding::Cells),
            1016 => self.mouse_encoding = encoding(MouseEncoding::Pixels),
            2004 => self.bracketed_paste = is_on,
            2026 => self.synchronized = is_on,
            _ => {}
        }
    }
}

impl Emulator {
    /// `CSI h` and `CSI l`.
    pub(super) fn set_public_modes(&mut self, parameters: &Parameters, is_on: bool) {
        for mode in parameters.iter() {
            match mode {
                4 => self.modes.insert = is_on,
                20 => self.modes.newline = is_on,
                _ => {}
            }
        }
    }

    /// `CSI ? h` and `CSI ? l`.
    pub(super) fn set_private_modes(&mut self, parameters: &Parameters, is_on: bool) {
        for mode in parameters.iter() {
            match mode {
                2 if is_on => {
                    for level in 0..4 {
                        self.charsets.designate(level, super::charset::Charset::ASCII);
                    }
                }
                6 => {
                    self.modes.origin = is_on;
                    self.set_cursor(0, 0);
                }
                1048 if is_on => self.save_cursor(),
                1048 => self.restore_cursor(),
                47 | 1047 | 1049 if is_on => {
                    if mode == 1049 {
                        self.save_cursor();
                    }
                    self.show_alternate();
                }
                47 | 1047 | 1049 => {
                    self.show_primary();
                    if mode == 1049 {
                        self.restore_cursor();
                    }
                }
                _ => self.modes.set_private(mode, is_on),
            }
        }
    }

    fn show_alternate(&mut self) {
        if self.is_alternate {
            return;
        }
        let fill = self.erased();
        self.alternate.clear(fill);
        (self.alternate.x, self.alternate.y) = (self.primary.x, self.primary.y);
        self.is_alternate = true;
    }

    fn show_primary(&mut self) {
        if !self.is_alternate {
            return;
        }
        (self.primary.x, self.primary.y) = (self.alternate.x, self.alternate.y);
        self.is_alternate = false;
        self.alternate.clear(super::cell::Cell::default());
    }
}
