//! Where one terminal of one server is, and how a connection to it is opened.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
};

use anyhow::Result;

use super::dialect::Dialect;
use crate::generator::Connection;

/// One terminal.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) address: SocketAddr,
    /// The path of its door; plain TCP gets it as a first line.
    pub(super) path: String,
    pub(super) dialect: Dialect,
}

impl Place {
    /// Opens a connection.
    pub(super) fn open(&self) -> Result<Connection> {
        if self.dialect != Dialect::Bare {
            return Connection::open(self.address, &self.path);
        }
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.write_all(format!("{}\n", self.path).as_bytes())?;
        Connection::bare(stream)
    }
}
