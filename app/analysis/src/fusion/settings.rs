//! The settings of `quell fuse` and `quell evaluate`, from one JSON file.

use crate::table::Table;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::path::PathBuf;
use surveillance::fusion::{FuseRule, Neighbours, Watcher};
use surveillance::methods::watcher;

pub struct Settings {
    pub freq: Option<usize>,
    pub detectors: Vec<Value>,
    pub neighbours: Option<PathBuf>,
    pub upper_levels: bool,
    budget_per_week: f64,
    rule: FuseRule,
}

/// The value of `key`, taken out of the settings.
pub fn take<T: DeserializeOwned>(
    settings: &mut Map<String, Value>,
    key: &str,
    default: T,
) -> Result<T, String> {
    match settings.remove(key) {
        None => Ok(default),
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|why| format!("`{key}` is {value}: {why}; docs/analysis.md says what it may be")),
    }
}

impl Settings {
    /// Whatever is left in `settings` is a key of the rule, or unknown.
    pub fn take_from(mut settings: Map<String, Value>) -> Result<Settings, String> {
        let own = &mut settings;
        let taken = Settings {
            freq: take(own, "freq", None)?,
            detectors: take(own, "detectors", vec![Value::from("recent_counts")])?,
            neighbours: take(own, "neighbours", None)?,
            upper_levels: take(own, "upper_levels", true)?,
            budget_per_week: take(own, "budget_per_week", 5.0)?,
            rule: FuseRule::default(),
        };
        if !(taken.budget_per_week > 0.0 && taken.budget_per_week.is_finite()) {
            return Err(format!(
                "`budget_per_week` is {}; write how many signals can be checked in a week, more than 0",
                taken.budget_per_week
            ));
        }
        if taken.detectors.is_empty() {
            return Err("`detectors` is empty; leave it out, or name some".to_owned());
        }
        let rule: FuseRule = serde_json::from_value(Value::Object(settings))
            .map_err(|why| format!("settings: {why}; the other keys are in docs/analysis.md"))?;
        rule.check()?;
        Ok(Settings { rule, ..taken })
    }

    /// The budget is said per week, and kept per step.
    pub fn rule(&self, per_year: usize) -> FuseRule {
        const WEEKS_A_YEAR: f64 = 365.0 / 7.0;
        let weeks_a_step = match per_year {
            20..=100 => 1.0,
            _ => WEEKS_A_YEAR / per_year as f64,
        };
        FuseRule { budget: self.budget_per_week * weeks_a_step, ..self.rule.clone() }
    }

    pub fn watchers(&self, per_year: usize) -> Result<Vec<Watcher>, String> {
        self.detectors.iter().map(|said| watcher(said, per_year)).collect()
    }

    /// A CSV with the columns `territory` and `neighbour`.
    pub fn neighbours(&self) -> Result<Neighbours, String> {
        let Some(path) = &self.neighbours else { return Ok(Neighbours::default()) };
        let table = Table::read(path)?;
        let (one, other) = (table.column("territory")?, table.column("neighbour")?);
        let pairs: Result<Vec<_>, String> = table
            .rows()
            .iter()
            .map(|row| {
                let place = |column| {
                    row.cell(column)
                        .parse()
                        .map_err(|why| format!("{}: row {}: {why}", path.display(), row.number))
                };
                Ok((place(one)?, place(other)?))
            })
            .collect();
        Ok(Neighbours::of(pairs?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(said: Value) -> Result<Settings, String> {
        let Value::Object(said) = said else { panic!("settings are an object") };
        Settings::take_from(said)
    }

    #[test]
    fn a_budget_of_a_week_is_shared_over_its_days() {
        let all = settings(serde_json::json!({"budget_per_week": 7, "counts": "every"})).unwrap();
        assert!((all.rule(365).budget - 1.0).abs() < 1e-12 && all.rule(52).budget == 7.0);
    }

    #[test]
    fn settings_that_make_no_sense_are_named_with_a_way_out() {
        for (said, why) in [
            (serde_json::json!({"budget": 3}), "unknown field `budget`"),
            (serde_json::json!({"budget_per_week": 0}), "`budget_per_week` is 0"),
            (serde_json::json!({"prior": -1}), "`prior` is -1"),
            (serde_json::json!({"detectors": []}), "`detectors` is empty"),
        ] {
            let told = settings(said).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
        for (said, why) in [
            (serde_json::json!({"detectors": ["ears_c9"]}), "ears_c1, ears_c2"),
            (serde_json::json!({"detectors": [{"detector": "recent_counts", "lags": [0]}]}), "`lags`"),
            (serde_json::json!({"detectors": [7]}), "a detector is 7"),
        ] {
            let told = settings(said).unwrap().watchers(52).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
    }
}
