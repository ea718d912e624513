//! Streams in, one ranked list out, step after step; nothing after a step is looked at to judge it.
//!
//! Deliberately absent: what happened to earlier signals. When dispositions are known they may set the weights of streams.

use super::budget::{Counts, closeness_weights};
use super::combine::combine_dependent;
use super::kin::{Neighbours, sureness};
use super::list::{List, Standing, StepList};
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
    /// Unused budget is kept for so many steps.
    pub bank: f64,
    /// The fuller the bank, the more is listed: up to twice the budget.
    pub spend_the_bank: bool,
    /// No unit is unusual in more than this share of its own remembered steps, however large the budget; 1 turns it off.
    pub most_often: f64,
    /// Where only new signals count: reported steps without anything unusual after which a signal is over. 0 chooses as long
    /// as the longest usual window looks back, until when the old outbreak may still speak: 4 weeks, 7 days.
    pub ends_after: usize,
    /// Where only new signals count: a signal that lasts is listed again after so many steps. 0 chooses a quarter of a year,
    /// since nobody remembers for longer why it was left alone.
    pub remind_after: usize,
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
            bank: 13.0,
            spend_the_bank: false,
            most_often: 0.05,
            ends_after: 0,
            remind_after: 0,
            kin_strength: 2.0,
            prior: 52.0,
            remember: 156,
            outbreak_size: None,
        }
    }
}

impl FuseRule {
    /// With every 0 replaced by what suits the length of a step.
    pub fn chosen(&self, per_year: usize) -> FuseRule {
        let or = |own: usize, choice: usize| if own == 0 { choice } else { own };
        let window = match per_year {
            101.. => 7,
            20..=100 => 4,
            _ => 1,
        };
        FuseRule {
            ends_after: or(self.ends_after, window),
            remind_after: or(self.remind_after, per_year.div_ceil(4)),
            ..self.clone()
        }
    }

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
        if !(self.most_often > 0.0 && self.most_often <= 1.0) {
            return Err(format!(
                "`most_often` is {}; write a share of steps, such as 0.05, or 1 for no such limit",
                self.most_often
            ));
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
    pub standing: Standing,
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
    /// `[unit][t]`: the unit is known to be unusual, whether it is listed or folded; what waits is not known to anybody.
    pub fn alarms(&self) -> Vec<Vec<bool>> {
        self.where_signal(|signal| signal.standing != Standing::Waits)
    }

    /// `[unit][t]`: the unit is to be checked.
    pub fn listed(&self) -> Vec<Vec<bool>> {
        self.where_signal(|signal| signal.standing.is_listed())
    }

    fn where_signal(&self, holds: impl Fn(&Signal) -> bool) -> Vec<Vec<bool>> {
        let mut all = vec![vec![false; self.p.len()]; self.units.len()];
        for signal in self.signals.iter().filter(|signal| holds(signal)) {
            all[signal.unit][signal.t] = true;
        }
        all
    }
}

/// The list of every step of `range`. Steps before it are the history that thresholds are set from.
pub fn fuse(streams: &[Stream], neighbours: &Neighbours, rule: &FuseRule, range: Range<usize>) -> Fused {
    let mut trigger = Trigger::of(streams, neighbours, rule);
    let steps = streams.iter().map(|stream| stream.evidence.len()).max().unwrap_or(0).min(range.end);
    let mut fused = Fused { units: trigger.units.clone(), ..Fused::default() };
    for t in 0..steps {
        let evidence: Vec<Option<Evidence>> =
            streams.iter().map(|stream| stream.evidence.get(t).copied().flatten()).collect();
        let (p, signals) = trigger.step(&evidence, range.contains(&t));
        fused.p.push(p);
        fused.signals.extend(signals);
    }
    fused
}

/// The trigger between two steps: all that it must remember to judge the next one.
pub struct Trigger {
    rule: FuseRule,
    units: Vec<(String, Territory)>,
    /// Of each unit, its streams.
    members: Vec<Vec<usize>>,
    weights: Vec<f64>,
    kin: Vec<Vec<usize>>,
    closeness: Vec<f64>,
    histories: Vec<OwnHistory>,
    list: List,
    t: usize,
}

impl Trigger {
    /// Before the first step. Of the streams only what they are is looked at, not their evidence.
    pub fn of(streams: &[Stream], neighbours: &Neighbours, rule: &FuseRule) -> Trigger {
        let mut units: Vec<(String, Territory)> =
            streams.iter().map(|stream| (stream.group.clone(), stream.territory.clone())).collect();
        units.sort();
        units.dedup();
        let members = members_of(streams, &units);
        Trigger {
            rule: rule.clone(),
            weights: streams.iter().map(|stream| stream.weight).collect(),
            kin: neighbours.kin(&units),
            closeness: closeness(streams, &members, rule),
            histories: vec![OwnHistory::of(rule.prior, rule.remember); streams.len()],
            list: List::of(rule, units.len()),
            units,
            members,
            t: 0,
        }
    }

    /// The next step: what each stream says of it, in the order they were given. The combined p-value of each unit, and the
    /// list; without `listed` the step is learnt from only.
    pub fn step(&mut self, evidence: &[Option<Evidence>], listed: bool) -> (Vec<Option<f64>>, Vec<Signal>) {
        let corrected: Vec<Option<f64>> = self
            .histories
            .par_iter_mut()
            .zip(evidence)
            .with_min_len(PART)
            .map(|(history, evidence)| {
                let p = evidence.as_ref()?.p;
                let corrected = history.corrected(p);
                history.remember(p);
                Some(corrected)
            })
            .collect();
        let p: Vec<Option<f64>> = self
            .members
            .par_iter()
            .with_min_len(PART)
            .map(|own| {
                combine_dependent(own.iter().filter_map(|s| corrected[*s].map(|p| (p, self.weights[*s]))))
            })
            .collect();
        let step = self.list.step(&p, &self.units, &self.kin, &self.closeness, listed);
        let signals = step
            .order
            .iter()
            .enumerate()
            .map(|(rank, unit)| self.signal(rank + 1, *unit, &p, &step, evidence, &corrected))
            .collect();
        self.t += 1;
        (p, signals)
    }

    fn signal(
        &self,
        rank: usize,
        unit: usize,
        p: &[Option<f64>],
        step: &StepList,
        evidence: &[Option<Evidence>],
        corrected: &[Option<f64>],
    ) -> Signal {
        let own = p[unit].unwrap_or(1.0);
        Signal {
            t: self.t,
            unit,
            rank,
            p: own,
            weight: step.weights[unit],
            threshold: step.threshold,
            once_in_steps: step.weights[unit] / (own * step.asked).max(1e-300),
            sure: sureness(own / step.weights[unit], (self.rule.budget / step.asked).clamp(0.001, 0.2)),
            standing: step.standing[unit],
            told_by: step.told_by[unit],
            kin: self.kin[unit]
                .iter()
                .copied()
                .filter(|other| p[*other].is_some_and(|p| sureness(p, 0.05) > 0.5))
                .min_by(|a, b| p[*a].unwrap_or(1.0).total_cmp(&p[*b].unwrap_or(1.0))),
            reasons: reasons(&self.members[unit], evidence, corrected),
        }
    }
}

/// Streams that one thread takes at once: fewer are done before a second thread has woken up.
const PART: usize = 2_048;

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

fn reasons(own: &[usize], evidence: &[Option<Evidence>], corrected: &[Option<f64>]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = own
        .iter()
        .filter_map(|s| Some(Reason { stream: *s, evidence: evidence[*s]?, corrected: corrected[*s]? }))
        .collect();
    reasons.sort_by(|a, b| a.corrected.total_cmp(&b.corrected));
    reasons
}
