//! A region pack: a hierarchy of places, how many people live there, and which counties touch.

use crate::region_file::{self, Parts};
use crate::{Faults, Level, Region, Tag};
use base::Territory;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    pub id: String,
    pub version: String,
    pub zh: String,
    pub en: String,
    pub source: String,
    pub level_names: Vec<LevelName>,
    pub zones: Vec<Zone>,
    pub former: Vec<FormerName>,
    pub known_quirks: Vec<String>,
    /// In order of territory: a place comes before everything inside it.
    rows: Vec<Region>,
    by_code: BTreeMap<String, usize>,
    /// Every name and code, old and new, in lower case, to places in `rows`: an import asks 100,000 times.
    by_name: BTreeMap<String, Vec<usize>>,
    neighbours: BTreeMap<String, BTreeSet<String>>,
}

/// Where a stated address leads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Located<'a> {
    /// One: the place. None: no name is known. Several: the names fit all of them.
    pub regions: Vec<&'a Region>,
    /// Names that matched nothing inside what the names before them said.
    pub unknown: Vec<&'a str>,
}

/// People the census counts outside every county.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    pub code: String,
    /// Code of the region whose figure includes it.
    pub inside: String,
    pub zh: String,
    pub population: u64,
}

/// What a place was called before, because old lists still say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerName {
    pub code: String,
    pub was_code: String,
    pub was_zh: String,
    /// Last year of the old name.
    pub until: i32,
    pub tag: Tag,
}

/// What a level is called in this place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelName {
    /// 1 the highest to 4 the lowest.
    pub level: usize,
    pub zh: String,
    pub en: String,
}

impl Regions {
    /// Reads `pack.toml`, `regions.csv` and `adjacency.csv`.
    ///
    /// # Errors
    /// Everything that is wrong with the pack, each with its file, line or code, and a remedy.
    pub fn read(pack: &str, regions_csv: &str, adjacency_csv: &str) -> Result<Regions, Faults> {
        let Parts { head, rows, by_code, neighbours } = region_file::read(pack, regions_csv, adjacency_csv)?;
        let by_name = index_names(&rows, &by_code, &head.former);
        Ok(Regions {
            by_name,
            id: head.id,
            version: head.version,
            zh: head.zh,
            en: head.en,
            source: head.source,
            level_names: head.level_names,
            zones: head.statistical_zones,
            former: head.former,
            known_quirks: head.known_quirks,
            rows,
            by_code,
            neighbours,
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.rows.iter()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn by_code(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code).map(|place| &self.rows[*place])
    }

    pub fn at(&self, territory: &Territory) -> Option<&Region> {
        self.by_code(territory.code()).filter(|region| &region.territory == territory)
    }

    /// Places of one level inside a territory, the territory itself included.
    pub fn within<'a>(&'a self, territory: &'a Territory, level: Level) -> impl Iterator<Item = &'a Region> {
        self.rows.iter().filter(move |region| region.level == level && territory.holds(&region.territory))
    }

    /// Codes of the counties that touch this one.
    pub fn neighbours(&self, code: &str) -> impl Iterator<Item = &str> {
        self.neighbours.get(code).into_iter().flatten().map(String::as_str)
    }

    /// Places a name may mean: full or short Chinese name, pinyin in any case, a former name, a code old or
    /// new.
    ///
    /// Of places on several levels the larger ones are meant (太谷 is the county, not the township of the
    /// same sound). Several answers (城区 is two counties) mean that the name alone does not say which: ask,
    /// or narrow with `inside`.
    pub fn named(&self, name: &str, inside: &Territory) -> Vec<&Region> {
        let places = self.by_name.get(&name.trim().to_lowercase());
        let mut found: Vec<&Region> = places
            .into_iter()
            .flatten()
            .map(|place| &self.rows[*place])
            .filter(|region| inside.holds(&region.territory))
            .collect();
        let largest = found.iter().map(|region| region.level).min();
        found.retain(|region| Some(region.level) == largest);
        found
    }

    /// Follows names from broad to narrow, such as `山西`, `晋中市`, `太谷区`. A name that is not known (a country
    /// above the pack, a village below it) is set aside and the rest still count.
    pub fn locate<'a>(&'a self, names: &[&'a str]) -> Located<'a> {
        let whole = Territory::whole();
        let mut located = Located::default();
        for name in names.iter().copied().filter(|name| !name.trim().is_empty()) {
            let around: Vec<&Territory> = match located.regions.as_slice() {
                [] => vec![&whole],
                regions => regions.iter().map(|region| &region.territory).collect(),
            };
            let inside: Vec<&Region> =
                around.into_iter().flat_map(|territory| self.named(name, territory)).collect();
            if inside.is_empty() {
                located.unknown.push(name);
            } else {
                located.regions = inside;
            }
        }
        located
    }
}

fn index_names(
    rows: &[Region],
    by_code: &BTreeMap<String, usize>,
    former: &[FormerName],
) -> BTreeMap<String, Vec<usize>> {
    let mut by_name: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut know = |name: &str, place| by_name.entry(name.to_lowercase()).or_default().insert(place);
    for (place, region) in rows.iter().enumerate() {
        for name in [region.code(), &region.zh, &region.zh_short, &region.en] {
            know(name, place);
        }
    }
    for old in former {
        if let Some(place) = by_code.get(&old.code) {
            know(&old.was_zh, *place);
            know(&old.was_code, *place);
        }
    }
    by_name.into_iter().map(|(name, places)| (name, places.into_iter().collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn shanxi() -> Regions {
        shipped::shanxi().unwrap()
    }

    fn refused(pack: &str, regions: &str, adjacency: &str) -> String {
        Regions::read(pack, regions, adjacency).unwrap_err().to_string()
    }

    #[test]
    fn shanxi_has_its_prefectures_counties_townships_and_people() {
        let shanxi = shanxi();
        let whole = Territory::whole();
        let count = |level| shanxi.within(&whole, level).count();
        assert_eq!(Level::ALL.map(count), [1, 11, 117, 1245]);
        assert_eq!(shanxi.by_code("14").unwrap().population, Some(34_915_616));
        assert_eq!(shanxi.by_code("1401").unwrap().population, Some(5_304_061));
    }

    #[test]
    fn taigu_is_found_by_every_name_it_has_had() {
        let shanxi = shanxi();
        for name in ["太谷区", "太谷", "taigu", "140703", "太谷县", "140726"] {
            let found: Vec<&str> =
                shanxi.named(name, &Territory::whole()).into_iter().map(Region::code).collect();
            assert_eq!(found, ["140703"], "{name}");
        }
    }

    #[test]
    fn a_name_that_two_counties_share_is_not_decided_until_the_prefecture_is_known() {
        let shanxi = shanxi();
        let found = |inside: &str| -> Vec<String> {
            let regions = shanxi.named("城区", &inside.parse().unwrap());
            regions.into_iter().map(|region| region.territory.to_string()).collect()
        };
        assert_eq!(found(""), ["14/1403/140302", "14/1405/140502"]);
        assert_eq!(found("14/1405"), ["14/1405/140502"]);
        assert!(found("14/1407").is_empty());
    }

    #[test]
    fn an_address_is_followed_from_broad_to_narrow_and_what_is_not_known_is_said() {
        let shanxi = shanxi();
        let lead = |names: &[&'static str]| -> (Vec<String>, Vec<String>) {
            let located = shanxi.locate(names);
            let codes = located.regions.iter().map(|region| region.code().to_owned()).collect();
            (codes, located.unknown.into_iter().map(str::to_owned).collect())
        };
        let one = |code: &str, unknown: &[&str]| {
            (vec![code.to_owned()], unknown.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(lead(&["山西", "晋中市", "太谷区"]), one("140703", &[]));
        assert_eq!(lead(&["中国", "山西省", "晋城", "城区"]), one("140502", &["中国"]));
        assert_eq!(lead(&["Shanxi", "JINZHONG", "", "某村"]), one("1407", &["某村"]));
        assert_eq!(lead(&["太谷县", "侯城乡"]), one("140703200", &[]));
        assert_eq!(lead(&["晋中市", "洪洞县"]), one("1407", &["洪洞县"]));
    }

    #[test]
    fn neighbours_are_mutual_and_no_county_is_an_island() {
        let shanxi = shanxi();
        for county in shanxi.within(&Territory::whole(), Level::County) {
            assert!(shanxi.neighbours(county.code()).count() > 0, "{} has no neighbour", county.zh);
            for neighbour in shanxi.neighbours(county.code()) {
                assert!(shanxi.neighbours(neighbour).any(|back| back == county.code()));
            }
        }
        assert!(shanxi.neighbours("140703").any(|code| code == "140702"), "Taigu touches Yuci");
    }

    #[test]
    fn a_figure_that_is_not_the_sum_of_its_parts_is_refused() {
        let (pack, regions, adjacency) = shipped::SHANXI;
        let refusal = refused(pack, &regions.replace(",Taigu,322099,", ",Taigu,322098,"), adjacency);
        assert!(refusal.contains("1407: states"), "{refusal}");
    }

    #[test]
    fn a_departments_own_pack_may_do_without_populations() {
        let (pack, regions, adjacency) = (
            "id = 'cn-99'\nversion = '1'\nzh = '某省'\nen = 'Somewhere'\nsource = 'ours'",
            "path,code,level,zh,zh_short,en,population,lon,lat\n99,99,1,某省,某,Mou,,,\n99/9901,9901,2,甲市,甲,Jia,,,\n\
             99/9901/990101,990101,3,乙县,乙,Yi,,,\n",
            "code_a,code_b\n",
        );
        let regions = Regions::read(pack, regions, adjacency).unwrap();
        assert_eq!(regions.by_code("990101").unwrap().population, None);
    }

    #[test]
    fn a_county_without_its_prefecture_and_a_pair_without_a_county_are_refused() {
        let (pack, regions, adjacency) = shipped::SHANXI;
        let orphaned: String = regions
            .lines()
            .filter(|line| !line.starts_with("14/1407,"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let refusal = refused(pack, &orphaned, &format!("{adjacency}140703,140999\n"));
        assert!(refusal.contains("140703: lies inside 14/1407, which has no row"), "{refusal}");
        assert!(refusal.contains("140703, 140999"), "{refusal}");
    }
}
