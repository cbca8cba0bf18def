//! The numbers that Windows gave keys, which pages and Chromium's own shortcuts still go by.

/// Keys that type nothing, or whose number does not depend on what they type, by their names in `KeyboardEvent.key`.
const NAMED: &[(&str, u32)] = &[
    ("Alt", 18),
    ("AltGraph", 225),
    ("ArrowDown", 40),
    ("ArrowLeft", 37),
    ("ArrowRight", 39),
    ("ArrowUp", 38),
    ("Backspace", 8),
    ("CapsLock", 20),
    ("Clear", 12),
    ("ContextMenu", 93),
    ("Control", 17),
    ("Delete", 46),
    ("End", 35),
    ("Enter", 13),
    ("Escape", 27),
    ("Help", 47),
    ("Home", 36),
    ("Insert", 45),
    ("Meta", 91),
    ("NumLock", 144),
    ("PageDown", 34),
    ("PageUp", 33),
    ("Pause", 19),
    ("PrintScreen", 44),
    ("ScrollLock", 145),
    ("Shift", 16),
    ("Tab", 9),
];

/// Keys by where they are, by their names in `KeyboardEvent.code`, as far as their number is not that of a letter or
/// digit in the name.
const PLACED: &[(&str, u32)] = &[
    ("Backquote", 192),
    ("Backslash", 220),
    ("BracketLeft", 219),
    ("BracketRight", 221),
    ("Comma", 188),
    ("Equal", 187),
    ("IntlBackslash", 226),
    ("Minus", 189),
    ("NumpadAdd", 107),
    ("NumpadDecimal", 110),
    ("NumpadDivide", 111),
    ("NumpadEnter", 13),
    ("NumpadMultiply", 106),
    ("NumpadSubtract", 109),
    ("Period", 190),
    ("Quote", 222),
    ("Semicolon", 186),
    ("Slash", 191),
    ("Space", 32),
];

/// The number of a key, out of what it means and where it is; 0 if it has none.
pub(super) fn number(key: &str, code: &str) -> u32 {
    let find = |table: &[(&str, u32)], name: &str| {
        table.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
    };
    find(NAMED, key)
        .or_else(|| function_key(key))
        // A letter goes by what it means: shortcuts follow the layout that somebody types on.
        .or_else(|| letter(key))
        .or_else(|| find(PLACED, code))
        .or_else(|| digit(code))
        .or_else(|| code.strip_prefix("Key").and_then(letter))
        .or_else(|| (key == " ").then_some(32))
        .unwrap_or(0)
}

fn function_key(key: &str) -> Option<u32> {
    let number: u32 = key.strip_prefix('F')?.parse().ok()?;
    (1..=24).contains(&number).then_some(111 + number)
}

fn letter(key: &str) -> Option<u32> {
    let mut characters = key.chars();
    let only = characters.next().filter(char::is_ascii_alphabetic)?;
    characters.next().is_none().then_some(u32::from(only.to_ascii_uppercase()))
}

fn digit(code: &str) -> Option<u32> {
    let (digit, first) = match code.strip_prefix("Digit") {
        Some(digit) => (digit, 48),
        None => (code.strip_prefix("Numpad")?, 96),
    };
    let digit: u32 = digit.parse().ok()?;
    (digit <= 9).then_some(first + digit)
}

/// On which side of the keyboard a key is: 1 left, 2 right, 3 the block of digits.
pub(super) fn location(code: &str) -> u32 {
    match code {
        "ShiftLeft" | "ControlLeft" | "AltLeft" | "MetaLeft" => 1,
        "ShiftRight" | "ControlRight" | "AltRight" | "MetaRight" => 2,
        _ if code.starts_with("Numpad") => 3,
        _ => 0,
    }
}
