//! Expressions by which a question is recognised: what each may take, and how it is compiled.
//!
//! How a screen is searched with them is the agent's.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

/// How many patterns one type may have.
pub const MOST_PATTERNS: usize = 50;

/// The longest pattern, in characters.
pub const LONGEST_PATTERN: usize = 500;

/// What one compiled expression may take. Searching is linear in this times the length of the text.
const LARGEST: usize = 128 * 1024;

/// What one expression may take for its cache of states.
const LARGEST_CACHE: usize = 256 * 1024;

/// How deeply groups may be nested.
const DEEPEST: u32 = 30;

/// Why patterns cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There are too many.
    #[error("there may be up to {MOST_PATTERNS} patterns, these are {0}; join some with |")]
    TooMany(usize),
    /// One has the wrong length.
    #[error("pattern {number} has to have 1 to {LONGEST_PATTERN} characters")]
    Length {
        /// Its place in the list, from 1.
        number: usize,
    },
    /// One is no expression that can be searched for in linear time, or a very large one.
    #[error("pattern {number} cannot be used: {reason}")]
    Invalid {
        /// Its place in the list, from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Patterns that were compiled once, so that every agent can use them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedPatterns(Arc<[String]>);

impl CheckedPatterns {
    /// Compiles each of them, which takes milliseconds for long ones: not to be done where others wait.
    pub fn check(patterns: Vec<String>) -> Result<Self, PatternError> {
        compile(&patterns)?;
        Ok(Self(patterns.into()))
    }

    /// The patterns as they were written.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// Compiles patterns as they are written, or says which one cannot be used and why.
pub fn compile<P: AsRef<str>>(patterns: &[P]) -> Result<Vec<Regex>, PatternError> {
    if patterns.len() > MOST_PATTERNS {
        return Err(PatternError::TooMany(patterns.len()));
    }
    let compile_one = |(pattern, number): (&P, usize)| {
        let pattern = pattern.as_ref();
        if !(1..=LONGEST_PATTERN).contains(&pattern.chars().count()) {
            return Err(PatternError::Length { number });
        }
        build(pattern).map_err(|error| PatternError::Invalid { number, reason: reason(&error) })
    };
    patterns.iter().zip(1..).map(compile_one).collect()
}

/// Compiles one expression, which may take no more than all others.
pub fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .multi_line(true)
        .size_limit(LARGEST)
        .dfa_size_limit(LARGEST_CACHE)
        .nest_limit(DEEPEST)
        .build()
}

/// One line for people; the crate draws pictures of several.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "it is too large; use fewer or smaller repetitions".to_owned()
        }
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}
