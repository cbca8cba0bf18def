//! Every way out that a page has.

use super::{
    recorder::{Recorder, encoded},
    *,
};

/// What a page does, and what has to be asked one after the other because of it: method and path, and whether the
/// host is the foreign one. All but the last are granted on the way.
pub(super) struct Way {
    name: &'static str,
    html: String,
    asked: Vec<(&'static str, &'static str, bool)>,
}

fn way(
    name: &'static str,
    html: impl Into<String>,
    asked: &[(&'static str, &'static str, bool)],
) -> Way {
    Way { name, html: html.into(), asked: asked.to_vec() }
}

fn script(script: &str) -> String {
    format!("<title>way</title><body><script>{script}</script>")
}

/// The ways by which something is changed at a server.
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn writing(recorder: &Recorder) -> Vec<Way> {
    let code = |text: &str| format!("/script?{}", encoded(text));
    let page = |text: &str| format!("/page?{}", encoded(&recorder.named(text)));
    vec![
        way(
            "form",
            "<form method=post action=/do/form><input name=card value=4111></form><script>document.forms[0].submit()</script>",
            &[("POST", "/do/form", false)],
        ),
        way(
            "form into a new tab",
            "<form method=post target=_blank action=/do/tab></form><script>document.forms[0].submit()</script>",
            &[("POST", "/do/tab", false)],
        ),
        way(
            "fetch POST",
            script("fetch('/do/post', {method: 'POST', body: 'x'})"),
            &[("POST", "/do/post", false)],
        ),
        way(
            "fetch PUT",
            script("fetch('FOREIGN/do/put', {method: 'PUT', body: 'x'})"),
            &[("PUT", "/do/put", true)],
        ),
        way(
            "fetch PATCH",
            script("fetch('/do/patch', {method: 'PATCH'})"),
            &[("PATCH", "/do/patch", false)],
        ),
        way(
            "fetch DELETE",
            script("fetch('/do/delete', {method: 'DELETE'})"),
            &[("DELETE", "/do/delete", false)],
        ),
        way(
            "fetch of another kind",
            script("fetch('/do/odd', {method: 'PROPFIND'})"),
            &[("PROPFIND", "/do/odd", false)],
        ),
        way(
            "XMLHttpRequest that stops its page",
            script("const x = new XMLHttpRequest(); x.open('POST', '/do/xhr', false); x.send('x')"),
            &[("POST", "/do/xhr", false)],
        ),
        way(
            "beacon",
            script("navigator.sendBeacon('/do/beacon', 'x')"),
            &[("POST", "/do/beacon", false)],
        ),
        way(
            "beacon of a page that goes",
            script(
                "onpagehide = () => navigator.sendBeacon('/do/farewell', 'x'); onload = () => { location = '/still' }",
            ),
            &[("POST", "/do/farewell", false)],
        ),
        way(
            "fetch that outlives its page",
            script(
                "onpagehide = () => { fetch('/do/outlives', {method: 'POST', keepalive: true, body: 'x'}) }; onload = () => { location = '/still' }",
            ),
            &[("POST", "/do/outlives", false)],
        ),
        way(
            "frame of the same host",
            format!(
                "<iframe src='{}'></iframe>",
                page(&script("fetch('/do/frame', {method: 'POST'})"))
            ),
            &[("POST", "/do/frame", false)],
        ),
        way(
            "frame of another host",
            format!(
                "<iframe src='FOREIGN{}'></iframe>",
                page(&script("fetch('/do/strange', {method: 'POST'})"))
            ),
            &[("GET", "/page", true), ("POST", "/do/strange", true)],
        ),
        way(
            "window",
            script(&format!("open('{}')", page(&script("fetch('/do/window', {method: 'POST'})")))),
            &[("POST", "/do/window", false)],
        ),
        way(
            "worker",
            script(&format!("new Worker('{}')", code("fetch('/do/worker', {method: 'POST'})"))),
            &[("POST", "/do/worker", false)],
        ),
        way(
            "worker of a blob",
            script(
                "new Worker(URL.createObjectURL(new Blob([\"fetch('OWN/do/blob', {method: 'POST'})\"])))",
            ),
            &[("POST", "/do/blob", false)],
        ),
        way(
            "shared worker",
            script(&format!(
                "new SharedWorker('{}')",
                code("fetch('/do/shared', {method: 'POST'})")
            )),
            &[("POST", "/do/shared", false)],
        ),
        way(
            "service worker",
            script(&format!(
                "navigator.serviceWorker.register('{}')",
                code(
                    "oninstall = event => event.waitUntil(fetch('/do/service', {method: 'POST'}))"
                )
            )),
            &[("POST", "/do/service", false)],
        ),
        way(
            "report of what the page's own rules blocked",
            format!("<iframe src='/csp?{}'></iframe>", encoded("<img src=http://127.0.0.9/x>")),
            &[("POST", "/do/report", false)],
        ),
        way(
            "redirect of what was granted",
            script(&format!(
                "fetch('/again?{}', {{method: 'POST', body: 'x'}})",
                encoded(&recorder.named("FOREIGN/do/redirected"))
            )),
            &[("POST", "/again", false), ("POST", "/do/redirected", true)],
        ),
    ]
}

/// The ways to a page, a frame or a socket of a host that is not allowed.
fn going(recorder: &Recorder) -> Vec<Way> {
    let away = format!("/away?{}", encoded(&recorder.named("FOREIGN/do/away")));
    vec![
        way(
            "location",
            script("location = 'FOREIGN/do/location'"),
            &[("GET", "/do/location", true)],
        ),
        way(
            "link",
            "<a id=a href='FOREIGN/do/link'>x</a><script>a.click()</script>",
            &[("GET", "/do/link", true)],
        ),
        way(
            "link that downloads",
            "<a id=a download href='FOREIGN/do/download'>x</a><script>a.click()</script>",
            &[("GET", "/do/download", true)],
        ),
        way("redirect", script(&format!("location = '{away}'")), &[("GET", "/do/away", true)]),
        way(
            "refresh",
            "<meta http-equiv=refresh content='0; url=FOREIGN/do/refresh'>",
            &[("GET", "/do/refresh", true)],
        ),
        way("window", script("open('FOREIGN/do/open')"), &[("GET", "/do/open", true)]),
        way("frame", "<iframe src='FOREIGN/do/inner'></iframe>", &[("GET", "/do/inner", true)]),
        way(
            "object",
            "<object data='FOREIGN/do/object' type=text/html></object>",
            &[("GET", "/do/object", true)],
        ),
        way(
            "form that asks",
            "<form action='FOREIGN/do/search'><input name=q value=secret></form><script>document.forms[0].submit()</script>",
            &[("GET", "/do/search?q=secret", true)],
        ),
        way(
            "socket",
            script("new WebSocket('FOREIGN/do/socket'.replace('http', 'ws'))"),
            &[("GET", "/do/socket", true)],
        ),
        way(
            "socket of a worker",
            script(
                "new Worker(URL.createObjectURL(new Blob([`new WebSocket('FOREIGN/do/deep'.replace('http', 'ws'))`])))",
            ),
            &[("GET", "/do/deep", true)],
        ),
    ]
}

async fn every(ways: impl Fn(&Recorder) -> Vec<Way>, granted: bool) {
    every_in(Watched::new().await, ways, granted).await;
}

pub(super) async fn every_in(
    mut watched: Watched,
    ways: impl Fn(&Recorder) -> Vec<Way>,
    granted: bool,
) {
    for Way { name, html, asked } in ways(&watched.recorder) {
        watched.show(&html);
        let last = asked.len() - 1;
        for (at, (method, path, is_foreign)) in asked.into_iter().enumerate() {
            let wanted = watched.wanted().await;
            let host = if is_foreign { watched.recorder.foreign() } else { watched.recorder.own() };
            let shown = format!("{host}{}", path.replace("secret", "…"));
            let is_it = wanted.method == method
                && wanted.url.replace("ws://", "http://").starts_with(&shown);
            assert!(is_it, "{name}: {wanted:?} instead of {method} {shown}");
            let is_last = at == last;
            let came = || watched.recorder.count(method, path);
            if is_last {
                assert_eq!(came(), 0, "{name}: it left before anybody granted it");
            }
            let grants = granted || !is_last;
            watched.permission.decide(&wanted.id, grants, Some("no".to_owned())).unwrap();
            if !is_last {
                continue;
            }
            if granted {
                watched
                    .recorder
                    .until(|seen| seen.iter().any(|it| it.path == path && it.method == method))
                    .await;
            }
            watched.settle().await;
            let came = watched.recorder.count(method, path);
            assert_eq!(came, usize::from(granted), "{name}: {method} {path}");
            if !granted {
                let notes = watched.permission.take_notes().join("\n");
                assert!(notes.contains("was denied: no"), "{name}: {notes}");
            }
        }
    }
    let before = watched.recorder.seen();
    watched.bench.close().await;
    let is_writing = |it: &&recorder::Arrived| it.path.starts_with("/do/");
    let (before, after) = (before.iter().filter(is_writing).count(), watched.recorder.seen());
    assert_eq!(
        after.iter().filter(is_writing).count(),
        before,
        "something left at the end: {after:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_leaves_once_and_only_when_it_is_granted() {
    every(writing, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_and_is_denied_never_leaves() {
    every(writing, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_sockets_of_other_hosts_open_only_when_that_is_granted() {
    every(going, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_sockets_of_other_hosts_that_are_denied_never_hear_of_it() {
    every(going, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_in_case_or_behind_the_pages_back_stays_inside_without_a_question() {
    let mut watched = Watched::new().await;
    let html = "<link rel=prefetch href='FOREIGN/do/prefetched'><link rel=preconnect href='FOREIGN'>
        <script type=speculationrules>{\"prefetch\": [{\"source\": \"list\", \"urls\": [\"FOREIGN/do/guessed\"],
            \"eagerness\": \"immediate\"}], \"prerender\": [{\"source\": \"list\", \"urls\": [\"OWN/page?%3Cscript%3Efetch('/do/prerendered',%7Bmethod:'POST'%7D)%3C/script%3E\"],
            \"eagerness\": \"immediate\"}]}</script>
        <a id=a href='#x' ping='FOREIGN/do/ping'>x</a><script>
        a.click();
        const turn = new RTCPeerConnection({iceServers: [{urls: 'turn:127.0.0.2:PORT?transport=tcp', username: 'u', credential: 'c'}]});
        turn.createDataChannel('x'); turn.createOffer().then(offer => turn.setLocalDescription(offer));
        turn.onicegatheringstatechange = () => {
            if (turn.iceGatheringState === 'complete') fetch('/do/last', {method: 'POST'}) };
        </script>";
    let port = watched.recorder.foreign().rsplit_once(':').unwrap().1.to_owned();
    watched.show(&html.replace("PORT", &port));
    let wanted = watched.wanted().await;
    assert!(wanted.url.ends_with("/do/last"), "{wanted:?}");
    watched.permission.decide(&wanted.id, true, None).unwrap();
    watched.recorder.until(|seen| seen.iter().any(|it| it.path == "/do/last")).await;
    watched.settle().await;
    let foreign: Vec<_> =
        watched.recorder.seen().into_iter().filter(|it| it.host.starts_with("127.0.0.2")).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}
