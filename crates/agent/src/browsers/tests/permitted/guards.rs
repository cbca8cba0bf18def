//! How a permission begins, ends, and holds when things break.

use super::*;

fn session() -> SessionId {
    SessionId::new("s-1").unwrap()
}

const POSTING: &str = "<title>posting</title><script>
    fetch('/do/it', {method: 'POST', body: 'a=1'}).then(() => { document.title = 'sent' }, () => { document.title = 'failed' })
    </script>";

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_counts_as_denied() {
    let mut watched = Watched::with_timeout(Duration::from_millis(300)).await;
    watched.show(POSTING);
    let wanted = watched.wanted().await;
    let Happening::Over(over) = watched.happened().await else { panic!("another question") };
    assert_eq!((over.id.as_str(), over.outcome), (wanted.id.as_str(), Outcome::Expired));
    watched.bench.until_title("failed").await;
    assert!(watched.permission.decide(&wanted.id, true, None).is_err(), "it is over");
    assert!(watched.permission.take_notes()[0].ends_with("nobody answered in time"));
    watched.settle().await;
    assert_eq!(watched.recorder.count("POST", "/do/it"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_twice_is_one_question_and_leaves_once_and_another_body_is_another_one() {
    let mut watched = Watched::new().await;
    watched.show(
        "<script>const post = body => fetch('/do/it', {method: 'POST', body});
        post('a=1'); post('a=1'); post('a=2')</script>",
    );
    let (first, second) = (watched.wanted().await, watched.wanted().await);
    assert_eq!(first.url, second.url);
    watched.permission.decide(&first.id, true, None).unwrap();
    watched.permission.decide(&second.id, true, None).unwrap();
    watched.recorder.until(|seen| seen.iter().filter(|it| it.path == "/do/it").count() == 2).await;
    watched.settle().await;
    let mut bodies: Vec<_> = watched
        .recorder
        .seen()
        .into_iter()
        .filter(|it| it.path == "/do/it")
        .map(|it| it.body)
        .collect();
    bodies.sort();
    assert_eq!(bodies, ["a=1", "a=2"]);
    // What was granted once is asked again the next time.
    watched.show(POSTING);
    assert_eq!(watched.wanted().await.url, first.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_a_host_holds_for_the_rest_of_the_run() {
    let mut watched = Watched::new().await;
    watched.show(POSTING);
    let wanted = watched.wanted().await;
    watched.permission.decide_for_host(&wanted.id, true, None).unwrap();
    watched.bench.until_title("sent").await;
    watched.show(&POSTING.replace("/do/it", "/do/more"));
    watched.recorder.until(|seen| seen.iter().any(|it| it.path == "/do/more")).await;
    watched.show(&POSTING.replace("/do/it", "FOREIGN/do/else"));
    let wanted = watched.wanted().await;
    assert!(wanted.url.ends_with("/do/else"));
    watched.permission.decide_for_host(&wanted.id, false, None).unwrap();
    watched.bench.until_title("failed").await;
    watched.settle().await;
    watched.show(&POSTING.replace("/do/it", "FOREIGN/do/again"));
    watched.bench.until_title("failed").await;
    assert!(watched.recorder.seen().iter().all(|it| !it.host.starts_with("127.0.0.2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_was_open_before_has_no_old_way_out() {
    let recorder = recorder::Recorder::listen();
    let mut bench = Bench::new();
    bench.open("still").await;
    let code = |text: &str| format!("/script?{}", recorder::encoded(text));
    let post = |name: &str| format!("fetch('/do/{name}', {{method: 'POST'}})");
    let html = format!(
        "<title>old</title><iframe src='FOREIGN/page?{}'></iframe><script>
        const worker = new Worker('{}'), shared = new SharedWorker('{}');
        shared.port.start();
        navigator.serviceWorker.register('{}');
        const all = Promise.all([navigator.serviceWorker.ready, new Promise(done => {{ onmessage = done }}),
            new Promise(done => {{ worker.onmessage = done }}), new Promise(done => {{ shared.port.onmessage = done }})]);
        all.then(() => {{ document.title = 'there' }});
        new BroadcastChannel('go').onmessage = () => {{ document.title = 'going'; {}; worker.postMessage(1);
            shared.port.postMessage(1); frames[0].postMessage(1, '*');
            navigator.serviceWorker.ready.then(it => it.active.postMessage(1)) }};
        </script>",
        recorder::encoded(&format!("<script>onmessage = () => {}; parent.postMessage(1, '*')</script>", post("frame"))),
        code(&format!("onmessage = () => {}; postMessage(1)", post("worker"))),
        code(&format!(
            "onconnect = event => {{ event.ports[0].onmessage = () => {}; event.ports[0].postMessage(1) }}",
            post("shared")
        )),
        code(&format!("oninstall = () => skipWaiting(); onmessage = () => {}", post("service"))),
        post("page"),
    );
    bench.go(&recorder.page(&html)).await.unwrap();
    bench.until_title("there").await;
    let mut watched = Watched::over(bench, USUAL).await;
    // Another page of the same host tells it to begin.
    let tab = Ask::BrowserTab {
        session: "s-1".into(),
        action: TabAction::New,
        tab: None,
        url: Some(recorder.page("<script>new BroadcastChannel('go').postMessage(1)</script>")),
    };
    watched.bench.ask(tab).await.unwrap();
    let mut asked = Vec::new();
    // What is ended with the permission's beginning, the shared worker, asks nothing any more.
    for _ in 0..4 {
        let wanted = watched.wanted().await;
        asked.push(wanted.url.rsplit_once('/').unwrap().1.to_owned());
        watched.permission.decide(&wanted.id, false, None).unwrap();
    }
    asked.sort();
    assert_eq!(asked, ["frame", "page", "service", "worker"]);
    watched.settle().await;
    assert!(recorder.seen().iter().all(|it| it.method == "GET"), "{:#?}", recorder.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_run_is_over_what_waits_fails_and_the_browser_is_free() {
    let mut watched = Watched::new().await;
    watched.show(POSTING);
    watched.wanted().await;
    drop(watched.guarded.take());
    watched.bench.until_title("failed").await;
    assert_eq!(watched.recorder.count("POST", "/do/it"), 0);
    // It may take a moment until Chromium holds nothing back any more; a page that is blocked till then asks again.
    let html = "<script>const post = () => fetch('/do/free', {method: 'POST'}).then(
        () => { document.title = 'sent' }, post); post()</script>";
    watched.show(html);
    watched.bench.until_title("sent").await;
    assert_eq!(watched.recorder.count("POST", "/do/free"), 1);
    // And a socket to anywhere is opened without a question.
    watched.show("<script>new WebSocket('FOREIGN/do/socket'.replace('http', 'ws'))</script>");
    watched.recorder.until(|seen| seen.iter().any(|it| it.path == "/do/socket")).await;
    let again = Permission::new(&["127.0.0.1"], USUAL).unwrap();
    let _guarded = watched.bench.browsers.guard(&session(), &again).await.unwrap();
    watched.show(POSTING);
    assert!(timeout(PATIENCE, again.wanted()).await.unwrap().url.ends_with("/do/it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_does_not_take_another_ones_browser() {
    let watched = Watched::new().await;
    let other = Permission::new(&["127.0.0.2"], USUAL).unwrap();
    let refusal = watched.bench.browsers.guard(&session(), &other).await.unwrap_err();
    assert!(refusal.reason.contains("another run"), "{refusal:?}");
    let nobody = SessionId::new("s-9").unwrap();
    assert!(watched.bench.browsers.guard(&nobody, &other).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_killed_sends_nothing_and_comes_back_under_its_permission() {
    let mut watched = Watched::new().await;
    watched.show(POSTING);
    let wanted = watched.wanted().await;
    kill(&watched.bench.processes(""));
    let Happening::Over(over) = watched.happened().await else { panic!("another question") };
    assert_eq!((over.id, over.outcome), (wanted.id, Outcome::GivenUp));
    // It is shown again where it was, and asks again what it asked there.
    watched
        .bench
        .until(|browser| browser.incident.as_ref().is_some_and(|it| it.contains("started again")))
        .await;
    watched.show(&POSTING.replace("/do/it", "/do/after"));
    let wanted = loop {
        let wanted = watched.wanted().await;
        if wanted.url.ends_with("/do/after") {
            break wanted;
        }
    };
    assert!(watched.recorder.seen().iter().all(|it| it.method == "GET"));
    watched.permission.decide(&wanted.id, true, None).unwrap();
    watched.recorder.until(|seen| seen.iter().any(|it| it.path == "/do/after")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_crashes_while_it_waits_sends_nothing() {
    let mut watched = Watched::new().await;
    // What it asks is told apart from what it asked before.
    watched.show(&POSTING.replace("'a=1'", "String(Math.random())"));
    let old = watched.wanted().await;
    kill(&watched.bench.processes("renderer"));
    watched
        .bench
        .until(|browser| browser.incident.as_ref().is_some_and(|it| it.contains("crashed")))
        .await;
    // It is loaded again, and asks again.
    let wanted = watched.wanted().await;
    assert_eq!(watched.recorder.count("POST", "/do/it"), 0);
    // Nobody waits for the first one any more, and it does not leave either.
    watched.permission.decide(&old.id, true, None).unwrap();
    watched.permission.decide(&wanted.id, true, None).unwrap();
    watched.bench.until_title("sent").await;
    assert_eq!(watched.recorder.count("POST", "/do/it"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stops_to_wait_for_people_is_not_taken_for_one_that_hangs() {
    let mut watched = Watched::new().await;
    watched.show(
        "<title>stops</title><script>addEventListener('load', () => setTimeout(() => {
        const x = new XMLHttpRequest(); x.open('POST', '/do/it', false); x.send('x'); document.title = 'went on' }))</script>",
    );
    let wanted = watched.wanted().await;
    // As long as a page that hangs would be given, and longer.
    let limit = crate::browsers::running::ANSWERS_WITHIN + Duration::from_secs(6);
    let ended = timeout(limit, watched.bench.until(|browser| browser.incident.is_some())).await;
    assert!(ended.is_err(), "{ended:?}");
    watched.permission.decide(&wanted.id, true, None).unwrap();
    watched.bench.until_title("went on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_can_be_asked_is_denied_and_said() {
    let mut watched = Watched::new().await;
    watched.show(
        "<script>let failed = 0; for (let n = 0; n < 40; n++) fetch('/do/' + n, {method: 'POST'})
        .catch(() => { document.title = `${++failed} failed` })</script>",
    );
    watched.bench.until_title("8 failed").await;
    assert_eq!(watched.permission.take_notes().len(), 8);
    assert!(watched.permission.is_waiting());
    for _ in 0..32 {
        let wanted = watched.wanted().await;
        watched.permission.decide(&wanted.id, false, None).unwrap();
    }
    timeout(PATIENCE, watched.permission.all_decided()).await.unwrap();
    watched.bench.until_title("40 failed").await;
    watched.settle().await;
    assert!(watched.recorder.seen().iter().all(|it| it.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_does_while_they_steer_is_asked_like_everything_else() {
    let mut watched = Watched::new().await;
    let html = "<title>ready</title><body style='margin: 0'><button style='width: 100vw; height: 100vh'
        onclick=\"fetch('/do/bought', {method: 'POST'}).then(() => { document.title = 'bought' })\">buy</button>";
    watched.bench.go(&watched.recorder.page(html)).await.unwrap();
    watched.bench.watch(30);
    watched.bench.until_title("ready").await;
    // What is done is aimed at the newest picture.
    watched.bench.relay.next();
    let held = FromServer::BrowserHeld { session: "s-1".into(), epoch: 7, held: true };
    watched.bench.browsers.take(&held);
    let mouse = |event: &str| {
        let input = serde_json::json!({"type": "input_mouse", "eventType": event, "x": 300.0, "y": 200.0,
            "button": "left", "clickCount": 1});
        serde_json::from_value(input).unwrap()
    };
    let inputs = vec![mouse("mousePressed"), mouse("mouseReleased")];
    watched.bench.browsers.take(&FromServer::BrowserInput {
        session: "s-1".into(),
        epoch: 7,
        inputs,
    });
    let wanted = watched.wanted().await;
    assert!(wanted.url.ends_with("/do/bought"));
    assert_eq!(watched.recorder.count("POST", "/do/bought"), 0);
    watched.permission.decide(&wanted.id, true, None).unwrap();
    watched.bench.until_title("bought").await;
    assert_eq!(watched.recorder.count("POST", "/do/bought"), 1);
}
