//! One series in memory: an indicator in a county, its numbers step by step, and what its detector says of the latest.

use crate::packed;
use crate::surveillance::numbers::{Settings, Sum, described, disease_of};
use base::{Day, Territory};
use packs::{Cadence, ClassCn};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::ops::Range;
use surveillance::fusion::{Evidence, Stream, Way};
use surveillance::{Series, methods};

/// Steps of the past that are kept: three years, so that a season has been seen.
fn kept(cadence: Cadence) -> usize {
    3 * cadence.per_year() + cadence.per_year() / 10
}

/// The first day whose numbers any series keeps.
pub(super) fn kept_since(today: Day) -> Day {
    Axis::until(Cadence::Week, today).first.min(Axis::until(Cadence::Day, today).first)
}

/// Steps whose evidence is kept: what sets thresholds. Beyond it only the numbers are.
pub(super) const SPOKEN: usize = 182;

/// The steps of a cadence up to today, the same for every series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub cadence: Cadence,
    pub first: Day,
    pub steps: usize,
}

impl Axis {
    pub fn until(cadence: Cadence, today: Day) -> Axis {
        let steps = kept(cadence);
        let last = cadence.begins(today);
        let back = i32::try_from(steps - 1).unwrap_or(i32::MAX) * cadence.days();
        Axis { cadence, first: last - back, steps }
    }

    pub fn day(&self, step: usize) -> Day {
        self.first + i32::try_from(step).unwrap_or(i32::MAX) * self.cadence.days()
    }

    /// `None`: before the first.
    pub fn step(&self, day: Day) -> Option<usize> {
        usize::try_from((day - self.first) / self.cadence.days())
            .ok()
            .filter(|step| *step < self.steps && day >= self.first)
    }

    pub fn spoken(&self) -> Range<usize> {
        self.steps - SPOKEN.min(self.steps)..self.steps
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub indicator: String,
    pub county: Territory,
    pub counts: Vec<f64>,
    pub method: Option<Json>,
    pub way: Option<String>,
    /// Of the spoken steps.
    pub evidence: Vec<Option<Evidence>>,
    /// Of the spoken steps: a rule without a probability says that its number is reached.
    pub reached: Vec<bool>,
    /// From here on the evidence is out of date.
    pub stale_from: Option<usize>,
}

/// Who watches an indicator in a place, with so many steps of history.
pub(crate) fn method_of(
    settings: &Settings,
    indicator: &str,
    place: &Territory,
    steps: usize,
) -> Option<Json> {
    if let Some((_, choice)) = settings.chosen(indicator, place) {
        return Some(choice.method.clone());
    }
    // One case of plague, cholera or the like is a signal, as the national automated system has it.
    if disease_of(indicator).and_then(|disease| packed::disease(Some(disease))).is_some_and(is_signal_alone) {
        return Some(json!({ "detector": "fixed_value", "value": 1 }));
    }
    let pack = packed::indicators();
    let method = pack.method(described(indicator)?, steps)?;
    serde_json::to_value(method).ok()
}

/// Of class A, managed as such, or on no list because it is not expected here.
fn is_signal_alone(disease: &packs::Disease) -> bool {
    disease.reporting.last().is_some_and(|rule| {
        matches!(rule.managed_as.unwrap_or(rule.class_cn), ClassCn::A | ClassCn::Unlisted)
    })
}

impl Line {
    pub fn new(indicator: &str, county: &Territory, axis: &Axis) -> Line {
        Line {
            indicator: indicator.to_owned(),
            county: county.clone(),
            counts: vec![f64::NAN; axis.steps],
            method: None,
            way: None,
            evidence: vec![None; axis.spoken().len()],
            reached: vec![false; axis.spoken().len()],
            stale_from: Some(0),
        }
    }

    /// Numbers that came in; what was not sent since the first number stays unknown, except for cases, where silence is none.
    pub fn take(&mut self, axis: &Axis, days: &BTreeMap<Day, Sum>) {
        let Some(described) = described(&self.indicator) else { return };
        for (day, sum) in days {
            let Some(step) = axis.step(axis.cadence.begins(*day)) else { continue };
            let value = sum.value(described.adds);
            if self.counts[step].to_bits() != value.to_bits() {
                self.counts[step] = value;
                self.outdate(step);
            }
        }
    }

    pub fn outdate(&mut self, step: usize) {
        self.stale_from = Some(self.stale_from.map_or(step, |from| from.min(step)));
    }

    /// The steps of another day: the oldest fall away, new ones begin unknown.
    pub fn shift(&mut self, steps: usize) {
        if steps == 0 {
            return;
        }
        let (old, spoken) = (self.counts.len(), self.evidence.len());
        self.counts.drain(..steps.min(old));
        self.counts.resize(old, f64::NAN);
        self.evidence.drain(..steps.min(spoken));
        self.evidence.resize(spoken, None);
        self.reached.drain(..steps.min(spoken));
        self.reached.resize(spoken, false);
        self.stale_from =
            Some(self.stale_from.map_or(old.saturating_sub(steps), |from| from.saturating_sub(steps)));
    }

    /// Asks the detector about every step that is out of date.
    pub fn bring_up(&mut self, axis: &Axis, settings: &Settings) {
        let Some(stale) = self.stale_from.take() else { return };
        let known = self.counts.iter().filter(|count| !count.is_nan()).count();
        let method = method_of(settings, &self.indicator, &self.county, known);
        let spoken = axis.spoken();
        let mut from = stale.max(spoken.start);
        if method != self.method {
            self.method = method;
            from = spoken.start;
        }
        let watcher =
            self.method.as_ref().and_then(|method| methods::watcher(method, axis.cadence.per_year()).ok());
        self.way = watcher.as_ref().map(|watcher| watcher.name.clone());
        let Some(watcher) = watcher else {
            self.evidence.fill(None);
            self.reached.fill(false);
            return;
        };
        // Steps before the first number are no history.
        let begin = self.counts.iter().position(|count| !count.is_nan()).unwrap_or(axis.steps);
        let series = Series {
            name: self.indicator.clone(),
            dates: (begin..axis.steps).map(|step| axis.day(step)).collect(),
            counts: self.counts[begin..].to_vec(),
            population: Vec::new(),
            per_year: axis.cadence.per_year(),
        };
        let asked = from.max(begin).min(axis.steps)..axis.steps;
        let found = said_by(&watcher.way, &series, asked.start - begin..asked.end - begin);
        for (step, (evidence, reached)) in asked.zip(found) {
            self.evidence[step - spoken.start] = evidence;
            self.reached[step - spoken.start] = reached;
        }
    }

    /// As the fusion takes it.
    pub fn stream(&self, settings: &Settings) -> Option<Stream> {
        let described = described(&self.indicator)?;
        Some(Stream {
            name: self.indicator.clone(),
            detector: self.way.clone()?,
            group: subject_of(&self.indicator, described),
            territory: self.county.clone(),
            weight: settings.weight(&self.indicator, &self.county),
            spread: None,
            evidence: self.evidence.clone(),
        })
    }
}

/// What a signal of this indicator is about: its group, or the one disease.
pub(crate) fn subject_of(indicator: &str, described: &packs::Indicator) -> String {
    disease_of(indicator).map_or_else(|| described.group.clone(), |disease| format!("cases:{disease}"))
}

/// Evidence of each step, and whether a rule without a probability fired.
fn said_by(way: &Way, series: &Series, range: Range<usize>) -> Vec<(Option<Evidence>, bool)> {
    match way {
        Way::Recent(recent) => {
            recent.evidence(series, range).into_iter().map(|said| (said.ok(), false)).collect()
        }
        Way::Other { detector, first } => {
            let first = detector.first_step(series).max(*first);
            let mute = first.clamp(range.start, range.end) - range.start;
            let asked = detector.detect(series, range.start + mute..range.end);
            let said = asked.into_iter().map(|scored| {
                let evidence = scored.p_value.map(|p| Evidence {
                    p,
                    steps: 1,
                    observed: scored.observed,
                    expected: scored.expected,
                    usual: None,
                });
                (evidence, scored.p_value.is_none() && scored.alarm == Some(true))
            });
            std::iter::repeat_n((None, false), mute).chain(said).collect()
        }
    }
}

/// All series, by cadence, indicator and county.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    pub today: Option<Day>,
    pub settings: Settings,
    pub all: BTreeMap<(Cadence, String, Territory), Line>,
}

impl Lines {
    pub fn in_county(&self, county: &Territory) -> usize {
        self.all.keys().filter(|(_, _, at)| at == county).count()
    }

    pub fn of<'a>(&'a mut self, axis: &Axis, indicator: &str, county: &Territory) -> &'a mut Line {
        let key = (axis.cadence, indicator.to_owned(), county.clone());
        self.all.entry(key).or_insert_with(|| Line::new(indicator, county, axis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surveillance::numbers::Choice;
    use base::Moment;

    fn axis() -> Axis {
        Axis::until(Cadence::Day, "2022-02-21".parse().unwrap())
    }

    fn line_of(counts: impl Fn(usize) -> f64) -> Line {
        let (axis, county) = (axis(), "14/1407/140726".parse().unwrap());
        let mut line = Line::new("fever_visits", &county, &axis);
        let days: BTreeMap<Day, Sum> = (axis.steps - 120..axis.steps)
            .map(|step| (axis.day(step), Sum { total: counts(step), of: 0.0, sites: 3 }))
            .collect();
        line.take(&axis, &days);
        line
    }

    #[test]
    fn a_rise_is_heard_and_a_later_number_changes_only_what_follows() {
        let axis = axis();
        let mut line = line_of(|step| if step == axis.steps - 1 { 60.0 } else { 10.0 + (step % 5) as f64 });
        line.bring_up(&axis, &Settings::default());
        assert_eq!(line.way.as_deref(), Some("recent_counts"));
        assert!(line.evidence.last().unwrap().unwrap().p < 1e-6);
        let before = line.evidence.clone();
        let corrected = BTreeMap::from([(axis.day(axis.steps - 1), Sum { total: 12.0, of: 0.0, sites: 3 })]);
        line.take(&axis, &corrected);
        line.bring_up(&axis, &Settings::default());
        assert!(line.evidence.last().unwrap().unwrap().p > 0.05);
        assert_eq!(line.evidence[..SPOKEN - 1], before[..SPOKEN - 1]);
    }

    #[test]
    fn a_new_day_moves_every_step_and_keeps_what_was_said() {
        let axis = axis();
        let mut line = line_of(|step| 10.0 + (step % 5) as f64);
        line.bring_up(&axis, &Settings::default());
        let before = line.evidence.clone();
        line.shift(1);
        assert!(line.counts[axis.steps - 1].is_nan());
        assert_eq!(line.evidence[..SPOKEN - 1], before[1..]);
    }

    #[test]
    fn a_detector_that_was_asked_already_and_is_not_changed_is_left_alone() {
        let axis = axis();
        let mut line = line_of(|step| 10.0 + (step % 5) as f64);
        let chosen = Choice {
            method: json!({ "detector": "ears_c1" }),
            reason: "short history".to_owned(),
            at: Moment(0),
            by: "somebody".to_owned(),
        };
        let place = line.county.clone();
        let methods = BTreeMap::from([("fever_visits".to_owned(), BTreeMap::from([(place, chosen)]))]);
        let settings = Settings { methods, ..Settings::default() };
        line.bring_up(&axis, &settings);
        assert_eq!(line.way.as_deref(), Some("ears_c1"));
        let before = line.evidence.clone();
        // Something else was set, somewhere.
        line.stale_from = Some(usize::MAX);
        line.bring_up(&axis, &settings);
        assert_eq!(line.evidence, before);
    }

    #[test]
    fn one_case_of_cholera_speaks_without_any_history() {
        let axis = axis();
        let mut line = Line::new("reported_cases:cholera", &"14/1407/140726".parse().unwrap(), &axis);
        line.take(
            &axis,
            &BTreeMap::from([(axis.day(axis.steps - 1), Sum { total: 1.0, of: 0.0, sites: 1 })]),
        );
        line.bring_up(&axis, &Settings::default());
        assert_eq!(line.reached.last(), Some(&true));
    }
}
