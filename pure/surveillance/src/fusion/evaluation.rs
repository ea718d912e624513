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
    /// Lines of the list, inside outbreaks or not: what there was to check.
    pub listed: usize,
    /// Steps looked at, whatever the number of series: what a rate per week is per.
    pub steps: usize,
}

/// What a method said, `[series][t]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alarms {
    /// The step is known to be unusual.
    pub known: Vec<Vec<bool>>,
    /// Somebody was asked to look. A signal that was listed before and is folded tells nobody of an outbreak that begins.
    pub listed: Vec<Vec<bool>>,
}

/// Known outbreaks, and steps that are neither outbreak nor quiet: those of an upper place while there is one inside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Truth {
    pub outbreaks: Vec<Episode>,
    pub left_out: Vec<Episode>,
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
        self.listed += other.listed;
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

/// Alarms against outbreaks within `looked_at`. An outbreak that begins before is no event, but its steps count. A step is
/// found when it is known to be unusual, an outbreak when somebody was asked to look while it lasted.
pub fn tally(alarms: &Alarms, truth: &Truth, looked_at: Range<usize>) -> Tally {
    let mut all = Tally { steps: looked_at.len(), ..Tally::default() };
    for (series, (known, listed)) in alarms.known.iter().zip(&alarms.listed).enumerate() {
        let own = |episodes: &'_ [Episode]| -> Vec<Range<usize>> {
            episodes.iter().filter(|one| one.series == series).map(|one| one.steps.clone()).collect()
        };
        let (outbreaks, left_out) = (own(&truth.outbreaks), own(&truth.left_out));
        let within = |episodes: &[Range<usize>], t: usize| episodes.iter().any(|steps| steps.contains(&t));
        for t in looked_at.clone().filter(|t| *t < known.len()) {
            all.listed += usize::from(listed[t]);
            if within(&outbreaks, t) {
                all.outbreak_steps += 1;
                all.found_steps += usize::from(known[t]);
            } else if !within(&left_out, t) {
                all.quiet_steps += 1;
                all.false_steps += usize::from(known[t]);
            }
        }
        for outbreak in outbreaks.iter().filter(|outbreak| looked_at.contains(&outbreak.start)) {
            all.events += 1;
            let until = outbreak.end.min(looked_at.end).min(listed.len());
            if let Some(first) = (outbreak.start..until).find(|t| listed[*t]) {
                all.found_events += 1;
                all.delay += first - outbreak.start;
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
        let known = vec![vec![false, false, false, true, false, false, true, true, false]];
        let alarms = Alarms { listed: known.clone(), known };
        let truth = Truth { outbreaks, left_out: Vec::new() };
        let all = tally(&alarms, &truth, 2..9);
        // The first outbreak began before: its step 2 counts, the event does not.
        assert_eq!((all.outbreak_steps, all.found_steps, all.quiet_steps, all.false_steps), (4, 2, 3, 1));
        assert_eq!((all.events, all.found_events, all.delay, all.listed), (1, 1, 1, 3));
    }

    #[test]
    fn a_folded_signal_tells_nobody_of_an_outbreak_and_an_upper_place_is_not_blamed_for_one_inside() {
        let outbreak = vec![Episode { series: 0, steps: 2..5 }];
        let inside = vec![Episode { series: 1, steps: 2..5 }];
        let alarms = Alarms {
            known: vec![vec![true; 6]; 2],
            listed: vec![vec![true, false, false, false, true, false]; 2],
        };
        let all = tally(&alarms, &Truth { outbreaks: outbreak, left_out: inside }, 0..6);
        assert_eq!((all.found_steps, all.false_steps, all.quiet_steps), (3, 6, 6));
        assert_eq!((all.found_events, all.delay), (1, 2));
    }
}
