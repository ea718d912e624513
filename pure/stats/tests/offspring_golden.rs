//! Offspring of the simulated Ebola outbreak, against MASS 7.3-58.2 `fitdistr(z, "negative binomial")` (R
//! 4.2.2). The case lives outside the repository (`golden/cases/offspring_negbin__ebola_sim`); without it the
//! test says so.
#![allow(
    clippy::disallowed_methods,
    reason = "a golden test reads its reference case; the crate itself reads nothing"
)]

use std::path::{Path, PathBuf};

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

#[test]
fn the_ebola_offspring_are_fitted_as_r_fits_them() {
    let Some(case) = shared("golden/cases/offspring_negbin__ebola_sim") else { return };
    let counts: Vec<u32> = csv::Reader::from_path(case.join("offspring.csv"))
        .unwrap()
        .records()
        .map(|row| row.unwrap()[1].parse().unwrap())
        .collect();
    let expected: Vec<f64> = csv::Reader::from_path(case.join("expected.csv"))
        .unwrap()
        .records()
        .flat_map(|row| row.unwrap().iter().map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>())
        .collect();
    let [r, k, r_se, k_se, log_likelihood, share] = expected[..] else { panic!("{expected:?}") };

    let got = stats::estimate_offspring(&counts).unwrap();
    // Tolerances of the case itself: R's optimiser stops at 1e-4 and 1e-3 of the optimum.
    assert!((got.mean / r - 1.0).abs() < 1e-4);
    assert!((got.k.unwrap() / k - 1.0).abs() < 1e-3, "{:?}", got.k);
    assert!((got.log_likelihood.unwrap() - log_likelihood).abs() < 1e-4);
    assert!((got.mean_se.unwrap() / r_se - 1.0).abs() < 1e-3);
    assert!((got.k_se.unwrap() / k_se - 1.0).abs() < 1e-2);
    assert!((got.share_top_20.unwrap() - share).abs() < 1e-12);
}
