//! What each detector, each stream and their fusion say of outbreaks that are known.
//!
//! A unit is what `quell fuse` makes it: all series of one group in one place. An outbreak is of a place of the file; it is in
//! the places above it as well, whose steps then count neither way. Deliberately absent: anything that looks at the labels
//! before the alarms are made.

use super::plan::Plan;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;
use surveillance::fusion::{
    Alarms, Episode, FuseRule, Neighbours, OutbreakShape, Stream, Tally, Truth, Watched, Watcher, episodes,
    fuse, streams_with_alarms, tally, with_upper_levels,
};

pub struct Trial {
    pub plan: Plan,
    /// First step that is judged, from 0.
    pub first: usize,
    pub watchers: Vec<Watcher>,
    /// The detectors that the fusion combines, by place.
    pub fused: Vec<usize>,
    /// Tried side by side, each under its name.
    pub rules: Vec<(String, FuseRule)>,
    pub neighbours: Neighbours,
    /// So many of `watched` are in the file; the others are sums of those.
    pub of_the_file: usize,
    pub watched: Vec<Watched>,
    pub states: Option<Vec<Vec<bool>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmsBy {
    /// The detector's own alarms; of a place, when any of its series has one.
    Own,
    /// Under the alert budget.
    Budget,
}

impl AlarmsBy {
    pub fn word(self) -> &'static str {
        match self {
            AlarmsBy::Own => "own",
            AlarmsBy::Budget => "budget",
        }
    }
}

/// How alarms came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    pub name: String,
    /// Only the series of this name; all of a place together without.
    pub series: Option<String>,
    pub alarms_by: AlarmsBy,
    /// Its place in the rules; nothing to detectors by their own alarms.
    pub rule: usize,
    /// Places in the watchers.
    detectors: Vec<usize>,
}

pub struct Result {
    pub method: Method,
    pub labelled: bool,
    pub shape: Option<OutbreakShape>,
    pub size: Option<f64>,
    pub tally: Tally,
}

type Unit = (String, base::Territory);

impl Trial {
    pub fn steps(&self) -> usize {
        self.watched.iter().map(|one| one.series.len()).max().unwrap_or(0)
    }

    fn units(&self) -> Vec<Unit> {
        let all: BTreeSet<Unit> = self.watched.iter().map(unit_of).collect();
        all.into_iter().collect()
    }

    /// Each detector by its own alarms and under the budget, and the fusion of the chosen ones. Where places have several
    /// series, each of these also alone.
    fn methods(&self) -> Vec<Method> {
        let several = self.watched.len() > self.units().len();
        let names: BTreeSet<&str> = self.watched.iter().map(|one| one.series.name.as_str()).collect();
        let alone: Vec<Option<String>> =
            names.into_iter().filter(|_| several).map(|name| Some(name.to_owned())).chain([None]).collect();
        let mut all = Vec::new();
        let mut add = |name: &str, series: &Option<String>, alarms_by, detectors: &[usize]| {
            let rules = if alarms_by == AlarmsBy::Own { 1 } else { self.rules.len() };
            all.extend((0..rules).map(|rule| Method {
                name: name.to_owned(),
                series: series.clone(),
                alarms_by,
                rule,
                detectors: detectors.to_vec(),
            }));
        };
        for (place, watcher) in self.watchers.iter().enumerate() {
            for series in &alone {
                add(&watcher.name, series, AlarmsBy::Own, &[place]);
                add(&watcher.name, series, AlarmsBy::Budget, &[place]);
            }
        }
        for series in &alone {
            add("fusion", series, AlarmsBy::Budget, &self.fused);
        }
        all
    }

    /// One for each method.
    fn alarms(&self, methods: &[Method], watched: &[Watched]) -> Vec<Alarms> {
        let said = streams_with_alarms(watched, &self.watchers);
        let units = self.units();
        methods
            .iter()
            .map(|method| {
                let own: Vec<&(Stream, Vec<bool>)> = said
                    .iter()
                    .filter(|(stream, _)| method.series.as_ref().is_none_or(|name| *name == stream.name))
                    .filter(|(stream, _)| {
                        method.detectors.iter().any(|one| self.watchers[*one].name == stream.detector)
                    })
                    .collect();
                match method.alarms_by {
                    AlarmsBy::Own => self.any_of(&own, &units),
                    AlarmsBy::Budget => self.budgeted(&self.rules[method.rule].1, &own, &units),
                }
            })
            .collect()
    }

    fn any_of(&self, said: &[&(Stream, Vec<bool>)], units: &[Unit]) -> Alarms {
        let mut known = vec![vec![false; self.steps()]; units.len()];
        for (stream, alarms) in said {
            let unit = place_of(units, &(stream.group.clone(), stream.territory.clone()));
            known[unit].iter_mut().zip(alarms).for_each(|(known, alarm)| *known |= alarm);
        }
        Alarms { listed: known.clone(), known }
    }

    fn budgeted(&self, rule: &FuseRule, said: &[&(Stream, Vec<bool>)], units: &[Unit]) -> Alarms {
        let streams: Vec<Stream> = said.iter().map(|(stream, _)| stream.clone()).collect();
        let fused = fuse(&streams, &self.neighbours, rule, self.first..self.steps());
        // A unit without any such series never alarms.
        let spread = |alarms: Vec<Vec<bool>>| {
            let mut all = vec![vec![false; self.steps()]; units.len()];
            for (unit, mut alarms) in fused.units.iter().zip(alarms) {
                alarms.resize(self.steps(), false);
                all[place_of(units, unit)] = alarms;
            }
            all
        };
        Alarms { known: spread(fused.alarms()), listed: spread(fused.listed()) }
    }

    pub fn labelled(&self) -> Vec<Result> {
        let units = self.units();
        let mut states = vec![vec![false; self.steps()]; units.len()];
        for (one, own) in self.watched.iter().zip(self.states.iter().flatten()) {
            let unit = place_of(&units, &unit_of(one));
            states[unit].iter_mut().zip(own).for_each(|(state, own)| *state |= own);
        }
        let outbreaks =
            states.iter().enumerate().flat_map(|(unit, state)| episodes(unit, state)).collect::<Vec<_>>();
        let truth = self.truth(outbreaks, &units);
        let methods = self.methods();
        let alarms = self.alarms(&methods, &self.watched);
        methods
            .into_iter()
            .zip(alarms)
            .map(|(method, alarms)| Result {
                method,
                labelled: true,
                shape: None,
                size: None,
                tally: tally(&alarms, &truth, self.first..self.steps()),
            })
            .collect()
    }

    pub fn injected(&self) -> std::result::Result<Vec<Result>, String> {
        if self.first >= self.steps().saturating_sub(self.plan.steps) {
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
        let runs: Vec<(usize, usize)> = (0..kinds.len())
            .flat_map(|kind| (0..self.plan.repetitions).map(move |run| (kind, run)))
            .collect();
        let methods = self.methods();
        let tallies: Vec<Vec<Tally>> = runs
            .par_iter()
            .map(|(kind, run)| {
                let (watched, truth) = self.with_outbreaks(kinds[*kind], *run);
                self.alarms(&methods, &watched)
                    .iter()
                    .map(|alarms| tally(alarms, &truth, self.first..self.steps()))
                    .collect()
            })
            .collect();
        let mut results = Vec::new();
        for (place, method) in methods.into_iter().enumerate() {
            let of = |method: &Method, shape, size, tally| Result {
                method: method.clone(),
                labelled: false,
                shape,
                size,
                tally,
            };
            let mut all = Tally::default();
            for (kind, (shape, size)) in kinds.iter().enumerate() {
                let mut sum = Tally::default();
                for (_, tallies) in runs.iter().zip(&tallies).filter(|(run, _)| run.0 == kind) {
                    sum.add(&tallies[place]);
                }
                all.add(&sum);
                results.push(of(&method, Some(*shape), Some(*size), sum));
            }
            results.push(of(&method, None, None, all));
        }
        Ok(results)
    }

    /// One outbreak in every place of the file that reported for long enough, in all its series at once.
    fn with_outbreaks(&self, kind: (OutbreakShape, f64), run: usize) -> (Vec<Watched>, Truth) {
        let units = self.units();
        let mut watched = self.watched[..self.of_the_file].to_vec();
        let mut parts_of = vec![Vec::new(); units.len()];
        for (part, one) in watched.iter().enumerate() {
            parts_of[place_of(&units, &unit_of(one))].push(part);
        }
        let mut outbreaks = Vec::new();
        for (unit, parts) in parts_of.iter().enumerate().filter(|(_, parts)| !parts.is_empty()) {
            let shown: Vec<(&Watched, f64)> = parts
                .iter()
                .map(|part| (&self.watched[*part], spread_of(&self.watched[*part].series.counts)))
                .collect();
            let reported = reported(&shown.iter().map(|(one, _)| *one).collect::<Vec<_>>());
            let room = self.first.max(reported.start)..reported.end.saturating_sub(self.plan.steps);
            if room.is_empty() {
                continue;
            }
            let drawn = self.plan.outbreak(kind, run, room.clone(), &shown);
            let mut steps = room.end..room.start;
            for (part, outbreak) in parts.iter().zip(drawn) {
                let Some(outbreak) = outbreak else { continue };
                let own = outbreak.steps();
                steps = steps.start.min(own.start)..steps.end.max(own.end);
                // Whoever counts a county's cases counts them for its prefecture as well.
                let (group, place) = unit_of(&self.watched[*part]);
                let name = &self.watched[*part].series.name;
                for one in watched.iter_mut().filter(|one| {
                    one.group == group && one.series.name == *name && one.territory.holds(&place)
                }) {
                    for (step, extra) in outbreak.extra.iter().enumerate() {
                        one.series.counts[outbreak.from + step] += extra;
                    }
                }
            }
            outbreaks.push(Episode { series: unit, steps });
        }
        if self.watched.len() > self.of_the_file {
            watched = with_upper_levels(watched);
        }
        let truth = self.truth(outbreaks, &units);
        (watched, truth)
    }

    /// Outbreaks of places of the file. An upper place is neither in an outbreak nor quiet while there is one inside it, and
    /// nobody is when nothing is reported.
    fn truth(&self, outbreaks: Vec<Episode>, units: &[Unit]) -> Truth {
        let mut left_out = Vec::new();
        for outbreak in &outbreaks {
            let (group, inner) = &units[outbreak.series];
            for (unit, (its, place)) in units.iter().enumerate() {
                if its == group && place != inner && place.holds(inner) {
                    left_out.push(Episode { series: unit, steps: outbreak.steps.clone() });
                }
            }
        }
        let mut silent = vec![vec![true; self.steps()]; units.len()];
        for one in &self.watched {
            let silent = &mut silent[place_of(units, &unit_of(one))];
            silent.iter_mut().zip(&one.series.counts).for_each(|(silent, count)| *silent &= count.is_nan());
        }
        left_out.extend(silent.iter().enumerate().flat_map(|(unit, silent)| episodes(unit, silent)));
        Truth { outbreaks, left_out }
    }
}

/// From the first to the last step that a series of the place reported.
fn reported(parts: &[&Watched]) -> Range<usize> {
    let known = |one: &&Watched| -> Option<(usize, usize)> {
        let counts = &one.series.counts;
        Some((
            counts.iter().position(|count| !count.is_nan())?,
            counts.iter().rposition(|count| !count.is_nan())?,
        ))
    };
    let bounds: Vec<(usize, usize)> = parts.iter().filter_map(known).collect();
    match (bounds.iter().map(|(first, _)| *first).min(), bounds.iter().map(|(_, last)| *last).max()) {
        (Some(first), Some(last)) => first..last + 1,
        _ => 0..0,
    }
}

fn unit_of(one: &Watched) -> Unit {
    (one.group.clone(), one.territory.clone())
}

fn place_of(units: &[Unit], unit: &Unit) -> usize {
    units.binary_search(unit).expect("units are those of the watched series")
}

/// Standard deviation of a step, at least that of one case.
fn spread_of(counts: &[f64]) -> f64 {
    let known: Vec<f64> = counts.iter().copied().filter(|count| !count.is_nan()).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let squares = known.iter().map(|count| (count - mean).powi(2)).sum::<f64>();
    (squares / known.len().saturating_sub(1).max(1) as f64).sqrt().max(1.0)
}
