//! What the deflater writes, the decoder reads back; any bytes taken as deflated do no harm.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use pilothouse_websocket::{
    Decoder, Message, Role,
    deflate::{Agreed, Deflater},
    frame::{self, Opcode},
};

const MAX_MESSAGE: usize = 1 << 16;

fuzz_target!(|input: &[u8]| {
    let [bits, level, repeat, seed @ ..] = input else { return };
    let agreed = Agreed { server_window_bits: 9 + bits % 7 };
    let payload = seed.repeat(1 + usize::from(*repeat) % 32);
    let mut deflater = Deflater::new(agreed.server_window_bits, u32::from(*level) % 10);
    // Twice, since nothing of the first message may be left in the second.
    for payload in [&payload[..], seed] {
        let mut out = BytesMut::new();
        if deflater.deflate_message(Opcode::Binary, payload, &mut out) {
            let len = out.len();
            let mut decoder = Decoder::new(Role::Client, payload.len(), Some(agreed));
            let decoded = decoder.decode(&mut out).expect("what we deflate can be inflated");
            assert_eq!(decoded.consumed, len);
            assert_eq!(decoded.message, Some(Message::Binary(payload)));
        } else {
            assert!(out.is_empty());
        }
    }
    let mut any = BytesMut::new();
    frame::put(&mut any, Opcode::Binary, true, seed);
    let mut decoder = Decoder::new(Role::Client, MAX_MESSAGE, Some(agreed));
    if let Ok(decoded) = decoder.decode(&mut any)
        && let Some(Message::Binary(bytes)) = decoded.message
    {
        assert!(bytes.len() <= MAX_MESSAGE);
    }
});
