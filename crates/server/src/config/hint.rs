//! What somebody may have meant who wrote a name that does not exist.

/// The nearest of the known names, if one is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |known: &&str| {
        let lower = known.to_lowercase();
        // Whoever leaves out or mistakes the section still means the same word.
        edits(&name, &lower).min(1 + edits(&last(&name), &last(&lower)))
    };
    let (distance, nearest) = known.map(|known| (distance(&known), known)).min()?;
    let allowed = 1 + name.chars().count() / 4;
    (distance <= allowed).then_some(nearest)
}

/// How many characters have to be added, removed or replaced, or neighbours swapped.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for row in 1..=from.len() {
        let mut current = vec![row; to.len() + 1];
        for column in 1..=to.len() {
            let is_other = usize::from(from[row - 1] != to[column - 1]);
            let replaced = last[column - 1] + is_other;
            let mut fewest = replaced.min(last[column] + 1).min(current[column - 1] + 1);
            let is_swapped = row > 1
                && column > 1
                && from[row - 1] == to[column - 2]
                && from[row - 2] == to[column - 1];
            if is_swapped {
                fewest = fewest.min(before_last[column - 2] + 1);
            }
            current[column] = fewest;
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_lead_to_what_was_meant_and_nonsense_to_nothing() {
        let known =
            ["listen", "data_dir", "commands.timeout", "timing.ping_interval", "auth.secret"];
        let cases = [
            ("lisetn", Some("listen")),
            ("Listen", Some("listen")),
            ("data-dir", Some("data_dir")),
            ("datadir", Some("data_dir")),
            ("command.timeout", Some("commands.timeout")),
            ("timeout", Some("commands.timeout")),
            ("output.timeout", Some("commands.timeout")),
            ("timing.pingintervall", Some("timing.ping_interval")),
            ("colour", None),
            ("", None),
        ];
        for (name, meant) in cases {
            assert_eq!(nearest(name, known.into_iter()), meant, "{name}");
        }
    }

    #[test]
    fn edits_are_counted() {
        for (from, to, count) in
            [("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(edits(from, to), count, "{from} {to}");
        }
    }
}
