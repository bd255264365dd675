//! Buffers for a line and its derivatives.

/// Value and derivatives of one line over its points; reused from line to line.
#[derive(Debug, Default, Clone)]
pub struct ShapeColumns {
    /// Shape, per axis unit.
    pub value: Vec<f64>,
    /// Derivative to the centre, then to the parameters in order.
    pub by: Vec<Vec<f64>>,
    /// One of the copies that a composite line sums.
    pub(super) scratch: Option<Box<ShapeColumns>>,
}

impl ShapeColumns {
    /// Zeros: a value and `derivatives` columns of `points` points.
    pub(super) fn cleared(&mut self, derivatives: usize, points: usize) {
        self.by.resize_with(derivatives, Vec::new);
        for column in std::iter::once(&mut self.value).chain(&mut self.by) {
            column.clear();
            column.resize(points, 0.0);
        }
    }

    /// `K` columns of `points` points, the value first; what they hold is to be overwritten.
    pub(super) fn sized<const K: usize>(&mut self, points: usize) -> [&mut [f64]; K] {
        self.by.resize_with(K - 1, Vec::new);
        let mut columns = std::iter::once(&mut self.value).chain(&mut self.by);
        std::array::from_fn(|_| {
            columns.next().map_or_else(Default::default, |column| {
                column.resize(points, 0.0);
                &mut column[..]
            })
        })
    }
}
