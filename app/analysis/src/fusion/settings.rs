//! The settings of `quell fuse` and `quell evaluate`, from one JSON file.

use crate::table::Table;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::path::PathBuf;
use surveillance::fusion::{FuseRule, Neighbours, Watcher};
use surveillance::methods::watcher;

pub struct Settings {
    pub freq: Option<usize>,
    /// None named: those usual for the length of a step.
    pub detectors: Option<Vec<Value>>,
    pub neighbours: Option<PathBuf>,
    pub upper_levels: bool,
    budget_per_week: f64,
    rule: FuseRule,
}

/// A long memory with its season, a short one without, and the last steps alone: each is right where another is wrong.
pub const KNOWN_TO_DIFFER: [&str; 3] = ["recent_counts", "recent_level", "ears_c2"];

/// Who looks when nobody is named. Weeks have seasons to learn from, and the others would only add false alarms; days come
/// from systems that are younger than a season. Chosen by added outbreaks (docs/early-warning.md).
pub fn usual_detectors(per_year: usize) -> Vec<&'static str> {
    match per_year {
        101.. => KNOWN_TO_DIFFER.to_vec(),
        _ => vec![KNOWN_TO_DIFFER[0]],
    }
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
            detectors: take(own, "detectors", None)?,
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
        if taken.detectors.as_ref().is_some_and(Vec::is_empty) {
            return Err("`detectors` is empty; leave it out, or name some".to_owned());
        }
        let rule: FuseRule = serde_json::from_value(Value::Object(settings))
            .map_err(|why| format!("settings: {why}; the other keys are in docs/analysis.md"))?;
        rule.check()?;
        Ok(Settings { rule, ..taken })
    }

    /// The budget is said per week, and kept per step; what is left to choose is chosen.
    pub fn rule(&self, per_year: usize) -> FuseRule {
        const WEEKS_A_YEAR: f64 = 365.0 / 7.0;
        let weeks_a_step = match per_year {
            20..=100 => 1.0,
            _ => WEEKS_A_YEAR / per_year as f64,
        };
        FuseRule { budget: self.budget_per_week * weeks_a_step, ..self.rule.chosen(per_year) }
    }

    pub fn watchers(&self, per_year: usize) -> Result<Vec<Watcher>, String> {
        let usual = || usual_detectors(per_year).into_iter().map(Value::from).collect();
        let said: Vec<Value> = self.detectors.clone().unwrap_or_else(usual);
        let watchers: Vec<Watcher> =
            said.iter().map(|said| watcher(said, per_year)).collect::<Result<_, _>>()?;
        let mut names: Vec<&str> = watchers.iter().map(|watcher| watcher.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|two| two[0] == two[1]) {
            Some(twice) => Err(format!(
                "`detectors` has `{}` twice; give one of them another `name`, or take it out",
                twice[0]
            )),
            None => Ok(watchers),
        }
    }

    /// Rules to try side by side, by name: each says what it has otherwise than the settings. Without any, the settings alone.
    pub fn rules(
        &self,
        otherwise: Vec<Map<String, Value>>,
        per_year: usize,
    ) -> Result<Vec<(String, FuseRule)>, String> {
        if otherwise.is_empty() {
            return Ok(vec![(String::new(), self.rule(per_year))]);
        }
        let mut all = Vec::new();
        for said in otherwise {
            let name =
                said.iter().map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ");
            let mut whole = serde_json::to_value(&self.rule).map_err(|why| why.to_string())?;
            let settings = whole.as_object_mut().expect("a rule is an object");
            settings.insert("budget_per_week".to_owned(), self.budget_per_week.into());
            settings.extend(said);
            let other = Settings::take_from(settings.clone()).map_err(|why| format!("`compare`: {why}"))?;
            all.push((name, other.rule(per_year)));
        }
        Ok(all)
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
    fn rules_to_compare_differ_only_in_what_they_say() {
        let all = settings(serde_json::json!({"budget_per_week": 2, "kin_strength": 1})).unwrap();
        let said = [serde_json::json!({"bank": 4}), serde_json::json!({"budget_per_week": 3})];
        let said = said.map(|one| one.as_object().unwrap().clone()).to_vec();
        let rules = all.rules(said, 52).unwrap();
        assert_eq!((rules[0].0.as_str(), rules[0].1.bank, rules[0].1.budget), ("bank 4", 4.0, 2.0));
        assert_eq!((rules[1].1.budget, rules[1].1.kin_strength), (3.0, 1.0));
        let unknown = serde_json::json!({"banks": 4}).as_object().unwrap().clone();
        assert!(all.rules(vec![unknown], 52).unwrap_err().contains("`compare`"));
    }

    #[test]
    fn settings_that_make_no_sense_are_named_with_a_way_out() {
        for (said, why) in [
            (serde_json::json!({"budget": 3}), "unknown field `budget`"),
            (serde_json::json!({"budget_per_week": 0}), "`budget_per_week` is 0"),
            (serde_json::json!({"prior": -1}), "`prior` is -1"),
            (serde_json::json!({"most_often": 0}), "`most_often` is 0"),
            (serde_json::json!({"detectors": []}), "`detectors` is empty"),
        ] {
            let told = settings(said).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
        for (said, why) in [
            (serde_json::json!({"detectors": ["ears_c9"]}), "ears_c1, ears_c2"),
            (serde_json::json!({"detectors": [{"detector": "recent_counts", "lags": [0]}]}), "`lags`"),
            (
                serde_json::json!({"detectors": [{"detector": "recent_level", "baseline": 3}]}),
                "`baseline` is 3",
            ),
            (serde_json::json!({"detectors": [7]}), "a detector is 7"),
            (serde_json::json!({"detectors": ["ears_c2", "ears_c2"]}), "`ears_c2` twice"),
        ] {
            let told = settings(said).unwrap().watchers(52).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
    }
}
