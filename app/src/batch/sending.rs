use std::future::Future;

use leptos::prelude::*;

use crate::error::AppError;

/// Something sealed that is to be done once. While nobody knows whether it has arrived it is kept, and sent again as it was: its id keeps it from
/// being done twice. It is not changed meanwhile either, since it may have been done already.
pub(crate) struct Sending<T: Send + Sync + 'static> {
    /// Whether an answer is waited for.
    pub pending: RwSignal<bool>,
    /// Why it was not done, or nobody knows.
    pub error: RwSignal<Option<AppError>>,
    kept: RwSignal<Option<T>>,
}

impl<T: Send + Sync + 'static> Clone for Sending<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Sending<T> {}

impl<T: Clone + Send + Sync + 'static> Sending<T> {
    pub(crate) fn new() -> Self {
        Self { pending: RwSignal::new(false), error: RwSignal::new(None), kept: RwSignal::new(None) }
    }

    /// Whether nobody knows if it was done.
    pub(crate) fn is_unsettled(self) -> bool {
        self.kept.with(Option::is_some)
    }

    /// Whether what is to be sent must not be changed.
    pub(crate) fn is_fixed(self) -> bool {
        self.pending.get() || self.is_unsettled()
    }

    /// Sends what is kept, or else what `make` seals. What was sent.
    pub(crate) async fn send<M, W, R>(self, make: impl FnOnce() -> M, post: impl FnOnce(T) -> W) -> Result<T, AppError>
    where
        M: Future<Output = Result<T, AppError>>,
        W: Future<Output = Result<R, AppError>>,
    {
        let sealed = match self.kept.try_get_untracked().flatten() {
            Some(sealed) => sealed,
            None => Box::pin(make()).await?,
        };
        let result = Box::pin(post(sealed.clone())).await;
        self.kept.try_set(result.as_ref().is_err_and(AppError::leaves_open).then(|| sealed.clone()));
        result.map(|_| sealed)
    }
}
