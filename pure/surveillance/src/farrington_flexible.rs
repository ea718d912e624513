//! The improved method of Farrington: a count against the same weeks of earlier years, with season and trend, past outbreaks
//! counting less.
//!
//! It looks at one step at a time and asks whether there are more cases than years past lead to expect. Deliberately absent:
//! any memory between steps; an outbreak that lasts is judged anew each week, and the `past_weeks_not_included` keep it from
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
use crate::{Compatibility, Detector, Doubt, Scored, Series};
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
        let mut scan = Scan {
            config: self,
            z: normal_quantile(1.0 - self.alpha),
            series,
            with_population: self.population_offset && !series.population.is_empty(),
            prepared: Prepared::of(series, self.population_offset),
            times: times(series),
            model: Model::default(),
            references: Vec::with_capacity(self.b + 1),
        };
        range.map(|t| scan.score(t)).unzip()
    }
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
    fn score(&mut self, t: usize) -> (Scored, FarringtonDetail) {
        let unanswered = |doubt| (Scored::unanswered(self.series, t, doubt), FarringtonDetail::default());
        if t >= self.series.len() {
            return unanswered(Doubt::ShortHistory);
        }
        if self.config.population_offset && !(self.with_population && self.prepared.has_people(t)) {
            return unanswered(Doubt::NoPopulation);
        }
        self.references.clear();
        self.references.push(t);
        for reference in reference_points(self.series, t, self.config.b) {
            let Some(reference) = reference else { return unanswered(Doubt::ShortHistory) };
            self.references.push(reference);
        }
        let first_time = self.gather(t);
        let own_block = self.config.no_periods - 1;
        let (cases, exposure) = self.model.cases_and_exposure(own_block);
        if exposure == 0.0 {
            return unanswered(Doubt::MissingHistory);
        }
        if cases == 0.0 && !self.config.repeats_surveillance() {
            let people = self.prepared.people(t);
            return (self.after_none(t, exposure / people), FarringtonDetail::default());
        }
        // The peer predicts from the first reported step, but fits from the first step.
        let shift = if self.config.repeats_surveillance() { first_time } else { 0.0 };
        match self.fit_and_choose_trend(own_block, shift, self.prepared.people(t)) {
            Ok(fit) => self.bound(t, own_block, shift, fit),
            Err(doubt) => {
                let mut none = unanswered(if cases == 0.0 { Doubt::ZeroHistory } else { doubt });
                // The peer starts its column of expected counts with 0 and leaves it so.
                none.0.expected = self.config.repeats_surveillance().then_some(0.0);
                none
            }
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

    fn bound(&self, t: usize, block: usize, shift: f64, fit: Fit) -> (Scored, FarringtonDetail) {
        let config = self.config;
        let observed = self.series.counts[t];
        let log_mean = self.model.log_mean(block, shift) + self.prepared.log_people(t);
        let mean = log_mean.exp().max(LEAST_MEAN);
        let variance = self.model.variance_at(block, shift) * self.error_dispersion(fit);
        let Bound { upper, p_value } = match config.threshold_method {
            ThresholdMethod::Delta => {
                let dispersion = fit.phi + variance * mean;
                config.powertrans.bound(mean, dispersion, self.z, observed)
            }
            ThresholdMethod::NegativeBinomial => {
                bound_of_count(log_mean.exp(), fit.phi, config.alpha, observed)
            }
            ThresholdMethod::UpperMean => {
                let upper_mean = (log_mean + self.z * variance.sqrt()).exp();
                bound_of_count(upper_mean, fit.phi, config.alpha, observed)
            }
        };
        let detail = FarringtonDetail {
            phi: known(fit.phi),
            trend: Some(fit.slopes),
            trend_coef: if fit.slopes { known(self.model.slope()) } else { None },
        };
        let mut scored = Scored {
            expected: known(mean),
            upper: known(upper),
            p_value: known(p_value),
            ..Scored::blank(self.series, t)
        };
        if config.repeats_surveillance() {
            let on_log_scale = config.threshold_method != ThresholdMethod::Delta;
            let from = if on_log_scale { log_mean } else { mean };
            scored.score = known((observed - from) / (upper - from));
            let enough = self.enough_cases(t);
            scored.alarm = match scored.score {
                _ if !enough => Some(false),
                Some(score) => Some(score > 1.0 && observed != 0.0),
                None => None,
            };
            if !enough {
                (scored.expected, scored.upper, scored.doubt) = (None, None, Some(Doubt::TooFewCases));
            } else if scored.score.is_none() {
                scored.doubt = Some(Doubt::OutOfRange);
            }
            return (scored, detail);
        }
        (self.judged(scored), detail)
    }

    fn after_none(&self, t: usize, exposure: f64) -> Scored {
        let (expected, bound) = bound_after_none(exposure, self.config.alpha, self.series.counts[t]);
        let scored = self.judged(Scored {
            expected: known(expected),
            upper: known(bound.upper),
            p_value: known(bound.p_value),
            ..Scored::blank(self.series, t)
        });
        Scored { doubt: scored.doubt.or(Some(Doubt::ZeroHistory)), ..scored }
    }

    /// Score and alarm, from what is expected and the bound.
    fn judged(&self, scored: Scored) -> Scored {
        judge(scored, self.enough_cases(scored.t))
    }

    fn enough_cases(&self, t: usize) -> bool {
        enough_cases(self.series, t, self.config.limit54)
    }
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
