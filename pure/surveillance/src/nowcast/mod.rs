//! What has happened and is not yet reported: how many events each of the last days will have had once everybody was waited
//! for.
//!
//! Two roads: the chance of each delay seen from its end (Lawless), and a prior on delays and counts (Höhle and an der
//! Heiden). Deliberately absent: delays that change with time or weekday.

mod bayesian;
mod count_chances;
mod delay_prior;
mod reverse_time_hazard;

pub use count_chances::CountChances;

use crate::{Compatibility, Doubt, ReportingTriangle};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NowcastMethod {
    /// Reverse-time hazard of the delays, normal error.
    #[serde(rename = "lawless")]
    Lawless,
    /// Prior on delays, with those not yet possible to see accounted for; Poisson-gamma prior on counts.
    #[serde(rename = "bayes.trunc")]
    BayesTruncated,
    /// The same, holding that every delay has been waited for; too low at the end of the series.
    #[serde(rename = "bayes.notrunc")]
    BayesComplete,
    /// Prior on delays as if complete, flat prior on counts: a beta-negative-binomial in closed form.
    #[serde(rename = "bayes.notrunc.bnb")]
    BayesBetaNegativeBinomial,
    /// Knows nothing about delays: every count up to the largest is equally likely. A floor to compare with.
    #[serde(rename = "unif")]
    Uniform,
}

impl NowcastMethod {
    pub fn name(self) -> &'static str {
        match self {
            NowcastMethod::Lawless => "lawless",
            NowcastMethod::BayesTruncated => "bayes.trunc",
            NowcastMethod::BayesComplete => "bayes.notrunc",
            NowcastMethod::BayesBetaNegativeBinomial => "bayes.notrunc.bnb",
            NowcastMethod::Uniform => "unif",
        }
    }
}

/// Prior of the count of one step: negative binomial (Poisson with a gamma expectation) with this mean and variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountPrior {
    pub mean: f64,
    pub variance: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NowcastRule {
    /// Delays are learnt from so many steps before the last one; all without it.
    pub window: Option<usize>,
    /// The interval holds 1 − alpha.
    pub alpha: f64,
    /// Weight of the delay prior, in reports per delay.
    pub prior_weight: f64,
    /// Without it, the level of the last steps with a spread as large as itself.
    pub count_prior: Option<CountPrior>,
    /// Counts above it are held impossible; without it as many as matter.
    pub most_cases: Option<usize>,
    /// Drawn delay distributions of the two methods that draw.
    pub draws: usize,
    pub seed: u64,
    /// surveillance 1.20 forgets in the reverse-time hazard that the delays are estimated, its chances do not add up to one,
    /// and those of the beta-negative-binomial are cut off at the largest count without being added up again.
    pub compatibility: Compatibility,
}

impl Default for NowcastRule {
    fn default() -> NowcastRule {
        NowcastRule {
            window: None,
            alpha: 0.05,
            prior_weight: 0.1,
            count_prior: None,
            most_cases: None,
            draws: 2000,
            seed: 1,
            compatibility: Compatibility::None,
        }
    }
}

/// One step, as it will have been. What cannot be said is `None`, and then `doubt` says why.
#[derive(Debug, Clone, PartialEq)]
pub struct NowcastStep {
    pub t: usize,
    pub observed_so_far: u32,
    pub median: Option<usize>,
    pub lower: Option<usize>,
    pub upper: Option<usize>,
    pub mean: Option<f64>,
    pub chances: Option<CountChances>,
    pub doubt: Option<Doubt>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Nowcast {
    pub method: NowcastMethod,
    pub steps: Vec<NowcastStep>,
    /// Probability of at most so many steps of delay, by delay; empty where the method knows none.
    pub delay_cdf: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NowcastError {
    #[error("`alpha` is {0}; it lies between 0 and 1, such as 0.05")]
    Alpha(f64),
    #[error("`gd_prior_kappa` is {0}; it is above 0, such as 0.1")]
    PriorWeight(f64),
    #[error(
        "the prior of counts has mean {mean} and variance {variance}; the mean is above 0 and the variance above it"
    )]
    CountPrior { mean: f64, variance: f64 },
    #[error("`{method}` needs `n_t_inf_max`, the largest count thinkable")]
    NeedsMostCases { method: &'static str },
    #[error("`n_samples` is {0}; draw between 1 and 1000000")]
    Draws(usize),
    #[error("{count} are reported of step {t} already, more than `n_t_inf_max` {most}; raise it")]
    MoreThanMost { t: usize, count: u32, most: usize },
}

/// A nowcast of each step of `steps` (places in the triangle).
pub fn estimate_nowcast(
    triangle: &ReportingTriangle,
    steps: std::ops::Range<usize>,
    method: NowcastMethod,
    rule: &NowcastRule,
) -> Result<Nowcast, NowcastError> {
    let steps = steps.start..steps.end.min(triangle.steps());
    check(triangle, &steps, method, rule)?;
    let counts = triangle.delay_counts(rule.window);
    match method {
        NowcastMethod::Lawless => Ok(reverse_time_hazard::nowcast(triangle, steps, &counts, rule)),
        NowcastMethod::BayesTruncated | NowcastMethod::BayesComplete => {
            Ok(bayesian::nowcast_by_draws(triangle, steps, &counts, method, rule))
        }
        NowcastMethod::BayesBetaNegativeBinomial => {
            Ok(bayesian::nowcast_in_closed_form(triangle, steps, &counts, rule))
        }
        NowcastMethod::Uniform => {
            let most = rule.most_cases.unwrap_or_default();
            let step = |t| {
                let n = triangle.reported(t);
                let chances = CountChances::weighed(n as usize, vec![1.0; most - n as usize + 1]);
                NowcastStep::told(t, n, chances, rule.alpha)
            };
            Ok(Nowcast { method, steps: steps.map(step).collect(), delay_cdf: Vec::new() })
        }
    }
}

fn check(
    triangle: &ReportingTriangle,
    steps: &std::ops::Range<usize>,
    method: NowcastMethod,
    rule: &NowcastRule,
) -> Result<(), NowcastError> {
    if !(rule.alpha > 0.0 && rule.alpha < 1.0) {
        return Err(NowcastError::Alpha(rule.alpha));
    }
    if !(rule.prior_weight > 0.0 && rule.prior_weight.is_finite()) {
        return Err(NowcastError::PriorWeight(rule.prior_weight));
    }
    if let Some(CountPrior { mean, variance }) = rule.count_prior
        && !(mean > 0.0 && variance > mean && variance.is_finite())
    {
        return Err(NowcastError::CountPrior { mean, variance });
    }
    if !(1..=1_000_000).contains(&rule.draws) {
        return Err(NowcastError::Draws(rule.draws));
    }
    let most = match rule.most_cases {
        Some(most) => most,
        None if method == NowcastMethod::Uniform || rule.compatibility != Compatibility::None => {
            return Err(NowcastError::NeedsMostCases { method: method.name() });
        }
        None => return Ok(()),
    };
    match steps.clone().find(|t| triangle.reported(*t) as usize > most) {
        Some(t) => Err(NowcastError::MoreThanMost { t: t + 1, count: triangle.reported(t), most }),
        None => Ok(()),
    }
}

impl NowcastStep {
    fn told(t: usize, observed_so_far: u32, chances: CountChances, alpha: f64) -> NowcastStep {
        NowcastStep {
            t,
            observed_so_far,
            median: chances.quantile(0.5),
            lower: chances.quantile(alpha / 2.0),
            upper: chances.quantile(1.0 - alpha / 2.0),
            mean: chances.mean(),
            chances: Some(chances),
            doubt: None,
        }
    }

    fn unanswered(t: usize, observed_so_far: u32, doubt: Doubt) -> NowcastStep {
        NowcastStep {
            t,
            observed_so_far,
            median: None,
            lower: None,
            upper: None,
            mean: None,
            chances: None,
            doubt: Some(doubt),
        }
    }
}
