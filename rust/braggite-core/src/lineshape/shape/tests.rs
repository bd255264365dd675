use super::*;
use crate::dispatch::chosen;
use proptest::prelude::*;

/// A shape with parameters inside its bounds: widths of 0.1 to 2, other numbers anywhere within four of their start.
fn any_line() -> impl Strategy<Value = (Shape, Vec<f64>)> {
    (0..NAMES.len(), prop::collection::vec(0.02..0.98_f64, 8)).prop_map(|(which, fractions)| {
        let shape = Shape::named(NAMES[which]).unwrap();
        let value = |(p, f): (&ShapeParameter, f64)| {
            let (low, high) =
                if p.is_width { (0.1, 2.0) } else { (p.lower.max(p.start - 4.0), p.upper.min(p.start + 4.0)) };
            low + f * (high - low)
        };
        let parameters = shape.parameters().iter().zip(fractions).map(value).collect();
        (shape, parameters)
    })
}

fn axis(points: usize) -> Vec<f64> {
    (0..points).map(|i| 20.0 + 0.037 * i as f64 + 0.01 * (i as f64).sin()).collect()
}

fn filled(shape: &Shape, x: &[f64], centre: f64, parameters: &[f64]) -> ShapeColumns {
    let mut out = ShapeColumns::default();
    shape.fill(x, centre, parameters, &mut out);
    out
}

/// Slope of `f` at `at` by Richardson's extrapolation of central differences.
fn slope(f: impl Fn(f64) -> f64, at: f64, step: f64) -> f64 {
    let central = |h: f64| (f(at + h) - f(at - h)) / (2.0 * h);
    (4.0 * central(0.5 * step) - central(step)) / 3.0
}

proptest! {
    #[test]
    fn every_instruction_set_gives_the_same_bits((shape, parameters) in any_line(), points in 1..60_usize) {
        let x = axis(points);
        let columns = chosen::with_each(|| filled(&shape, &x, 20.9, &parameters));
        for other in &columns[1..] {
            prop_assert_eq!(&other.value, &columns[0].value);
            prop_assert_eq!(&other.by, &columns[0].by);
        }
        let sums = chosen::with_each(|| {
            let mut target = vec![1.0; points];
            shape.add_values(&x, 20.9, &parameters, 3.0, &mut target);
            target
        });
        prop_assert!(sums.iter().all(|sum| *sum == sums[0]));
    }

    #[test]
    fn adding_agrees_with_filling((shape, parameters) in any_line()) {
        let x = axis(57);
        let mut target = vec![0.25; 57];
        shape.add_values(&x, 21.0, &parameters, 1.5, &mut target);
        for (got, value) in target.iter().zip(&filled(&shape, &x, 21.0, &parameters).value) {
            let want = 0.25 + 1.5 * value;
            prop_assert!((got - want).abs() <= 1e-14 * want.abs().max(1.0), "rounding: {got} against {want}");
        }
    }

    #[test]
    fn derivatives_agree_with_differences((shape, parameters) in any_line(), at in 0..57_usize) {
        let x = axis(57);
        let line = filled(&shape, &x, 21.0, &parameters);
        let value = |centre: f64, parameters: &[f64]| filled(&shape, &x, centre, parameters).value[at];
        let top = shape.height(&parameters, &mut vec![0.0; parameters.len()]);
        // Of a split shape the narrower side says how small a step must be.
        let widths = shape.parameters().iter().zip(&parameters).filter(|(p, _)| p.is_width);
        let narrowest = widths.map(|(_, &width)| width).fold(f64::INFINITY, f64::min);
        let by_centre = slope(|c| value(c, &parameters), 21.0, 1e-3 * narrowest);
        // Differences of a shape of height `top` over steps of 1e-3 widths are good to about 1e-9.
        prop_assert!((line.by[0][at] - by_centre).abs() < 2e-8 * top / narrowest, "{} {by_centre}", line.by[0][at]);
        for (k, parameter) in shape.parameters().iter().enumerate() {
            // A shape may change without bound towards an end of what its parameter means.
            let room = (parameter.upper - parameters[k]).min(parameters[k] - parameter.lower).min(1.0);
            let step = 1e-3 * if parameter.is_width { parameters[k] } else { room };
            let moved = |v: f64| {
                let mut moved = parameters.clone();
                moved[k] = v;
                value(21.0, &moved)
            };
            let (got, want) = (line.by[k + 1][at], slope(moved, parameters[k], step));
            prop_assert!((got - want).abs() < 2e-8 * top * 1e-3 / step, "{}: {got} {want}", parameter.name);
        }
    }

    #[test]
    fn width_and_height_are_those_of_the_line((shape, parameters) in any_line()) {
        let mut by = vec![0.0; parameters.len()];
        let mode = shape.mode(&parameters);
        let height = shape.height(&parameters, &mut by);
        let fwhm = shape.fwhm(&parameters, &mut by);
        let at = |x: f64| filled(&shape, &[x], 0.0, &parameters).value[0];
        prop_assert!((at(mode) / height - 1.0).abs() < 1e-12);
        prop_assert!(at(mode - 0.02 * fwhm) < height && at(mode + 0.02 * fwhm) < height);
        let crossing = |side: f64| {
            let (mut inside, mut outside) = (0.0, fwhm);
            for _ in 0..60 {
                let middle = 0.5 * (inside + outside);
                if at(mode + side * middle) > 0.5 * height { inside = middle } else { outside = middle }
            }
            inside
        };
        // Bisection of the values themselves.
        prop_assert!(((crossing(1.0) + crossing(-1.0)) / fwhm - 1.0).abs() < 1e-9);
    }
}

#[test]
fn refuses_by_name() {
    let shape = Shape::PseudoVoigt;
    for (parameters, name) in
        [([0.0, 0.5], "fwhm"), ([-1.0, 0.5], "fwhm"), ([0.1, 1.5], "eta"), ([0.1, f64::NAN], "eta")]
    {
        let refused = shape.check(&parameters);
        assert!(matches!(refused, Err(Error::InvalidOption { name: n, .. }) if n == name), "{refused:?}");
    }
    assert!(matches!(shape.check(&[0.1]), Err(Error::LengthMismatch { .. })));
    assert!(Shape::named("triangle").is_none());
}
