//! What a request says that its client can read, and has already.

use axum::http::{HeaderMap, HeaderName, header};

use crate::ui::Packings;

/// Which packings the client can unpack.
pub(super) fn packings(fields: &HeaderMap) -> Packings {
    let list = list(fields, &header::ACCEPT_ENCODING).to_ascii_lowercase();
    Packings { brotli: accepts(&list, "br"), gzip: accepts(&list, "gzip") }
}

/// Whether the client asks for a page by name, as browsers do when somebody goes somewhere. A program that takes
/// anything does not.
pub(super) fn wants_page(fields: &HeaderMap) -> bool {
    let list = list(fields, &header::ACCEPT).to_ascii_lowercase();
    weights(&list).any(|(name, is_refused)| name == "text/html" && !is_refused)
}

/// Whether the client has this version. Proxies that pack what passes make tags weak.
pub(super) fn knows(fields: &HeaderMap, etag: &str) -> bool {
    let list = list(fields, &header::IF_NONE_MATCH);
    list.split(',').map(str::trim).any(|known| known.strip_prefix("W/").unwrap_or(known) == etag)
}

/// Whether a list such as `br;q=1.0, gzip;q=0.8` has it, by name or else by `*`, and does not refuse it.
fn accepts(list: &str, wanted: &str) -> bool {
    let of = |wanted: &str| weights(list).find(|(name, _)| *name == wanted);
    of(wanted).or_else(|| of("*")).is_some_and(|(_, is_refused)| !is_refused)
}

/// Each name in the list, and whether its weight is nothing.
fn weights(list: &str) -> impl Iterator<Item = (&str, bool)> {
    list.split(',').map(|one| {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        (name, weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32)))
    })
}

/// All values of a field as the one list that they are.
fn list(fields: &HeaderMap, name: &HeaderName) -> String {
    let values = fields.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn what_can_be_unpacked_is_told_by_the_list() {
        for (list, brotli, gzip) in [
            ("gzip", false, true),
            ("gzip, deflate, br, zstd", true, true),
            ("BR;q=1.0, gzip;q=0.8, *;q=0.1", true, true),
            ("*", true, true),
            ("", false, false),
            ("identity", false, false),
            ("gzip;q=0, *", true, false),
            ("br, gzip; q=0.0", true, false),
        ] {
            let found = packings(&with(header::ACCEPT_ENCODING, list));
            assert_eq!(found, Packings { brotli, gzip }, "{list}");
        }
        assert_eq!(packings(&HeaderMap::new()), Packings::default());
    }

    #[test]
    fn only_who_names_pages_wants_one() {
        let chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for (list, wants) in [
            (chromium, true),
            ("text/html", true),
            ("*/*", false),
            ("application/json, text/plain, */*", false),
            ("text/html;q=0, */*", false),
            ("", false),
        ] {
            assert_eq!(wants_page(&with(header::ACCEPT, list)), wants, "{list}");
        }
    }

    #[test]
    fn a_version_is_known_by_its_tag() {
        for (list, is_known) in [
            ("\"a-br\"", true),
            ("W/\"a-br\"", true),
            ("\"b\", \"a-br\"", true),
            ("\"a\"", false),
            ("", false),
        ] {
            assert_eq!(knows(&with(header::IF_NONE_MATCH, list), "\"a-br\""), is_known, "{list}");
        }
    }
}
