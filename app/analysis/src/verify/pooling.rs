//! Pooled tests beside R package binGroup2.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::sheet::{Cell, Sheet};
use crate::table::{Row, Table};
use lab::{
    Assay, Compatibility, Households, IntervalMethod, People, PointMethod, PoolResult, Scheme,
    estimate_prevalence, perform_as, tests_of_pools, two_stage_size,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The cases hold two of its faults.
const PEER: Compatibility = Compatibility::BinGroup2_1_3;

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "pooling_dorfman" => {
            check_scheme(case, &["p", "k"], |row| Ok(Scheme::TwoStage { pool: row.count("k")? }))
        }
        "pooling_hierarchical" => check_scheme(case, &["n", "m", "p"], |row| {
            Ok(Scheme::ThreeStage { pool: row.count("n")?, part: row.count("m")? })
        }),
        "pooling_array" => {
            let master = case.params["algorithm"] == "square array with master pool";
            check_scheme(case, &["size", "p"], move |row| {
                let side = row.count("size")?;
                Ok(if master { Scheme::MasterArray { side } } else { Scheme::Array { side } })
            })
        }
        "pooling_optimal" => check_optimal(case),
        "pooling_heterogeneous" => check_risks(case),
        _ => check_prevalence(case),
    }
}

/// A row of the peer's grid, by the peer's names.
struct Asked<'a> {
    table: &'a Table,
    row: &'a Row,
}

impl Asked<'_> {
    fn text(&self, column: &str) -> Result<&str, String> {
        Ok(self.row.cell(self.table.column(column)?))
    }

    fn number(&self, column: &str) -> Result<f64, String> {
        let text = self.text(column)?;
        text.parse().map_err(|_| format!("row {}: `{column}` is `{text}`, no number", self.row.number))
    }

    fn count(&self, column: &str) -> Result<usize, String> {
        Ok(self.number(column)? as usize)
    }

    fn assay(&self) -> Result<Assay, String> {
        Assay::of(self.number("Se")?, self.number("Sp")?, None).map_err(|why| why.to_string())
    }

    fn people(&self) -> Result<People, String> {
        People::of(self.number("p")?, Households::APART).map_err(|why| why.to_string())
    }

    fn cells(&self, columns: &[&str]) -> Result<Vec<Cell>, String> {
        columns.iter().map(|column| Ok(self.text(column)?.into())).collect()
    }
}

fn asked(table: &Table) -> impl Iterator<Item = Asked<'_>> {
    table.rows().iter().map(move |row| Asked { table, row })
}

fn check_scheme(
    case: &Case,
    keys: &[&'static str],
    scheme: impl Fn(&Asked) -> Result<Scheme, String>,
) -> Result<Vec<Checked>, String> {
    const MEASURES: [&str; 5] = ["tests_per_person", "PSe", "PSp", "PPPV", "PNPV"];
    let keys = [keys, &["Se", "Sp"]].concat();
    let mut got = Sheet::of(&[keys.as_slice(), &MEASURES].concat());
    for asked in asked(&case.table("input.csv")?) {
        let told = perform_as(scheme(&asked)?, &asked.people()?, &asked.assay()?, PEER)
            .map_err(|why| why.to_string())?;
        let measured = [
            told.tests,
            told.sensitivity,
            told.specificity,
            told.positive_predictive_value,
            told.negative_predictive_value,
        ];
        got.add([asked.cells(&keys)?, measured.map(Cell::from).to_vec()].concat());
    }
    let expected = case.table("expected.csv")?;
    let tolerance = Tolerance::stated(case, "all")?;
    MEASURES.iter().map(|measure| compare(&expected, &got, &keys, measure, tolerance)).collect()
}

fn check_optimal(case: &Case) -> Result<Vec<Checked>, String> {
    let sizes = case.number("min_size")? as usize..=case.number("max_size")? as usize;
    let keys = ["p", "Se", "Sp"];
    let mut got = Sheet::of(&["p", "Se", "Sp", "best_k", "tests_per_person"]);
    for asked in asked(&case.table("input.csv")?) {
        let (best, tests) = two_stage_size(&asked.people()?, &asked.assay()?, sizes.clone())
            .map_err(|why| why.to_string())?;
        got.add([asked.cells(&keys)?, vec![best.into(), tests.into()]].concat());
    }
    let expected = case.table("expected.csv")?;
    ["best_k", "tests_per_person"]
        .iter()
        .map(|measure| compare(&expected, &got, &keys, measure, Tolerance::stated(case, measure)?))
        .collect()
}

/// Twenty people of different risk in two pools, cut after each of the places the peer cut at.
fn check_risks(case: &Case) -> Result<Vec<Checked>, String> {
    let risks =
        asked(&case.table("input.csv")?).map(|asked| asked.number("p")).collect::<Result<Vec<_>, _>>()?;
    let assay = Assay::of(case.number("Se")?, case.number("Sp")?, None).map_err(|why| why.to_string())?;
    let expected = case.table("expected.csv")?;
    let mut got = Sheet::of(&["k_first_pool", "tests"]);
    for cut in asked(&expected) {
        let at = cut.count("k_first_pool")?;
        if at > risks.len() {
            return Err(format!("`k_first_pool` is {at} of {} people", risks.len()));
        }
        let (first, second) = risks.split_at(at);
        let tests = tests_of_pools(&[first, second], &assay).map_err(|why| why.to_string())?;
        got.add(vec![at.into(), tests.into()]);
    }
    Ok(vec![compare(&expected, &got, &["k_first_pool"], "tests", Tolerance::stated(case, "tests")?)?])
}

fn check_prevalence(case: &Case) -> Result<Vec<Checked>, String> {
    let level = case.number("conf_level")?;
    let expected = case.table("expected.csv")?;
    let keys = ["x", "m", "n", "pt_method", "ci_method"];
    let mut got = Sheet::of(&["x", "m", "n", "pt_method", "ci_method", "estimate", "lower", "upper"]);
    // The peer's test never errs.
    let assay = Assay::of(1.0, 1.0, None).map_err(|why| why.to_string())?;
    for asked in asked(&expected) {
        let results = [PoolResult {
            size: asked.count("m")?,
            pools: asked.count("n")? as u64,
            positive: asked.count("x")? as u64,
        }];
        let (point, interval): (PointMethod, IntervalMethod) =
            (by_its_name(asked.text("pt_method")?)?, by_its_name(asked.text("ci_method")?)?);
        let told = estimate_prevalence(&results, &assay, Households::APART, point, interval, level, PEER)
            .map_err(|why| why.to_string())?;
        let ends = [told.estimate, told.low, told.high].map(Cell::from);
        got.add([asked.cells(&keys)?, ends.to_vec()].concat());
    }
    [("estimate", "estimate"), ("lower", "ci"), ("upper", "ci")]
        .iter()
        .map(|(measure, stated)| compare(&expected, &got, &keys, measure, Tolerance::stated(case, stated)?))
        .collect()
}

fn by_its_name<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(Value::from(name)).map_err(|why| format!("`{name}`: {why}"))
}
