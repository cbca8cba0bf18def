//! Recordings: made, seen again, taken along, bounded, and there after whatever happens.

use std::{fs, process::Command, thread, time::Duration};

use pilothouse_core::Role;
use pilothouse_testkit::{
    http::{self, Answer},
    program::{Agent, Server, Surroundings},
    small_disk::SmallDisk,
    terminal,
    viewer::{Upgrade, Viewer},
    waiting::wait_until,
};
use serde_json::{Value, json};

use super::{base64, frame, next, person, producer_with, shown, status, viewer, watching};

/// A server with a session whose pictures a worker brings.
struct Studio {
    server: Server,
    _agent: Agent,
    session: String,
    worker: Viewer,
    sent: u64,
}

impl Studio {
    fn open(settings: &[(&str, &str)]) -> Self {
        Self::open_in(Surroundings::default(), settings)
    }

    fn open_in(surroundings: Surroundings, settings: &[(&str, &str)]) -> Self {
        let server = Server::start_in(surroundings, settings);
        let agent = server.agent("a-1");
        let session = terminal::session(&server, "/tmp");
        let worker = Self::worker(&server, &session);
        Self { server, _agent: agent, session, worker, sent: 0 }
    }

    /// With a recording that has taken the first of three pictures, and may take none of the others yet.
    fn in_a_hurry() -> (Self, String) {
        let mut studio = Self::open(&[("recordings.fps", "1")]);
        studio.show(&frame(1));
        let id = studio.start();
        studio.show(&frame(2));
        studio.show(&frame(3));
        (studio, id)
    }

    fn worker(server: &Server, session: &str) -> Viewer {
        let target = format!("/ws/stream/{session}?ack=1&token={}", server.operator());
        Upgrade::to(target).send(server.address()).unwrap()
    }

    fn ask(&self, method: &str, behind: &str) -> Answer {
        let path = format!("{method} /api/v1/sessions/{}/recordings{behind}", self.session);
        http::send_json(self.server.address(), &path, &self.server.operator(), &Value::Null)
    }

    fn start(&self) -> String {
        let answer = self.ask("POST", "");
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["recording"]["id"].as_str().unwrap().to_owned()
    }

    fn show(&mut self, picture: &Value) {
        self.worker.send(picture);
        self.worker.text();
        self.sent += 1;
    }

    fn recording(&self, id: &str) -> Value {
        let answer = self.ask("GET", &format!("/{id}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Replays a recording, which begins with these pictures.
    fn seen_again(&self, id: &str, pictures: impl IntoIterator<Item = u64>) -> Viewer {
        let mut again = viewer(&self.server, &self.session, &format!("&replay={id}&speed=16"));
        for number in pictures {
            assert_eq!(next(&mut again), shown(&self.session, &frame(number)));
        }
        again
    }

    /// Waits until so many pictures are kept.
    fn wait_for_pictures(&self, id: &str, count: u64) {
        wait_until("the pictures are kept", || {
            self.recording(id)["recording"]["pictures"] == count
        });
    }
}

#[test]
fn what_was_recorded_is_listed_seen_again_taken_along_and_deleted() {
    let mut studio = Studio::open(&[("recordings.fps", "100")]);
    let mut curious = viewer(&studio.server, &studio.session, "&events=1");
    studio.show(&frame(1));
    let id = studio.start();
    status(&mut curious, |status| status["recording"] == true);
    assert_eq!(studio.ask("POST", "").status, 409, "one at a time");
    for count in 2..=4 {
        let mut picture = frame(count);
        picture["metadata"] = json!({"deviceWidth": 640.0, "deviceHeight": 480.0});
        studio.show(&picture);
        studio.wait_for_pictures(&id, count);
    }
    let stopped = studio.ask("POST", &format!("/{id}/stop")).json()["recording"].take();
    assert_eq!(stopped["pictures"], 4, "the one that was there, and those that came");
    assert!(stopped["endReason"].as_str().unwrap().ends_with(" stopped it"), "{stopped}");
    status(&mut curious, |status| status["recording"] == false);
    studio.show(&frame(5));
    let index = studio.recording(&id);
    assert_eq!(index["recording"], stopped, "nothing is kept any more");
    let pictures = index["pictures"].as_array().unwrap();
    assert_eq!((&pictures[3]["n"], &pictures[3]["width"]), (&json!(3), &json!(640.0)));
    assert_eq!(pictures[0]["mime"], "image/jpeg");
    let listed = studio.ask("GET", "").json();
    assert_eq!(listed["recordings"], json!([stopped]));

    let mut again = studio.seen_again(&id, 1..=4);
    assert_eq!(again.expect_close(), 1000);
    let unknown =
        format!("/ws/view/{}?token={}&replay=rec-0", studio.session, watching(&studio.server));
    let mut unknown = Upgrade::to(unknown).send(studio.server.address()).unwrap();
    assert_eq!(unknown.expect_close(), 4003);

    export(&studio, &id);
    assert_eq!(studio.ask("DELETE", &format!("/{id}")).status, 204);
    assert_eq!(studio.ask("GET", &format!("/{id}")).status, 404);
    assert_eq!(fs::read_dir(studio.server.folder().join("recordings")).unwrap().count(), 0);
}

/// The archive holds what `tar` of this machine finds in it.
fn export(studio: &Studio, id: &str) {
    let folder = tempfile::TempDir::new().unwrap();
    let archive = folder.path().join("recording.tar");
    let address = format!("http://{}", studio.server.address());
    let url = format!("{address}/api/v1/sessions/{}/recordings/{id}/export", studio.session);
    let token = format!("Authorization: Bearer {}", studio.server.operator());
    let fetched =
        Command::new("curl").args(["-sf", "-H", &token, "-o"]).arg(&archive).arg(url).status();
    assert!(fetched.unwrap().success());
    let unpacked =
        Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder.path()).status();
    assert!(unpacked.unwrap().success());
    let index = fs::read(folder.path().join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["pictures"].as_array().unwrap().len(), 4);
    for count in 1..=4_u64 {
        let content = fs::read(folder.path().join(format!("{:06}.jpg", count - 1))).unwrap();
        assert_eq!(base64(&content), frame(count)["data"].as_str().unwrap());
    }
}

#[test]
fn the_last_picture_is_kept_however_soon_the_recording_ends() {
    let (studio, id) = Studio::in_a_hurry();
    assert_eq!(studio.ask("POST", &format!("/{id}/stop")).status, 200);
    assert_eq!(studio.recording(&id)["recording"]["pictures"], 2);
    studio.seen_again(&id, [1, 3]);
}

#[test]
fn the_last_picture_is_kept_also_when_the_server_stops() {
    let (mut studio, id) = Studio::in_a_hurry();
    assert_eq!(studio.server.stop(), Some(0));
    studio.server.start_again();
    let kept = studio.recording(&id)["recording"].take();
    assert_eq!((&kept["pictures"], &kept["endReason"]), (&json!(2), &json!("the server stopped")));
    studio.seen_again(&id, [1, 3]);
}

#[test]
fn recordings_are_for_operators_and_leave_records() {
    let studio = Studio::open(&[]);
    let path = |method: &str, behind: &str| {
        format!("{method} /api/v1/sessions/{}/recordings{behind}", studio.session)
    };
    let ask = |token: &str, request: &str| {
        http::send_json(studio.server.address(), request, token, &Value::Null).status
    };
    let watching = watching(&studio.server);
    assert_eq!(ask(&watching, &path("POST", "")), 403);
    assert_eq!(ask(&watching, &path("GET", "")), 200);
    let id = studio.start();
    for (method, behind) in [("POST", format!("/{id}/stop")), ("DELETE", format!("/{id}"))] {
        assert_eq!(ask(&watching, &path(method, &behind)), 403, "{behind}");
    }
    let operator = studio.server.operator();
    let unknown = "POST /api/v1/sessions/ses-unknown/recordings";
    assert_eq!(ask(&operator, unknown), 404);
    assert_eq!(ask(&operator, &path("GET", "/rec-unknown")), 404);
    assert_eq!(ask(&operator, &path("POST", "/rec-unknown/stop")), 404);
    let other = terminal::session(&studio.server, "/");
    let foreign = format!("GET /api/v1/sessions/{other}/recordings/{id}");
    assert_eq!(ask(&operator, &foreign), 404, "it is of another session");
}

#[test]
fn what_was_kept_outlives_a_kill_and_a_torn_end() {
    let mut studio = Studio::open(&[("recordings.fps", "100")]);
    let id = studio.start();
    for count in 1..=3 {
        studio.show(&frame(count));
        studio.wait_for_pictures(&id, count);
    }
    let file = studio.server.folder().join("recordings").join(format!("{id}.pictures"));
    studio.server.kill();
    let mut torn = fs::read(&file).unwrap();
    let whole = torn.len();
    torn.extend_from_within(..whole / 3 - 2);
    fs::write(&file, torn).unwrap();
    studio.server.start_again();
    let kept = studio.recording(&id);
    assert_eq!(kept["recording"]["endReason"], "the server was killed");
    assert_eq!(kept["pictures"].as_array().unwrap().len(), 3, "half a picture is none");
    let mut again = studio.seen_again(&id, 1..=3);
    assert_eq!(again.expect_close(), 1000);
}

/// A picture of which a few fill a limit.
fn large(count: u64) -> Value {
    let mut picture = frame(count);
    let data = picture["data"].as_str().unwrap().repeat(10_000);
    picture["data"] = data.into();
    picture
}

#[test]
fn a_recording_ends_when_it_is_large_enough_and_old_ones_give_way() {
    let settings = [
        ("recordings.fps", "100"),
        ("recordings.keep_bytes", "1 MB"),
        ("recordings.keep_total", "1500 KB"),
    ];
    let mut studio = Studio::open(&settings);
    let first = studio.start();
    let ended = |studio: &Studio, id: &str| {
        studio.recording(id)["recording"]["endReason"].as_str().map(str::to_owned)
    };
    while ended(&studio, &first).is_none() {
        let count = studio.sent + 1;
        studio.show(&large(count));
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(ended(&studio, &first).unwrap(), "it has as much as recordings.keep_bytes allows");
    let second = studio.start();
    while ended(&studio, &second).is_none() {
        let count = studio.sent + 1;
        studio.show(&large(count));
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(studio.ask("GET", &format!("/{first}")).status, 404, "it gave way");
    let metrics = studio.server.metrics();
    assert!(metrics["pilothouse_recordings_bytes"] <= 1_500_000, "{metrics:?}");
}

#[test]
fn a_full_disk_ends_the_recording_and_pictures_go_on() {
    let Some(disk) = SmallDisk::mount_or_skip(24) else { return };
    let surroundings =
        Surroundings { parent: Some(disk.path().to_owned()), ..Surroundings::default() };
    let mut studio = Studio::open_in(surroundings, &[("recordings.fps", "100")]);
    let id = studio.start();
    studio.show(&large(1));
    studio.wait_for_pictures(&id, 1);
    disk.fill();
    let mut watched = viewer(&studio.server, &studio.session, "");
    assert_eq!(next(&mut watched)["data"], large(1)["data"]);
    for count in 2..=60 {
        studio.show(&large(count));
        assert_eq!(next(&mut watched)["data"], large(count)["data"], "the relay goes on");
    }
    wait_until("the recording has ended", || {
        studio.recording(&id)["recording"]["endReason"] == "the disk is full"
    });
    let pictures = studio.recording(&id)["pictures"].as_array().unwrap().len();
    assert!(pictures >= 1, "what was kept is there");
}

#[test]
fn a_link_to_watch_shows_that_session_for_as_long_as_it_counts() {
    let mut studio = Studio::open(&[]);
    studio.show(&frame(1));
    let ask = |role, body: &Value| {
        let token = studio.server.token(&person("ann", role));
        let path = format!("POST /api/v1/sessions/{}/viewer-token", studio.session);
        http::send_json(studio.server.address(), &path, &token, body)
    };
    assert_eq!(ask(Role::Viewer, &json!({})).status, 403);
    assert_eq!(ask(Role::Operator, &json!({"expires": "soon"})).status, 400);
    let made = ask(Role::Operator, &json!({"expires": "5m"}));
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let url = made["url"].as_str().unwrap();
    let (_, target) = url.split_once("localhost").unwrap();
    let mut guest = Upgrade::to(target).send(studio.server.address()).unwrap();
    assert_eq!(next(&mut guest), shown(&studio.session, &frame(1)));
    let token = made["token"].as_str().unwrap();
    let elsewhere = Upgrade::to(format!("/ws/view/other?token={token}"));
    assert_eq!(elsewhere.send(studio.server.address()).err().unwrap().0, 401);
    let produces = producer_with(&studio.server, &studio.session, token).expect_close();
    assert_eq!(produces, 4002);
}
