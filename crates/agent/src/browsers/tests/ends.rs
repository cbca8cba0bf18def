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
async fn a_hundred_browsers_leave_no_process_no_folder_and_no_zombie() {
    let mut bench = Bench::new();
    for _ in 0..25 {
        let url = bench.url("still");
        let sessions = ["s-1", "s-2", "s-3", "s-4"];
        let open = |session: &str| Ask::OpenBrowser {
            session: session.into(),
            url: Some(url.clone()),
            width: None,
            height: None,
            token: None,
        };
        let opened = sessions.map(|session| bench.ask(open(session)));
        let [first, second, third, fourth] = opened;
        let opened = tokio::join!(first, second, third, fourth);
        assert!(matches!(opened, (Ok(()), Ok(()), Ok(()), Ok(()))), "{opened:?}");
        let closed =
            sessions.map(|session| bench.ask(Ask::CloseBrowser { session: session.into() }));
        let [first, second, third, fourth] = closed;
        let closed = tokio::join!(first, second, third, fourth);
        assert!(matches!(closed, (Ok(()), Ok(()), Ok(()), Ok(()))), "{closed:?}");
        assert!(bench.folders().is_empty());
    }
    bench.seen.clear();
    assert!(bench.processes("").is_empty() && bench.processes("renderer").is_empty());
    let left = Bench::descendants();
    assert!(left.is_empty(), "{left:#?}");
    let socket = |name: &str| name.starts_with("org.chromium") || name.starts_with(".org.chromium");
    let strays = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let strays: Vec<_> = strays.filter(|it| socket(&it.file_name().to_string_lossy())).collect();
    assert!(strays.iter().all(|it| it.metadata().is_ok_and(|it| it.is_dir())), "{strays:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_whose_folder_is_too_deep_for_a_socket_leaves_none_elsewhere() {
    let deep = "a-folder-whose-path-is-longer-than-what-a-socket-of-chromium-can-have";
    let mut bench = Bench::with(|config| config.data_dir.push(deep));
    let browsers = bench.folder.path().join(deep).join("browsers");
    let socket = || {
        let folder = std::fs::read_dir(&browsers).unwrap().next().unwrap().unwrap().path();
        std::fs::read_link(folder.join("profile/SingletonSocket")).unwrap()
    };
    bench.open("still").await;
    bench.until_title("still").await;
    let first = socket();
    assert!(first.exists() && !first.starts_with(bench.folder.path()), "{first:?}");
    kill(&bench.processes(""));
    bench.until(|browser| browser.incident.is_some() && browser.title == "still").await;
    assert!(!first.parent().unwrap().exists(), "the crashed one's is left: {first:?}");
    let second = socket();
    assert!(second.exists());
    bench.close().await;
    assert!(!second.parent().unwrap().exists(), "the closed one's is left: {second:?}");
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

/// Says on its output that its browser is open, and goes on until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as a child of another test"]
async fn an_agent_with_an_open_browser() {
    let folder = std::env::current_dir().unwrap();
    let mut bench = Bench::with(|config| config.data_dir = folder);
    bench.open("still").await;
    bench.until_title("still").await;
    let mut output = std::io::stdout();
    output.write_all(b"\nthe browser is open\n").unwrap();
    output.flush().unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_that_was_killed_left_is_ended_by_its_next_life() {
    // What the agent leaves comes to this process, which takes in its dead.
    let bench = Bench::new();
    let this_one = "browsers::tests::ends::an_agent_with_an_open_browser";
    let mut agent = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", this_one, "--ignored", "--nocapture"])
        .current_dir(bench.folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(agent.stdout.take().unwrap());
    let said = output.lines().map_while(Result::ok).any(|line| line == "the browser is open");
    assert!(said, "the agent ended: {:?}", agent.wait());
    let all = || -> Vec<i32> {
        ["", "renderer", "gpu-process", "zygote", "utility"]
            .iter()
            .flat_map(|kind| bench.processes(kind))
            .filter(|pid| !is_dead(*pid))
            .collect()
    };
    let browser = all();
    assert!(browser.len() >= 2 && bench.folders().len() == 1, "{browser:?}");
    // Stopped, they cannot see that nobody is at the other end of their pipe any more, and go by themselves.
    for pid in &browser {
        nix::sys::signal::kill(Pid::from_raw(*pid), nix::sys::signal::Signal::SIGSTOP).unwrap();
    }
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(all().len(), browser.len(), "they outlive their agent");
    crate::browsers::bury(bench.folder.path()).await;
    assert!(all().is_empty() && bench.folders().is_empty(), "{:?} {:?}", all(), bench.folders());
}

/// Gone, or only not taken in yet.
fn is_dead(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}
