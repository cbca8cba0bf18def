//! Where a token may stand in an upgrade request: header, query or subprotocol, and only once.

/// The subprotocol that is selected when a token comes as one.
const SELECTED: &str = "pilothouse.v1";
/// What a subprotocol that is a token begins with.
const BEARER: &str = "bearer.";

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) token: Option<String>,
    /// The query without tokens.
    pub(crate) query: Vec<(String, String)>,
    /// What to answer the offered subprotocols with.
    pub(crate) subprotocol: Option<&'static str>,
}

/// Looks for the token of an upgrade request.
pub(crate) fn upgrade<'a>(
    authorizations: impl Iterator<Item = &'a str>,
    query: &str,
    subprotocols: &[String],
) -> Result<Found, &'static str> {
    let mut tokens = Vec::new();
    for value in authorizations {
        let token = bearer(value).ok_or("the authorization header is not a bearer token")?;
        tokens.push(token.to_owned());
    }
    if tokens.len() > 1 {
        return Err("there are several authorization headers");
    }
    let (in_query, query): (Vec<_>, Vec<_>) =
        pairs(query).into_iter().partition(|(name, _)| name == "token");
    if in_query.len() > 1 {
        return Err("there are two tokens in the query");
    }
    tokens.extend(in_query.into_iter().map(|(_, token)| token));
    let offered = subprotocols.iter().filter_map(|offered| offered.strip_prefix(BEARER));
    tokens.extend(offered.map(str::to_owned));
    let first = tokens.first().cloned();
    if tokens.iter().any(|token| Some(token) != first.as_ref()) {
        return Err("there are several different tokens");
    }
    let subprotocol = subprotocols.iter().any(|offered| offered == SELECTED).then_some(SELECTED);
    Ok(Found { token: first, query, subprotocol })
}

/// The token in an `Authorization` header.
pub(crate) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The names and values of a query, decoded.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let hex =
            |place: usize| others.get(place).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &others[2..];
            }
            (b'+', _, _) => {
                bytes.push(b' ');
                rest = others;
            }
            _ => {
                bytes.push(first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(
        header: Option<&str>,
        query: &str,
        offered: &[&str],
    ) -> Result<Option<String>, &'static str> {
        let offered: Vec<_> = offered.iter().map(ToString::to_string).collect();
        upgrade(header.into_iter(), query, &offered).map(|found| found.token)
    }

    #[test]
    fn a_token_comes_in_three_ways() {
        let some = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(token(Some("Bearer abc"), "", &[]), some("abc"));
        assert_eq!(token(Some("bearer abc"), "token=abc", &[]), some("abc"));
        assert_eq!(token(None, "x=1&token=a%2Eb", &[]), some("a.b"));
        assert_eq!(token(None, "", &["pilothouse.v1", "bearer.abc"]), some("abc"));
        assert_eq!(token(None, "tokens=abc", &["chat"]), Ok(None));
    }

    #[test]
    fn two_tokens_are_refused() {
        assert!(token(None, "token=a&token=a", &[]).is_err());
        assert!(token(Some("Bearer a"), "token=b", &[]).is_err());
        assert!(token(Some("Basic abc"), "", &[]).is_err());
        assert!(token(None, "token=a", &["bearer.b"]).is_err());
        assert!(upgrade(["Bearer a", "Bearer a"].into_iter(), "", &[]).is_err());
    }

    #[test]
    fn only_our_subprotocol_is_selected() {
        let offered = ["bearer.abc".to_owned(), "pilothouse.v1".to_owned()];
        assert_eq!(
            upgrade(std::iter::empty(), "", &offered).unwrap().subprotocol,
            Some("pilothouse.v1")
        );
        assert_eq!(upgrade(std::iter::empty(), "", &offered[..1]).unwrap().subprotocol, None);
    }
}
