//! Cubic B-splines: the smooth part of a region that is fitted together with its lines.

/// A cubic B-spline basis over uniform intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineBasis {
    columns: Vec<SplineColumn>,
}

/// One basis function: its values over the points from `start` on.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineColumn {
    /// Index of its first point.
    pub start: usize,
    /// Values; they sum to one over all columns at each point.
    pub values: Vec<f64>,
}

impl SplineBasis {
    /// The basis over the ascending points `x` with `intervals` equal intervals: `intervals + 3` functions.
    ///
    /// de Boor (1978), *A Practical Guide to Splines*; uniform cubic pieces written out.
    pub fn new(x: &[f64], intervals: usize) -> Self {
        let (Some(&first), Some(&last)) = (x.first(), x.last()) else { return Self { columns: Vec::new() } };
        let intervals = intervals.max(1);
        let width = ((last - first) / intervals as f64).max(f64::MIN_POSITIVE);
        let mut columns: Vec<SplineColumn> =
            (0..intervals + 3).map(|_| SplineColumn { start: 0, values: Vec::new() }).collect();
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

    /// The basis functions, left to right.
    pub fn columns(&self) -> &[SplineColumn] {
        &self.columns
    }

    /// Add the spline with these coefficients to `target`.
    pub fn add_to(&self, target: &mut [f64], coefficients: &[f64]) {
        for (column, &c) in self.columns.iter().zip(coefficients) {
            for (sum, value) in target[column.start..].iter_mut().zip(&column.values) {
                *sum += c * value;
            }
        }
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

    #[test]
    fn sums_to_one_everywhere() {
        let x: Vec<f64> = (0..101).map(|i| 10.0 + f64::from(i) * 0.37).collect();
        let basis = SplineBasis::new(&x, 7);
        assert_eq!(basis.columns().len(), 10);
        let mut sum = vec![0.0; x.len()];
        basis.add_to(&mut sum, &[1.0; 10]);
        assert!(sum.iter().all(|s| (s - 1.0).abs() < 1e-12), "identity: partition of unity");
    }
}
