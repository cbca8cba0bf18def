//! A body that comes piece by piece, for answers that are too long to be held at once.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::Frame;
use pilothouse_core::ports::StoreError;
use tokio::sync::mpsc;

/// How many pieces are read before somebody takes them.
const AHEAD: usize = 1;

/// Something long, from front to back.
pub(super) trait Source: Send + 'static {
    /// The next piece; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send;
}

/// A body that is read while it is sent. An error before its first piece is the answer.
pub(super) async fn body(mut source: impl Source) -> Result<Body, StoreError> {
    let mut piece = Ok(source.next().await?);
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        while let Some(next) = piece.transpose() {
            let is_over = next.is_err();
            if sender.send(next).await.is_err() || is_over {
                return;
            }
            piece = source.next().await;
        }
    });
    Ok(Body::new(Pieces(receiver)))
}

/// The body. After an error the connection is cut, so that nobody takes a part for the whole.
struct Pieces(mpsc::Receiver<Result<Bytes, StoreError>>);

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
