//! The result in words and numbers.

use std::collections::BTreeMap;

use crate::{
    cells::Cell,
    output::line,
    server::Kind,
    statistics::{Sample, Summary, summarize},
    targets::TARGETS,
};

/// All samples, by cell and server.
#[derive(Default)]
pub(crate) struct Results {
    samples: BTreeMap<(Cell, Kind), Vec<Sample>>,
}

impl Results {
    /// Adds one.
    pub(crate) fn add(&mut self, cell: Cell, server: Kind, sample: Sample) {
        self.samples.entry((cell, server)).or_default().push(sample);
    }

    fn summary(&self, cell: Cell, server: Kind) -> Option<Summary> {
        summarize(self.samples.get(&(cell, server))?)
    }

    /// Prints the table, the targets, and what the marks mean.
    pub(crate) fn print(&self) {
        for cell in Cell::ALL {
            if Kind::ALL.iter().any(|&kind| self.summary(cell, kind).is_some()) {
                self.print_cell(cell);
            }
        }
        line(
            "\nG: the generator was at its own limit, compare CPU. D: disturbed by others, or repetitions apart.",
        );
        self.print_targets();
    }

    fn print_cell(&self, cell: Cell) {
        line(&format!("\n{}", cell.name()));
        let unit = if cell == Cell::Idle { "connects/s" } else { "deliveries/s" };
        let memory = if cell == Cell::Idle { "bytes each" } else { "" };
        let head = [unit, "CPU µs each", "product is ×", "product CPU ×", memory];
        line(&format!(
            "  {:<10}{:>14}{:>14}{:>16}{:>16}{:>12}",
            "", head[0], head[1], head[2], head[3], head[4]
        ));
        let ours = self.summary(cell, Kind::Product);
        for kind in Kind::ALL {
            let Some(summary) = self.summary(cell, kind) else { continue };
            let ratio = |of: fn(&Summary) -> f64| {
                ours.as_ref()
                    .map_or("-".to_string(), |ours| format!("{:.2}", of(ours) / of(&summary)))
            };
            let memory =
                if cell == Cell::Idle { format!("{:.0}", summary.memory) } else { String::new() };
            line(&format!(
                "  {:<10}{:>14.0}{:>14.3}{:>16}{:>16}{:>12} {}{}",
                kind.name(),
                summary.rate,
                summary.cpu,
                ratio(|summary| summary.rate),
                ratio(|summary| summary.cpu),
                memory,
                if summary.is_saturated { "G" } else { "" },
                if summary.is_disturbed { "D" } else { "" },
            ));
        }
    }

    fn print_targets(&self) {
        let of = |cell: Cell, kind: Kind| self.summary(cell, kind);
        let measured: Vec<_> =
            TARGETS.iter().filter_map(|target| Some((target, target.value(of)?))).collect();
        if measured.is_empty() {
            return;
        }
        line("\ntargets");
        for (target, value) in measured {
            let verdict = if target.is_reached_by(value) { "ok   " } else { "below" };
            line(&format!("  {verdict} {value:>10.2}   {}", target.words()));
        }
    }
}
