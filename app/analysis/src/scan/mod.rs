//! `quell scan`: is there a circle of places and a stretch of time with more cases than chance explains?

mod axis;
mod input;
mod map;
mod report;
mod settings;

use crate::detect::progress::Progress;
use crate::output::Output;
use crate::picture;
use crate::table::Table;
pub use axis::Axis;
use clap::Args;
pub use input::{Files, Ground, ground_of};
pub use report::sheet_of;
pub use settings::{AnalysisType, ModelName, Settings};
use std::path::PathBuf;
use surveillance::scan::{Look, Model, Reach, Scan, Scanned, stretches, zones_around};

#[derive(Args)]
pub struct ScanCommand {
    /// Cases, as CSV: location, cases, time (or year, or date), kinds of people
    file: PathBuf,
    /// Places, as CSV: location and x, y or lat, lon
    #[arg(long, value_name = "FILE")]
    locations: PathBuf,
    /// People, as CSV: location, population, time, kinds of people
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// Controls, as CSV: location, controls, time
    #[arg(long, value_name = "FILE")]
    controls: Option<PathBuf>,
    /// Expected cases, as CSV: location, expected, time
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,
    /// What cases are compared with
    #[arg(long, value_enum)]
    model: Option<ModelName>,
    /// Configuration, as JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Map of places and clusters, as .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

impl ScanCommand {
    pub fn run(self) -> Result<(), String> {
        let settings = Settings::read(self.config.as_deref())?;
        let model = match (self.model, settings.model_type) {
            (Some(a), Some(b)) if a != b => {
                return Err(
                    "--model and `model_type` of the configuration differ; leave one of them away".to_owned()
                );
            }
            (Some(model), _) | (None, Some(model)) => model,
            (None, None) => {
                return Err("say what cases are compared with: --model poisson (population), bernoulli (controls), permutation \
                            (nothing but the cases), expectation_poisson or expectation_negbin (history)"
                    .to_owned());
            }
        };
        let read = |path: &Option<PathBuf>| path.as_deref().map(Table::read).transpose();
        let (cases, locations) = (Table::read(&self.file)?, Table::read(&self.locations)?);
        let (population, controls, expected) =
            (read(&self.population)?, read(&self.controls)?, read(&self.expected)?);
        let files = Files {
            cases: &cases,
            locations: &locations,
            population: population.as_ref(),
            controls: controls.as_ref(),
            expected: expected.as_ref(),
        };
        let ground = ground_of(&files, model, &settings)?;
        let scan = scan_of(&ground, model, &settings)?;
        let progress = Progress::of(scan.replicates);
        let scanned = scan.run(&ground.cells, &|replicates| progress.advance(replicates));
        self.account(&ground, &scan, &scanned, &settings);
        if let Some(path) = &self.plot {
            let told = report::told(&scanned, &settings);
            picture::write(&map::svg(&ground, &told, self.output.language), path)?;
        }
        let text = sheet_of(&ground, &scanned, model, &settings).render(self.output.format())?;
        self.output.write(&text, &self.file)
    }

    /// On standard error, so that it never mixes with the result.
    fn account(&self, ground: &Ground, scan: &Scan, scanned: &Scanned, settings: &Settings) {
        for note in &ground.notes {
            eprintln!("{note}");
        }
        eprintln!(
            "{} cases, {} places, {} steps from {} to {}; {} replicates, seed {}",
            ground.cells.total_cases(),
            ground.names.len(),
            ground.cells.steps,
            ground.axis.first_of(0),
            ground.axis.last_of(ground.cells.steps - 1),
            scan.replicates,
            scan.seed
        );
        let left_out = scanned.clusters.len() - report::told(scanned, settings).len();
        if left_out > 0 {
            eprintln!(
                "{left_out} clusters that every replicate exceeds are not told; `report_all` tells them"
            );
        }
    }
}

/// What the settings ask for, on this ground.
pub fn scan_of(ground: &Ground, model: ModelName, settings: &Settings) -> Result<Scan, String> {
    let steps = ground.cells.steps;
    let kind = settings.analysis_type;
    if kind != AnalysisType::Spatial && steps < 2 {
        return Err(
            "the cases are all in one step, so only their places can be compared; give their times, or set \
                    `analysis_type` to spatial"
                .to_owned(),
        );
    }
    let longest = ((steps as f64 * settings.max_temporal_size / 100.0 + 1e-9).floor() as usize).max(1);
    let look = match kind {
        AnalysisType::Spatial => Look::WholePeriod,
        AnalysisType::SpaceTime | AnalysisType::Temporal => Look::AnyTime { longest },
        AnalysisType::Prospective => Look::Ongoing { longest, from: ground.axis.prospective_from(settings)? },
    };
    if model == ModelName::Permutation && look == Look::WholePeriod {
        return Err(
            "the permutation model compares times, so it has nothing to say about places alone; use another \
                    `analysis_type` or model"
                .to_owned(),
        );
    }
    let reach = match (kind, settings.k) {
        (AnalysisType::Temporal, _) => Reach::Everywhere,
        (_, Some(k)) => Reach::Nearest(k),
        (_, None) => Reach::Share { measure: ground.measure.clone(), share: settings.spatial_share() },
    };
    let centres = zones_around(&ground.places, &reach);
    if centres.iter().all(|centre| centre.ends.is_empty()) {
        return Err("every place by itself holds more than a circle may; raise `max_spatial_size_in_population_at_risk`, or set \
                    `analysis_type` to temporal"
            .to_owned());
    }
    Ok(Scan {
        model: match model {
            ModelName::Poisson => Model::Poisson,
            ModelName::Bernoulli => Model::Bernoulli,
            ModelName::Permutation => Model::Permutation,
            ModelName::ExpectationPoisson => Model::ExpectationPoisson,
            ModelName::ExpectationNegbin => {
                Model::ExpectationNegativeBinomial { size: settings.dispersion_size }
            }
        },
        areas: settings.scan_areas,
        centres,
        stretches: stretches(steps, look),
        least_cases: settings.minimum_cases_in_high_rate_clusters,
        most_clusters: settings.most_clusters,
        replicates: settings.monte_carlo_reps,
        seed: settings.seed,
        compatibility: settings.compatibility,
    })
}

#[cfg(test)]
mod tests;
