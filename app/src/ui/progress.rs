use super::time::{Stopwatch, next_frame};

/// How long work may keep the page from answering, in milliseconds.
const SLICE_MS: f64 = 12.0;

/// Counts pieces of work and gives the browser its turns between them.
pub(crate) struct Progress<F: Fn(usize)> {
    done: usize,
    slice: Stopwatch,
    report: F,
}

impl<F: Fn(usize)> Progress<F> {
    pub(crate) fn new(report: F) -> Self {
        Self { done: 0, slice: Stopwatch::start(), report }
    }

    /// One more piece is done. Waits for the browser's turn when it is due.
    pub(crate) async fn step(&mut self) {
        self.done += 1;
        if self.slice.elapsed() >= SLICE_MS {
            (self.report)(self.done);
            next_frame().await;
            self.slice = Stopwatch::start();
        }
    }
}
