//! The prevalence behind positive pools, with an interval.

use crate::assay::Assay;
use crate::blaker::{at_most, blaker, blaker_in_steps};
use crate::compatibility::Compatibility;
use crate::halving::turn;
use crate::log_odds::{log_odds, share};
use crate::people::Households;
use crate::pool_results::{Day, PoolResult};
use crate::refusal::{LabError, demand};
use serde::{Deserialize, Serialize};
use stats::{clopper_pearson, normal_quantile};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PointMethod {
    #[serde(rename = "mle")]
    Mle,
    /// The maximum of the likelihood less its bias to the first order.
    #[default]
    Gart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum IntervalMethod {
    /// The score interval corrected for skewness; without a positive pool, or without a negative one, the plain score.
    #[default]
    #[serde(rename = "skew-score")]
    SkewScore,
    #[serde(rename = "score")]
    Score,
    /// Symmetrical; of no width when no pool is positive.
    Wald,
    /// Exact, and wide; pools of one size.
    #[serde(rename = "CP")]
    ClopperPearson,
    /// Exact, and narrower; pools of one size.
    Blaker,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prevalence {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
    /// Fewer pools were positive than the stated specificity makes false positives: the chance of so few, when it is below
    /// one in a hundred. The specificity is then better than stated.
    pub too_few_for_specificity: Option<f64>,
}

/// Prevalence in log odds: from 4e-18 to where a double still tells it from 1.
const LEAST_LOG_ODDS: f64 = -40.0;
const MOST_LOG_ODDS: f64 = 30.0;

/// # Source
/// Bias: Gart 1991 (docs/sources.md#gart-1991); score and skewness: Hepworth 2005 (docs/sources.md#hepworth-2005), Hepworth and Biggerstaff 2017 (docs/sources.md#hepworth-2017); sensitivity and
/// specificity in pools: Tu, Litvak and Pagano 1995 (docs/sources.md#tu-1995). The same formulas in the slopes of the chance that a
/// pool is positive hold with households, thinning and several sizes.
pub fn estimate_prevalence(
    results: &[PoolResult],
    assay: &Assay,
    households: Households,
    point: PointMethod,
    interval: IntervalMethod,
    level: f64,
    compatibility: Compatibility,
) -> Result<Prevalence, LabError> {
    let day = Day { results, assay, households };
    day.refuse_the_senseless()?;
    demand(level > 0.0 && level < 1.0, "level", level, "give a share between 0 and 1, such as 0.95")?;
    let likeliest = likeliest(&day);
    let estimate = match point {
        PointMethod::Mle => likeliest,
        PointMethod::Gart => less_its_bias(&day, likeliest),
    };
    let z = normal_quantile(0.5 + level / 2.0);
    let (low, high) = match interval {
        IntervalMethod::Wald => wald(&day, likeliest, z),
        IntervalMethod::Score => score_ends(&day, likeliest, z, 0.0),
        IntervalMethod::SkewScore => {
            let extreme = day.positive() == 0 || day.positive() == day.pools();
            score_ends(&day, likeliest, z, if extreme { 0.0 } else { (z * z - 1.0) / 6.0 })
        }
        IntervalMethod::ClopperPearson => exact(&day, clopper_pearson, level)?,
        IntervalMethod::Blaker => match compatibility {
            Compatibility::None => exact(&day, blaker, level)?,
            Compatibility::BinGroup2_1_3 => exact(&day, blaker_in_steps, level)?,
        },
    };
    Ok(Prevalence { estimate, low, high, too_few_for_specificity: too_few(&day) })
}

/// Where the likelihood is highest; 0 or 1 when it only falls or rises.
fn likeliest(day: &Day) -> f64 {
    let rises = |log_odds: f64| {
        let slopes = day.slopes(share(log_odds));
        slopes.score > 0.0 || slopes.score == 0.0 && slopes.lean > 0.0
    };
    if !rises(LEAST_LOG_ODDS) {
        return 0.0;
    }
    if rises(MOST_LOG_ODDS) {
        return 1.0;
    }
    share(between(LEAST_LOG_ODDS, MOST_LOG_ODDS, rises))
}

/// Where `holds`, true at `yes`, ceases on the way to `no`.
fn between(yes: f64, no: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (last, first) = turn(yes, no, holds);
    f64::midpoint(last, first)
}

fn less_its_bias(day: &Day, likeliest: f64) -> f64 {
    let slopes = day.slopes(likeliest);
    // At 0 and 1 there is none.
    if slopes.information <= 0.0 || !slopes.information.is_finite() {
        return likeliest;
    }
    (likeliest + slopes.bias / (2.0 * slopes.information * slopes.information)).clamp(0.0, 1.0)
}

fn wald(day: &Day, likeliest: f64, z: f64) -> (f64, f64) {
    let information = day.slopes(likeliest).information;
    if information <= 0.0 {
        return (likeliest, likeliest);
    }
    let half = z / information.sqrt();
    ((likeliest - half).max(0.0), (likeliest + half).min(1.0))
}

/// The nearest prevalences on both sides at which the score is `z` standard deviations away.
fn score_ends(day: &Day, likeliest: f64, z: f64, skewness: f64) -> (f64, f64) {
    let away = |log_odds: f64| {
        let slopes = day.slopes(share(log_odds));
        let sd = slopes.information.sqrt();
        if sd == 0.0 {
            // Nothing is told here but by results that cannot be.
            return if slopes.score < 0.0 { f64::NEG_INFINITY } else { 0.0 };
        }
        slopes.score / sd - skewness * slopes.skew / (sd * sd * sd)
    };
    let start = log_odds(likeliest).clamp(LEAST_LOG_ODDS, MOST_LOG_ODDS);
    let low = first_beyond(start, LEAST_LOG_ODDS, |at| away(at) < z).map_or(0.0, share);
    let high = first_beyond(start, MOST_LOG_ODDS, |at| away(at) > -z).map_or(1.0, share);
    // At the edge of what is possible the estimate is its own end.
    (if likeliest == 0.0 { 0.0 } else { low }, if likeliest == 1.0 { 1.0 } else { high })
}

/// Walks from `start` to `end` in small steps until `within` fails; the place where it does.
fn first_beyond(start: f64, end: f64, within: impl Fn(f64) -> bool) -> Option<f64> {
    let steps = ((end - start).abs() / 0.05).ceil();
    let mut last = start;
    if !within(start) {
        return Some(start);
    }
    for step in 1..=steps as usize {
        let next = start + (end - start) * step as f64 / steps;
        if !within(next) {
            return Some(between(last, next, within));
        }
        last = next;
    }
    None
}

/// An exact interval of the share of positive pools, carried over to people.
fn exact(day: &Day, of_share: fn(u64, u64, f64) -> (f64, f64), level: f64) -> Result<(f64, f64), LabError> {
    let size = day.results[0].size;
    demand(
        day.results.iter().all(|result| result.size == size),
        "interval",
        "exact",
        "pools of several sizes have no such interval here; use skew-score",
    )?;
    let (low, high) = of_share(day.positive(), day.pools(), level);
    let carried = |positive: f64| {
        let below = |log_odds: f64| day.chance_of_positive(size, share(log_odds)) < positive;
        match (below(LEAST_LOG_ODDS), below(MOST_LOG_ODDS)) {
            (false, _) => 0.0,
            (_, true) => 1.0,
            _ => share(between(LEAST_LOG_ODDS, MOST_LOG_ODDS, below)),
        }
    };
    Ok((carried(low), carried(high)))
}

/// Fewer positive pools than false positives alone would make.
fn too_few(day: &Day) -> Option<f64> {
    let wrong = day.assay.false_positive();
    let (positive, pools) = (day.positive(), day.pools());
    if wrong == 0.0 || positive as f64 >= wrong * pools as f64 {
        return None;
    }
    let chance = at_most(positive, pools, wrong);
    (chance < 0.01).then_some(chance)
}
