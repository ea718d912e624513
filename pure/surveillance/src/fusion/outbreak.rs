//! Outbreaks that never happened, added to what did, to see whether they would have been found.
//!
//! Deliberately absent: spread from place to place; one outbreak is in one series.

use base::Stream;
use rand_distr::{Distribution, Poisson};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutbreakShape {
    /// The curve of a common source, after the log-normal incubation of Sartwell.
    LogNormal,
    /// As many every step.
    Step,
    /// All in one step.
    Spike,
    /// More each step, and then over.
    Linear,
}

impl OutbreakShape {
    pub const ALL: [OutbreakShape; 4] =
        [OutbreakShape::LogNormal, OutbreakShape::Step, OutbreakShape::Spike, OutbreakShape::Linear];

    pub fn word(self) -> &'static str {
        match self {
            OutbreakShape::LogNormal => "log_normal",
            OutbreakShape::Step => "step",
            OutbreakShape::Spike => "spike",
            OutbreakShape::Linear => "linear",
        }
    }

    /// The share of all cases in each of `steps` steps.
    ///
    /// # Source
    /// Log-normal with a deviation of the logarithm of 0.5, a dispersion factor of 1.65 as Sartwell found for many diseases
    /// (1950, Am J Hyg 51:310); its 99 % point is put at the last step.
    pub fn shares(self, steps: usize) -> Vec<f64> {
        let n = steps.max(1) as f64;
        let raw: Vec<f64> = match self {
            OutbreakShape::Spike => vec![1.0],
            OutbreakShape::Step => vec![1.0; steps.max(1)],
            OutbreakShape::Linear => (1..=steps.max(1)).map(|step| step as f64).collect(),
            OutbreakShape::LogNormal => {
                const LOG_SD: f64 = 0.5;
                let median = n / (LOG_SD * 2.326_347_874).exp();
                let below =
                    |x: f64| if x > 0.0 { stats::normal_cdf((x / median).ln() / LOG_SD) } else { 0.0 };
                (0..steps.max(1)).map(|step| below(step as f64 + 1.0) - below(step as f64)).collect()
            }
        };
        let sum: f64 = raw.iter().sum();
        raw.into_iter().map(|share| share / sum).collect()
    }
}

/// One outbreak to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct Outbreak {
    pub series: usize,
    /// Its first step.
    pub from: usize,
    /// Extra cases, step by step.
    pub extra: Vec<f64>,
}

impl Outbreak {
    /// Poisson counts around `size` cases in that shape. At least one case is in the first step, which is the onset that a
    /// delay is counted from.
    pub fn drawn(
        series: usize,
        from: usize,
        shape: OutbreakShape,
        steps: usize,
        size: f64,
        chance: &mut Stream,
    ) -> Outbreak {
        let mut extra: Vec<f64> = shape
            .shares(steps)
            .into_iter()
            .map(|share| Poisson::new(size * share).map_or(0.0, |counts| counts.sample(chance)))
            .collect();
        extra[0] = extra[0].max(1.0);
        Outbreak { series, from, extra }
    }

    /// The last step is the last with a case in it.
    pub fn steps(&self) -> std::ops::Range<usize> {
        let last = self.extra.iter().rposition(|extra| *extra > 0.0).unwrap_or(0);
        self.from..self.from + last + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;

    #[test]
    fn every_shape_has_all_its_cases_and_a_curve_has_its_peak_early() {
        for shape in OutbreakShape::ALL {
            assert!((shape.shares(8).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let curve = OutbreakShape::LogNormal.shares(8);
        let peak = (0..8).max_by(|a, b| curve[*a].total_cmp(&curve[*b])).unwrap();
        assert!((1..4).contains(&peak), "{curve:?}");
        let drawn =
            Outbreak::drawn(0, 5, OutbreakShape::Step, 4, 40.0, &mut Streams::seeded(1).of("outbreak"));
        assert_eq!(drawn.steps(), 5..9);
    }
}
