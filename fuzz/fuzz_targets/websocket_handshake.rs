//! Any head: the server's and the client's side never panic, and what they say can be read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_websocket::handshake::{self, ClientHandshake};

fuzz_target!(|input: &[u8]| {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    if request.parse(input).is_ok_and(|status| status.is_complete())
        && let Ok(accepted) =
            handshake::accept(request.headers.iter().map(|field| (field.name, field.value)))
    {
        let chosen = accepted.subprotocols.first().map(String::as_str);
        let response = accepted.response(chosen);
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let parsed = httparse::Response::new(&mut fields).parse(&response);
        // The caller chooses among what the client offered, which may be odd text.
        assert!(
            chosen.is_some_and(|name| !name.is_ascii()) || parsed.is_ok_and(|p| p.is_complete())
        );
        if let Some(agreed) = accepted.deflate {
            assert!((9..=15).contains(&agreed.server_window_bits));
        }
    }
    for offers_deflate in [false, true] {
        let client = ClientHandshake::new("/", "localhost", &[], offers_deflate, [7; 16]);
        if let Ok(Some((len, opened))) = client.parse(input) {
            assert!(len <= input.len());
            assert!(offers_deflate || opened.agreed.is_none());
        }
    }
    // Any value of the extension field, without having to find the rest of a request first.
    let extension = [
        ("upgrade", &b"websocket"[..]),
        ("connection", b"upgrade"),
        ("sec-websocket-version", b"13"),
        ("sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-extensions", input),
    ];
    let accepted = handshake::accept(extension.into_iter()).expect("the rest is in order");
    let _ = accepted.response(None);
});
