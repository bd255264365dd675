//! Covariance of the numbers of a fit: as much of it as is asked for, however many lines have strengths of their own.

use crate::linalg::envelope::EnvelopeCholesky;
use crate::linalg::normal::Normal;

/// Covariance of moving numbers (first) and the linear unknowns of the phases.
#[derive(Debug, Clone, PartialEq)]
pub struct FitCovariance {
    form: Form,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Row by row; None for a number without influence.
    Rows(Vec<Option<Vec<f64>>>),
    /// The inverse of an information matrix.
    Inverse {
        /// Row of each unknown in the matrix; None for one without influence.
        rows: Vec<Option<usize>>,
        /// Its factor.
        factor: EnvelopeCholesky,
        /// Diagonal of its inverse.
        variances: Vec<f64>,
    },
}

impl FitCovariance {
    /// Of numbers whose covariance is given row by row, no row for one without influence.
    pub fn of_rows(rows: Vec<Option<Vec<f64>>>) -> Self {
        Self { form: Form::Rows(rows) }
    }

    /// Of numbers that stand in `rows` (ascending or not) of an information matrix with this `factor`.
    pub fn of_information(rows: Vec<Option<usize>>, factor: EnvelopeCholesky) -> Self {
        let inside = factor.inverse_inside();
        let variances = (0..inside.order()).map(|row| inside.get(row, row)).collect();
        Self { form: Form::Inverse { rows, factor, variances } }
    }

    /// Variance of one number; None without influence.
    pub fn variance(&self, number: usize) -> Option<f64> {
        match &self.form {
            Form::Rows(rows) => rows.get(number)?.as_ref().map(|row| row[number]),
            Form::Inverse { rows, variances, .. } => rows.get(number).copied().flatten().map(|row| variances[row]),
        }
    }

    /// Variance of the sum of numbers times their factors, those without influence taken as exact; None if all are.
    pub fn variance_of_sum(&self, gradient: &[(usize, f64)]) -> Option<f64> {
        let known = || gradient.iter().filter(|(number, _)| self.variance(*number).is_some());
        match (&self.form, known().count()) {
            (_, 0) => None,
            (_, 1) => known().find_map(|&(number, by)| Some(by * by * self.variance(number)?)),
            (Form::Rows(rows), _) => Some(
                known()
                    .filter_map(|&(i, by_i)| Some((by_i, rows[i].as_ref()?)))
                    .map(|(by_i, row)| by_i * known().map(|&(j, by_j)| by_j * row[j]).sum::<f64>())
                    .sum(),
            ),
            (Form::Inverse { rows, factor, variances }, _) => {
                let mut along = vec![0.0; variances.len()];
                known().filter_map(|&(i, by)| Some((rows[i]?, by))).for_each(|(row, by)| along[row] += by);
                Some(factor.inverse_along(&mut along))
            }
        }
    }

    /// Covariance between `numbers`; no row for one without influence.
    pub fn between(&self, numbers: &[usize]) -> Vec<Option<Vec<f64>>> {
        let (rows, factor) = match &self.form {
            Form::Rows(rows) => {
                let row = |&i: &usize| rows.get(i)?.as_ref().map(|row| numbers.iter().map(|&j| row[j]).collect());
                return numbers.iter().map(row).collect();
            }
            Form::Inverse { rows, factor, .. } => (rows, factor),
        };
        let row_of = |&number: &usize| rows.get(number).copied().flatten();
        let mut kept: Vec<usize> = numbers.iter().filter_map(row_of).collect();
        kept.sort_unstable();
        let entries = factor.inverse_between(&kept);
        let place = |number: &usize| kept.binary_search(&row_of(number)?).ok();
        let row = |i: &usize| {
            let entries = &entries[place(i)?];
            Some(numbers.iter().map(|j| place(j).map_or(0.0, |column| entries[column])).collect())
        };
        numbers.iter().map(row).collect()
    }
}
