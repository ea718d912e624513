//! The configuration of a scan. Keys are those of SaTScan and scanstatistics in small letters, so that a parameter file of
//! either carries over; their number codes are understood beside words.

use crate::config::{config_of, read_config};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;
use std::path::Path;
use surveillance::Compatibility;
use surveillance::scan::Areas;

#[derive(Debug, Clone, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// May stand on the command line instead.
    #[serde(alias = "model", deserialize_with = "model_name")]
    pub model_type: Option<ModelName>,
    #[serde(deserialize_with = "analysis_type")]
    pub analysis_type: AnalysisType,
    #[serde(deserialize_with = "areas")]
    pub scan_areas: Areas,
    #[serde(alias = "n_mcsim", alias = "n_simulations")]
    pub monte_carlo_reps: usize,
    pub seed: u64,
    /// Per cent of what is expected (of the people, of the cases) that a circle may hold.
    pub max_spatial_size_in_population_at_risk: f64,
    /// The same as a share of one.
    pub pop_upper_bound: Option<f64>,
    /// Instead of a share: so many places, the centre among them.
    pub k: Option<usize>,
    /// Per cent of the steps that a stretch may hold.
    pub max_temporal_size: f64,
    pub minimum_cases_in_high_rate_clusters: u32,
    /// The period scanned; without them from the first case to the last.
    pub start_date: Option<Value>,
    pub end_date: Option<Value>,
    /// Prospective: stretches end here or later; without it at the end of the period.
    pub prospective_start_date: Option<Value>,
    #[serde(deserialize_with = "unit")]
    pub time_aggregation_units: Option<Unit>,
    pub time_aggregation_length: u32,
    /// Negative binomial: the size; estimated when it is not given.
    pub dispersion_size: Option<f64>,
    pub most_clusters: usize,
    /// Tells clusters that any replicate exceeds as well.
    pub report_all: bool,
    /// Whose p-values: the right ones, or `scanstatistics_1_1`, which does not count ties.
    pub compatibility: Compatibility,
    /// Words of SaTScan's parameter file that the files themselves say here.
    pub coordinates_type: Option<Value>,
    pub precision_case_times: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ModelName {
    Poisson,
    Bernoulli,
    Permutation,
    #[value(name = "expectation_poisson", alias = "expectation-poisson")]
    ExpectationPoisson,
    #[value(name = "expectation_negbin", alias = "expectation-negbin")]
    ExpectationNegbin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnalysisType {
    Spatial,
    Temporal,
    SpaceTime,
    Prospective,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Year,
    Month,
    Day,
    Number,
}

impl Default for Settings {
    /// SaTScan's defaults, but for the analysis, which is the one that looks at where and when.
    fn default() -> Settings {
        Settings {
            model_type: None,
            analysis_type: AnalysisType::SpaceTime,
            scan_areas: Areas::High,
            monte_carlo_reps: 999,
            seed: 1,
            max_spatial_size_in_population_at_risk: 50.0,
            pop_upper_bound: None,
            k: None,
            max_temporal_size: 50.0,
            minimum_cases_in_high_rate_clusters: 2,
            start_date: None,
            end_date: None,
            prospective_start_date: None,
            time_aggregation_units: None,
            time_aggregation_length: 1,
            dispersion_size: None,
            most_clusters: 50,
            report_all: false,
            compatibility: Compatibility::None,
            coordinates_type: None,
            precision_case_times: None,
        }
    }
}

/// A million replicates are more than any p-value needs.
const MOST_REPLICATES: usize = 1_000_000;

impl Settings {
    /// From a file, or every default without one.
    pub fn read(path: Option<&Path>) -> Result<Settings, String> {
        read_config::<Settings>(path)?.checked()
    }

    pub fn of(config: Value) -> Result<Settings, String> {
        config_of::<Settings>(config)?.checked()
    }

    fn checked(self) -> Result<Settings, String> {
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), String> {
        let share = self.spatial_share();
        let faults = [
            (
                !(share > 0.0 && share <= 1.0),
                "`max_spatial_size_in_population_at_risk` is a per cent above 0 up to 100 (`pop_upper_bound` a share up to 1); 50 is usual",
            ),
            (
                !(self.max_temporal_size > 0.0 && self.max_temporal_size <= 100.0),
                "`max_temporal_size` is a per cent above 0 up to 100; 50 is usual",
            ),
            (self.k == Some(0), "`k` counts the centre itself; write at least 1"),
            (self.time_aggregation_length == 0, "`time_aggregation_length` is at least 1"),
            (
                self.dispersion_size.is_some_and(|size| size.is_nan() || size <= 0.0),
                "`dispersion_size` is above 0; leave it away to have it estimated",
            ),
            (
                self.monte_carlo_reps > MOST_REPLICATES,
                "`monte_carlo_reps` is at most 1000000; 999 are usual, and the Gumbel p-value goes further",
            ),
        ];
        match faults.iter().find(|(wrong, _)| *wrong) {
            Some((_, why)) => Err(format!("configuration: {why}")),
            None => Ok(()),
        }
    }

    /// The most of what is expected that a circle may hold, 0 to 1.
    pub fn spatial_share(&self) -> f64 {
        self.pop_upper_bound.unwrap_or(self.max_spatial_size_in_population_at_risk / 100.0)
    }
}

/// A word of a list, or its number in SaTScan.
fn choice<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    choices: &[(&str, Option<u64>, T)],
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let chosen = choices.iter().find(|(word, code, _)| {
        value.as_str().is_some_and(|said| said.eq_ignore_ascii_case(word))
            || code.is_some() && value.as_u64() == *code
    });
    chosen.map(|(_, _, chosen)| *chosen).ok_or_else(|| {
        let words: Vec<String> = choices
            .iter()
            .map(|(word, code, _)| code.map_or_else(|| (*word).to_owned(), |code| format!("{word} ({code})")))
            .collect();
        D::Error::custom(format!("{value} is none of {}; write one of them", words.join(", ")))
    })
}

fn model_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ModelName>, D::Error> {
    let choices = [
        ("poisson", Some(0), ModelName::Poisson),
        ("bernoulli", Some(1), ModelName::Bernoulli),
        ("binomial", None, ModelName::Bernoulli),
        ("permutation", Some(2), ModelName::Permutation),
        ("expectation_poisson", None, ModelName::ExpectationPoisson),
        ("expectation_negbin", None, ModelName::ExpectationNegbin),
    ];
    choice(deserializer, &choices).map(Some)
}

fn analysis_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AnalysisType, D::Error> {
    let choices = [
        ("spatial", Some(1), AnalysisType::Spatial),
        ("temporal", Some(2), AnalysisType::Temporal),
        ("space_time", Some(3), AnalysisType::SpaceTime),
        ("prospective", Some(4), AnalysisType::Prospective),
    ];
    choice(deserializer, &choices)
}

fn areas<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Areas, D::Error> {
    let choices =
        [("high", Some(1), Areas::High), ("low", Some(2), Areas::Low), ("both", Some(3), Areas::Both)];
    choice(deserializer, &choices)
}

fn unit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Unit>, D::Error> {
    let choices = [
        ("year", Some(1), Unit::Year),
        ("month", Some(2), Unit::Month),
        ("day", Some(3), Unit::Day),
        ("number", Some(4), Unit::Number),
    ];
    choice(deserializer, &choices).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_the_numbers_of_the_peer_say_the_same() {
        let words =
            Settings::of(json!({"model_type": "permutation", "analysis_type": "prospective"})).unwrap();
        let codes = Settings::of(json!({"model_type": 2, "analysis_type": 4})).unwrap();
        assert_eq!((words.model_type, words.analysis_type), (codes.model_type, codes.analysis_type));
    }

    #[test]
    fn a_wrong_key_or_value_is_named_with_what_to_do() {
        for (config, told) in [
            (json!({"max_temporal_sise": 30}), "max_temporal_sise"),
            (json!({"analysis_type": 9}), "9 is none of spatial (1), temporal (2)"),
            (json!({"max_spatial_size_in_population_at_risk": 0}), "50 is usual"),
            (json!({"k": 0}), "counts the centre itself"),
        ] {
            let why = Settings::of(config).unwrap_err();
            assert!(why.contains(told), "{why}");
        }
    }
}
