//! Anybody says that somebody in their home is ill. No name, no address, no age: a county, what it is, and how many.

use crate::packed;
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::changes::{Kept, Reported, keep_version};
use crate::surveillance::reach::{SiteRecord, public_site};
use crate::surveillance::{Mark, Version, county_of};
use base::{Day, Id, Territory};
use packs::Indicator;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// What somebody says of their home today.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellSymptoms {
    pub id: Id<Sent>,
    pub county: Territory,
    /// Words of the indicators pack.
    pub symptoms: Vec<String>,
    /// How many of the home have them.
    pub people: u32,
}

/// More than live in one home.
const MOST_PEOPLE: u32 = 20;

/// Days without a word, before today, that are written down as days with nobody.
const QUIET_DAYS: i32 = 28;

impl Change for TellSymptoms {
    const NAME: &'static str = "tell symptoms";
    const NEEDS: Permission = Permission::ReportsWrite;
    const BASIS: Basis = Basis::Surveillance;
    type Out = Reported;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.county.clone())
    }
    fn about(&self) -> Vec<String> {
        Vec::new()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Reported> {
        let counted = counted_by(&self.symptoms)?;
        if self.people == 0 || self.people > MOST_PEOPLE {
            return Err(invalid(
                "surveillance.people",
                "people",
                format!("say how many people in your home are ill: 1 to {MOST_PEOPLE}"),
                format!("请填写家中有症状的人数：1 至 {MOST_PEOPLE}"),
            ));
        }
        let today = tx.at.day_at_offset(UTC_OFFSET_MINUTES);
        let Some(site) = public_site(tx, &self.county, today)? else {
            return Err(invalid(
                "surveillance.not_asked_here",
                "county",
                "this county does not ask the public at present; choose another, or see a doctor if you are ill",
                "该县（区）目前未开放公众自报；请选择其他县（区），如有不适请就医",
            ));
        };
        let mut kept = Vec::new();
        for indicator in site.sends() {
            let people = if counted.contains(indicator.id.as_str()) { self.people } else { 0 };
            kept.extend(add(tx, &site, indicator, today, people)?);
        }
        Ok(Reported { kept })
    }
}

/// The indicators these symptoms count to, each once.
fn counted_by(symptoms: &[String]) -> Result<BTreeSet<&'static str>> {
    let known = &packed::indicators().symptoms;
    let mut counted = BTreeSet::new();
    for symptom in symptoms {
        let Some(one) = known.iter().find(|one| one.id == *symptom) else {
            let words: Vec<&str> = known.iter().map(|one| one.id.as_str()).collect();
            return Err(invalid(
                "surveillance.symptom",
                "symptoms",
                format!("a symptom is not known; send some of: {}", words.join(", ")),
                format!("症状无法识别；可选：{}", words.join("、")),
            ));
        };
        counted.insert(one.counts.as_str());
    }
    if counted.is_empty() {
        return Err(invalid(
            "surveillance.no_symptom",
            "symptoms",
            "no symptom is ticked; tick at least one",
            "未选择症状；请至少选择一项",
        ));
    }
    Ok(counted)
}

/// Adds to today's number. Quiet days before it become days with nobody: the page was open, and nobody came.
fn add(
    tx: &mut Tx<'_>,
    site: &SiteRecord,
    indicator: &Indicator,
    today: Day,
    people: u32,
) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    let sql = "SELECT max(day) FROM surveillance_report WHERE site = $1 AND indicator = $2 AND day < $3";
    let last: Option<Day> = match tx.first(sql, params![site.id, &indicator.id, today])? {
        Some(row) => row.opt_read(0)?,
        None => None,
    };
    let quiet_from = last.map_or(site.started, |last| last + 1).max(today - QUIET_DAYS);
    for day in quiet_from.through(today - 1) {
        let nobody = Version { value: 0.0, of: None, mark: Mark::OnTime };
        keep_version(tx, site, &indicator.id, day, None, &nobody)?;
        kept.push(Kept { indicator: indicator.id.clone(), day, value: 0.0, of: None, mark: Mark::OnTime });
    }
    let sql = "SELECT seq, value, at, by_whom FROM surveillance_report WHERE site = $1 AND day = $2 AND indicator = $3 \
               ORDER BY seq DESC LIMIT 1";
    let before = tx.first(sql, params![site.id, today, &indicator.id])?;
    let before = match &before {
        Some(row) => Some((row.int(0)?, row.opt_real(1)?.unwrap_or_default(), row.int(2)?, row.text(3)?)),
        None => None,
    };
    let value = before.as_ref().map_or(0.0, |(_, value, ..)| *value) + f64::from(people);
    if before.is_some() && people == 0 {
        return Ok(kept);
    }
    if value > indicator.most {
        return Err(invalid(
            "surveillance.too_many",
            "people",
            "so many have been told today that this county counts no more; if you are ill, see a doctor",
            "今日上报人数已达上限，不再计入；如有不适请就医",
        ));
    }
    match &before {
        // Within an hour it is one number that grows: a day of a county is 24 versions at most, however many people speak.
        Some((seq, _, at, by)) if *by == tx.actor.id && at / 3_600_000 == tx.at.0 / 3_600_000 => {
            tx.run(
                "UPDATE surveillance_report SET value = $1, at = $2 WHERE site = $3 AND day = $4 AND indicator = $5 AND seq = $6",
                params![value, tx.at, site.id, today, &indicator.id, *seq],
            )?;
            tx.run(
                "UPDATE surveillance_daily SET value = value + $1 WHERE indicator = $2 AND territory = $3 AND day = $4",
                params![f64::from(people), &indicator.id, county_of(&site.territory), today],
            )?;
        }
        before => {
            let grown = Version { value, of: None, mark: Mark::OnTime };
            let before = before.as_ref().map(|(seq, was, ..)| (*seq, *was, None));
            keep_version(tx, site, &indicator.id, today, before, &grown)?;
        }
    }
    kept.push(Kept { indicator: indicator.id.clone(), day: today, value, of: None, mark: Mark::OnTime });
    Ok(kept)
}
