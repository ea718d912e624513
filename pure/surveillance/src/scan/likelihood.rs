//! How unusual a window is: the likelihood of its own rate over the likelihood of one rate everywhere.
//!
//! Deliberately absent: the probability of a score, which only drawn data sets give.

use super::{Cells, Scan};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// Cases fall on cells in proportion to what is expected there; their total is taken as given.
    Poisson,
    /// Each of the people in a cell is a case or not; totals are taken as given.
    Bernoulli,
    /// Times of the cases are exchanged among the cases; needs no population.
    Permutation,
    /// The expected cases are known, from history: a rise everywhere is a rise.
    ExpectationPoisson,
    /// The same for counts that vary more than Poisson: variance μ + μ²/size. `None`: the size is estimated.
    ExpectationNegativeBinomial { size: Option<f64> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Areas {
    /// More cases than expected.
    High,
    Low,
    Both,
}

const SAME: f64 = 1e-11;

/// Scores a window by its cases (for the negative binomial: its weighed surplus) and its weight.
#[derive(Debug, Clone)]
pub(super) struct Scorer {
    kind: Kind,
    pub(super) areas: Areas,
    least_cases: f64,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Poisson { total: f64 },
    Bernoulli { cases: f64, people: f64 },
    ExpectationPoisson,
    NegativeBinomial { size: f64 },
}

impl Scorer {
    pub(super) fn of(scan: &Scan, cells: &Cells) -> Scorer {
        let total = cells.total_cases() as f64;
        let kind = match scan.model {
            Model::Poisson | Model::Permutation => Kind::Poisson { total },
            Model::Bernoulli => Kind::Bernoulli { cases: total, people: cells.total_weight() },
            Model::ExpectationPoisson => Kind::ExpectationPoisson,
            Model::ExpectationNegativeBinomial { size } => {
                Kind::NegativeBinomial { size: size.unwrap_or_else(|| estimated_size(cells)) }
            }
        };
        Scorer { kind, areas: scan.areas, least_cases: f64::from(scan.least_cases) }
    }

    pub(super) fn for_areas(&self, areas: Areas) -> Scorer {
        Scorer { areas, ..self.clone() }
    }

    pub(super) fn size(&self) -> Option<f64> {
        if let Kind::NegativeBinomial { size } = self.kind { Some(size) } else { None }
    }

    /// Whether a score is a function of whole counts that grows with them, so that it can be screened by thresholds.
    pub(super) fn counts_whole(&self) -> bool {
        !matches!(self.kind, Kind::NegativeBinomial { .. })
    }

    /// What is summed over a window beside its weight.
    pub(super) fn observed_values(&self, cells: &Cells) -> Vec<f64> {
        self.values(cells, |cell| f64::from(cells.cases[cell]))
    }

    pub(super) fn values(&self, cells: &Cells, count: impl Fn(usize) -> f64) -> Vec<f64> {
        let value = |cell: usize| match self.kind {
            Kind::NegativeBinomial { size } => {
                let expected = cells.weights[cell];
                (count(cell) - expected) / (1.0 + expected / size)
            }
            _ => count(cell),
        };
        (0..cells.cases.len()).map(value).collect()
    }

    /// The weights that are summed over a window.
    pub(super) fn window_weights(&self, cells: &Cells) -> Vec<f64> {
        match self.kind {
            Kind::NegativeBinomial { size } => {
                cells.weights.iter().map(|mu| mu / (1.0 + mu / size)).collect()
            }
            _ => cells.weights.clone(),
        }
    }

    /// What the model expects in a window of this weight.
    pub(super) fn expected(&self, weight: f64) -> f64 {
        match self.kind {
            Kind::Bernoulli { cases, people } => weight * (cases / people),
            Kind::NegativeBinomial { .. } => 0.0,
            _ => weight,
        }
    }

    /// The score of a window that is looked for, 0 of any other. `value` is its cases.
    pub(super) fn score(&self, value: f64, weight: f64) -> f64 {
        let expected = self.expected(weight);
        // Expected cases are sums; what differs by their rounding only does not differ.
        let differs = (value - expected).abs() > SAME * expected;
        let looked_for = differs
            && match self.areas {
                Areas::High => value > expected,
                Areas::Low => value < expected,
                Areas::Both => true,
            };
        let whole = self.counts_whole();
        if !looked_for || (whole && value > expected && value < self.least_cases) || weight <= 0.0 {
            return 0.0;
        }
        self.ratio(value, weight).max(0.0)
    }

    /// # Source
    /// Kulldorff 1997 (Poisson, Bernoulli); Neill, Moore, Sabhnani and Daniel 2005, KDD, doi:10.1145/1081870.1081897
    /// (expectation-based Poisson); Tango, Takahashi and Kohriyama 2011, Biometrics 67:106-115,
    /// doi:10.1111/j.1541-0420.2010.01412.x (negative binomial: the score test of a rise in the window).
    fn ratio(&self, value: f64, weight: f64) -> f64 {
        match self.kind {
            Kind::Poisson { total } => part(value, weight) + part(total - value, total - weight),
            Kind::Bernoulli { cases, people } => {
                let (share, outside) = (cases / people, people - weight);
                part(value, weight * share)
                    + part(weight - value, weight * (1.0 - share))
                    + part(cases - value, outside * share)
                    + part(outside - (cases - value), outside * (1.0 - share))
            }
            Kind::ExpectationPoisson => part(value, weight) + weight - value,
            Kind::NegativeBinomial { .. } => value.abs() / weight.sqrt(),
        }
    }

    /// A number no smaller than the score, without a logarithm: x ln(x/y) - x + y is at most (x-y)²/2 over the smaller of the
    /// two (its second derivative is 1/x), and the linear parts of a ratio sum to nothing.
    pub(super) fn bound(&self, value: f64, weight: f64) -> f64 {
        let half_square = |surplus: f64| surplus * surplus * 0.5;
        match self.kind {
            Kind::Poisson { total } => {
                half_square(value - weight)
                    * (1.0 / value.min(weight) + 1.0 / (total - value).min(total - weight))
            }
            Kind::Bernoulli { cases, people } => {
                let (share, outside) = (cases / people, people - weight);
                let inverse = |seen: f64, expected: f64| 1.0 / seen.min(expected);
                half_square(value - weight * share)
                    * (inverse(value, weight * share)
                        + inverse(weight - value, weight * (1.0 - share))
                        + inverse(cases - value, outside * share)
                        + inverse(outside - (cases - value), outside * (1.0 - share)))
            }
            Kind::ExpectationPoisson => half_square(value - weight) / value.min(weight),
            Kind::NegativeBinomial { .. } => f64::INFINITY,
        }
    }
}

/// x ln(x/y); no cases say nothing.
fn part(x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 { 0.0 } else { x * (x / y).ln() }
}

/// The size at which the surplus of the squares over Poisson is what was seen: Σ((y-μ)² - μ) = Σμ²/size. Where the cells vary
/// no more than Poisson, so large that it is Poisson.
fn estimated_size(cells: &Cells) -> f64 {
    const AS_GOOD_AS_POISSON: f64 = 1e6;
    let pairs = || cells.cases.iter().zip(&cells.weights);
    let surplus: f64 = pairs().map(|(y, mu)| (f64::from(*y) - mu).powi(2) - mu).sum();
    let squares: f64 = cells.weights.iter().map(|mu| mu * mu).sum();
    if surplus <= 0.0 { AS_GOOD_AS_POISSON } else { (squares / surplus).min(AS_GOOD_AS_POISSON) }
}
