//! How browsers are lost, come back, and end without a trace.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_comes_back_where_it_was_and_says_so() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.watch(30);
    bench.until_title("still").await;
    bench.relay.next();
    kill(&bench.processes(""));
    let began = Instant::now();
    let browser =
        bench.until(|browser| browser.incident.is_some() && browser.title == "still").await;
    assert!(browser.incident.unwrap().contains("crashed, and it was started again"));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    bench.relay.drain();
    bench.go(&bench.url("other")).await.unwrap();
    bench.relay.next();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_renderer_is_followed_by_another() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.watch(30);
    bench.until_title("still").await;
    kill(&bench.processes("renderer"));
    let browser = bench.until(|browser| browser.incident.is_some()).await;
    assert_eq!(browser.incident.as_deref(), Some("the page crashed and was loaded again"));
    bench.relay.drain();
    bench.go(&bench.url("other")).await.unwrap();
    bench.until_title("other").await;
    bench.relay.next();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_cannot_start_fails_with_a_reason_and_can_be_closed() {
    let mut bench = Bench::with(|config| config.browser.program = Some("/bin/false".into()));
    let ask = Ask::OpenBrowser {
        session: "s-1".into(),
        url: None,
        width: None,
        height: None,
        token: None,
    };
    let refusal = bench.ask(ask).await.unwrap_err();
    assert!(refusal.reason.contains("5 times in a minute"), "{refusal:?}");
    bench.until(|browser| browser.state == BrowserState::Failed).await;
    assert!(bench.go("http://a.b/").await.unwrap_err().reason.contains("open it again"));
    bench.close().await;
    assert!(bench.folders().is_empty());
    let mut without = Bench::with(|config| config.browser.program = Some("/nowhere".into()));
    let ask = Ask::OpenBrowser {
        session: "s-1".into(),
        url: None,
        width: None,
        height: None,
        token: None,
    };
    assert!(without.ask(ask).await.unwrap_err().reason.contains("found no browser"));
    assert!(without.browsers.held().is_empty());
    without.seen.clear();
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_browsers_leave_no_process_no_folder_and_no_zombie() {
    let mut bench = Bench::new();
    for _ in 0..20 {
        bench.open("still").await;
        bench.until_title("still").await;
        bench.close().await;
        assert!(bench.folders().is_empty());
    }
    assert!(bench.processes("").is_empty() && bench.processes("renderer").is_empty());
    let left = Bench::descendants();
    assert!(left.is_empty(), "{left:#?}");
    let socket = |name: &str| name.starts_with("org.chromium") || name.starts_with(".org.chromium");
    let strays = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let strays: Vec<_> = strays.filter(|it| socket(&it.file_name().to_string_lossy())).collect();
    assert!(strays.iter().all(|it| it.metadata().is_ok_and(|it| it.is_dir())), "{strays:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_agent_left_is_ended_by_the_next_one() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.until_title("still").await;
    let first = bench.processes("");
    assert_eq!((first.len(), bench.folders().len()), (1, 1));
    crate::browsers::bury(bench.folder.path()).await;
    // The one that was started is this process's own child here, and taken in by its task.
    let is_gone = async {
        while first.iter().any(|pid| crate::processes::tree::born(*pid).is_some()) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, is_gone).await.unwrap();
}
