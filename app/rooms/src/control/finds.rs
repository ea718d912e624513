//! Cases with where they stayed, as `pure/control` reads them.

use crate::cases::views::{Infected, infected, infected_in};
use base::{Day, Territory};
use control::{Find, How, Stay, Unit};
use packs::{SpreadRisk, StayKind};
use std::collections::BTreeMap;
use store::{Query, Result, params};

/// Older finds draw no new zone: the longest rule of any edition is 14 days. A zone in force looks back to when it was set.
pub(crate) const LOOK_DAYS: i32 = 90;

const MOST_STAYS: usize = 50_000;

/// Everybody found in a place, or who stayed in it.
pub(crate) fn finds_in(
    query: &mut dyn Query,
    place: &Territory,
    disease: &str,
    since: Day,
    today: Day,
) -> Result<Vec<Find>> {
    let mut stays = stays_in(query, place, disease)?;
    let mut found: BTreeMap<String, Infected> =
        infected_in(query, place, disease, since)?.into_iter().map(|one| (one.id.clone(), one)).collect();
    for case in stays.keys() {
        if !found.contains_key(case)
            && let Some(one) = infected(query, case)?
        {
            found.insert(case.clone(), one);
        }
    }
    let recent = found.into_values().filter(|one| one.day >= since && one.day <= today);
    Ok(recent.map(|one| find(stays.remove(&one.id).unwrap_or_default(), one)).collect())
}

fn find(mut stays: Vec<Stay>, one: Infected) -> Find {
    // As long as nobody has said where they live, it is somewhere in their township; a county is no place to close.
    if !stays.iter().any(|stay| stay.kind == StayKind::Residence) && one.territory.depth() >= 4 {
        let onset = one.onset.unwrap_or(one.day);
        stays.push(Stay {
            unit: Unit::whole(one.territory.clone()),
            kind: StayKind::Residence,
            risk: SpreadRisk::Some,
            hard_to_trace: false,
            from: onset.min(one.day) - 14,
            until: one.day,
        });
    }
    Find {
        id: one.id,
        day: one.day,
        onset: one.onset,
        sampled: Some(one.day),
        how: How::of(one.found),
        isolated: one.isolation,
        stays,
    }
}

/// A stay as somebody said it.
pub(crate) struct Stated {
    pub id: String,
    pub case: String,
    pub stay: Stay,
}

pub(crate) fn stated_in(query: &mut dyn Query, place: &Territory, disease: &str) -> Result<Vec<Stated>> {
    let (first, past) = place.range();
    let sql = format!(
        "SELECT id, case_id, unit, kind, risk, hard_to_trace, from_day, until_day FROM control_stay \
         WHERE territory >= $1 AND territory < $2 AND disease = $3 AND removed IS NULL ORDER BY case_id, id LIMIT {MOST_STAYS}"
    );
    let rows = query.rows(&sql, params![first, past, disease])?;
    rows.iter()
        .map(|row| {
            let stay = Stay {
                unit: row.json(2)?,
                kind: word(&row.text(3)?)?,
                risk: word(&row.text(4)?)?,
                hard_to_trace: row.int(5)? != 0,
                from: row.read(6)?,
                until: row.read(7)?,
            };
            Ok(Stated { id: row.text(0)?, case: row.text(1)?, stay })
        })
        .collect()
}

fn stays_in(query: &mut dyn Query, place: &Territory, disease: &str) -> Result<BTreeMap<String, Vec<Stay>>> {
    let mut told: BTreeMap<String, Vec<Stay>> = BTreeMap::new();
    for one in stated_in(query, place, disease)? {
        told.entry(one.case).or_default().push(one.stay);
    }
    Ok(told)
}

/// A closed word of the packs, as it is written in a column.
pub(crate) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::from(text))
        .map_err(|fault| store::Error::Shape(fault.to_string()))
}

/// The other way round.
pub(crate) fn told<T: serde::Serialize>(word: &T) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
