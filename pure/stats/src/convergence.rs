//! Whether several chains of draws tell the same, and how many independent draws they are worth.
//!
//! # Source
//! Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021, Bayesian Analysis 16:667-718, doi:10.1214/20-BA1221: split R-hat, and the
//! effective sample size from autocorrelations cut off after Geyer 1992, Statist Sci 7:473-483, doi:10.1214/ss/1177011137. Not
//! rank-normalised: the quantities here have means and variances.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Convergence {
    /// Split R-hat: 1 when all halves of all chains tell the same; above 1.01 they should run longer. Infinite when each
    /// chain stands still somewhere else.
    pub r_hat: f64,
    /// Effective sample size: independent draws of the same worth, for the mean.
    pub effective: f64,
}

/// `None` with fewer than four draws in a chain, with chains of different lengths, and for what never changes: there is
/// nothing to converge.
pub fn convergence(chains: &[Vec<f64>]) -> Option<Convergence> {
    let length = chains.first()?.len();
    if length < 4 || chains.iter().any(|chain| chain.len() != length) {
        return None;
    }
    let half = length / 2;
    let halves: Vec<&[f64]> =
        chains.iter().flat_map(|chain| [&chain[..half], &chain[length - half..]]).collect();
    let means: Vec<f64> = halves.iter().map(|half| mean(half)).collect();
    let within =
        mean(&halves.iter().zip(&means).map(|(half, mean)| variance(half, *mean)).collect::<Vec<_>>());
    let between = variance(&means, mean(&means));
    if within == 0.0 {
        return (between > 0.0).then_some(Convergence { r_hat: f64::INFINITY, effective: 1.0 });
    }
    let n = half as f64;
    let total = within * (n - 1.0) / n + between;
    Some(Convergence { r_hat: (total / within).sqrt(), effective: effective(&halves, &means, within, total) })
}

/// Sums of two neighbouring autocorrelations are positive and fall; what comes after the first that is not is noise.
fn effective(halves: &[&[f64]], means: &[f64], within: f64, total: f64) -> f64 {
    let length = halves[0].len();
    let correlation = |lag: usize| {
        let of_one = |(half, mean): (&&[f64], &f64)| {
            let products = half.iter().zip(&half[lag..]).map(|(a, b)| (a - mean) * (b - mean));
            products.sum::<f64>() / length as f64
        };
        let all: Vec<f64> = halves.iter().zip(means).map(of_one).collect();
        // The variance has the divisor n − 1, these sums n.
        let scale = length as f64 / (length as f64 - 1.0);
        1.0 - (within - mean(&all) * scale) / total
    };
    let (mut sum, mut least) = (0.0, f64::INFINITY);
    let mut lag = 0;
    while lag + 1 < length {
        let pair = if lag == 0 { 1.0 + correlation(1) } else { correlation(lag) + correlation(lag + 1) };
        if pair <= 0.0 {
            break;
        }
        least = least.min(pair);
        sum += least;
        lag += 2;
    }
    let draws = (halves.len() * length) as f64;
    // Draws that avoid each other may be worth more than independent ones, but a few chains cannot show how much.
    let time = (2.0 * sum - 1.0).max(1.0 / draws.log10().max(1.0));
    draws / time
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;

    /// x' = memory · x + noise; the noise uniform.
    fn chains(memory: f64, apart: f64) -> Vec<Vec<f64>> {
        let one = |number: usize| {
            let mut stream = Streams::seeded(7).of(&format!("chain {number}"));
            let mut at = 0.0;
            let step = || {
                at = memory * at + stream.share() - 0.5;
                at + apart * number as f64
            };
            std::iter::repeat_with(step).take(5_000).collect()
        };
        (0..4).map(one).collect()
    }

    #[test]
    fn draws_that_remember_are_worth_fewer() {
        let independent = convergence(&chains(0.0, 0.0)).unwrap();
        assert!((0.9..1.1).contains(&(independent.effective / 20_000.0)), "{independent:?}");
        // An autoregression of 0.8 is worth (1 − 0.8) / (1 + 0.8) of as many.
        let remembering = convergence(&chains(0.8, 0.0)).unwrap();
        assert!((0.85..1.15).contains(&(remembering.effective / 20_000.0 * 9.0)), "{remembering:?}");
        assert!(independent.r_hat < 1.01 && remembering.r_hat < 1.01);
    }

    #[test]
    fn chains_in_different_places_are_told_apart() {
        let apart = convergence(&chains(0.0, 0.5)).unwrap();
        assert!(apart.r_hat > 1.5 && apart.effective < 20.0, "{apart:?}");
        assert_eq!(convergence(&[vec![1.0; 9], vec![2.0; 9]]).unwrap().r_hat, f64::INFINITY);
        assert_eq!(convergence(&[vec![1.0; 9], vec![1.0; 9]]), None);
        assert_eq!(convergence(&[vec![1.0, 2.0, 3.0]]), None);
    }
}
