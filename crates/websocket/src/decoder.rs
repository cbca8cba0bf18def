//! Bytes in, messages out.
//!
//! A message that lies whole in the input is unmasked where it lies and borrowed from there. Only an
//! unfinished one is kept, and memory for it grows with what came, never with what was announced.

use crate::{
    Close, ProtocolError, Role, close,
    deflate::Agreed,
    frame::{LONGEST_CONTROL, Opcode},
    inflate, mask, text,
};

/// The most fragments a message may have; further ones are refused with 1009. Enough for 4 MiB in
/// pieces of 256 bytes; without a limit, empty fragments would keep us busy for ever.
pub const MOST_FRAGMENTS: u32 = 16 * 1024;

/// A buffer larger than this is given back after its message.
const KEPT_BUFFER: usize = 4 * 1024;

/// A message, borrowed from the input or from the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Text.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// Asks for a pong with the same payload.
    Ping(&'a [u8]),
    /// Answers a ping.
    Pong(&'a [u8]),
    /// The peer closes; nothing after it is to be decoded.
    Close(Option<Close<'a>>),
}

/// One step of decoding.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// How many bytes of the input are used up.
    pub consumed: usize,
    /// The message that they completed, if any.
    pub message: Option<Message<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    opcode: Opcode,
    is_final: bool,
    is_deflated: bool,
    key: Option<[u8; 4]>,
    len: usize,
}

/// The data message that is coming in, in fragments or not.
#[derive(Debug)]
struct Begun {
    is_text: bool,
    is_deflated: bool,
    fragments: u32,
    /// How much of it is known to be UTF-8.
    valid: usize,
}

/// Decodes one peer's bytes.
#[derive(Debug)]
pub struct Decoder {
    role: Role,
    agreed: Option<Agreed>,
    max_message: usize,
    /// The bytes of a head that is not complete.
    head_bytes: [u8; 14],
    head_len: u8,
    /// The frame whose payload is coming in, and how much of it came.
    frame: Option<(Head, usize)>,
    begun: Option<Box<Begun>>,
    /// What came of the message so far; or the last message, until the next call.
    data: Vec<u8>,
    /// What came of a control frame so far; or the last one, until the next call.
    control: Vec<u8>,
}

impl Decoder {
    /// A decoder that takes messages of up to `max_message` bytes, inflated.
    pub fn new(role: Role, max_message: usize, agreed: Option<Agreed>) -> Self {
        Self {
            role,
            agreed,
            max_message,
            head_bytes: [0; 14],
            head_len: 0,
            frame: None,
            begun: None,
            data: Vec::new(),
            control: Vec::new(),
        }
    }

    /// Changes the limit for messages whose first frame has not come yet.
    pub fn set_max_message(&mut self, max_message: usize) {
        self.max_message = max_message;
    }

    /// Takes bytes from the front of `input` until a message is complete or the input is used up.
    /// To be called again with the rest while there is any; the input may be changed in place.
    pub fn decode<'a>(&'a mut self, input: &'a mut [u8]) -> Result<Decoded<'a>, ProtocolError> {
        self.forget_last();
        let mut at = 0;
        while at < input.len() {
            if self.frame.is_none() {
                let Some(head) = self.take_head(input, &mut at)? else { break };
                let rest = input.len() - at;
                if head.is_final && rest >= head.len && self.begun.is_none() && !head.is_deflated {
                    let payload = &mut input[at..at + head.len];
                    if let Some(key) = head.key {
                        mask::apply(payload, key, 0);
                    }
                    let message = whole(head.opcode, payload)?;
                    return Ok(Decoded { consumed: at + head.len, message: Some(message) });
                }
                self.begin(head)?;
            }
            if self.take_payload(input, &mut at)? {
                return self.finish_frame(at);
            }
        }
        // A frame without payload is complete as soon as its head is.
        if matches!(self.frame, Some((head, 0)) if head.len == 0) {
            return self.finish_frame(at);
        }
        Ok(Decoded { consumed: at, message: None })
    }

    /// Gives back the buffers of the message that the last call returned.
    fn forget_last(&mut self) {
        let is_in_control = self.frame.is_some_and(|(head, _)| head.opcode.is_control());
        if !is_in_control && !self.control.is_empty() {
            self.control = Vec::new();
        }
        if self.begun.is_none() && self.data.capacity() > 0 {
            if self.data.capacity() > KEPT_BUFFER || self.frame.is_none() {
                self.data = Vec::new();
            }
            self.data.clear();
        }
    }

    /// Takes a head from the input, or as much of it as there is.
    fn take_head(&mut self, input: &[u8], at: &mut usize) -> Result<Option<Head>, ProtocolError> {
        if self.head_len == 0 {
            let bytes = &input[*at..];
            if let Some((head, len)) = self.parse_head(bytes)? {
                *at += len;
                return Ok(Some(head));
            }
        }
        while *at < input.len() {
            self.head_bytes[usize::from(self.head_len)] = input[*at];
            self.head_len += 1;
            *at += 1;
            let bytes = self.head_bytes;
            if let Some((head, _)) = self.parse_head(&bytes[..usize::from(self.head_len)])? {
                self.head_len = 0;
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    /// RFC 6455 5.2. `None` if `bytes` end before the head does.
    fn parse_head(&self, bytes: &[u8]) -> Result<Option<(Head, usize)>, ProtocolError> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let opcode =
            Opcode::from_bits(first & 0x0f).ok_or(ProtocolError::protocol("reserved opcode"))?;
        let is_final = first & 0x80 != 0;
        let is_deflated = first & 0x40 != 0;
        self.check_first(opcode, is_final, first & 0x70)?;
        let is_masked = second & 0x80 != 0;
        if is_masked != (self.role == Role::Server) {
            return Err(ProtocolError::protocol("wrong masking"));
        }
        let short = second & 0x7f;
        if opcode.is_control() && usize::from(short) > LONGEST_CONTROL {
            return Err(ProtocolError::protocol("control frame too long"));
        }
        let (len, rest) = match (short, rest) {
            (126, rest) => match rest.split_first_chunk() {
                Some((len, rest)) => (u64::from(u16::from_be_bytes(*len)), rest),
                None => return Ok(None),
            },
            (127, rest) => match rest.split_first_chunk() {
                Some((len, rest)) => (u64::from_be_bytes(*len), rest),
                None => return Ok(None),
            },
            (short, rest) => (u64::from(short), rest),
        };
        if len >> 63 != 0 {
            return Err(ProtocolError::protocol("length with its highest bit set"));
        }
        let len = usize::try_from(len).map_err(|_| ProtocolError::too_big())?;
        if !opcode.is_control() {
            self.check_room(len)?;
        }
        let (key, rest) = match (is_masked, rest.split_first_chunk()) {
            (false, _) => (None, rest),
            (true, Some((key, rest))) => (Some(*key), rest),
            (true, None) => return Ok(None),
        };
        let head = Head { opcode, is_final, is_deflated, key, len };
        Ok(Some((head, bytes.len() - rest.len())))
    }

    fn check_first(
        &self,
        opcode: Opcode,
        is_final: bool,
        reserved: u8,
    ) -> Result<(), ProtocolError> {
        let may_be_deflated =
            self.agreed.is_some() && matches!(opcode, Opcode::Text | Opcode::Binary);
        let allowed = if may_be_deflated { 0x40 } else { 0x00 };
        if reserved & !allowed != 0 {
            return Err(ProtocolError::protocol("reserved bits set"));
        }
        match (opcode, self.begun.is_some()) {
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) if !is_final => {
                Err(ProtocolError::protocol("fragmented control frame"))
            }
            (Opcode::Continuation, false) => {
                Err(ProtocolError::protocol("continuation of nothing"))
            }
            (Opcode::Text | Opcode::Binary, true) => {
                Err(ProtocolError::protocol("message inside a message"))
            }
            _ => Ok(()),
        }
    }

    fn check_room(&self, len: usize) -> Result<(), ProtocolError> {
        let before = if self.begun.is_some() { self.data.len() } else { 0 };
        if len > self.max_message.saturating_sub(before) {
            return Err(ProtocolError::too_big());
        }
        Ok(())
    }

    /// A frame that does not lie whole in the input, or is part of a message.
    fn begin(&mut self, head: Head) -> Result<(), ProtocolError> {
        if head.opcode.is_control() {
            self.control.clear();
        } else if let Some(begun) = &mut self.begun {
            begun.fragments += 1;
            if begun.fragments > MOST_FRAGMENTS {
                return Err(ProtocolError { code: 1009, reason: "too many fragments" });
            }
        } else {
            self.data.clear();
            self.begun = Some(Box::new(Begun {
                is_text: head.opcode == Opcode::Text,
                is_deflated: head.is_deflated,
                fragments: 1,
                valid: 0,
            }));
        }
        self.frame = Some((head, 0));
        Ok(())
    }

    /// Takes payload from the input; whether the frame is complete.
    fn take_payload(&mut self, input: &mut [u8], at: &mut usize) -> Result<bool, ProtocolError> {
        let Some((head, got)) = &mut self.frame else { return Ok(false) };
        let take = (head.len - *got).min(input.len() - *at);
        let piece = &mut input[*at..*at + take];
        if let Some(key) = head.key {
            mask::apply(piece, key, *got);
        }
        *got += take;
        *at += take;
        let is_complete = *got == head.len;
        if head.opcode.is_control() {
            self.control.extend_from_slice(piece);
            return Ok(is_complete);
        }
        self.data.extend_from_slice(piece);
        if let Some(begun) = self.begun.as_mut().filter(|begun| begun.is_text && !begun.is_deflated)
        {
            begun.valid = text::check(&self.data, begun.valid)?;
        }
        Ok(is_complete)
    }

    fn finish_frame(&mut self, consumed: usize) -> Result<Decoded<'_>, ProtocolError> {
        let Some((head, _)) = self.frame.take() else {
            return Ok(Decoded { consumed, message: None });
        };
        if head.opcode.is_control() {
            let message = Some(whole(head.opcode, &self.control)?);
            return Ok(Decoded { consumed, message });
        }
        if !head.is_final {
            return Ok(Decoded { consumed, message: None });
        }
        let Some(begun) = self.begun.take() else {
            return Ok(Decoded { consumed, message: None });
        };
        if begun.is_deflated {
            let deflated = std::mem::take(&mut self.data);
            inflate::inflate(&deflated, &mut self.data, self.max_message)?;
        } else if begun.is_text && begun.valid < self.data.len() {
            return Err(ProtocolError::not_text());
        }
        let opcode = if begun.is_text { Opcode::Text } else { Opcode::Binary };
        Ok(Decoded { consumed, message: Some(whole(opcode, &self.data)?) })
    }
}

fn whole(opcode: Opcode, payload: &[u8]) -> Result<Message<'_>, ProtocolError> {
    Ok(match opcode {
        Opcode::Text => Message::Text(text::whole(payload)?),
        Opcode::Binary | Opcode::Continuation => Message::Binary(payload),
        Opcode::Ping => Message::Ping(payload),
        Opcode::Pong => Message::Pong(payload),
        Opcode::Close => Message::Close(close::parse(payload)?),
    })
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
