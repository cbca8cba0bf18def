//! Values as people write them: `250ms`, `30s`, `10 KB`, `4 MiB`, lists with commas.

use std::time::Duration;

/// A duration with its unit: ms, s, m, h, d.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let number: u64 =
        number.parse().map_err(|_| wanted(text, "a duration such as 250ms or 30s"))?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wanted(text, "a duration such as 250ms or 30s")),
    };
    let total = number.checked_mul(milliseconds).filter(|total| *total <= 86_400_000 * 3660);
    total.map(Duration::from_millis).ok_or_else(|| wanted(text, "a duration of at most ten years"))
}

/// A size in bytes: a number, or one with KB, MB, GB (of 1000) or KiB, MiB, GiB (of 1024).
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| wanted(text, "a size such as 64 KiB"))?;
    let factor: u64 = match unit {
        "" | "B" => 1,
        "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wanted(text, "a size such as 64 KiB")),
    };
    number.checked_mul(factor).ok_or_else(|| wanted(text, "a smaller size"))
}

/// A whole number.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| wanted(text, "a whole number"))
}

/// On or off.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    text.trim().parse().map_err(|_| wanted(text, "true or false"))
}

/// A text, unless it is empty.
pub(super) fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Words with commas between them.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A path in front of all others: empty, or with a slash in front and none behind.
pub(super) fn base_path(text: &str) -> Result<String, String> {
    let path = text.trim().trim_end_matches('/');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let is_path = path.strip_prefix('/').is_some_and(|path| {
        path.split('/').all(|part| {
            !part.is_empty() && !matches!(part, "." | "..") && part.chars().all(is_plain)
        })
    });
    if path.is_empty() || is_path {
        return Ok(path.to_owned());
    }
    Err(wanted(text, "a path such as /pilot, of letters, digits and -._~"))
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

fn wanted(text: &str, what: &str) -> String {
    format!("`{text}` is not {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_one_or_more_plain_words() {
        assert_eq!(base_path("/"), Ok(String::new()));
        assert_eq!(base_path("/pilot/"), Ok("/pilot".to_owned()));
        assert_eq!(base_path("/a-b/c.d"), Ok("/a-b/c.d".to_owned()));
        for bad in ["pilot", "//pilot", "/a//b", "/..", "/a\"b", "/a b", "http://x/pilot"] {
            assert!(base_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_and_sizes_need_sense() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2 m"), Ok(Duration::from_secs(120)));
        assert_eq!(size("4 MiB"), Ok(4 << 20));
        assert_eq!(size("10 GB"), Ok(10_000_000_000));
        for bad in ["", "30", "s", "-1s", "1.5s", "99999999999999999999s", "30 parsecs"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        for bad in ["", "MB", "1 kb", "99999999999999999999", "9999999999999 GB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
