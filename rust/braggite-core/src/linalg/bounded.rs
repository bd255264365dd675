//! Quadratic minimum with some unknowns held non-negative: the inner problem of scales and background.

use crate::error::Result;
use crate::linalg::normal::Normal;

/// Exchanges of everything that is on the wrong side, without fewer of them, before only one is exchanged.
const PATIENCE: usize = 3;
/// Exchanges of a single unknown end everywhere but for rounding.
const MAX_EXCHANGES: usize = 1000;

/// Minimiser of xᵀAx/2 - bᵀx with x\[i\] >= 0 wherever `non_negative[i]`, from a guess `x` that keeps the bounds; what
/// stands above zero there starts free.
///
/// Block principal pivoting: all unknowns on the wrong side change sides at once, one alone where that does not help
/// (Júdice and Pires (1994), Comput. Oper. Res. 21, 587; Portugal, Júdice and Vicente (1994), Math. Comput. 63, 625).
///
/// # Errors
/// `NotPositiveDefinite` when A restricted to the free unknowns is singular.
pub fn improve_non_negative(a: &impl Normal, b: &[f64], non_negative: &[bool], x: &mut [f64]) -> Result<()> {
    let mut free: Vec<bool> = non_negative.iter().zip(&*x).map(|(held, x)| !held || *x > 0.0).collect();
    let tolerance = 1e-12 * b.iter().map(|b| b.abs()).fold(0.0, f64::max);
    let (mut fewest, mut patience) = (usize::MAX, PATIENCE);
    for _ in 0..MAX_EXCHANGES {
        x.copy_from_slice(&a.solve_free(b, &free, "linear unknowns")?);
        let wrong = on_the_wrong_side(a, b, non_negative, &free, x, tolerance);
        let Some(&last) = wrong.last() else { break };
        if wrong.len() < fewest {
            (fewest, patience) = (wrong.len(), PATIENCE);
        } else {
            patience = patience.saturating_sub(1);
        }
        let exchanged = if patience > 0 { &wrong[..] } else { &[last] };
        for &i in exchanged {
            free[i] = !free[i];
        }
    }
    for (value, _) in x.iter_mut().zip(non_negative).filter(|(_, held)| **held) {
        *value = value.max(0.0);
    }
    Ok(())
}

/// Free unknowns below their bound, and held ones that would rather rise.
fn on_the_wrong_side(
    a: &impl Normal,
    b: &[f64],
    non_negative: &[bool],
    free: &[bool],
    x: &[f64],
    tolerance: f64,
) -> Vec<usize> {
    if free.iter().all(|&free| free) && x.iter().zip(non_negative).all(|(x, held)| !held || *x >= 0.0) {
        return Vec::new();
    }
    let slope = a.times(x);
    let wrong = |&i: &usize| if free[i] { non_negative[i] && x[i] < 0.0 } else { b[i] - slope[i] > tolerance };
    (0..b.len()).filter(wrong).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::symmetric::Symmetric;
    use proptest::prelude::*;

    proptest! {
        /// Karush-Kuhn-Tucker: free unknowns have zero gradient, held ones a gradient that pushes against the bound.
        #[test]
        fn meets_the_optimality_conditions(
            columns in prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, 10), 2..8),
            b in prop::collection::vec(-1.0..1.0_f64, 8),
            held in prop::collection::vec(any::<bool>(), 8),
        ) {
            let n = columns.len();
            let mut a = Symmetric::zeros(n);
            for i in 0..n {
                for j in 0..=i {
                    let product: f64 = columns[i].iter().zip(&columns[j]).map(|(p, q)| p * q).sum();
                    a.set(i, j, product + if i == j { 0.05 } else { 0.0 });
                }
            }
            let mut x = vec![0.0; n];
            improve_non_negative(&a, &b[..n], &held[..n], &mut x).unwrap();
            for i in 0..n {
                let gradient = (0..n).map(|j| a.get(i, j) * x[j]).sum::<f64>() - b[i];
                if held[i] {
                    prop_assert!(x[i] >= 0.0);
                    prop_assert!(gradient > -1e-8, "KKT: gradient {gradient} at a held unknown");
                }
                if !held[i] || x[i] > 0.0 {
                    prop_assert!(gradient.abs() < 1e-8, "KKT: gradient {gradient} at a free unknown");
                }
            }
        }
    }
}
