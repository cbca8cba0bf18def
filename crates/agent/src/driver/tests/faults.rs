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

/// Whether a page that works can be gone to and clicked on.
async fn tries(bench: &mut Bench) -> Result<(), DriverError> {
    let url = bench.site.url("tab-two.html");
    bench.act(json!({"type": "navigate", "url": url})).await?;
    bench.act(json!({"type": "click", "role": "button", "name": "Hello"})).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_opens_windows_without_end_can_be_left() {
    // The second one hangs at the same time, and takes all that it opened with it when it is ended.
    for button in ["Endless", "Flood"] {
        let mut bench = Bench::new().await;
        bench.driver = bench.driver.within(LIMIT);
        bench.open("broken.html").await;
        let begun = Instant::now();
        let click = json!({"type": "click", "role": "button", "name": button});
        let mut came = bench.act(click).await.map(drop);
        assert!(begun.elapsed() < LIMIT * 2, "{button}: {came:?}");
        assert!(bench.driver.tabs().len() <= pilothouse_core::browsers::MOST_TABS);
        let first = json!({"type": "switchTab", "tab": "1"});
        came = came.and(bench.act(first).await.map(drop));
        for _ in 0..3 {
            let is_said =
                matches!(came, Ok(()) | Err(DriverError::Crashed | DriverError::TimedOut(_)));
            assert!(is_said, "{button}: {came:?}");
            came = tries(&mut bench).await;
            if came.is_ok() {
                break;
            }
        }
        bench.site.hits();
        works(&mut bench).await;
        bench.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_crashes_again_and_again_is_not_waited_for() {
    let mut bench = Bench::new().await;
    bench.open("tab-two.html").await;
    let mark = bench.folder.path().join("browsers");
    let mark = mark.to_str().unwrap();
    let begun = Instant::now();
    let error = loop {
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            if line.contains(mark) && !line.contains("--type=") {
                let pid = entry.file_name().to_str().unwrap().parse().unwrap();
                let pid = nix::unistd::Pid::from_raw(pid);
                let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            }
        }
        match tries(&mut bench).await {
            Err(error @ DriverError::Lost(_)) => break error,
            _ => assert!(begun.elapsed() < PATIENCE, "it goes on"),
        }
    };
    assert!(error.to_string().contains("too many"), "{error}");
    let begun = Instant::now();
    assert_eq!(tries(&mut bench).await, Err(error));
    assert!(begun.elapsed() < Duration::from_secs(5));
    bench.close().await;
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
