//! One source compiled for plain processors and for those with AVX2; which one runs is decided when it runs.
//!
//! Neither version fuses multiplications with additions, so both give the same bits.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

/// A loop over points. Its `run`, and all that it calls in the loop, must be `#[inline(always)]`.
pub trait Kernel {
    /// What the loop returns.
    type Output;
    /// The loop.
    fn run(self) -> Self::Output;
}

/// Run a kernel in the widest vectors the processor has.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && !plain::wanted() {
        #[allow(unsafe_code, reason = "the processor was asked in the line above")]
        // SAFETY: `run_avx2` needs nothing but AVX2.
        return unsafe { run_avx2(kernel) };
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(all(not(test), target_arch = "x86_64"))]
mod plain {
    #[inline(always)]
    pub fn wanted() -> bool {
        false
    }
}

/// Lets a test take the path of plain processors.
#[cfg(test)]
pub mod plain {
    use std::cell::Cell;

    thread_local!(static WANTED: Cell<bool> = const { Cell::new(false) });

    pub(super) fn wanted() -> bool {
        WANTED.get()
    }

    /// What `work` gives on a processor without AVX2.
    pub fn run<T>(work: impl FnOnce() -> T) -> T {
        WANTED.set(true);
        let result = work();
        WANTED.set(false);
        result
    }
}
