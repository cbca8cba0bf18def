//! Just enough reading of Rust for the checks: what is code, what is a literal, which paths are named.

/// What a stretch of source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Code.
    Code,
    /// A comment, documentation included.
    Comment,
    /// A string or character literal, with its quotes.
    Literal,
}

/// Splits a source into stretches, each with the number of its first line.
pub(crate) fn stretches(text: &str) -> Vec<(usize, Kind, &str)> {
    let mut found = Vec::new();
    let (mut line, mut start, mut place) = (1, 0, 0);
    while place < text.len() {
        let before = text[..place].chars().next_back().unwrap_or(' ');
        let Some((kind, length)) = special(&text[place..], before) else {
            place += text[place..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        found.push((line, Kind::Code, &text[start..place]));
        line += text[start..place].matches('\n').count();
        found.push((line, kind, &text[place..place + length]));
        line += text[place..place + length].matches('\n').count();
        place += length;
        start = place;
    }
    found.push((line, Kind::Code, &text[start..]));
    found
}

/// The comment or literal that begins here, if one does, and its length.
fn special(rest: &str, before: char) -> Option<(Kind, usize)> {
    if rest.starts_with("//") {
        return Some((Kind::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        return Some((Kind::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2)));
    }
    if let Some(inner) = rest.strip_prefix('"') {
        return Some((Kind::Literal, 1 + until_quote(inner)));
    }
    if rest.starts_with("r\"") || rest.starts_with("r#") && !is_word(before) {
        let hashes = rest[1..].chars().take_while(|&c| c == '#').count();
        if rest[1 + hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let inner = &rest[hashes + 2..];
            let end = inner.find(&close).map_or(inner.len(), |end| end + close.len());
            return Some((Kind::Literal, hashes + 2 + end));
        }
    }
    let mut characters = rest.strip_prefix('\'')?.char_indices();
    let (_, first) = characters.next()?;
    // `'a` is a lifetime unless a second quote follows the character.
    if first == '\\' {
        let end = rest[2..].char_indices().skip(1).find(|&(_, c)| c == '\'')?.0;
        return Some((Kind::Literal, end + 3));
    }
    let (end, second) = characters.next()?;
    (second == '\'').then_some((Kind::Literal, end + 2))
}

/// The length up to and including the closing quote.
fn until_quote(inner: &str) -> usize {
    let mut escaped = false;
    for (place, character) in inner.char_indices() {
        match character {
            '"' if !escaped => return place + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    inner.len()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The source with comments and literals blanked out; lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for (_, kind, stretch) in stretches(text) {
        if kind == Kind::Code {
            code.push_str(stretch);
        } else {
            code.push(' ');
            code.extend(stretch.chars().filter(|&c| c == '\n'));
        }
    }
    code
}

/// The contents of the string literals, with their lines.
pub(crate) fn strings(text: &str) -> Vec<(usize, &str)> {
    let literals = stretches(text).into_iter().filter(|(_, kind, _)| *kind == Kind::Literal);
    literals.map(|(line, _, literal)| (line, literal.trim_matches(['r', '#', '"']))).collect()
}

/// The source without a test module at its end.
pub(crate) fn without_tests(text: &str) -> &str {
    let inline = text.match_indices("#[cfg(test)]").find(|(place, mark)| {
        let after = text[place + mark.len()..].trim_start();
        after.starts_with("mod ") && after.lines().next().is_some_and(|line| line.ends_with('{'))
    });
    inline.map_or(text, |(place, _)| &text[..place])
}

/// Whether the file holds tests and nothing else.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs")
        || path.contains("/tests/")
        || path.contains("_tests/")
        || path.ends_with(".test.ts")
        || path.ends_with(".test.tsx")
}

/// All paths like `a::b::c` that the code names, `use` lists spelled out, with their lines.
pub(crate) fn paths(code: &str) -> Vec<(usize, String)> {
    let words = words(code);
    let mut found = Vec::new();
    let mut place = 0;
    while place < words.len() {
        if words[place].1 == "use" {
            let end = words[place..].iter().position(|(_, word)| *word == ";");
            let end = end.map_or(words.len(), |length| place + length);
            spell_out(&words[place + 1..end], &mut found);
            place = end;
            continue;
        }
        let (line, first) = words[place];
        let mut path = first.to_string();
        while place + 2 < words.len() && words[place + 1].1 == "::" && is_name(words[place + 2].1) {
            path.push_str("::");
            path.push_str(words[place + 2].1);
            place += 2;
        }
        if path.contains("::") {
            found.push((line, path));
        }
        place += 1;
    }
    found
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single signs, with their lines.
pub(crate) fn words(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (place, text) in code.lines().enumerate() {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                c => c.len_utf8(),
            };
            if !first.is_whitespace() {
                found.push((place + 1, &rest[..length]));
            }
            rest = &rest[length..];
        }
    }
    found
}

fn spell_out(words: &[(usize, &str)], found: &mut Vec<(usize, String)>) {
    let mut outer: Vec<Vec<&str>> = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    let mut fresh = false;
    let mut line = words.first().map_or(0, |(line, _)| *line);
    let mut emit = |fresh: &mut bool, line: usize, path: &[&str]| {
        if std::mem::take(fresh) {
            found.push((line, path.join("::")));
        }
    };
    for &(at, word) in words {
        match word {
            "{" => {
                outer.push(path.clone());
                fresh = false;
            }
            "," | "}" => {
                emit(&mut fresh, line, &path);
                path = outer.last().cloned().unwrap_or_default();
                if word == "}" {
                    outer.pop();
                }
            }
            "self" if !path.is_empty() => fresh = true,
            "*" => fresh = true,
            name if is_name(name) => {
                (fresh, line) = (true, at);
                path.push(name);
            }
            _ => {}
        }
    }
    emit(&mut fresh, line, &path);
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
