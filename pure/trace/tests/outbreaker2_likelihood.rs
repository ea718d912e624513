//! The likelihood of stored states of outbreaker2 1.1.4, term by term. The cases lie outside the repository
//! (`golden/cases/outbreaker2_like__*`); without them the test says so.
#![allow(
    clippy::disallowed_methods,
    reason = "a golden test reads its reference case; the crate itself reads nothing"
)]

use std::path::{Path, PathBuf};
use trace::reconstruction::{
    Ancestry, Compatibility, Contacts, DelayDays, Distances, Evidence, Model, Rates, Situation,
};

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var("QUELL_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let found = root.join(part);
    if !found.exists() {
        println!("skipped: {part} is not here; set QUELL_SHARED to the folder that holds it");
        return None;
    }
    Some(found)
}

/// Every row; `NA` is NaN.
fn rows(path: PathBuf) -> Vec<Vec<f64>> {
    let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
    csv::Reader::from_path(path)
        .unwrap()
        .records()
        .map(|row| row.unwrap().iter().map(number).collect())
        .collect()
}

fn delay(path: PathBuf) -> DelayDays {
    let shares = std::iter::once(0.0).chain(rows(path).iter().map(|row| row[1])).collect();
    DelayDays::of(shares, "delay").unwrap()
}

fn check(case: &str) {
    let Some(folder) = shared(&format!("golden/cases/{case}")) else { return };
    let file = |name: &str| folder.join(name);
    let sites = || {
        rows(file("snp_distance.csv"))
            .iter()
            .map(|row| row[1..].iter().map(|d| Some(*d as u32)).collect())
            .collect()
    };
    let evidence = Evidence {
        days: rows(file("cases.csv")).iter().map(|row| row[1] as i32).collect(),
        contacts: Some(Contacts {
            records: rows(file("contacts.csv"))
                .iter()
                .map(|row| (row[0] as usize - 1, row[1] as usize - 1))
                .collect(),
            directed: false,
        }),
        distances: file("snp_distance.csv")
            .exists()
            .then(|| Distances { genome_length: 10_000, sites: sites() }),
        ..Evidence::default()
    };
    let model = Model {
        compatibility: Compatibility::Outbreaker2,
        ..Model::of(delay(file("generation_time.csv")), delay(file("incubation.csv")))
    };
    let situation = Situation::of(evidence, &model).unwrap();
    let trees = rows(file("trees.csv"));
    let expected = rows(file("expected.csv"));
    for (state, wanted) in rows(file("states.csv")).iter().zip(&expected) {
        let tree: Vec<&Vec<f64>> = trees.iter().filter(|row| row[0] == state[0]).collect();
        let ancestry = Ancestry {
            ancestor: tree.iter().map(|row| (!row[2].is_nan()).then(|| row[2] as usize - 1)).collect(),
            infected: tree.iter().map(|row| row[3] as i32).collect(),
            generations: tree.iter().map(|row| if row[4].is_nan() { 1 } else { row[4] as usize }).collect(),
        };
        let rates = Rates {
            mutation: state[1],
            reporting: state[2],
            contact_within: state[3],
            contact_elsewhere: state[4],
            reproduction: 1.0,
            dispersion: 1.0,
            introductions: 1.0,
            diversity: 1.0,
            shared_source: 0.1,
        };
        let got = situation.log_likelihood(&ancestry, &rates);
        let terms = [
            got.sum(),
            got.infections,
            got.sampling,
            got.genetic,
            got.reporting,
            got.contact,
            situation.log_prior(&rates),
        ];
        for (got, wanted) in terms.iter().zip(&wanted[1..]) {
            assert!(
                (got - wanted).abs() <= 1e-9 * wanted.abs(),
                "{case} state {}: {terms:?} {wanted}",
                state[0]
            );
        }
    }
    assert!(expected.len() > 20);
}

#[test]
fn every_term_of_every_stored_state_is_that_of_the_peer() {
    check("outbreaker2_like__fake_full");
    check("outbreaker2_like__fake_dates_ctd");
}
