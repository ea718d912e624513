//! The methods by their names, each with its settings and their defaults.
//!
//! Deliberately absent: what the settings mean; docs/analysis.md says it, and the source of each method why.

use crate::fusion::{RecentCounts, Watcher, Way};
use crate::{
    Bayes, Cusum, Detector, Ears, EarsMethod, Farrington1996Config, FarringtonFlexibleConfig, FixedValue,
    GlrNegativeBinomial, GlrPoisson, MovingPercentile, Rki, Rogerson, ThresholdTable,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::fmt::Write;

/// A method with its settings.
pub struct Chosen {
    pub detector: Box<dyn Detector>,
    check: Box<dyn Fn(usize) -> Result<(), String> + Send + Sync>,
}

impl Chosen {
    /// Whether the settings make sense where a year has so many steps.
    pub fn check(&self, per_year: usize) -> Result<(), String> {
        (self.check)(per_year)
    }
}

type Builder = Box<dyn Fn(Value) -> Result<Chosen, String> + Send + Sync>;

pub struct Method {
    pub name: &'static str,
    pub about: &'static str,
    defaults: Map<String, Value>,
    /// Keys that belong to the name and cannot be set otherwise.
    fixed: &'static [&'static str],
    /// Years before the first step scored, for methods that learn once what is normal and then watch.
    pub learning_years: usize,
    build: Builder,
}

impl Method {
    fn of<C>(
        name: &'static str,
        about: &'static str,
        defaults: C,
        check: fn(&C, usize) -> Result<(), String>,
    ) -> Method
    where
        C: Detector + Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let Ok(Value::Object(defaults)) = serde_json::to_value(&defaults) else {
            unreachable!("settings are written as an object")
        };
        let build = move |settings: Value| -> Result<Chosen, String> {
            let config: C = serde_json::from_value(settings).map_err(|why| why.to_string())?;
            let detector = Box::new(config.clone());
            Ok(Chosen { detector, check: Box::new(move |per_year| check(&config, per_year)) })
        };
        Method { name, about, defaults, fixed: &[], learning_years: 0, build: Box::new(build) }
    }

    fn fixing(self, fixed: &'static [&'static str]) -> Method {
        Method { fixed, ..self }
    }

    fn learning(self, years: usize) -> Method {
        Method { learning_years: years, ..self }
    }

    /// With these settings; what they do not say keeps the method's default.
    pub fn with(&self, settings: Map<String, Value>) -> Result<Chosen, String> {
        if let Some(key) =
            self.fixed.iter().find(|key| settings.get(**key).is_some_and(|set| *set != self.defaults[**key]))
        {
            return Err(format!(
                "`{key}` of {} is {}; leave it out, or name another method",
                self.name, self.defaults[*key]
            ));
        }
        let mut all = self.defaults.clone();
        all.extend(settings);
        (self.build)(Value::Object(all))
            .map_err(|why| format!("settings of {}: {why}; `quell detect --list` shows them", self.name))
    }
}

/// In the order in which they are listed.
pub fn methods() -> Vec<Method> {
    let ears = |name, about, which| {
        Method::of(name, about, Ears::of(which), |ears, _| ears.check()).fixing(&["method"])
    };
    vec![
        ears("ears_c1", "mean and spread of the steps just before", EarsMethod::C1),
        ears("ears_c2", "the same, two steps back", EarsMethod::C2),
        ears("ears_c3", "what three steps were above their C2 expectation, added up", EarsMethod::C3),
        Method::of(
            "farrington",
            "a model of past years, as published in 1996",
            Farrington1996Config::default(),
            |method, per_year| method.check(per_year).map_err(|why| why.to_string()),
        ),
        Method::of(
            "farrington_flexible",
            "the same, improved by Noufaily and others in 2013",
            FarringtonFlexibleConfig::default(),
            |method, per_year| method.check(per_year).map_err(|why| why.to_string()),
        ),
        Method::of(
            "bayes",
            "a Poisson mean known from the same season (Bayes 1)",
            Bayes::default(),
            |method, _| method.check(),
        ),
        Method::of("rki", "limits of the Robert Koch Institute (RKI 3)", Rki::default(), |method, _| {
            method.check()
        }),
        Method::of(
            "moving_percentile",
            "the same weeks of past years, as CIDARS does",
            MovingPercentile::default(),
            |method, _| method.check(),
        ),
        Method::of("fixed_value", "a number of cases is reached", FixedValue::default(), |method, _| {
            method.check()
        }),
        Method::of(
            "threshold_table",
            "grades by cases, rates or a doubling: one_case, meningitis_belt, cholera_cn, own",
            ThresholdTable::default(),
            |method, _| method.check(),
        ),
        Method::of("cusum", "small excesses added up", Cusum::default(), |method, _| method.check())
            .learning(2),
        Method::of(
            "glr_poisson",
            "a lasting change of a Poisson mean",
            GlrPoisson::default(),
            |method, _| method.check(),
        )
        .learning(2),
        Method::of(
            "glr_negbin",
            "the same for counts that vary more",
            GlrNegativeBinomial::default(),
            |method, _| method.check(),
        )
        .learning(2),
        Method::of(
            "rogerson",
            "small excesses added up, false alarms equally rare all year",
            Rogerson::default(),
            |method, _| method.check(),
        )
        .learning(2),
        Method::of(
            "recent_counts",
            "the last 1, 2 and 4 weeks against level, season and spread; what the fusion uses",
            RecentCounts::default(),
            |method, _| method.check(),
        ),
    ]
}

pub fn named(name: &str) -> Result<Method, String> {
    let all = methods();
    let names: Vec<&str> = all.iter().map(|method| method.name).collect();
    let unknown = format!("there is no method `{name}`; there are: {}", names.join(", "));
    all.into_iter().find(|method| method.name == name).ok_or(unknown)
}

/// For a person: names, what they do, their settings with the defaults.
pub fn list() -> String {
    let mut text = String::from(
        "Every method also takes range_first, range_last (steps, from 1) and freq (steps in a year).\n",
    );
    for method in methods() {
        let settings = Value::Object(method.defaults.clone());
        let _ = write!(text, "\n{}: {}\n  {settings}\n", method.name, method.about);
    }
    text
}

/// What watches a stream: `"ears_c2"`, or `{"detector": "ears_c2", "name": "…", …settings of it}`.
///
/// # Errors
/// An unknown name or a setting that makes no sense, and what to write instead.
pub fn watcher(said: &Value, per_year: usize) -> Result<Watcher, String> {
    let mut settings = match said {
        Value::String(name) => Map::from_iter([("detector".to_owned(), Value::from(name.as_str()))]),
        Value::Object(settings) => settings.clone(),
        other => {
            return Err(format!(
                "a detector is {other}; write its name, or an object with `detector` and settings"
            ));
        }
    };
    let mut word = |key: &str| match settings.remove(key) {
        None => Ok(None),
        Some(Value::String(word)) => Ok(Some(word)),
        Some(other) => Err(format!("`{key}` is {other}; write a word")),
    };
    let (detector, name) = (word("detector")?.unwrap_or_default(), word("name")?);
    let usual = match detector.as_str() {
        "recent_counts" => Some(RecentCounts::default()),
        "recent_level" => Some(RecentCounts::of_the_level(per_year)),
        _ => None,
    };
    let way = if let Some(usual) = usual {
        let recent =
            recent_counts(&usual, settings).map_err(|why| format!("settings of {detector}: {why}"))?;
        Way::Recent(recent)
    } else {
        let method = named(&detector)?;
        let chosen = method.with(settings)?;
        chosen.check(per_year)?;
        Way::Other { detector: chosen.detector, first: method.learning_years * per_year }
    };
    Ok(Watcher { name: name.unwrap_or(detector), way })
}

/// `usual`, and what the settings say otherwise.
fn recent_counts(usual: &RecentCounts, mut settings: Map<String, Value>) -> Result<RecentCounts, String> {
    let mut whole = serde_json::to_value(usual).map_err(|why| why.to_string())?;
    match settings.remove("baseline") {
        None => {}
        Some(Value::Object(baseline)) => {
            whole["baseline"].as_object_mut().expect("a baseline is an object").extend(baseline);
        }
        Some(other) => {
            return Err(format!("`baseline` is {other}; write an object, such as {{\"guard\": 10}}"));
        }
    }
    whole.as_object_mut().expect("settings are an object").extend(settings);
    let recent: RecentCounts = serde_json::from_value(whole).map_err(|why| why.to_string())?;
    recent.check()?;
    Ok(recent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_setting_of_a_baseline_leaves_the_others_as_they_are() {
        let said = Map::from_iter([("baseline".to_owned(), serde_json::json!({"guard": 5}))]);
        let recent = recent_counts(&RecentCounts::of_the_level(52), said).unwrap();
        assert_eq!((recent.baseline.guard, recent.baseline.half_life, recent.baseline.harmonics), (5, 13, 0));
    }
}
