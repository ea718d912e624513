//! `quell evaluate`: detectors and their fusion side by side, on outbreaks that are added to real series, or labelled in them.
//!
//! Deliberately absent: a winner. The rows show what each costs and finds.

use super::file::Watch;
use super::plan::Plan;
use super::settings::{KNOWN_TO_DIFFER, Settings, take, usual_detectors};
use super::trial::{Method, Trial};
use crate::config::read_config;
use crate::output::{Output, decimals};
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use clap::Args;
use serde_json::{Map, Value};
use std::path::PathBuf;
use surveillance::fusion::{Tally, Watcher, with_upper_levels};

#[derive(Args)]
pub struct Evaluate {
    /// Real series, as CSV with the columns series, group, territory, date (or t), observed, population; `-` reads standard
    /// input. With a column `state` (1 in weeks of an outbreak) those outbreaks are looked for, without it some are added
    file: PathBuf,
    /// Detectors, budget, and the outbreaks to add, as a JSON file
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Add outbreaks although the file has a column `state`
    #[arg(long)]
    inject: bool,
    #[command(flatten)]
    output: Output,
}

impl Evaluate {
    pub fn run(self) -> Result<(), String> {
        let said = read_config(self.config.as_deref())?;
        let sheet = evaluated(&Table::read(&self.file)?, said, self.inject)?;
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

fn evaluated(table: &Table, mut said: Map<String, Value>, inject: bool) -> Result<Sheet, String> {
    let plan = Plan::take_from(&mut said)?;
    let first: usize = take(&mut said, "range_first", 53)?;
    let mut names: Option<Vec<String>> = take(&mut said, "fuse", None)?;
    let otherwise: Vec<Map<String, Value>> = take(&mut said, "compare", Vec::new())?;
    let mut settings = Settings::take_from(said)?;
    let mut watch = Watch::of(table, settings.freq)?;
    if let Some(one) = watch.watched.iter().find(|one| !one.p_values.is_empty()) {
        let name = &one.series.name;
        return Err(format!(
            "`{name}` is given as p-values; detectors are tried on counts, so leave `p_value` out"
        ));
    }
    plan.check_shares(&watch.watched)?;
    // Outbreaks are of the places in the file; those above them are sums, made again once an outbreak is in them.
    let of_the_file = watch.watched.len();
    if settings.upper_levels {
        watch.watched = with_upper_levels(std::mem::take(&mut watch.watched));
    }
    // Nobody named: all that are known to differ stand side by side, and what is usual is combined.
    if settings.detectors.is_none() {
        settings.detectors = Some(KNOWN_TO_DIFFER.map(Value::from).to_vec());
        let usual = || usual_detectors(watch.per_year).into_iter().map(str::to_owned).collect();
        names = Some(names.unwrap_or_else(usual));
    }
    let watchers = settings.watchers(watch.per_year)?;
    let trial = Trial {
        fused: chosen(&watchers, names)?,
        plan,
        first: first.max(1) - 1,
        rules: settings.rules(otherwise, watch.per_year)?,
        neighbours: settings.neighbours()?,
        watchers,
        of_the_file,
        watched: watch.watched,
        states: watch.states,
    };
    if trial.first >= trial.steps() {
        return Err(format!(
            "`range_first` is {first}, and the series have {} steps; give an earlier one",
            trial.steps()
        ));
    }
    let results = if trial.states.is_some() && !inject { trial.labelled() } else { trial.injected()? };
    let mut sheet = Sheet::of(&COLUMNS);
    for result in results {
        let rule = trial.rules[result.method.rule].0.as_str();
        let shape =
            result.shape.map_or(if result.labelled { "labelled" } else { "all" }, |shape| shape.word());
        sheet.add(row(&result.method, rule, shape, result.size, &result.tally, watch.per_year));
    }
    Ok(sheet)
}

/// All detectors, or those named.
fn chosen(watchers: &[Watcher], names: Option<Vec<String>>) -> Result<Vec<usize>, String> {
    let Some(names) = names else { return Ok((0..watchers.len()).collect()) };
    names
        .iter()
        .map(|name| {
            watchers.iter().position(|watcher| watcher.name == *name).ok_or_else(|| {
                format!("`fuse` names `{name}`, which is not among `detectors`; add it there or leave it out")
            })
        })
        .collect()
}

const COLUMNS: [&str; 19] = [
    "method",
    "series",
    "alarms_by",
    "rule",
    "shape",
    "size",
    "events",
    "found",
    "event_sensitivity",
    "step_sensitivity",
    "false_positive_rate",
    "false_per_week",
    "alarms_per_week",
    "listed_per_week",
    "ppv",
    "delay_steps",
    "delay_days",
    "outbreak_steps",
    "quiet_steps",
];

fn row(
    method: &Method,
    rule: &str,
    shape: &str,
    size: Option<f64>,
    tally: &Tally,
    per_year: usize,
) -> Vec<Cell> {
    let days_a_step = match per_year {
        101.. => 1.0,
        20..=100 => 7.0,
        _ => 365.0 / per_year as f64,
    };
    let a_week = |per_step: f64| per_step * 7.0 / days_a_step;
    let short = |value: Option<f64>| value.map(|value| decimals(value, 4));
    let per_step = |many: usize| (tally.steps > 0).then(|| many as f64 / tally.steps as f64);
    vec![
        method.name.as_str().into(),
        method.series.as_deref().unwrap_or("all").into(),
        method.alarms_by.word().into(),
        rule.into(),
        shape.into(),
        size.into(),
        tally.events.into(),
        tally.found_events.into(),
        short(tally.event_sensitivity()).into(),
        short(tally.step_sensitivity()).into(),
        short(tally.false_positive_rate()).into(),
        short(tally.false_per_step().map(a_week)).into(),
        short(per_step(tally.found_steps + tally.false_steps).map(a_week)).into(),
        short(per_step(tally.listed).map(a_week)).into(),
        short(tally.predictive_value()).into(),
        short(tally.mean_delay()).into(),
        short(tally.mean_delay().map(|steps| steps * days_a_step)).into(),
        tally.outbreak_steps.into(),
        tally.quiet_steps.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;

    /// Two counties of one prefecture, each with fever visits and pharmacy sales around 20 a week.
    fn county_weeks(state: bool) -> Table {
        let mut text = format!("series,territory,t,observed{}\n", if state { ",state" } else { "" });
        let mut chance = Streams::seeded(3).of("weeks");
        for place in ["14/1407/140703", "14/1407/140726"] {
            for name in ["fever", "pharmacy"] {
                for t in 1..=120 {
                    let outbreak = place.ends_with("03") && name == "fever" && (90..95).contains(&t);
                    let count = 15 + chance.below(11) + if state && outbreak { 40 } else { 0 };
                    let state = if state { format!(",{}", u8::from(outbreak)) } else { String::new() };
                    text += &format!("{name},{place},{t},{count}{state}\n");
                }
            }
        }
        Table::parse(text.as_bytes()).unwrap()
    }

    fn rows(table: &Table, config: Value) -> Vec<Map<String, Value>> {
        let Value::Object(config) = config else { panic!("settings are an object") };
        let told = evaluated(table, config, false).unwrap().render(crate::output::Format::Json).unwrap();
        let Ok(Value::Array(rows)) = serde_json::from_str(&told) else { panic!("{told}") };
        rows.into_iter().map(|row| row.as_object().unwrap().clone()).collect()
    }

    fn row(rows: &[Map<String, Value>], method: &str, series: &str) -> Map<String, Value> {
        rows.iter()
            .find(|row| {
                row["method"] == method
                    && row["series"] == series
                    && row["alarms_by"] == "budget"
                    && row["shape"] != "step"
            })
            .unwrap()
            .clone()
    }

    #[test]
    fn an_outbreak_in_two_streams_of_a_place_is_found_by_their_fusion_when_neither_is_sure() {
        let config = |shares: Value| {
            serde_json::json!({"detectors": ["recent_counts"], "outbreak_shapes": ["step"], "outbreak_sizes": [8],
                "outbreak_steps": 4, "repetitions": 20, "budget_per_week": 0.1, "outbreak_shares": shares})
        };
        let table = county_weeks(false);
        let both = rows(&table, config(serde_json::json!({"fever": 1, "pharmacy": 1})));
        let found = |rows: &[Map<String, Value>], series: &str| {
            let row = row(rows, "fusion", series);
            assert_eq!(row["events"], 40);
            row["found"].as_f64().unwrap()
        };
        assert!(
            found(&both, "all") > found(&both, "fever") && found(&both, "all") > found(&both, "pharmacy")
        );
        // What a stream does not show it cannot find.
        let fever = rows(&table, config(serde_json::json!({"fever": 1})));
        assert!(found(&fever, "pharmacy") < found(&fever, "fever") / 2.0);
    }

    #[test]
    fn an_upper_place_is_not_blamed_for_the_outbreak_of_its_county() {
        let rows = rows(
            &county_weeks(true),
            serde_json::json!({"detectors": ["recent_counts"], "budget_per_week": 1}),
        );
        let all = row(&rows, "recent_counts", "all");
        assert_eq!(
            (&all["shape"], &all["events"], &all["found"]),
            (&"labelled".into(), &1.into(), &1.into())
        );
        // Two counties and their prefecture, 68 weeks: five are the county's outbreak, and five count neither way above it.
        assert_eq!((&all["outbreak_steps"], &all["quiet_steps"]), (&5.into(), &(3 * 68 - 2 * 5).into()));
    }

    #[test]
    fn shares_of_series_that_are_not_there_are_refused() {
        let told = |shares: Value| {
            let config = serde_json::json!({"outbreak_shares": shares});
            evaluated(&county_weeks(false), config.as_object().unwrap().clone(), false).err().unwrap()
        };
        assert!(told(serde_json::json!({"fevr": 1})).contains("no series is called so"));
        assert!(told(serde_json::json!({"fever": -1})).contains("gives `fever` -1"));
        assert!(told(serde_json::json!({"fever": 0})).contains("leaves no series of group"));
    }
}
