//! The distribution of the largest score, smoothed: p-values smaller than one over the number of replicates.

/// # Source
/// Abrams, Kleinman and Kulldorff 2010, International Journal of Health Geographics 9:61, doi:10.1186/1476-072X-9-61: maxima of
/// scan statistics follow a Gumbel distribution closely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gumbel {
    pub location: f64,
    pub scale: f64,
}

const MOST_STEPS: usize = 200;
const CLOSE_ENOUGH: f64 = 1e-12;

impl Gumbel {
    /// By maximum likelihood: the scale solves β = x̄ - Σx e^(-x/β) / Σe^(-x/β), whose right side less β falls in β, so that
    /// halving an interval finds it. `None` for fewer than two values or values that are all the same.
    pub fn fitted(maxima: &[f64]) -> Option<Gumbel> {
        let n = maxima.len() as f64;
        let least = maxima.iter().copied().fold(f64::INFINITY, f64::min);
        let mean = maxima.iter().sum::<f64>() / n;
        // The scale is below the mean above the least value, since the weighed mean is at least that value.
        let (mut low, mut high) = (0.0, mean - least);
        if maxima.len() < 2 || !high.is_finite() || high <= mean.abs() * CLOSE_ENOUGH {
            return None;
        }
        let weighed = |scale: f64| {
            maxima.iter().fold((0.0, 0.0), |(sum, weights), x| {
                let weight = (-(x - least) / scale).exp();
                (sum + weight * x, weights + weight)
            })
        };
        for _ in 0..MOST_STEPS {
            let scale = 0.5 * (low + high);
            let (sum, weights) = weighed(scale);
            if mean - sum / weights > scale {
                low = scale
            } else {
                high = scale
            }
            if high - low < CLOSE_ENOUGH * high {
                break;
            }
        }
        let scale = 0.5 * (low + high);
        let (_, weights) = weighed(scale);
        Some(Gumbel { location: least - scale * (weights / n).ln(), scale })
    }

    /// Probability of a largest score of at least `score`.
    pub fn at_least(&self, score: f64) -> f64 {
        -(-(-(score - self.location) / self.scale).exp()).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_gumbel_give_it_back() {
        let n = 20_000;
        let drawn: Vec<f64> =
            (0..n).map(|i| 5.0 - 1.3 * (-((f64::from(i) + 0.5) / f64::from(n)).ln()).ln()).collect();
        let fitted = Gumbel::fitted(&drawn).unwrap();
        assert!((fitted.location - 5.0).abs() < 0.005 && (fitted.scale - 1.3).abs() < 0.005, "{fitted:?}");
        // Half of the maxima exceed the median.
        assert!((fitted.at_least(5.0 - 1.3 * 2.0_f64.ln().ln()) - 0.5).abs() < 0.005);
        assert_eq!(Gumbel::fitted(&[2.0, 2.0]), None);
    }
}
