//! The house looks at every zone and every find by itself: what must be raised at once, what may be left, what is not closed in yet.
//! It only proposes.

use crate::access::proposer_of_zones;
use crate::control::changes::{Because, ProposeZone, What};
use crate::control::finds::{LOOK_DAYS, finds_in};
use crate::control::held::closes_in;
use crate::control::inside::seen;
use crate::control::reach::{ZoneRecord, in_force};
use crate::control::rules::edition_of;
use crate::regions::Atlas;
use crate::{App, House, packed};
use base::{Day, Id, Moment, Territory};
use control::{Area, Proposal, ZoneSeen, leave, promotion, propose};
use packs::ZoneScheme;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;
use store::{Query, Result, params};

const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);

/// For as long as the program runs. Nothing is thought about while nothing was written and no day has begun.
pub async fn keep_proposing(house: App) {
    let mut seen = None;
    loop {
        let (own, last) = (house.clone(), seen);
        let looked = tokio::task::spawn_blocking(move || look(&own, last)).await;
        let mut pause = LOOK;
        match looked {
            Ok(Ok(now)) => seen = Some(now),
            Ok(Err(fault)) => {
                eprintln!("quell: zones were not looked at, and are again in half a minute: {fault}");
                pause = PATIENCE;
            }
            Err(_) => pause = PATIENCE,
        }
        tokio::time::sleep(pause).await;
    }
}

/// The last word of the journal and the day it was looked at.
type Seen = (Option<Moment>, Day);

fn look(house: &House, last: Option<Seen>) -> Result<Seen> {
    let now = (house.db.read_now(|reader| store::last_moment(reader))?, house.today());
    if last != Some(now) {
        propose_now(house)?;
    }
    Ok(now)
}

/// Everything there is to propose today that nobody has been told of. Returns how many were new.
pub fn propose_now(house: &House) -> Result<usize> {
    let (today, now) = (house.today(), house.now());
    let atlas = house.places.now();
    let wanted = house.db.read_now(move |reader| wanted(reader, &atlas, today))?;
    let mut new = 0;
    for proposal in wanted {
        let id = proposal.proposal;
        let known = "SELECT count(*) FROM control_proposal WHERE id = $1";
        if house.db.read_now(move |reader| reader.count(known, params![id]))? == 0 {
            house.db.apply_now(&proposer_of_zones(), now, proposal)?;
            new += 1;
        }
    }
    Ok(new)
}

fn wanted(query: &mut dyn Query, atlas: &Atlas, today: Day) -> Result<Vec<ProposeZone>> {
    let zones = in_force(query, &Territory::whole())?;
    let mut told = Vec::new();
    for zone in &zones {
        told.extend(of_zone(query, zone, today)?);
    }
    // Only what somebody has said of stays is proposed by itself: a township as a whole is for a person to think of.
    let sql = "SELECT DISTINCT disease FROM control_stay WHERE removed IS NULL ORDER BY disease LIMIT 100";
    let diseases: Vec<String> =
        query.rows(sql, params![])?.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
    for disease in diseases {
        told.extend(of_disease(query, atlas, &disease, &zones, today)?);
    }
    Ok(told)
}

/// Raised for a find, or left when every criterion holds.
fn of_zone(query: &mut dyn Query, zone: &ZoneRecord, today: Day) -> Result<Option<ProposeZone>> {
    let Ok((_, zones)) = edition_of(&zone.protocol) else { return Ok(None) };
    let seen = seen(query, zone, zones, today)?;
    if let Some((level, find)) = promotion(zones, &seen, &zone.known, today) {
        // Not whom: a proposal is read by people who read no cases.
        let why = "区域内发现感染者，须立即升级 / somebody was found inside; it is raised at once".to_owned();
        return Ok(Some(of_known(zone, What::Raise, Some(level.to_owned()), &find, today, why)));
    }
    Ok(left(zones, zone, &seen, today))
}

fn left(zones: &ZoneScheme, zone: &ZoneRecord, seen: &ZoneSeen, today: Day) -> Option<ProposeZone> {
    let leave = leave(zones, seen, today).filter(|leave| leave.ready)?;
    let why = "解除条件全部满足 / every criterion holds".to_owned();
    Some(of_known(zone, What::Leave, leave.to, &leave.clock.to_string(), today, why))
}

fn of_known(
    zone: &ZoneRecord,
    what: What,
    level: Option<String>,
    because: &str,
    today: Day,
    why: String,
) -> ProposeZone {
    let of = format!("{} {} {} {because}", what.word(), zone.id, zone.level);
    ProposeZone {
        id: Id::from_bits(bits("change", &of)),
        proposal: Id::from_bits(bits("proposal", &of)),
        what,
        zone: Some(zone.id),
        name: zone.name.clone(),
        disease: zone.disease.clone(),
        event: zone.event.as_deref().and_then(|event| event.parse().ok()),
        level,
        area: zone.area.clone(),
        people: zone.people.and_then(|people| u32::try_from(people).ok()),
        entrances: zone.entrances.and_then(|ways| u32::try_from(ways).ok()),
        day: today,
        reasons: Vec::new(),
        why,
    }
}

/// New zones for what finds demand and nothing in force covers.
fn of_disease(
    query: &mut dyn Query,
    atlas: &Atlas,
    disease: &str,
    zones: &[ZoneRecord],
    today: Day,
) -> Result<Vec<ProposeZone>> {
    let protocol = packed::protocols().for_disease(Some(disease), today);
    let Some(scheme) = &protocol.zones else { return Ok(Vec::new()) };
    let finds = finds_in(query, &Territory::whole(), disease, today - LOOK_DAYS, today)?;
    let stated = stated(query, disease)?;
    let covered: Vec<(Area, String)> =
        zones.iter().map(|zone| (zone.area.clone(), zone.level.clone())).collect();
    let proposals = propose(scheme, protocol.look_back_days.value, &finds, &covered, today);
    let wanted = proposals.into_iter().filter(|one| {
        // A milder zone that claims the place is raised or split by people: two never claim one. What is the rest of a county claims
        // nothing.
        let claimed =
            zones.iter().any(|zone| closes_in(&zone.protocol, &zone.level) && zone.area.touches(&one.unit));
        stated.contains(&one.unit.to_string()) && !claimed
    });
    Ok(wanted.map(|one| new_zone(one, atlas, disease, today)).collect())
}

fn stated(query: &mut dyn Query, disease: &str) -> Result<BTreeSet<String>> {
    let sql = "SELECT DISTINCT unit FROM control_stay WHERE disease = $1 AND removed IS NULL LIMIT 50000";
    let rows = query.rows(sql, params![disease])?;
    rows.iter().map(|row| Ok(row.json::<control::Unit>(0)?.to_string())).collect()
}

fn new_zone(one: Proposal, atlas: &Atlas, disease: &str, today: Day) -> ProposeZone {
    let clock = one.reasons.iter().map(|reason| reason.clock).max().unwrap_or(today);
    let of = format!("set {disease} {} {} {clock}", one.unit, one.level);
    let whole = || atlas.at(&one.unit.territory).map(|place| place.zh.clone());
    let name = one.unit.part.last().cloned().or_else(whole);
    let name = name.unwrap_or_else(|| one.unit.territory.code().to_owned());
    let reasons: Vec<Because> = one
        .reasons
        .iter()
        .map(|reason| Because {
            case: reason.find.clone(),
            unit: reason.unit.clone(),
            rule: reason.rule.clone(),
            from: reason.from,
            until: reason.until,
            clock: reason.clock,
        })
        .collect();
    ProposeZone {
        id: Id::from_bits(bits("change", &of)),
        proposal: Id::from_bits(bits("proposal", &of)),
        what: What::Set,
        zone: None,
        name,
        disease: disease.to_owned(),
        event: None,
        level: Some(one.level),
        area: Area::of(vec![one.unit]),
        people: None,
        entrances: None,
        day: today,
        why: format!("{} 处停留依规则要求 / asked for by rule, for {} stays", reasons.len(), reasons.len()),
        reasons,
    }
}

/// The same for two copies of the program: what is proposed once is not proposed again.
fn bits(what: &str, of: &str) -> u128 {
    let digest = Sha256::digest(format!("zones {what} {of}"));
    u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes"))
}
