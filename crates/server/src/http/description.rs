//! The OpenAPI document: made from the routes themselves, completed with what all of them have in common.

use std::sync::{Arc, LazyLock};

use axum::{Router, http::header, response::IntoResponse, routing::get};
use utoipa::{
    OpenApi as _, PartialSchema,
    openapi::{
        Content, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::gateway::Shared;

/// The document itself, which is the same as long as the program is.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = complete(super::described().to_openapi());
    let text = document.to_pretty_json().unwrap_or_default();
    text + "\n"
});

/// The families whose refusals are those of mission control.
const MISSION_CONTROL: [&str; 6] =
    ["activity", "agents", "users", "audit-logs", "auth", "agent-keys"];

/// What the field says that names a request.
const KEY: &str = "1 to 255 visible characters of the client's, in quotation marks or bare. The same request under the \
                   same key is done once and answered again, with `Idempotent-Replayed: true`.";

/// What the document says of itself.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Pilothouse",
        description = "One server from which people steer AI agents. Sockets are described elsewhere. Routes below \
            `/api/v1` refuse with problems of RFC 9457, list a page at a time (`next` is what `after` or `before` has to \
            be for the page behind, and stands in the field `Link` too), and take an `Idempotency-Key` with each POST.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(super::sessions::remove_worktree),
    tags(
        (name = "agents", description = "Who there is, and control over whole agents."),
        (name = "attention", description = "What waits for a person."),
        (name = "audit", description = "Who did what, when, from where, with which result."),
        (name = "commands", description = "Command lines: queued, found, read, moved and ended."),
        (name = "emergency-stop", description = "Everything at once."),
        (name = "keys", description = "Keys of agents."),
        (name = "presets", description = "Command lines kept under names."),
        (name = "runs", description = "Browser tasks, done by agents step by step."),
        (name = "search", description = "Output found by its words."),
        (name = "sessions", description = "Directories on agents, and the terminals in them."),
        (name = "users", description = "Accounts."),
        (name = "webhooks", description = "Addresses elsewhere that are told of what people should know."),
        (name = "control-and-stream", description = "The routes of the control and stream protocol's front ends."),
        (name = "mission-control", description = "The routes of mission control's front ends."),
        (name = "sessions-and-workers", description = "The routes of the sessions and workers protocol's front ends."),
    ),
    components(schemas(
        super::sessions::ErrorBody,
        super::problem::ProblemShape,
        super::runs::FailureShape,
        super::envelope::DenialShape,
        super::control_and_stream::RefusalShape
    ))
)]
struct Introduction;

/// The document as text.
pub fn openapi() -> &'static str {
    &DOCUMENT
}

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/api/openapi.json", get(document))
}

async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi())
}

/// An empty router whose document has its introduction.
pub(super) fn introduced() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(Introduction::openapi())
}

/// Adds what no route says of itself: its token, the parts of its path, its errors, and to whom it belongs.
fn complete(mut document: OpenApi) -> OpenApi {
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_with(Default::default);
    components.security_schemes.insert("token".into(), RefOr::T(bearer));
    for (status, description) in REFUSALS {
        let refusal = refusal(Family::Own, description);
        components.responses.insert(refusal_name(status), RefOr::T(refusal));
    }
    document.security = Some(vec![SecurityRequirement::new("token", [""; 0])]);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            complete_operation(method, path, operation);
        }
    }
    document
}

/// To which part of the document a path belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// `/api/v1`, refused with problems.
    Own,
    ControlAndStream,
    MissionControl,
    Runs,
    SessionsAndWorkers,
}

impl Family {
    fn of(path: &str) -> Self {
        if super::control_and_stream::is_own(path) {
            return Self::ControlAndStream;
        }
        let family = path.strip_prefix("/api/").and_then(|path| path.split('/').next());
        match family {
            Some("v1") => Self::Own,
            Some("agent" | "runs") => Self::Runs,
            Some(family) if MISSION_CONTROL.contains(&family) => Self::MissionControl,
            _ => Self::SessionsAndWorkers,
        }
    }

    /// What generated clients group its operations by.
    fn tag(self, path: &str) -> String {
        let named = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        match self {
            Self::Own => named(path.trim_start_matches("/api/v1/")),
            Self::ControlAndStream => "control-and-stream".to_owned(),
            Self::MissionControl => "mission-control".to_owned(),
            Self::Runs => "runs".to_owned(),
            Self::SessionsAndWorkers => "sessions-and-workers".to_owned(),
        }
    }

    /// The schema of a refusal, and its type.
    fn refusal(self) -> (&'static str, &'static str) {
        match self {
            Self::Own => ("Problem", "application/problem+json"),
            Self::ControlAndStream => ("StreamRefusal", "application/json"),
            Self::MissionControl => ("Denial", "application/json"),
            Self::Runs => ("RunFailure", "application/json"),
            Self::SessionsAndWorkers => ("Error", "application/json"),
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// A name for generated clients: `getSessionsBySessionWorkers`, `getMissionControlUsers`, `getV1Sessions`.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    match Family::of(path) {
        // Our own family has routes of the same names.
        Family::MissionControl => name.push_str("MissionControl"),
        Family::Own if path.starts_with("/api/v1/sessions") => name.push_str("V1"),
        Family::Own | Family::ControlAndStream | Family::Runs | Family::SessionsAndWorkers => {}
    }
    for part in path.split(['/', '-']).filter(|part| !matches!(*part, "" | "api" | "v1")) {
        let word = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        name.push_str(if word.is_some() { "By" } else { "" });
        let word = word.unwrap_or(part);
        name.extend(word.chars().take(1).map(|first| first.to_ascii_uppercase()));
        name.extend(word.chars().skip(1));
    }
    name
}

fn complete_operation(method: &str, path: &str, operation: &mut Operation) {
    let family = Family::of(path);
    operation.tags = Some(vec![family.tag(path)]);
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in parts {
        let parameter = parameter(name, ParameterIn::Path).required(Required::True);
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
    }
    let takes_key = family == Family::Own && method == "post";
    if takes_key {
        let parameter = parameter("Idempotency-Key", ParameterIn::Header)
            .required(Required::False)
            .description(Some(KEY));
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
    }
    let refusals = match family {
        Family::Own => refusals_of(method, path, operation),
        Family::ControlAndStream
        | Family::MissionControl
        | Family::Runs
        | Family::SessionsAndWorkers => Vec::new(),
    };
    for status in refusals {
        let refusal = Ref::from_response_name(refusal_name(status));
        operation.responses.responses.insert(status.into(), RefOr::Ref(refusal));
    }
    let other = "Refused: 400, 401, 403, 404, 409, 413, 429 or 503, and why";
    operation.responses.responses.insert("default".into(), RefOr::T(refusal(family, other)));
}

/// How our own family refuses, by status.
const REFUSALS: [(&str, &str); 9] = [
    ("400", "What was sent makes no sense; the detail says why."),
    ("401", "No token, or one that does not count."),
    ("403", "The role, or the token's purpose, does not allow it."),
    ("404", "What it is about is not there."),
    (
        "409",
        "Things are not as they would have to be, such as an agent that is away; or the request with this \
         Idempotency-Key is being done, or its outcome is unknown.",
    ),
    ("413", "The body is too large."),
    ("422", "The Idempotency-Key was used for another request."),
    ("429", "Too often, or a budget is used up."),
    ("503", "Storage, or an agent, does not answer now."),
];

/// The statuses that a route of our own family may refuse with.
fn refusals_of(method: &str, path: &str, operation: &Operation) -> Vec<&'static str> {
    let takes_body = operation.request_body.is_some();
    let takes_parameters = operation.parameters.as_ref().is_some_and(|all| !all.is_empty());
    let is_given = |status: &str| match status {
        "400" => takes_body || takes_parameters,
        "404" => path.contains('{') || takes_body,
        "409" => method != "get",
        "413" => takes_body,
        "422" | "429" => method == "post",
        _ => true,
    };
    REFUSALS.iter().map(|(status, _)| *status).filter(|status| is_given(status)).collect()
}

/// What a refusal is called among the document's components.
fn refusal_name(status: &str) -> String {
    format!("Refused{status}")
}

fn refusal(family: Family, description: &str) -> Response {
    let (schema, content_type) = family.refusal();
    let content = Content::new(Some(Ref::from_schema_name(schema)));
    ResponseBuilder::new().description(description).content(content_type, content).build()
}

fn parameter(name: &str, place: ParameterIn) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(place).schema(Some(String::schema()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_document_says_who_may_ask_and_how_it_refuses() {
        let document: serde_json::Value = serde_json::from_str(openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() > 10, "{paths:?}");
        let mut names = std::collections::BTreeSet::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.contains_key("default"), "{method} {path}");
                assert!(responses.len() > 1, "{method} {path}");
                assert!(operation["summary"].is_string(), "{method} {path}");
                let is_own = path.starts_with("/api/v1/");
                assert_eq!(responses.contains_key("401"), is_own, "{method} {path}");
                let parameters = operation["parameters"].to_string();
                let takes_key = parameters.contains("Idempotency-Key");
                assert_eq!(takes_key, is_own && method == "post", "{method} {path}");
                assert!(names.insert(operation["operationId"].to_string()), "{method} {path}");
            }
        }
        assert_eq!(document["security"][0]["token"], serde_json::json!([]));
    }
}
