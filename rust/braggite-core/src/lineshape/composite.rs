//! Lines that are sums of displaced copies of an inner line.

use crate::lineshape::columns::ShapeColumns;
use crate::lineshape::shape::Shape;

/// One copy. `M` is one more than the number of parameters that move the copies: derivatives are to the centre of the
/// whole and to those.
#[derive(Debug, Clone, Copy)]
pub struct Copied<const M: usize> {
    /// Where it stands.
    pub centre: f64,
    /// Its share of the area.
    pub share: f64,
    /// Derivatives of the centre.
    pub centre_by: [f64; M],
    /// Derivatives of the share.
    pub share_by: [f64; M],
}

/// Write the sum of the copies of `inner` and its derivatives: to the centre, to the parameters of `inner`, to the rest.
pub fn fill<const M: usize>(
    copies: impl Iterator<Item = Copied<M>>,
    inner: &Shape,
    parameters: &[f64],
    x: &[f64],
    out: &mut ShapeColumns,
) {
    out.cleared(parameters.len() + M, x.len());
    let mut one = out.scratch.take().unwrap_or_default();
    for copied in copies {
        inner.fill(x, copied.centre, parameters, &mut one);
        add(&mut out.value, copied.share, &one.value);
        for (sum, column) in out.by[1..].iter_mut().zip(&one.by[1..]) {
            add(sum, copied.share, column);
        }
        let moved = std::iter::once(0).chain(parameters.len() + 1..);
        for (column, (centre_by, share_by)) in moved.zip(copied.centre_by.iter().zip(copied.share_by)) {
            add(&mut out.by[column], copied.share * centre_by, &one.by[0]);
            add(&mut out.by[column], share_by, &one.value);
        }
    }
    out.scratch = Some(one);
}

fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    if factor != 0.0 {
        crate::linalg::symmetric::add_scaled(sum, factor, values);
    }
}
