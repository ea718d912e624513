//! What a detector says about one step of a series.

use crate::Series;
use serde::Serialize;
use std::ops::Range;

/// Anything that looks at a series and says which steps are unusual.
pub trait Detector: Sync {
    /// One point for each step of `range`, in its order. Only steps up to the one scored are looked at.
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored>;

    /// The first step with enough history for an answer; steps before it can only be unanswered.
    fn first_step(&self, _series: &Series) -> usize {
        0
    }
}

/// A number that could not be had is `None`, and then `doubt` says why; it is never NaN.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scored {
    /// Place in the series, from 0.
    pub t: usize,
    /// `None`: nobody reported about this step.
    pub observed: Option<f64>,
    /// What a normal step looks like.
    pub expected: Option<f64>,
    /// The alarm is given above it.
    pub upper: Option<f64>,
    /// How unusual, on the detector's own scale; above 1 is an alarm unless the detector says otherwise.
    pub score: Option<f64>,
    /// Probability of at least so many in a normal step.
    pub p_value: Option<f64>,
    /// `None`: no answer can be given, which is not the same as no alarm.
    pub alarm: Option<bool>,
    pub doubt: Option<Doubt>,
}

impl Scored {
    /// A step about which nothing is known yet but what was observed.
    pub fn blank(series: &Series, t: usize) -> Scored {
        Scored::seen(t, series.counts.get(t).copied().filter(|count| !count.is_nan()))
    }

    fn seen(t: usize, observed: Option<f64>) -> Scored {
        Scored {
            t,
            observed,
            expected: None,
            upper: None,
            score: None,
            p_value: None,
            alarm: None,
            doubt: None,
        }
    }

    /// The usual verdict: an alarm for what is above the bound. The score is 1 at the bound, 0 at what is expected.
    pub fn above(series: &Series, t: usize, expected: f64, upper: f64, p_value: Option<f64>) -> Scored {
        Scored::judged(t, Scored::blank(series, t).observed, expected, upper, p_value)
    }

    /// The same for a count that is not the series' own, such as the sum of a week of days.
    pub fn judged(
        t: usize,
        observed: Option<f64>,
        expected: f64,
        upper: f64,
        p_value: Option<f64>,
    ) -> Scored {
        let blank = Scored::seen(t, observed);
        if !expected.is_finite() || !upper.is_finite() {
            return Scored { doubt: Some(Doubt::OutOfRange), ..blank };
        }
        let known = Scored { expected: Some(expected), upper: Some(upper), ..blank };
        let Some(count) = known.observed else {
            return Scored { doubt: Some(Doubt::NotReported), ..known };
        };
        Scored {
            score: Some((count - expected) / (upper - expected))
                .filter(|score| score.is_finite() && upper > expected),
            p_value: p_value.filter(|p| !p.is_nan()),
            alarm: Some(count > upper),
            ..known
        }
    }

    /// No answer, and why.
    pub fn unanswered(series: &Series, t: usize, doubt: Doubt) -> Scored {
        Scored { doubt: Some(doubt), ..Scored::blank(series, t) }
    }
}

/// Why a step has no answer, or one to be taken with care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Nobody reported about the step itself.
    NotReported,
    /// The series is not long enough before the step.
    ShortHistory,
    /// Steps that are needed for the comparison were not reported.
    MissingHistory,
    /// The history holds no case at all.
    ZeroHistory,
    /// The history does not vary, so nothing can be said about its spread.
    NoSpread,
    /// Fewer cases lately than the method asks for.
    TooFewCases,
    /// The model could not be fitted.
    DidNotConverge,
    /// Arithmetic left the range of numbers.
    OutOfRange,
    /// A mean serial interval has not passed since the first case.
    WithinFirstInterval,
    /// No listed case could have infected anybody in the window.
    NoInfector,
    /// So few cases that the number is known only roughly.
    Imprecise,
    /// Not all whom these cases infected have fallen ill yet.
    StillIncomplete,
    /// The rule speaks of cases per inhabitant, and nobody said how many they are.
    NoPopulation,
    /// No report of this step has come in yet.
    NothingReported,
    /// Too few reports to know how long they take.
    DelaysUnknown,
    /// Hardly anybody infected then fell ill within the steps that were counted.
    HardlyVisible,
}

impl Doubt {
    pub fn code(self) -> &'static str {
        match self {
            Doubt::NotReported => "not_reported",
            Doubt::ShortHistory => "short_history",
            Doubt::MissingHistory => "missing_history",
            Doubt::ZeroHistory => "zero_history",
            Doubt::NoSpread => "no_spread",
            Doubt::TooFewCases => "too_few_cases",
            Doubt::DidNotConverge => "did_not_converge",
            Doubt::OutOfRange => "out_of_range",
            Doubt::WithinFirstInterval => "within_first_interval",
            Doubt::NoInfector => "no_infector",
            Doubt::Imprecise => "imprecise",
            Doubt::StillIncomplete => "still_incomplete",
            Doubt::NoPopulation => "no_population",
            Doubt::NothingReported => "nothing_reported",
            Doubt::DelaysUnknown => "delays_unknown",
            Doubt::HardlyVisible => "hardly_visible",
        }
    }

    /// For a person: what is the matter and what to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Doubt::NotReported => "nobody reported about this step; ask the site, or enter 0 if it was none",
            Doubt::ShortHistory => {
                "the series is too short before this step; use a method with a shorter baseline"
            }
            Doubt::MissingHistory => "steps needed for the comparison were not reported; fill them in",
            Doubt::ZeroHistory => {
                "there was no case in the steps compared with; a fixed threshold serves better here"
            }
            Doubt::NoSpread => "the steps compared with are all the same; set a smallest spread",
            Doubt::TooFewCases => {
                "fewer cases lately than the method asks for; lower that limit for a rare disease"
            }
            Doubt::DidNotConverge => "the model could not be fitted; use a simpler method for this series",
            Doubt::OutOfRange => "the arithmetic left the range of numbers; look at the counts",
            Doubt::WithinFirstInterval => {
                "too early: a mean serial interval has not passed since the first case; wait for it"
            }
            Doubt::NoInfector => {
                "no listed case can have infected anybody here; count new arrivals as imported, or take a longer window"
            }
            Doubt::Imprecise => "few cases, so this number is rough; take a longer window",
            Doubt::StillIncomplete => {
                "not all whom these cases infected have fallen ill yet, so the number is too low; wait a serial interval"
            }
            Doubt::NoPopulation => {
                "the rule needs the number of inhabitants; fill in the column `population`"
            }
            Doubt::NothingReported => {
                "no report of this step has come in, and this method cannot look beyond that; use `bayes.trunc`"
            }
            Doubt::DelaysUnknown => {
                "too few reports to know how long they take; look back over more steps, or at older ones"
            }
            Doubt::HardlyVisible => {
                "hardly anybody infected then fell ill within the steps counted; wait, or look at other steps"
            }
        }
    }
}
