//! A body that comes piece by piece, for answers that are too long to be held at once.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::Frame;
use pilothouse_core::ports::StoreError;
use tokio::sync::mpsc;

/// The body. After an error the connection is cut, so that nobody takes a part for the whole.
pub(super) struct Pieces(pub(super) mpsc::Receiver<Result<Bytes, StoreError>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
