//! `pilothouse browser`: open a session's browser, see how it is, send it somewhere, close it.

use std::time::Duration;

use clap::{Args, Subcommand};
use pilothouse_client::Api;
use serde_json::{Value, json};

use super::{
    listing::{ListOptions, part, word},
    workers::id,
};
use crate::{
    access::Access,
    failure::Failure,
    output::{self, table},
};

/// A browser may have to be started, and its page be given up by its agent, which says why; the server waits for that.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// What to do about browsers; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pilothouse browser
  pilothouse browser open ses-1 https://example.org
  pilothouse browser go ses-1 example.org/shop
  pilothouse browser close ses-1

Its pictures are on the page: the session's address, then Live."
)]
pub(crate) struct BrowserOptions {
    #[command(subcommand)]
    pub(crate) action: Option<BrowserAction>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum BrowserAction {
    /// Open a session's browser, or show an address in the one that is open
    Open(OpenOptions),
    /// Show how a session's browser is
    Show(ShowOptions),
    /// Show another page
    Go(GoOptions),
    /// Close it, with all that it knows
    Close(OneBrowser),
}

/// The browser to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct OpenOptions {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    /// What to show first
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,
    /// How large its pages are, such as 1280x720
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size)]
    pub(crate) size: Option<(u32, u32)>,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// The browser to be shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowOptions {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// Where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct GoOptions {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    /// The address, or one of back, forward, reload, stop
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Which browser.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneBrowser {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text
        .split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides.ok_or_else(|| "write it like 1280x720".to_owned())
}

/// Does it.
pub(crate) async fn run(options: BrowserOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options.list).await,
        Some(BrowserAction::Open(options)) => {
            let api = api(&options.access)?;
            let mut body = json!({});
            if let Some(url) = options.url {
                body["url"] = url.into();
            }
            if let Some((width, height)) = options.size {
                (body["width"], body["height"]) = (width.into(), height.into());
            }
            say(&api.post(&path(&options.session), &body).await?)
        }
        Some(BrowserAction::Show(options)) => show(&options).await,
        Some(BrowserAction::Go(options)) => {
            let api = api(&options.access)?;
            let body = match options.url.as_str() {
                way @ ("back" | "forward" | "reload" | "stop") => json!({ "action": way }),
                url => json!({ "url": url }),
            };
            say(&api.post(&format!("{}/go", path(&options.session)), &body).await?)
        }
        Some(BrowserAction::Close(options)) => {
            let api = api(&options.access)?;
            api.delete(&path(&options.session)).await?;
            Ok(0)
        }
    }
}

fn api(access: &Access) -> Result<Api, Failure> {
    Ok(access.dashboard()?.api()?.answer_within(ANSWERED_WITHIN))
}

fn path(session: &str) -> String {
    format!("/api/v1/sessions/{session}/browser")
}

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let answer = options.access.dashboard()?.api()?.get("/api/v1/browsers").await?;
    let browsers = part(&answer, "browsers")?.as_array().cloned().unwrap_or_default();
    let nothing = "no browser is open; open one with `pilothouse browser open SESSION URL`";
    let columns = [
        ("SESSION", "sessionId"),
        ("AGENT", "agentId"),
        ("STATE", "state"),
        ("TITLE", "title"),
        ("URL", "url"),
        ("INCIDENT", "incident"),
    ];
    options.show(browsers, nothing, &columns)
}

async fn show(options: &ShowOptions) -> Result<u8, Failure> {
    let answer = options.list.access.dashboard()?.api()?.get(&path(&options.session)).await?;
    let browser = part(&answer, "browser")?;
    if options.list.json {
        output::say(&format!("{browser:#}"));
        return Ok(0);
    }
    say(&answer)?;
    let row = |tab: &Value| {
        let is_active = if tab["active"] == true { "*" } else { "" };
        vec![is_active.to_owned(), word(tab, "id"), word(tab, "title"), word(tab, "url")]
    };
    let rows: Vec<_> = browser["tabs"].as_array().into_iter().flatten().map(row).collect();
    output::text(&table(&["", "TAB", "TITLE", "URL"], &rows))?;
    Ok(0)
}

/// How a browser is, in a line or two.
fn say(answer: &Value) -> Result<u8, Failure> {
    let browser = part(answer, "browser")?;
    let line =
        format!("{}  {}  {}", word(browser, "state"), word(browser, "url"), word(browser, "title"));
    output::text(&format!("{}\n", output::plain(line.trim_end())))?;
    if let Some(incident) = browser["incident"].as_str() {
        output::remark(incident);
    }
    Ok(0)
}
