//! Loops that carry more than a function's arguments, compiled once per instruction set and chosen when they run.
//!
//! No version fuses multiplications with additions, so all give the same bits.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use crate::instruction_set::{InstructionSet, for_each_instruction_set};

/// A loop over points. Its `run`, and all that it calls in the loop, must be `#[inline(always)]`.
pub trait Kernel {
    /// What the loop returns.
    type Output;
    /// The loop.
    fn run(self) -> Self::Output;
}

for_each_instruction_set! {
    fn run_on[K: Kernel](kernel: K) -> K::Output = K::run;
}

/// Run a kernel in the widest vectors the processor has.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    run_on(chosen::set(), kernel)
}

#[cfg(not(test))]
mod chosen {
    use super::InstructionSet;

    #[inline(always)]
    pub fn set() -> InstructionSet {
        InstructionSet::widest()
    }
}

/// Lets a test choose the instruction set.
#[cfg(test)]
pub mod chosen {
    use super::InstructionSet;
    use std::cell::Cell;

    thread_local!(static SET: Cell<Option<InstructionSet>> = const { Cell::new(None) });

    pub(super) fn set() -> InstructionSet {
        SET.get().unwrap_or_else(InstructionSet::widest)
    }

    /// What `work` gives with each instruction set that this processor has.
    pub fn with_each<T>(work: impl Fn() -> T) -> Vec<T> {
        let results = InstructionSet::available().map(|set| {
            SET.set(Some(set));
            work()
        });
        let results = results.collect();
        SET.set(None);
        results
    }
}
