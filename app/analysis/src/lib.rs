//! The analyst's commands on plain files: no server, no database. What they compute lives in `stats`, `surveillance`,
//! `trace`, `lab` and `control`.

#![allow(dead_code, reason = "families come one by one, and each uses its part")]

mod account;
mod attack_rates;
mod back_project;
mod censored_interval;
mod chain_chart;
mod chains;
mod chart;
mod column_days;
mod config;
mod contacts;
mod detect;
mod epicurve;
mod final_size;
mod forecast;
mod fusion;
mod growth;
mod incidence_file;
mod interval_file;
mod language;
mod links;
mod names;
mod nowcast;
mod outbreak_end;
mod output;
mod overlap;
mod picture;
mod pool;
mod reconcile_files;
mod risk_areas;
mod rt;
mod scan;
mod serial_interval;
mod series_file;
mod sheet;
mod table;
pub mod verify;

pub use fusion::{Held, read_settings, read_streams};

use clap::Subcommand;

#[derive(Subcommand)]
pub enum Analysis {
    /// The epidemic curve: cases per day, week or month, by group
    Epicurve(epicurve::Epicurve),
    /// Days between the onsets of infector and infectee, corrected for pairs not yet visible
    SerialInterval(serial_interval::SerialInterval),
    /// Candidate links from free text: who is named as the source of whom
    Links(links::Links),
    /// Who infected whom, from days, contacts, genetic distances and named sources
    Chains(chains::Chains),
    /// Two lists about the same people: who is in both, and on what they agree
    ReconcileFiles(reconcile_files::ReconcileFiles),
    /// Who shared a place, a neighbourhood or a carriage with cases, and how strongly
    Overlap(overlap::Overlap),
    /// Whom a case can have reached, directly and through one other, in the order of days
    Contacts(contacts::Contacts),
    /// Who fell ill among those exposed and not, for every suspect, the likeliest first
    AttackRates(attack_rates::AttackRates),
    /// Series in a CSV: which steps are unusual, by a method of your choice
    Detect(detect::Detect),
    /// How many cases each of the last days will have once all are reported
    Nowcast(nowcast::NowcastCommand),
    /// From days of falling ill back to days of infection
    Backproject(back_project::BackProject),
    /// Clusters in space and time: circles of places with more cases than chance explains
    Scan(scan::ScanCommand),
    /// How many people each case infects now, from daily cases
    Rt(rt::Rt),
    /// How fast cases grow or shrink, with doubling or halving time
    Growth(growth::GrowthRate),
    /// Which share of people an outbreak will have infected in the end
    FinalSize(final_size::FinalSize),
    /// How sure it is that an outbreak is over, day by day after the last case
    OutbreakEnd(outbreak_end::OutbreakEnd),
    /// The next steps of a series with intervals, or how good past forecasts were
    Forecast(forecast::Forecast),
    /// How to mix tests, what the pools of a day say of the prevalence, and which size to use tomorrow
    Pool(pool::Pool),
    /// Published lists of risk areas: how long places stayed on them, and how well the rules say when they left
    RiskAreas(risk_areas::RiskAreas),
    /// Many streams in many places: which to look at first, within what a team can check
    Fuse(fusion::Fuse),
    /// How well detectors and their fusion find outbreaks that are known
    Evaluate(fusion::Evaluate),
    /// Every case of a folder of reference results, computed again and compared
    Verify(verify::Verify),
}

impl Analysis {
    pub fn run(self) -> Result<(), String> {
        match self {
            Analysis::Epicurve(command) => command.run(),
            Analysis::SerialInterval(command) => command.run(),
            Analysis::Links(command) => command.run(),
            Analysis::Chains(command) => command.run(),
            Analysis::ReconcileFiles(command) => command.run(),
            Analysis::Overlap(command) => command.run(),
            Analysis::Contacts(command) => command.run(),
            Analysis::AttackRates(command) => command.run(),
            Analysis::Detect(command) => command.run(),
            Analysis::Nowcast(command) => command.run(),
            Analysis::Backproject(command) => command.run(),
            Analysis::Scan(command) => command.run(),
            Analysis::Rt(command) => command.run(),
            Analysis::Growth(command) => command.run(),
            Analysis::FinalSize(command) => command.run(),
            Analysis::OutbreakEnd(command) => command.run(),
            Analysis::Forecast(command) => command.run(),
            Analysis::Pool(command) => command.run(),
            Analysis::RiskAreas(command) => command.run(),
            Analysis::Fuse(command) => command.run(),
            Analysis::Evaluate(command) => command.run(),
            Analysis::Verify(command) => command.run(),
        }
    }
}
