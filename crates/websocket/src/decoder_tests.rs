//! The decoder by the rules of RFC 6455 and RFC 7692, and the same in pieces of any size.

use bytes::BytesMut;
use proptest::prelude::*;

use super::*;
use crate::frame;

/// What came out, in one's own words.
fn word(message: &Message<'_>) -> String {
    match message {
        Message::Text(text) => format!("text {text}"),
        Message::Binary(bytes) => format!("binary {bytes:?}"),
        Message::Ping(bytes) => format!("ping {bytes:?}"),
        Message::Pong(bytes) => format!("pong {bytes:?}"),
        Message::Close(close) => format!("close {close:?}"),
    }
}

/// Decodes bytes that arrive in pieces of those sizes.
fn decode(
    decoder: &mut Decoder,
    bytes: &[u8],
    pieces: &[usize],
) -> (Vec<String>, Option<ProtocolError>) {
    let mut words = Vec::new();
    let mut rest = bytes;
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() {
        let take = (*pieces.next().unwrap_or(&rest.len())).clamp(1, rest.len());
        let mut piece = rest[..take].to_vec();
        let mut input = &mut piece[..];
        while !input.is_empty() {
            match decoder.decode(input) {
                Ok(decoded) => {
                    let consumed = decoded.consumed;
                    words.extend(decoded.message.as_ref().map(word));
                    input = &mut input[consumed..];
                }
                Err(error) => return (words, Some(error)),
            }
        }
        rest = &rest[take..];
    }
    (words, None)
}

fn server(max: usize) -> Decoder {
    Decoder::new(Role::Server, max, None)
}

fn masked(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    frame::put_masked(&mut out, opcode, payload, [1, 2, 3, 4]);
    out.to_vec()
}

/// A masked frame with a first byte of one's choice.
fn odd(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = masked(Opcode::Binary, payload);
    bytes[0] = first;
    bytes
}

fn error_of(bytes: &[u8]) -> Option<u16> {
    decode(&mut server(1000), bytes, &[bytes.len().max(1)]).1.map(|error| error.code)
}

#[test]
fn a_limit_as_large_as_can_be_is_no_trap() {
    let agreed = Some(Agreed { server_window_bits: 15 });
    let mut decoder = Decoder::new(Role::Server, usize::MAX, agreed);
    // "Hello" of RFC 7692 7.2.3.1.
    let deflated = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let (words, error) = decode(&mut decoder, &odd(0xc1, &deflated), &[100]);
    assert_eq!((words, error), (vec!["text Hello".to_owned()], None));
}

#[test]
fn the_protocols_rules_are_kept() {
    let cases: &[(&str, Vec<u8>, u16)] = &[
        ("unmasked", vec![0x81, 0x01, b'a'], 1002),
        ("reserved opcode", odd(0x83, b""), 1002),
        ("reserved control opcode", odd(0x8b, b""), 1002),
        ("reserved bit", odd(0xc2, b"x"), 1002),
        ("continuation of nothing", odd(0x80, b"x"), 1002),
        ("fragmented ping", odd(0x09, b""), 1002),
        ("long ping", masked(Opcode::Ping, &[0; 126]), 1002),
        ("message in a message", [odd(0x02, b"a"), odd(0x82, b"b")].concat(), 1002),
        ("too big", masked(Opcode::Binary, &[0; 1001]), 1009),
        ("too big in pieces", [odd(0x02, &[0; 600]), odd(0x80, &[0; 600])].concat(), 1009),
        ("not UTF-8", masked(Opcode::Text, b"\xff"), 1007),
        ("begun character", masked(Opcode::Text, "ä".as_bytes().split_at(1).0), 1007),
        ("close of one byte", masked(Opcode::Close, b"x"), 1002),
        ("close code 1005", masked(Opcode::Close, &1005u16.to_be_bytes()), 1002),
        ("close code 999", masked(Opcode::Close, &999u16.to_be_bytes()), 1002),
        ("close reason", masked(Opcode::Close, &[0x03, 0xe8, 0xff]), 1007),
        ("highest bit", vec![0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002),
    ];
    for (name, bytes, code) in cases {
        assert_eq!(error_of(bytes), Some(*code), "{name}");
    }
}

#[test]
fn a_length_is_refused_before_its_bytes_come() {
    let head = [0x82, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(error_of(&head), Some(1009));
}

#[test]
fn a_wrong_byte_is_found_before_the_message_is_whole() {
    let mut bytes = masked(Opcode::Text, b"abc\xffdef");
    bytes.truncate(6 + 4);
    assert_eq!(error_of(&bytes), Some(1007));
}

#[test]
fn control_frames_come_between_fragments() {
    let bytes = [odd(0x01, b"he"), masked(Opcode::Ping, b"?"), odd(0x80, b"llo")].concat();
    for size in 1..bytes.len() {
        let (words, error) = decode(&mut server(1000), &bytes, &[size]);
        assert_eq!((words, error), (vec!["ping [63]".into(), "text hello".into()], None));
    }
}

#[test]
fn endless_fragments_end() {
    let mut bytes = odd(0x02, b"");
    for _ in 0..MOST_FRAGMENTS {
        bytes.extend(odd(0x00, b""));
    }
    assert_eq!(error_of(&bytes), Some(1009));
}

#[test]
fn an_idle_decoder_is_small_and_keeps_nothing() {
    let mut decoder = server(1 << 20);
    let bytes = masked(Opcode::Binary, &vec![0; 100_000]);
    decode(&mut decoder, &bytes, &[1000]);
    let mut ping = masked(Opcode::Ping, b"");
    decoder.decode(&mut ping).unwrap();
    assert_eq!(decoder.data.capacity() + decoder.control.capacity(), 0);
    assert!(size_of::<Decoder>() <= 160, "{}", size_of::<Decoder>());
}

#[test]
fn a_bomb_is_found_while_it_is_inflated() {
    let mut deflater = crate::deflate::Deflater::new(15, 9);
    let mut out = BytesMut::new();
    assert!(deflater.deflate_message(Opcode::Binary, &vec![0; 64 << 20], &mut out));
    let agreed = Some(Agreed { server_window_bits: 15 });
    let mut decoder = Decoder::new(Role::Client, 1 << 20, agreed);
    assert_eq!(decoder.decode(&mut out).unwrap_err().code, 1009);
    assert!(decoder.data.capacity() <= 4 << 20);
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        payloads in proptest::collection::vec((0u8..4, "[a-zäöü€😀]{0,80}"), 1..8),
        pieces in proptest::collection::vec(1usize..40, 1..10),
    ) {
        let mut bytes = Vec::new();
        for (kind, text) in &payloads {
            match kind {
                0 => bytes.extend(masked(Opcode::Text, text.as_bytes())),
                1 => bytes.extend(masked(Opcode::Binary, text.as_bytes())),
                2 => bytes.extend(masked(Opcode::Ping, &text.as_bytes()[..text.len().min(125)])),
                _ => {
                    let (first, second) = text.as_bytes().split_at(text.len() / 2);
                    bytes.extend([odd(0x01, first), odd(0x80, second)].concat());
                }
            }
        }
        let whole = decode(&mut server(1 << 20), &bytes, &[bytes.len().max(1)]);
        prop_assert_eq!(decode(&mut server(1 << 20), &bytes, &pieces), whole.clone());
        prop_assert_eq!(whole.0.len(), payloads.len());
    }

    #[test]
    fn random_bytes_never_panic_and_pieces_make_no_difference_to_them(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        pieces in proptest::collection::vec(1usize..40, 1..10),
    ) {
        let agreed = Some(Agreed { server_window_bits: 15 });
        let mut one = Decoder::new(Role::Server, 200, agreed);
        let mut other = Decoder::new(Role::Server, 200, agreed);
        let whole = decode(&mut one, &bytes, &[bytes.len().max(1)]);
        let split = decode(&mut other, &bytes, &pieces);
        prop_assert_eq!(whole.0, split.0);
        prop_assert_eq!(whole.1.map(|e| e.code), split.1.map(|e| e.code));
    }
}
