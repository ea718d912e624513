//! How likely the counts are under an endemic-epidemic model, with slopes and curvatures in all its parameters.
//!
//! Deliberately absent: which terms a model has; `endemic_epidemic` lays them out.

use crate::endemic_epidemic::{Component, Places, Regressor};
use stats::Slope;
use std::f64::consts::TAU;

/// One parameter of the linear predictors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Term {
    pub component: Component,
    pub regressor: Regressor,
    /// `None`: of all units.
    pub unit: Option<usize>,
}

/// Counts with what explains them, laid out for many looks.
pub(crate) struct Watched {
    /// For each unit the places of its terms, those of one component together.
    of_unit: Vec<Vec<(Component, Vec<usize>)>>,
    terms: usize,
    /// Value of each term's regressor, by step.
    regressors: Vec<Vec<f64>>,
    /// By unit, then by step from the second on, to the one after the last.
    steps: Vec<Vec<Option<Step>>>,
    dispersions: Vec<Option<usize>>,
    log_factorials: f64,
    most: usize,
}

/// What the linear predictors are multiplied with, and the count, which the step after the last has not.
struct Step {
    own: f64,
    neighbours: f64,
    offset: f64,
    count: Option<f64>,
}

impl Step {
    fn base(&self, component: Component) -> f64 {
        match component {
            Component::Autoregressive => self.own,
            Component::Neighbours => self.neighbours,
            Component::Endemic => self.offset,
        }
    }
}

impl Watched {
    pub fn of(places: &Places, terms: &[Term], per_year: usize, dispersions: Vec<Option<usize>>) -> Watched {
        let (units, length) = (places.counts.len(), places.counts[0].len());
        let of_unit = (0..units)
            .map(|unit| {
                let parts = [Component::Autoregressive, Component::Neighbours, Component::Endemic];
                let of = |part: Component| {
                    let mine =
                        |term: &Term| term.component == part && term.unit.is_none_or(|own| own == unit);
                    (part, (0..terms.len()).filter(|place| mine(&terms[*place])).collect::<Vec<_>>())
                };
                parts.map(of).into_iter().filter(|(_, places)| !places.is_empty()).collect()
            })
            .collect();
        let neighbours_asked = terms.iter().any(|term| term.component == Component::Neighbours);
        let step = |unit: usize, t: usize| {
            let from_neighbours = |from: usize| {
                let weight = places.weights[from][unit];
                // What nobody reported matters only where it weighs.
                if weight == 0.0 { 0.0 } else { weight * places.counts[from][t - 1] }
            };
            let neighbours = if neighbours_asked { (0..units).map(from_neighbours).sum() } else { 0.0 };
            let last = t.min(length - 1);
            let step = Step {
                own: places.counts[unit][t - 1],
                neighbours,
                offset: places.offset.get(unit).map_or(1.0, |offset| offset[last]),
                count: places.counts[unit].get(t).copied().filter(|count| !count.is_nan()),
            };
            (!step.own.is_nan() && !neighbours.is_nan() && !step.offset.is_nan()).then_some(step)
        };
        let steps: Vec<Vec<_>> =
            (0..units).map(|unit| (1..=length).map(|t| step(unit, t)).collect()).collect();
        let counts = || steps.iter().flatten().flatten().filter_map(|step| step.count);
        Watched {
            of_unit,
            terms: terms.len(),
            regressors: (1..=length)
                .map(|t| terms.iter().map(|term| value(term.regressor, t, per_year.max(1))).collect())
                .collect(),
            log_factorials: counts().map(|count| libm::lgamma(count + 1.0)).sum(),
            most: counts().fold(0.0, f64::max) as usize,
            steps,
            dispersions,
        }
    }

    fn parameters(&self) -> usize {
        self.terms + self.dispersions.iter().flatten().max().map_or(0, |last| last + 1)
    }

    /// Log-likelihood, full normalising terms included, at these parameters: effects first, then ln(1/ψ) of each dispersion.
    pub fn look(&self, at: &[f64]) -> Slope {
        let size = self.parameters();
        let mut slope = Slope {
            value: -self.log_factorials,
            gradient: vec![0.0; size],
            information: vec![0.0; size * size],
        };
        let tables: Vec<Size> = at[self.terms..].iter().map(|log| Size::of(log.exp(), self.most)).collect();
        let mut moved: Vec<(usize, f64)> = Vec::with_capacity(size);
        for (unit, steps) in self.steps.iter().enumerate() {
            let dispersion = self.dispersions[unit];
            for (step, x) in steps.iter().zip(&self.regressors) {
                let Some((step, count)) = step.as_ref().and_then(|step| Some((step, step.count?))) else {
                    continue;
                };
                let mean = self.mean(at, unit, step, x);
                if mean == 0.0 && count == 0.0 {
                    continue;
                }
                let seen = match dispersion {
                    None => Seen::poisson(count, mean),
                    Some(place) => tables[place].seen(count, mean),
                };
                slope.value += seen.value;
                moved.clear();
                for (component, places) in &self.of_unit[unit] {
                    let part = self.part(at, places, x) * step.base(*component);
                    for place in places {
                        let by = part * x[*place];
                        moved.push((*place, by));
                        // The second derivative of a part in its own terms is the part times both regressors.
                        for other in places {
                            slope.information[place * size + other] -= seen.first * by * x[*other];
                        }
                    }
                }
                for (place, by) in &moved {
                    slope.gradient[*place] += seen.first * by;
                    for (other, other_by) in &moved {
                        slope.information[place * size + other] -= seen.second * by * other_by;
                    }
                }
                if let Some(place) = dispersion {
                    let place = self.terms + place;
                    slope.gradient[place] += seen.size_first;
                    slope.information[place * size + place] -= seen.size_second;
                    for (other, by) in &moved {
                        slope.information[place * size + other] -= seen.mixed * by;
                        slope.information[other * size + place] -= seen.mixed * by;
                    }
                }
            }
        }
        slope
    }

    fn part(&self, at: &[f64], places: &[usize], x: &[f64]) -> f64 {
        places.iter().map(|place| at[*place] * x[*place]).sum::<f64>().exp()
    }

    fn mean(&self, at: &[f64], unit: usize, step: &Step, x: &[f64]) -> f64 {
        let of = |(component, places): &(Component, Vec<usize>)| {
            let base = step.base(*component);
            if base == 0.0 { 0.0 } else { base * self.part(at, places, x) }
        };
        self.of_unit[unit].iter().map(of).sum()
    }

    /// By unit, then by step from the first, which has none, to the one after the last.
    pub fn means(&self, at: &[f64]) -> Vec<Vec<Option<f64>>> {
        let of_unit = |(unit, steps): (usize, &Vec<Option<Step>>)| {
            let mean = |(step, x): (&Option<Step>, &Vec<f64>)| {
                step.as_ref().map(|step| self.mean(at, unit, step, x)).filter(|mean| mean.is_finite())
            };
            std::iter::once(None).chain(steps.iter().zip(&self.regressors).map(mean)).collect()
        };
        self.steps.iter().enumerate().map(of_unit).collect()
    }
}

fn value(regressor: Regressor, t: usize, per_year: usize) -> f64 {
    let turn = |wave: usize| TAU * ((wave * t) % per_year) as f64 / per_year as f64;
    match regressor {
        Regressor::One => 1.0,
        Regressor::Trend => t as f64,
        Regressor::Sine(wave) => turn(wave).sin(),
        Regressor::Cosine(wave) => turn(wave).cos(),
    }
}

/// Log-likelihood of one count without its factorial, with derivatives in the mean and in τ = ln(1/ψ).
struct Seen {
    value: f64,
    first: f64,
    second: f64,
    size_first: f64,
    size_second: f64,
    mixed: f64,
}

impl Seen {
    fn poisson(count: f64, mean: f64) -> Seen {
        let value = if count > 0.0 { count * mean.ln() } else { 0.0 } - mean;
        let (first, second) = (count / mean - 1.0, -count / (mean * mean));
        Seen { value, first, second, size_first: 0.0, size_second: 0.0, mixed: 0.0 }
    }
}

/// Sums over 0 ≤ j < y for r = 1/ψ: they stand for differences of the gamma function's logarithm and its derivatives.
struct Size {
    r: f64,
    /// Σ ln(1 + j/r), Σ 1/(r + j), Σ 1/(r + j)².
    sums: Vec<(f64, f64, f64)>,
}

impl Size {
    fn of(r: f64, most: usize) -> Size {
        let mut sums = Vec::with_capacity(most + 1);
        let (mut logs, mut ones, mut squares) = (0.0, 0.0, 0.0);
        for j in 0..=most {
            sums.push((logs, ones, squares));
            let each = 1.0 / (r + j as f64);
            logs += (j as f64 / r).ln_1p();
            ones += each;
            squares += each * each;
        }
        Size { r, sums }
    }

    fn seen(&self, y: f64, mean: f64) -> Seen {
        let r = self.r;
        let (logs, ones, squares) = self.sums[y as usize];
        let both = r + mean;
        let share = mean / r;
        // With 1 + j/r the r^y of the ratio of gammas cancels that of (μ/(r + μ))^y: nothing large is subtracted, however near to
        // Poisson.
        let value = logs - (r + y) * share.ln_1p() + if y > 0.0 { y * mean.ln() } else { 0.0 };
        let in_size = ones - share.ln_1p() + (mean - y) / both;
        let in_size_twice = -squares + share / both + (y - mean) / (both * both);
        Seen {
            value,
            first: y / mean - (y + r) / both,
            second: (y + r) / (both * both) - if y > 0.0 { y / (mean * mean) } else { 0.0 },
            size_first: r * in_size,
            size_second: r * in_size + r * r * in_size_twice,
            mixed: r * (y - mean) / (both * both),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_and_curvatures_are_those_of_the_value() {
        let counts = vec![vec![3.0, 7.0, 2.0, 0.0, 12.0, 5.0, f64::NAN, 4.0, 6.0], vec![1.0; 9]];
        let weights = vec![vec![0.0, 0.5], vec![0.2, 0.0]];
        let offset = vec![vec![0.4; 9], vec![0.6; 9]];
        let term = |component, regressor, unit| Term { component, regressor, unit };
        let terms = [
            term(Component::Autoregressive, Regressor::One, None),
            term(Component::Neighbours, Regressor::One, Some(0)),
            term(Component::Endemic, Regressor::One, Some(0)),
            term(Component::Endemic, Regressor::One, Some(1)),
            term(Component::Endemic, Regressor::Sine(1), None),
        ];
        let places = Places { counts, offset, weights };
        let watched = Watched::of(&places, &terms, 4, vec![Some(0), Some(1)]);
        let at = [-1.0, -0.5, 1.2, 0.3, 0.4, 0.9, 2.0];
        let here = watched.look(&at);
        let tiny = 1e-5;
        for place in 0..at.len() {
            let moved = |by: f64| {
                let mut at = at;
                at[place] += by;
                watched.look(&at)
            };
            let (up, down) = (moved(tiny), moved(-tiny));
            let slope = (up.value - down.value) / (2.0 * tiny);
            assert!((slope - here.gradient[place]).abs() < 1e-6, "{place}: {slope} {}", here.gradient[place]);
            for other in 0..at.len() {
                let bend = -(up.gradient[other] - down.gradient[other]) / (2.0 * tiny);
                let told = here.information[place * at.len() + other];
                assert!((bend - told).abs() < 1e-5, "{place} {other}: {bend} {told}");
            }
        }
    }

    #[test]
    fn a_huge_size_is_poisson() {
        let (size, poisson) = (Size::of(1e12, 30).seen(30.0, 22.0), Seen::poisson(30.0, 22.0));
        assert!((size.value - poisson.value).abs() < 1e-8 && (size.first - poisson.first).abs() < 1e-9);
    }
}
