//! Runs in a real Chromium, on a site of this machine.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use pilothouse_protocols::agent_link::runs::DecideRun;
use pilothouse_websocket::connect::Connector;

use super::{
    super::{
        config::ModelKind,
        llm::tests::{Line, Scripted},
    },
    *,
};

const VALUE: &str = "hunter2-and-more";

/// A shop where people log in and order; each visit gives its elements other ids if it is told to.
struct Shop {
    address: SocketAddr,
    orders: Arc<Mutex<Vec<String>>>,
    moves: Arc<AtomicUsize>,
}

impl Shop {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (orders, moves) = (Arc::default(), Arc::<AtomicUsize>::default());
        let shop = Self { address, orders, moves };
        let (orders, moves) = (shop.orders.clone(), shop.moves.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (orders, moves) = (orders.clone(), moves.clone());
                thread::spawn(move || serve(stream, &orders, &moves));
            }
        });
        shop
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

fn serve(mut stream: TcpStream, orders: &Mutex<Vec<String>>, moves: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some(number) = line.to_lowercase().strip_prefix("content-length: ") {
            length = number.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let moved = moves.load(Ordering::SeqCst);
    let page = match first.split(' ').nth(1)? {
        "/order" => {
            orders.lock().push(body.clone());
            format!("<title>thanks</title><h1>Thank you</h1><p id=said>You sent {body}</p>")
        }
        "/favicon.ico" => String::new(),
        _ => format!(
            "<title>shop</title><h1>Shop</h1><form method=post action=/order>
            <label>Name <input id=name{moved} name=name></label>
            <label>Word <input id=word{moved} name=word></label>
            <select name=size aria-label=Size id=size{moved}><option>S<option>XL</select>
            <button id=buy{moved}>Buy</button></form>"
        ),
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length:";
    stream.write_all(format!("{head} {}\r\n\r\n{page}", page.len()).as_bytes()).ok()
}

impl Front {
    /// With browsers as they are.
    fn real(change: impl FnOnce(&mut RunConfig)) -> Self {
        let mut front = Self::with(change);
        let mut config = (*front.runs.config).clone();
        config.browser.allow = vec!["loopback".parse().unwrap()];
        let secrets = config.runs.secrets_file.clone().unwrap();
        std::fs::write(secrets, format!("pass@127.0.0.1 = {VALUE}\n")).unwrap();
        let config = Arc::new(config);
        let connector = Connector::new(None, Duration::from_secs(5)).unwrap();
        let browsers = Browsers::new(config.clone(), connector, Arc::new(|_, _| None));
        front.runs = Runs::new(config, browsers);
        front
    }

    /// Processes of browsers of this agent.
    fn processes(&self) -> usize {
        let mark = self.folder.path().join("agent/browsers");
        let mark = mark.to_str().unwrap();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        lines.filter(|line| String::from_utf8_lossy(line).contains(mark)).count()
    }

    fn is_silent(&self) {
        let told = serde_json::to_string(&self.heard).unwrap();
        assert!(!told.contains("hunter2"), "{told}");
    }
}

fn order(shop: &Shop) -> Value {
    json!([
        {"type": "navigate", "url": shop.url()},
        {"type": "type", "selector": "#name0", "text": "Ann"},
        {"type": "type", "selector": "#word0", "text": "{{secret:pass}}"},
        {"type": "select", "selector": "#size0", "value": "XL"},
        {"type": "click", "selector": "#buy0"},
        {"type": "extract", "selector": "#said"},
    ])
}

const SENT: &str = "name=Ann&word=hunter2-and-more&size=XL";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_script_did_is_done_again_where_everything_moved() {
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    front.script("r-1", order(&shop));
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    let answer = "You sent name=Ann&word={{secret:pass}}&size=XL";
    assert_eq!(ended.answer.as_deref(), Some(answer));
    assert_eq!(*shop.orders.lock(), [SENT]);
    assert!(front.steps("r-1").iter().all(|step| step.screenshot.is_some()));
    front.is_silent();
    assert_eq!(front.processes(), 0);

    shop.moves.store(7, Ordering::SeqCst);
    let script = ended.commands.map(Value::Array);
    front.start(StartRun { script, heal: true, ..Front::order("r-2") });
    let again = front.end("r-2").await;
    assert_eq!((again.outcome, again.error), (RunOutcome::Completed, None));
    assert_eq!(*shop.orders.lock(), [SENT, SENT]);
    let steps = front.steps("r-2");
    let healed = steps.iter().filter(|step| step.explanation.contains("found by role and name"));
    assert_eq!(healed.count(), 4, "{steps:?}");
    front.is_silent();
    assert_eq!(front.processes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_orders_and_its_run_is_done_again_without_it() {
    let shop = Shop::open();
    let kind = ModelKind::Anthropic;
    let script = vec![Line::call("navigate", json!({"url": shop.url()}))];
    let server = Scripted::reading(kind, script, |told| {
        // The references are in what it was told last.
        let reference = |name: &str| {
            let named = format!("\"{name}\"");
            let line = told.lines().find(|line| line.contains(&named) && line.contains("[e"));
            let line = line.unwrap_or_else(|| panic!("no {name} in {told}"));
            let from = line.find("[e").unwrap() + 1;
            line[from..].split(']').next().unwrap().to_owned()
        };
        if told.contains("Thank you") {
            return Line::call("done", json!({"answer": "It is ordered."}));
        }
        let is_done = |words: &str| told.contains(words);
        let fill = |name: &str, text: &str| {
            let reference = reference(name);
            Line::call("type", json!({"ref": reference, "text": text, "explanation": name}))
        };
        if !is_done("— Name") {
            fill("Name", "Ann")
        } else if !is_done("— Word") {
            fill("Word", "{{secret:pass}}")
        } else if !is_done("— Size") {
            let reference = reference("Size");
            Line::call("select", json!({"ref": reference, "value": "XL", "explanation": "Size"}))
        } else {
            Line::call("click", json!({"ref": reference("Buy")}))
        }
    });
    let mut front = Front::real(|config| config.model = Some(server.config(kind)));
    front.start(StartRun { task: Some("order one".to_owned()), ..Front::order("r-1") });
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    assert_eq!(*shop.orders.lock(), [SENT]);
    let asked = server.heard();
    assert!(!serde_json::to_string(&asked).unwrap().contains("hunter2"), "{asked:?}");

    let script = ended.commands.map(Value::Array);
    front.start(StartRun { script, heal: true, ..Front::order("r-2") });
    let again = front.end("r-2").await;
    assert_eq!((again.outcome, again.error), (RunOutcome::Completed, None));
    assert_eq!(*shop.orders.lock(), [SENT, SENT]);
    assert_eq!(server.heard().len(), asked.len(), "no model was asked");
    front.is_silent();
    assert_eq!(front.processes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_approval_nothing_is_sent_before_somebody_says_so() {
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    for (id, granted) in [("r-1", false), ("r-2", true)] {
        front.heard.clear();
        let (script, allowed) = (Some(order(&shop)), vec!["127.0.0.1".to_owned()]);
        front.start(StartRun { script, approval: true, allowed, ..Front::order(id) });
        let wait = front
            .hear("a request that waits", |message| match message {
                FromAgent::RunWaits(wait) if wait.run == id => Some((**wait).clone()),
                _ => None,
            })
            .await;
        assert_eq!(wait.method.as_deref(), Some("POST"), "{wait:?}");
        assert!(shop.orders.lock().is_empty(), "nothing was sent yet");
        front.runs.take(FromServer::DecideRun(DecideRun {
            run: id.to_owned(),
            wait: wait.wait,
            granted,
            reason: Some("too dear".to_owned()),
            always: false,
        }));
        let ended = front.end(id).await;
        let is_done = ended.outcome == RunOutcome::Completed;
        assert_eq!(
            (is_done, shop.orders.lock().len()),
            (granted, usize::from(granted)),
            "{ended:?}"
        );
        let is_over = |message: &FromAgent| matches!(message, FromAgent::RunGoesOn { .. });
        assert!(front.heard.iter().any(is_over));
        front.is_silent();
    }
    assert_eq!(front.processes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_closed_ends_its_run_and_many_runs_leave_nothing() {
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    let script = json!([{"type": "navigate", "url": shop.url()}, {"type": "wait", "ms": 60_000}]);
    for number in 0..4 {
        front.script(&format!("r-{number}"), script.clone());
    }
    for number in 0..4 {
        let id = format!("r-{number}");
        let step = front.hear("a step", |message| match message {
            FromAgent::RunStep(step) if step.run == id => Some(()),
            _ => None,
        });
        step.await;
    }
    let session = SessionId::new("r-0").unwrap();
    front.runs.pages.close(&session).await;
    assert_eq!(front.end("r-0").await.error.unwrap(), "the browser was closed");
    front.runs.take(FromServer::CancelRun { run: "r-1".to_owned() });
    assert_eq!(front.end("r-1").await.outcome, RunOutcome::Cancelled);
    front.runs.stop().await;
    for id in ["r-2", "r-3"] {
        assert_eq!(front.end(id).await.error.unwrap(), "its agent was stopped");
    }
    assert_eq!(front.processes(), 0);
    for folder in ["agent/runs", "agent/browsers"] {
        let left = std::fs::read_dir(front.folder.path().join(folder)).unwrap().count();
        assert_eq!(left, 0, "{folder}");
    }
}
