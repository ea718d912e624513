//! What the pool commands can be told.

use lab::{Assay, CtValues, Dilution, Households, IntervalMethod, PointMethod, Wishes};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub sensitivity: f64,
    pub specificity: f64,
    pub price_of_test: f64,
    pub value_of_hour: f64,
    pub least_sensitivity: f64,
    /// From a positive pool to the results of new samples, and to a second reading of the pool, in hours.
    pub hours_for_sample: f64,
    pub hours_for_reading: f64,
    pub sizes: Vec<usize>,
    /// People who live together and stand in one pool, and how alike they are.
    pub household_size: usize,
    pub household_correlation: f64,
    /// Samples are mixed in the laboratory, which thins them: Ct values of positives, as mean and standard deviation or as found,
    /// and the last Ct called positive. Without them swabs go into one tube, which thins nothing.
    pub ct_mean: Option<f64>,
    pub ct_sd: Option<f64>,
    pub ct: Vec<f64>,
    pub ct_limit: Option<f64>,
    pub cycles_per_halving: f64,
    /// Days whose pools count together, up to the day told.
    pub days_together: usize,
    pub level: f64,
    pub point: PointMethod,
    pub interval: IntervalMethod,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            sensitivity: 1.0,
            specificity: 1.0,
            price_of_test: 1.0,
            value_of_hour: 0.0,
            least_sensitivity: 0.0,
            // No source: what a laboratory near by manages. A city's own figures belong here.
            hours_for_sample: 12.0,
            hours_for_reading: 4.0,
            sizes: Vec::new(),
            household_size: 1,
            household_correlation: 0.0,
            ct_mean: None,
            ct_sd: None,
            ct: Vec::new(),
            ct_limit: None,
            cycles_per_halving: 1.0,
            days_together: 1,
            level: 0.95,
            point: PointMethod::default(),
            interval: IntervalMethod::default(),
        }
    }
}

impl Settings {
    pub fn assay(&self) -> Result<Assay, String> {
        Assay::of(self.sensitivity, self.specificity, self.dilution()?).map_err(|why| why.to_string())
    }

    fn dilution(&self) -> Result<Option<Dilution>, String> {
        let missing =
            |key: &str| format!("`{key}` is missing; samples mixed in the laboratory need it in --config");
        let ct = match (self.ct_mean, self.ct_sd, self.ct.is_empty()) {
            (None, None, true) if self.ct_limit.is_none() => return Ok(None),
            (None, None, false) => CtValues::Found(self.ct.clone()),
            (Some(_), _, false) | (_, Some(_), false) => {
                return Err(
                    "`ct` and `ct_mean` are both given; give the values or their mean and sd".to_owned()
                );
            }
            (mean, sd, true) => CtValues::Normal {
                mean: mean.ok_or_else(|| missing("ct_mean"))?,
                sd: sd.ok_or_else(|| missing("ct_sd"))?,
            },
        };
        let limit = self.ct_limit.ok_or_else(|| missing("ct_limit"))?;
        Dilution::of(ct, limit, self.cycles_per_halving).map(Some).map_err(|why| why.to_string())
    }

    /// Pools by risk are filled in one tube with people who are strangers.
    pub fn refuse_for_risks(&self) -> Result<(), String> {
        let mixed = self.ct_mean.is_some()
            || self.ct_sd.is_some()
            || self.ct_limit.is_some()
            || !self.ct.is_empty()
            || self.cycles_per_halving != Settings::default().cycles_per_halving;
        let together = self.household_size != 1 || self.household_correlation != 0.0;
        for (told, what) in [(mixed, "Ct values"), (together, "households")] {
            if told {
                return Err(format!(
                    "--risks takes no account of {what}; leave them out of --config, or ask by --prevalence"
                ));
            }
        }
        Ok(())
    }

    pub fn households(&self) -> Result<Households, String> {
        Households::together(self.household_size, self.household_correlation).map_err(|why| why.to_string())
    }

    pub fn wishes(&self, sizes: impl IntoIterator<Item = usize>) -> Wishes {
        Wishes {
            price_of_test: self.price_of_test,
            value_of_hour: self.value_of_hour,
            hours_for_sample: self.hours_for_sample,
            hours_for_reading: self.hours_for_reading,
            least_sensitivity: self.least_sensitivity,
            sizes: if self.sizes.is_empty() { sizes.into_iter().collect() } else { self.sizes.clone() },
        }
    }
}
