//! The first method of Farrington: a count against the same weeks of earlier years and those around them.
//!
//! Deliberately absent: seasons beyond those weeks, and the exclusion of the recent past; `farrington_flexible.rs` has both.
//!
//! # Source
//! Farrington, Andrews, Beale and Catchpole 1996, JRSS A 159:547, doi:10.2307/2983331.

use crate::farrington_bound::{PowerTransformation, bound_after_none};
use crate::farrington_counts::Prepared;
use crate::farrington_flexible::{
    FarringtonConfigError, FarringtonDetail, enough_cases, judge, known, refuse,
};
use crate::farrington_model::{LEAST_MEAN, Model};
use crate::farrington_stages::{Fit, Stages};
use crate::reference_points::reference_day;
use crate::watch::Forgetful;
use crate::{Compatibility, Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use stats::normal_quantile;
use std::ops::Range;

/// A trend is kept when its p-value is below.
const TREND_TOLD_APART: f64 = 0.05;
/// And when there are so many years to see it in.
const YEARS_FOR_A_TREND: usize = 3;
/// Standardised residuals above it count less (section 3.6).
const STANDS_OUT: f64 = 1.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Farrington1996Config {
    /// Years looked back.
    pub b: usize,
    /// Steps on either side of the same step of an earlier year.
    pub w: usize,
    /// Whether what looks like a past outbreak counts less.
    pub reweight: bool,
    /// Probability that a normal step lies outside the interval, on either side.
    pub alpha: f64,
    pub trend: bool,
    /// An alarm needs at least so many cases in so many steps, the one scored included.
    pub limit54: (f64, usize),
    pub powertrans: PowerTransformation,
    pub compatibility: Compatibility,
}

impl Default for Farrington1996Config {
    fn default() -> Farrington1996Config {
        Farrington1996Config {
            b: 5,
            w: 3,
            reweight: true,
            alpha: 0.01,
            trend: true,
            limit54: (5.0, 4),
            powertrans: PowerTransformation::TwoThirds,
            compatibility: Compatibility::None,
        }
    }
}

impl Forgetful for Farrington1996Config {}

impl Detector for Farrington1996Config {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        self.detect_with_details(series, range).0
    }

    fn first_step(&self, series: &Series) -> usize {
        self.b * series.per_year + self.w
    }
}

impl Farrington1996Config {
    pub fn check(&self, per_year: usize) -> Result<(), FarringtonConfigError> {
        match () {
            () if !(self.alpha > 0.0 && self.alpha < 1.0) => {
                refuse("alpha", self.alpha, "give a probability between 0 and 1, such as 0.01")
            }
            () if self.b == 0 => refuse("b", self.b, "look back at least one year"),
            () if 2 * self.w + 1 >= per_year => {
                refuse("w", self.w, "the windows of two years must not touch; make it smaller")
            }
            () => Ok(()),
        }
    }

    /// One point and the fit behind it for each step of `range`.
    pub fn detect_with_details(
        &self,
        series: &Series,
        range: Range<usize>,
    ) -> (Vec<Scored>, Vec<FarringtonDetail>) {
        let prepared = Prepared::of(series, false);
        let z = normal_quantile(1.0 - self.alpha / 2.0);
        let mut model = Model::default();
        range.map(|t| self.score(series, &prepared, &mut model, z, t)).unzip()
    }

    fn score(
        &self,
        series: &Series,
        prepared: &Prepared,
        model: &mut Model,
        z: f64,
        t: usize,
    ) -> (Scored, FarringtonDetail) {
        let unanswered = |doubt| (Scored::unanswered(series, t, doubt), FarringtonDetail::default());
        let repeats = self.compatibility == Compatibility::Surveillance1_20;
        if t >= series.len() || !self.gather(series, prepared, model, t) {
            return unanswered(Doubt::ShortHistory);
        }
        let (cases, exposure) = model.cases_and_exposure(0);
        if exposure == 0.0 {
            return unanswered(Doubt::MissingHistory);
        }
        let enough = enough_cases(series, t, self.limit54);
        let observed = series.counts[t];
        if cases == 0.0 && !repeats {
            let (expected, bound) = bound_after_none(exposure, self.alpha / 2.0);
            let scored = judge(
                Scored {
                    expected: known(expected),
                    upper: known(bound.upper),
                    p_value: known(bound.p_value(observed)),
                    ..Scored::blank(series, t)
                },
                enough,
            );
            let doubt = scored.doubt.or(Some(Doubt::ZeroHistory));
            return (Scored { doubt, ..scored }, FarringtonDetail::default());
        }
        let fit = match self.fit_and_choose_trend(model, repeats) {
            Ok(fit) => fit,
            Err(doubt) => return unanswered(doubt),
        };
        let mean = model.log_mean(0, 0.0).exp().max(LEAST_MEAN);
        let dispersion = fit.phi + model.variance_at(0, 0.0) * fit.phi * mean;
        let bound = self.powertrans.bound(mean, dispersion, z);
        let detail = FarringtonDetail {
            phi: known(fit.phi),
            trend: Some(fit.slopes),
            trend_coef: if fit.slopes { known(model.slope()) } else { None },
        };
        let scored = Scored {
            expected: known(mean),
            upper: known(bound.upper),
            p_value: known(bound.p_value(observed)),
            ..Scored::blank(series, t)
        };
        let mut scored = judge(scored, enough);
        if repeats && !enough {
            // The peer draws no bound then, and calls it 0.
            scored.upper = Some(0.0);
        }
        (scored, detail)
    }

    /// Collects the windows of earlier years; false when none lies in the series.
    fn gather(&self, series: &Series, prepared: &Prepared, model: &mut Model, t: usize) -> bool {
        model.empty(1);
        let mut any = false;
        let mut next = 0;
        for back in (1..=self.b).rev() {
            for offset in -(self.w as i64)..=self.w as i64 {
                let Some(step) = self.step_of_window(series, t, back, offset) else { continue };
                any = true;
                if step >= next && step < t && !series.counts[step].is_nan() {
                    next = step + 1;
                    model.add(series, prepared, step, step as f64 - t as f64, 0);
                }
            }
        }
        any
    }

    fn step_of_window(&self, series: &Series, t: usize, back: usize, offset: i64) -> Option<usize> {
        let moved =
            |step: usize| usize::try_from(step as i64 + offset).ok().filter(|step| *step < series.len());
        if series.dates.is_empty() {
            let step = t as i64 - (back * series.per_year) as i64 + offset;
            return usize::try_from(step).ok();
        }
        let weekly = series.per_year == 52;
        let day = reference_day(series.dates[t], back, weekly)?;
        if weekly {
            return series.dates.binary_search(&(day + 7 * offset as i32)).ok();
        }
        moved(series.dates.binary_search(&day).ok()?)
    }

    fn fit_and_choose_trend(&self, model: &mut Model, repeats: bool) -> Result<Fit, Doubt> {
        if self.trend
            && let Some(fit) = self.fit(model, true, repeats)?
        {
            let dispersion = if repeats { fit.unbounded } else { fit.phi };
            let kept = self.b >= YEARS_FOR_A_TREND
                && model.slope_p_value(dispersion) < TREND_TOLD_APART
                && model.log_mean(0, 0.0).exp() <= model.largest_count();
            if kept {
                return Ok(fit);
            }
        }
        self.fit(model, false, repeats)?.ok_or(Doubt::DidNotConverge)
    }

    fn fit(&self, model: &mut Model, slopes: bool, repeats: bool) -> Result<Option<Fit>, Doubt> {
        let stages = Stages {
            slopes,
            reweight_above: self.reweight.then_some(STANDS_OUT),
            like_surveillance: repeats,
            // The peer goes on with a level that has not settled.
            unsettled_will_do: repeats && !slopes,
        };
        stages.fit(model)
    }
}
