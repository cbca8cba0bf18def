//! What is new on a screen: line by line, so that text which only moved is not new.

use std::sync::LazyLock;

use regex::Regex;

use super::screen::expression;

/// A gauge takes no more lines than this.
const GAUGE: usize = 3;

static SECONDS: LazyLock<Regex> =
    LazyLock::new(|| expression(r"\b\d+(?:\.\d+)? ?s(?:ec|ecs|econds?)?\b"));

/// What one screen shows that the one before did not.
#[derive(Debug, Default)]
pub(super) struct Difference(Vec<Hunk>);

/// Lines that took the place of others.
#[derive(Debug, Default)]
pub(super) struct Hunk {
    pub(super) gone: Vec<String>,
    pub(super) new: Vec<String>,
}

impl Difference {
    /// The shortest way from one to the other. Takes time and space of the product of what differs.
    pub(super) fn between(before: &[String], after: &[String]) -> Self {
        let same = |(one, other): &(&String, &String)| one == other;
        let start = before.iter().zip(after).take_while(same).count();
        let (before, after) = (&before[start..], &after[start..]);
        let end = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
        let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
        Self(hunks(before, after))
    }

    /// Where something is new.
    pub(super) fn new_parts(&self) -> impl Iterator<Item = &Hunk> {
        self.0.iter().filter(|hunk| !hunk.new.is_empty())
    }

    /// Whether all that is new differs from what stood there in digits only, and does not count seconds.
    ///
    /// A spinner that counts the seconds of its work is work; a gauge of memory or cost is not.
    pub(super) fn is_gauge(&self) -> bool {
        let is_gauge = |hunk: &Hunk| {
            let gone: Vec<String> = hunk.gone.iter().map(|line| without_digits(line)).collect();
            let only_digits =
                |line: &String| gone.contains(&without_digits(line)) && !SECONDS.is_match(line);
            hunk.new.iter().all(only_digits)
        };
        self.0.iter().map(|hunk| hunk.new.len()).sum::<usize>() <= GAUGE
            && self.new_parts().all(is_gauge)
    }
}

/// By the longest common subsequence of lines.
fn hunks(before: &[String], after: &[String]) -> Vec<Hunk> {
    let width = after.len() + 1;
    // How many lines can be kept of what follows each pair of places.
    let mut kept = vec![0u16; (before.len() + 1) * width];
    for (row, old) in before.iter().enumerate().rev() {
        for (column, line) in after.iter().enumerate().rev() {
            let below = (row + 1) * width + column;
            kept[row * width + column] = if old == line {
                kept[below + 1] + 1
            } else {
                kept[below].max(kept[row * width + column + 1])
            };
        }
    }
    let mut hunks = Vec::new();
    let mut hunk = Hunk::default();
    let (mut row, mut column) = (0, 0);
    while row < before.len() || column < after.len() {
        let here = row * width + column;
        if row < before.len() && column < after.len() && before[row] == after[column] {
            hunks.push(std::mem::take(&mut hunk));
            (row, column) = (row + 1, column + 1);
        } else if column == after.len()
            || (row < before.len() && kept[here + width] >= kept[here + 1])
        {
            hunk.gone.push(before[row].clone());
            row += 1;
        } else {
            hunk.new.push(after[column].clone());
            column += 1;
        }
    }
    hunks.push(hunk);
    hunks
}

fn without_digits(line: &str) -> String {
    line.chars().filter(|character| !character.is_ascii_digit()).collect()
}
