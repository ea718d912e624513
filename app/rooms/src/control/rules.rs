//! The edition a zone goes by, and what an area must be before anybody is closed into it.

use crate::control::Zone;
use crate::control::reach::{ZoneRecord, in_force};
use crate::packed;
use crate::refuse::invalid;
use base::{Day, Id, Territory};
use control::{Area, Unit, UnitError, claimed};
use packs::{Protocol, ZoneLevel, ZoneScheme};
use store::{Query, Result};

/// The edition in force for a disease on a day, if it knows zones.
pub(crate) fn edition(disease: &str, on: Day) -> Result<(&'static Protocol, &'static ZoneScheme)> {
    if packed::disease(Some(disease)).is_none() {
        return Err(invalid(
            "control.disease",
            "disease",
            format!("no disease pack is called {disease}; choose one of the list"),
            format!("没有名为 {disease} 的病种；请从列表中选择"),
        ));
    }
    let protocol = packed::protocols().for_disease(Some(disease), on);
    let zones = protocol.zones.as_ref().ok_or_else(|| {
        invalid(
            "control.no_zones",
            "disease",
            format!(
                "{} knows no zones; on {on} nobody is closed in under it: use measures instead",
                protocol.en
            ),
            format!("{}没有分区管理；{on} 不得据此划定区域，请改用其他措施", protocol.zh),
        )
    })?;
    Ok((protocol, zones))
}

/// The edition a zone was set under; one that is in no pack any more cannot judge it.
pub(crate) fn edition_of(protocol: &str) -> Result<(&'static Protocol, &'static ZoneScheme)> {
    let known = packed::protocols().by_id(protocol).and_then(|one| Some((one, one.zones.as_ref()?)));
    known.ok_or_else(|| {
        invalid(
            "control.edition",
            "protocol",
            format!("the edition {protocol} is in no pack; put the pack back before deciding by it"),
            format!("规则包中没有 {protocol} 版；请恢复该规则包后再作决定"),
        )
    })
}

pub(crate) fn level_of<'a>(zones: &'a ZoneScheme, level: &str) -> Result<&'a ZoneLevel> {
    zones.level(level).ok_or_else(|| unknown_level(zones, level))
}

pub(crate) fn unknown_level(zones: &ZoneScheme, level: &str) -> store::Error {
    let (en, zh): (Vec<&str>, Vec<&str>) =
        zones.levels.iter().map(|one| (one.id.as_str(), one.zh.as_str())).unzip();
    invalid(
        "control.level",
        "level",
        format!("{level} is no level of this edition; choose one of {}", en.join(", ")),
        format!("{level} 不是该版方案的级别；请从{}中选择", zh.join("、")),
    )
}

/// Units that fit together and lie within a territory, none of them twice.
pub(crate) fn sound(area: &Area) -> Result<Area> {
    let area = Area {
        units: area.units.iter().cloned().map(Unit::tidied).collect(),
        except: area.except.iter().cloned().map(Unit::tidied).collect(),
    };
    if area.is_empty() {
        return Err(invalid(
            "control.no_unit",
            "area",
            "a zone says which places it is; add at least one",
            "区域须写明范围；请至少添加一处",
        ));
    }
    for unit in area.units.iter().chain(&area.except) {
        let (en, zh) = match unit.check() {
            Ok(()) => continue,
            Err(UnitError::TooWide) => {
                ("is wider than a county; draw it by counties or less", "大于县级；请按县级或更小单元划定")
            }
            Err(UnitError::PartDoesNotFit) => (
                "does not fit its kind: a compound or building has a name, a township has none; correct it",
                "与单元类型不符：小区、楼栋须有名称，乡镇不得有；请更正",
            ),
        };
        return Err(invalid("control.unit", "area", format!("{unit} {en}"), format!("{unit} {zh}")));
    }
    if let Some((one, other)) = area.doubled() {
        return Err(invalid(
            "control.unit_twice",
            "area",
            format!("{one} and {other} are one place; people would be counted twice: remove one of them"),
            format!("{one} 与 {other} 为同一地点，人口会重复计算；请删除其一"),
        ));
    }
    if let Some(out) = area.except.iter().find(|out| !area.units.iter().any(|unit| unit.holds(out))) {
        return Err(invalid(
            "control.nothing_taken_out",
            "area",
            format!("{out} is taken out, and lies in none of the places; remove it"),
            format!("{out} 不在所列范围内，无法除外；请删除"),
        ));
    }
    Ok(area)
}

/// Two zones never claim one place: nobody could say which rules hold there. What is the rest of a county claims nothing.
pub(crate) fn unclaimed(
    query: &mut dyn Query,
    zones: &ZoneScheme,
    level: &str,
    area: &Area,
    own: Option<Id<Zone>>,
) -> Result<()> {
    if zones.level(level).is_some_and(|level| level.rest_of_county) {
        return Ok(());
    }
    let mut others: Vec<(ZoneRecord, Area)> = Vec::new();
    for county in counties(area) {
        for zone in in_force(query, &county)? {
            let known = edition_of(&zone.protocol).ok();
            let is_rest =
                known.is_some_and(|(_, own)| own.level(&zone.level).is_some_and(|one| one.rest_of_county));
            if Some(zone.id) != own && !is_rest && !others.iter().any(|(other, _)| other.id == zone.id) {
                let theirs = zone.area.clone();
                others.push((zone, theirs));
            }
        }
    }
    match claimed(&others, area) {
        None => Ok(()),
        Some((zone, unit, other)) => Err(invalid(
            "control.overlap",
            "area",
            format!(
                "{unit} belongs to the zone {} ({}) already, as {other}; take it out of one of the two first",
                zone.name, zone.level
            ),
            format!("{unit} 已属于区域“{}”（{}，{other}）；请先从其中之一除去", zone.name, zone.level),
        )),
    }
}

pub(crate) fn counties(area: &Area) -> Vec<Territory> {
    let mut counties: Vec<Territory> = area.units.iter().map(Unit::county).collect();
    counties.sort();
    counties.dedup();
    counties
}

/// Where an order about an area is given: the narrowest place that holds it.
pub(crate) fn territory_of(area: &Area) -> Territory {
    Territory::narrowest_of(area.units.iter().map(|unit| &unit.territory))
}
