//! Many spectra at once: scoped threads over fixed chunks of rows. No pool, nothing global, safe after a fork.

use std::ops::Range;

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
    chunks(count, threads, &mut [], |range, _| {
        let mut state = state();
        range.map(|row| cancel.check().and_then(|()| kernel(&mut state, row))).collect()
    })
}

/// `kernel(rows, their part of out)` for as many chunks of rows as threads, in order; every row has an equal part of `out`.
///
/// # Errors
/// As [`rows`].
pub fn chunks<T: Send>(
    count: usize,
    threads: usize,
    out: &mut [f64],
    kernel: impl Fn(Range<usize>, &mut [f64]) -> Result<Vec<T>> + Sync,
) -> Result<Vec<T>> {
    if threads == 0 || threads > 1024 {
        let reason = "must be between 1 and 1024";
        return Err(Error::InvalidOption { name: "threads", value: threads as f64, reason });
    }
    let size = count.div_ceil(threads).max(1);
    if size >= count {
        return kernel(0..count, out);
    }
    let width = out.len() / count;
    let parts = std::thread::scope(|scope| {
        let (kernel, mut rest) = (&kernel, out);
        let start = |from: usize| {
            let rows = from..(from + size).min(count);
            let part;
            (part, rest) = std::mem::take(&mut rest).split_at_mut(width * rows.len());
            scope.spawn(move || kernel(rows, part))
        };
        let workers: Vec<_> = (0..count).step_by(size).map(start).collect();
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
    fn every_row_has_its_part_of_what_is_written() {
        for threads in [1, 2, 3, 64] {
            let mut out = vec![0.0; 2 * 7];
            let write = |rows: Range<usize>, out: &mut [f64]| {
                out.chunks_exact_mut(2).zip(rows.clone()).for_each(|(part, row)| part.fill(row as f64));
                Ok(rows.collect::<Vec<usize>>())
            };
            assert_eq!(chunks(7, threads, &mut out, write).unwrap(), (0..7).collect::<Vec<usize>>());
            assert_eq!(out, (0..14).map(|i| f64::from(i / 2)).collect::<Vec<f64>>());
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
