//! Work that keeps a processor busy, on threads that may be.

use tokio::task::{JoinError, spawn_blocking};

/// Does work on a thread of its own, so that the others go on; it panics only if the work did.
pub(super) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    finished(spawn_blocking(work).await)
}

/// The result of a thread; it panics only if the thread did.
pub(super) fn finished<T>(joined: Result<T, JoinError>) -> T {
    match joined {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("a thread that has begun cannot be cancelled"),
        },
    }
}
