//! Functions of which a background is the sum: cubic B-splines or Chebyshev polynomials.

use crate::error::Result;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::matching::column::{Column, Gram};

/// Share of the diagonal added, so that functions without points of their own do not stop a fit.
const RIDGE: f64 = 1e-10;

/// Basis functions over the points of a region.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Basis {
    columns: Vec<Column>,
}

impl Basis {
    /// Cubic B-splines over the ascending points `x` with `intervals` equal intervals: `intervals + 3` functions.
    ///
    /// de Boor (1978), *A Practical Guide to Splines*; uniform cubic pieces written out.
    pub fn splines(x: &[f64], intervals: usize) -> Self {
        let (Some(&first), Some(&last)) = (x.first(), x.last()) else { return Self::default() };
        let intervals = intervals.max(1);
        let width = ((last - first) / intervals as f64).max(f64::MIN_POSITIVE);
        let mut columns: Vec<Column> = (0..intervals + 3).map(|_| Column::default()).collect();
        for (i, &position) in x.iter().enumerate() {
            let t = (position - first) / width;
            let interval = (t as usize).min(intervals - 1);
            for (piece, value) in uniform_cubic(t - interval as f64).into_iter().enumerate() {
                let column = &mut columns[interval + piece];
                if column.values.is_empty() {
                    column.start = i;
                }
                column.values.push(value);
            }
        }
        columns.retain(|column| !column.values.is_empty());
        Self { columns }
    }

    /// Chebyshev polynomials of the first kind up to `order` over the range of `x`: `order + 1` functions.
    pub fn chebyshev(x: &[f64], order: usize) -> Self {
        let (Some(&first), Some(&last)) = (x.first(), x.last()) else { return Self::default() };
        let span = (last - first).max(f64::MIN_POSITIVE);
        let scaled: Vec<f64> = x.iter().map(|x| (2.0 * x - first - last) / span).collect();
        let mut columns = vec![Column { start: 0, values: vec![1.0; x.len()] }];
        if order > 0 {
            columns.push(Column { start: 0, values: scaled.clone() });
        }
        for k in 2..=order {
            let terms = scaled.iter().zip(&columns[k - 1].values).zip(&columns[k - 2].values);
            let values = terms.map(|((t, one), two)| 2.0 * t * one - two).collect();
            columns.push(Column { start: 0, values });
        }
        Self { columns }
    }

    /// The functions; splines left to right, polynomials by order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Add the sum of the functions with these coefficients to `target`.
    pub fn add_to(&self, target: &mut [f64], coefficients: &[f64]) {
        for (column, &c) in self.columns.iter().zip(coefficients) {
            column.add_to(target, c);
        }
    }

    /// The sum of the functions that is nearest to `y`, by squares with `weight`.
    ///
    /// # Errors
    /// `NotPositiveDefinite` for values that are not finite.
    pub fn nearest(&self, y: &[f64], weight: &[f64]) -> Result<Vec<f64>> {
        let weighted = self.weighted(weight);
        let Gram { order, mut matrix } = Gram::of(&weighted.iter().collect::<Vec<&Column>>());
        (0..order.len()).for_each(|row| matrix.stiffen(row, RIDGE));
        let pull: Vec<f64> = y.iter().zip(weight).map(|(y, w)| y * w.sqrt()).collect();
        let mut solution: Vec<f64> = order.iter().map(|&column| weighted[column].along(&pull)).collect();
        matrix.solve(&mut solution, "background")?;
        let mut curve = vec![0.0; y.len()];
        for (&column, value) in order.iter().zip(solution) {
            self.columns[column].add_to(&mut curve, value);
        }
        Ok(curve)
    }

    /// How many of the functions, first to last, say most of `y` for what each costs: least squares by `weight`, one over
    /// the variance of each point, plus the number of functions times the logarithm of that of points.
    ///
    /// Schwarz (1978), Ann. Stat. 6, 461.
    ///
    /// # Errors
    /// `NotPositiveDefinite` for values that are not finite.
    pub fn worth_having(&self, y: &[f64], weight: &[f64]) -> Result<usize> {
        let weighted = self.weighted(weight);
        let mut normal = Symmetric::zeros(weighted.len());
        for (i, a) in weighted.iter().enumerate() {
            (0..=i).for_each(|j| normal.set(i, j, a.times(&weighted[j]) * if i == j { 1.0 + RIDGE } else { 1.0 }));
        }
        let pull: Vec<f64> = y.iter().zip(weight).map(|(y, w)| y * w.sqrt()).collect();
        let mut gains: Vec<f64> = weighted.iter().map(|column| column.along(&pull)).collect();
        // Row by row of the factor, each squared entry is what one more function explains.
        normal.cholesky("background")?.solve_lower(&mut gains);
        let price = (weight.iter().filter(|&&w| w > 0.0).count().max(2) as f64).ln();
        let (mut cost, mut best) = (0.0, (f64::INFINITY, 0));
        for (k, gain) in gains.iter().enumerate() {
            cost += price - gain * gain;
            if cost < best.0 {
                best = (cost, k + 1);
            }
        }
        Ok(best.1)
    }

    fn weighted(&self, weight: &[f64]) -> Vec<Column> {
        let roots: Vec<f64> = weight.iter().map(|w| w.sqrt()).collect();
        let times = |column: &Column| {
            let values = column.values.iter().zip(&roots[column.start..]).map(|(value, root)| value * root).collect();
            Column { start: column.start, values }
        };
        self.columns.iter().map(times).collect()
    }
}

fn uniform_cubic(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    [
        s * s * s / 6.0,
        (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * s * s * s - 6.0 * s * s + 4.0) / 6.0,
        t * t * t / 6.0,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions() -> Vec<f64> {
        (0..101).map(|i| 10.0 + f64::from(i) * 0.37).collect()
    }

    #[test]
    fn splines_sum_to_one_everywhere() {
        let x = positions();
        let basis = Basis::splines(&x, 7);
        assert_eq!(basis.columns().len(), 10);
        let mut sum = vec![0.0; x.len()];
        basis.add_to(&mut sum, &[1.0; 10]);
        assert!(sum.iter().all(|s| (s - 1.0).abs() < 1e-12), "identity: partition of unity");
    }

    #[test]
    fn polynomials_are_cosines() {
        let x = positions();
        let basis = Basis::chebyshev(&x, 9);
        for (k, column) in basis.columns().iter().enumerate() {
            for (&value, &x) in column.values.iter().zip(&x) {
                let angle = ((x - 10.0) / 18.5 - 1.0).clamp(-1.0, 1.0).acos();
                assert!((value - (k as f64 * angle).cos()).abs() < 1e-12, "definition: cos(k arccos t)");
            }
        }
        assert_eq!(Basis::chebyshev(&x, 0).columns().len(), 1);
    }

    #[test]
    fn the_nearest_sum_finds_what_it_is_made_of() {
        let x = positions();
        let weight: Vec<f64> = (0..x.len()).map(|i| if i == 50 { 0.0 } else { 1.0 + (i % 3) as f64 }).collect();
        for basis in [Basis::splines(&x, 5), Basis::chebyshev(&x, 6)] {
            let coefficients: Vec<f64> = (0..basis.columns().len()).map(|k| 3.0 - k as f64).collect();
            let mut curve = vec![0.0; x.len()];
            basis.add_to(&mut curve, &coefficients);
            let mut given = curve.clone();
            given[50] = 1e6;
            let found = basis.nearest(&given, &weight).unwrap();
            // The diagonal is raised by 1e-10.
            assert!(found.iter().zip(&curve).all(|(a, b)| (a - b).abs() < 1e-7), "identity");
        }
    }

    #[test]
    fn terms_are_counted_that_stand_out_of_the_noise() {
        let x = positions();
        let basis = Basis::chebyshev(&x, 12);
        let mut y = vec![0.0; x.len()];
        basis.add_to(&mut y, &[100.0, -20.0, 0.0, 5.0, 0.001]);
        // Four terms; the fifth is far below a deviation of 1 over 101 points.
        assert_eq!(basis.worth_having(&y, &vec![1.0; x.len()]).unwrap(), 4);
        assert_eq!(basis.worth_having(&y, &vec![1e9; x.len()]).unwrap(), 5);
    }
}
