//! The result in words and numbers.

use std::collections::BTreeMap;

use super::{
    cells::Cell,
    flood, keys,
    servers::Kind,
    targets::{Measure, TARGETS},
};
use crate::{
    output::line,
    statistics::{LARGEST_FOREIGN_SHARE, LARGEST_SPREAD, SATURATED, median},
};

/// All samples, by cell and server.
#[derive(Default)]
pub(super) struct Results {
    pub(super) floods: BTreeMap<(Cell, Kind), Vec<flood::Sample>>,
    pub(super) keys: BTreeMap<(Cell, Kind), Vec<keys::Sample>>,
}

fn middle<S>(samples: &[S], of: fn(&S) -> f64) -> f64 {
    median(samples.iter().map(of).collect()).unwrap_or(0.0)
}

fn is_disturbed<S>(samples: &[S], foreign: fn(&S) -> f64, value: fn(&S) -> f64) -> bool {
    let values = samples.iter().map(value);
    let spread = values.clone().fold(0.0, f64::max) / values.fold(f64::INFINITY, f64::min);
    middle(samples, foreign) > LARGEST_FOREIGN_SHARE || spread > LARGEST_SPREAD
}

/// Ours over theirs, if there is ours.
fn ratio(ours: Option<f64>, theirs: f64) -> String {
    ours.map_or("-".to_string(), |ours| format!("{:.2}", ours / theirs))
}

impl Results {
    /// Prints the tables, the targets, and what the marks mean.
    pub(super) fn print(&self) {
        line(
            "core 0: the server, and the product's agent beside it. core 1: viewers, and the program",
        );
        line("in the terminal. MB and GB are of what the program printed, before any encoding.");
        for cell in Cell::ALL {
            if cell.viewers().is_some() {
                self.print_flood(cell);
            } else {
                self.print_keys(cell);
            }
        }
        line("\nG: the generator's core was at its limit, compare CPU.");
        line("D: disturbed by others, or repetitions apart.");
        self.print_targets();
    }

    fn print_flood(&self, cell: Cell) {
        let rows: Vec<_> = Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.floods.get(&(cell, kind))?)))
            .collect();
        if rows.is_empty() {
            return;
        }
        line(&format!("\n{}", cell.name()));
        line(&format!(
            "  {:<10}{:>8}{:>8}{:>13}{:>12}{:>14}{:>15}  {}",
            "",
            "s",
            "MB/s",
            "server s/GB",
            "agent s/GB",
            "product is ×",
            "product CPU ×",
            "every byte"
        ));
        let ours = self.floods.get(&(cell, Kind::Product));
        for (kind, samples) in rows {
            let of = |field: fn(&flood::Sample) -> f64| middle(samples, field);
            let agent = if kind == Kind::Product {
                format!("{:.1}", of(|sample| sample.agent))
            } else {
                "-".to_string()
            };
            let ours = |field: fn(&flood::Sample) -> f64| ours.map(|ours| middle(ours, field));
            line(&format!(
                "  {:<10}{:>8.2}{:>8.0}{:>13.1}{:>12}{:>14}{:>15}  {} {}{}",
                kind.name(),
                of(|sample| sample.seconds),
                of(|sample| sample.rate),
                of(|sample| sample.server),
                agent,
                ratio(ours(|sample| sample.rate), of(|sample| sample.rate)),
                ratio(
                    ours(|sample| sample.server + sample.agent),
                    of(|sample| sample.server + sample.agent)
                ),
                completeness(samples),
                if of(|sample| sample.generator) > SATURATED { "G" } else { "" },
                if is_disturbed(samples, |sample| sample.foreign, |sample| sample.rate) {
                    "D"
                } else {
                    ""
                },
            ));
        }
    }

    fn print_keys(&self, cell: Cell) {
        let rows: Vec<_> = Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.keys.get(&(cell, kind))?)))
            .collect();
        if rows.is_empty() {
            return;
        }
        line(&format!("\n{}", cell.name()));
        line(&format!(
            "  {:<10}{:>10}{:>10}{:>16}{:>16}",
            "", "p50 ms", "p99 ms", "product p50 ×", "product p99 ×"
        ));
        let ours = self.keys.get(&(cell, Kind::Product));
        for (kind, samples) in rows {
            let of = |field: fn(&keys::Sample) -> f64| middle(samples, field);
            let ours = |field: fn(&keys::Sample) -> f64| ours.map(|ours| middle(ours, field));
            let (p50, p99) = (of(|sample| sample.median), of(|sample| sample.slowest_hundredth));
            line(&format!(
                "  {:<10}{p50:>10.3}{p99:>10.3}{:>16}{:>16} {}",
                kind.name(),
                ratio(ours(|sample| sample.median), p50),
                ratio(ours(|sample| sample.slowest_hundredth), p99),
                if is_disturbed(samples, |sample| sample.foreign, |sample| sample.median) {
                    "D"
                } else {
                    ""
                },
            ));
        }
    }

    fn measured(&self, cell: Cell, measure: Measure) -> Option<f64> {
        let place = (cell, Kind::Product);
        Some(match measure {
            Measure::Server => middle(self.floods.get(&place)?, |sample| sample.server),
            Measure::Agent => middle(self.floods.get(&place)?, |sample| sample.agent),
            Measure::Median => middle(self.keys.get(&place)?, |sample| sample.median),
            Measure::SlowestHundredth => {
                middle(self.keys.get(&place)?, |sample| sample.slowest_hundredth)
            }
        })
    }

    fn print_targets(&self) {
        line("\ntargets");
        for target in TARGETS {
            let (verdict, value) = match self.measured(target.cell, target.measure) {
                Some(value) if value <= target.bound => ("ok   ", format!("{value:.2}")),
                Some(value) => ("above", format!("{value:.2}")),
                None => ("-    ", "-".to_string()),
            };
            line(&format!("  {verdict} {value:>8}   {}", target.words()));
        }
    }
}

/// How many viewers got everything, over all repetitions, and what became of the others.
fn completeness(samples: &[flood::Sample]) -> String {
    let sum = |of: fn(&flood::Sample) -> usize| samples.iter().map(of).sum::<usize>();
    let (complete, viewers) = (sum(|sample| sample.complete), sum(|sample| sample.viewers));
    let resyncs: u64 = samples.iter().map(|sample| sample.resyncs).sum();
    if complete == viewers {
        return "all".to_string();
    }
    let delivered = middle(samples, |sample| sample.delivered) * 100.0;
    format!("{complete} of {viewers}; {delivered:.1} % delivered, {resyncs} resyncs")
}
