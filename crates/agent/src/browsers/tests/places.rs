//! Other places that pictures may go to.

use super::*;

/// The target, the fields of the head, and the first message.
type Heard = (String, Vec<(String, String)>, Value);

/// What one client of a server said with its handshake, and the first thing after it.
fn one_client(listener: TcpListener) -> mpsc::Receiver<Heard> {
    let (sender, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut head = (String::new(), Vec::new());
            #[expect(clippy::result_large_err, reason = "tungstenite wants it like this")]
            let note = |request: &tungstenite::handshake::server::Request, response| {
                head.0 = request.uri().to_string();
                let fields = request.headers().iter();
                head.1 = fields
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                    .collect();
                Ok(response)
            };
            let Ok(mut socket) = tungstenite::accept_hdr(stream, note) else { continue };
            while let Ok(message) = socket.read() {
                if let tungstenite::Message::Text(text) = message {
                    let picture = serde_json::from_str(&text).unwrap();
                    let _ = sender.send((head.0.clone(), head.1.clone(), picture));
                }
            }
        }
    });
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_go_where_a_backend_is_named_as_its_workers_send_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("ws://{}/ws/stream", listener.local_addr().unwrap());
    let heard = one_client(listener);
    let folder = tempfile::tempdir().unwrap();
    let mut config =
        AgentConfig::new("ws://127.0.0.1:1", AgentId::new("a-1").unwrap(), None, folder.path());
    config.browser.backend_url = Some(base);
    config.browser.backend_origin = Some("https://example.org".to_owned());
    config.browser.backend_token = Some("t.o.k".to_owned());
    let config = Arc::new(config);
    let connector = Connector::new(None, Duration::from_secs(5)).unwrap();
    let credentials =
        crate::credential::Credentials::open(folder.path(), &config.id, None).unwrap();
    let credentials = Arc::new(parking_lot::Mutex::new(credentials));
    let address = config.server.parse().unwrap();
    let destinations = crate::link::destinations(&config, address, credentials);
    let browsers = Browsers::new(config, connector, destinations);
    let url = Some("data:text/html,<title>hi</title>hi".to_owned());
    let open =
        Ask::OpenBrowser { session: "s-1".into(), url, width: None, height: None, token: None };
    timeout(PATIENCE, browsers.answer(open)).await.unwrap().unwrap();
    // Nobody says that anybody watches, and pictures come all the same.
    let (uri, fields, picture) = heard.recv_timeout(PATIENCE).unwrap();
    assert_eq!(uri, "/ws/stream/s-1?token=t.o.k");
    assert!(fields.contains(&("origin".to_owned(), "https://example.org".to_owned())));
    assert!(fields.iter().all(|(name, _)| name != "authorization"), "{fields:?}");
    assert_eq!((&picture["type"], &picture["sessionId"]), (&"frame".into(), &"s-1".into()));
    assert!(picture["data"].is_string() && picture["timestamp"].is_number());
    browsers.stop().await;
    assert!(std::fs::read_dir(folder.path().join("browsers")).unwrap().next().is_none());
}
