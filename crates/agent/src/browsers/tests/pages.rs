//! Pages that behave, and pages that do not.

use super::*;
use crate::browsers::running::{ANSWERS_WITHIN, ASK_EVERY};

#[tokio::test(flavor = "multi_thread")]
async fn people_go_forth_and_back() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.until_title("still").await;
    bench.go(&bench.url("other")).await.unwrap();
    bench.until_title("other").await;
    let way = |action| Ask::Browse { session: "s-1".into(), go: Go::Way { action } };
    bench.ask(way(Way::Back)).await.unwrap();
    bench.until_title("still").await;
    let refused = bench.ask(way(Way::Back)).await;
    assert!(
        refused.is_err()
            || bench.until(|browser| browser.url == "about:blank").await.title.is_empty()
    );
    bench.ask(way(Way::Forward)).await.unwrap();
    bench.ask(way(Way::Reload)).await.unwrap();
    bench.ask(way(Way::Stop)).await.unwrap();
    for closed in
        ["file:///etc/passwd", "chrome://version", "view-source:http://a.b/", "javascript:1"]
    {
        let refusal = bench.go(closed).await.unwrap_err();
        assert!(refusal.reason.contains("nothing of the machine"), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_become_tabs_and_there_are_only_so_many() {
    let mut bench = Bench::new();
    bench.open("windows?2").await;
    bench.until(|browser| browser.tabs.len() == 3 && browser.title == "still").await;
    let tab = |action, tab: Option<&str>| Ask::BrowserTab {
        session: "s-1".into(),
        action,
        tab: tab.map(str::to_owned),
        url: None,
    };
    let mut refusal = None;
    for _ in 0..20 {
        refusal = bench.ask(tab(TabAction::New, None)).await.err().or(refusal);
    }
    let refusal = refusal.expect("there are only so many");
    assert!(refusal.reason.contains("as many tabs"), "{refusal:?}");
    let crowded = bench.until(|browser| browser.tabs.len() == 20).await;
    assert_eq!(crowded.tabs.iter().filter(|tab| tab.active).count(), 1);
    let (first, last) = (crowded.tabs[0].id.clone(), crowded.tabs[19].id.clone());
    bench.ask(tab(TabAction::Select, Some(&first))).await.unwrap();
    bench.until(|browser| browser.title == "windows" && browser.tabs[0].active).await;
    bench.ask(tab(TabAction::Close, Some(&last))).await.unwrap();
    bench.until(|browser| browser.tabs.len() == 19).await;
    bench.ask(tab(TabAction::New, None)).await.unwrap();
    let browser = bench.until(|browser| browser.tabs.len() == 20).await;
    assert!(browser.tabs[19].active);
    assert!(bench.ask(tab(TabAction::Close, Some("none"))).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_windows_twenty_are_tabs_and_the_agent_goes_on() {
    let mut bench = Bench::new();
    bench.open("windows?50").await;
    bench.watch(30);
    let is_told = |browser: &Browser| {
        assert!(browser.tabs.len() <= 20, "{} tabs", browser.tabs.len());
        browser.incident.as_deref().is_some_and(|it| it.contains("more tabs than there may be"))
    };
    bench.until(|browser| is_told(browser) && browser.tabs.len() == 20).await;
    // Nor are more of them alive in Chromium: what is none of the tabs is closed.
    let asked = Instant::now();
    while bench.processes("renderer").len() > 22 {
        assert!(asked.elapsed() < PATIENCE, "{:?}", bench.processes("renderer"));
        tokio::task::yield_now().await;
    }
    // Another session's browser opens beside it, and this one still goes where it is told.
    let other = Ask::OpenBrowser {
        session: "s-2".into(),
        url: Some(bench.url("other")),
        width: None,
        height: None,
        token: None,
    };
    bench.ask(other).await.unwrap();
    bench.until(|browser| browser.session == "s-2" && browser.title == "other").await;
    bench.go(&bench.url("typing")).await.unwrap();
    let browser = bench.until(|browser| browser.session == "s-1" && browser.title == "ready").await;
    assert_eq!((browser.state, browser.tabs.len()), (BrowserState::Open, 20));
    bench.close().await;
    assert_eq!(bench.folders().len(), 1, "the other one's");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_tab_leaves_an_empty_page() {
    let mut bench = Bench::new();
    bench.open("still").await;
    let browser = bench.until_title("still").await;
    let tab = Some(browser.tabs[0].id.clone());
    let close = Ask::BrowserTab { session: "s-1".into(), action: TabAction::Close, tab, url: None };
    bench.ask(close).await.unwrap();
    bench.until(|now| now.tabs.len() == 1 && now.tabs[0].id != browser.tabs[0].id).await;
    bench.go(&bench.url("other")).await.unwrap();
    bench.until_title("other").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_is_shown_to_people_and_dismissed_and_leaving_is_not_prevented() {
    let mut bench = Bench::new();
    bench.open("alert").await;
    bench
        .until(|browser| {
            browser.incident.as_deref().is_some_and(|it| it.contains("(alert): who is there?"))
        })
        .await;
    let browser = bench.until_title("answered").await;
    assert!(browser.incident.unwrap().ends_with("(dismissed)"));
    bench.go(&bench.url("leave")).await.unwrap();
    bench.until_title("leave").await;
    bench.go(&bench.url("still")).await.unwrap();
    bench.until_title("still").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_is_loaded_again_and_steering_goes_on() {
    let mut bench = Bench::new();
    bench.open("hang").await;
    let browser = bench.until(|browser| browser.incident.is_some()).await;
    assert_eq!(browser.incident.as_deref(), Some("the page did not answer and was loaded again"));
    bench.go(&bench.url("still")).await.unwrap();
    let browser = bench.until_title("still").await;
    assert_eq!((browser.state, browser.incident), (BrowserState::Open, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_somewhere_is_answered_behind_where_the_page_is() {
    let bench = Bench::new();
    let told = || {
        let mut browsers = bench.browsers.take_news().into_iter().filter_map(|news| match news {
            FromAgent::Browser(browser) => Some(browser.url),
            _ => None,
        });
        browsers.next_back()
    };
    bench.open("still").await;
    assert_eq!(told(), Some(bench.url("still")));
    bench.go(&bench.url("other")).await.unwrap();
    assert_eq!(told(), Some(bench.url("other")));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.go(&format!("https://{nobody}/#x")).await.unwrap_err();
    assert_eq!(told(), Some(format!("https://{nobody}/#x")));
}

/// A site whose only page comes so long after it was asked for that a page on show would count as hung.
fn late_site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        thread::sleep(ASK_EVERY + ANSWERS_WITHIN + Duration::from_secs(3));
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n";
        let _ = stream.write_all(format!("{head}<title>late</title>").as_bytes());
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_late_is_waited_for_also_when_another_one_was_under_way() {
    let mut bench = Bench::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Some(format!("http://{}/", silent.local_addr().unwrap()));
    let open =
        Ask::OpenBrowser { session: "s-1".into(), url, width: None, height: None, token: None };
    let browsers = bench.browsers.clone();
    tokio::spawn(async move { browsers.answer(open).await.map(drop) });
    let asked = tokio::task::spawn_blocking(move || silent.accept().unwrap()).await.unwrap();
    bench.go(&late_site()).await.unwrap();
    let browser = bench.until_title("late").await;
    assert_eq!((browser.state, browser.incident), (BrowserState::Open, None));
    drop(asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_downloaded_stays_in_the_browsers_folder() {
    let mut bench = Bench::new();
    bench.open("still").await;
    let _ = bench.go(&bench.url("file")).await;
    bench.until(|browser| browser.incident.as_deref() == Some("plan.txt was downloaded")).await;
    let file = bench.folders()[0].join("downloads/plan.txt");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "the plan");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_comes_is_said_in_time_and_the_next_one_comes() {
    let mut bench = Bench::new();
    bench.open("still").await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let refusal = bench.go(&format!("http://{}/", silent.local_addr().unwrap())).await.unwrap_err();
    assert_eq!(refusal.reason, "the page takes too long; it may still come");
    bench.go(&bench.url("other")).await.unwrap();
    bench.until_title("other").await;
}
