//! What a server asks of the agent's machine.

use std::os::unix::fs::PermissionsExt;

use pilothouse_protocols::agent_link::requests::Ask;

use super::{fake_server::worker_stream, *};

/// The smallest thing that is taken for a PNG, base64.
const PICTURE: &str = "iVBORw0KGgo=";

#[test]
fn paths_and_repositories_are_looked_at_beside_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.request(1, Ask::Stat { path: "/etc/../usr/bin".to_owned() });
    let directory = folder.path().to_str().unwrap().to_owned();
    let ask = |arguments: &[&str]| Ask::Git {
        directory: directory.clone(),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
    };
    link.request(2, ask(&["rev-parse", "--show-toplevel"]));
    link.request(3, ask(&["clone", "x"]));
    server.take_until(&mut link, |known| known.answers.len() == 3);
    let stat = server.known.answers[&1].as_ref().unwrap();
    assert_eq!(
        (stat["kind"].as_str(), stat["realPath"].as_str()),
        (Some("directory"), Some("/usr/bin"))
    );
    let git = server.known.answers[&2].as_ref().unwrap();
    assert_eq!(git["code"], 128);
    assert!(git["complaint"].as_str().unwrap().contains("not a git repository"));
    assert_eq!(server.known.answers[&3].as_ref().unwrap_err().code, FailureCode::Invalid);
}

#[test]
fn a_picture_is_saved_for_this_user_only_and_its_path_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.spawn("r2-1", Some("echo ready; cat"));
    server.take_until(&mut link, |known| known.text("r2-1").contains("ready"));
    let image = |worker: &str, content: &str| Ask::Image {
        stream: worker_stream(worker),
        viewer: "v-1".to_owned(),
        content: content.to_owned(),
    };
    link.request(1, image("r2-1", PICTURE));
    link.request(2, image("r2-1", "bm8gcGljdHVyZQ=="));
    link.request(3, image("r2-2", PICTURE));
    server.take_until(&mut link, |known| known.answers.len() == 3);
    let path = server.known.answers[&1].as_ref().unwrap()["path"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read(&path).unwrap(), b"\x89PNG\r\n\x1a\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(server.known.answers[&2].as_ref().unwrap_err().code, FailureCode::Invalid);
    assert_eq!(server.known.answers[&3].as_ref().unwrap_err().code, FailureCode::NotFound);
    server.take_until(&mut link, |known| known.text("r2-1").replace("\r\n", "").contains(&path));
    link.input("r2-1", "\r\u{4}");
    server.take_until(&mut link, |known| known.exited.contains_key("r2-1"));
    link.send(&FromServer::ForgetWorker { stream: worker_stream("r2-1") });
    while std::path::Path::new(&path).exists() {
        thread::yield_now();
    }
}
