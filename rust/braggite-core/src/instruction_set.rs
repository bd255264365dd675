//! The vector instructions this processor has, and one source compiled for each of them.

/// Vector instructions that the running processor has; a kernel gives the same bits with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstructionSet(Level);

/// From narrow to wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Plain,
    Avx2,
    Avx512,
}

impl InstructionSet {
    /// The widest; asked anew at each call, which costs next to nothing.
    pub fn widest() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx512f") && has!("avx512dq") && has!("avx512vl") && has!("avx2") {
                return Self(Level::Avx512);
            }
            if has!("avx2") {
                return Self(Level::Avx2);
            }
        }
        Self(Level::Plain)
    }

    /// Every one up to the widest.
    pub fn available() -> impl Iterator<Item = Self> {
        let widest = Self::widest().0;
        [Level::Plain, Level::Avx2, Level::Avx512].into_iter().filter(move |level| *level <= widest).map(Self)
    }

    pub(crate) fn level(self) -> Level {
        self.0
    }
}

/// Compile the function at `source` once per instruction set; the first argument of the new function chooses.
///
/// The source must be `#[inline(always)]`, and neither it nor the compiler fuses or reorders a sum.
macro_rules! for_each_instruction_set {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident $([$($generics:tt)*])? ($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $source:path;
    ) => {
        $(#[$meta])*
        $vis fn $name $(<$($generics)*>)? (set: $crate::instruction_set::InstructionSet, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2 $(<$($generics)*>)? ($($argument: $type),*) $(-> $result)? {
                $source($($argument),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
            fn avx512 $(<$($generics)*>)? ($($argument: $type),*) $(-> $result)? {
                $source($($argument),*)
            }
            match set.level() {
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "an instruction set exists only where the processor has it")]
                // SAFETY: `InstructionSet` is made by asking the processor, for every feature named above.
                $crate::instruction_set::Level::Avx512 => unsafe { avx512($($argument),*) },
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "an instruction set exists only where the processor has it")]
                // SAFETY: as above.
                $crate::instruction_set::Level::Avx2 => unsafe { avx2($($argument),*) },
                _ => $source($($argument),*),
            }
        }
    };
}
pub(crate) use for_each_instruction_set;
