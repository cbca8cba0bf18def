//! How browsers look to programs.

use pilothouse_core::{
    browsers::{Browser, Lease},
    ids::RunId,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::gateway::Relay;

/// A browser.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BrowserShape {
    /// The run's id, if it is a run's own browser.
    session_id: String,
    agent_id: String,
    /// The run that is done in it; `null` if none is.
    #[schema(required)]
    run_id: Option<String>,
    /// `opening`, `open` or `failed`.
    #[schema(value_type = String)]
    state: &'static str,
    /// The address of the page in front.
    url: String,
    /// That page's title.
    title: String,
    /// Its pages, oldest first.
    tabs: Vec<TabShape>,
    viewport: ViewportShape,
    /// What happened to it last that people should know.
    incident: Option<String>,
    /// Since when it is in this state, in milliseconds since 1970.
    since: u64,
    /// Whether pictures of it come.
    live: bool,
    /// How many connections watch it.
    watchers: usize,
    control: ControlShape,
}

/// A page of a browser.
#[derive(Serialize, ToSchema)]
struct TabShape {
    id: String,
    title: String,
    url: String,
    /// Whether it is in front.
    active: bool,
}

/// How large pages are, in CSS pixels.
#[derive(Serialize, ToSchema)]
struct ViewportShape {
    width: u32,
    height: u32,
}

/// Who steers a browser.
#[derive(Serialize, ToSchema)]
struct ControlShape {
    /// Who; `null` if nobody does.
    #[schema(required)]
    holder: Option<HolderShape>,
    /// Counts the changes of who steers; 0 if nobody ever did.
    epoch: u64,
    /// When it ends at the latest, ISO 8601; `null` if nobody steers.
    #[schema(required)]
    until: Option<String>,
}

/// Whoever steers a browser.
#[derive(Serialize, ToSchema)]
struct HolderShape {
    /// What to show to people.
    name: String,
    /// The user's id.
    user: String,
}

impl BrowserShape {
    /// Of a browser, those who watch it, whoever steers it, and the run that is done in it.
    pub(super) fn of(
        relay: &Relay,
        browser: &Browser,
        lease: Option<&Lease>,
        run: Option<&RunId>,
    ) -> Self {
        let stream = relay.get(&browser.session);
        let (live, watchers) = stream.map_or((false, 0), |stream| stream.attended());
        let tabs = browser.tabs.iter().map(|tab| TabShape {
            id: tab.id.to_string(),
            title: tab.title.to_string(),
            url: tab.url.to_string(),
            active: tab.is_active,
        });
        Self {
            session_id: browser.session.to_string(),
            agent_id: browser.agent.to_string(),
            run_id: run.map(ToString::to_string),
            state: browser.state.as_str(),
            url: browser.url.to_string(),
            title: browser.title.to_string(),
            tabs: tabs.collect(),
            viewport: ViewportShape {
                width: browser.viewport.width,
                height: browser.viewport.height,
            },
            incident: browser.incident.as_deref().map(str::to_owned),
            since: browser.since.0,
            live,
            watchers,
            control: ControlShape::of(lease),
        }
    }
}

impl ControlShape {
    fn of(lease: Option<&Lease>) -> Self {
        let holder = lease.and_then(|lease| lease.holder.as_ref());
        Self {
            holder: holder.map(|holder| HolderShape {
                name: holder.name.to_string(),
                user: holder.user.to_string(),
            }),
            epoch: lease.map_or(0, |lease| lease.epoch),
            until: lease.and_then(|lease| lease.until).map(moment),
        }
    }
}
