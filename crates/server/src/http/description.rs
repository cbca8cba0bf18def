//! The OpenAPI document: made from the routes themselves, completed with what all of them have in common.

use std::sync::{Arc, LazyLock};

use axum::{Router, http::header, response::IntoResponse, routing::get};
use utoipa::{
    OpenApi as _, PartialSchema,
    openapi::{
        Content, OpenApi, Ref, RefOr, Required, ResponseBuilder,
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

/// What the document says of itself.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Pilothouse",
        description = "One server from which people steer AI agents. Sockets are described elsewhere.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(super::sessions::remove_worktree),
    components(schemas(super::sessions::ErrorBody, super::problem::ProblemShape))
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
    document.security = Some(vec![SecurityRequirement::new("token", [""; 0])]);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            complete_operation(path, operation);
        }
    }
    document
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

/// A name for generated clients: `getSessionsBySessionWorkers`.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for part in path.split(['/', '-']).filter(|part| !matches!(*part, "" | "api" | "v1")) {
        let word = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        name.push_str(if word.is_some() { "By" } else { "" });
        let word = word.unwrap_or(part);
        name.extend(word.chars().take(1).map(|first| first.to_ascii_uppercase()));
        name.extend(word.chars().skip(1));
    }
    name
}

fn complete_operation(path: &str, operation: &mut Operation) {
    let is_own = path.starts_with("/api/v1/");
    let family = path.trim_start_matches("/api/").trim_start_matches("v1/");
    operation.tags = family.split('/').next().map(|family| vec![family.to_owned()]);
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in parts {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(String::schema()))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    }
    let (schema, content_type) = if is_own {
        ("Problem", "application/problem+json")
    } else {
        ("Error", "application/json")
    };
    let content = Content::new(Some(Ref::from_schema_name(schema)));
    let refusal = ResponseBuilder::new()
        .description("Refused: 400, 401, 403, 404, 409, 413 or 503, and why")
        .content(content_type, content)
        .build();
    operation.responses.responses.insert("default".into(), RefOr::T(refusal));
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
                assert!(names.insert(operation["operationId"].to_string()), "{method} {path}");
            }
        }
        assert_eq!(document["security"][0]["token"], serde_json::json!([]));
    }
}
