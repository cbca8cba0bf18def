//! Masking (RFC 6455 5.3), eight bytes at a time.

/// Masks or unmasks `bytes`, the first of which is the payload's byte number `offset`.
pub(crate) fn apply(bytes: &mut [u8], key: [u8; 4], offset: usize) {
    let mut key = key;
    key.rotate_left(offset % 4);
    let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(word) ^ wide).to_ne_bytes());
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn masking_is_byte_by_byte_xor(
            bytes in proptest::collection::vec(any::<u8>(), 0..100), key: [u8; 4], offset in 0usize..9,
        ) {
            let mut masked = bytes.clone();
            apply(&mut masked, key, offset);
            let plain: Vec<u8> =
                bytes.iter().enumerate().map(|(at, byte)| byte ^ key[(at + offset) % 4]).collect();
            prop_assert_eq!(masked, plain);
        }
    }
}
