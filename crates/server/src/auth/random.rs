//! Secrets that nobody can guess, as text.

use std::io;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// How many random bytes a secret has.
const BYTES: usize = 32;
/// Letters that nobody takes for others, and that make no words.
const LETTERS: &[u8; 16] = b"BCDFGHJKLMNPQRST";

/// A secret for programs.
pub(crate) fn secret() -> io::Result<String> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

/// Eight letters for people to read and type, such as `BCDF-GHJK`.
pub(crate) fn letters() -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    let letters = random.map(|byte| char::from(LETTERS[usize::from(byte & 15)]));
    let (first, second) = letters.split_at(4);
    Ok(format!("{}-{}", String::from_iter(first), String::from_iter(second)))
}
