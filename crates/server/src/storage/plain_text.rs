//! The text that a person saw of a terminal's output: escape sequences taken out, blanks run together.
//!
//! It does not know what was painted over: a program that repaints its screen is found by every word it ever painted.

/// Where in an escape sequence the text is.
enum State {
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence, up to its final byte.
    Control,
    /// In a command to the terminal or in a charset, up to its end.
    Command,
    /// In such a command, after ESC.
    CommandEscape,
    /// Before the last byte of a sequence of three.
    Last,
}

/// The text of some output. Colours part no words, everything else that moves the cursor does.
pub(super) fn plain_text(bytes: &[u8]) -> String {
    let decoded = String::from_utf8_lossy(bytes);
    let mut text = String::with_capacity(decoded.len());
    let mut state = State::Text;
    for character in decoded.chars() {
        state = match (state, character) {
            (State::Text | State::Escape | State::Control | State::Last, '\u{1b}') => State::Escape,
            (State::Text, _) => {
                push(&mut text, character);
                State::Text
            }
            (State::Escape, '[') => State::Control,
            (State::Escape, ']' | 'P' | '_' | '^' | 'X') => State::Command,
            (State::Escape, ' '..='/') => State::Last,
            (State::Escape | State::Last, _)
            | (State::Command, '\u{7}' | '\u{9c}')
            | (State::CommandEscape, '\\') => State::Text,
            (State::Control, '@'..='~') => {
                if character != 'm' {
                    push(&mut text, ' ');
                }
                State::Text
            }
            (State::Control, _) => State::Control,
            (State::Command, '\u{1b}') => State::CommandEscape,
            (State::Command | State::CommandEscape, _) => State::Command,
        };
    }
    text.truncate(text.trim_end().len());
    text
}

fn push(text: &mut String, character: char) {
    let blank = match character {
        '\n' => '\n',
        _ if character.is_whitespace() || character.is_control() => ' ',
        _ => {
            text.push(character);
            return;
        }
    };
    match text.chars().next_back() {
        Some(' ') if blank == '\n' => {
            text.pop();
            text.push('\n');
        }
        None | Some('\n' | ' ') => {}
        Some(_) => text.push(blank),
    }
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn only_what_people_read_is_left() {
        for (output, text) in [
            ("plain\r\n\r\n  text\r\n", "plain\ntext"),
            ("\u{1b}[1;31mer\u{1b}[0mror", "error"),
            ("left\u{1b}[10Cright", "left right"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "alink"),
            ("\u{1b}(Bx\u{1b}7y\u{1b}=z", "xyz"),
            ("cut \u{1b}[3", "cut"),
            ("a\0b\u{8}c", "a b c"),
        ] {
            assert_eq!(plain_text(output.as_bytes()), text, "{output:?}");
        }
        assert_eq!(plain_text(b"bad \xff byte"), "bad \u{fffd} byte");
    }
}
