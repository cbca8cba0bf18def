//! The head of a request to a proxy: where it is to go, and what the server there is to see of it.

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// A name or an address, without brackets.
    pub(super) host: String,
    /// The port.
    pub(super) port: u16,
}

/// A head that makes sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Where to.
    pub(super) target: Target,
    /// The method, unless a tunnel is wanted, and the whole address.
    pub(super) asked: Option<(String, String)>,
    /// The head as the server is to get it; nothing if the browser wants a tunnel.
    pub(super) forwarded: Option<Vec<u8>>,
}

/// Fields that are between the browser and the proxy. One request a connection is enough here.
const HOP_BY_HOP: &[&str] =
    &["connection", "proxy-connection", "proxy-authorization", "keep-alive"];

impl Head {
    /// Reads a whole head.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(head).ok()?;
        let (line, fields) = text.split_once("\r\n")?;
        let mut words = line.split(' ');
        let (method, uri, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !version.starts_with("HTTP/1.") {
            return None;
        }
        if method == "CONNECT" {
            return Some(Self { target: target(uri, None)?, asked: None, forwarded: None });
        }
        let rest = uri.strip_prefix("http://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let target = target(authority.rsplit('@').next()?, Some(80))?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        let mut forwarded = format!("{method} {slash}{path} {version}\r\n");
        for field in fields.split("\r\n").filter(|field| !field.is_empty()) {
            let name = field.split(':').next().unwrap_or_default();
            if !HOP_BY_HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop)) {
                forwarded.extend([field, "\r\n"]);
            }
        }
        forwarded += "connection: close\r\n\r\n";
        let asked = Some((method.to_owned(), uri.to_owned()));
        Some(Self { target, asked, forwarded: Some(forwarded.into_bytes()) })
    }
}

fn target(authority: &str, usual_port: Option<u16>) -> Option<Target> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = match port.filter(|port| !port.is_empty()) {
        Some(port) => port.parse().ok()?,
        None => usual_port?,
    };
    let is_sound = !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:%~".contains(&byte));
    is_sound.then(|| Target { host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(head: &str) -> Option<(String, u16, Option<String>)> {
        let head = Head::parse(head.as_bytes())?;
        let forwarded = head.forwarded.map(|bytes| String::from_utf8(bytes).unwrap());
        Some((head.target.host, head.target.port, forwarded))
    }

    #[test]
    fn tunnels_and_plain_requests_say_where_they_go() {
        let tunnel = parsed("CONNECT example.org:443 HTTP/1.1\r\nHost: other\r\n\r\n");
        assert_eq!(tunnel, Some(("example.org".into(), 443, None)));
        let tunnel = parsed("CONNECT [::1]:80 HTTP/1.1\r\n\r\n");
        assert_eq!(tunnel, Some(("::1".into(), 80, None)));
        let plain = "GET http://u:p@a.b:81/c?d HTTP/1.1\r\nHost: a.b:81\r\nProxy-Connection: x\r\nX: y\r\n\r\n";
        let forwarded = "GET /c?d HTTP/1.1\r\nHost: a.b:81\r\nX: y\r\nconnection: close\r\n\r\n";
        assert_eq!(parsed(plain), Some(("a.b".into(), 81, Some(forwarded.into()))));
        let (host, port, forwarded) = parsed("GET http://a.b?q HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!((host.as_str(), port), ("a.b", 80));
        assert!(forwarded.unwrap().starts_with("GET /?q HTTP/1.1\r\n"));
    }

    #[test]
    fn what_is_no_request_for_a_proxy_goes_nowhere() {
        for head in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET https://a/ HTTP/1.1\r\n\r\n",
            "GET ftp://a/ HTTP/1.1\r\n\r\n",
            "CONNECT a HTTP/1.1\r\n\r\n",
            "CONNECT a:99999 HTTP/1.1\r\n\r\n",
            "CONNECT :1 HTTP/1.1\r\n\r\n",
            "GET http:///x HTTP/1.1\r\n\r\n",
            "GET http://a/ b HTTP/1.1\r\n\r\n",
            "GET http://a/ SPDY/3\r\n\r\n",
            "GET http://a\\b/ HTTP/1.1\r\n\r\n",
            "",
        ] {
            assert_eq!(parsed(head), None, "{head:?}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_survived(garbage in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Head::parse(&garbage);
            let mut head = b"GET http://".to_vec();
            head.extend(&garbage);
            head.extend(b" HTTP/1.1\r\n\r\n");
            let _ = Head::parse(&head);
        }
    }
}
