//! What the product aims for in its terminals.

use super::cells::Cell;

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// CPU seconds of the server per GB printed.
    Server,
    /// CPU seconds of the agent per GB printed.
    Agent,
    /// The median echo, in milliseconds.
    Median,
    /// The echo that one of a hundred keys exceeds, in milliseconds.
    SlowestHundredth,
}

/// One aim in one cell: at most the bound.
pub(super) struct Target {
    pub(super) cell: Cell,
    pub(super) measure: Measure,
    pub(super) bound: f64,
}

/// All aims.
pub(super) const TARGETS: &[Target] = &[
    Target { cell: Cell::FloodTwenty, measure: Measure::Server, bound: 12.0 },
    Target { cell: Cell::FloodTwenty, measure: Measure::Agent, bound: 15.0 },
    Target { cell: Cell::EchoBeside, measure: Measure::Median, bound: 0.4 },
    Target { cell: Cell::EchoBeside, measure: Measure::SlowestHundredth, bound: 1.5 },
];

impl Target {
    /// The aim in words.
    pub(super) fn words(&self) -> String {
        let what = match self.measure {
            Measure::Server => "CPU s/GB of the server",
            Measure::Agent => "CPU s/GB of the agent",
            Measure::Median => "p50 in ms",
            Measure::SlowestHundredth => "p99 in ms",
        };
        format!("{}: {what} ≤ {}", self.cell.name(), self.bound)
    }
}
