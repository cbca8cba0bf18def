//! The negotiation of permessage-deflate (RFC 7692 7.1).

use crate::deflate::Agreed;

/// The only extension there is.
const NAME: &str = "permessage-deflate";

/// One offer, or one answer: a name and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    name: String,
    parameters: Vec<(String, Option<String>)>,
}

/// The offers in one header value, in the client's order of preference.
pub(super) fn offers(value: &str) -> Vec<Offer> {
    let parse = |offer: &str| {
        let mut parts = offer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => {
                let value = value.trim().trim_matches('"').to_owned();
                (name.trim().to_ascii_lowercase(), Some(value))
            }
            None => (part.to_ascii_lowercase(), None),
        });
        Offer { name, parameters: parameters.collect() }
    };
    value.split(',').map(parse).collect()
}

/// What we agree to, or `None` to decline this offer.
pub(super) fn agree(offer: &Offer) -> Option<Agreed> {
    if offer.name != NAME {
        return None;
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut server_window_bits = 15;
    for (name, value) in &offer.parameters {
        if seen.contains(&name.as_str()) {
            return None;
        }
        seen.push(name);
        match (name.as_str(), value.as_deref()) {
            // We keep 15 bits to inflate with, so any window of the client's is fine.
            (
                "server_no_context_takeover"
                | "client_no_context_takeover"
                | "client_max_window_bits",
                None,
            ) => {}
            ("client_max_window_bits", Some(bits)) => drop(window(bits, 8)?),
            // zlib has no window of 8 bits, so that cannot be promised.
            ("server_max_window_bits", Some(bits)) => server_window_bits = window(bits, 9)?,
            _ => return None,
        }
    }
    Some(Agreed { server_window_bits })
}

/// RFC 7692 7.1.2: digits without a leading zero.
fn window(text: &str, smallest: u8) -> Option<u8> {
    if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|bits| (smallest..=15).contains(bits))
}

/// How we say what was agreed.
pub(super) fn answer(agreed: Agreed) -> String {
    let window = match agreed.server_window_bits {
        15 => String::new(),
        bits => format!("; server_max_window_bits={bits}"),
    };
    format!("{NAME}; server_no_context_takeover; client_no_context_takeover{window}")
}

/// What a client of ours offers.
pub(super) const OUR_OFFER: &str =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// What the server's answer to our offer means; `Err` if it is not what we offered.
pub(super) fn accepted(value: &str) -> Result<Agreed, &'static str> {
    let offers = offers(value);
    let [offer] = offers.as_slice() else { return Err("the server chose several extensions") };
    let keeps_no_context =
        offer.parameters.iter().any(|(name, _)| name == "server_no_context_takeover");
    match agree(offer) {
        Some(agreed) if keeps_no_context => Ok(agreed),
        _ => Err("the server chose an extension that was not offered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(value: &str) -> Option<u8> {
        offers(value).iter().find_map(agree).map(|agreed| agreed.server_window_bits)
    }

    #[test]
    fn the_first_acceptable_offer_wins() {
        assert_eq!(first("permessage-deflate"), Some(15));
        assert_eq!(first("permessage-deflate; client_max_window_bits"), Some(15));
        assert_eq!(first("permessage-deflate; server_max_window_bits=10"), Some(10));
        assert_eq!(first("permessage-deflate; server_max_window_bits=\"12\""), Some(12));
        assert_eq!(first("x-webkit-frame, permessage-deflate;server_max_window_bits=9"), Some(9));
        let two = "permessage-deflate; server_max_window_bits=8, permessage-deflate";
        assert_eq!(first(two), Some(15));
    }

    #[test]
    fn odd_offers_are_declined() {
        for odd in [
            "",
            "deflate",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; unknown",
        ] {
            assert_eq!(first(odd), None, "{odd}");
        }
    }
}
