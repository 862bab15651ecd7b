use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};

use super::access::End;
use super::flight::Flight;
use crate::problem::Failure;

/// An answer whose length is not known in advance, followed to its end.
pub(super) struct Streamed {
    inner: Body,
    flight: Option<Flight>,
    status: StatusCode,
    failure: Option<Failure>,
    bytes: u64,
}

impl Streamed {
    pub(super) fn new(inner: Body, flight: Flight, status: StatusCode, failure: Option<Failure>) -> Self {
        Self { inner, flight: Some(flight), status, failure, bytes: 0 }
    }

    fn end(&mut self, end: End) {
        if let Some(mut flight) = self.flight.take() {
            flight.log(self.status, self.bytes, self.failure.as_ref(), end);
        }
    }
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(task);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => self.bytes += frame.data_ref().map_or(0, Bytes::len) as u64,
            Poll::Ready(Some(Err(_))) => self.end(End::BrokenOff),
            Poll::Ready(None) => self.end(End::Whole),
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        // A server that knows the end from the last frame, or that answers HEAD, does not ask again.
        let end = if http_body::Body::is_end_stream(&self.inner) { End::Whole } else { End::BrokenOff };
        self.end(end);
    }
}
