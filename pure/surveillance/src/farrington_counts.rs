//! What the regression of Farrington's methods asks of each count and of the people behind it, computed once.
//!
//! Deliberately absent: anything that depends on a fit.

use crate::Series;
use std::sync::LazyLock;

/// What every fit needs of a count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    /// The working response of the first round, for one person: ln(y + 0.1) − 0.1/(y + 0.1).
    pub start: f64,
    /// y ln y − y.
    pub own: f64,
    /// Half the deviance at y + 0.1.
    pub start_deviance: f64,
    /// y^(2/3)
    pub two_thirds: f64,
}

impl Parts {
    pub(crate) fn of(y: f64) -> Parts {
        // Most counts are small and whole, and come again and again.
        static SMALL: LazyLock<Vec<Parts>> =
            LazyLock::new(|| (0..1_024).map(|y| Parts::computed(f64::from(y))).collect());
        let whole = y as usize;
        match SMALL.get(whole) {
            Some(parts) if whole as f64 == y => *parts,
            _ => Parts::computed(y),
        }
    }

    fn computed(y: f64) -> Parts {
        let first = y + 0.1;
        let log = first.ln();
        let own = if y > 0.0 { y * y.ln() } else { 0.0 };
        Parts {
            start: log - 0.1 / first,
            own: own - y,
            start_deviance: own - y * log + 0.1,
            two_thirds: y.cbrt().powi(2),
        }
    }
}

/// The people behind the steps of a series, made ready once for all its fits.
pub(crate) struct Prepared {
    /// Empty when the population plays no part; then so are its two powers.
    people: Vec<f64>,
    log_people: Vec<f64>,
    /// people^(−1/6)
    sixth: Vec<f64>,
}

impl Prepared {
    pub(crate) fn of(series: &Series, with_population: bool) -> Prepared {
        let people = if with_population { series.population.clone() } else { Vec::new() };
        let log_people = people.iter().map(|people| people.ln()).collect();
        let sixth = people.iter().map(|people| people.powf(-1.0 / 6.0)).collect();
        Prepared { people, log_people, sixth }
    }

    /// Whether a step can take part at all.
    pub(crate) fn has_people(&self, t: usize) -> bool {
        self.people.is_empty() || self.people[t] > 0.0
    }

    pub(crate) fn log_people(&self, t: usize) -> f64 {
        self.log_people.get(t).copied().unwrap_or(0.0)
    }

    pub(crate) fn people(&self, t: usize) -> f64 {
        self.people.get(t).copied().unwrap_or(1.0)
    }

    /// people^(−1/6)
    pub(crate) fn sixth(&self, t: usize) -> f64 {
        self.sixth[t]
    }

    /// Whether rates are compared, rather than counts.
    pub(crate) fn plays_a_part(&self) -> bool {
        !self.people.is_empty()
    }
}
