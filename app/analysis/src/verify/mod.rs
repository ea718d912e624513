//! `quell verify DIR`: every case of a folder of reference results, computed again and compared.
//!
//! A case is a folder with `params.json`, inputs and expected tables, made by a program nobody here wrote. Each family of cases
//! has its file here; it calls what the commands call.

mod case;
mod chains;
mod charts;
mod compare;
mod endemic_epidemic;
mod farrington;
mod not_yet_reported;
mod plain_detectors;
mod pooling;
mod scan;
mod sums;
mod transmission;

use case::Case;
use clap::Args;
use compare::Checked;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Verify {
    /// Folder whose folders are the cases
    folder: PathBuf,
    /// Only families or cases whose name begins so
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
}

/// What became of one case.
pub struct Verdict {
    pub case: String,
    pub family: String,
    pub outcome: Outcome,
}

pub enum Outcome {
    Compared(Vec<Checked>),
    /// Could not be computed or read, which is a failure.
    Failed(String),
}

impl Verdict {
    pub fn holds(&self) -> bool {
        match &self.outcome {
            Outcome::Compared(measures) => {
                !measures.is_empty() && measures.iter().all(|checked| checked.holds)
            }
            Outcome::Failed(_) => false,
        }
    }
}

/// One case of a family, computed and compared.
fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "bayes" | "earsC" | "rki" => plain_detectors::check(case),
        "satscan" | "kulldorff_spatial" | "scan_pb_poisson" | "scan_eb_poisson" | "scan_permutation" => {
            scan::check(case)
        }
        "cusum" | "glrpois" | "glrnb" => sums::check(case),
        "farringtonFlexible" => farrington::check_flexible(case),
        "farrington1996" => farrington::check_1996(case),
        "nowcast" | "backprojNP" => not_yet_reported::check(case),
        "categoricalCUSUM" | "LRCUSUM.runlength" | "pairedbinCUSUM" | "rogerson" | "stcd" => {
            charts::check(case)
        }
        "hhh4" => endemic_epidemic::check(case),
        "estimate_R" | "wallinga_teunis" | "discr_si" | "incidence_fit" | "dic_fit" => {
            transmission::check(case)
        }
        "pooling_array"
        | "pooling_dorfman"
        | "pooling_heterogeneous"
        | "pooling_hierarchical"
        | "pooling_optimal"
        | "pooling_prevalence" => pooling::check(case),
        "outbreaker2" | "outbreaker2_likelihood" | "epicontacts" | "offspring_negbin" => chains::check(case),
        other => Err(format!("`{other}` is a family nobody here computes; look at its params.json")),
    }
}

/// Every case in the folder whose name or family begins with `only`, in the order of their names.
pub fn verdicts(folder: &Path, only: &str) -> Result<Vec<Verdict>, String> {
    let mut found = Vec::new();
    for case in case::cases_in(folder)? {
        let case = match case {
            Ok(case) => case,
            Err((name, why)) => {
                found.push(Verdict { case: name, family: String::new(), outcome: Outcome::Failed(why) });
                continue;
            }
        };
        if !(case.family.starts_with(only) || case.id.starts_with(only)) {
            continue;
        }
        let outcome = check(&case).map_or_else(Outcome::Failed, Outcome::Compared);
        found.push(Verdict { case: case.id, family: case.family, outcome });
    }
    if found.is_empty() {
        return Err(format!("no case in {} begins with `{only}`", folder.display()));
    }
    Ok(found)
}

impl Verify {
    pub fn run(self) -> Result<(), String> {
        let found = verdicts(&self.folder, self.only.as_deref().unwrap_or_default())?;
        println!("case\tmeasure\tcompared\tlargest difference\ttolerance\tverdict");
        for verdict in &found {
            match &verdict.outcome {
                Outcome::Compared(measures) => {
                    for checked in measures {
                        println!("{}\t{checked}", verdict.case);
                    }
                }
                Outcome::Failed(why) => println!("{}\t–\t0\t–\t–\tFAILED: {why}", verdict.case),
            }
        }
        let failed = found.iter().filter(|verdict| !verdict.holds()).count();
        eprintln!("{} cases hold, {failed} fail", found.len() - failed);
        if failed > 0 { Err(format!("{failed} cases fail")) } else { Ok(()) }
    }
}
