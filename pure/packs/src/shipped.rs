//! The packs Quell comes with, built into the program: it starts without looking for files. A department's own packs are
//! read by the same readers.

use crate::{Diseases, Faults, Regions, Roles};

/// Name and text of each disease pack.
pub const DISEASES: &[(&str, &str)] = &[
    ("diseases/covid-19-delta", include_str!("../../../packs/diseases/covid-19-delta.toml")),
    ("diseases/measles", include_str!("../../../packs/diseases/measles.toml")),
];

pub const ROLES: &str = include_str!("../../../packs/roles/roles.toml");

/// `pack.toml`, `regions.csv`, `adjacency.csv`.
pub const SHANXI: (&str, &str, &str) = (
    include_str!("../../../packs/regions/cn-14/pack.toml"),
    include_str!("../../../packs/regions/cn-14/regions.csv"),
    include_str!("../../../packs/regions/cn-14/adjacency.csv"),
);

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
pub fn shanxi() -> Result<Regions, Faults> {
    let (pack, regions, adjacency) = SHANXI;
    Regions::read(pack, regions, adjacency)
}
