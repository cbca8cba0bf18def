//! Why a body cannot be read, in words that do not repeat what is in it: there may be a secret in the wrong place.

/// The words without the texts that they quote.
pub(super) fn without_quotes(words: &str) -> String {
    let mut told = String::with_capacity(words.len());
    let mut rest = words.chars();
    while let Some(next) = rest.next() {
        told.push(next);
        if next == '"' {
            told.push_str("…\"");
            while let Some(quoted) = rest.next() {
                match quoted {
                    '\\' => drop(rest.next()),
                    '"' => break,
                    _ => {}
                }
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        for (words, told) in [
            ("missing field `name` at line 1", "missing field `name` at line 1"),
            (
                r#"invalid type: string "a \" b\\", expected u64 at line 1"#,
                r#"invalid type: string "…", expected u64 at line 1"#,
            ),
            (r#""a" and "b"#, r#""…" and "…""#),
        ] {
            assert_eq!(without_quotes(words), told);
        }
        let error = serde_json::from_str::<u64>(r#""hunter2""#).unwrap_err();
        assert!(!without_quotes(&error.to_string()).contains("hunter2"), "{error}");
    }
}
