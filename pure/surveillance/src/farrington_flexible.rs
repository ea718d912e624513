//! The improved method of Farrington: a count against the same weeks of earlier years, with season and trend, past outbreaks
//! counting less.
//!
//! It looks at one step at a time and asks whether there are more cases than years past lead to expect. Deliberately absent:
//! any memory of alarms; an outbreak that lasts is judged anew each week, and the `past_weeks_not_included` keep it from
//! raising its own bound.
//!
//! # Source
//! Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett 2013, Statistics in Medicine 32:1206, doi:10.1002/sim.5595;
//! Salmon, Schumacher and Höhle 2016, Journal of Statistical Software 70(10), doi:10.18637/jss.v070.i10, for the variants.

use crate::farrington_bound::{Bound, PowerTransformation, bound_after_none, bound_of_count, score};
use crate::farrington_counts::Prepared;
use crate::farrington_model::{LEAST_MEAN, Model};
use crate::farrington_stages::{Fit, Stages};
use crate::reference_points::reference_points;
use crate::{Compatibility, Detector, Doubt, Scored, Series, Watch};
use base::Day;
use serde::{Deserialize, Serialize};
use stats::normal_quantile;
use std::ops::Range;

/// How the bound is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ThresholdMethod {
    /// A transformed count is normal; the error of the fit is part of its variance.
    #[serde(rename = "delta")]
    Delta,
    /// A count is negative binomial around the fitted mean.
    #[default]
    #[serde(rename = "nbPlugin")]
    NegativeBinomial,
    /// A count is negative binomial around the upper bound of the fitted mean.
    #[serde(rename = "muan")]
    UpperMean,
}

/// The defaults are the improvements of Noufaily 2013. The original settings are one period, a threshold of weights of 1, a
/// threshold of the trend of 0.05, `past_weeks_not_included` equal to `w`, and `delta`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FarringtonFlexibleConfig {
    /// Years looked back.
    pub b: usize,
    /// Steps on either side of the same step of an earlier year.
    pub w: usize,
    /// Whether what looks like a past outbreak counts less.
    pub reweight: bool,
    /// Standardised residuals above it count less.
    pub weights_threshold: f64,
    /// Probability that a normal step exceeds the bound (one side).
    pub alpha: f64,
    pub trend: bool,
    /// A trend is kept when its p-value is below; 1 keeps it unless it extrapolates beyond all counts compared with.
    pub p_threshold_trend: f64,
    /// An alarm needs at least so many cases in so many steps, the one scored included.
    pub limit54: (f64, usize),
    pub powertrans: PowerTransformation,
    pub population_offset: bool,
    /// Pieces into which the year is cut, the window of the step itself being one; 1 compares with the windows alone.
    pub no_periods: usize,
    /// Steps before the one scored that are not looked at; `w` when not given.
    pub past_weeks_not_included: Option<usize>,
    pub threshold_method: ThresholdMethod,
    pub compatibility: Compatibility,
}

impl Default for FarringtonFlexibleConfig {
    fn default() -> FarringtonFlexibleConfig {
        FarringtonFlexibleConfig {
            b: 5,
            w: 3,
            reweight: true,
            weights_threshold: 2.58,
            alpha: 0.01,
            trend: true,
            p_threshold_trend: 1.0,
            limit54: (5.0, 4),
            powertrans: PowerTransformation::TwoThirds,
            population_offset: false,
            no_periods: 10,
            past_weeks_not_included: Some(26),
            threshold_method: ThresholdMethod::NegativeBinomial,
            compatibility: Compatibility::None,
        }
    }
}

/// What the fit behind a point was. `None` where there was no fit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct FarringtonDetail {
    /// Variance of a count divided by its mean; at least 1.
    pub phi: Option<f64>,
    /// Whether a trend was kept.
    pub trend: Option<bool>,
    /// Growth of the logarithm of the mean in one step, where a trend was kept.
    pub trend_coef: Option<f64>,
}

impl Detector for FarringtonFlexibleConfig {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        self.detect_with_details(series, range).0
    }

    fn first_step(&self, series: &Series) -> usize {
        self.b * series.per_year + self.w
    }
}

/// Why no sensible bound can come of a configuration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FarringtonConfigError {
    #[error("`{key}` is {value}; {remedy}")]
    Value { key: &'static str, value: String, remedy: &'static str },
}

pub(crate) fn refuse<T: ToString>(
    key: &'static str,
    value: T,
    remedy: &'static str,
) -> Result<(), FarringtonConfigError> {
    Err(FarringtonConfigError::Value { key, value: value.to_string(), remedy })
}

impl FarringtonFlexibleConfig {
    /// The settings of the method before it was improved, which is what small series with few cases may need.
    pub fn original() -> FarringtonFlexibleConfig {
        FarringtonFlexibleConfig {
            weights_threshold: 1.0,
            p_threshold_trend: 0.05,
            no_periods: 1,
            past_weeks_not_included: None,
            threshold_method: ThresholdMethod::Delta,
            ..FarringtonFlexibleConfig::default()
        }
    }

    pub fn check(&self, per_year: usize) -> Result<(), FarringtonConfigError> {
        let window = 2 * self.w + 1;
        match () {
            () if !(self.alpha > 0.0 && self.alpha < 0.5) => {
                refuse("alpha", self.alpha, "give a probability between 0 and 0.5, such as 0.01")
            }
            () if self.b == 0 => refuse("b", self.b, "look back at least one year"),
            () if self.no_periods == 0 => refuse("no_periods", 0, "give 1 to compare with the windows alone"),
            () if window >= per_year => {
                refuse("w", self.w, "the windows of two years must not touch; make it smaller")
            }
            () if self.no_periods > 1 && self.no_periods - 1 > per_year - window => refuse(
                "no_periods",
                self.no_periods,
                "there are more pieces than steps in a year; ask for fewer",
            ),
            () => Ok(()),
        }
    }

    fn repeats_surveillance(&self) -> bool {
        self.compatibility == Compatibility::Surveillance1_20
    }

    /// One point and the fit behind it for each step of `range`.
    pub fn detect_with_details(
        &self,
        series: &Series,
        range: Range<usize>,
    ) -> (Vec<Scored>, Vec<FarringtonDetail>) {
        let mut scan = Scan::of(self, series);
        range.map(|t| self.compared(series, t, scan.outlook(t))).unzip()
    }

    fn when(&self, series: &Series, t: usize) -> When {
        let people = series.population.get(t).copied().filter(|_| self.population_offset);
        When { t, day: series.dates.get(t).copied(), people }
    }

    /// A step beside what was to be expected of it.
    fn compared(&self, series: &Series, t: usize, outlook: Outlook) -> (Scored, FarringtonDetail) {
        let blank = Scored::blank(series, t);
        let (expected, bound) = match outlook {
            Outlook::None { doubt, expected } => {
                return (Scored { expected, doubt: Some(doubt), ..blank }, FarringtonDetail::default());
            }
            Outlook::AfterNone { expected, bound } => (expected, bound),
            Outlook::Fitted { log_mean, bound, .. } => (log_mean.exp().max(LEAST_MEAN), bound),
        };
        let observed = series.counts[t];
        let enough = enough_cases(series, t, self.limit54);
        let scored = Scored {
            expected: known(expected),
            upper: known(bound.upper),
            p_value: known(bound.p_value(observed)),
            ..blank
        };
        match outlook {
            Outlook::Fitted { log_mean, detail, .. } if self.repeats_surveillance() => {
                let on_log_scale = self.threshold_method != ThresholdMethod::Delta;
                let from = if on_log_scale { log_mean } else { expected };
                (judge_as_surveillance(scored, observed, from, bound.upper, enough), detail)
            }
            Outlook::Fitted { detail, .. } => (judge(scored, enough), detail),
            _ => {
                let scored = judge(scored, enough);
                let doubt = scored.doubt.or(Some(Doubt::ZeroHistory));
                (Scored { doubt, ..scored }, FarringtonDetail::default())
            }
        }
    }
}

/// What can be said of a step before anybody counts: it depends on the steps before alone.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outlook {
    /// There is no bound, and why.
    None {
        doubt: Doubt,
        expected: Option<f64>,
    },
    /// The steps like this one held no case.
    AfterNone {
        expected: f64,
        bound: Bound,
    },
    Fitted {
        log_mean: f64,
        bound: Bound,
        detail: FarringtonDetail,
    },
}

/// The outlook on the next step, where it was prepared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FarringtonMemory {
    ahead: Option<Ahead>,
}

/// Taken for granted: the next step comes after the same time as the last one did, and counts as many people. Where that proves
/// wrong, the work is done again when the step is there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ahead {
    when: When,
    outlook: Outlook,
}

/// All that an outlook depends on beside the steps before.
#[derive(Debug, Clone, Copy, PartialEq)]
struct When {
    t: usize,
    day: Option<Day>,
    people: Option<f64>,
}

impl Watch for FarringtonFlexibleConfig {
    type Memory = FarringtonMemory;

    /// Nothing is learnt but what prepares the step looked at.
    fn learn(&self, _: &Series, _: usize) -> FarringtonMemory {
        FarringtonMemory::default()
    }

    fn forget(&self, memory: &mut FarringtonMemory) {
        memory.ahead = None;
    }

    /// No step leaves anything behind.
    fn go_through(&self, memory: &mut FarringtonMemory, _: &Series, _: Range<usize>) {
        memory.ahead = None;
    }

    fn advance(&self, memory: &mut FarringtonMemory, series: &Series, t: usize) -> Scored {
        let when = self.when(series, t);
        let foreseen = memory.ahead.take().filter(|ahead| ahead.when == when);
        let outlook = foreseen.map_or_else(|| Scan::of(self, series).outlook(t), |ahead| ahead.outlook);
        self.compared(series, t, outlook).0
    }

    fn prepare(&self, memory: &mut FarringtonMemory, series: &Series, t: usize) {
        memory.ahead = with_one_more(series, t)
            .map(|longer| Ahead { when: self.when(&longer, t), outlook: Scan::of(self, &longer).outlook(t) });
    }
}

/// The series up to `t` and a step more, about which nobody has reported. `None` where nothing tells when that step is.
fn with_one_more(series: &Series, t: usize) -> Option<Series> {
    let mut longer = series.clone();
    longer.counts.truncate(t);
    longer.counts.push(f64::NAN);
    if !series.dates.is_empty() {
        longer.dates.truncate(t);
        let [.., before, last] = longer.dates[..] else { return None };
        longer.dates.push(last + (last - before));
    }
    if !series.population.is_empty() {
        longer.population.truncate(t);
        longer.population.push(*longer.population.last()?);
    }
    (longer.len() == t + 1).then_some(longer)
}

/// When each step is, counted in steps.
fn times(series: &Series) -> Vec<f64> {
    if series.dates.len() < 2 {
        return (0..series.len()).map(|t| t as f64).collect();
    }
    let days: Vec<i32> = series.dates.iter().map(|day| day.number()).collect();
    let spacing = f64::from(days[1] - days[0]);
    days.iter().map(|day| f64::from(day - days[0]) / spacing).collect()
}

struct Scan<'a> {
    config: &'a FarringtonFlexibleConfig,
    z: f64,
    series: &'a Series,
    with_population: bool,
    prepared: Prepared,
    times: Vec<f64>,
    model: Model,
    references: Vec<usize>,
}

impl Scan<'_> {
    fn of<'a>(config: &'a FarringtonFlexibleConfig, series: &'a Series) -> Scan<'a> {
        Scan {
            config,
            z: normal_quantile(1.0 - config.alpha),
            series,
            with_population: config.population_offset && !series.population.is_empty(),
            prepared: Prepared::of(series, config.population_offset),
            times: times(series),
            model: Model::default(),
            references: Vec::with_capacity(config.b + 1),
        }
    }

    fn outlook(&mut self, t: usize) -> Outlook {
        let none = |doubt| Outlook::None { doubt, expected: None };
        if t >= self.series.len() {
            return none(Doubt::ShortHistory);
        }
        if self.config.population_offset && !(self.with_population && self.prepared.has_people(t)) {
            return none(Doubt::NoPopulation);
        }
        self.references.clear();
        self.references.push(t);
        for reference in reference_points(self.series, t, self.config.b) {
            let Some(reference) = reference else { return none(Doubt::ShortHistory) };
            self.references.push(reference);
        }
        let first_time = self.gather(t);
        let own_block = self.config.no_periods - 1;
        let (cases, exposure) = self.model.cases_and_exposure(own_block);
        if exposure == 0.0 {
            return none(Doubt::MissingHistory);
        }
        let people = self.prepared.people(t);
        if cases == 0.0 && !self.config.repeats_surveillance() {
            let (expected, bound) = bound_after_none(exposure / people, self.config.alpha);
            return Outlook::AfterNone { expected, bound };
        }
        // The peer predicts from the first reported step, but fits from the first step.
        let shift = if self.config.repeats_surveillance() { first_time } else { 0.0 };
        match self.fit_and_choose_trend(own_block, shift, people) {
            Ok(fit) => self.bound(t, own_block, shift, fit),
            Err(doubt) => Outlook::None {
                doubt: if cases == 0.0 { Doubt::ZeroHistory } else { doubt },
                // The peer starts its column of expected counts with 0 and leaves it so.
                expected: self.config.repeats_surveillance().then_some(0.0),
            },
        }
    }

    /// Collects the steps compared with, and tells how much later the first reported one is than the first (0 or less).
    fn gather(&mut self, t: usize) -> f64 {
        let Scan { config, series, prepared, times, model, references, .. } = self;
        let (w, pieces) = (config.w, config.no_periods);
        let end = t.saturating_sub(config.past_weeks_not_included.unwrap_or(w));
        model.empty(pieces);
        let (mut first, mut first_reported) = (None, None);
        let mut next = 0;
        let mut add = |step: usize, block: usize| {
            if step < next || step >= end {
                return;
            }
            next = step + 1;
            first.get_or_insert(step);
            if !series.counts[step].is_nan() && prepared.has_people(step) {
                first_reported.get_or_insert(step);
                model.add(series, prepared, step, times[step] - times[t], block);
            }
        };
        for i in (1..references.len()).rev() {
            let (reference, later) = (references[i], references[i - 1]);
            for step in reference.saturating_sub(w)..=reference + w {
                add(step, pieces - 1);
            }
            if pieces > 1 {
                let gap = (later - reference).saturating_sub(2 * w + 1);
                let (length, longer) = (gap / (pieces - 1), gap % (pieces - 1));
                let mut step = reference + w + 1;
                for block in 0..pieces - 1 {
                    for _ in 0..length + usize::from(block < longer) {
                        add(step, block);
                        step += 1;
                    }
                }
            }
        }
        for step in t.saturating_sub(w)..t {
            add(step, pieces - 1);
        }
        match (first, first_reported) {
            (Some(first), Some(reported)) => times[first] - times[reported],
            _ => 0.0,
        }
    }

    fn fit_and_choose_trend(&mut self, block: usize, shift: f64, people: f64) -> Result<Fit, Doubt> {
        let mut fit = None;
        if self.config.trend {
            fit = self.fit(true)?;
        }
        if let Some(with_trend) = fit {
            let expected = self.model.log_mean(block, shift).exp() * people;
            let kept = self.config.b >= 3
                && expected <= self.model.largest_count()
                && self.trend_is_told_apart(self.error_dispersion(with_trend));
            if !kept {
                fit = None;
            }
        }
        match fit {
            Some(fit) => Ok(fit),
            None => self.fit(false)?.ok_or(Doubt::DidNotConverge),
        }
    }

    fn trend_is_told_apart(&self, dispersion: f64) -> bool {
        // Asking for the p-value costs more than the rest of the choice.
        self.config.p_threshold_trend >= 1.0
            || self.model.slope_p_value(dispersion) < self.config.p_threshold_trend
    }

    fn fit(&mut self, slopes: bool) -> Result<Option<Fit>, Doubt> {
        let config = self.config;
        let stages = Stages {
            slopes,
            reweight_above: config.reweight.then_some(config.weights_threshold),
            like_surveillance: config.repeats_surveillance(),
            unsettled_will_do: false,
        };
        stages.fit(&mut self.model)
    }

    /// The dispersion of standard errors. The peer loses the weights of the fit when it reweights.
    fn error_dispersion(&self, fit: Fit) -> f64 {
        match (self.config.repeats_surveillance(), self.config.reweight) {
            (true, true) => self.model.squares_of_relative_residuals() / fit.freedom,
            (true, false) => fit.unbounded,
            (false, _) => fit.phi,
        }
    }

    fn bound(&self, t: usize, block: usize, shift: f64, fit: Fit) -> Outlook {
        let config = self.config;
        let log_mean = self.model.log_mean(block, shift) + self.prepared.log_people(t);
        let mean = log_mean.exp().max(LEAST_MEAN);
        let variance = self.model.variance_at(block, shift) * self.error_dispersion(fit);
        let bound = match config.threshold_method {
            ThresholdMethod::Delta => config.powertrans.bound(mean, fit.phi + variance * mean, self.z),
            ThresholdMethod::NegativeBinomial => bound_of_count(log_mean.exp(), fit.phi, config.alpha),
            ThresholdMethod::UpperMean => {
                let upper_mean = (log_mean + self.z * variance.sqrt()).exp();
                bound_of_count(upper_mean, fit.phi, config.alpha)
            }
        };
        let detail = FarringtonDetail {
            phi: known(fit.phi),
            trend: Some(fit.slopes),
            trend_coef: if fit.slopes { known(self.model.slope()) } else { None },
        };
        Outlook::Fitted { log_mean, bound, detail }
    }
}

/// surveillance 1.20 takes the logarithm of the mean for the mean where it counts with negative binomial bounds, and forgets
/// both where there are too few cases.
fn judge_as_surveillance(mut scored: Scored, observed: f64, from: f64, upper: f64, enough: bool) -> Scored {
    scored.score = known((observed - from) / (upper - from));
    scored.alarm = match scored.score {
        _ if !enough => Some(false),
        Some(score) => Some(score > 1.0 && observed != 0.0),
        None => None,
    };
    if !enough {
        (scored.expected, scored.upper, scored.doubt) = (None, None, Some(Doubt::TooFewCases));
    } else if scored.score.is_none() || scored.upper.is_none() {
        // Under a bound beyond all numbers the peer's score is 0 whatever was counted, which judges nothing.
        scored.doubt = Some(Doubt::OutOfRange);
    }
    scored
}

/// Score and alarm of a step with an expected count and a bound, and the doubt about them.
pub(crate) fn judge(mut scored: Scored, enough: bool) -> Scored {
    let (Some(observed), Some(expected), Some(upper)) = (scored.observed, scored.expected, scored.upper)
    else {
        let reported = scored.observed.is_some();
        scored.p_value = scored.p_value.filter(|_| reported);
        scored.doubt = Some(if reported { Doubt::OutOfRange } else { Doubt::NotReported });
        return scored;
    };
    let so_far = score(observed, expected, upper);
    scored.score = known(so_far);
    scored.alarm = Some(enough && so_far > 1.0 && observed > 0.0);
    if !enough {
        scored.doubt = Some(Doubt::TooFewCases);
    }
    scored
}

/// Whether the last steps, the one scored included, hold as many cases as an alarm needs.
pub(crate) fn enough_cases(series: &Series, t: usize, (cases, steps): (f64, usize)) -> bool {
    let from = (t + 1).saturating_sub(steps);
    let sum: f64 = series.counts[from..=t].iter().filter(|count| !count.is_nan()).sum();
    sum >= cases
}

pub(crate) fn known(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}
