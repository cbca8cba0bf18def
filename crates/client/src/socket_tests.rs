//! The client's half of a WebSocket against a scripted server.

use tokio::io::{DuplexStream, duplex};

use super::*;

/// Reads the handshake and answers it, or what is given instead.
async fn answer(server: &mut DuplexStream, instead: Option<&str>) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(server.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let digest = Sha1::new().chain_update(key).chain_update(ACCEPT_SUFFIX).finalize();
    let accept = STANDARD.encode(digest);
    let good = format!("HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
    server.write_all(instead.unwrap_or(&good).as_bytes()).await.unwrap();
    head
}

async fn open_against(
    instead: Option<&str>,
) -> (Result<Socket<DuplexStream>, Error>, DuplexStream) {
    let (client, mut server) = duplex(1 << 16);
    let (socket, head) = tokio::join!(
        Socket::open(client, "box:1", "/ws/dashboard", "a.b.c"),
        answer(&mut server, instead)
    );
    assert!(head.starts_with("GET /ws/dashboard HTTP/1.1\r\n"), "the token is not in the path");
    assert!(head.contains("Authorization: Bearer a.b.c\r\n"));
    (socket, server)
}

#[tokio::test]
async fn messages_come_whole_with_control_frames_between_their_fragments() {
    let (socket, mut server) = open_against(None).await;
    let mut socket = socket.unwrap_or_else(|error| panic!("{error}"));
    let frames =
        [&b"\x01\x03abc"[..], b"\x89\x01!", b"\x80\x02de", b"\x88\x05\x03\xe9bye"].concat();
    server.write_all(&frames).await.unwrap();
    assert_eq!(socket.next().await.unwrap(), Incoming::Ping(b"!".to_vec()));
    assert_eq!(socket.next().await.unwrap(), Incoming::Text("abcde".into()));
    assert_eq!(socket.next().await.unwrap(), Incoming::Closed { code: 1001, reason: "bye".into() });
}

#[tokio::test]
async fn what_is_sent_is_masked() {
    let (socket, mut server) = open_against(None).await;
    let mut socket = socket.unwrap_or_else(|error| panic!("{error}"));
    socket.send_text("hello").await.unwrap();
    let mut frame = [0; 11];
    server.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[..2], [0x81, 0x85]);
    let text: Vec<_> =
        frame[6..].iter().zip(frame[2..6].iter().cycle()).map(|(a, b)| a ^ b).collect();
    assert_eq!(text, b"hello");
}

#[tokio::test]
async fn a_refused_handshake_says_why() {
    let refusal = "HTTP/1.1 401 Unauthorized\r\n\r\n{\"error\":\"the token has expired\"}";
    let (socket, _server) = open_against(Some(refusal)).await;
    let Err(Error::Refused { reason }) = socket else { panic!("refused") };
    assert_eq!(reason, "the token has expired");
    let (socket, _server) = open_against(Some("HTTP/1.1 404 Not Found\r\n\r\n")).await;
    assert!(matches!(socket, Err(Error::Status { status: 404 })));
    let stranger = "HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: other\r\n\r\n";
    let (socket, _server) = open_against(Some(stranger)).await;
    assert!(matches!(socket, Err(Error::Protocol { .. })));
}

#[tokio::test]
async fn a_message_beyond_all_measure_is_refused() {
    let (socket, mut server) = open_against(None).await;
    let mut socket = socket.unwrap_or_else(|error| panic!("{error}"));
    server.write_all(b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff").await.unwrap();
    assert!(matches!(socket.next().await, Err(Error::Protocol { .. })));
}
