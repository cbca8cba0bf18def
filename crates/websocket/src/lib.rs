//! Stub.
#![allow(missing_docs, clippy::all, clippy::pedantic, unused, clippy::allow_attributes_without_reason)]
use bytes::*;
pub enum Role { Server, Client }
pub struct Decoder;
#[derive(Debug)]
pub struct ProtocolError { pub code: u16, pub reason: &'static str }
pub struct Decoded<'a> { pub consumed: usize, pub message: Option<Message<'a>> }
pub struct Close<'a> { pub code: u16, pub reason: &'a str }
pub enum Message<'a> { Text(&'a str), Binary(&'a [u8]), Ping(&'a [u8]), Pong(&'a [u8]), Close(Option<Close<'a>>) }
impl Decoder {
  pub fn new(role: Role, max: usize, d: Option<deflate::Agreed>) -> Self { Self }
  pub fn set_max_message(&mut self, m: usize) {}
  pub fn decode<'a>(&'a mut self, input: &'a mut [u8]) -> Result<Decoded<'a>, ProtocolError> { unimplemented!() }
}
pub mod deflate { use super::*;
 #[derive(Clone, Copy, Debug)] pub struct Agreed { pub server_window_bits: u8 }
 pub struct Deflater; impl Deflater { pub fn new(b: u8, l: u32) -> Self { Self } pub fn deflate_message(&mut self, o: frame::Opcode, p: &[u8], out: &mut BytesMut) -> bool { false } } }
pub mod frame { use super::*; #[derive(Clone, Copy)] pub enum Opcode { Text, Binary }
 pub fn put(out: &mut BytesMut, o: Opcode, r: bool, p: &[u8]) {} pub fn ping(p: &[u8]) -> Bytes { Bytes::new() } pub fn pong(p: &[u8]) -> Bytes { Bytes::new() } pub fn close(c: u16, r: &str) -> Bytes { Bytes::new() } }
pub mod handshake { use super::*;
 pub enum Refusal { NotAnUpgrade, UnsupportedVersion, Malformed(&'static str) }
 pub struct Accepted { pub accept_key: String, pub deflate: Option<deflate::Agreed>, pub subprotocols: Vec<String> }
 impl Accepted { pub fn response(&self, s: Option<&str>) -> Bytes { Bytes::new() } }
 pub fn accept<'a>(h: impl Iterator<Item = (&'a str, &'a [u8])> + Clone) -> Result<Accepted, Refusal> { unimplemented!() } }
