//! Any bytes, in any pieces: the decoder never panics, keeps its limit, and pieces change nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_websocket::{Decoder, Message, ProtocolError, Role, deflate::Agreed};

const MAX_MESSAGE: usize = 4096;

fuzz_target!(|input: &[u8]| {
    let [options, piece, bytes @ ..] = input else { return };
    let role = if options & 1 == 0 { Role::Server } else { Role::Client };
    let agreed = (options & 2 != 0).then_some(Agreed { server_window_bits: 15 });
    let decoder = || Decoder::new(role, MAX_MESSAGE, agreed);
    let (whole, whole_error) = decode(decoder(), bytes, bytes.len());
    let (pieces, pieces_error) = decode(decoder(), bytes, usize::from(*piece));
    // Text in pieces may be refused before its frame ends, but never with another outcome.
    assert_eq!(whole, pieces);
    assert!(whole_error == pieces_error || is_early(pieces_error));
});

/// Whether text was found wrong before something later in the same bytes could be.
fn is_early(error: Option<ProtocolError>) -> bool {
    error.is_some_and(|error| error.code == 1007)
}

fn decode(
    mut decoder: Decoder,
    bytes: &[u8],
    piece: usize,
) -> (Vec<String>, Option<ProtocolError>) {
    let mut words = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        let mut piece = piece.to_vec();
        let mut rest = &mut piece[..];
        while !rest.is_empty() {
            let decoded = match decoder.decode(rest) {
                Ok(decoded) => decoded,
                Err(error) => return (words, Some(error)),
            };
            let consumed = decoded.consumed;
            let is_over = matches!(decoded.message, Some(Message::Close(_)));
            assert!(consumed > 0, "every call takes something");
            if let Some(message) = decoded.message {
                if let Message::Text(text) = message {
                    assert!(text.len() <= MAX_MESSAGE);
                }
                if let Message::Binary(bytes) = message {
                    assert!(bytes.len() <= MAX_MESSAGE);
                }
                words.push(format!("{message:?}"));
            }
            if is_over {
                return (words, None);
            }
            rest = &mut rest[consumed..];
        }
    }
    (words, None)
}
