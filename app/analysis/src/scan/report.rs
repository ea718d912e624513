//! Clusters as rows.

use super::input::Ground;
use super::settings::{AnalysisType, ModelName, Settings};
use crate::sheet::{Cell, Sheet};
use surveillance::scan::{Cluster, Place, Scanned, Span};

/// A score below it is no cluster; the same as SaTScan's.
const LEAST_SCORE: f64 = 0.001;

/// The clusters that are told: not those that every replicate exceeds, unless asked for.
pub fn told<'a>(scanned: &'a Scanned, settings: &Settings) -> Vec<&'a Cluster> {
    let worth = |cluster: &&Cluster| {
        cluster.score >= LEAST_SCORE && (settings.report_all || cluster.p_value.is_none_or(|p| p < 1.0))
    };
    scanned.clusters.iter().filter(worth).collect()
}

pub fn sheet_of(ground: &Ground, scanned: &Scanned, model: ModelName, settings: &Settings) -> Sheet {
    let on_globe = matches!(ground.places.first(), Some(Place::Globe { .. }));
    let (first, second) = if on_globe { ("latitude", "longitude") } else { ("x", "y") };
    let mut sheet = Sheet::of(&[
        "cluster",
        "loc_id",
        first,
        second,
        "radius",
        "span",
        "start_date",
        "end_date",
        "number_loc",
        "llr",
        "p_value",
        "gumbel_p_value",
        "recurr_int",
        "observed",
        "expected",
        "ode",
        "rel_risk",
        "population",
        "locations",
        "notes",
    ]);
    for (number, cluster) in told(scanned, settings).into_iter().enumerate() {
        sheet.add(row_of(number + 1, cluster, ground, scanned, model, settings));
    }
    sheet
}

fn row_of(
    number: usize,
    cluster: &Cluster,
    ground: &Ground,
    scanned: &Scanned,
    model: ModelName,
    settings: &Settings,
) -> Vec<Cell> {
    let everywhere = settings.analysis_type == AnalysisType::Temporal;
    let centre = cluster.places[0];
    let span = Span::of(&ground.places, &cluster.places);
    let (a, b) = match ground.places[centre] {
        Place::Plane { x, y } => (x, y),
        Place::Globe { latitude, longitude } => (latitude, longitude),
    };
    let placed = |value: f64| if everywhere { Cell::Nothing } else { Cell::from(value) };
    let all = ground.cells.total_cases() as f64;
    let observed = cluster.cases as f64;
    let expected = match model {
        ModelName::Bernoulli => cluster.expected * all / ground.cells.total_weight(),
        _ => cluster.expected,
    };
    let names: Vec<&str> = cluster.places.iter().map(|place| ground.names[*place].as_str()).collect();
    let prospective = settings.analysis_type == AnalysisType::Prospective;
    vec![
        number.into(),
        if everywhere { "All".into() } else { names[0].into() },
        placed(a),
        placed(b),
        placed(span.radius),
        placed(span.across),
        ground.axis.first_of(cluster.stretch.from).into(),
        ground.axis.last_of(cluster.stretch.to - 1).into(),
        names.len().into(),
        cluster.score.into(),
        cluster.p_value.into(),
        cluster.gumbel_p_value.into(),
        cluster.p_value.filter(|_| prospective).map(|p| ground.axis.step_days / p).into(),
        observed.into(),
        expected.into(),
        (observed / expected).into(),
        relative_risk(observed, expected, all, model).into(),
        population_of(cluster, ground, model).into(),
        if everywhere { String::new() } else { names.join(";") }.into(),
        notes_of(cluster, scanned).into(),
    ]
}

/// The rate inside over the rate outside. The permutation model knows no rates, and the expectation-based ones compare with
/// history, not with outside.
fn relative_risk(observed: f64, expected: f64, all: f64, model: ModelName) -> Option<f64> {
    let outside = match model {
        ModelName::Poisson | ModelName::Bernoulli => (all - observed) / (all - expected),
        _ => return None,
    };
    Some(observed / expected / outside)
}

fn population_of(cluster: &Cluster, ground: &Ground, model: ModelName) -> Option<f64> {
    if model == ModelName::Bernoulli {
        return Some(cluster.expected);
    }
    let people = ground.people.as_ref()?;
    Some(cluster.places.iter().map(|place| people[*place]).sum())
}

fn notes_of(cluster: &Cluster, scanned: &Scanned) -> String {
    let mut notes = Vec::new();
    let n = scanned.replicates.largest.len();
    if n > 0 && cluster.p_value.is_some_and(|p| p * (n + 1) as f64 <= 1.0 + 1e-9) {
        notes.push(format!("no replicate of {n} scores as much; gumbel_p_value tells how far below that"));
    }
    if let Some(size) = scanned.size {
        notes.push(format!("size {size:.3} of the negative binomial"));
    }
    notes.join("; ")
}
