use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use archirust_cache::Decision;
use archirust_core::{Error, ErrorKind, Result};
use axum::body::Body;
use axum::extract::Request;
use futures_util::future::BoxFuture;
use http::Response;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tower::Service;
use tracing::Span;

use super::flight::Flight;
use super::start;

pin_project! {
    /// A request at the edge.
    pub(crate) struct EdgeFuture<S: Service<Request>> {
        #[pin]
        stage: Stage<S, S::Future>,
        // Made when the route first waits: most requests never need a timer.
        #[pin]
        timer: Option<Sleep>,
        // Around the route, and not around the line of the access log, which has the ids itself.
        span: Span,
        flight: Option<Flight>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<S, F> {
        Over { refusal: Option<Error> },
        Checking { check: BoxFuture<'static, Result<Decision>>, next: Option<(S, Request)> },
        Running { #[pin] route: F },
    }
}

impl<S: Service<Request>> EdgeFuture<S> {
    pub(super) fn refused(flight: Flight, refusal: Error) -> Self {
        Self { stage: Stage::Over { refusal: Some(refusal) }, timer: None, span: Span::none(), flight: Some(flight) }
    }

    pub(super) fn checking(
        flight: Flight,
        check: BoxFuture<'static, Result<Decision>>,
        route: S,
        request: Request,
    ) -> Self {
        let span = flight.span();
        Self { stage: Stage::Checking { check, next: Some((route, request)) }, timer: None, span, flight: Some(flight) }
    }

    pub(super) fn running(flight: Flight, span: Span, route: S::Future) -> Self {
        Self { stage: Stage::Running { route }, timer: None, span, flight: Some(flight) }
    }
}

impl<S> Future for EdgeFuture<S>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible>,
{
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let entered = this.span.enter();
        let outcome = loop {
            // Polled again after its end, which no caller may do.
            let Some(flight) = this.flight.as_mut() else { return Poll::Pending };
            let step = match this.stage.as_mut().project() {
                StageProjection::Over { refusal } => {
                    Some(Step::Land(Err(refusal.take().unwrap_or_else(|| ErrorKind::Internal.into()))))
                }
                StageProjection::Checking { check, next } => match check.as_mut().poll(task) {
                    Poll::Ready(decision) => Some(pass(decision, next.take(), flight)),
                    Poll::Pending => None,
                },
                StageProjection::Running { route } => match catch_unwind(AssertUnwindSafe(|| route.poll(task))) {
                    Ok(Poll::Ready(Ok(response))) => Some(Step::Land(Ok(response))),
                    Ok(Poll::Ready(Err(never))) => match never {},
                    Ok(Poll::Pending) => None,
                    Err(panic) => Some(Step::Land(Err(panic_failure(&*panic)))),
                },
            };
            match step {
                Some(Step::Run(route)) => this.stage.set(Stage::Running { route }),
                Some(Step::Land(outcome)) => break outcome,
                None if is_due(this.timer.as_mut(), flight, task) => break Err(ErrorKind::DeadlineExceeded.into()),
                None => return Poll::Pending,
            }
        };
        // Whatever the route still holds is given back before the answer leaves.
        this.stage.set(Stage::Over { refusal: None });
        drop(entered);
        match this.flight.take() {
            Some(flight) => Poll::Ready(Ok(flight.land(outcome))),
            None => Poll::Pending,
        }
    }
}

enum Step<F> {
    Run(F),
    Land(Result<Response<Body>>),
}

/// What the rate limit decided: the route runs, or the client waits.
fn pass<S: Service<Request>>(
    decision: Result<Decision>,
    next: Option<(S, Request)>,
    flight: &mut Flight,
) -> Step<S::Future> {
    if let Some(limit) = &flight.context.0.shared.rate_limit {
        match decision {
            Ok(decision) => {
                flight.decision = Some(decision);
                if !decision.allowed {
                    return Step::Land(Err(limit.refused(&decision)));
                }
            }
            Err(error) => limit.report(&error),
        }
    }
    let Some((mut route, request)) = next else { return Step::Land(Err(ErrorKind::Internal.into())) };
    match start(&mut route, request) {
        Ok(future) => Step::Run(future),
        Err(failure) => Step::Land(Err(failure)),
    }
}

/// Whether the time of a waiting route is over. The timer is not moved as the body arrives, only when it rings.
fn is_due(mut timer: Pin<&mut Option<Sleep>>, flight: &Flight, task: &mut Context<'_>) -> bool {
    let timeout = flight.context.0.shared.timeouts.request;
    if timer.is_none() {
        timer.set(Some(sleep_until(flight.context.due(timeout))));
    }
    while let Some(sleep) = timer.as_mut().as_pin_mut() {
        if sleep.poll(task).is_pending() {
            return false;
        }
        let due = flight.context.due(timeout);
        if due <= Instant::now() {
            return true;
        }
        timer.set(Some(sleep_until(due)));
    }
    false
}

/// A panic is a defect of the service. Its message goes to the log, where it is redacted, and never to the client.
pub(super) fn panic_failure(panic: &(dyn Any + Send)) -> Error {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("panic: {}", message.unwrap_or("without a message")))
}
