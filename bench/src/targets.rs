//! What the product aims for, as ratios in one run.

use crate::{cells::Cell, server::Kind, statistics::Summary};

/// One aim in one cell.
pub(crate) struct Target {
    pub(crate) cell: Cell,
    /// What is compared, and with whom.
    pub(crate) measure: Measure,
    /// The bound.
    pub(crate) bound: f64,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure {
    /// Our deliveries per second over theirs; at least the bound.
    RateOver(Kind),
    /// Our CPU per delivery over theirs; at most the bound.
    CpuOver(Kind),
    /// Our CPU per connection in microseconds; at most the bound.
    Cpu,
    /// Our bytes per idle connection; at most the bound.
    Memory,
}

const fn target(cell: Cell, measure: Measure, bound: f64) -> Target {
    Target { cell, measure, bound }
}

/// All aims.
pub(crate) const TARGETS: &[Target] = &[
    target(Cell::Bursts100, Measure::RateOver(Kind::Raw), 0.85),
    target(Cell::Bursts100, Measure::RateOver(Kind::Ws), 18.0),
    target(Cell::Bursts100, Measure::RateOver(Kind::Axum), 14.0),
    target(Cell::Bursts100, Measure::RateOver(Kind::Bun), 0.9),
    target(Cell::Bursts1000, Measure::RateOver(Kind::Raw), 0.85),
    target(Cell::Bursts1000, Measure::RateOver(Kind::Ws), 18.0),
    target(Cell::Bursts1000, Measure::RateOver(Kind::Axum), 14.0),
    target(Cell::Bursts1000, Measure::RateOver(Kind::Bun), 0.9),
    target(Cell::Lone1000, Measure::CpuOver(Kind::Raw), 1.15),
    target(Cell::Many100, Measure::RateOver(Kind::Ws), 20.0),
    target(Cell::Many100, Measure::RateOver(Kind::Bun), 1.1),
    target(Cell::Deflated100, Measure::RateOver(Kind::Ws), 50.0),
    target(Cell::Deflated100, Measure::RateOver(Kind::Bun), 15.0),
    target(Cell::Pictures50, Measure::RateOver(Kind::Raw), 0.9),
    target(Cell::Idle, Measure::Cpu, 40.0),
    target(Cell::Idle, Measure::Memory, 3.0 * 1024.0),
];

impl Target {
    /// The measured value, if all that it needs was measured.
    pub(crate) fn value(&self, of: impl Fn(Cell, Kind) -> Option<Summary>) -> Option<f64> {
        let ours = of(self.cell, Kind::Product)?;
        Some(match self.measure {
            Measure::RateOver(other) => ours.rate / of(self.cell, other)?.rate,
            Measure::CpuOver(other) => ours.cpu / of(self.cell, other)?.cpu,
            Measure::Cpu => ours.cpu,
            Measure::Memory => ours.memory,
        })
    }

    /// Whether a value reaches the aim.
    pub(crate) fn is_reached_by(&self, value: f64) -> bool {
        match self.measure {
            Measure::RateOver(_) => value >= self.bound,
            Measure::CpuOver(_) | Measure::Cpu | Measure::Memory => value <= self.bound,
        }
    }

    /// The aim in words.
    pub(crate) fn words(&self) -> String {
        let (name, bound) = (self.cell.name(), self.bound);
        match self.measure {
            Measure::RateOver(other) => format!("{name}: deliveries ≥ {bound} × {}", other.name()),
            Measure::CpuOver(other) => format!("{name}: CPU ≤ {bound} × {}", other.name()),
            Measure::Cpu => format!("{name}: CPU per handshake ≤ {bound} µs"),
            Measure::Memory => format!("{name}: memory per connection ≤ {bound} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_deliveries_and_less_cpu_are_better() {
        let of = |_: Cell, kind: Kind| {
            let rate = if kind == Kind::Product { 20.0 } else { 1.0 };
            Some(Summary { rate, cpu: 2.0, memory: 4000.0, ..Summary::default() })
        };
        let reached = |target: &Target| target.is_reached_by(target.value(of).unwrap());
        assert!(reached(&target(Cell::Many100, Measure::RateOver(Kind::Ws), 20.0)));
        assert!(!reached(&target(Cell::Many100, Measure::RateOver(Kind::Ws), 21.0)));
        assert!(reached(&target(Cell::Lone1000, Measure::CpuOver(Kind::Raw), 1.15)));
        assert!(!reached(&target(Cell::Idle, Measure::Memory, 3072.0)));
        let nothing = |_: Cell, _: Kind| None;
        assert!(TARGETS.iter().all(|target| target.value(nothing).is_none()));
    }
}
