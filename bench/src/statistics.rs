//! Samples of one cell, and what is said of several.

use std::{fmt, time::Duration};

/// Repetitions that differ by more than this were disturbed.
pub(crate) const LARGEST_SPREAD: f64 = 1.3;

/// More than this share of a core used by others disturbs.
pub(crate) const LARGEST_FOREIGN_SHARE: f64 = 0.1;

/// From this share on the generator is at its own limit.
pub(crate) const SATURATED: f64 = 0.95;

/// One repetition of one cell with one server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sample {
    /// Deliveries per second; for handshakes, connections per second.
    pub(crate) rate: f64,
    /// Server CPU per delivery or connection, in microseconds; the same number as seconds per million.
    pub(crate) cpu: f64,
    /// Resident bytes per connection, where that is measured.
    pub(crate) memory: f64,
    /// The share of time that the generator was busy.
    pub(crate) generator: f64,
    /// The share of the server's core, or the generator's if that is worse, that others used.
    pub(crate) foreign: f64,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, {:.2} µs each", self.rate, self.cpu)?;
        write!(
            f,
            ", generator {:.0} %, others {:.0} %",
            self.generator * 100.0,
            self.foreign * 100.0
        )
    }
}

/// The medians of several repetitions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Summary {
    pub(crate) rate: f64,
    pub(crate) cpu: f64,
    pub(crate) memory: f64,
    pub(crate) is_saturated: bool,
    pub(crate) is_disturbed: bool,
}

/// Sums up; `None` without samples.
pub(crate) fn summarize(samples: &[Sample]) -> Option<Summary> {
    let of = |field: fn(&Sample) -> f64| median(samples.iter().map(field).collect());
    let rates = samples.iter().map(|sample| sample.rate);
    let spread = rates.clone().fold(0.0, f64::max) / rates.fold(f64::INFINITY, f64::min);
    Some(Summary {
        rate: of(|sample| sample.rate)?,
        cpu: of(|sample| sample.cpu)?,
        memory: of(|sample| sample.memory)?,
        is_saturated: of(|sample| sample.generator)? > SATURATED,
        is_disturbed: of(|sample| sample.foreign)? > LARGEST_FOREIGN_SHARE
            || spread > LARGEST_SPREAD,
    })
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// `count` per `time`, as a rate.
#[expect(clippy::cast_precision_loss, reason = "a rate of up to some millions")]
pub(crate) fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(1e-9)
}

/// `time` per one of `count`, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "a mean over up to some millions")]
pub(crate) fn microseconds_each(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rate: f64, foreign: f64, generator: f64) -> Sample {
        Sample { rate, cpu: 1.0, memory: 0.0, generator, foreign }
    }

    #[test]
    fn the_median_counts_and_disturbances_are_marked() {
        let calm = [sample(10.0, 0.0, 0.5), sample(12.0, 0.0, 0.5), sample(11.0, 0.5, 0.5)];
        let summary = summarize(&calm).unwrap();
        assert!(
            (summary.rate - 11.0).abs() < 1e-9 && !summary.is_disturbed && !summary.is_saturated
        );
        let wide = [sample(10.0, 0.0, 0.99), sample(14.0, 0.0, 0.99)];
        let summary = summarize(&wide).unwrap();
        assert!(summary.is_disturbed && summary.is_saturated);
        let crowded = [sample(10.0, 0.2, 0.5); 3];
        assert!(summarize(&crowded).unwrap().is_disturbed);
        assert_eq!(summarize(&[]), None);
    }
}
