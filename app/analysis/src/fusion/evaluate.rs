//! `quell evaluate`: detectors and their fusion side by side, on outbreaks that are added to real series, or labelled in them.
//!
//! Deliberately absent: a winner. The rows show what each costs and finds.

use super::file::Watch;
use super::settings::{Settings, take};
use crate::config::read_config;
use crate::output::Output;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use base::Streams;
use clap::Args;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::ops::Range;
use std::path::PathBuf;
use surveillance::fusion::{
    Episode, FuseRule, Neighbours, Outbreak, OutbreakShape, Tally, Watched, Watcher, Way, episodes, fuse,
    streams_of, tally,
};

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

/// The outbreaks to add.
struct Plan {
    shapes: Vec<OutbreakShape>,
    /// Cases of an outbreak, in standard deviations of a step of its series.
    sizes: Vec<f64>,
    steps: usize,
    repetitions: usize,
    seed: u64,
}

struct Trial {
    plan: Plan,
    /// First step that is judged, from 0.
    first: usize,
    /// The detectors that the fusion combines, by place.
    fused: Vec<usize>,
    watchers: Vec<Watcher>,
    rule: FuseRule,
    neighbours: Neighbours,
}

/// One line of the result: how alarms came about.
#[derive(Debug, Clone, PartialEq)]
struct Method {
    name: String,
    /// `own`: the detector's own alarms; `budget`: under the alert budget.
    alarms_by: &'static str,
}

impl Evaluate {
    pub fn run(self) -> Result<(), String> {
        let mut said: Map<String, Value> = read_config(self.config.as_deref())?;
        let plan = Plan::take_from(&mut said)?;
        let first: usize = take(&mut said, "range_first", 53)?;
        let names: Option<Vec<String>> = take(&mut said, "fuse", None)?;
        if !said.contains_key("detectors") {
            said.insert("detectors".to_owned(), serde_json::json!(["recent_counts", "ears_c2"]));
        }
        let settings = Settings::take_from(said)?;
        let watch = Watch::of(&Table::read(&self.file)?, settings.freq)?;
        if let Some(one) = watch.watched.iter().find(|one| !one.p_values.is_empty()) {
            let name = &one.series.name;
            return Err(format!(
                "`{name}` is given as p-values; detectors are tried on counts, so leave `p_value` out"
            ));
        }
        let watchers = settings.watchers(watch.per_year)?;
        let trial = Trial {
            fused: chosen(&watchers, names)?,
            plan,
            first: first.max(1) - 1,
            rule: settings.rule(watch.per_year),
            neighbours: settings.neighbours()?,
            watchers,
        };
        let steps = watch.watched.iter().map(|one| one.series.len()).max().unwrap_or(0);
        if trial.first >= steps {
            return Err(format!(
                "`range_first` is {first}, and the series have {steps} steps; give an earlier one"
            ));
        }
        let sheet = match &watch.states {
            Some(states) if !self.inject => trial.labelled(&watch, states),
            _ => trial.injected(&watch, steps)?,
        };
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

impl Plan {
    fn take_from(said: &mut Map<String, Value>) -> Result<Plan, String> {
        let plan = Plan {
            shapes: take(said, "outbreak_shapes", OutbreakShape::ALL.to_vec())?,
            sizes: take(said, "outbreak_sizes", vec![2.0, 5.0, 10.0])?,
            steps: take(said, "outbreak_steps", 8)?,
            repetitions: take(said, "repetitions", 10)?,
            seed: take(said, "seed", 1)?,
        };
        if plan.shapes.is_empty() || plan.sizes.is_empty() || plan.repetitions == 0 || plan.steps == 0 {
            return Err(
                "`outbreak_shapes`, `outbreak_sizes`, `outbreak_steps` and `repetitions` must each hold something; leave them \
                 out for the usual ones"
                    .to_owned(),
            );
        }
        match plan.sizes.iter().find(|size| !(**size > 0.0 && **size < 1e6)) {
            Some(size) => {
                Err(format!("`outbreak_sizes` holds {size}; write standard deviations of a step, such as 5"))
            }
            None => Ok(plan),
        }
    }
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

impl Trial {
    fn methods(&self) -> Vec<Method> {
        let mut all = Vec::new();
        for watcher in &self.watchers {
            for alarms_by in ["own", "budget"] {
                all.push(Method { name: watcher.name.clone(), alarms_by });
            }
        }
        all.push(Method { name: "fusion".to_owned(), alarms_by: "budget" });
        all
    }

    /// `[method][series][t]`, methods in their order. Every series is a unit of its own here: what is asked is whether its
    /// outbreak was found.
    fn alarms(&self, watched: &[Watched]) -> Vec<Vec<Vec<bool>>> {
        let alone: Vec<Watched> = watched
            .iter()
            .enumerate()
            .map(|(place, one)| Watched { group: format!("{place:06}"), ..one.clone() })
            .collect();
        let steps = watched.iter().map(|one| one.series.len()).max().unwrap_or(0);
        let streams = streams_of(&alone, &self.watchers);
        let mut all = Vec::new();
        let budgeted = |of: &[usize]| {
            let these: Vec<_> = streams
                .iter()
                .enumerate()
                .filter(|(place, _)| of.contains(&(place % self.watchers.len())))
                .map(|(_, stream)| stream.clone())
                .collect();
            // Units come sorted by group, which is the order of the series.
            fuse(&these, &self.neighbours, &self.rule, self.first..steps).alarms()
        };
        for (place, watcher) in self.watchers.iter().enumerate() {
            all.push(watched.iter().map(|one| own_alarms(&watcher.way, one)).collect());
            all.push(budgeted(&[place]));
        }
        all.push(budgeted(&self.fused));
        all
    }

    fn labelled(&self, watch: &Watch, states: &[Vec<bool>]) -> Sheet {
        let outbreaks: Vec<Episode> =
            states.iter().enumerate().flat_map(|(series, state)| episodes(series, state)).collect();
        let steps = watch.watched.iter().map(|one| one.series.len()).max().unwrap_or(0);
        let mut sheet = Sheet::of(&COLUMNS);
        for (method, alarms) in self.methods().iter().zip(self.alarms(&watch.watched)) {
            let tally = tally(&alarms, &outbreaks, self.first..steps);
            sheet.add(row(method, "labelled", None, &tally, watch.per_year));
        }
        sheet
    }

    fn injected(&self, watch: &Watch, steps: usize) -> Result<Sheet, String> {
        let room = self.first..steps.saturating_sub(self.plan.steps);
        if room.is_empty() {
            return Err(format!(
                "outbreaks of {} steps do not fit between step {} and the end; give an earlier `range_first`",
                self.plan.steps,
                self.first + 1
            ));
        }
        let mut kinds = Vec::new();
        for shape in &self.plan.shapes {
            for size in &self.plan.sizes {
                kinds.push((*shape, *size));
            }
        }
        let spreads: Vec<f64> = watch.watched.iter().map(|one| spread_of(&one.series.counts)).collect();
        let runs: Vec<(usize, usize)> = (0..kinds.len())
            .flat_map(|kind| (0..self.plan.repetitions).map(move |run| (kind, run)))
            .collect();
        // One stream of chance for each series of a run, so that no order and no thread moves another's draws.
        let tallies: Vec<Vec<Tally>> = runs
            .par_iter()
            .map(|(kind, run)| {
                let (shape, size) = kinds[*kind];
                let (watched, outbreaks) =
                    self.with_outbreaks(watch, &spreads, room.clone(), shape, size, *run);
                self.alarms(&watched)
                    .iter()
                    .map(|alarms| tally(alarms, &outbreaks, self.first..steps))
                    .collect()
            })
            .collect();
        let mut sheet = Sheet::of(&COLUMNS);
        for (place, method) in self.methods().iter().enumerate() {
            let mut all = Tally::default();
            for (kind, (shape, size)) in kinds.iter().enumerate() {
                let mut sum = Tally::default();
                for (run, tallies) in runs.iter().zip(&tallies) {
                    if run.0 == kind {
                        sum.add(&tallies[place]);
                    }
                }
                all.add(&sum);
                sheet.add(row(method, shape.word(), Some(*size), &sum, watch.per_year));
            }
            sheet.add(row(method, "all", None, &all, watch.per_year));
        }
        Ok(sheet)
    }

    fn with_outbreaks(
        &self,
        watch: &Watch,
        spreads: &[f64],
        room: Range<usize>,
        shape: OutbreakShape,
        size: f64,
        run: usize,
    ) -> (Vec<Watched>, Vec<Episode>) {
        let streams = Streams::seeded(self.plan.seed);
        let mut watched = watch.watched.clone();
        let mut outbreaks = Vec::new();
        for (series, one) in watched.iter_mut().enumerate() {
            let decision =
                format!("outbreak {} {size} {run} {}/{}", shape.word(), one.territory, one.series.name);
            let mut chance = streams.of(&decision);
            let from = room.start + chance.below(room.len());
            let cases = size * spreads[series];
            let outbreak = Outbreak::drawn(series, from, shape, self.plan.steps, cases, &mut chance);
            for (step, extra) in outbreak.extra.iter().enumerate() {
                one.series.counts[from + step] += extra;
            }
            outbreaks.push(Episode { series, steps: outbreak.steps() });
        }
        (watched, outbreaks)
    }
}

fn own_alarms(way: &Way, one: &Watched) -> Vec<bool> {
    way.scored(&one.series).into_iter().map(|scored| scored.is_some_and(|s| s.alarm == Some(true))).collect()
}

/// Standard deviation of a step, at least that of one case.
fn spread_of(counts: &[f64]) -> f64 {
    let known: Vec<f64> = counts.iter().copied().filter(|count| !count.is_nan()).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let squares = known.iter().map(|count| (count - mean).powi(2)).sum::<f64>();
    (squares / known.len().saturating_sub(1).max(1) as f64).sqrt().max(1.0)
}

const COLUMNS: [&str; 16] = [
    "method",
    "alarms_by",
    "shape",
    "size",
    "events",
    "found",
    "event_sensitivity",
    "step_sensitivity",
    "false_positive_rate",
    "false_per_week",
    "alarms_per_week",
    "ppv",
    "delay_steps",
    "delay_days",
    "outbreak_steps",
    "quiet_steps",
];

fn row(method: &Method, shape: &str, size: Option<f64>, tally: &Tally, per_year: usize) -> Vec<Cell> {
    let days_a_step = match per_year {
        101.. => 1.0,
        20..=100 => 7.0,
        _ => 365.0 / per_year as f64,
    };
    let a_week = |per_step: f64| per_step * 7.0 / days_a_step;
    let short = |value: Option<f64>| value.map(|value| (value * 1e4).round() / 1e4);
    let alarms =
        (tally.steps > 0).then(|| (tally.found_steps + tally.false_steps) as f64 / tally.steps as f64);
    vec![
        method.name.as_str().into(),
        method.alarms_by.into(),
        shape.into(),
        size.into(),
        tally.events.into(),
        tally.found_events.into(),
        short(tally.event_sensitivity()).into(),
        short(tally.step_sensitivity()).into(),
        short(tally.false_positive_rate()).into(),
        short(tally.false_per_step().map(a_week)).into(),
        short(alarms.map(a_week)).into(),
        short(tally.predictive_value()).into(),
        short(tally.mean_delay()).into(),
        short(tally.mean_delay().map(|steps| steps * days_a_step)).into(),
        tally.outbreak_steps.into(),
        tally.quiet_steps.into(),
    ]
}
