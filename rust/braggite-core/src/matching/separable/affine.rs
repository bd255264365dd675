//! Lines whose numbers are affine in the nonlinear unknowns: ties, doublets and common shifts are data.

use crate::error::{Error, Result};
use crate::matching::separable::shapes::{Line, Link, Placed};

/// A constant plus multiples of nonlinear unknowns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Affine {
    /// Value where all unknowns are zero.
    pub constant: f64,
    /// Index of an unknown and its factor.
    pub terms: Vec<(usize, f64)>,
}

/// Lines and the affine forms of their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct AffineLines {
    lines: Vec<Line>,
    numbers: Vec<Vec<Affine>>,
}

impl AffineLines {
    /// `numbers` holds for each line its centre and the parameters of its shape.
    ///
    /// # Errors
    /// `LengthMismatch` where a shape takes another number of parameters; `InvalidOption` for a form that names an
    /// unknown beyond `n_theta`, or a factor or constant that is not finite.
    pub fn new(lines: Vec<Line>, numbers: Vec<Vec<Affine>>, n_theta: usize) -> Result<Self> {
        if lines.len() != numbers.len() {
            return Err(Error::LengthMismatch { what: "numbers", expected: lines.len(), got: numbers.len() });
        }
        for (line, forms) in lines.iter().zip(&numbers) {
            let expected = 1 + line.shape.parameters().len();
            if forms.len() != expected {
                return Err(Error::LengthMismatch { what: "numbers of a line", expected, got: forms.len() });
            }
            for form in forms {
                check_form(form, n_theta)?;
            }
            if !line.factor.is_finite() {
                return Err(Error::InvalidOption { name: "factor", value: line.factor, reason: "must be finite" });
            }
        }
        Ok(Self { lines, numbers })
    }
}

fn check_form(form: &Affine, n_theta: usize) -> Result<()> {
    if let Some(&(index, _)) = form.terms.iter().find(|(index, _)| *index >= n_theta) {
        return Err(Error::InvalidOption { name: "theta", value: index as f64, reason: "no such unknown" });
    }
    let finite = form.constant.is_finite() && form.terms.iter().all(|(_, factor)| factor.is_finite());
    if finite {
        Ok(())
    } else {
        Err(Error::InvalidOption { name: "constant", value: form.constant, reason: "must be finite" })
    }
}

impl AffineLines {
    /// All lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Numbers of line `index` at `theta`, written over `placed`.
    pub fn place(&self, index: usize, theta: &[f64], placed: &mut Placed) {
        placed.numbers.clear();
        placed.links.clear();
        for (number, form) in self.numbers[index].iter().enumerate() {
            placed.numbers.push(form.constant + form.terms.iter().map(|&(t, factor)| factor * theta[t]).sum::<f64>());
            placed.links.extend(form.terms.iter().map(|&(theta, slope)| Link { number, theta, slope }));
        }
    }
}
