//! Moments in queries: whole ones, days, and milliseconds.

use pilothouse_core::time::Timestamp;

/// Which end of a day is meant where only a day is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
}

/// A part of time: from and to, where they are said and not empty.
pub(super) fn span(
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), String> {
    let edge = |text: Option<&str>, edge| {
        text.filter(|text| !text.is_empty()).map(|text| moment(text, edge)).transpose()
    };
    Ok((edge(from, Edge::Start)?, edge(to, Edge::End)?))
}

/// A moment: a whole one, one without a zone (then UTC), a day, or milliseconds.
fn moment(text: &str, edge: Edge) -> Result<Timestamp, String> {
    if let Ok(milliseconds) = text.parse() {
        return Ok(Timestamp(milliseconds));
    }
    let utc = jiff::tz::TimeZone::UTC;
    let found = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        // A date alone parses as a date and time too, so it is asked for first.
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && text.len() <= 10
        {
            let day = if edge == Edge::End { date.tomorrow().ok()? } else { date };
            let start = day.to_zoned(utc.clone()).ok()?.timestamp();
            return start
                .checked_sub(jiff::SignedDuration::from_millis(i64::from(edge == Edge::End)))
                .ok();
        }
        text.parse::<jiff::civil::DateTime>()
            .ok()?
            .to_zoned(utc)
            .ok()
            .map(|zoned| zoned.timestamp())
    });
    let milliseconds = found.and_then(|found| u64::try_from(found.as_millisecond()).ok());
    milliseconds
        .map(Timestamp)
        .ok_or_else(|| "a moment is ISO 8601, a day such as 2026-01-31, or milliseconds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_in_several_ways() {
        let start = |text| moment(text, Edge::Start).map(|at| at.0);
        let end = |text| moment(text, Edge::End).map(|at| at.0);
        assert_eq!(start("2023-11-14T22:13:20.123Z"), Ok(1_700_000_000_123));
        assert_eq!(start("2023-11-14T23:13:20+01:00"), Ok(1_700_000_000_000));
        assert_eq!(start("2023-11-14T22:13:20"), Ok(1_700_000_000_000));
        assert_eq!(start("1700000000123"), Ok(1_700_000_000_123));
        assert_eq!(start("2023-11-14"), Ok(1_699_920_000_000));
        assert_eq!(end("2023-11-14"), Ok(1_699_920_000_000 + 86_400_000 - 1));
        for text in ["yesterday", "2023-14-11", "1969-01-01", "-5", "2023-11-14T"] {
            assert!(start(text).is_err(), "{text}");
        }
    }
}
