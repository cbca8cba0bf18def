//! Pictures as a producer of live pictures sends them: 100 kB of JPEG in base64, in JSON.

use std::net::TcpStream;

use anyhow::Result;

use super::{Kind, Running};
use crate::generator::{Connection, Publisher, Repeater, client_message, server_message};

/// How many digits of base64 there are; the message is a little larger.
const DIGITS: usize = 136_500;

const TEXT: u8 = 1;

/// Digits that look like those of a picture: no two lines are the same.
fn payload() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut number: u32 = 1;
    let digits = (0..DIGITS).map(|_| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(ALPHABET[(number >> 26) as usize])
    });
    let data: String = "/9j/".chars().chain(digits).collect();
    format!(r#"{{"type":"frame","sessionId":"bench","data":"{data}","timestamp":1760000000.25}}"#)
}

/// A picture as a client sends it.
pub(crate) fn message() -> Vec<u8> {
    client_message(TEXT, payload().as_bytes())
}

/// A producer's connection to the product.
pub(crate) fn connect(running: &Running) -> Result<Connection> {
    let token = running.path.as_deref().and_then(|path| path.split_once("?token="));
    let token = token.map_or("", |(_, token)| token);
    Connection::open(running.publish_address, &format!("/ws/stream/bench?token={token}"))
}

/// Somebody who sends pictures, as the server wants them.
pub(crate) fn producer(running: &Running) -> Result<Box<dyn Publisher>> {
    Ok(Box::new(match running.kind {
        Kind::Product => Repeater::new(connect(running)?.into_stream(), message()),
        Kind::Raw => {
            let stream = TcpStream::connect(running.publish_address)?;
            stream.set_nodelay(true)?;
            Repeater::new(stream, server_message(TEXT, payload().as_bytes()))
        }
        Kind::Ws | Kind::Bun | Kind::Axum => {
            let connection = Connection::open(running.publish_address, "/publish")?;
            Repeater::new(connection.into_stream(), message())
        }
    }))
}
