//! Pages that hang, crash, never come or open windows without end: an action says so in time, and the next one works.

use std::time::Instant;

use super::*;

/// What an action on a broken page may take here.
const LIMIT: Duration = Duration::from_secs(25);

async fn works(bench: &mut Bench) {
    bench.open("tab-two.html").await;
    bench.act(json!({"type": "click", "role": "button", "name": "Hello"})).await.unwrap();
    assert_eq!(bench.site.hits(), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_or_crashes_fails_the_action_and_the_next_one_works() {
    let mut bench = Bench::new().await;
    bench.driver = bench.driver.within(LIMIT);
    for (name, button) in [("broken.html", "Hang"), ("broken.html", "Crash")] {
        bench.open(name).await;
        let begun = Instant::now();
        let click = json!({"type": "click", "role": "button", "name": button});
        let error = bench.act(click).await.unwrap_err();
        let is_said = matches!(error, DriverError::Crashed | DriverError::TimedOut(_));
        assert!(is_said && begun.elapsed() < LIMIT * 2, "{button}: {error:?}");
        works(&mut bench).await;
    }
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_comes_fails_in_time_and_windows_are_only_so_many() {
    let mut bench = Bench::new().await;
    bench.driver = bench.driver.within(Duration::from_secs(4));
    let never = bench.site.url("never");
    let begun = Instant::now();
    let error = bench.act(json!({"type": "navigate", "url": never})).await.unwrap_err();
    assert!(matches!(&error, DriverError::TimedOut(why) if why.contains("never")), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    bench.driver = bench.driver.within(LIMIT);
    works(&mut bench).await;
    bench.open("broken.html").await;
    let many = bench.act(json!({"type": "click", "role": "button", "name": "Windows"})).await;
    let many = many.unwrap();
    assert!(many.notes.iter().any(|note| note.contains("opened")), "{:?}", many.notes);
    assert!(bench.driver.tabs().len() <= pilothouse_core::browsers::MOST_TABS);
    works(&mut bench).await;
    bench.close().await;
    let gone = bench.act(json!({"type": "back"})).await;
    assert_eq!(gone, Err(DriverError::Gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_shown_is_refused() {
    let mut bench = Bench::new().await;
    for url in ["file:///etc/passwd", "data:text/html,x", "chrome://version", "http://10.1.2.3/"] {
        let error = bench.act(json!({"type": "navigate", "url": url})).await.unwrap_err();
        assert!(matches!(error, DriverError::Refused(_)), "{url}: {error:?}");
    }
    let upload = json!({"type": "upload", "selector": "input", "files": ["../secret"]});
    bench.open("upload.html").await;
    let error = bench.act(upload).await.unwrap_err();
    assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    bench.close().await;
}
