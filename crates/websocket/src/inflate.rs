//! Inflating one message, bounded while it inflates: a bomb is found when it reaches the limit.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use crate::ProtocolError;

/// How much is inflated at a time.
const STEP: usize = 16 * 1024;
/// RFC 7692 7.2.2: what the sender cut off.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

thread_local! {
    // No context is taken over from one message to the next, so one inflater serves all connections of a thread.
    static INFLATER: RefCell<Option<Box<Decompress>>> = const { RefCell::new(None) };
}

/// Appends the inflated message to `out`, which must not grow beyond `max` bytes.
pub(crate) fn inflate(deflated: &[u8], out: &mut Vec<u8>, max: usize) -> Result<(), ProtocolError> {
    INFLATER.with_borrow_mut(|inflater| {
        let inflater = inflater.get_or_insert_with(|| Box::new(Decompress::new(false)));
        inflater.reset(false);
        for input in [deflated, &TAIL] {
            if feed(inflater, input, out, max)? {
                break;
            }
        }
        Ok(())
    })
}

/// Returns whether the stream said that it is over (a final block, RFC 7692 7.2.3.4).
fn feed(
    inflater: &mut Decompress,
    mut input: &[u8],
    out: &mut Vec<u8>,
    max: usize,
) -> Result<bool, ProtocolError> {
    loop {
        // One byte beyond the limit shows that there is more.
        let room = max.saturating_add(1).saturating_sub(out.len()).min(STEP);
        out.reserve(room);
        let (read, written) = (inflater.total_in(), out.len());
        let limit = out.capacity().min(written + room);
        let status = inflate_into(inflater, input, out, limit)?;
        if out.len() > max {
            return Err(ProtocolError::too_big());
        }
        let consumed = usize::try_from(inflater.total_in() - read).unwrap_or(input.len());
        input = &input[consumed..];
        let is_stuck = consumed == 0 && out.len() == written;
        match status {
            Status::StreamEnd => return Ok(true),
            _ if input.is_empty() && out.len() < limit => return Ok(false),
            _ if is_stuck => return Err(ProtocolError::protocol("deflated data makes no sense")),
            Status::Ok | Status::BufError => {}
        }
    }
}

fn inflate_into(
    inflater: &mut Decompress,
    input: &[u8],
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<Status, ProtocolError> {
    let written = out.len();
    out.resize(limit, 0);
    let before = inflater.total_out();
    let status = inflater.decompress(input, &mut out[written..], FlushDecompress::Sync);
    let produced = usize::try_from(inflater.total_out() - before).unwrap_or(0);
    out.truncate(written + produced);
    status.map_err(|_| ProtocolError::protocol("deflated data makes no sense"))
}
