//! How long somebody has to be watched so that no more than a chosen share of the infected falls ill afterwards.
//!
//! # Source
//! The tail of the incubation period as the disease pack states it; the idea is Lauer et al. 2020, Ann Intern Med 172:577,
//! doi:10.7326/M20-0504. Of those infected who fall ill at all: who never does is in no tail.

use packs::{Disease, Distribution};
use serde::Serialize;
use stats::{gamma_survival, normal_cdf};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Whole days after the last exposure.
    pub days: u16,
    /// Chance that somebody infected falls ill later than that.
    pub residual: f64,
    /// The same a day earlier: what the last day buys.
    pub residual_before: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTail {
    #[error(
        "the pack `{0}` states a mean or a median of the incubation and no spread; give a distribution with a source, \
         and a length can be derived"
    )]
    NoSpread(String),
    #[error("a residual risk of {0} is no share; choose one above 0 and below 1, such as 0.05")]
    NoShare(String),
    #[error("not even {LONGEST} days leave so little; choose a larger residual risk")]
    TooLong,
}

/// Longer than any pathway may be.
const LONGEST: u16 = 90;

/// Chance that the incubation is longer than this many days; `None` where the source prints no spread.
pub fn residual(distribution: Distribution, days: f64) -> Option<f64> {
    let share = match distribution {
        _ if days < 0.0 => 1.0,
        Distribution::Lognormal { .. } | Distribution::Gamma { .. } | Distribution::Weibull { .. }
            if days == 0.0 =>
        {
            1.0
        }
        Distribution::Lognormal { meanlog, sdlog } => normal_cdf((meanlog - days.ln()) / sdlog),
        Distribution::Gamma { shape, scale } => gamma_survival(days, shape, scale),
        Distribution::Weibull { shape, scale } => (-(days / scale).powf(shape)).exp(),
        Distribution::Normal { mean, sd } => normal_cdf((mean - days) / sd),
        Distribution::Mean { .. } | Distribution::Median { .. } => return None,
    };
    Some(share)
}

/// The fewest days after the last exposure that leave no more than `risk`. They were infected on a day between the first and the last
/// exposure, each as likely: `exposure_days` is how many days lie between the two, 0 when it was one day.
///
/// # Errors
/// The pack states no spread, or the risk is no share.
pub fn advise(disease: &Disease, risk: f64, exposure_days: u16) -> Result<Advice, NoTail> {
    if !(risk > 0.0 && risk < 1.0) {
        return Err(NoTail::NoShare(risk.to_string()));
    }
    let distribution = disease.incubation.distribution;
    let after = |days: i32| -> Result<f64, NoTail> {
        let mut sum = 0.0;
        for earlier in 0..=exposure_days {
            let one = residual(distribution, f64::from(days) + f64::from(earlier))
                .ok_or_else(|| NoTail::NoSpread(disease.id.clone()))?;
            sum += one;
        }
        Ok(sum / f64::from(exposure_days + 1))
    };
    for days in 0..=LONGEST {
        let left = after(i32::from(days))?;
        if left <= risk {
            return Ok(Advice { days, residual: left, residual_before: after(i32::from(days) - 1)? });
        }
    }
    Err(NoTail::TooLong)
}
