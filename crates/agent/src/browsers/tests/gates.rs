//! Where browsers get, and where they do not.

use super::*;

/// A gate that is as closed as it is without a word, for sites on this machine.
fn closed() -> Bench {
    Bench::with(|config| config.browser.allow = Vec::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_and_its_network_are_closed_by_every_way() {
    let mut bench = closed();
    let blank = Ask::OpenBrowser {
        session: "s-1".into(),
        url: None,
        width: None,
        height: None,
        token: None,
    };
    bench.ask(blank).await.unwrap();
    for url in [
        bench.url("still"),
        format!("http://localhost:{}/", bench.site.port()),
        format!("http://[::ffff:127.0.0.1]:{}/", bench.site.port()),
        format!("http://0x7f.1:{}/", bench.site.port()),
        format!("https://127.0.0.1:{}/", bench.site.port()),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.1.2.3/".to_owned(),
    ] {
        let answer = bench.go(&url).await;
        let browser = bench.until(|browser| browser.incident.is_some()).await;
        let incident = browser.incident.unwrap();
        assert!(incident.contains("is closed to browsers"), "{url}: {answer:?} {incident}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_frames_scripts_and_sockets_do_not_get_around_the_gate() {
    // One address of this machine is open, another one is not.
    let mut bench = Bench::with(|config| config.browser.allow = vec!["127.0.0.1".parse().unwrap()]);
    let other = TcpListener::bind("127.0.0.2:0").unwrap();
    let secret = format!("http://{}/", other.local_addr().unwrap());
    let (knocked, knocks) = mpsc::channel();
    thread::spawn(move || {
        for _ in other.incoming() {
            let _ = knocked.send(());
        }
    });
    bench.open("still").await;
    bench.until_title("still").await;
    bench.go(&bench.url(&format!("fetch?{secret}"))).await.unwrap();
    let browser = bench
        .until(|browser| browser.title.contains("no socket") && browser.title.contains("fetch"))
        .await;
    // A plain request is answered by the gate itself; what it was meant for never hears of it.
    assert!(!browser.title.contains("opened"), "{}", browser.title);
    let _ = bench.go(&bench.url(&format!("away?{secret}"))).await;
    bench
        .until(|browser| browser.incident.as_deref().is_some_and(|it| it.contains("127.0.0.2")))
        .await;
    assert!(knocks.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_browser_gets_through_its_gate() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.until_title("still").await;
    let line = std::fs::read(format!("/proc/{}/cmdline", bench.processes("")[0])).unwrap();
    let line = String::from_utf8_lossy(&line).into_owned();
    let gate = line.split(['\0', ';']).find_map(|it| it.strip_prefix("https=http://")).unwrap();
    let mut socket = TcpStream::connect(gate).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    // It may be closed before all is written.
    let _ = write!(socket, "GET {} HTTP/1.1\r\nHost: x\r\n\r\n", bench.url("still"));
    assert_eq!(read_all(&mut socket), "");
}
