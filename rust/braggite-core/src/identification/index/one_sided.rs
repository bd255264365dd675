//! How much of a pattern a set of lines explains when other phases may lie on top of any of them.

/// How much worse a lack of intensity is than a gain of as much is good.
const LACK: f32 = 2.0;

/// What lines of roots `asked` explain of the roots `found`, as pairs (found, asked), and the factor at which they do.
///
/// Where the pattern holds more than the lines ask for, others may have added to it: that says nothing. What it lacks
/// counts double. The factor s has the largest F(s) = sum a min(s a, r) - `LACK` sum a max(s a - r, 0), a quantile of
/// the ratios r / a; F² / sum a² is returned, which is the gain of a least-squares factor where all lines agree.
pub fn explained(pairs: &mut Vec<(f32, f32)>) -> (f32, f32) {
    pairs.retain(|&(_, asked)| asked > 0.0);
    pairs.sort_unstable_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let total: f32 = pairs.iter().map(|(_, asked)| asked * asked).sum();
    let mut below = 0.0;
    let quantile = pairs.iter().find(|(_, asked)| {
        below += asked * asked;
        below * (1.0 + LACK) >= total
    });
    let Some(factor) = quantile.map(|(found, asked)| found / asked).filter(|factor| *factor > 0.0) else {
        return (0.0, 0.0);
    };
    let value = value(pairs, factor);
    if value > 0.0 { (value * value / total, factor) } else { (0.0, 0.0) }
}

fn value(pairs: &[(f32, f32)], factor: f32) -> f32 {
    pairs
        .iter()
        .map(|(found, asked)| {
            let wanted = factor * asked;
            asked * (wanted.min(*found) - LACK * (wanted - found).max(0.0))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_best_factor() {
        let mut seed = 7_u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 24) as f32
        };
        for n in 1..30 {
            let mut pairs: Vec<(f32, f32)> = (0..n).map(|_| (4.0 * random() - 0.5, random() + 0.01)).collect();
            let norm: f32 = pairs.iter().map(|(_, asked)| asked * asked).sum();
            let (best, _) = explained(&mut pairs);
            let brute = (1..4000).map(|k| value(&pairs, k as f32 * 0.005)).fold(0.0, f32::max);
            let brute = brute * brute / norm;
            assert!(best >= brute - 1e-3 * brute, "rounding in f32: {best} against {brute}");
        }
    }

    #[test]
    fn lines_that_agree_explain_what_least_squares_say() {
        let (gain, factor) = explained(&mut vec![(2.0, 1.0), (1.0, 0.5), (0.6, 0.3)]);
        assert!((factor - 2.0).abs() < 1e-6, "rounding in f32: {factor}");
        assert!((gain - 4.0 * 1.34).abs() < 1e-5, "rounding in f32: {gain}");
    }

    #[test]
    fn a_missing_strong_line_counts_against_a_phase_and_an_extra_one_does_not() {
        let whole = explained(&mut vec![(1.0, 1.0), (0.5, 0.5), (0.3, 0.3)]);
        let beneath_others = explained(&mut vec![(1.0, 1.0), (5.0, 0.5), (0.3, 0.3)]);
        let lacking = explained(&mut vec![(0.0, 1.0), (0.5, 0.5), (0.3, 0.3)]);
        assert_eq!(whole, beneath_others);
        assert_eq!(lacking, (0.0, 0.0));
        assert_eq!(explained(&mut vec![]), (0.0, 0.0));
        assert_eq!(explained(&mut vec![(-1.0, 1.0)]), (0.0, 0.0));
    }
}
