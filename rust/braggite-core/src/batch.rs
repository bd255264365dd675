//! Many spectra at once: scoped threads over fixed chunks of rows. No pool, nothing global, safe after a fork.

use crate::cancel::CancelFlag;
use crate::error::{Error, Result};

/// `kernel(state, row)` for every row, in order; each thread has a state of its own, made by `state`.
///
/// The result does not depend on the number of threads; of several errors the one of the first row is returned.
///
/// # Errors
/// `InvalidOption` for no or absurdly many `threads`; `Cancelled`; whatever `kernel` returns.
pub fn rows<S, T: Send>(
    count: usize,
    threads: usize,
    cancel: &CancelFlag,
    state: impl Fn() -> S + Sync,
    kernel: impl Fn(&mut S, usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    if threads == 0 || threads > 1024 {
        let reason = "must be between 1 and 1024";
        return Err(Error::InvalidOption { name: "threads", value: threads as f64, reason });
    }
    let chunk = |range: std::ops::Range<usize>| {
        let mut state = state();
        range.map(|row| cancel.check().and_then(|()| kernel(&mut state, row))).collect::<Result<Vec<T>>>()
    };
    let size = count.div_ceil(threads).max(1);
    if size >= count {
        return chunk(0..count);
    }
    let parts = std::thread::scope(|scope| {
        let chunk = &chunk;
        let workers: Vec<_> =
            (0..count).step_by(size).map(|from| scope.spawn(move || chunk(from..(from + size).min(count)))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<Vec<T>>>>()
    })?;
    Ok(parts.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_for_any_number_of_threads() {
        for threads in [1, 2, 3, 7, 64] {
            for count in [0, 1, 2, 5, 64, 65] {
                let result = rows(count, threads, &CancelFlag::new(), || (), |(), row| Ok(row * row)).unwrap();
                assert_eq!(result, (0..count).map(|row| row * row).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn returns_the_first_row_s_error() {
        let fail = |(): &mut (), row: usize| {
            if row < 3 { Ok(row) } else { Err(Error::TooFewPoints { what: "y", got: row, needed: 99 }) }
        };
        for threads in [1, 2, 5] {
            let error = rows(10, threads, &CancelFlag::new(), || (), fail).unwrap_err();
            assert_eq!(error, Error::TooFewPoints { what: "y", got: 3, needed: 99 });
        }
        assert!(matches!(
            rows(1, 0, &CancelFlag::new(), || (), fail),
            Err(Error::InvalidOption { name: "threads", .. })
        ));
    }

    #[test]
    fn stops_when_cancelled() {
        let flag = CancelFlag::new();
        flag.raise();
        assert_eq!(rows(5, 2, &flag, || (), |(), row| Ok(row)), Err(Error::Cancelled));
    }
}
