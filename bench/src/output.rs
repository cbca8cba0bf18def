//! The only place that prints.

/// A line of the result.
#[expect(clippy::print_stdout, reason = "the result goes to standard output")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// A line about what goes on, beside the result.
#[expect(clippy::print_stderr, reason = "progress goes to standard error")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}
