//! Quadratic minimum with some unknowns held non-negative: the inner problem of scales and background.

use crate::error::Result;
use crate::linalg::normal::Normal;

/// Minimiser of xᵀAx/2 - bᵀx with x\[i\] >= 0 wherever `non_negative[i]`.
///
/// Active set in the manner of Lawson and Hanson (1974), *Solving Least Squares Problems*, chapter 23, on the normal
/// equations: one unknown enters at a time, the step is cut back at the first bound it meets.
///
/// # Errors
/// `NotPositiveDefinite` when A restricted to the free unknowns is singular.
pub fn solve_non_negative(a: &impl Normal, b: &[f64], non_negative: &[bool]) -> Result<Vec<f64>> {
    let mut x = vec![0.0; b.len()];
    improve_non_negative(a, b, non_negative, &mut x)?;
    Ok(x)
}

/// The same from a guess `x` that keeps the bounds; what stands above zero there starts free.
///
/// # Errors
/// As [`solve_non_negative`].
pub fn improve_non_negative(a: &impl Normal, b: &[f64], non_negative: &[bool], x: &mut [f64]) -> Result<()> {
    let n = b.len();
    let mut free: Vec<bool> = non_negative.iter().zip(&*x).map(|(held, x)| !held || *x > 0.0).collect();
    let tolerance = 1e-12 * (0..n).map(|i| b[i].abs()).fold(0.0, f64::max);
    for _ in 0..3 * n + 4 {
        go_to_minimum(a, b, non_negative, &mut free, x)?;
        let Some(entering) = steepest_descent(a, b, x, &free, tolerance) else { break };
        free[entering] = true;
    }
    Ok(())
}

/// Move `x` to the minimum over the free unknowns; those that meet their bound on the way are held there.
fn go_to_minimum(a: &impl Normal, b: &[f64], non_negative: &[bool], free: &mut [bool], x: &mut [f64]) -> Result<()> {
    let n = b.len();
    loop {
        let target = a.solve_free(b, free, "linear unknowns")?;
        let blocked = (0..n).filter(|&i| free[i] && non_negative[i] && target[i] <= 0.0);
        let step = blocked.map(|i| x[i] / (x[i] - target[i])).fold(1.0, f64::min);
        for i in 0..n {
            x[i] += step * (target[i] - x[i]);
        }
        if step >= 1.0 {
            return Ok(());
        }
        for i in 0..n {
            if non_negative[i] && free[i] && x[i] <= f64::EPSILON * target[i].abs() {
                x[i] = 0.0;
                free[i] = false;
            }
        }
    }
}

fn steepest_descent(a: &impl Normal, b: &[f64], x: &[f64], free: &[bool], tolerance: f64) -> Option<usize> {
    let slope = a.times(x);
    let descent = |i: usize| b[i] - slope[i];
    (0..b.len())
        .filter(|&i| !free[i])
        .map(|i| (i, descent(i) / a.get(i, i).max(f64::MIN_POSITIVE).sqrt(), descent(i)))
        .filter(|&(_, _, raw)| raw > tolerance)
        .max_by(|p, q| p.1.total_cmp(&q.1))
        .map(|(i, _, _)| i)
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
            let x = solve_non_negative(&a, &b[..n], &held[..n]).unwrap();
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
