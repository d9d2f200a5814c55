//! A result that is on its way: `.await` it in async code, `.wait()` for it on a thread. No runtime is needed to make one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::StoreError;

/// The result of a job that was given to the store. Dropping it does not cancel the job.
#[must_use = "the job's result, and with it the moment from which it is durable, is in here"]
pub struct Pending<T>(oneshot::Receiver<Result<T, StoreError>>);

/// The other end of a `Pending`, held by whoever does the job.
pub(crate) struct Promise<T>(oneshot::Sender<Result<T, StoreError>>);

impl<T> Pending<T> {
    /// A pending result and the promise that resolves it.
    pub(crate) fn pair() -> (Promise<T>, Self) {
        let (sender, receiver) = oneshot::channel();
        (Promise(sender), Self(receiver))
    }

    /// A result that is there already.
    pub(crate) fn ready(result: Result<T, StoreError>) -> Self {
        let (promise, pending) = Self::pair();
        promise.keep(result);
        pending
    }

    /// Waits on this thread. Must not be called from async code (it would block the runtime, and panics there).
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl<T> Promise<T> {
    /// Resolves the pending result; nobody may be waiting any more, which is no fault.
    pub(crate) fn keep(self, result: Result<T, StoreError>) {
        let _nobody_waits = self.0.send(result);
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|received| received.unwrap_or(Err(StoreError::Closed)))
    }
}

/// A proof that the value is durable: only the store makes one, after the commit. What may be shown.
#[derive(Debug)]
pub struct Stored<T>(T);

impl<T> Stored<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to show.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Stored<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
