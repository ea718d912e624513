//! Whether somebody reaches a zone, a proposal or a stay. Outside the reach it does not exist.

use crate::control::{Override, Proposal, Stay, Zone};
use crate::refuse::missing;
use base::{Day, Id, Moment, Territory};
use control::{Area, ContactsSeen};
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub(crate) struct ZoneRecord {
    pub id: Id<Zone>,
    pub territory: Territory,
    pub name: String,
    pub disease: String,
    pub event: Option<String>,
    pub protocol: String,
    pub edition: String,
    pub level: String,
    pub area: Area,
    pub people: Option<i64>,
    pub entrances: Option<i64>,
    pub since: Day,
    pub first_set: Day,
    pub after_higher: bool,
    pub contacts: Option<ContactsSeen>,
    pub decided_by: String,
    pub basis: String,
    pub released: Option<Day>,
    /// Finds inside of which whoever set the level knew.
    pub known: Vec<String>,
}

const COLUMNS: &str = "id, territory, name, disease, event, protocol, edition, level, area, people, entrances, since, \
                       first_set, after_higher, contacts, decided_by, basis, released, known";

impl ZoneRecord {
    fn of(row: &Row) -> Result<ZoneRecord> {
        let contacts = row.opt_text(14)?.map(|text| serde_json::from_str(&text));
        Ok(ZoneRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            name: row.text(2)?,
            disease: row.text(3)?,
            event: row.opt_text(4)?,
            protocol: row.text(5)?,
            edition: row.text(6)?,
            level: row.text(7)?,
            area: row.json(8)?,
            people: row.opt_int(9)?,
            entrances: row.opt_int(10)?,
            since: row.read(11)?,
            first_set: row.read(12)?,
            after_higher: row.int(13)? != 0,
            contacts: contacts.transpose().map_err(|fault| store::Error::Shape(fault.to_string()))?,
            decided_by: row.text(15)?,
            basis: row.text(16)?,
            released: row.opt_read(17)?,
            known: row.opt_text(18)?.map(|_| row.json(18)).transpose()?.unwrap_or_default(),
        })
    }
}

/// Whoever asks has asked about reach, or acts for the house.
pub(crate) fn zone_of(query: &mut dyn Query, zone: Id<Zone>) -> Result<Option<ZoneRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM control_zone WHERE id = $1");
    query.first(&sql, params![zone])?.as_ref().map(ZoneRecord::of).transpose()
}

/// What was split off from a zone, and from that again, whatever became of it since.
pub(crate) fn split_off(query: &mut dyn Query, zone: Id<Zone>) -> Result<Vec<ZoneRecord>> {
    let sql =
        format!("SELECT {COLUMNS} FROM control_zone WHERE split_from = $1 ORDER BY id LIMIT {MOST_ZONES}");
    let (mut parts, mut at): (Vec<ZoneRecord>, usize) = (Vec::new(), 0);
    let mut of = zone;
    loop {
        let found = query.rows(&sql, params![of])?;
        parts.extend(found.iter().map(ZoneRecord::of).collect::<Result<Vec<_>>>()?);
        let Some(next) = parts.get(at).filter(|_| at < MOST_ZONES) else { return Ok(parts) };
        of = next.id;
        at += 1;
    }
}

/// When something last became of a zone.
pub(crate) fn changed_at(query: &mut dyn Query, zone: Id<Zone>) -> Result<Moment> {
    let sql = "SELECT coalesce(max(at), 0) FROM control_step WHERE zone = $1";
    Ok(Moment(query.count(sql, params![zone])?))
}

/// A zone over somebody's place is theirs to see, whoever set it.
pub(crate) fn zone_within(query: &mut dyn Query, scope: &Scope, zone: Id<Zone>) -> Result<ZoneRecord> {
    let found = zone_of(query, zone)?;
    let reached =
        |zone: &ZoneRecord| scope.reaches(&zone.territory) || zone.territory.holds(&scope.territory);
    found.filter(reached).ok_or_else(|| missing("zone", "区域"))
}

/// One that is in force, for whoever changes it.
pub(crate) fn zone_in_reach(tx: &mut Tx<'_>, zone: Id<Zone>) -> Result<ZoneRecord> {
    let actor = tx.actor;
    let record = zone_within(tx, &actor.scope, zone)?;
    if record.released.is_some() {
        return Err(crate::refuse::invalid(
            "control.released",
            "zone",
            "this zone was left already; propose another one if it is needed again",
            "该区域已解除；如再次需要，请重新提出",
        ));
    }
    Ok(record)
}

pub(crate) const MOST_ZONES: usize = 5_000;

/// Zones in force that have to do with a place: in it, or over it.
pub(crate) fn in_force(query: &mut dyn Query, place: &Territory) -> Result<Vec<ZoneRecord>> {
    let (first, past) = place.range();
    let above: Vec<String> =
        (0..place.depth()).map(|depth| place.at_depth(depth).path().to_owned()).collect();
    let list = (3..3 + above.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let or_above = if above.is_empty() { String::new() } else { format!(" OR territory IN ({list})") };
    let sql = format!(
        "SELECT {COLUMNS} FROM control_zone WHERE released IS NULL AND ((territory >= $1 AND territory < $2){or_above}) \
         ORDER BY territory, id LIMIT {MOST_ZONES}"
    );
    let mut values = params![first, past].to_vec();
    values.extend(above.into_iter().map(store::Value::from));
    query.rows(&sql, &values)?.iter().map(ZoneRecord::of).collect()
}

/// Zones of a territory, in force first, then those that were left, the last first.
pub(crate) fn zones_of(query: &mut dyn Query, scope: &Scope, all: bool) -> Result<Vec<ZoneRecord>> {
    let mut zones = in_force(query, &scope.territory)?;
    zones.retain(|zone| scope.reaches(&zone.territory) || zone.territory.holds(&scope.territory));
    if all {
        let (first, past) = scope.territory.range();
        let sql = format!(
            "SELECT {COLUMNS} FROM control_zone WHERE released IS NOT NULL AND territory >= $1 AND territory < $2 \
             ORDER BY released DESC, id LIMIT 500"
        );
        let left = query.rows(&sql, params![first, past])?;
        zones.extend(left.iter().map(ZoneRecord::of).collect::<Result<Vec<_>>>()?);
    }
    Ok(zones)
}

#[derive(Debug, Clone)]
pub(crate) struct ProposalRecord {
    pub id: Id<Proposal>,
    pub territory: Territory,
    pub zone: Option<Id<Zone>>,
    pub what: String,
    pub name: String,
    pub disease: String,
    pub event: Option<String>,
    pub protocol: String,
    pub edition: String,
    pub level: Option<String>,
    pub area: Area,
    pub people: Option<i64>,
    pub entrances: Option<i64>,
    pub day: Day,
    pub reasons: serde_json::Value,
    pub why: String,
    pub proposed: Moment,
    pub by_whom: String,
    pub answer: Option<String>,
    pub answer_why: Option<String>,
}

const PROPOSAL: &str = "id, territory, zone, what, name, disease, event, protocol, edition, level, area, people, entrances, day, \
                        reasons, why, proposed, by_whom, answer, answer_why";

impl ProposalRecord {
    fn of(row: &Row) -> Result<ProposalRecord> {
        Ok(ProposalRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            zone: row.opt_read(2)?,
            what: row.text(3)?,
            name: row.text(4)?,
            disease: row.text(5)?,
            event: row.opt_text(6)?,
            protocol: row.text(7)?,
            edition: row.text(8)?,
            level: row.opt_text(9)?,
            area: row.json(10)?,
            people: row.opt_int(11)?,
            entrances: row.opt_int(12)?,
            day: row.read(13)?,
            reasons: row.json(14)?,
            why: row.text(15)?,
            proposed: Moment(row.int(16)?),
            by_whom: row.text(17)?,
            answer: row.opt_text(18)?,
            answer_why: row.opt_text(19)?,
        })
    }
}

pub(crate) fn proposal_in_reach(tx: &mut Tx<'_>, proposal: Id<Proposal>) -> Result<ProposalRecord> {
    let actor = tx.actor;
    let sql = format!("SELECT {PROPOSAL} FROM control_proposal WHERE id = $1");
    let found = tx.first(&sql, params![proposal])?.as_ref().map(ProposalRecord::of).transpose()?;
    found.filter(|one| actor.scope.reaches(&one.territory)).ok_or_else(|| missing("proposal", "建议"))
}

/// Those nobody has answered, the oldest first.
pub(crate) fn waiting(query: &mut dyn Query, scope: &Scope) -> Result<Vec<ProposalRecord>> {
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT {PROPOSAL} FROM control_proposal WHERE territory >= $1 AND territory < $2 AND answered IS NULL \
         ORDER BY proposed, id LIMIT 500"
    );
    query.rows(&sql, params![first, past])?.iter().map(ProposalRecord::of).collect()
}

/// The territory and disease of a stay that somebody may take back.
pub(crate) fn stay_in_reach(tx: &mut Tx<'_>, stay: Id<Stay>) -> Result<Territory> {
    let actor = tx.actor;
    let found = tx.first("SELECT territory FROM control_stay WHERE id = $1", params![stay])?;
    let territory = found.map(|row| row.read::<Territory>(0)).transpose()?;
    territory.filter(|place| actor.scope.reaches(place)).ok_or_else(|| missing("stay", "停留"))
}

/// The level above the county in which a zone was left early, and who left it.
pub(crate) fn override_in_reach(tx: &mut Tx<'_>, told: Id<Override>) -> Result<(Territory, String)> {
    let actor = tx.actor;
    let sql = "SELECT o.territory, z.disease, o.by_whom FROM control_override o JOIN control_zone z ON z.id = o.zone WHERE o.id = $1";
    let gone = || missing("override", "例外解除");
    let row = tx.first(sql, params![told])?.ok_or_else(gone)?;
    let (territory, disease, by_whom): (Territory, String, String) =
        (row.read(0)?, row.text(1)?, row.text(2)?);
    if !actor.scope.reaches(&territory) || !actor.scope.kept.sees(Some(&disease)) {
        return Err(gone());
    }
    Ok((territory, by_whom))
}

/// The account in what a row says of who did it.
pub(crate) fn person_of(by_whom: &str) -> &str {
    by_whom.split(' ').next().unwrap_or_default()
}
