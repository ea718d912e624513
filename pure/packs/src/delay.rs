//! A delay in days as a source states it: a distribution, or a mean and nothing more.

use crate::Tag;
use crate::fault::Check;
use serde::{Deserialize, Serialize};

/// In natural parameters, days. A mean or a median alone has no shape, and no tail may be computed from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "dist", rename_all = "lowercase")]
pub enum Distribution {
    Lognormal { meanlog: f64, sdlog: f64 },
    Gamma { shape: f64, scale: f64 },
    Weibull { shape: f64, scale: f64 },
    Normal { mean: f64, sd: f64 },
    Mean { mean: f64 },
    Median { median: f64 },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delay {
    #[serde(flatten)]
    pub distribution: Distribution,
    /// Interval of the mean or median, days, when the source gives one.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub source: String,
    pub tag: Tag,
}

/// As written in the pack: whichever parameters the source printed, so that nobody converts by hand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedDelay {
    dist: String,
    mean: Option<f64>,
    sd: Option<f64>,
    median: Option<f64>,
    /// Geometric standard deviation, exp(sdlog) (Lessler 2009, doi:10.1016/S1473-3099(09)70069-6).
    dispersion: Option<f64>,
    meanlog: Option<f64>,
    sdlog: Option<f64>,
    shape: Option<f64>,
    scale: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    source: String,
    tag: Tag,
}

impl StatedDelay {
    pub(crate) fn check(self, key: &str, check: &mut Check<'_>) -> Option<Delay> {
        check.said(&self.source, &format!("{key}.source"));
        let Some(distribution) = self.distribution() else {
            check.fault(
                key,
                format!("`{}` with these parameters is no distribution", self.dist),
                "give lognormal {meanlog, sdlog} or {median, dispersion} or {mean, sd}; gamma {shape, scale} \
                 or {mean, sd}; weibull {shape, scale}; normal {mean, sd}; mean {mean}; median {median}; \
                 spreads above 0, dispersion above 1",
            );
            return None;
        };
        let bounds_hold = match (self.low, self.high) {
            (Some(low), Some(high)) => low <= high,
            _ => true,
        };
        check.unless(bounds_hold, key, "low is above high", "swap them");
        Some(Delay { distribution, low: self.low, high: self.high, source: self.source, tag: self.tag })
    }

    fn distribution(&self) -> Option<Distribution> {
        let stated = match self.dist.as_str() {
            "lognormal" => self.lognormal()?,
            "gamma" => self.gamma()?,
            "weibull" => Distribution::Weibull { shape: self.shape?, scale: self.scale? },
            "normal" => Distribution::Normal { mean: self.mean?, sd: self.sd? },
            "mean" => Distribution::Mean { mean: self.mean? },
            "median" => Distribution::Median { median: self.median? },
            _ => return None,
        };
        stated.is_proper().then_some(stated)
    }

    /// Moments of the log-normal: mean = exp(μ + σ²/2), variance = (exp(σ²) − 1) mean².
    fn lognormal(&self) -> Option<Distribution> {
        if let (Some(meanlog), Some(sdlog)) = (self.meanlog, self.sdlog) {
            return Some(Distribution::Lognormal { meanlog, sdlog });
        }
        if let (Some(median), Some(dispersion)) = (self.median, self.dispersion) {
            return Some(Distribution::Lognormal { meanlog: median.ln(), sdlog: dispersion.ln() });
        }
        let (mean, sd) = (self.mean?, self.sd?);
        let variance_log = (sd / mean).powi(2).ln_1p();
        Some(Distribution::Lognormal { meanlog: mean.ln() - variance_log / 2.0, sdlog: variance_log.sqrt() })
    }

    /// Moments of the gamma: mean = shape × scale, variance = shape × scale².
    fn gamma(&self) -> Option<Distribution> {
        if let (Some(shape), Some(scale)) = (self.shape, self.scale) {
            return Some(Distribution::Gamma { shape, scale });
        }
        let (mean, sd) = (self.mean?, self.sd?);
        Some(Distribution::Gamma { shape: (mean / sd).powi(2), scale: sd * sd / mean })
    }
}

impl Distribution {
    /// Mean delay, days; `None` when only a median is known, and for a Weibull, whose mean needs the gamma
    /// function that lives in `stats`.
    pub fn mean_days(self) -> Option<f64> {
        match self {
            Distribution::Lognormal { meanlog, sdlog } => Some((meanlog + sdlog * sdlog / 2.0).exp()),
            Distribution::Gamma { shape, scale } => Some(shape * scale),
            Distribution::Weibull { .. } | Distribution::Median { .. } => None,
            Distribution::Normal { mean, .. } | Distribution::Mean { mean } => Some(mean),
        }
    }

    fn is_proper(self) -> bool {
        let spread = |value: f64| value.is_finite() && value > 0.0;
        match self {
            Distribution::Lognormal { meanlog, sdlog } => meanlog.is_finite() && spread(sdlog),
            Distribution::Gamma { shape, scale } | Distribution::Weibull { shape, scale } => {
                spread(shape) && spread(scale)
            }
            // A serial interval may be negative for one pair, never on average.
            Distribution::Normal { mean, sd } => spread(mean) && spread(sd),
            Distribution::Mean { mean: days } | Distribution::Median { median: days } => spread(days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stated(text: &str) -> Option<Distribution> {
        toml::from_str::<StatedDelay>(&format!("{text}\nsource = 'a paper'\ntag = 'sourced'"))
            .unwrap()
            .distribution()
    }

    #[test]
    fn a_lognormal_stated_by_its_logs_has_the_mean_its_paper_prints() {
        // McAloon 2020, doi:10.1136/bmjopen-2020-039652: 1.63, 0.50, mean 5.8 days.
        let mean = stated("dist = 'lognormal'\nmeanlog = 1.63\nsdlog = 0.5").unwrap().mean_days().unwrap();
        assert!((mean - 5.8).abs() < 0.05, "{mean}");
    }

    #[test]
    fn a_spread_of_nothing_or_less_is_no_distribution() {
        assert_eq!(stated("dist = 'gamma'\nmean = 4.0\nsd = 0.0"), None);
        assert_eq!(stated("dist = 'lognormal'\nmedian = 4.0\ndispersion = 1.0"), None);
        assert_eq!(stated("dist = 'lognormal'\nmedian = -4.0\ndispersion = 2.0"), None);
        assert_eq!(stated("dist = 'gamma'\nmean = 4.0"), None);
        assert_eq!(stated("dist = 'cauchy'\nmean = 4.0"), None);
    }

    proptest! {
        #[test]
        fn mean_and_sd_survive_the_conversion_to_natural_parameters(mean in 0.1..60.0_f64, sd in 0.05..60.0_f64) {
            for dist in ["gamma", "lognormal"] {
                let back = stated(&format!("dist = '{dist}'\nmean = {mean:?}\nsd = {sd:?}")).unwrap();
                prop_assert!((back.mean_days().unwrap() - mean).abs() < 1e-9 * mean.max(1.0));
            }
        }
    }
}
