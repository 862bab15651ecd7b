use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::context::{BodyFailure, RequestContext};

pin_project! {
    /// The body of a request, cut when it grows too large or arrives too slowly.
    pub(crate) struct Guarded {
        #[pin]
        inner: Body,
        context: RequestContext,
        form: Form,
        received: u64,
        pace: Option<Pace>,
        #[pin]
        timer: Option<Sleep>,
        over: bool,
    }
}

/// Which limit holds.
#[derive(Clone, Copy, Debug)]
enum Form {
    Sent,
    Unpacked,
}

/// How fast a body has to arrive: it may stall for a while, and must keep up a rate on the whole.
#[derive(Clone, Copy, Debug)]
struct Pace {
    stall: Duration,
    bytes_a_second: u64,
    /// When the reader first waited: a handler that takes its time before it reads is not the client's fault.
    since: Option<Instant>,
}

impl Pace {
    /// When the next byte has to be there, with so many received.
    fn deadline(&mut self, received: u64) -> Instant {
        let since = *self.since.get_or_insert_with(Instant::now);
        let earned = received.saturating_mul(1_000_000) / self.bytes_a_second.max(1);
        since + self.stall + Duration::from_micros(earned)
    }
}

impl Guarded {
    /// The body as it is sent.
    pub(crate) fn sent(inner: Body, context: RequestContext) -> Self {
        let shared = &context.0.shared;
        let pace = Pace { stall: shared.timeouts.body, bytes_a_second: shared.timeouts.min_body_rate.0, since: None };
        Self { inner, form: Form::Sent, received: 0, pace: Some(pace), timer: None, over: false, context }
    }

    /// The body after it was unpacked.
    pub(crate) fn unpacked(inner: Body, context: RequestContext) -> Self {
        Self { inner, form: Form::Unpacked, received: 0, pace: None, timer: None, over: false, context }
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut this = self.project();
        if *this.over {
            return Poll::Ready(None);
        }
        let state = &this.context.0.body;
        let fail = |failure: BodyFailure, cause: Option<axum::Error>| {
            // The first failure is the cause; what is built upon this body only sees it broken off.
            if state.failure().is_none() {
                state.fail(failure);
            }
            Poll::Ready(Some(Err(cause.unwrap_or_else(|| axum::Error::new(failure)))))
        };
        // The route may have set its own.
        let max = match this.form {
            Form::Sent => state.max_sent(),
            Form::Unpacked => state.max_unpacked(),
        };
        // One that says its size is refused before it is read: a client that waits for `100 Continue` never sends it.
        if this.received.saturating_add(this.inner.size_hint().lower()) > max {
            *this.over = true;
            return fail(BodyFailure::TooLarge, None);
        }
        match this.inner.as_mut().poll_frame(task) {
            Poll::Ready(Some(Ok(frame))) => {
                *this.received += frame.data_ref().map_or(0, Bytes::len) as u64;
                if *this.received > max {
                    *this.over = true;
                    return fail(BodyFailure::TooLarge, None);
                }
                state.progressed(this.context.0.started.elapsed());
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                *this.over = true;
                fail(BodyFailure::Malformed, Some(error))
            }
            Poll::Ready(None) => {
                *this.over = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                let Some(pace) = this.pace else { return Poll::Pending };
                let deadline = pace.deadline(*this.received);
                if this.timer.is_none() {
                    this.timer.set(Some(sleep_until(deadline)));
                }
                // The timer is only moved when it rings: data that keeps coming costs nothing.
                while let Some(timer) = this.timer.as_mut().as_pin_mut()
                    && timer.poll(task).is_ready()
                {
                    if Instant::now() >= deadline {
                        *this.over = true;
                        return fail(BodyFailure::TooSlow, None);
                    }
                    this.timer.set(Some(sleep_until(deadline)));
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
