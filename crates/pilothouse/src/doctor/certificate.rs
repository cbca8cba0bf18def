//! For how long a server's certificate is good. Whether it is trusted was decided when the connection was made.

use std::time::Duration;

use super::Finding;

/// Whoever renews by hand needs some time for it, and whoever automated it sees here that it does not work.
const SOON: Duration = Duration::from_secs(14 * 86_400);

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const SHORT_TIME: u8 = 0x17;
const LONG_TIME: u8 = 0x18;

/// How long that certificate is good for, from now on.
pub(super) fn lifetime(der: &[u8], now_ms: i64) -> Option<Finding> {
    let check = "certificate";
    let until = not_after(der)?;
    let left = until.as_millisecond() - now_ms;
    let days = left / 86_400_000;
    let day = until.strftime("%Y-%m-%d");
    Some(match Duration::from_millis(u64::try_from(left).unwrap_or(0)) {
        left if left < SOON => {
            let sentence = format!("good until {day}, {days} days from now; renew it");
            Finding::warning(check, sentence)
        }
        _ => Finding::ok(check, format!("trusted, and good until {day}")),
    })
}

/// The end of the validity: certificate, its signed part, and behind version, number, algorithm and issuer a pair of times.
fn not_after(der: &[u8]) -> Option<jiff::Timestamp> {
    let (_, certificate, _) = element(der)?;
    let (_, mut rest, _) = element(certificate)?;
    for tag in [VERSION, INTEGER, SEQUENCE, SEQUENCE] {
        let (found, _, after) = element(rest)?;
        match found {
            _ if found == tag => rest = after,
            // The oldest kind of certificate has no version.
            INTEGER if tag == VERSION => {}
            _ => return None,
        }
    }
    let (_, validity, _) = element(rest).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, _, second) = element(validity)?;
    let (tag, text, _) = element(second)?;
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        // Two digits of a year stand for 1950 to 2049.
        SHORT_TIME if text.get(..2)? >= "50" => format!("19{text}"),
        SHORT_TIME => format!("20{text}"),
        LONG_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (day, hour) = ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(8, 10)?, part(10, 12)?));
    let second = part(12, 14)?;
    format!("{}-{}-{}T{}:{}:{second}Z", day.0, day.1, day.2, hour.0, hour.1).parse().ok()
}

/// Tag and content of the first element of DER, and what comes after it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if length.len() > 4 {
            return None;
        }
        (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        let head = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head, content.to_vec()].concat()
    }

    fn certificate(has_version: bool, end: Vec<u8>) -> Vec<u8> {
        let start = tlv(SHORT_TIME, b"200101000000Z");
        let version = if has_version { tlv(VERSION, &tlv(INTEGER, &[2])) } else { Vec::new() };
        let issuer = tlv(SEQUENCE, &[0x31; 100]);
        let validity = tlv(SEQUENCE, &[start, end].concat());
        let signed = [version, tlv(INTEGER, &[1]), tlv(SEQUENCE, &[]), issuer, validity].concat();
        tlv(SEQUENCE, &tlv(SEQUENCE, &signed))
    }

    #[test]
    fn the_end_is_found_in_every_kind_of_certificate() {
        let ends = [
            (tlv(SHORT_TIME, b"261231235959Z"), "2026-12-31T23:59:59Z"),
            (tlv(SHORT_TIME, b"991231235959Z"), "1999-12-31T23:59:59Z"),
            (tlv(LONG_TIME, b"40960101000000Z"), "4096-01-01T00:00:00Z"),
        ];
        for (end, expected) in ends {
            for has_version in [true, false] {
                let found = not_after(&certificate(has_version, end.clone()));
                assert_eq!(found.unwrap().to_string(), expected);
            }
        }
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        let whole = certificate(true, tlv(LONG_TIME, b"40960101000000Z"));
        for length in 0..whole.len() {
            assert!(not_after(&whole[..length]).is_none());
        }
        assert!(not_after(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_none());
        assert!(not_after(&certificate(true, tlv(SHORT_TIME, b"no time at a"))).is_none());
    }

    #[test]
    fn an_end_that_is_near_is_a_warning() {
        let der = certificate(true, tlv(SHORT_TIME, b"261231000000Z"));
        let end = not_after(&der).unwrap().as_millisecond();
        let day = 86_400_000;
        assert_eq!(lifetime(&der, end - 15 * day).unwrap().verdict, Verdict::Ok);
        let soon = lifetime(&der, end - 3 * day).unwrap();
        assert_eq!(soon.verdict, Verdict::Warning);
        assert!(soon.sentence.contains("3 days"), "{}", soon.sentence);
    }
}
