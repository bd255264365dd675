//! The weights by which a least-squares polynomial through a few points gives its value or derivative.

/// Buffers of one fit, reused by the next.
#[derive(Debug, Default)]
pub(super) struct LocalFit {
    now: Vec<f64>,
    before: Vec<f64>,
    next: Vec<f64>,
}

impl LocalFit {
    /// Write the coefficients c with `sum(c y)` = the `derivative`-th derivative at `at` of the polynomial of degree
    /// `order` fitted to the positions `x`.
    ///
    /// By polynomials orthogonal over `x`, which recur in three terms, as do their derivatives (Forsythe, J. SIAM 5
    /// (1957) 74): no powers, so no loss of figures at high degrees.
    pub fn coefficients(&mut self, x: &[f64], at: f64, order: usize, derivative: usize, c: &mut Vec<f64>) {
        let n = x.len();
        c.clear();
        c.resize(n, 0.0);
        for buffer in [&mut self.now, &mut self.before, &mut self.next] {
            buffer.clear();
            buffer.resize(n, 0.0);
        }
        self.now.fill(1.0);
        let (mut here, mut here_before) = ([1.0, 0.0, 0.0], [0.0; 3]);
        let mut norm_before = 1.0;
        for degree in 0..=order {
            let norm: f64 = self.now.iter().map(|p| p * p).sum();
            let share = here[derivative] / norm;
            c.iter_mut().zip(&self.now).for_each(|(c, p)| *c += share * p);
            let a = x.iter().zip(&self.now).map(|(x, p)| x * p * p).sum::<f64>() / norm;
            let b = if degree == 0 { 0.0 } else { norm / norm_before };
            for (((next, x), now), before) in self.next.iter_mut().zip(x).zip(&self.now).zip(&self.before) {
                *next = (x - a) * now - b * before;
            }
            let u = at - a;
            let next = [
                u * here[0] - b * here_before[0],
                here[0] + u * here[1] - b * here_before[1],
                2.0 * here[1] + u * here[2] - b * here_before[2],
            ];
            (here_before, here, norm_before) = (here, next, norm);
            std::mem::swap(&mut self.before, &mut self.now);
            std::mem::swap(&mut self.now, &mut self.next);
        }
    }
}
