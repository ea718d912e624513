//! Delays of disease packs, day by day.

use packs::Distribution;

const LONGEST: usize = 400;

/// Where a pack knows a mean and no spread: delays of infections spread over about half their mean.
const USUAL_VARIATION: f64 = 0.5;

/// Shares of whole days: day `d` holds what lies within half a day of it, day `least` all before. An infectee who fell ill before
/// the infector (a normal delay) stands at day `least`, so such a delay comes out longer than its pack says.
pub(crate) fn day_shares(stated: Distribution, least: usize) -> Vec<f64> {
    let mut shares = vec![0.0; least];
    let mut before = 0.0;
    // What lies beyond is less than one in ten thousand.
    while before < 0.9999 && shares.len() < LONGEST {
        let upto = at_most(stated, shares.len() as f64 + 0.5);
        shares.push((upto - before).max(0.0));
        before = upto;
    }
    shares
}

/// The probability of at most so many days.
fn at_most(stated: Distribution, days: f64) -> f64 {
    match stated {
        Distribution::Gamma { shape, scale } => stats::gamma_cdf(days, shape, scale),
        Distribution::Lognormal { meanlog, sdlog } => stats::normal_cdf((days.ln() - meanlog) / sdlog),
        Distribution::Weibull { shape, scale } => 1.0 - (-(days / scale).powf(shape)).exp(),
        Distribution::Normal { mean, sd } => stats::normal_cdf((days - mean) / sd),
        Distribution::Mean { mean } => {
            let shape = USUAL_VARIATION.powi(-2);
            stats::gamma_cdf(days, shape, mean / shape)
        }
        Distribution::Median { median } => stats::normal_cdf((days / median).ln() / USUAL_VARIATION),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_has_delays_that_add_up_and_keep_their_mean() {
        for pack in crate::packed::diseases().iter() {
            for (stated, least) in [(pack.serial_interval.distribution, 1), (pack.incubation.distribution, 0)]
            {
                let shares = day_shares(stated, least);
                let sum: f64 = shares.iter().sum();
                let mean: f64 = shares.iter().enumerate().map(|(day, share)| day as f64 * share).sum();
                assert!((0.99..=1.0 + 1e-12).contains(&sum), "{}: {sum}", pack.id);
                let Some(told) = stated.mean_days() else { continue };
                let apart = mean - told;
                let negative_too = matches!(stated, Distribution::Normal { .. });
                assert!(
                    apart.abs() < 0.35 + 0.02 * told || (negative_too && apart > 0.0),
                    "{}: {mean} {told}",
                    pack.id
                );
            }
        }
    }
}
