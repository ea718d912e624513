//! Streams in, one ranked list out, step after step; nothing after a step is looked at to judge it.
//!
//! Deliberately absent: what happened to earlier signals. When dispositions are known they may set the weights of streams.

use super::budget::{Counts, Loudness, closeness_weights};
use super::combine::combine_dependent;
use super::kin::{Neighbours, kin_weights, sureness};
use super::online::Lord;
use super::own_history::OwnHistory;
use base::Territory;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What one stream says about one step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// Probability of at least so much in a normal step.
    pub p: f64,
    /// The number of latest steps that `observed` and `expected` are the sums of.
    pub steps: usize,
    pub observed: Option<f64>,
    pub expected: Option<f64>,
    /// What eight of ten normal times lie between.
    pub usual: Option<(f64, f64)>,
}

/// One stream of evidence. All streams of a call are over the same steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// What is counted, such as fever visits.
    pub name: String,
    /// Which detector looked.
    pub detector: String,
    /// Streams of one group in one place are about the same thing, and are combined.
    pub group: String,
    pub territory: Territory,
    /// How much it counts beside the others of its unit.
    pub weight: f64,
    /// Standard deviation of a normal step, when known: for the weights by outbreak size.
    pub spread: Option<f64>,
    pub evidence: Vec<Option<Evidence>>,
}

/// What ends the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// The threshold that would have kept the budget in the past.
    Budget,
    /// LORD++: among the signals at most `false_share` are false. The budget still caps the list.
    Lord,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FuseRule {
    /// Signals per step that a team can check, over all units. Files say it per week; who reads them converts.
    #[serde(skip)]
    pub budget: f64,
    pub counts: Counts,
    pub control: Control,
    /// The share of false signals that `lord` allows.
    pub false_share: f64,
    /// Unused budget is kept for so many steps. The fuller the bank, the more is listed: up to twice the budget.
    pub bank: f64,
    /// How much closer a place is watched when its kin are surely loud; 0 turns it off.
    pub kin_strength: f64,
    /// Steps for which a stream, and the threshold, is believed before its own past speaks as loudly.
    pub prior: f64,
    /// Steps of the past that speak.
    pub remember: usize,
    /// Extra cases a step of the outbreaks that matter; without it all streams are watched equally closely.
    pub outbreak_size: Option<f64>,
}

impl Default for FuseRule {
    fn default() -> FuseRule {
        FuseRule {
            budget: 5.0,
            counts: Counts::New,
            control: Control::Budget,
            false_share: 0.1,
            bank: 4.0,
            kin_strength: 2.0,
            prior: 52.0,
            remember: 156,
            outbreak_size: None,
        }
    }
}

impl FuseRule {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        for (key, value, least) in [
            ("bank", self.bank, 0.0),
            ("kin_strength", self.kin_strength, 0.0),
            ("prior", self.prior, 1.0),
            ("outbreak_size", self.outbreak_size.unwrap_or(1.0), 1e-9),
        ] {
            if !(value >= least && value.is_finite()) {
                return Err(format!("`{key}` is {value}; write a number from {least}"));
            }
        }
        if !(self.false_share > 0.0 && self.false_share < 1.0) {
            return Err(format!("`false_share` is {}; write a share between 0 and 1", self.false_share));
        }
        Ok(())
    }
}

/// One stream's part in a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason {
    /// Place in the streams given.
    pub stream: usize,
    pub evidence: Evidence,
    /// Its p-value after its own history was asked.
    pub corrected: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    pub t: usize,
    pub unit: usize,
    /// 1 is to be checked first.
    pub rank: usize,
    /// Combined over the streams of the unit.
    pub p: f64,
    /// How closely the unit is watched; the p-value is divided by it.
    pub weight: f64,
    pub threshold: f64,
    /// By chance alone, so much is seen somewhere once in so many steps.
    pub once_in_steps: f64,
    /// The probability that something is there, at most.
    pub sure: f64,
    /// The unit gave no signal in the step before.
    pub is_new: bool,
    /// The budget is spent: it is unusual enough, and waits.
    pub waits: bool,
    /// A louder signal inside this place, which this one repeats; it costs nothing to check.
    pub told_by: Option<usize>,
    /// The loudest of its kin, when that one is more likely than not.
    pub kin: Option<usize>,
    /// The loudest first.
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fused {
    /// Group and place, sorted.
    pub units: Vec<(String, Territory)>,
    /// `p[t][unit]`, combined; `None` where no stream says anything.
    pub p: Vec<Vec<Option<f64>>>,
    /// By step, then rank.
    pub signals: Vec<Signal>,
}

impl Fused {
    /// `[unit][t]`: the unit is on the list and not waiting.
    pub fn alarms(&self) -> Vec<Vec<bool>> {
        let mut alarms = vec![vec![false; self.p.len()]; self.units.len()];
        for signal in self.signals.iter().filter(|signal| !signal.waits) {
            alarms[signal.unit][signal.t] = true;
        }
        alarms
    }
}

/// The list of every step of `range`. Steps before it are the history that thresholds are set from.
pub fn fuse(streams: &[Stream], neighbours: &Neighbours, rule: &FuseRule, range: Range<usize>) -> Fused {
    let corrected: Vec<Vec<Option<f64>>> =
        streams.par_iter().map(|stream| corrected_by_own_history(stream, rule)).collect();

    let mut units: Vec<(String, Territory)> =
        streams.iter().map(|stream| (stream.group.clone(), stream.territory.clone())).collect();
    units.sort();
    units.dedup();
    let members = members_of(streams, &units);
    let steps = streams.iter().map(|stream| stream.evidence.len()).max().unwrap_or(0);
    let p: Vec<Vec<Option<f64>>> = (0..steps)
        .into_par_iter()
        .map(|t| {
            members
                .iter()
                .map(|own| {
                    combine_dependent(own.iter().filter_map(|s| {
                        corrected[*s].get(t).copied().flatten().map(|p| (p, streams[*s].weight))
                    }))
                })
                .collect()
        })
        .collect();

    let kin = neighbours.kin(&units);
    let mut list = List::of(rule, units.len());
    let closeness = closeness(streams, &members, rule);
    let mut signals = Vec::new();
    for (t, p) in p.iter().enumerate().take(range.end) {
        let step = list.step(p, &units, &kin, &closeness, rule, range.contains(&t));
        for (rank, unit) in step.order.iter().enumerate() {
            let own = p[*unit].unwrap_or(1.0);
            signals.push(Signal {
                t,
                unit: *unit,
                rank: rank + 1,
                p: own,
                weight: step.weights[*unit],
                threshold: step.threshold,
                once_in_steps: step.weights[*unit] / (own * step.asked).max(1e-300),
                sure: sureness(own / step.weights[*unit], (rule.budget / step.asked).clamp(0.001, 0.2)),
                is_new: step.is_new[*unit],
                waits: step.waits[*unit],
                told_by: step.told_by[*unit],
                kin: kin[*unit]
                    .iter()
                    .copied()
                    .filter(|other| p[*other].is_some_and(|p| sureness(p, 0.05) > 0.5))
                    .min_by(|a, b| p[*a].unwrap_or(1.0).total_cmp(&p[*b].unwrap_or(1.0))),
                reasons: reasons(streams, &members[*unit], &corrected, t),
            });
        }
    }
    Fused { units, p, signals }
}

fn corrected_by_own_history(stream: &Stream, rule: &FuseRule) -> Vec<Option<f64>> {
    let mut history = OwnHistory::of(rule.prior, rule.remember);
    stream
        .evidence
        .iter()
        .map(|evidence| {
            let p = evidence.as_ref()?.p;
            let corrected = history.corrected(p);
            history.remember(p);
            Some(corrected)
        })
        .collect()
}

/// The streams of each unit, in the order of their names, so that the order of the file does not matter.
fn members_of(streams: &[Stream], units: &[(String, Territory)]) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); units.len()];
    for (place, stream) in streams.iter().enumerate() {
        let unit = units
            .binary_search_by(|(group, at)| (group, at).cmp(&(&stream.group, &stream.territory)))
            .expect("every stream has its unit");
        members[unit].push(place);
    }
    for own in &mut members {
        own.sort_by(|a, b| {
            (&streams[*a].name, &streams[*a].detector).cmp(&(&streams[*b].name, &streams[*b].detector))
        });
    }
    members
}

fn closeness(streams: &[Stream], members: &[Vec<usize>], rule: &FuseRule) -> Vec<f64> {
    let Some(size) = rule.outbreak_size else { return vec![1.0; members.len()] };
    let spreads: Vec<f64> = members
        .iter()
        .map(|own| {
            // The stream that shows most of it decides.
            own.iter().filter_map(|s| streams[*s].spread).fold(f64::INFINITY, f64::min)
        })
        .map(|spread| if spread.is_finite() { spread } else { size })
        .collect();
    closeness_weights(&spreads, size, rule.budget / members.len().max(1) as f64)
}

fn inner_and_louder(units: &[(String, Territory)], order: &[usize], unit: usize) -> Option<usize> {
    let (group, place) = &units[unit];
    order
        .iter()
        .take_while(|other| **other != unit)
        .find(|other| {
            let (its, inner) = &units[**other];
            its == group && inner != place && place.holds(inner)
        })
        .copied()
}

fn reasons(streams: &[Stream], own: &[usize], corrected: &[Vec<Option<f64>>], t: usize) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = own
        .iter()
        .filter_map(|s| {
            let evidence = streams[*s].evidence.get(t).copied().flatten()?;
            let corrected = corrected[*s].get(t).copied().flatten()?;
            Some(Reason { stream: *s, evidence, corrected })
        })
        .collect();
    reasons.sort_by(|a, b| a.corrected.total_cmp(&b.corrected));
    reasons
}

/// However large the budget: what happens every tenth step is not unusual.
const LEAST_UNUSUAL: f64 = 0.1;

/// What the list remembers from step to step.
struct List {
    loudness: Loudness,
    lord: Lord,
    /// Signals that may still be given.
    bank: f64,
    before: Vec<Option<f64>>,
    on: Vec<bool>,
}

struct Step {
    order: Vec<usize>,
    weights: Vec<f64>,
    threshold: f64,
    asked: f64,
    is_new: Vec<bool>,
    waits: Vec<bool>,
    told_by: Vec<Option<usize>>,
}

impl List {
    fn of(rule: &FuseRule, units: usize) -> List {
        List {
            loudness: Loudness::of(rule.counts, rule.remember, rule.prior),
            lord: Lord::of(rule.false_share),
            // Half full, so that the first steps are neither starved nor spoilt.
            bank: (rule.budget * rule.bank / 2.0).max(1.0),
            before: vec![None; units],
            on: vec![false; units],
        }
    }

    fn step(
        &mut self,
        p: &[Option<f64>],
        units: &[(String, Territory)],
        kin: &[Vec<usize>],
        closeness: &[f64],
        rule: &FuseRule,
        listed: bool,
    ) -> Step {
        let mut weights = kin_weights(kin, p, rule.kin_strength);
        weights.iter_mut().zip(closeness).for_each(|(weight, close)| *weight *= close);
        let weighted: Vec<Option<f64>> =
            p.iter().zip(&weights).map(|(p, weight)| p.map(|p| (p / weight).min(1.0))).collect();
        let asked = p.iter().flatten().count() as f64;
        // Half a bank a step over half its reach is the budget itself: what was not used is used, what was overdrawn is saved.
        let share = if rule.bank > 0.0 { 2.0 * self.bank / rule.bank } else { rule.budget };
        let spend = share.clamp(rule.budget / 4.0, 2.0 * rule.budget);
        let threshold = self.loudness.threshold(spend, asked).min(LEAST_UNUSUAL);

        let mut unusual: Vec<usize> = match rule.control {
            Control::Budget => {
                (0..p.len()).filter(|unit| weighted[*unit].is_some_and(|p| p <= threshold)).collect()
            }
            Control::Lord => {
                let mut found = Vec::new();
                for unit in (0..p.len()).filter(|unit| weighted[*unit].is_some()) {
                    let discovery = weighted[unit].is_some_and(|p| p <= self.lord.level());
                    self.lord.asked(discovery);
                    if discovery {
                        found.push(unit);
                    }
                }
                found
            }
        };
        // Stable: equals stay in the order of group and place.
        unusual.sort_by(|a, b| weighted[*a].unwrap_or(1.0).total_cmp(&weighted[*b].unwrap_or(1.0)));

        let mut step = Step {
            order: Vec::new(),
            weights,
            threshold,
            asked,
            is_new: vec![false; p.len()],
            waits: vec![false; p.len()],
            told_by: vec![None; p.len()],
        };
        let mut on = vec![false; p.len()];
        if listed {
            self.bank = (self.bank + rule.budget).min((rule.budget * rule.bank.max(1.0)).max(1.0));
            step.order = unusual;
            for unit in &step.order {
                step.is_new[*unit] = !self.on[*unit];
                step.told_by[*unit] = inner_and_louder(units, &step.order, *unit);
                let is_known = rule.counts == Counts::New && self.on[*unit];
                let free = is_known || step.told_by[*unit].is_some();
                // A bank of whole signals in floating point: a hair under one is one.
                if free || self.bank > 1.0 - 1e-9 {
                    on[*unit] = true;
                    if !free {
                        self.bank -= 1.0;
                    }
                } else {
                    step.waits[*unit] = true;
                }
            }
        }
        self.on = on;
        self.loudness.remember(&weighted, &self.before);
        self.before = weighted;
        step
    }
}
