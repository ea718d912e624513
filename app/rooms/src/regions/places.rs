//! The places in force, in memory: the pack's, with the department's own laid over them.

use crate::packed;
use base::Territory;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use store::{Db, Query, Result, params};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    pub path: Territory,
    pub code: String,
    pub zh: String,
    pub en: String,
    pub level: usize,
    pub population: Option<i64>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}

#[derive(Debug, Default)]
pub struct Atlas {
    by_path: BTreeMap<Territory, Place>,
    by_code: BTreeMap<String, Territory>,
    /// Names, lower case, Chinese full and short and pinyin, to the places that bear them.
    by_name: BTreeMap<String, Vec<Territory>>,
    pub has_shapes: bool,
}

pub struct Places(RwLock<Arc<Atlas>>);

/// China keeps one time; a department elsewhere states its own when it imports its regions. Until then this is an
/// editable default of the shipped pack.
const UTC_OFFSET_MINUTES: i32 = 480;

impl Places {
    pub fn load(db: &Db) -> Result<Places> {
        Ok(Places(RwLock::new(Arc::new(atlas(db)?))))
    }

    pub fn now(&self) -> Arc<Atlas> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub fn reload(&self, db: &Db) -> Result<()> {
        let fresh = Arc::new(atlas(db)?);
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub fn utc_offset_minutes(&self) -> i32 {
        UTC_OFFSET_MINUTES
    }
}

fn atlas(db: &Db) -> Result<Atlas> {
    let own = db.read_now(|reader| {
        reader.rows("SELECT path, zh, en, population, lon, lat, shape IS NOT NULL FROM regions_own ORDER BY path", params![])
    })?;
    let mut atlas = Atlas::default();
    for region in packed::shanxi().iter() {
        atlas.add(
            Place {
                path: region.territory.clone(),
                code: region.code().to_owned(),
                zh: region.zh.clone(),
                en: region.en.clone(),
                level: region.level.depth(),
                population: region.population.and_then(|people| i64::try_from(people).ok()),
                lon: region.centroid.map(|(lon, _)| lon),
                lat: region.centroid.map(|(_, lat)| lat),
            },
            &[&region.zh_short],
        );
    }
    for former in &packed::shanxi().former {
        if let Some(place) = atlas.by_code.get(&former.code).cloned() {
            atlas.by_code.entry(former.was_code.clone()).or_insert_with(|| place.clone());
            atlas.by_name.entry(former.was_zh.to_lowercase()).or_default().push(place);
        }
    }
    for row in &own {
        let path: Territory = row.read(0)?;
        atlas.has_shapes |= row.int(6)? != 0;
        let known = atlas.by_path.get(&path).cloned();
        atlas.add(
            Place {
                code: path.code().to_owned(),
                level: path.depth(),
                zh: row.text(1)?,
                en: row.text(2)?,
                population: row.opt_int(3)?.or(known.as_ref().and_then(|place| place.population)),
                lon: row.opt_real(4)?,
                lat: row.opt_real(5)?,
                path,
            },
            &[],
        );
    }
    Ok(atlas)
}

impl Atlas {
    fn add(&mut self, place: Place, other_names: &[&str]) {
        let path = place.path.clone();
        self.by_code.insert(place.code.clone(), path.clone());
        for name in [place.zh.as_str(), place.en.as_str()].iter().chain(other_names) {
            let bearers = self.by_name.entry(name.to_lowercase()).or_default();
            if !bearers.contains(&path) {
                bearers.push(path.clone());
            }
        }
        self.by_path.insert(path, place);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.by_path.values()
    }

    pub fn at(&self, path: &Territory) -> Option<&Place> {
        self.by_path.get(path)
    }

    /// The top of the tree: where a case goes whose place is not known.
    pub fn root(&self) -> Territory {
        self.by_path.keys().next().cloned().unwrap_or_default()
    }

    pub fn by_code(&self, code: &str) -> Option<&Territory> {
        // Line lists pad codes to 12 digits or cut them; the first six name the county.
        let trimmed = code.trim();
        self.by_code.get(trimmed).or_else(|| {
            let long = trimmed.len() > 6 && trimmed.bytes().all(|b| b.is_ascii_digit());
            long.then(|| self.by_code.get(&trimmed[..9.min(trimmed.len())]).or_else(|| self.by_code.get(&trimmed[..6])))?
        })
    }

    /// Names from broad to narrow to the narrowest place they agree on, and the first name nobody bears there (or that two
    /// places bear). Nothing below an unknown name is looked for: a county of the same sound lies in another province.
    pub fn find(&self, names: &[String]) -> (Option<Territory>, Option<String>) {
        let mut here: Option<Territory> = None;
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty() && !is_the_whole(name)) {
            // `Pingyao County, Jinzhong City`: within one cell the broad name stands last.
            for part in name.split([',', '，']).rev().map(str::trim).filter(|part| !part.is_empty()) {
                let inside = here.clone().unwrap_or_default();
                match self.named(part, &inside) {
                    Some(place) => here = Some(place),
                    None => return (here, Some(part.to_owned())),
                }
            }
        }
        (here, None)
    }

    fn named(&self, name: &str, inside: &Territory) -> Option<Territory> {
        let bearers = self.by_name.get(&name.to_lowercase()).or_else(|| self.by_name.get(&bare(name)))?;
        let within: Vec<&Territory> = bearers.iter().filter(|place| inside.holds(place)).collect();
        let broadest = within.iter().map(|place| place.depth()).min()?;
        let mut broadest = within.into_iter().filter(|place| place.depth() == broadest);
        match (broadest.next(), broadest.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }
}

/// The country itself names no region of it.
fn is_the_whole(name: &str) -> bool {
    ["china", "中国", "mainland china", "中华人民共和国"].contains(&name.to_lowercase().as_str())
}

/// `Taiyuan City`, `Shanxi Province`: the name without its kind.
fn bare(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    [" province", " city", " county", " district", " prefecture"]
        .iter()
        .find_map(|kind| lower.strip_suffix(kind))
        .unwrap_or(&lower)
        .to_owned()
}
