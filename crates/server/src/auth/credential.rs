//! The name of a credential by which it can be found and revoked without being known.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use sha2::{Digest, Sha256};

/// The SHA-256 of a token's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Credential([u8; 32]);

impl Credential {
    /// The name of that token.
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// The same by its hash.
    pub(crate) fn with_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The hash itself.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Credential {
    type Err = ();

    /// Reads what `Display` writes; capital letters are the same digits.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (digits, []) = text.as_bytes().as_chunks::<2>() else { return Err(()) };
        let digits: &[[u8; 2]; 32] = digits.try_into().map_err(|_| ())?;
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(digits) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(());
            *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).map_err(|_| ())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_char('…')
    }
}
