//! Scans over space and time beside SaTScan, scanstatistics and SpatialEpi.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::scan::{AnalysisType, Axis, Files, Ground, ModelName, Settings, ground_of, scan_of, sheet_of};
use crate::sheet::{Cell, Sheet};
use crate::table::{Row, Table};
use serde_json::Value;
use stats::quantile;
use std::collections::BTreeSet;
use surveillance::scan::{
    Cells, Cluster, Place, Scan, Scanned, distinct_zones, expected_by_margins,
    expected_by_shares_within_steps, score_zones,
};

/// What params.json tells of the data, not of the call.
const ABOUT_THE_DATA: [&str; 5] = ["note", "total_cases", "total", "times", "zone_kind"];
/// The peer's seed draws other numbers than ours.
const ELSEWHERE: [&str; 2] = ["seed", "alpha_level"];

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "satscan" => satscan(case),
        "kulldorff_spatial" => spatial(case),
        _ => zones(case),
    }
}

const FEW_WINDOWS: usize = 10_000;

fn settings_of(case: &Case) -> Result<Settings, String> {
    let mut config = case.config();
    if let Value::Object(keys) = &mut config {
        for key in ABOUT_THE_DATA.iter().chain(&ELSEWHERE) {
            keys.remove(*key);
        }
    }
    Settings::of(config)
}

/// How far two shares of so many replicates may be apart, as the scan_* cases put it: "binomial: +-4*sqrt(p(1-p)/n)+1/n". The
/// others say "binomial error of 999 replicates".
fn binomial(p: f64, n: f64) -> f64 {
    4.0 * (p * (1.0 - p) / n).sqrt() + 1.0 / n
}

/// One measure over rows that belong together by their order.
struct Measure {
    checked: Checked,
}

impl Measure {
    /// `tolerance` in words.
    fn of(name: &str, tolerance: impl Into<String>) -> Measure {
        Measure { checked: Checked::by(name, 0, 0.0, tolerance, true) }
    }

    /// `allowed` apart at most.
    fn number(&mut self, place: usize, expected: f64, got: f64, allowed: f64) {
        let apart = if expected == got { 0.0 } else { (expected - got).abs() };
        self.checked.largest = self.checked.largest.max(if apart.is_nan() { f64::INFINITY } else { apart });
        self.same(place, apart <= allowed, &expected.to_string(), &got.to_string());
    }

    fn same(&mut self, place: usize, holds: bool, expected: &str, got: &str) {
        self.checked.compared += 1;
        if !holds {
            self.checked.holds = false;
            let fault = || format!("{}: expected {expected}, got {got}", place + 1);
            self.checked.first_fault.get_or_insert_with(fault);
        }
    }

    fn done(mut self) -> Checked {
        if self.checked.compared == 0 {
            self.checked.holds = false;
            self.checked.first_fault = Some("nothing to compare".to_owned());
        }
        self.checked
    }
}

fn number_in(table: &Table, row: &Row, column: &str) -> Result<f64, String> {
    let cell = row.cell(table.column(column)?);
    cell.parse().map_err(|_| format!("row {}: `{column}` is {cell}, which is no number", row.number))
}

fn set_of(names: &str) -> BTreeSet<String> {
    names.split(';').map(|name| name.trim().to_owned()).collect()
}

fn satscan(case: &Case) -> Result<Vec<Checked>, String> {
    let settings = Settings { report_all: true, ..settings_of(case)? };
    let model = settings.model_type.unwrap_or(ModelName::Poisson);
    let read = |file: &str| case.has(file).then(|| case.table(file)).transpose();
    let (cases, locations) = (case.table("cases.csv")?, case.table("coordinates.csv")?);
    let (population, controls) = (read("population.csv")?, read("controls.csv")?);
    let files = Files {
        cases: &cases,
        locations: &locations,
        population: population.as_ref(),
        controls: controls.as_ref(),
        expected: None,
    };
    let ground = ground_of(&files, model, &settings)?;
    let scan = scan_of(&ground, model, &settings)?;
    let scanned = scan.run(&ground.cells, &|_| {});
    let expected = case.table("expected_clusters.csv")?;
    let mut checked = clusters(&expected, &sheet_of(&ground, &scanned, model, &settings), &scan, &ground)?;
    checked.push(replicates_by_rank(case, &scanned)?);
    Ok(checked)
}

/// The clusters the peer told, which are those some replicate did not exceed; ours are all.
fn clusters(expected: &Table, got: &Sheet, scan: &Scan, ground: &Ground) -> Result<Vec<Checked>, String> {
    let n = scan.replicates as f64;
    let everywhere = expected.column("radius").is_err();
    let score = if expected.column("llr").is_ok() { "llr" } else { "test_stat" };
    let mut score_measure = Measure::of(score, "abs 1e-5, after the first rel 1e-5");
    let mut locations = Measure::of("locations", "the same set");
    let mut dates = Measure::of("dates", "exact");
    let mut observed = Measure::of("observed", "exact");
    let mut p_values = Measure::of("p_value", "4 sqrt(p(1-p)/n) + 1/n");
    // "printed to 2 decimals", or as many as the column shows.
    let mut expected_cases = Measure::of("expected", "rel 0.005");
    let mut printed = Measure::of("ode, rel_risk, population", "half of the last digit printed");
    let mut reach = Measure::of("radius, span", "rel 0.005");
    let mut recurrence = Measure::of("recurr_int", "half a unit, and the digits of p_value");

    for (i, row) in expected.rows().iter().enumerate() {
        let Some(ours) = got.rows.get(i) else {
            locations.same(i, false, row.cell(expected.column("loc_id")?), "no cluster");
            break;
        };
        let our = |name: &str| got.columns.iter().position(|column| *column == name).map(|at| &ours[at]);
        let our_text = |name: &str| our(name).map_or_else(String::new, Cell::text);
        let our_number = |name: &str| our_text(name).parse::<f64>().unwrap_or(f64::NAN);
        let their = |name: &str| number_in(expected, row, name);

        let theirs = their(score)?;
        score_measure.number(i, theirs, our_number("llr"), if i == 0 { 1e-5 } else { 1e-5 * theirs });
        for (column, year) in [("start_date", "start_date"), ("end_date", "end_date")] {
            let told = row.cell(expected.column(column)?);
            dates.same(i, written_alike(told, &our_text(year)), told, &our_text(year));
        }
        observed.number(i, their("observed")?, our_number("observed"), 0.0);
        let expectation = their("expected")?;
        expected_cases.number(i, expectation, our_number("expected"), 0.005 * expectation);
        let p = their("p_value")?;
        p_values.number(i, p, our_number("p_value"), binomial(p, n));
        for column in ["ode", "rel_risk", "population"] {
            if expected.column(column).is_ok() {
                printed.number(i, their(column)?, our_number(column), 0.005 + 1e-9);
            }
        }
        if expected.column("recurr_int").is_ok() {
            let theirs = their("recurr_int")?;
            let ours = our_number("recurr_int") * our_number("p_value") / p;
            recurrence.number(i, theirs, ours, 0.5 + 0.002 * theirs);
        }
        if everywhere {
            locations.same(i, our_text("loc_id") == "All", "All", &our_text("loc_id"));
            continue;
        }
        let (theirs, ours) = (row.cell(expected.column("locations")?), our_text("locations"));
        locations.same(i, set_of(theirs) == set_of(&ours), theirs, &ours);
        for column in ["radius", "span"] {
            // Printed to two decimals.
            reach.number(i, their(column)?, our_number(column), (0.005 * their(column)?).max(0.005));
        }
    }
    let mut checked =
        vec![score_measure.done(), locations.done(), dates.done(), observed.done(), expected_cases.done()];
    checked.extend([p_values.done(), printed.done()]);
    if !everywhere {
        checked.push(reach.done());
    }
    if ground.axis.steps() > 1 && expected.column("recurr_int").is_ok() {
        checked.push(recurrence.done());
    }
    Ok(checked)
}

/// `1985/1/1` is 1985-01-01, and 1985 is the first or last day of that year.
fn written_alike(theirs: &str, ours: &str) -> bool {
    let parts: Vec<&str> = theirs.split('/').collect();
    match parts.as_slice() {
        [year, month, day] => ours == format!("{year}-{month:0>2}-{day:0>2}"),
        [year] if ours.contains('-') => ours == format!("{year}-01-01") || ours == format!("{year}-12-31"),
        _ => ours == theirs,
    }
}

/// Where the peer's quantiles of its replicates lie among ours: the scores are drawn, so their ranks are compared.
fn replicates_by_rank(case: &Case, scanned: &Scanned) -> Result<Checked, String> {
    let mut measure = Measure::of("replicates", "4 sqrt(2 q(1-q)/n) + 1/n");
    let table = case.table("expected_stochastic.csv")?;
    let largest = &scanned.replicates.largest;
    let n = largest.len() as f64;
    for (i, row) in table.rows().iter().enumerate() {
        let Some(share) = quantile_named(row.cell(table.column("stat")?)) else { continue };
        let value = number_in(&table, row, "value")?;
        // Scores tie where counts are small; the printed digit must not decide on which side they fall.
        let below = largest.iter().filter(|score| **score < value - 1e-5).count() as f64 / n;
        let upto = largest.iter().filter(|score| **score <= value + 1e-5).count() as f64 / n;
        measure.number(i, share, share.clamp(below, upto), binomial(share, n / 2.0));
    }
    Ok(measure.done())
}

/// `rep_q95` is 0.95.
fn quantile_named(stat: &str) -> Option<f64> {
    stat.strip_prefix("rep_q")?.parse::<f64>().ok().map(|per_cent| per_cent / 100.0)
}

/// A wide table, rows by time and columns by place, as cells by place and step.
fn wide(table: &Table, names: &[String]) -> Result<Vec<f64>, String> {
    let mut cells = Vec::new();
    for name in names {
        for row in table.rows() {
            cells.push(number_in(table, row, name)?);
        }
    }
    Ok(cells)
}

fn zones(case: &Case) -> Result<Vec<Checked>, String> {
    let listed = case.table("locations.csv")?;
    let name = listed.column("location")?;
    let names: Vec<String> = listed.rows().iter().map(|row| row.cell(name).to_owned()).collect();
    let place =
        |row: &Row| Ok(Place::Plane { x: number_in(&listed, row, "x")?, y: number_in(&listed, row, "y")? });
    let places = listed.rows().iter().map(place).collect::<Result<Vec<Place>, String>>()?;
    let counts = case.table("counts.csv")?;
    let steps = counts.rows().len();
    let cases: Vec<u32> = wide(&counts, &names)?.into_iter().map(|count| count as u32).collect();
    let total: f64 = cases.iter().map(|count| f64::from(*count)).sum();
    let weights = if case.has("baselines.csv") {
        wide(&case.table("baselines.csv")?, &names)?
    } else if case.has("population.csv") {
        expected_by_shares_within_steps(&wide(&case.table("population.csv")?, &names)?, steps, total)
    } else {
        expected_by_margins(&cases, steps)
    };
    let model = match case.family.as_str() {
        "scan_pb_poisson" => ModelName::Poisson,
        "scan_eb_poisson" => ModelName::ExpectationPoisson,
        _ => ModelName::Permutation,
    };
    // The peer looks at every duration and knows no least number of cases; its p-values do not count ties.
    let settings = Settings {
        analysis_type: if steps > 1 { AnalysisType::Prospective } else { AnalysisType::Spatial },
        max_temporal_size: 100.0,
        minimum_cases_in_high_rate_clusters: 1,
        compatibility: surveillance::Compatibility::Scanstatistics1_1,
        ..settings_of(case)?
    };
    let ground = Ground {
        measure: Vec::new(),
        people: None,
        axis: Axis::numbered(steps),
        notes: Vec::new(),
        cells: Cells { places: places.len(), steps, cases, weights },
        names,
        places,
    };
    ground.cells.check(false).map_err(|why| why.to_string())?;
    let scan = scan_of(&ground, model, &settings)?;
    let peer_replicates = scan.replicates as f64;
    let zones = distinct_zones(&scan.centres);
    // The tolerance of the quantiles is hardly wider than the error of 999 replicates; where it costs little, ours have none.
    let replicates = if zones.len() * scan.stretches.len() < FEW_WINDOWS { 9_999 } else { scan.replicates };
    let scan = Scan { replicates, ..scan };
    let scanned = scan.run(&ground.cells, &|_| {});

    let scores = scores_sheet(&scan, &ground, &zones, total);
    let expected = case.table("expected_scores.csv")?;
    let scores = only_expected(scores, &expected, &["zone", "duration"])?;
    let mut checked = vec![zones_alike(&case.table("zones.csv")?, &zones, &ground.names)?];
    checked.push(baselines(case, &ground)?);
    let tolerance = Tolerance::stated(case, "score")?;
    for measure in ["score", "relrisk_in", "relrisk_out"] {
        if expected.column(measure).is_ok() {
            checked.push(compare(&expected, &scores, &["zone", "duration"], measure, tolerance)?);
        }
    }
    checked.push(top(case, &scanned.clusters, &zones)?);
    checked.push(most_likely(case, &scanned.clusters[0], &zones)?);
    checked.extend(by_chance(case, &scanned, peer_replicates)?);
    Ok(checked)
}

fn scores_sheet(scan: &Scan, ground: &Ground, zones: &[Vec<usize>], total: f64) -> Sheet {
    let mut sheet = Sheet::of(&["zone", "duration", "score", "relrisk_in", "relrisk_out"]);
    let expectation_based = matches!(scan.model, surveillance::scan::Model::ExpectationPoisson);
    for one in score_zones(scan, &ground.cells, zones) {
        let inside = one.value / one.weight;
        // Outside the window that is everything, one rate is no worse than another.
        let outside =
            if total - one.weight > 1e-9 * total { (total - one.value) / (total - one.weight) } else { 1.0 };
        // The peer's expectation-based rate never falls below one.
        let inside = if expectation_based { inside.max(1.0) } else { inside };
        sheet.add(vec![
            (one.zone + 1).into(),
            one.stretch.steps().into(),
            one.score.into(),
            inside.into(),
            outside.into(),
        ]);
    }
    sheet
}

/// The case holds the best windows only.
fn only_expected(sheet: Sheet, expected: &Table, keys: &[&str]) -> Result<Sheet, String> {
    let columns = keys.iter().map(|key| expected.column(key)).collect::<Result<Vec<_>, _>>()?;
    let wanted: BTreeSet<Vec<String>> = expected
        .rows()
        .iter()
        .map(|row| columns.iter().map(|key| row.cell(*key).to_owned()).collect())
        .collect();
    let key_of = |row: &Vec<Cell>| -> Vec<String> { row[..keys.len()].iter().map(Cell::text).collect() };
    let rows = sheet.rows.into_iter().filter(|row| wanted.contains(&key_of(row))).collect();
    Ok(Sheet { rows, columns: sheet.columns })
}

fn zones_alike(expected: &Table, zones: &[Vec<usize>], names: &[String]) -> Result<Checked, String> {
    let mut measure = Measure::of("zones", "the same sets in the same order");
    let column = expected.column("locations")?;
    for (i, row) in expected.rows().iter().enumerate() {
        let ours: Vec<&str> =
            zones.get(i).into_iter().flatten().map(|place| names[*place].as_str()).collect();
        let ours = ours.join(";");
        measure.same(i, set_of(row.cell(column)) == set_of(&ours), row.cell(column), &ours);
    }
    measure.number(expected.rows().len(), expected.rows().len() as f64, zones.len() as f64, 0.0);
    Ok(measure.done())
}

fn baselines(case: &Case, ground: &Ground) -> Result<Checked, String> {
    let mut measure = Measure::of("baselines", case.tolerance("baselines").unwrap_or_default());
    // "rel 1e-12"
    let theirs = wide(&case.table("expected_baselines.csv")?, &ground.names)?;
    for (i, (theirs, ours)) in theirs.iter().zip(&ground.cells.weights).enumerate() {
        measure.number(i, *theirs, *ours, 1e-12 * theirs);
    }
    Ok(measure.done())
}

fn zone_of(cluster: &Cluster, zones: &[Vec<usize>]) -> usize {
    let mut places = cluster.places.clone();
    places.sort_unstable();
    zones.iter().position(|zone| *zone == places).map_or(0, |zone| zone + 1)
}

/// The five best windows that share no place. "score ties: either": of windows that score alike the peer names any.
fn top(case: &Case, clusters: &[Cluster], zones: &[Vec<usize>]) -> Result<Checked, String> {
    let mut measure = Measure::of("top", "zone and duration exact, score rel 1e-9");
    let table = case.table("expected_top.csv")?;
    for (i, row) in table.rows().iter().enumerate() {
        let read = |column: &str| number_in(&table, row, column);
        let Some(cluster) = clusters.get(i) else {
            measure.same(i, false, row.cell(table.column("zone")?), "no cluster");
            continue;
        };
        measure.number(i, read("score")?, cluster.score, 1e-9 * read("score")?);
        measure.number(i, read("zone")?, zone_of(cluster, zones) as f64, 0.0);
        measure.number(i, read("duration")?, cluster.stretch.steps() as f64, 0.0);
    }
    Ok(measure.done())
}

fn most_likely(case: &Case, best: &Cluster, zones: &[Vec<usize>]) -> Result<Checked, String> {
    let mut measure = Measure::of("mlc", "zone, duration, places and cases exact, expected rel 1e-9");
    let table = case.table("expected_mlc.csv")?;
    let row = table.rows().first().ok_or("expected_mlc.csv is empty")?;
    let read = |column: &str| number_in(&table, row, column);
    measure.number(0, read("zone")?, zone_of(best, zones) as f64, 0.0);
    measure.number(0, read("duration")?, best.stretch.steps() as f64, 0.0);
    measure.number(0, read("n_locations")?, best.places.len() as f64, 0.0);
    measure.number(0, read("observed")?, best.cases as f64, 0.0);
    measure.number(0, read("expected")?, best.expected, 1e-9 * best.expected);
    Ok(measure.done())
}

/// P-values and quantiles of the replicates: "rel 0.08 (q99 0.15)".
fn by_chance(case: &Case, scanned: &Scanned, peer_replicates: f64) -> Result<Vec<Checked>, String> {
    let table = case.table("expected_stochastic.csv")?;
    let mut p_values = Measure::of("MC_pvalue", case.tolerance("MC_pvalue").unwrap_or_default());
    let mut quantiles =
        Measure::of("replicate_quantiles", case.tolerance("replicate_quantiles").unwrap_or_default());
    let mut sorted = scanned.replicates.largest.clone();
    sorted.sort_by(f64::total_cmp);
    for (i, row) in table.rows().iter().enumerate() {
        let (stat, value) = (row.cell(table.column("stat")?), number_in(&table, row, "value")?);
        if stat == "MC_pvalue" {
            let ours = scanned.clusters[0].p_value.unwrap_or(f64::NAN);
            p_values.number(i, value, ours, binomial(value, peer_replicates));
        } else if let Some(share) = quantile_named(stat) {
            let allowed = if stat == "rep_q99" { 0.15 } else { 0.08 };
            quantiles.number(i, value, quantile(&sorted, share), allowed * value);
        }
    }
    Ok(vec![p_values.done(), quantiles.done()])
}

fn spatial(case: &Case) -> Result<Vec<Checked>, String> {
    let table = case.table("areas.csv")?;
    let id = table.column("id")?;
    let read = |column: &str| -> Result<Vec<f64>, String> {
        table.rows().iter().map(|row| number_in(&table, row, column)).collect()
    };
    let settings = settings_of(case)?;
    let model = settings.model_type.unwrap_or(ModelName::Poisson);
    // The peer has no least number of cases.
    let settings =
        Settings { analysis_type: AnalysisType::Spatial, minimum_cases_in_high_rate_clusters: 1, ..settings };
    let (x, y, population) = (read("x")?, read("y")?, read("population")?);
    let cases: Vec<u32> = read("cases")?.into_iter().map(|count| count as u32).collect();
    let weights = if model == ModelName::Bernoulli { population.clone() } else { read("expected")? };
    let ground = Ground {
        names: table.rows().iter().map(|row| row.cell(id).to_owned()).collect(),
        places: x.iter().zip(&y).map(|(x, y)| Place::Plane { x: *x, y: *y }).collect(),
        cells: Cells { places: cases.len(), steps: 1, cases, weights },
        measure: population.clone(),
        people: Some(population),
        axis: Axis::numbered(1),
        notes: Vec::new(),
    };
    let scan = scan_of(&ground, model, &settings)?;
    let scanned = scan.run(&ground.cells, &|_| {});
    let got = sheet_of(&ground, &scanned, model, &settings);

    let expected = case.table("expected.csv")?;
    let mut measures = [
        ("llr", "llr", 1e-9),
        ("cases", "observed", 0.0),
        ("expected", "expected", 1e-9),
        ("population", "population", 1e-9),
        ("smr", "ode", 1e-9),
        ("n", "number_loc", 0.0),
    ]
    .map(|(theirs, ours, share)| (theirs, ours, share, Measure::of(theirs, format!("rel {share:e}"))));
    let mut locations = Measure::of("locations", "the same set");
    let mut p_values = Measure::of("p_value", "4 sqrt(p(1-p)/n) + 1/n");
    for (i, row) in expected.rows().iter().enumerate() {
        let Some(ours) = got.rows.get(i) else {
            locations.same(i, false, row.cell(expected.column("locations")?), "no cluster");
            continue;
        };
        let our = |name: &str| {
            let at = got.columns.iter().position(|column| *column == name);
            at.map_or_else(String::new, |at| ours[at].text())
        };
        for (theirs, name, share, measure) in &mut measures {
            let value = number_in(&expected, row, theirs)?;
            measure.number(i, value, our(name).parse().unwrap_or(f64::NAN), *share * value);
        }
        let theirs = row.cell(expected.column("locations")?);
        locations.same(i, set_of(theirs) == set_of(&our("locations")), theirs, &our("locations"));
        let p = number_in(&expected, row, "p_value")?;
        p_values.number(
            i,
            p,
            our("p_value").parse().unwrap_or(f64::NAN),
            binomial(p, scan.replicates as f64),
        );
    }
    let mut checked: Vec<Checked> = measures.into_iter().map(|(.., measure)| measure.done()).collect();
    checked.extend([locations.done(), p_values.done()]);
    Ok(checked)
}
