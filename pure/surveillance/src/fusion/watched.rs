//! From counts to streams: every series by every detector, and the sums of places for their upper levels.
//!
//! Deliberately absent: the choice of detectors; whoever watches makes it.

use super::fuse::{Evidence, Stream};
use super::unusual::RecentCounts;
use crate::{Detector, Scored, Series};
use base::Territory;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A series, where it is and what it belongs with; or p-values somebody else computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    pub group: String,
    pub territory: Territory,
    pub series: Series,
    /// One for each step, instead of or beside counts; NaN where there is none. Empty when there are only counts.
    pub p_values: Vec<f64>,
}

/// A detector under the name it is listed by.
pub struct Watcher {
    pub name: String,
    pub way: Way,
}

pub enum Way {
    Recent(RecentCounts),
    Other {
        detector: Box<dyn Detector>,
        /// Steps it learns from before it is asked, for those that learn once.
        first: usize,
    },
}

impl Way {
    /// One for each step; `None` where the detector has not enough history to be asked.
    pub fn scored(&self, series: &Series) -> Vec<Option<Scored>> {
        let (detector, learning): (&dyn Detector, usize) = match self {
            Way::Recent(recent) => (recent, 0),
            Way::Other { detector, first } => (detector.as_ref(), *first),
        };
        let first = detector.first_step(series).max(learning).min(series.len());
        let asked = detector.detect(series, first..series.len());
        std::iter::repeat_n(None, first).chain(asked.into_iter().map(Some)).collect()
    }

    /// What it says of each step, and where it alarms by itself.
    fn watch(&self, series: &Series) -> (Vec<Option<Evidence>>, Vec<bool>) {
        match self {
            Way::Recent(recent) => {
                let evidence: Vec<Option<Evidence>> =
                    recent.evidence(series, 0..series.len()).into_iter().map(Result::ok).collect();
                let alarms =
                    evidence.iter().map(|own| own.is_some_and(|own| own.p <= recent.alpha)).collect();
                (evidence, alarms)
            }
            Way::Other { .. } => {
                let scored = self.scored(series);
                let alarms = scored
                    .iter()
                    .map(|scored| scored.as_ref().is_some_and(|scored| scored.alarm == Some(true)))
                    .collect();
                let evidence = scored
                    .into_iter()
                    .map(|scored| {
                        let scored = scored?;
                        Some(Evidence {
                            p: scored.p_value?,
                            steps: 1,
                            observed: scored.observed,
                            expected: scored.expected,
                            usual: None,
                        })
                    })
                    .collect();
                (evidence, alarms)
            }
        }
    }
}

/// Every watched series by every watcher. In parallel; the order is that of `watched`, then of `watchers`.
pub fn streams_of(watched: &[Watched], watchers: &[Watcher]) -> Vec<Stream> {
    streams_with_alarms(watched, watchers).into_iter().map(|(stream, _)| stream).collect()
}

/// The same, each with the steps at which its detector alarms by itself.
pub fn streams_with_alarms(watched: &[Watched], watchers: &[Watcher]) -> Vec<(Stream, Vec<bool>)> {
    let tasks: Vec<(&Watched, Option<&Watcher>)> = watched
        .iter()
        .flat_map(|one| {
            let counted = one.series.counts.iter().any(|count| !count.is_nan());
            let given = (!one.p_values.is_empty()).then_some((one, None));
            watchers.iter().filter(move |_| counted).map(move |watcher| (one, Some(watcher))).chain(given)
        })
        .collect();
    tasks
        .into_par_iter()
        .map(|(one, watcher)| {
            let (evidence, alarms) = match watcher {
                Some(watcher) => watcher.way.watch(&one.series),
                None => {
                    let of =
                        |p: &f64| (!p.is_nan()).then(|| Evidence { p: *p, steps: 1, ..Evidence::default() });
                    (one.p_values.iter().map(of).collect(), vec![false; one.p_values.len()])
                }
            };
            let stream = Stream {
                name: one.series.name.clone(),
                detector: watcher.map_or("p_value", |watcher| &watcher.name).to_owned(),
                group: one.group.clone(),
                territory: one.territory.clone(),
                weight: 1.0,
                spread: spread(&one.series),
                evidence,
            };
            (stream, alarms)
        })
        .collect()
}

/// The standard deviation of a step from its successor, over the root of two: season and level hardly move it.
fn spread(series: &Series) -> Option<f64> {
    let squares: Vec<f64> = series
        .counts
        .windows(2)
        .map(|two| (two[1] - two[0]).powi(2) / 2.0)
        .filter(|square| !square.is_nan())
        .collect();
    (squares.len() > 10).then(|| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt())
}

/// Adds, for every place above several watched ones, the sum of what is counted there under the same name, unless the file
/// has that place itself. A step that nobody below reported is not reported; one that some reported is the sum of those.
pub fn with_upper_levels(watched: Vec<Watched>) -> Vec<Watched> {
    let mut all = watched;
    let deepest = all.iter().map(|one| one.territory.depth()).max().unwrap_or(0);
    for depth in (0..deepest).rev() {
        let mut below: BTreeMap<(String, String, Territory), Vec<usize>> = BTreeMap::new();
        for (place, one) in all.iter().enumerate() {
            if one.territory.depth() == depth + 1 && one.p_values.is_empty() {
                let upper = one.territory.at_depth(depth);
                below.entry((one.group.clone(), one.series.name.clone(), upper)).or_default().push(place);
            }
        }
        for ((group, name, territory), parts) in below {
            let is_there = all
                .iter()
                .any(|one| one.group == group && one.series.name == name && one.territory == territory);
            if parts.len() < 2 || is_there {
                continue;
            }
            all.push(Watched { group, territory, series: sum_of(&all, &parts), p_values: Vec::new() });
        }
    }
    all
}

fn sum_of(all: &[Watched], parts: &[usize]) -> Series {
    let first = &all[parts[0]].series;
    let add = |of: &dyn Fn(&Series) -> &Vec<f64>| -> Vec<f64> {
        (0..first.len())
            .map(|t| {
                let known = parts.iter().filter_map(|part| {
                    of(&all[*part].series).get(t).copied().filter(|value| !value.is_nan())
                });
                known.fold(f64::NAN, |sum, value| if sum.is_nan() { value } else { sum + value })
            })
            .collect()
    };
    let population = if parts.iter().all(|part| all[*part].series.population.len() == first.len()) {
        add(&|series| &series.population)
    } else {
        Vec::new()
    };
    Series { counts: add(&|series| &series.counts), population, ..first.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefecture_is_the_sum_of_its_counties_and_an_only_child_is_not_repeated() {
        let county = |path: &str, counts: Vec<f64>| Watched {
            group: String::new(),
            territory: path.parse().unwrap(),
            series: Series::of("fever", counts, 52),
            p_values: Vec::new(),
        };
        let all = with_upper_levels(vec![
            county("14/1407/140703", vec![1.0, f64::NAN, f64::NAN]),
            county("14/1407/140726", vec![2.0, 3.0, f64::NAN]),
        ]);
        assert_eq!(all.len(), 3);
        assert_eq!((all[2].territory.path(), &all[2].series.counts[..2]), ("14/1407", [3.0, 3.0].as_slice()));
        assert!(all[2].series.counts[2].is_nan());
    }
}
