//! As services under systemd: who started them is told that they are ready, live, and stop.

use std::{
    fs,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    path::Path,
    process::{Child, Command, Stdio},
};

use pilothouse_testkit::program::{PATIENCE, Server, program, signal};
use tempfile::TempDir;

/// Ends with the test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next word from the service; a test that waits too long fails.
fn told(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 512];
    let length = socket.recv(&mut bytes).expect("the service says something in time");
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

fn serve(data: &Path, socket: &str) -> Service {
    let mut command = Command::new(program());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
    command.env("PILOTHOUSE_CONFIG", "/dev/null").env("NOTIFY_SOCKET", socket);
    Service(command.env("WATCHDOG_USEC", "200000").stdout(Stdio::null()).spawn().unwrap())
}

#[test]
fn a_server_says_when_it_listens_that_it_lives_and_when_it_stops() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut service = serve(&folder.path().join("data"), path.to_str().unwrap());
    let ready = told(&socket);
    let address = ready.strip_prefix("READY=1\nSTATUS=listening on http://").expect(&ready);
    std::net::TcpStream::connect(address).expect("whoever is ready is listening");
    assert_eq!(told(&socket), "WATCHDOG=1");
    assert_eq!(told(&socket), "WATCHDOG=1");
    signal(service.0.id(), "TERM");
    let last = std::iter::repeat_with(|| told(&socket)).find(|word| word != "WATCHDOG=1");
    assert!(last.unwrap().starts_with("STOPPING=1"));
    assert!(service.0.wait().unwrap().success());
}

#[test]
fn abstract_sockets_are_spoken_to_as_well() {
    let folder = TempDir::new().unwrap();
    let name = format!("pilothouse-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let _service = serve(&folder.path().join("data"), &format!("@{name}"));
    assert!(told(&socket).starts_with("READY=1"));
}

#[test]
fn an_agent_says_when_it_runs_and_keeps_the_socket_from_its_commands() {
    let server = Server::start(&[]);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let agent =
        server.agent_with("a-1", server.address(), &[("NOTIFY_SOCKET", path.to_str().unwrap())]);
    assert_eq!(told(&socket), "READY=1\nSTATUS=running");
    server.wait_until_online("a-1");
    let output = Command::new(program())
        .args(["exec", "a-1", "--server", &format!("http://{}", server.address())])
        .args(["--", "echo socket=$NOTIFY_SOCKET."])
        .env("PILOTHOUSE_TOKEN", server.operator())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "socket=.\n");
    signal(agent.id(), "TERM");
    assert!(told(&socket).starts_with("STOPPING=1"));
}

#[test]
#[expect(clippy::print_stderr, reason = "a check that is left out is not left out silently")]
fn the_units_are_understood_by_systemd() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd");
    let folder = TempDir::new().unwrap();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]);
    for name in ["pilothouse.service", "pilothouse-agent.service"] {
        let unit = fs::read_to_string(units.join(name)).unwrap();
        let program = program();
        let unit = unit.replace("/usr/local/bin/pilothouse", program.to_str().unwrap());
        assert!(unit.contains("\nType=notify\n"));
        fs::write(folder.path().join(name), unit).unwrap();
        verify.arg(folder.path().join(name));
    }
    match verify.output() {
        Ok(output) => {
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && complaints.is_empty(), "{complaints}");
        }
        Err(_) => eprintln!("systemd-analyze is not installed, so the units were not checked"),
    }
}
