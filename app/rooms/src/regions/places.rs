//! The places in force, in memory: the pack's, with the department's own laid over them.

use crate::packed;
use base::Territory;
use serde::Serialize;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
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
    /// Follows from the places alone: a browser that holds this one needs no other.
    pub edition: u64,
}

pub struct Places(RwLock<Arc<Atlas>>);

/// China keeps one time; a department elsewhere states its own when it imports its regions. Until then this is an
/// editable default of the shipped pack.
pub(crate) const UTC_OFFSET_MINUTES: i32 = 480;

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
        reader.rows(
            "SELECT path, zh, en, population, lon, lat, shape IS NOT NULL FROM regions_own ORDER BY path",
            params![],
        )
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
    let mut hasher = DefaultHasher::new();
    for place in atlas.by_path.values() {
        serde_json::to_string(place).unwrap_or_default().hash(&mut hasher);
    }
    atlas.edition = hasher.finish();
    Ok(atlas)
}

impl Atlas {
    fn add(&mut self, place: Place, other_names: &[&str]) {
        let path = place.path.clone();
        self.by_code.insert(place.code.clone(), path.clone());
        for name in [place.zh.as_str(), place.en.as_str()].iter().chain(other_names) {
            // 吕 is written lü, lu and lv.
            for spelling in [
                name.to_lowercase(),
                name.to_lowercase().replace('ü', "u"),
                name.to_lowercase().replace('ü', "v"),
            ] {
                let bearers = self.by_name.entry(spelling).or_default();
                if !bearers.contains(&path) {
                    bearers.push(path.clone());
                }
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
            long.then(|| {
                self.by_code.get(&trimmed[..9.min(trimmed.len())]).or_else(|| self.by_code.get(&trimmed[..6]))
            })?
        })
    }

    /// Names from broad to narrow to the narrowest place they agree on, and the first name nobody bears there (or that two
    /// places bear). Nothing below an unknown name is looked for: a county of the same sound lies in another province.
    pub fn find(&self, names: &[String]) -> (Option<Territory>, Option<String>) {
        let mut here: Option<Territory> = None;
        for name in
            names.iter().map(|name| name.trim()).filter(|name| !name.is_empty() && !is_the_whole(name))
        {
            // Within one cell the broad name mostly stands last (`Pingyao County, Jinzhong City`), and sometimes first.
            let parts: Vec<&str> =
                name.split([',', '，']).map(str::trim).filter(|part| !part.is_empty()).collect();
            let last_first: Vec<&str> = parts.iter().rev().copied().collect();
            let (found, unknown) = self.narrow(here.as_ref(), &last_first);
            let (turned, turned_unknown) =
                if unknown.is_some() { self.narrow(here.as_ref(), &parts) } else { (None, None) };
            let better = turned.is_some() && (turned_unknown.is_none() || turned > found);
            let (place, missing) = if better { (turned, turned_unknown) } else { (found, unknown) };
            here = place;
            if let Some(missing) = missing {
                return (here, Some(missing.to_owned()));
            }
        }
        (here, None)
    }

    /// From a place inwards, name by name; the first that is not found ends it.
    fn narrow<'n>(
        &self,
        from: Option<&Territory>,
        names: &[&'n str],
    ) -> (Option<Territory>, Option<&'n str>) {
        let mut here = from.cloned();
        for name in names {
            match self.named(name, here.as_ref()) {
                Some(place) => here = Some(place),
                None => return (here, Some(name)),
            }
        }
        (here, None)
    }

    fn named(&self, name: &str, inside: Option<&Territory>) -> Option<Territory> {
        let bearers = self.by_name.get(&name.to_lowercase()).or_else(|| self.by_name.get(&bare(name)))?;
        let within: Vec<&Territory> = match inside {
            Some(inside) => bearers.iter().filter(|place| inside.holds(place)).collect(),
            // Without a broader name only larger places are meant: a township called Beijing is not where 北京 is.
            None => bearers
                .iter()
                .filter(|place| place.depth() <= 3 && (place.depth() < 3 || !is_a_province(name)))
                .collect(),
        };
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

/// Provinces by pinyin that are also the pinyin of a county somewhere (新疆 and 新绛, 河南 and 河南蒙古族自治县, 海南 and 海南区).
fn is_a_province(name: &str) -> bool {
    ["xinjiang", "henan", "hainan", "jilin", "hubei", "hebei", "guangdong", "yunnan"]
        .contains(&bare(name).as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn atlas() -> Atlas {
        let mut atlas = Atlas::default();
        for (path, zh, en) in [
            ("14", "山西省", "Shanxi"),
            ("14/1407", "晋中市", "Jinzhong"),
            ("14/1407/140728", "平遥县", "Pingyao"),
            ("14/1408", "运城市", "Yuncheng"),
            ("14/1408/140825", "新绛县", "Xinjiang"),
            ("14/1408/140821", "临猗县", "Linyi"),
            ("14/1408/140821/140821205", "北景乡", "Beijing"),
        ] {
            let path: Territory = path.parse().unwrap();
            let place = Place {
                code: path.code().to_owned(),
                level: path.depth(),
                path,
                zh: zh.to_owned(),
                en: en.to_owned(),
                population: None,
                lon: None,
                lat: None,
            };
            atlas.add(place, &[]);
        }
        atlas
    }

    fn check(names: &[&str], found: Option<&str>, unknown: Option<&str>) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let (place, missing) = atlas().find(&names);
        assert_eq!((place.as_ref().map(Territory::path), missing.as_deref()), (found, unknown), "{names:?}");
    }

    #[test]
    fn a_place_is_found_by_its_names_in_either_order_and_language() {
        check(&["China", "Shanxi", "Pingyao County, Jinzhong City"], Some("14/1407/140728"), None);
        check(&["Shanxi", "Jinzhong City, Pingyao County"], Some("14/1407/140728"), None);
        check(&["山西省", "晋中市", "平遥县"], Some("14/1407/140728"), None);
    }

    #[test]
    fn a_place_of_the_same_sound_elsewhere_is_not_taken_for_it() {
        check(&["Beijing", "Haidian District"], None, Some("Beijing"));
        check(&["Xinjiang", "Urumqi City"], None, Some("Xinjiang"));
        check(&["Yuncheng", "Xinjiang"], Some("14/1408/140825"), None);
    }
}
