//! Where browsers' pictures go: to the agent's own server, or to where somebody else wants them.

use std::sync::Arc;

use parking_lot::Mutex;
use pilothouse_core::ids::SessionId;
use pilothouse_websocket::connect::ServerAddress;

use super::place;
use crate::{
    AgentConfig,
    browsers::{BrowserConfig, Destination},
    credential::Credentials,
};

/// The path of the door for pictures.
const DOOR: &str = "/ws/stream/";

/// Tells where pictures of a session go, each time as things are then.
pub(crate) fn destinations(
    config: &Arc<AgentConfig>,
    address: ServerAddress,
    credentials: Arc<Mutex<Credentials>>,
) -> Arc<crate::browsers::Destinations> {
    let config = config.clone();
    Arc::new(move |session, token| {
        if config.browser.backend_url.is_some() {
            return elsewhere(&config.browser, session, token);
        }
        let address = place::told(config.server_file.as_deref()).unwrap_or_else(|| address.clone());
        let token = token.map_or_else(|| credentials.lock().present().to_owned(), str::to_owned);
        let mut fields = vec![("authorization", format!("Bearer {token}"))];
        fields.extend(config.browser.backend_origin.clone().map(|origin| ("origin", origin)));
        let path = format!("{}?ack=1", address.path(&format!("{DOOR}{session}")));
        Some(Destination { address, path, fields, acknowledges: true })
    })
}

/// Where `BACKEND_WS_URL` says. The agent's own key is nothing for a stranger.
fn elsewhere(
    config: &BrowserConfig,
    session: &SessionId,
    token: Option<&str>,
) -> Option<Destination> {
    let url = config.backend_url.as_deref()?;
    let address: ServerAddress = match url.parse() {
        Ok(address) => address,
        Err(error) => {
            tracing::warn!(%error, "BACKEND_WS_URL does not say where pictures go");
            return None;
        }
    };
    let token = config.backend_token.as_deref().or(token);
    let token = token.map(|token| format!("?token={}", escaped(token))).unwrap_or_default();
    let path = format!("{}{token}", address.path(&format!("/{session}")));
    let fields = config.backend_origin.clone().map(|origin| ("origin", origin));
    Some(Destination { address, path, fields: fields.into_iter().collect(), acknowledges: false })
}

/// As it may stand in a query (RFC 3986 3.4).
fn escaped(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_go_where_they_are_told_and_the_agents_key_does_not_go_along() {
        let mut config = BrowserConfig {
            backend_url: Some("wss://example.org/ws/stream/".to_owned()),
            backend_origin: Some("https://example.org".to_owned()),
            ..BrowserConfig::default()
        };
        let session = SessionId::new("s-1").unwrap();
        let found = elsewhere(&config, &session, None).unwrap();
        assert_eq!((found.path.as_str(), found.acknowledges), ("/ws/stream/s-1", false));
        assert_eq!(found.fields, [("origin", "https://example.org".to_owned())]);
        assert_eq!(found.address.to_string(), "https://example.org/ws/stream");
        config.backend_token = Some("a+b/c=".to_owned());
        let found = elsewhere(&config, &session, Some("other")).unwrap();
        assert_eq!(found.path, "/ws/stream/s-1?token=a%2Bb%2Fc%3D");
        assert!(!format!("{found:?} {config:?}").contains("a+b"));
        config.backend_url = Some("not an address".to_owned());
        assert!(elsewhere(&config, &session, None).is_none());
    }
}
