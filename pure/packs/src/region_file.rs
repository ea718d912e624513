//! The three files of a region pack, read and checked row by row.

use crate::fault::{Check, read_toml};
use crate::regions::{FormerName, LevelName, Zone};
use crate::{Faults, Level, Region};
use base::Territory;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the files hold, once sound.
pub(crate) struct Parts {
    pub(crate) head: Head,
    pub(crate) rows: Vec<Region>,
    pub(crate) by_code: BTreeMap<String, usize>,
    pub(crate) neighbours: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    #[serde(default)]
    pub(crate) level_names: Vec<LevelName>,
    pub(crate) source: String,
    /// Left out by a pack without populations.
    total_population: Option<u64>,
    #[serde(default)]
    pub(crate) statistical_zones: Vec<Zone>,
    #[serde(default)]
    pub(crate) former: Vec<FormerName>,
    #[serde(default)]
    pub(crate) known_quirks: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    path: String,
    code: String,
    level: usize,
    zh: String,
    zh_short: String,
    en: String,
    population: Option<u64>,
    lon: Option<f64>,
    lat: Option<f64>,
}

#[derive(Deserialize)]
struct Pair {
    code_a: String,
    code_b: String,
}

pub(crate) fn read(pack: &str, regions_csv: &str, adjacency_csv: &str) -> Result<Parts, Faults> {
    let head: Head = read_toml("regions/pack.toml", pack)?;
    let name = format!("regions/{}", head.id);
    let mut check = Check::of(&name);
    let rows = read_rows(regions_csv, &mut check);
    let by_code = index_codes(&rows, &mut check);
    let neighbours = read_neighbours(adjacency_csv, &by_code, &rows, &mut check);
    check_parents(&rows, &mut check);
    check_people(&rows, &by_code, &head, &mut check);
    check.said(&head.source, "source");
    for former in head.former.iter().filter(|former| !by_code.contains_key(&former.code)) {
        let problem = format!("no region has the code {}", former.code);
        check.fault("former", problem, "correct the code or leave the name out");
    }
    check.finish(Parts { head, rows, by_code, neighbours })
}

fn read_rows(text: &str, check: &mut Check<'_>) -> Vec<Region> {
    let mut rows = Vec::new();
    for (place, row) in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>().enumerate() {
        let key = format!("regions.csv line {}", place + 2);
        match row {
            Ok(row) => rows.extend(read_row(row, &key, check)),
            Err(error) => check.fault(
                &key,
                error.to_string(),
                "columns: path, code, level, zh, zh_short, en, population, lon, lat",
            ),
        }
    }
    rows.sort_by(|a: &Region, b| a.territory.cmp(&b.territory));
    rows
}

fn read_row(row: Row, key: &str, check: &mut Check<'_>) -> Option<Region> {
    let Ok(territory) = row.path.parse::<Territory>() else {
        check.fault(key, format!("`{}` is not a path", row.path), "write codes from the top: 14/1407/140703");
        return None;
    };
    let Some(level) = Level::at_depth(row.level).filter(|level| level.depth() == territory.depth()) else {
        check.fault(key, format!("level {} does not fit the path {territory}", row.level), "count its codes");
        return None;
    };
    check.unless(
        territory.code() == row.code,
        key,
        "the code is not the last code of the path",
        "correct one",
    );
    check.said(&row.zh, key);
    check.said(&row.en, key);
    let on_earth = |(lon, lat): &(f64, f64)| lon.abs() <= 180.0 && lat.abs() <= 90.0;
    let centroid = row.lon.zip(row.lat);
    check.unless(
        centroid.as_ref().is_none_or(on_earth),
        key,
        "the centroid is not on Earth",
        "longitude comes before latitude, in degrees",
    );
    Some(Region {
        territory,
        level,
        zh: row.zh,
        zh_short: row.zh_short,
        en: row.en,
        population: row.population,
        centroid,
    })
}

fn index_codes(rows: &[Region], check: &mut Check<'_>) -> BTreeMap<String, usize> {
    let mut by_code = BTreeMap::new();
    for (place, region) in rows.iter().enumerate() {
        if by_code.insert(region.code().to_owned(), place).is_some() {
            check.fault(region.code(), "two regions have this code", "keep one row");
        }
    }
    by_code
}

fn check_parents(rows: &[Region], check: &mut Check<'_>) {
    let known: BTreeSet<&Territory> = rows.iter().map(|region| &region.territory).collect();
    for region in rows.iter().filter(|region| region.level != Level::Province) {
        let parent = region.territory.at_depth(region.level.depth() - 1);
        if !known.contains(&parent) {
            check.fault(region.code(), format!("lies inside {parent}, which has no row"), "add the row");
        }
    }
}

/// A figure above county level is the sum of what is inside it, zones included, so that a rate per head is
/// right at every level.
fn check_people(rows: &[Region], by_code: &BTreeMap<String, usize>, head: &Head, check: &mut Check<'_>) {
    let Some(stated_total) = head.total_population else { return };
    let mut inside: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |code: &str, people: u64| *inside.entry(code.to_owned()).or_default() += people;
    for county in rows.iter().filter(|region| region.level == Level::County) {
        for depth in 1..Level::County.depth() {
            add(county.territory.at_depth(depth).code(), county.population.unwrap_or_default());
        }
    }
    for zone in &head.statistical_zones {
        let Some(around) = by_code.get(&zone.inside).map(|place| &rows[*place]) else {
            check.fault("statistical_zones", format!("{} has no row", zone.inside), "correct `inside`");
            continue;
        };
        for depth in 1..=around.level.depth() {
            add(around.territory.at_depth(depth).code(), zone.population);
        }
    }
    for (code, people) in &inside {
        let stated = by_code.get(code).and_then(|place| rows[*place].population);
        if stated != Some(*people) {
            let problem = format!("states {stated:?} residents, its counties and zones have {people}");
            check.fault(code, problem, "correct the figure or the rows inside it");
        }
    }
    let total: u64 = rows
        .iter()
        .filter(|region| region.level == Level::Province)
        .filter_map(|region| region.population)
        .sum();
    check.unless(
        total == stated_total,
        "total_population",
        "is not the sum of the provinces",
        "compare with the census communique",
    );
}

fn read_neighbours(
    text: &str,
    by_code: &BTreeMap<String, usize>,
    rows: &[Region],
    check: &mut Check<'_>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut neighbours: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, pair) in csv::Reader::from_reader(text.as_bytes()).deserialize::<Pair>().enumerate() {
        let key = format!("adjacency.csv line {}", place + 2);
        let Ok(Pair { code_a, code_b }) = pair else {
            check.fault(&key, "is not a pair of codes", "columns: code_a, code_b");
            continue;
        };
        let counties = [&code_a, &code_b]
            .into_iter()
            .all(|code| by_code.get(code).is_some_and(|place| rows[*place].level == Level::County));
        if !counties || code_a >= code_b {
            check.fault(&key, format!("{code_a}, {code_b}"), "name two counties, the smaller code first");
            continue;
        }
        neighbours.entry(code_a.clone()).or_default().insert(code_b.clone());
        neighbours.entry(code_b).or_default().insert(code_a);
    }
    neighbours
}
