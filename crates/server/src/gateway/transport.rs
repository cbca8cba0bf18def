//! How a peer's bytes travel: TCP alone, or TLS over it. A plain connection pays nothing for the choice.
//!
//! Nothing here waits. What TLS has encrypted and the socket did not take stays in the session, at most
//! 64 KiB of it; until that is gone the peer counts as blocked.

use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice, Read, Write},
    net::Shutdown,
    task::{Context, Poll},
};

use rustls::ServerConnection;
use socket2::SockRef;
use tokio::net::TcpStream;

use super::pictures::Queue;

/// How much that is not sent the kernel may hold of what is best when it is new.
#[cfg(target_os = "linux")]
const LITTLE: u32 = 16 * 1024;

/// The way to one peer.
pub(crate) enum Transport {
    Plain(TcpStream),
    Tls(Box<Encrypted>),
}

/// A TLS session after its handshake.
pub(crate) struct Encrypted {
    tcp: TcpStream,
    session: RefCell<ServerConnection>,
    /// The session holds decrypted bytes that nobody has read, however quiet the socket is.
    has_unread: Cell<bool>,
}

/// What became of what was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: usize,
    /// Nothing more is taken until the socket is writable.
    pub(crate) is_blocked: bool,
}

impl Transport {
    pub(crate) fn tls(tcp: TcpStream, session: ServerConnection) -> Self {
        let session = RefCell::new(session);
        // The handshake may have brought the first message along.
        Self::Tls(Box::new(Encrypted { tcp, session, has_unread: Cell::new(true) }))
    }

    pub(super) fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(tcp) => tcp.poll_read_ready(context),
            Self::Tls(tls) if tls.has_unread.get() => Poll::Ready(Ok(())),
            Self::Tls(tls) => tls.tcp.poll_read_ready(context),
        }
    }

    pub(super) fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp().poll_write_ready(context)
    }

    /// Reads what there is; 0 is the end.
    pub(super) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.try_read(buffer),
            Self::Tls(tls) => tls.try_read(buffer),
        }
    }

    /// Writes one piece, as far as it is taken now.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<Written> {
        match self {
            Self::Plain(tcp) => taken(tcp.try_write(bytes), bytes.len()),
            Self::Tls(tls) => tls.write(&mut [IoSlice::new(bytes)]),
        }
    }

    /// Writes several pieces, as far as they are taken now.
    pub(super) fn write_vectored(&self, slices: &mut [IoSlice<'_>]) -> io::Result<Written> {
        match self {
            Self::Plain(tcp) => {
                let offered = slices.iter().map(|slice| slice.len()).sum();
                taken(tcp.try_write_vectored(slices), offered)
            }
            Self::Tls(tls) => tls.write(slices),
        }
    }

    /// Whether all that was taken is with the kernel.
    pub(super) fn flush(&self) -> io::Result<bool> {
        match self {
            Self::Plain(_) => Ok(true),
            Self::Tls(tls) => tls.flush(&mut tls.session.borrow_mut()),
        }
    }

    /// From now on the kernel holds little that is not sent, so that what is newest is not behind much that is old.
    pub(super) fn hold_little(&self) {
        #[cfg(target_os = "linux")]
        let _ = SockRef::from(self.tcp()).set_tcp_notsent_lowat(LITTLE);
    }

    /// What the kernel says of what was handed over; none where it says nothing.
    pub(super) fn queue(&self) -> Option<Queue> {
        queue(self.tcp())
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => &tls.tcp,
        }
    }

    /// Says that nothing more comes from us. What the peer sends can still be read.
    pub(super) fn end_writing(&self) {
        self.say_goodbye();
        let _ = SockRef::from(self.tcp()).shutdown(Shutdown::Write);
    }

    /// Before the socket is dropped: an end without this looks to a TLS peer as if it had been cut.
    pub(super) fn say_goodbye(&self) {
        if let Self::Tls(tls) = self {
            tls.say_goodbye();
        }
    }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no library asks for TCP_INFO with what newer kernels tell")]
fn queue(tcp: &TcpStream) -> Option<Queue> {
    use nix::libc;
    use std::{mem, os::fd::AsRawFd, time::Duration};

    // SAFETY: the structure is whole numbers throughout, for which zero is a value.
    let mut told: libc::tcp_info = unsafe { mem::zeroed() };
    let mut len = libc::socklen_t::try_from(size_of_val(&told)).ok()?;
    // SAFETY: the descriptor is open as long as the borrow, and both pointers are to values of ours, of which the kernel
    // writes no more than the length says.
    let answer = unsafe {
        libc::getsockopt(
            tcp.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut told).cast(),
            &raw mut len,
        )
    };
    // Older kernels tell less, and this is at the end of it.
    let needed = mem::offset_of!(libc::tcp_info, tcpi_min_rtt) + size_of::<u32>();
    if answer != 0 || usize::try_from(len).is_ok_and(|len| len < needed) {
        return None;
    }
    let unconfirmed = u64::from(told.tcpi_unacked) * u64::from(told.tcpi_snd_mss);
    Some(Queue {
        bytes: u64::from(told.tcpi_notsent_bytes) + unconfirmed,
        round_trip: Duration::from_micros(told.tcpi_min_rtt.into()),
    })
}

#[cfg(not(target_os = "linux"))]
fn queue(_tcp: &TcpStream) -> Option<Queue> {
    None
}

fn taken(result: io::Result<usize>, offered: usize) -> io::Result<Written> {
    match result {
        Ok(bytes) => Ok(Written { bytes, is_blocked: bytes < offered }),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            Ok(Written { bytes: 0, is_blocked: true })
        }
        Err(error) => Err(error),
    }
}

impl Encrypted {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut session = self.session.borrow_mut();
        let mut filled = 0;
        self.has_unread.set(true);
        while filled < buffer.len() {
            match session.reader().read(&mut buffer[filled..]) {
                // The peer said goodbye.
                Ok(0) => return Ok(filled),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match self.receive(&mut session) {
                        Ok(()) => {}
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                            self.has_unread.set(false);
                            break;
                        }
                        // What was read before counts first; the error comes again.
                        Err(_) if filled > 0 => break,
                        Err(error) => return Err(error),
                    }
                }
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
        }
        if filled == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(filled) }
    }

    /// Takes one piece from the socket and decrypts it.
    fn receive(&self, session: &mut ServerConnection) -> io::Result<()> {
        let read = session.read_tls(&mut Socket(&self.tcp))?;
        let processed = session.process_new_packets();
        // An answer to a new key, or the alert that says what was wrong.
        let _ = self.flush(session);
        processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn write(&self, mut slices: &mut [IoSlice<'_>]) -> io::Result<Written> {
        let mut session = self.session.borrow_mut();
        let mut bytes = 0;
        loop {
            if !self.flush(&mut session)? {
                return Ok(Written { bytes, is_blocked: true });
            }
            if slices.iter().all(|slice| slice.is_empty()) {
                return Ok(Written { bytes, is_blocked: false });
            }
            let taken = session.writer().write_vectored(slices)?;
            IoSlice::advance_slices(&mut slices, taken);
            bytes += taken;
        }
    }

    fn flush(&self, session: &mut ServerConnection) -> io::Result<bool> {
        while session.wants_write() {
            match session.write_tls(&mut Socket(&self.tcp)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn say_goodbye(&self) {
        let mut session = self.session.borrow_mut();
        session.send_close_notify();
        let _ = self.flush(&mut session);
    }
}

/// The socket as rustls wants it: it reads and writes what it can now.
struct Socket<'a>(&'a TcpStream);

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
