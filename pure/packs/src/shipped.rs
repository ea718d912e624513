//! The packs Quell comes with, built into the program: it starts without looking for files. A department's
//! own packs are read by the same readers.

use crate::{
    Assays, Diseases, Faults, Indicators, Instruments, Interviews, MeasureFiles, Measures, MessageCodes,
    Occupations, Protocols, Regions, Restrictions, ResultCodes, Retention, Roles, Signals, TaskKinds,
};

/// Name and text of each disease pack.
pub const DISEASES: &[(&str, &str)] = &[
    ("diseases/cholera", include_str!("../../../packs/diseases/cholera.toml")),
    ("diseases/covid-19-delta", include_str!("../../../packs/diseases/covid-19-delta.toml")),
    ("diseases/covid-19-omicron", include_str!("../../../packs/diseases/covid-19-omicron.toml")),
    ("diseases/covid-19-wild", include_str!("../../../packs/diseases/covid-19-wild.toml")),
    ("diseases/dengue", include_str!("../../../packs/diseases/dengue.toml")),
    ("diseases/ebola", include_str!("../../../packs/diseases/ebola.toml")),
    ("diseases/influenza-a", include_str!("../../../packs/diseases/influenza-a.toml")),
    ("diseases/marburg", include_str!("../../../packs/diseases/marburg.toml")),
    ("diseases/measles", include_str!("../../../packs/diseases/measles.toml")),
    ("diseases/mers", include_str!("../../../packs/diseases/mers.toml")),
    ("diseases/mpox", include_str!("../../../packs/diseases/mpox.toml")),
    ("diseases/norovirus", include_str!("../../../packs/diseases/norovirus.toml")),
    ("diseases/pertussis", include_str!("../../../packs/diseases/pertussis.toml")),
    ("diseases/sars", include_str!("../../../packs/diseases/sars.toml")),
];

pub const ROLES: &str = include_str!("../../../packs/roles/roles.toml");

pub const RETENTION: &str = include_str!("../../../packs/retention/retention.toml");

pub const INDICATORS: &str = include_str!("../../../packs/surveillance/indicators.toml");

pub const SIGNALS: &str = include_str!("../../../packs/surveillance/signals.toml");

pub const INSTRUMENTS: &str = include_str!("../../../packs/surveillance/instruments.toml");

/// Name and text of each edition of contact rules.
pub const PROTOCOLS: &[(&str, &str)] = &[
    ("protocols/cholera", include_str!("../../../packs/protocols/cholera.toml")),
    ("protocols/cn-covid-10m", include_str!("../../../packs/protocols/cn-covid-10m.toml")),
    ("protocols/cn-covid-20m", include_str!("../../../packs/protocols/cn-covid-20m.toml")),
    ("protocols/cn-covid-7", include_str!("../../../packs/protocols/cn-covid-7.toml")),
    ("protocols/cn-covid-8", include_str!("../../../packs/protocols/cn-covid-8.toml")),
    ("protocols/cn-covid-9", include_str!("../../../packs/protocols/cn-covid-9.toml")),
    ("protocols/cn-covid-bb", include_str!("../../../packs/protocols/cn-covid-bb.toml")),
    ("protocols/ebola", include_str!("../../../packs/protocols/ebola.toml")),
    ("protocols/generic", include_str!("../../../packs/protocols/generic.toml")),
    ("protocols/marburg", include_str!("../../../packs/protocols/marburg.toml")),
    ("protocols/measles", include_str!("../../../packs/protocols/measles.toml")),
    ("protocols/mers", include_str!("../../../packs/protocols/mers.toml")),
    ("protocols/mpox", include_str!("../../../packs/protocols/mpox.toml")),
];

pub const EXPOSURES: &str = include_str!("../../../packs/protocols/exposures.toml");

/// Name and text of each assay.
pub const ASSAYS: &[(&str, &str)] = &[
    ("assays/cn-sars-cov-2", include_str!("../../../packs/assays/cn-sars-cov-2.toml")),
    ("assays/us-sars-cov-2-n1-n2", include_str!("../../../packs/assays/us-sars-cov-2-n1-n2.toml")),
];

pub const RESTRICTIONS: &str = include_str!("../../../packs/restrictions/restrictions.toml");

pub const RESULT_CODES: &str = include_str!("../../../packs/results/result-codes.toml");

pub const MESSAGE_CODES: &str = include_str!("../../../packs/results/message-codes.toml");
pub const OCCUPATIONS: &str = include_str!("../../../packs/occupations/occupations.toml");

pub const TASKS: &str = include_str!("../../../packs/tasks/tasks.toml");
/// Laws, words, kinds, money and gatherings.
pub const MEASURES: MeasureFiles<'static> = MeasureFiles {
    laws: include_str!("../../../packs/measures/laws.toml"),
    vocabulary: include_str!("../../../packs/measures/vocabulary.toml"),
    catalogue: include_str!("../../../packs/measures/measures.toml"),
    economy: include_str!("../../../packs/measures/economy.toml"),
    gatherings: include_str!("../../../packs/measures/gatherings.toml"),
};

pub const INTERVIEWS: &str = include_str!("../../../packs/interviews/interviews.toml");

/// `pack.toml`, `regions.csv`, `adjacency.csv`.
pub const SHANXI: (&str, &str, &str) = (
    include_str!("../../../packs/regions/cn-14/pack.toml"),
    include_str!("../../../packs/regions/cn-14/regions.csv"),
    include_str!("../../../packs/regions/cn-14/adjacency.csv"),
);

/// # Errors
/// None in a released build: a test reads it.
pub fn restrictions() -> Result<Restrictions, Faults> {
    Restrictions::read(RESTRICTIONS)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn result_codes() -> Result<ResultCodes, Faults> {
    ResultCodes::read(RESULT_CODES, &assays()?)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn message_codes() -> Result<MessageCodes, Faults> {
    MessageCodes::read(MESSAGE_CODES, &diseases()?)
}

/// # Errors
/// None in a released build: a test reads them all.
pub fn diseases() -> Result<Diseases, Faults> {
    Diseases::read(DISEASES.iter().copied())
}

/// # Errors
/// None in a released build: a test reads them.
pub fn roles() -> Result<Roles, Faults> {
    Roles::read(ROLES)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn retention() -> Result<Retention, Faults> {
    Retention::read(RETENTION, &roles()?)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn indicators() -> Result<Indicators, Faults> {
    Indicators::read(INDICATORS)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn instruments() -> Result<Instruments, Faults> {
    Instruments::read(INSTRUMENTS)
}

/// # Errors
/// None in a released build: a test reads them.
pub fn protocols() -> Result<Protocols, Faults> {
    Protocols::read(PROTOCOLS.iter().copied(), EXPOSURES, &diseases()?)
}

/// # Errors
/// None in a released build: a test reads them.
pub fn assays() -> Result<Assays, Faults> {
    Assays::read(ASSAYS.iter().copied(), &diseases()?)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn interviews() -> Result<Interviews, Faults> {
    Interviews::read(INTERVIEWS, &diseases()?)
}

/// # Errors
/// None in a released build: a test reads them.
pub fn measures() -> Result<Measures, Faults> {
    Measures::read(MEASURES)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn occupations() -> Result<Occupations, Faults> {
    Occupations::read(OCCUPATIONS, &protocols()?)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn tasks() -> Result<TaskKinds, Faults> {
    TaskKinds::read(TASKS)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn signals() -> Result<Signals, Faults> {
    Signals::read(SIGNALS)
}

/// # Errors
/// None in a released build: a test reads it.
pub fn shanxi() -> Result<Regions, Faults> {
    let (pack, regions, adjacency) = SHANXI;
    Regions::read(pack, regions, adjacency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tag;
    use std::collections::BTreeSet;

    #[test]
    fn every_shipped_disease_is_sound_and_named_as_its_file() {
        let diseases = diseases().unwrap_or_else(|faults| panic!("{faults}"));
        let ids: BTreeSet<String> =
            diseases.iter().map(|disease| format!("diseases/{}", disease.id)).collect();
        assert_eq!(ids, DISEASES.iter().map(|(name, _)| (*name).to_owned()).collect());
        assert_eq!(ids.len(), 14);
    }

    #[test]
    fn a_value_called_sourced_names_a_paper_or_a_rule() {
        for disease in diseases().unwrap().iter() {
            for delay in [&disease.incubation, &disease.serial_interval] {
                assert!(
                    delay.tag == Tag::Memory || delay.source.contains("doi:10."),
                    "{}: `{}` is called sourced without a DOI",
                    disease.id,
                    delay.source
                );
            }
        }
    }
}
