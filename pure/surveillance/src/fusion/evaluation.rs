//! How good alarms were, counted against outbreaks that are known.
//!
//! Deliberately absent: a single figure of merit. Sensitivity, false alarms and delay are bought with one another, and who
//! pays must see all three.

use std::ops::Range;

/// A known outbreak in one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    pub series: usize,
    pub steps: Range<usize>,
}

/// Runs of labelled steps.
pub fn episodes(series: usize, state: &[bool]) -> Vec<Episode> {
    let mut all = Vec::new();
    let mut from = None;
    for t in 0..=state.len() {
        match (state.get(t).copied().unwrap_or(false), from) {
            (true, None) => from = Some(t),
            (false, Some(start)) => {
                all.push(Episode { series, steps: start..t });
                from = None;
            }
            _ => {}
        }
    }
    all
}

/// Sums, so that tallies of many runs can be added.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    pub outbreak_steps: usize,
    pub found_steps: usize,
    pub quiet_steps: usize,
    pub false_steps: usize,
    /// Outbreaks that begin inside the steps looked at.
    pub events: usize,
    pub found_events: usize,
    /// Steps from the first of an outbreak to its first alarm, over the outbreaks found.
    pub delay: usize,
    /// Steps looked at, whatever the number of series: what a rate per week is per.
    pub steps: usize,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.outbreak_steps += other.outbreak_steps;
        self.found_steps += other.found_steps;
        self.quiet_steps += other.quiet_steps;
        self.false_steps += other.false_steps;
        self.events += other.events;
        self.found_events += other.found_events;
        self.delay += other.delay;
        self.steps += other.steps;
    }

    pub fn step_sensitivity(&self) -> Option<f64> {
        share(self.found_steps, self.outbreak_steps)
    }

    pub fn event_sensitivity(&self) -> Option<f64> {
        share(self.found_events, self.events)
    }

    pub fn false_positive_rate(&self) -> Option<f64> {
        share(self.false_steps, self.quiet_steps)
    }

    pub fn false_per_step(&self) -> Option<f64> {
        share(self.false_steps, self.steps)
    }

    pub fn mean_delay(&self) -> Option<f64> {
        share(self.delay, self.found_events)
    }

    /// The share of alarms that were in an outbreak.
    pub fn predictive_value(&self) -> Option<f64> {
        share(self.found_steps, self.found_steps + self.false_steps)
    }
}

fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// Alarms against outbreaks within `looked_at`. `alarms[series][t]`. An outbreak that begins before is no event, but its
/// steps count.
pub fn tally(alarms: &[Vec<bool>], outbreaks: &[Episode], looked_at: Range<usize>) -> Tally {
    let mut all = Tally { steps: looked_at.len(), ..Tally::default() };
    for (series, alarms) in alarms.iter().enumerate() {
        let here = || outbreaks.iter().filter(|outbreak| outbreak.series == series);
        for t in looked_at.clone().filter(|t| *t < alarms.len()) {
            let outbreak = here().any(|outbreak| outbreak.steps.contains(&t));
            all.outbreak_steps += usize::from(outbreak);
            all.quiet_steps += usize::from(!outbreak);
            all.found_steps += usize::from(outbreak && alarms[t]);
            all.false_steps += usize::from(!outbreak && alarms[t]);
        }
        for outbreak in here().filter(|outbreak| looked_at.contains(&outbreak.steps.start)) {
            all.events += 1;
            let until = outbreak.steps.end.min(looked_at.end).min(alarms.len());
            if let Some(first) = (outbreak.steps.start..until).find(|t| alarms[*t]) {
                all.found_events += 1;
                all.delay += first - outbreak.steps.start;
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_events_are_counted_apart() {
        let state = [false, true, true, false, false, true, true, true, false];
        let outbreaks = episodes(0, &state);
        assert_eq!(outbreaks.iter().map(|e| e.steps.clone()).collect::<Vec<_>>(), [1..3, 5..8]);
        let alarms = vec![vec![false, false, false, true, false, false, true, true, false]];
        let all = tally(&alarms, &outbreaks, 2..9);
        // The first outbreak began before: its step 2 counts, the event does not.
        assert_eq!((all.outbreak_steps, all.found_steps, all.quiet_steps, all.false_steps), (4, 2, 3, 1));
        assert_eq!((all.events, all.found_events, all.delay), (1, 1, 1));
    }
}
