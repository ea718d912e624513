//! Once a day: is there a circle of counties with more than its share of the last days, whatever their borders?
//!
//! # Source
//! Kulldorff et al. 2005, PLoS Medicine 2:e59, doi:10.1371/journal.pmed.0020059: the prospective space-time permutation scan needs
//! no population, only the numbers themselves.

use super::judge::Unusual;
use super::line::{Axis, Line, Lines, subject_of};
use crate::House;
use crate::packed;
use crate::surveillance::changes::Found;
use crate::surveillance::numbers::described;
use base::{Day, Territory};
use packs::{Adds, Cadence};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use surveillance::Compatibility;
use surveillance::scan::{
    Areas, Cells, Cluster, Look, Model, Place, Reach, Scan, expected_by_margins, stretches, zones_around,
};

/// Days that are compared with each other, and how many of the last may be a cluster.
const DAYS: usize = 90;
const LONGEST: usize = 14;

/// Chance shows such a cluster somewhere once in so many days; the scan runs daily.
const RECURRENCE_DAYS: f64 = 365.0;

/// Fewer places have no neighbourhoods to compare.
const LEAST_PLACES: usize = 4;

const REPLICATES: usize = 999;

pub(super) fn clusters(lines: &Lines, house: &House, today: Day) -> Vec<Unusual> {
    let axis = Axis::until(Cadence::Day, today);
    let places = house.places.now();
    let mut unusual = Vec::new();
    for (indicator, own) in by_indicator(lines) {
        let grounds: BTreeSet<Territory> =
            own.iter().flat_map(|line| [1, 2].map(|depth| line.county.at_depth(depth))).collect();
        for ground in grounds {
            let located: Vec<(&Line, Place)> = own
                .iter()
                .filter(|line| ground.holds(&line.county))
                .filter_map(|line| {
                    let place = places.at(&line.county)?;
                    Some((*line, Place::Globe { latitude: place.lat?, longitude: place.lon? }))
                })
                .collect();
            if located.len() < LEAST_PLACES {
                continue;
            }
            if let Some(found) = strongest(&located, &axis) {
                unusual.extend(as_signal(indicator, &located, &found, &axis));
            }
        }
    }
    unusual
}

fn by_indicator(lines: &Lines) -> BTreeMap<&str, Vec<&Line>> {
    let mut all: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for ((cadence, indicator, _), line) in &lines.all {
        let adds = described(indicator).is_some_and(|one| one.adds == Adds::Sum);
        if *cadence == Cadence::Day && adds {
            all.entry(indicator).or_default().push(line);
        }
    }
    all
}

/// The most likely cluster of the last days, when chance explains it at most once a year.
fn strongest(located: &[(&Line, Place)], axis: &Axis) -> Option<Cluster> {
    // Today's numbers are not in yet.
    let (from, to) = (axis.steps - 1 - DAYS, axis.steps - 1);
    let cases: Vec<u32> = located
        .iter()
        .flat_map(|(line, _)| line.counts[from..to].iter().map(|count| count.max(0.0) as u32))
        .collect();
    let cells =
        Cells { places: located.len(), steps: DAYS, weights: expected_by_margins(&cases, DAYS), cases };
    cells.check(false).ok()?;
    let measure: Vec<f64> =
        cells.cases.chunks(DAYS).map(|place| place.iter().map(|n| f64::from(*n)).sum()).collect();
    let places: Vec<Place> = located.iter().map(|(_, place)| *place).collect();
    let scan = Scan {
        model: Model::Permutation,
        areas: Areas::High,
        centres: zones_around(&places, &Reach::Share { measure, share: 0.5 }),
        stretches: stretches(DAYS, Look::Ongoing { longest: LONGEST, from: DAYS - 1 }),
        least_cases: 5,
        most_clusters: 1,
        replicates: REPLICATES,
        // The day itself: the same day gives the same answer, and no two days share their chance.
        seed: u64::try_from(axis.day(axis.steps - 1).number()).unwrap_or(0),
        compatibility: Compatibility::default(),
    };
    let found = scan.run(&cells, &|_| {}).clusters.into_iter().next()?;
    (found.gumbel_p_value? <= 1.0 / RECURRENCE_DAYS).then_some(found)
}

fn as_signal(indicator: &str, located: &[(&Line, Place)], cluster: &Cluster, axis: &Axis) -> Option<Unusual> {
    let from = axis.steps - 1 - DAYS;
    let counties: Vec<&Territory> = cluster.places.iter().map(|place| &located[*place].0.county).collect();
    let p = cluster.gumbel_p_value?;
    let day = |step: usize| axis.day(from + step);
    let sure = surveillance::fusion::sureness(p, 0.05);
    let parts: Vec<_> = cluster
        .places
        .iter()
        .map(|place| {
            let line = located[*place].0;
            let observed: f64 = line.counts[from + cluster.stretch.from..from + cluster.stretch.to]
                .iter()
                .filter(|n| !n.is_nan())
                .sum();
            json!({ "territory": line.county, "observed": observed })
        })
        .collect();
    Some(Unusual {
        territory: Territory::narrowest_of(counties.iter().copied()),
        subject: subject_of(indicator, described(indicator)?),
        origin: "scan",
        asks: true,
        found: Found {
            grade: packed::signals().graded(sure, 1).id.clone(),
            day: day(cluster.stretch.to - 1),
            sure,
            evidence: json!({
                "day": day(cluster.stretch.to - 1), "cadence": "day", "sure": sure, "p": p, "once_in_days": 1.0 / p,
                "streams": [{ "indicator": indicator, "territory": Territory::narrowest_of(counties.iter().copied()), "detector": "space_time_permutation",
                              "settings": { "days": DAYS, "longest": LONGEST, "replicates": REPLICATES },
                              "steps": cluster.stretch.steps(), "observed": cluster.cases, "expected": cluster.expected,
                              "usual": null, "p": p, "corrected": p, "weight": 1.0 }],
                "cluster": { "places": parts, "from": day(cluster.stretch.from), "to": day(cluster.stretch.to - 1),
                             "recurrence_days": 1.0 / p, "p": p },
                "pack_version": packed::signals().version, "indicators_version": packed::indicators().version,
                "program_version": env!("CARGO_PKG_VERSION"),
            }),
        },
    })
}
