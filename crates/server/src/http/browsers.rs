//! `/api/v1/browsers` and `/api/v1/sessions/{session}/browser`: browsers of sessions, seen and driven.

mod shape;

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    Caller, Core, Request,
    browsers::{self, Act, Browser, Go, Lease, TabAct, Viewport},
    ids::{RunId, SessionId},
    runs::{self, Run},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::{Bearer, Reader},
    json_body::JsonBody,
    problem::{Body, Made, Problem, not_found},
};
use crate::gateway::{Relay, Shared};
use shape::BrowserShape;

/// How long an agent has for what it is asked; a browser that is started takes its time.
const WITHIN: Duration = Duration::from_secs(45);
/// What the desk waits longer than the core, so that the core's answer comes first.
const LONGER: Duration = Duration::from_secs(2);

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(open, show, close))
        .routes(routes!(go))
        .routes(routes!(tabs))
        .routes(routes!(resize))
}

#[derive(Serialize, ToSchema)]
struct BrowserReply {
    browser: BrowserShape,
}

/// Browsers, by their sessions.
#[derive(Serialize, ToSchema)]
struct BrowsersReply {
    browsers: Vec<BrowserShape>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    /// What to show first; an empty page if absent.
    url: Option<String>,
    /// How wide its pages are to be, in CSS pixels; 1280 if absent.
    width: Option<u32>,
    /// How high; 720 if absent.
    height: Option<u32>,
}

/// Where to: an address, or a way.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GoBody {
    /// The address.
    url: Option<String>,
    /// `back`, `forward`, `reload` or `stop`, in place of an address.
    action: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TabBody {
    /// `select`, `close` or `new`.
    action: String,
    /// Which tab; not needed for a new one.
    tab: Option<String>,
    /// What to show in a new one.
    url: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResizeBody {
    width: u32,
    height: u32,
}

/// Every browser.
#[utoipa::path(get, path = "/api/v1/browsers", responses((status = 200, body = BrowsersReply)))]
async fn list(State(shared): State<Arc<Shared>>, _: Reader) -> Json<BrowsersReply> {
    let all: Vec<Known> = shared.hub.look(|core, _| {
        let browsers: Vec<_> = core.fleet().view().browsers().cloned().collect();
        browsers.into_iter().map(|browser| Known::of(core, browser)).collect()
    });
    let browsers = all.iter().map(|known| known.shape(&shared.relay)).collect();
    Json(BrowsersReply { browsers })
}

/// Open a session's browser, or show an address in the one that is open.
#[utoipa::path(
    post, path = "/api/v1/sessions/{session}/browser", request_body = OpenBody,
    responses((status = 201, body = BrowserReply, headers(("Location" = String, description = "where the browser is found")))),
)]
async fn open(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<OpenBody>,
) -> Result<Made<BrowserReply>, Problem> {
    let usual = Viewport::default();
    let viewport = (body.width.is_some() || body.height.is_some()).then(|| {
        Viewport::clamped(body.width.unwrap_or(usual.width), body.height.unwrap_or(usual.height))
    });
    let act = Act::Open { url: body.url.map(Into::into), viewport };
    let browser = done(&shared, &caller, &session, act).await?;
    let path = format!("/api/v1/sessions/{session}/browser");
    Ok(Made::new(&shared, &path, Json(BrowserReply { browser })))
}

/// A session's browser.
#[utoipa::path(get, path = "/api/v1/sessions/{session}/browser", responses((status = 200, body = BrowserReply)))]
async fn show(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(session): Path<String>,
) -> Result<Json<BrowserReply>, Problem> {
    Ok(Json(BrowserReply { browser: found(&shared, &session_id(&session)?)? }))
}

/// Close a session's browser, with all that it knows.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}/browser", responses((status = 204)))]
async fn close(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(session): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&shared, &caller, &session_id(&session)?, Act::Close).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show another page in a browser's active tab.
#[utoipa::path(
    post, path = "/api/v1/sessions/{session}/browser/go", request_body = GoBody,
    responses((status = 200, body = BrowserReply)),
)]
async fn go(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<GoBody>,
) -> Result<Json<BrowserReply>, Problem> {
    let go = match (body.url, body.action.as_deref()) {
        (Some(url), None) => Go::To(url.into()),
        (None, Some("back")) => Go::Back,
        (None, Some("forward")) => Go::Forward,
        (None, Some("reload")) => Go::Reload,
        (None, Some("stop")) => Go::Stop,
        _ => return Err(unusable("say a url, or an action: back, forward, reload, stop")),
    };
    let browser = done(&shared, &caller, &session, Act::Go(go)).await?;
    Ok(Json(BrowserReply { browser }))
}

/// Do something with a browser's tabs.
#[utoipa::path(
    post, path = "/api/v1/sessions/{session}/browser/tabs", request_body = TabBody,
    responses((status = 200, body = BrowserReply)),
)]
async fn tabs(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<TabBody>,
) -> Result<Json<BrowserReply>, Problem> {
    let act = match (body.action.as_str(), body.tab) {
        ("new", _) => TabAct::New { url: body.url.map(Into::into) },
        ("select", Some(tab)) => TabAct::Select(tab.into()),
        ("close", Some(tab)) => TabAct::Close(tab.into()),
        _ => return Err(unusable("say new, or select or close with a tab")),
    };
    let browser = done(&shared, &caller, &session, Act::Tab(act)).await?;
    Ok(Json(BrowserReply { browser }))
}

/// Have a browser's pages in another size.
#[utoipa::path(
    post, path = "/api/v1/sessions/{session}/browser/resize", request_body = ResizeBody,
    responses((status = 200, body = BrowserReply)),
)]
async fn resize(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<ResizeBody>,
) -> Result<Json<BrowserReply>, Problem> {
    let act = Act::Resize(Viewport::clamped(body.width, body.height));
    let browser = done(&shared, &caller, &session, act).await?;
    Ok(Json(BrowserReply { browser }))
}

/// Has a browser do something, and says how it is since.
async fn done(
    shared: &Shared,
    caller: &Caller,
    session: &str,
    act: Act,
) -> Result<BrowserShape, Problem> {
    let session = session_id(session)?;
    ask(shared, caller, &session, act).await?;
    found(shared, &session)
}

async fn ask(
    shared: &Shared,
    caller: &Caller,
    session: &SessionId,
    act: Act,
) -> Result<(), Problem> {
    let session = session.clone();
    let request = Request::Browsers(browsers::Request::Act { session, act, within: WITHIN });
    shared.hub.ask(caller, request, WITHIN + LONGER).await?;
    Ok(())
}

fn found(shared: &Shared, session: &SessionId) -> Result<BrowserShape, Problem> {
    // As its agent told before it answered, which viewers may not have been told yet.
    let found = shared.hub.look(|core, _| {
        let browser = core.browser(session).cloned();
        browser.map(|browser| Known::of(core, browser))
    });
    let known = found.ok_or_else(|| not_found(format!("session {session} has no browser")))?;
    Ok(known.shape(&shared.relay))
}

/// A browser with all that is known about it.
struct Known {
    browser: Arc<Browser>,
    lease: Option<Arc<Lease>>,
    /// The run that is done in it.
    run: Option<RunId>,
}

impl Known {
    fn of(core: &mut Core, browser: Arc<Browser>) -> Self {
        let session = &browser.session;
        let lease = core.lease(session).cloned();
        let is_in_it = |run: &&Arc<Run>| {
            matches!(run.state, runs::State::InProgress { .. }) && run.browser() == *session
        };
        let run = core.fleet().view().runs().live().find(is_in_it).map(|run| run.id.clone());
        Self { browser, lease, run }
    }

    fn shape(&self, relay: &Relay) -> BrowserShape {
        BrowserShape::of(relay, &self.browser, self.lease.as_deref(), self.run.as_ref())
    }
}

fn session_id(text: &str) -> Result<SessionId, Problem> {
    SessionId::new(text).map_err(|_| not_found(format!("session {text} is not known")))
}

fn unusable(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}
