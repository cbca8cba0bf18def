//! The gate alone, without a browser that holds anything back: what it lets through while a permission holds.

use tokio::io::{AsyncBufReadExt, BufReader};

use super::*;

/// A gate of this process, and a server behind it that says what comes to it.
async fn gate() -> (Gate, SocketAddr, tokio::sync::mpsc::Receiver<String>) {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let (sender, arrived) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((socket, _)) = server.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut lines = BufReader::new(socket).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line.contains(" HTTP/1.1") {
                        let _ = sender.send(line).await;
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        let _ = lines.get_mut().get_mut().write_all(answer).await;
                    }
                }
            });
        }
    });
    let gate = Gate::open(Rules::new(vec![Allowance::Loopback])).await.unwrap();
    gate.belongs_to(nix::unistd::getsid(None).unwrap().as_raw());
    (gate, address, arrived)
}

/// What the gate answers to that, in one line; nothing if it closes the connection.
async fn say(door: SocketAddr, text: &str) -> (TcpStream, String) {
    let mut socket = TcpStream::connect(door).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    let answer = listen(&mut socket).await;
    (socket, answer)
}

async fn listen(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = async {
        let is_whole = |answer: &[u8]| answer.windows(4).any(|four| four == b"\r\n\r\n");
        while !is_whole(&answer) && socket.read_buf(&mut answer).await.unwrap_or(0) > 0 {}
    };
    timeout(Duration::from_secs(20), read).await.expect("there is an answer");
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_gets_out_that_was_not_let_go_even_if_the_browser_holds_nothing_back() {
    let (gate, server, mut arrived) = gate().await;
    let plain =
        |method: &str| format!("{method} http://{server}/x HTTP/1.1\r\nHost: {server}\r\n\r\n");
    let tunnel = format!("CONNECT {server} HTTP/1.1\r\n\r\n");
    let (mut old, answer) = say(gate.address(), &tunnel).await;
    assert!(answer.contains(" 200 "), "{answer}");

    // Its browser is not known yet: all is closed, and what was open is cut off.
    let permission = Permission::new(&["127.0.0.1"], Duration::from_secs(60)).unwrap();
    gate.guard(Some(permission.clone()));
    assert_eq!(old.read(&mut [0]).await.unwrap_or(0), 0, "it is cut off");
    for text in [plain("GET"), plain("POST"), tunnel.clone()] {
        let (_, answer) = say(gate.address(), &text).await;
        assert!(answer.contains(" 403 "), "{text} {answer}");
    }

    // It is, and pages of this host are allowed; nobody granted that anything is changed there.
    permission.unseal();
    for (text, expect) in [
        (plain("GET"), " 200 "),
        (tunnel.clone(), " 200 "),
        (plain("POST"), " 403 "),
        (plain("DELETE"), " 403 "),
        ("CONNECT 127.0.0.2:443 HTTP/1.1\r\n\r\n".to_owned(), " 403 "),
        ("GET http://127.0.0.2/ HTTP/1.1\r\n\r\n".to_owned(), " 403 "),
    ] {
        let (_, answer) = say(gate.address(), &text).await;
        assert!(answer.contains(expect), "{text} {answer}");
    }
    assert_eq!(arrived.recv().await.unwrap(), "GET /x HTTP/1.1");
    gate.guard(None);
    assert!(say(gate.address(), &plain("POST")).await.1.contains(" 200 "));
    assert_eq!(arrived.recv().await.unwrap(), "POST /x HTTP/1.1", "and nothing in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_waits_at_its_door_until_it_is_granted() {
    let (gate, server, mut arrived) = gate().await;
    let permission = Permission::new::<&str>(&[], Duration::from_secs(60)).unwrap();
    gate.guard(Some(permission.clone()));
    permission.unseal();
    let tunnel = format!("CONNECT {server} HTTP/1.1\r\n\r\n");
    let open = "GET /feed?token=s3cret HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let (mut socket, answer) = say(gate.socket_address(), &tunnel).await;
    assert!(answer.contains(" 200 "));
    socket.write_all(open.as_bytes()).await.unwrap();
    let wanted = permission.wanted().await;
    assert_eq!(wanted.text, format!("WebSocket ws://{server}/feed?token=…"));
    assert!(arrived.try_recv().is_err());
    permission.decide(&wanted.id, true, None).unwrap();
    assert_eq!(arrived.recv().await.unwrap(), open.lines().next().unwrap());
    assert_eq!(listen(&mut socket).await, "HTTP/1.1 200 OK");

    // What is inside of TLS says only where it goes; and a socket that is denied is closed.
    let (mut socket, _) = say(gate.socket_address(), &tunnel).await;
    socket.write_all(&[22, 3, 1, 0, 5, 1, 2, 3, 4, 5]).await.unwrap();
    let wanted = permission.wanted().await;
    assert_eq!(wanted.text, format!("WebSocket wss://{server}/"));
    permission.decide(&wanted.id, false, None).unwrap();
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
    assert!(arrived.try_recv().is_err());
    // Nothing but tunnels comes in there.
    let plain = format!("GET http://{server}/x HTTP/1.1\r\nHost: {server}\r\n\r\n");
    assert!(say(gate.socket_address(), &plain).await.1.contains(" 400 "));
}
