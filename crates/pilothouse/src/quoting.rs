//! Turns arguments back into one shell line.

/// One argument is the line as it is; several are quoted, so that the shell sees the same words.
pub(crate) fn line_of(arguments: &[String]) -> String {
    match arguments {
        [line] => line.clone(),
        _ => arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" "),
    }
}

fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,@%+".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_argument_is_the_line_and_several_keep_their_borders() {
        let cases: [(&[&str], &str); 5] = [
            (&["ls -la | wc -l"], "ls -la | wc -l"),
            (&["ls", "-la"], "ls -la"),
            (&["echo", "a b", "$HOME"], "echo 'a b' '$HOME'"),
            (&["echo", "it's"], r"echo 'it'\''s'"),
            (&["printf", ""], "printf ''"),
        ];
        for (arguments, line) in cases {
            let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
            assert_eq!(line_of(&arguments), line);
        }
    }
}
