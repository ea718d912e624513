//! One test: how often it finds what is there, and how often what is not.

use crate::dilution::Dilution;
use crate::refusal::{LabError, demand};

#[derive(Debug, Clone, PartialEq)]
pub struct Assay {
    sensitivity: f64,
    specificity: f64,
    dilution: Option<Dilution>,
}

impl Assay {
    /// `sensitivity` is that of a sample tested alone; without `dilution` a mix is read as well as a sample.
    pub fn of(sensitivity: f64, specificity: f64, dilution: Option<Dilution>) -> Result<Assay, LabError> {
        let share = "give a share above 0 and up to 1, such as 0.95";
        demand(sensitivity > 0.0 && sensitivity <= 1.0, "sensitivity", sensitivity, share)?;
        demand(specificity > 0.0 && specificity <= 1.0, "specificity", specificity, share)?;
        demand(
            sensitivity + specificity > 1.0,
            "sensitivity",
            sensitivity,
            "with this specificity the test finds no more than a coin; their sum must be above 1",
        )?;
        Ok(Assay { sensitivity, specificity, dilution })
    }

    pub fn sensitivity(&self) -> f64 {
        self.sensitivity
    }

    pub fn false_positive(&self) -> f64 {
        1.0 - self.specificity
    }

    /// How much more often a mix is positive when it shows somebody: Youden's index.
    pub(crate) fn contrast(&self) -> f64 {
        self.sensitivity - self.false_positive()
    }

    /// Share of the infected whom a mix of `people` still shows.
    pub fn shown_in(&self, people: usize) -> f64 {
        self.dilution.as_ref().map_or(1.0, |dilution| dilution.still_seen(people))
    }

    /// Probability that a mix is positive, when with probability `shown` it shows somebody.
    pub(crate) fn positive(&self, shown: f64) -> f64 {
        self.false_positive() + self.contrast() * shown
    }

    /// Probability that two mixes are both positive: the chances that each shows nobody, and that neither does.
    pub(crate) fn both_positive(&self, first_silent: f64, second_silent: f64, neither: f64) -> f64 {
        let (sensitivity, contrast) = (self.sensitivity, self.contrast());
        sensitivity * sensitivity - sensitivity * contrast * (first_silent + second_silent)
            + contrast * contrast * neither
    }
}
