//! The settings of `quell rt`, by the names of the R package EpiEstim.

use serde::Deserialize;
use surveillance::{
    Between, Compatibility, Incidence, ReproductionPrior, SerialIntervalDistribution, Window, WindowCohort,
    WindowReproduction, estimate_cohort_reproduction, estimate_instantaneous_reproduction,
    estimate_reproduction_of_uncertain_interval, possible_intervals,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Mean and standard deviation of the serial interval are known.
    ParametricSi,
    /// The serial interval is given day by day.
    NonParametricSi,
    /// Mean and standard deviation lie within ranges.
    UncertainSi,
    /// The cohort reproduction number, whichever way the serial interval is given.
    WallingaTeunis,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Days {
    One(usize),
    Many(Vec<usize>),
}

impl Days {
    fn list(&self) -> &[usize] {
        match self {
            Days::One(day) => std::slice::from_ref(day),
            Days::Many(days) => days,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub method: Option<Method>,
    /// Days of a window.
    pub window: usize,
    /// First and last days of the windows, from 1, instead of `window`.
    pub t_start: Option<Days>,
    pub t_end: Option<Days>,
    pub mean_si: Option<f64>,
    pub std_si: Option<f64>,
    pub std_mean_si: Option<f64>,
    pub min_mean_si: Option<f64>,
    pub max_mean_si: Option<f64>,
    pub std_std_si: Option<f64>,
    pub min_std_si: Option<f64>,
    pub max_std_si: Option<f64>,
    /// How many serial intervals stand for the ranges.
    pub n1: usize,
    pub mean_prior: f64,
    pub std_prior: f64,
    /// Of the compatibility setting; nothing is drawn by chance otherwise.
    pub seed: u32,
    /// Taken so that a peer's settings run; what they repeat by chance is computed here.
    pub n2: Option<usize>,
    pub n_sim: Option<usize>,
    pub compatibility: Compatibility,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            method: None,
            window: 7,
            t_start: None,
            t_end: None,
            mean_si: None,
            std_si: None,
            std_mean_si: None,
            min_mean_si: None,
            max_mean_si: None,
            std_std_si: None,
            min_std_si: None,
            max_std_si: None,
            // Evenly spread, so many say the same to four digits as ten times more.
            n1: 200,
            mean_prior: 5.0,
            std_prior: 5.0,
            seed: 1,
            n2: None,
            n_sim: None,
            compatibility: Compatibility::None,
        }
    }
}

/// What is known of the serial interval.
enum Known {
    Surely(SerialIntervalDistribution),
    Within(Vec<(f64, SerialIntervalDistribution)>),
}

/// Ready to be asked about any number of series.
pub struct Estimator {
    known: Known,
    cohort: bool,
    settings: Settings,
}

/// What was said of each window, in one of two ways.
pub enum Windows {
    Instantaneous(Vec<WindowReproduction>),
    Cohort(Vec<WindowCohort>),
}

impl Settings {
    /// `table` is the serial interval of a file.
    pub fn estimator(self, table: Option<SerialIntervalDistribution>) -> Result<Estimator, String> {
        self.check()?;
        let method = self.method.unwrap_or(match (&table, self.std_mean_si) {
            (Some(_), _) => Method::NonParametricSi,
            (None, Some(_)) => Method::UncertainSi,
            (None, None) => Method::ParametricSi,
        });
        let known =
            match method {
                Method::NonParametricSi => Known::Surely(table.ok_or(
                    "non_parametric_si needs the serial interval day by day; give it with --si FILE",
                )?),
                Method::ParametricSi => Known::Surely(self.stated()?),
                Method::UncertainSi => Known::Within(self.ranges()?),
                Method::WallingaTeunis => Known::Surely(table.map_or_else(|| self.stated(), Ok)?),
            };
        Ok(Estimator { known, cohort: method == Method::WallingaTeunis, settings: self })
    }

    fn check(&self) -> Result<(), String> {
        for (key, value) in [("mean_prior", self.mean_prior), ("std_prior", self.std_prior)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(format!("`{key}` is {value}; give a number above 0"));
            }
        }
        if self.window == 0 {
            return Err("`window` is 0; give at least 1 day".to_owned());
        }
        Ok(())
    }

    fn needed(&self, key: &str, value: Option<f64>) -> Result<f64, String> {
        value.ok_or_else(|| {
            format!("`{key}` is missing; set it in --config, or give the interval with --si FILE")
        })
    }

    fn stated(&self) -> Result<SerialIntervalDistribution, String> {
        let (mean, sd) = (self.needed("mean_si", self.mean_si)?, self.needed("std_si", self.std_si)?);
        SerialIntervalDistribution::discretised(mean, sd).map_err(|why| why.to_string())
    }

    fn ranges(&self) -> Result<Vec<(f64, SerialIntervalDistribution)>, String> {
        let mean = Between {
            mean: self.needed("mean_si", self.mean_si)?,
            sd: self.needed("std_mean_si", self.std_mean_si)?,
            least: self.needed("min_mean_si", self.min_mean_si)?,
            most: self.needed("max_mean_si", self.max_mean_si)?,
        };
        let sd = Between {
            mean: self.needed("std_si", self.std_si)?,
            sd: self.needed("std_std_si", self.std_std_si)?,
            least: self.needed("min_std_si", self.min_std_si)?,
            most: self.needed("max_std_si", self.max_std_si)?,
        };
        possible_intervals(mean, sd, self.n1, self.compatibility, self.seed).map_err(|why| why.to_string())
    }

    fn windows(&self, days: usize) -> Result<Vec<Window>, String> {
        let (Some(start), Some(end)) = (&self.t_start, &self.t_end) else {
            if self.t_start.is_some() || self.t_end.is_some() {
                return Err("`t_start` and `t_end` go together; give both or neither".to_owned());
            }
            return Ok(Window::sliding(self.window, days));
        };
        let (start, end) = (start.list(), end.list());
        if start.len() != end.len() {
            let (a, b) = (start.len(), end.len());
            return Err(format!("`t_start` has {a} days and `t_end` {b}; each window has one of each"));
        }
        start
            .iter()
            .zip(end)
            .map(|(&start, &end)| {
                if start < 2 || end < start || end > days {
                    return Err(format!(
                        "a window from day {start} to day {end} does not fit; windows begin at 2, end no earlier, and the series \
                         has {days} days"
                    ));
                }
                Ok(Window { start: start - 1, end: end - 1 })
            })
            .collect()
    }
}

impl Estimator {
    pub fn estimate(&self, incidence: &Incidence) -> Result<Windows, String> {
        let windows = self.settings.windows(incidence.len())?;
        let prior = ReproductionPrior { mean: self.settings.mean_prior, sd: self.settings.std_prior };
        Ok(match &self.known {
            Known::Surely(interval) if self.cohort => {
                Windows::Cohort(estimate_cohort_reproduction(incidence, interval, &windows, [0.025, 0.975]))
            }
            Known::Surely(interval) => Windows::Instantaneous(estimate_instantaneous_reproduction(
                incidence, interval, &windows, prior,
            )),
            Known::Within(intervals) => Windows::Instantaneous(estimate_reproduction_of_uncertain_interval(
                incidence,
                intervals,
                &windows,
                prior,
                self.settings.compatibility,
            )),
        })
    }

    /// The serial interval, when there is one only.
    pub fn interval(&self) -> Option<&SerialIntervalDistribution> {
        match &self.known {
            Known::Surely(interval) => Some(interval),
            Known::Within(_) => None,
        }
    }
}
