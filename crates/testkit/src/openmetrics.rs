//! A strict reader of OpenMetrics texts: it refuses what a scraper might only grumble about.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

/// One family of metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Family {
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// What is said about it.
    pub help: String,
    /// Each sample, by its name and labels as they are written.
    pub samples: BTreeMap<String, f64>,
}

/// Reads a whole exposition.
pub fn read(text: &str) -> Result<BTreeMap<String, Family>> {
    let body = text.strip_suffix("# EOF\n").context("the last line is not # EOF")?;
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut current = String::new();
    for line in body.lines() {
        let context = || format!("in the line {line:?}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').with_context(context)?;
            ensure!(is_name(name), "{name:?} is no name");
            ensure!(!families.contains_key(name), "the family {name} comes twice");
            let family = Family { help: help.to_owned(), ..Family::default() };
            families.insert(name.to_owned(), family);
            name.clone_into(&mut current);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').with_context(context)?;
            ensure!(name == current, "{name} has no HELP before its TYPE");
            let family = families.get_mut(name).with_context(context)?;
            ensure!(family.kind.is_empty(), "{name} has two types");
            kind.clone_into(&mut family.kind);
        } else {
            let (sample, value) = line.rsplit_once(' ').with_context(context)?;
            let family = families.get_mut(&current).with_context(context)?;
            check_sample(sample, &current, &family.kind).with_context(context)?;
            let value = value.parse().with_context(context)?;
            let before = family.samples.insert(sample.to_owned(), value);
            ensure!(before.is_none(), "{sample} comes twice");
        }
    }
    for (name, family) in &families {
        if family.kind == "histogram" {
            check_histogram(name, family).with_context(|| name.clone())?;
        }
    }
    Ok(families)
}

fn check_sample(sample: &str, family: &str, kind: &str) -> Result<()> {
    let (name, labels) = match sample.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').context("no closing brace")?),
        None => (sample, ""),
    };
    let suffix = name.strip_prefix(family).context("it belongs to another family")?;
    let is_known = match kind {
        "gauge" => suffix.is_empty(),
        "counter" => suffix == "_total",
        "histogram" => ["_sum", "_count", "_bucket"].contains(&suffix),
        _ => bail!("the type {kind:?} is not expected here"),
    };
    ensure!(is_known, "a {kind} has no sample {name}");
    let mut seen = BTreeSet::new();
    for label in labels.split_terminator(',') {
        let (name, value) = label.split_once('=').context("a label without a value")?;
        ensure!(is_name(name) && seen.insert(name), "the label {name:?} is wrong or comes twice");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let value = value.context("a label's value is not quoted")?;
        ensure!(!value.contains(['"', '\\', '\n']), "the value {value:?} needs escaping");
    }
    Ok(())
}

fn check_histogram(name: &str, family: &Family) -> Result<()> {
    let prefix = format!("{name}_bucket{{le=\"");
    let mut buckets = Vec::new();
    for (sample, count) in &family.samples {
        if let Some(bound) = sample.strip_prefix(&prefix).and_then(|b| b.strip_suffix("\"}")) {
            buckets.push((bound.parse::<f64>()?, *count));
        }
    }
    buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
    ensure!(buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1), "buckets do not add up");
    let (bound, all) = buckets.last().context("no buckets")?;
    ensure!(bound.is_infinite(), "the last bucket has a bound");
    let count = family.samples.get(&format!("{name}_count")).context("no count")?;
    ensure!(count == all, "the count is not that of the last bucket");
    ensure!(family.samples.contains_key(&format!("{name}_sum")), "no sum");
    Ok(())
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scraper_would_refuse_is_refused() {
        let good = "# HELP a_b Of b\n# TYPE a_b counter\na_b_total{c=\"d\"} 1\n# EOF\n";
        assert_eq!(read(good).unwrap()["a_b"].samples["a_b_total{c=\"d\"}"], 1.0);
        let (head, _) = good.split_once("# EOF").unwrap();
        for bad in [
            head,
            &format!("{head}{good}"),
            &good.replace("_total", ""),
            &good.replace("counter", "gauge"),
            &good.replace("\"d\"", "d"),
            &good.replace("} 1", ",c=\"e\"} 1"),
            &good.replace("# TYPE a_b counter\n", ""),
            &good.replace(" 1", " one"),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
