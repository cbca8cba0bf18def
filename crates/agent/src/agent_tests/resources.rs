//! What the machine has left is told as often as the server wants to know it.

use super::*;

#[test]
fn the_server_is_told_what_the_machine_has_left_and_what_each_command_takes() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    server.resources_interval = Some(200);
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.start("r1-busy", "while :; do :; done");
    let of_it = |known: &fake_server::Known| {
        let last = known.resources.last()?;
        last.processes.iter().find(|taken| taken.stream.id == "r1-busy").cloned()
    };
    server.take_until(&mut link, |known| of_it(known).is_some_and(|it| it.cpu > Some(0.0)));
    let last = server.known.resources.last().unwrap();
    assert_eq!((last.commands, last.workers), (1, 0));
    assert!(last.cpu.is_some() && last.disk.is_some() && last.uptime > 0);
    let grace = 100;
    link.send(&FromServer::Interrupt { command: "r1-busy".to_owned(), grace });
    server.take_until(&mut link, |known| known.resources.last().unwrap().commands == 0);
    assert!(server.known.resources.last().unwrap().processes.is_empty());
}

#[test]
fn a_server_that_does_not_ask_is_told_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    // Longer than a first report takes.
    link.start("r2-1", "sleep 2");
    server.take_until(&mut link, |known| known.ended.contains_key("r2-1"));
    assert_eq!(server.known.resources, []);
}
