//! The outbreaks that `quell evaluate` adds: their shapes, sizes and number, and which stream shows how much of them.
//!
//! Deliberately absent: outbreaks that spread from place to place, or reach one stream later than another.

use super::settings::take;
use base::Streams;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Range;
use surveillance::fusion::{Outbreak, OutbreakShape, Watched};

pub struct Plan {
    pub shapes: Vec<OutbreakShape>,
    /// Cases of an outbreak, in standard deviations of a step of its series.
    pub sizes: Vec<f64>,
    pub steps: usize,
    pub repetitions: usize,
    seed: u64,
    /// By the name of a series: which share of the size it shows. Empty: every series all of it.
    shares: BTreeMap<String, f64>,
}

impl Plan {
    pub fn take_from(said: &mut Map<String, Value>) -> Result<Plan, String> {
        let plan = Plan {
            shapes: take(said, "outbreak_shapes", OutbreakShape::ALL.to_vec())?,
            sizes: take(said, "outbreak_sizes", vec![2.0, 5.0, 10.0])?,
            steps: take(said, "outbreak_steps", 8)?,
            repetitions: take(said, "repetitions", 10)?,
            seed: take(said, "seed", 1)?,
            shares: take(said, "outbreak_shares", BTreeMap::new())?,
        };
        if plan.shapes.is_empty() || plan.sizes.is_empty() || plan.repetitions == 0 || plan.steps == 0 {
            return Err(
                "`outbreak_shapes`, `outbreak_sizes`, `outbreak_steps` and `repetitions` must each hold something; leave them \
                 out for the usual ones"
                    .to_owned(),
            );
        }
        if let Some((name, share)) = plan.shares.iter().find(|(_, share)| !(**share >= 0.0 && **share < 1e3))
        {
            return Err(format!(
                "`outbreak_shares` gives `{name}` {share}; write which share of the size it shows, such as 0.5, or 0"
            ));
        }
        match plan.sizes.iter().find(|size| !(**size > 0.0 && **size < 1e6)) {
            Some(size) => {
                Err(format!("`outbreak_sizes` holds {size}; write standard deviations of a step, such as 5"))
            }
            None => Ok(plan),
        }
    }

    /// A share of a series that is not there is a mistyped name, and an outbreak that no series of a place shows is none.
    pub fn check_shares(&self, watched: &[Watched]) -> Result<(), String> {
        let missing = self.shares.keys().find(|name| watched.iter().all(|one| one.series.name != **name));
        if let Some(name) = missing {
            return Err(format!(
                "`outbreak_shares` names `{name}`, and no series is called so; write a name of the file"
            ));
        }
        let mut shown: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        for one in watched {
            *shown.entry((&one.group, one.territory.path())).or_default() += self.share(&one.series.name);
        }
        match shown.into_iter().find(|(_, shown)| *shown <= 0.0) {
            Some(((group, place), _)) => Err(format!(
                "`outbreak_shares` leaves no series of group `{group}`, place `{place}` that shows an outbreak; give one of them \
                 a share"
            )),
            None => Ok(()),
        }
    }

    /// A series that is not named shows nothing once others are.
    fn share(&self, name: &str) -> f64 {
        if self.shares.is_empty() { 1.0 } else { self.shares.get(name).copied().unwrap_or(0.0) }
    }

    /// One outbreak in a place, as each of its streams shows it. `unit` is its number, `spreads` a standard deviation of each of
    /// `parts`, and `room` where it may begin.
    ///
    /// One stream of chance for each outbreak and each series of it, so that no order and no thread moves another's draws.
    pub fn outbreak(
        &self,
        (shape, size): (OutbreakShape, f64),
        run: usize,
        room: Range<usize>,
        parts: &[(&Watched, f64)],
    ) -> Vec<Option<Outbreak>> {
        let streams = Streams::seeded(self.seed);
        let place =
            parts.first().map_or_else(String::new, |(one, _)| format!("{}/{}", one.group, one.territory));
        let what = format!("outbreak {} {size} {run} {place}", shape.word());
        let from = room.start + streams.of(&what).below(room.len());
        parts
            .iter()
            .enumerate()
            .map(|(part, (one, spread))| {
                let share = self.share(&one.series.name);
                (share > 0.0).then(|| {
                    let mut chance = streams.of(&format!("{what}: {}", one.series.name));
                    Outbreak::drawn(part, from, shape, self.steps, size * share * spread, &mut chance)
                })
            })
            .collect()
    }
}
