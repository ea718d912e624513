//! A sample mixed with others in the laboratory is thinned, and weak ones are no longer seen.
//!
//! Deliberately absent: swabs of several people in one tube. Each brings its whole load into the same volume, so nothing is
//! thinned; such pools have no `Dilution`.

use crate::refusal::{LabError, demand};
use stats::normal_cdf;

/// The Ct values at which infected people are positive when each is tested alone.
#[derive(Debug, Clone, PartialEq)]
pub enum CtValues {
    /// Normal, as far as the limit of the test.
    Normal { mean: f64, sd: f64 },
    /// As found; those beyond the limit are left out.
    Found(Vec<f64>),
}

/// How thinning loses people: one sample in `n` equal parts needs log2(n) more cycles.
#[derive(Debug, Clone, PartialEq)]
pub struct Dilution {
    ct: CtValues,
    limit: f64,
    cycles_per_halving: f64,
}

impl Dilution {
    /// `limit`: the last Ct called positive. `cycles_per_halving`: 1 where every cycle doubles the copies.
    ///
    /// # Source
    /// The shift by log2(n) and the fixed limit: Brault, Mallein and Rupprecht 2021 (docs/sources.md#brault-2021). That the Ct
    /// distribution of positives decides: Bateman et al. 2021 (docs/sources.md#bateman-2021), Cleary et al. 2021
    /// (docs/sources.md#cleary-2021).
    pub fn of(ct: CtValues, limit: f64, cycles_per_halving: f64) -> Result<Dilution, LabError> {
        demand(
            limit > 0.0 && limit <= 60.0,
            "ct_limit",
            limit,
            "give the last Ct called positive, such as 40",
        )?;
        demand(
            (0.5..=2.0).contains(&cycles_per_halving),
            "cycles_per_halving",
            cycles_per_halving,
            "give the cycles that half the virus costs, 1 for a perfect reaction and at most 2",
        )?;
        let ct = match ct {
            CtValues::Normal { mean, sd } => {
                demand(
                    (0.0..=60.0).contains(&mean),
                    "ct_mean",
                    mean,
                    "give the mean Ct of positives, such as 27",
                )?;
                demand(
                    sd > 0.0 && sd <= 60.0,
                    "ct_sd",
                    sd,
                    "give the standard deviation of their Ct, such as 5",
                )?;
                demand(
                    (limit - mean) / sd > -6.0,
                    "ct_limit",
                    limit,
                    "hardly any positive is so early; give a later limit or an earlier ct_mean",
                )?;
                CtValues::Normal { mean, sd }
            }
            CtValues::Found(values) => {
                if let Some(odd) = values.iter().find(|ct| !(0.0..=60.0).contains(*ct)) {
                    return Err(LabError::of("ct", odd, "a Ct lies between 0 and 60; mend or remove it"));
                }
                let mut seen: Vec<f64> = values.into_iter().filter(|ct| *ct <= limit).collect();
                demand(!seen.is_empty(), "ct", "empty", "give the Ct values of positives up to the limit")?;
                seen.sort_by(f64::total_cmp);
                CtValues::Found(seen)
            }
        };
        Ok(Dilution { ct, limit, cycles_per_halving })
    }

    /// Of the infected who are positive alone, the share that still is as one part of `people`.
    pub fn still_seen(&self, people: usize) -> f64 {
        let reach = self.limit - self.cycles_per_halving * (people as f64).log2();
        match &self.ct {
            CtValues::Normal { mean, sd } => {
                let up_to = |ct: f64| normal_cdf((ct - mean) / sd);
                (up_to(reach) / up_to(self.limit)).min(1.0)
            }
            CtValues::Found(values) => values.partition_point(|ct| *ct <= reach) as f64 / values.len() as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_virus_costs_one_cycle() {
        let found = Dilution::of(CtValues::Found(vec![20.0, 30.0, 36.0, 38.0, 41.0]), 38.0, 1.0).unwrap();
        // 41 is beyond the limit and was no positive.
        assert_eq!([1, 2, 4, 5, 256, 300].map(|n| found.still_seen(n)), [1.0, 0.75, 0.75, 0.5, 0.5, 0.25]);
    }

    /// Bateman et al. 2021: sensitivity 93 % in pools of 5, 91 % of 10, 81 % of 50, from 838 positives. A mean of 26 and a
    /// standard deviation of 9 below a limit of 37 comes within one point of each.
    #[test]
    fn the_published_loss_by_pool_size_is_within_reach() {
        let normal = Dilution::of(CtValues::Normal { mean: 26.0, sd: 9.0 }, 37.0, 1.0).unwrap();
        for (n, published) in [(5, 0.93), (10, 0.91), (50, 0.81)] {
            let seen = normal.still_seen(n);
            assert!((seen - published).abs() < 0.01, "{n}: {seen}");
        }
    }
}
