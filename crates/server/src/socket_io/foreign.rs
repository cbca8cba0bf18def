//! Pages of other origins that may talk to us: what their browsers have to be told so that they can read what they poll.
//!
//! Which origins those are was decided before (`origins.allowed`). No cookie counts here, so that browsers may send theirs.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::Response,
};

/// Which methods such pages may use.
const METHODS: &str = "GET, POST";
/// For how many seconds a browser need not ask again.
const ASKED_FOR: &str = "600";
/// On what else the answer depends.
const VARIES: &str = "Origin";

/// The page that a request came from; none for programs.
pub(super) struct Page {
    origin: Option<HeaderValue>,
    /// The fields that its browser asks for permission to send.
    wanted: Option<HeaderValue>,
}

impl Page {
    pub(super) fn of(request: &Request) -> Self {
        let field = |name| request.headers().get(name).cloned();
        Self {
            origin: field(header::ORIGIN),
            wanted: field(header::ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }

    /// Whether its browser only asks what the page may.
    pub(super) fn only_asks(&self, request: &Request) -> bool {
        let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        self.origin.is_some() && asks && request.method() == Method::OPTIONS
    }

    /// Lets the page read the answer.
    pub(super) fn let_read(self, mut answer: Response) -> Response {
        let fields = answer.headers_mut();
        fields.append(header::VARY, HeaderValue::from_static(VARIES));
        if let Some(origin) = self.origin {
            allow(fields, origin, self.wanted);
        }
        answer
    }
}

fn allow(fields: &mut HeaderMap, origin: HeaderValue, wanted: Option<HeaderValue>) {
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let yes = HeaderValue::from_static("true");
    fields.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    fields.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(ASKED_FOR));
    if let Some(wanted) = wanted {
        fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    }
}
