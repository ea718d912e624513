//! Quantiles of the gamma distribution at the same few probabilities for very many shapes.
//!
//! Deliberately absent: probabilities far out in a tail; `gamma_quantile` answers those one by one.

use crate::gamma::gamma_quantile;
use std::f64::consts::PI;

/// At most so many probabilities: they are worked side by side, in the width of the machine's registers.
const LANES: usize = 8;
/// Terms of each expansion; the test below holds them to 1e-11.
const TERMS: usize = 26;
/// Shapes from 1 to here have one expansion and all above another.
const PART_AT: f64 = 8.0;

/// Quantiles at the same few probabilities for shape after shape.
///
/// By Wilson and Hilferty the cube root of (quantile / shape) is almost a straight line in s = 1/√shape. So it is
/// expanded in Chebyshev polynomials of s, from exact quantiles at their nodes, and evaluated for all
/// probabilities at once: some nanoseconds each, where an exact one needs half a microsecond.
#[derive(Debug, Clone)]
pub struct GammaQuantiles {
    probabilities: Vec<f64>,
    /// Of the shapes from 1 to [`PART_AT`], and above.
    small: Expansion,
    large: Expansion,
}

#[derive(Debug, Clone)]
struct Expansion {
    low: f64,
    high: f64,
    terms: [[f64; LANES]; TERMS],
}

impl GammaQuantiles {
    /// `None` for more than eight probabilities, or one so far in a tail that the expansion would be poor; ask
    /// [`gamma_quantile`] then.
    pub fn at(probabilities: &[f64]) -> Option<GammaQuantiles> {
        let far = |p: &f64| !(1e-4..=1.0 - 1e-4).contains(p);
        if probabilities.len() > LANES || probabilities.iter().any(far) {
            return None;
        }
        let edge = PART_AT.sqrt().recip();
        Some(GammaQuantiles {
            probabilities: probabilities.to_vec(),
            small: Expansion::of(probabilities, edge, 1.0),
            large: Expansion::of(probabilities, 0.0, edge),
        })
    }

    /// Writes the quantiles in the order of the probabilities. Shapes below 1 are answered one by one.
    pub fn write(&self, shape: f64, scale: f64, to: &mut [f64]) {
        if !(1.0..1e14).contains(&shape) {
            for (place, p) in to.iter_mut().zip(&self.probabilities) {
                *place = gamma_quantile(*p, shape, scale);
            }
            return;
        }
        let s = shape.sqrt().recip();
        let expansion = if shape < PART_AT { &self.small } else { &self.large };
        let roots = expansion.at(s);
        for (place, root) in to.iter_mut().zip(roots).take(self.probabilities.len()) {
            *place = scale * shape * root * root * root;
        }
    }
}

impl Expansion {
    fn of(probabilities: &[f64], low: f64, high: f64) -> Expansion {
        let mut terms = [[0.0; LANES]; TERMS];
        for node in 0..TERMS {
            let angle = PI * (node as f64 + 0.5) / TERMS as f64;
            let s = f64::midpoint(low, high) + 0.5 * (high - low) * angle.cos();
            let shape = (s * s).recip();
            for (lane, p) in probabilities.iter().enumerate() {
                let root = (gamma_quantile(*p, shape, 1.0) / shape).cbrt();
                for (term, row) in terms.iter_mut().enumerate() {
                    let weight = if term == 0 { 1.0 } else { 2.0 } / TERMS as f64;
                    row[lane] += weight * root * (term as f64 * angle).cos();
                }
            }
        }
        Expansion { low, high, terms }
    }

    /// # Source
    /// Clenshaw 1955, Mathematics of Computation 9:118-120, doi:10.1090/S0025-5718-1955-0071856-0.
    fn at(&self, s: f64) -> [f64; LANES] {
        let x = (2.0 * s - self.low - self.high) / (self.high - self.low);
        let mut one = [0.0; LANES];
        let mut two = [0.0; LANES];
        for row in self.terms[1..].iter().rev() {
            for lane in 0..LANES {
                let next = 2.0 * x * one[lane] - two[lane] + row[lane];
                two[lane] = one[lane];
                one[lane] = next;
            }
        }
        std::array::from_fn(|lane| x * one[lane] - two[lane] + self.terms[0][lane])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// From 50-digit arithmetic; those of whole and half shapes are half the chi-square quantiles of the printed
    /// tables.
    #[test]
    fn quantiles_equal_the_printed_table() {
        for (p, shape, x) in [
            (0.025, 1.0, 0.025_317_807_984_289_877),
            (0.975, 0.5, 2.511_943_093_657_443_7),
            (0.5, 5.0, 4.670_908_882_795_984),
            (0.025, 29.5, 19.830_929_675_757_83),
            (0.95, 3.25, 6.667_161_166_721_751),
            (0.025, 1_000.0, 938.973_018_407_695_2),
            (0.975, 1e6, 1_001_960.910_965_450_4),
            (0.05, 40.0, 30.195_739_194_344_73),
            (0.999, 55.0, 80.790_369_914_540_9),
            (0.001, 0.1, 6.073_048_362_407_907e-31),
        ] {
            let mut got = [0.0];
            GammaQuantiles::at(&[p]).unwrap().write(shape, 1.0, &mut got);
            assert!((got[0] / x - 1.0).abs() < 1e-11, "{p} {shape}: {} for {x}", got[0]);
            assert!((gamma_quantile(p, shape, 1.0) / x - 1.0).abs() < 1e-11, "{p} {shape}");
        }
    }

    proptest! {
        #[test]
        fn the_expansion_gives_the_same_as_one_at_a_time(p in 1e-4..0.9999_f64, log_shape in 0.0..20.0_f64) {
            let shape = log_shape.exp();
            let mut at_once = [0.0; 2];
            GammaQuantiles::at(&[p, 0.5]).unwrap().write(shape, 1.0, &mut at_once);
            for (got, p) in at_once.into_iter().zip([p, 0.5]) {
                prop_assert!((got / gamma_quantile(p, shape, 1.0) - 1.0).abs() < 1e-11, "{p} {shape} {got}");
            }
        }
    }
}
