//! How well a predicted distribution of counts met what came: three proper scores, smaller is better.
//!
//! Deliberately absent: predictions by intervals; `weighted_interval_score` scores those.

/// Scores of one prediction, a negative binomial with variance μ + ψμ², or Poisson when ψ is 0.
///
/// # Source
/// Czado, Gneiting and Held 2009, Biometrics 65:1254-1261, doi:10.1111/j.1541-0420.2009.01191.x.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct CountScores {
    /// −ln of the probability of what came.
    pub logarithmic: f64,
    /// Σ_k (P(Y ≤ k) − 1{y ≤ k})².
    pub ranked_probability: f64,
    /// ((y − μ)/σ)² + 2 ln σ: Dawid and Sebastiani.
    pub dawid_sebastiani: f64,
}

/// `None` when the prediction is no distribution: mean not above 0, ψ below 0.
pub fn score_count(observed: f64, mean: f64, psi: f64) -> Option<CountScores> {
    if !(mean > 0.0 && mean.is_finite() && psi >= 0.0 && psi.is_finite() && observed >= 0.0) {
        return None;
    }
    let variance = mean + psi * mean * mean;
    let probability = |k: f64| {
        if psi == 0.0 {
            stats::poisson_probability(k, mean)
        } else {
            stats::negative_binomial_probability(k, 1.0 / psi, mean)
        }
    };
    // Beyond forty standard deviations nothing is left to add.
    let last = (mean + 40.0 * variance.sqrt()).max(observed + 1.0).ceil();
    let (mut k, mut below, mut ranked) = (0.0, 0.0, 0.0);
    while k <= last {
        below += probability(k);
        let came = if observed <= k { 1.0 } else { 0.0 };
        ranked += (below - came) * (below - came);
        k += 1.0;
        if k > observed && 1.0 - below < 1e-14 {
            break;
        }
    }
    Some(CountScores {
        logarithmic: -probability(observed).ln(),
        ranked_probability: ranked,
        dawid_sebastiani: (observed - mean).powi(2) / variance + variance.ln(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_of_almost_nothing_that_came_true() {
        let scores = score_count(0.0, 1e-9, 0.0).unwrap();
        assert!(scores.logarithmic.abs() < 1e-8 && scores.ranked_probability < 1e-15);
        assert_eq!(score_count(1.0, 0.0, 0.0), None);
    }

    /// Σ over k of P(Y > k)², tails from the printed table of the Poisson distribution.
    #[test]
    fn a_poisson_of_one() {
        let scores = score_count(0.0, 1.0, 0.0).unwrap();
        let tail: [f64; 6] = [0.632_121, 0.264_241, 0.080_301, 0.018_988, 0.003_660, 0.000_594];
        let by_hand: f64 = tail.iter().map(|tail| tail * tail).sum();
        assert!((scores.ranked_probability - by_hand).abs() < 1e-5);
        assert!((scores.logarithmic - 1.0).abs() < 1e-12 && (scores.dawid_sebastiani - 1.0).abs() < 1e-12);
    }
}
