//! Counts of several places (or diseases) explained as what comes from outside, what this place's last step infected, and what the
//! neighbours' last step did.
//!
//! Deliberately absent: random effects and estimated weights of neighbourhood.

use crate::endemic_epidemic_likelihood::{Term, Watched};
use serde::{Deserialize, Serialize};
use stats::climb;

/// Means μ_it = λ_it y_{i,t−1} + φ_it Σ_j w_ji y_{j,t−1} + e_it ν_it; each of λ (autoregressive), φ (neighbours) and ν (endemic) is the
/// exponential of an intercept, a trend and yearly waves in t, where t is 0 at the first step. The first step explains the second and
/// is not itself explained.
///
/// # Source
/// Held, Höhle and Hofmann 2005, Statistical Modelling 5:187-199, doi:10.1191/1471082X05st098oa; Paul and Held 2011, Statistics in
/// Medicine 30:1118-1136, doi:10.1002/sim.4177.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EndemicEpidemic {
    pub endemic: Part,
    pub autoregressive: Option<Part>,
    pub neighbours: Option<Part>,
    pub family: Family,
    /// Steps in a year.
    pub per_year: usize,
}

impl Default for EndemicEpidemic {
    fn default() -> EndemicEpidemic {
        let endemic = Part { waves: vec![1], ..Part::default() };
        EndemicEpidemic {
            endemic,
            autoregressive: Some(Part::default()),
            neighbours: None,
            family: Family::NegBin1,
            per_year: 52,
        }
    }
}

/// What the logarithm of λ, φ or ν is made of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// Only these units have the part; empty is all.
    pub units: Vec<usize>,
    /// One intercept for each unit instead of one for all.
    pub own_intercepts: bool,
    pub trend: bool,
    /// Waves in a year: empty is none, one number the same waves for all units, one number for each unit its own waves.
    pub waves: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    Poisson,
    /// Variance μ + ψμ² with one ψ.
    NegBin1,
    /// With a ψ for each unit.
    NegBinM,
}

/// Which of the three an estimate belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    Autoregressive,
    Neighbours,
    Endemic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Regressor {
    One,
    Trend,
    /// sin(2πjt / per_year).
    Sine(usize),
    Cosine(usize),
}

/// Counts by unit, then by step; NaN where nobody reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    pub counts: Vec<Vec<f64>>,
    /// e_it, such as the population or its share; empty is 1 everywhere.
    pub offset: Vec<Vec<f64>>,
    /// w\[from\]\[to\]; taken as they are. Needed with neighbours only.
    pub weights: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EndemicEpidemicError {
    #[error("there are no counts; give at least one unit with two steps")]
    NoCounts,
    #[error("{0} must have one row for each unit, and all rows one length; fill the gaps with NA")]
    Ragged(&'static str),
    #[error("`{0}` names a unit that is not there, or has neither one number of waves nor one for each unit")]
    Part(&'static str),
    #[error("a count is above {MOST_CASES}, or is no whole number of cases; look at the counts")]
    Count,
    #[error("no most likely model was found; leave out a wave, the trend or a component")]
    DidNotConverge,
}

/// The likelihood adds up a term for every case of the largest count.
const MOST_CASES: u32 = 1_000_000;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    pub component: Component,
    pub regressor: Regressor,
    /// `None`: shared by all units.
    pub unit: Option<usize>,
    pub estimate: f64,
    /// From the curvature of the likelihood; `None` when it is flat there.
    pub standard_error: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndemicEpidemicFit {
    pub effects: Vec<Effect>,
    /// ψ and its standard error: none, one, or one for each unit.
    pub overdispersion: Vec<(f64, Option<f64>)>,
    pub log_likelihood: f64,
    pub akaike: f64,
    /// Means by unit, then by step; the first step has none, nor has one after a step that nobody reported.
    pub means: Vec<Vec<Option<f64>>>,
    /// The means of the step after the last.
    pub next: Vec<Option<f64>>,
}

impl EndemicEpidemic {
    pub fn fit(&self, places: &Places) -> Result<EndemicEpidemicFit, EndemicEpidemicError> {
        let terms = self.terms(places)?;
        let watched = Watched::of(places, &terms, self.per_year, self.dispersions(places.counts.len()));
        let summit = climb(|at| watched.look(at), self.start(places, &terms))
            .ok_or(EndemicEpidemicError::DidNotConverge)?;
        let variances = stats::Cholesky::of(&summit.slope.information, summit.at.len())
            .map(|root| root.inverse_diagonal());
        let error = |place: usize| variances.as_ref().map(|variances| variances[place].sqrt());
        let effects = terms
            .iter()
            .enumerate()
            .map(|(place, term)| Effect {
                component: term.component,
                regressor: term.regressor,
                unit: term.unit,
                estimate: summit.at[place],
                standard_error: error(place),
            })
            .collect();
        // ψ = e^−τ; its error by the delta method.
        let overdispersion = (terms.len()..summit.at.len())
            .map(|place| {
                let psi = (-summit.at[place]).exp();
                (psi, error(place).map(|error| psi * error))
            })
            .collect();
        let mut means = watched.means(&summit.at);
        let next = means.iter_mut().map(|of_unit| of_unit.pop().flatten()).collect();
        Ok(EndemicEpidemicFit {
            effects,
            overdispersion,
            log_likelihood: summit.slope.value,
            akaike: 2.0 * (summit.at.len() as f64 - summit.slope.value),
            means,
            next,
        })
    }

    /// Which dispersion each unit has, and how many there are.
    fn dispersions(&self, units: usize) -> Vec<Option<usize>> {
        match self.family {
            Family::Poisson => vec![None; units],
            Family::NegBin1 => vec![Some(0); units],
            Family::NegBinM => (0..units).map(Some).collect(),
        }
    }

    fn terms(&self, places: &Places) -> Result<Vec<Term>, EndemicEpidemicError> {
        let units = places.counts.len();
        let steps = places.counts.first().map_or(0, Vec::len);
        if steps < 2 {
            return Err(EndemicEpidemicError::NoCounts);
        }
        let square =
            |rows: &[Vec<f64>], wide: usize| rows.len() == units && rows.iter().all(|row| row.len() == wide);
        if !square(&places.counts, steps) {
            return Err(EndemicEpidemicError::Ragged("the counts"));
        }
        if !places.offset.is_empty() && !square(&places.offset, steps) {
            return Err(EndemicEpidemicError::Ragged("the offset"));
        }
        if self.neighbours.is_some() && !square(&places.weights, units) {
            return Err(EndemicEpidemicError::Ragged("the weights"));
        }
        let whole = |count: &f64| {
            count.is_nan() || (0.0..=f64::from(MOST_CASES)).contains(count) && count.fract() == 0.0
        };
        if !places.counts.iter().flatten().all(whole) {
            return Err(EndemicEpidemicError::Count);
        }
        let mut terms = Vec::new();
        let parts = [
            (Component::Autoregressive, "autoregressive", self.autoregressive.as_ref()),
            (Component::Neighbours, "neighbours", self.neighbours.as_ref()),
            (Component::Endemic, "endemic", Some(&self.endemic)),
        ];
        for (component, name, part) in parts {
            if let Some(part) = part {
                part.add_to(&mut terms, component, units).ok_or(EndemicEpidemicError::Part(name))?;
            }
        }
        Ok(terms)
    }

    /// Half of what is seen is endemic, the rest comes from the step before; a tenth of it from neighbours. Variance twice the mean at a
    /// mean of seven.
    fn start(&self, places: &Places, terms: &[Term]) -> Vec<f64> {
        let share = if self.autoregressive.is_some() || self.neighbours.is_some() { 0.5 } else { 1.0 };
        let level = |unit: Option<usize>| {
            let of = |rows: &[Vec<f64>]| -> f64 {
                let rows = rows.iter().enumerate().filter(|(row, _)| unit.is_none_or(|unit| unit == *row));
                rows.flat_map(|(_, row)| row).filter(|value| !value.is_nan()).sum()
            };
            let steps = places.counts[0].len() as f64;
            let units = if unit.is_some() { 1.0 } else { places.counts.len() as f64 };
            let offset = if places.offset.is_empty() { steps * units } else { of(&places.offset) };
            ((of(&places.counts) + 0.5) * share / offset.max(1e-300)).ln()
        };
        let mut start: Vec<f64> = terms
            .iter()
            .map(|term| match (term.regressor, term.component) {
                (Regressor::One, Component::Endemic) => level(term.unit),
                (Regressor::One, Component::Autoregressive) => 0.4_f64.ln(),
                (Regressor::One, Component::Neighbours) => 0.1_f64.ln(),
                _ => 0.0,
            })
            .collect();
        let dispersions =
            self.dispersions(places.counts.len()).into_iter().flatten().max().map_or(0, |last| last + 1);
        start.resize(terms.len() + dispersions, 7.0_f64.ln());
        start
    }
}

impl Part {
    fn add_to(&self, terms: &mut Vec<Term>, component: Component, all: usize) -> Option<()> {
        let units: Vec<usize> = if self.units.is_empty() { (0..all).collect() } else { self.units.clone() };
        if units.iter().any(|unit| *unit >= all) || ![0, 1, all].contains(&self.waves.len()) {
            return None;
        }
        // A term of one unit alone is written as its own.
        let shared = if self.units.is_empty() { None } else { Some(&units) };
        let mut add = |regressor: Regressor, own: bool, of: &dyn Fn(usize) -> bool| {
            if own || shared.is_some() {
                for unit in units.iter().filter(|unit| of(**unit)) {
                    terms.push(Term { component, regressor, unit: Some(*unit) });
                }
            } else {
                terms.push(Term { component, regressor, unit: None });
            }
        };
        add(Regressor::One, self.own_intercepts, &|_| true);
        if self.trend {
            add(Regressor::Trend, false, &|_| true);
        }
        let own = self.waves.len() == all && all > 1;
        for wave in 1..=self.waves.iter().copied().max().unwrap_or(0) {
            for regressor in [Regressor::Sine(wave), Regressor::Cosine(wave)] {
                add(regressor, own, &|unit| !own || wave <= self.waves[unit]);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;
    use proptest::prelude::*;
    use rand_distr::{Distribution, Poisson};

    fn places(counts: Vec<Vec<f64>>) -> Places {
        Places { counts, offset: Vec::new(), weights: Vec::new() }
    }

    #[test]
    fn a_constant_mean_is_the_mean_of_all_steps_but_the_first() {
        let model = EndemicEpidemic {
            endemic: Part::default(),
            autoregressive: None,
            family: Family::Poisson,
            ..EndemicEpidemic::default()
        };
        let fit = model.fit(&places(vec![vec![100.0, 2.0, 4.0, 6.0, 8.0]])).unwrap();
        assert!((fit.effects[0].estimate - 5.0_f64.ln()).abs() < 1e-8);
        // The information of a log mean is the sum of the counts.
        assert!((fit.effects[0].standard_error.unwrap() - 20.0_f64.sqrt().recip()).abs() < 1e-8);
        assert_eq!((fit.means[0][0], fit.means[0].len()), (None, 5));
    }

    /// Two places, one of which infects the other, made by the model itself: 2,000 steps.
    #[test]
    fn a_made_epidemic_is_found_again() {
        let mut stream = Streams::seeded(8).of("epidemic");
        let (lambda, phi, nu) = (0.6_f64, 0.3_f64, [3.0_f64, 1.0]);
        let mut counts = vec![vec![3.0], vec![1.0]];
        for t in 0..2_000 {
            let (first, second): (f64, f64) = (counts[0][t], counts[1][t]);
            for (place, mean) in
                [lambda * first + nu[0], lambda * second + phi * first + nu[1]].into_iter().enumerate()
            {
                let count = Poisson::new(mean).unwrap().sample(&mut stream);
                counts[place].push(count);
            }
        }
        let model = EndemicEpidemic {
            endemic: Part { own_intercepts: true, ..Part::default() },
            neighbours: Some(Part { units: vec![1], ..Part::default() }),
            family: Family::Poisson,
            ..EndemicEpidemic::default()
        };
        let weights = vec![vec![0.0, 1.0], vec![0.0, 0.0]];
        let fit = model.fit(&Places { weights, ..places(counts) }).unwrap();
        for (effect, truth) in fit.effects.iter().zip([lambda, phi, nu[0], nu[1]]) {
            let away = (effect.estimate - truth.ln()).abs();
            assert!(away < 4.0 * effect.standard_error.unwrap(), "{effect:?} {truth}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let model = EndemicEpidemic::default();
        let ragged = model.fit(&places(vec![vec![1.0, 2.0], vec![1.0]]));
        assert_eq!(ragged, Err(EndemicEpidemicError::Ragged("the counts")));
        assert_eq!(model.fit(&places(vec![vec![1.0, 2.5]])), Err(EndemicEpidemicError::Count));
        let elsewhere = EndemicEpidemic { endemic: Part { units: vec![7], ..Part::default() }, ..model };
        assert_eq!(elsewhere.fit(&places(vec![vec![1.0, 2.0]])), Err(EndemicEpidemicError::Part("endemic")));
    }

    proptest! {
        /// Whatever the counts, there is an answer in numbers or none.
        #[test]
        fn any_counts_give_numbers_or_a_reason(
            counts in proptest::collection::vec(proptest::option::weighted(0.9, 0_u32..400), 2..60),
            family in proptest::sample::select(vec![Family::Poisson, Family::NegBin1, Family::NegBinM]),
        ) {
            let counts = counts.iter().map(|count| count.map_or(f64::NAN, f64::from)).collect();
            if let Ok(fit) = (EndemicEpidemic { family, ..EndemicEpidemic::default() }).fit(&places(vec![counts])) {
                prop_assert!(fit.log_likelihood.is_finite());
                prop_assert!(fit.effects.iter().all(|effect| effect.estimate.is_finite()));
                prop_assert!(fit.means[0].iter().flatten().all(|mean| mean.is_finite() && *mean >= 0.0));
            }
        }
    }
}
