//! What names, addresses and passwords look like.

use super::super::envelope::{Denial, WrongField};
use crate::auth::reception::LOCAL;

/// An account that is asked for, as it came.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[schema(as = AccountBody)]
pub(super) struct AccountBody {
    /// 3 to 50 letters, digits, `_` and `-`; made from the address or the name if absent.
    pub(super) username: Option<String>,
    /// What people call them; the username if absent.
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// At least 8 characters.
    #[schema(value_type = String, required = true, min_length = 8)]
    pub(super) password: Option<String>,
    /// `admin`, `operator` or `viewer`; `viewer` if absent.
    pub(super) role: Option<String>,
}

/// The same, checked.
pub(super) struct Checked {
    pub(super) username: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) password: String,
}

impl AccountBody {
    /// Everything that is wrong at once.
    pub(super) fn check(self) -> Result<Checked, Denial> {
        let given =
            |text: Option<String>| text.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let (name, email) = (given(self.name), given(self.email));
        let mut wrong = Vec::new();
        let mut note = |is_good: bool, field, message| {
            if !is_good {
                wrong.push(WrongField { field, message });
            }
        };
        let made =
            || made_from(email.as_deref().and_then(|it| it.split('@').next()).or(name.as_deref()));
        let username = given(self.username).or_else(made).unwrap_or_default();
        note(
            is_username(&username),
            "username",
            "has 3 to 50 characters out of A-Z a-z 0-9 _ - and is not `local`",
        );
        let name = name.unwrap_or_else(|| username.clone());
        note(is_line(&name, 100), "name", "has at most 100 characters on one line");
        let is_good = email.as_deref().is_none_or(is_email);
        note(is_good, "email", "is not an address such as ann@example.org");
        let password = self.password.unwrap_or_default();
        note(is_password(&password), "password", PASSWORD);
        if wrong.is_empty() {
            Ok(Checked { username, name, email, password })
        } else {
            Err(Denial::invalid(wrong))
        }
    }
}

/// What a password has to be.
pub(super) const PASSWORD: &str = "has at least 8 characters, and at most 1024 bytes";

/// Whether that can be a password.
pub(super) fn is_password(text: &str) -> bool {
    text.chars().count() >= 8 && text.len() <= 1024
}

fn is_username(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (3..=50).contains(&text.len())
        && text.bytes().all(is_plain)
        // Links that open the page act under that name.
        && !text.eq_ignore_ascii_case(LOCAL)
}

fn is_line(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

fn is_email(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains('@');
    is_line(text, 254)
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(one, other)| is_part(one) && is_part(other))
}

/// A username for those who gave none.
fn made_from(text: Option<&str>) -> Option<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mut made: String = text?.chars().map(plain).take(50).collect();
    while made.len() < 3 {
        made.push('_');
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(username: &str, email: &str, password: &str) -> AccountBody {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        AccountBody {
            username: text(username),
            name: None,
            email: text(email),
            password: text(password),
            role: None,
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let checked = account("ann", "ann@example.org", "12345678").check().ok().unwrap();
        assert_eq!((checked.username.as_str(), checked.name.as_str()), ("ann", "ann"));
        assert_eq!(account("", "j.doe@x.org", "12345678").check().ok().unwrap().username, "j-doe");
        assert_eq!(account("", "é@x.org", "12345678").check().ok().unwrap().username, "-__");
        let fields = |account: AccountBody| -> Vec<_> {
            account.check().err().unwrap().details.iter().map(|wrong| wrong.field).collect()
        };
        assert_eq!(fields(account("a b", "nobody", "1234567")), ["username", "email", "password"]);
        assert_eq!(fields(account("Local", "a@b@c", "pässwörd")), ["username", "email"]);
        assert_eq!(fields(account("", "", &"x".repeat(1025))), ["username", "password"]);
    }
}
