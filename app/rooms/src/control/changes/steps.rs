//! What became of a zone, row by row, and what several changes do to one.

use crate::control::changes::propose::{What, wrong_way};
use crate::control::inside::counting;
use crate::control::permits::look_again;
use crate::control::reach::{ZoneRecord, zone_of};
use crate::control::rules::{counties, edition_of, level_of, sound, territory_of, unclaimed};
use crate::control::{Override, Zone};
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id};
use control::{Area, Leave};
use store::{Query, Result, Tx, params};

/// Today for a change: the day of its moment.
pub(super) fn today(tx: &Tx<'_>) -> Day {
    tx.at.day_at_offset(UTC_OFFSET_MINUTES)
}

/// One step of a zone's history.
pub(super) struct Step<'a> {
    pub zone: Id<Zone>,
    pub what: &'a str,
    pub day: Day,
    /// Absent where it was left for good.
    pub level: Option<&'a str>,
    pub area: &'a Area,
    pub basis: &'a str,
    pub missing: Vec<&'static str>,
    pub why: Option<&'a str>,
}

impl Step<'_> {
    /// Another level, or the end of one, is another rule for gatherings there and in the rest of the county.
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<()> {
        let sql = "SELECT seq, area FROM control_step WHERE zone = $1 ORDER BY seq DESC LIMIT 1";
        let before = tx.first(sql, params![self.zone])?;
        let seq = 1 + before.as_ref().map(|row| row.int(0)).transpose()?.unwrap_or_default();
        let area = serde_json::to_string(self.area).unwrap_or_default();
        let missing = (!self.missing.is_empty()).then(|| self.missing.join(" "));
        tx.run(
            "INSERT INTO control_step (zone, seq, what, day, level, area, at, by_whom, basis, missing, why) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            params![
                self.zone,
                seq,
                self.what,
                self.day,
                self.level,
                area,
                tx.at,
                &tx.actor.id,
                self.basis.trim(),
                missing,
                self.why.map(str::trim)
            ],
        )?;
        // What is split off has no zone before the next step, which is looked at in its place.
        if self.what == "split" {
            return Ok(());
        }
        let mut touched = counties(self.area);
        if let Some(row) = before {
            touched.extend(counties(&row.json::<Area>(1)?));
        }
        touched.sort();
        touched.dedup();
        touched.iter().try_for_each(|county| look_again(tx, county))
    }
}

/// What a new zone needs.
pub(super) struct NewZone<'a> {
    pub zone: Id<Zone>,
    pub name: &'a str,
    pub disease: &'a str,
    pub event: Option<&'a str>,
    pub protocol: &'a str,
    pub edition: &'a str,
    pub level: &'a str,
    pub area: &'a Area,
    pub people: Option<i64>,
    pub entrances: Option<i64>,
    pub since: Day,
    /// From when on it stands in the history as a zone of its own.
    pub day: Day,
    pub basis: &'a str,
    pub what: &'a str,
}

impl NewZone<'_> {
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<()> {
        let area = serde_json::to_string(self.area).unwrap_or_default();
        tx.run(
            "INSERT INTO control_zone (id, territory, name, disease, event, protocol, edition, level, area, people, entrances, \
             since, first_set, after_higher, contacts, decided_by, basis, created, released) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 0, NULL, $13, $14, $15, NULL)",
            params![
                self.zone,
                territory_of(self.area),
                self.name.trim(),
                self.disease,
                self.event,
                self.protocol,
                self.edition,
                self.level,
                area,
                self.people,
                self.entrances,
                self.since,
                &tx.actor.id,
                self.basis.trim(),
                tx.at
            ],
        )?;
        let step = Step {
            zone: self.zone,
            what: self.what,
            day: self.day,
            level: Some(self.level),
            area: self.area,
            basis: self.basis,
            missing: Vec::new(),
            why: None,
        };
        step.write(tx)?;
        set_known(tx, self.zone, &[])
    }
}

/// Whoever sets a level knows of these finds, and has set it for them: only another one raises it at once. `pending`: those inside of
/// which they knew already and that are not answered by this.
fn set_known(tx: &mut Tx<'_>, zone: Id<Zone>, pending: &[String]) -> Result<()> {
    let Some(record) = zone_of(tx, zone)? else { return Ok(()) };
    let day = today(tx);
    let mut known = counting(tx, &record, day)?;
    known.retain(|find| !pending.contains(find));
    let text = serde_json::to_string(&known).unwrap_or_default();
    tx.run("UPDATE control_zone SET known = $2 WHERE id = $1", params![zone, text])?;
    Ok(())
}

/// The places of a zone anew, with all that were in it, and claimed by no other.
pub(super) fn redrawn(tx: &mut Tx<'_>, zone: &ZoneRecord, area: &Area) -> Result<Area> {
    let area = sound(area)?;
    if let Some(gone) = area.lacks(&zone.area) {
        return Err(invalid(
            "control.amend_takes_away",
            "area",
            format!("{gone} would no longer be part of it; leave it through its criteria instead"),
            format!("{gone} 将不再属于该区域；请按解除条件解除"),
        ));
    }
    let (_, zones) = edition_of(&zone.protocol)?;
    unclaimed(tx, zones, &zone.level, &area, Some(zone.id))?;
    Ok(area)
}

/// `lived`: people inside and ways in, as far as they are known then.
pub(super) fn redraw(
    tx: &mut Tx<'_>,
    zone: &ZoneRecord,
    area: &Area,
    lived: (Option<i64>, Option<i64>),
    what: &str,
    basis: &str,
) -> Result<()> {
    let text = serde_json::to_string(area).unwrap_or_default();
    // A find that was to raise it is still to, and one in the places that come to it is known.
    let day = today(tx);
    let mut pending = counting(tx, zone, day)?;
    pending.retain(|find| !zone.known.contains(find));
    tx.run(
        "UPDATE control_zone SET area = $2, territory = $3, people = $4, entrances = $5 WHERE id = $1",
        params![zone.id, text, territory_of(area), lived.0, lived.1],
    )?;
    let step = Step {
        zone: zone.id,
        what,
        day: today(tx),
        level: Some(&zone.level),
        area,
        basis,
        missing: Vec::new(),
        why: None,
    };
    step.write(tx)?;
    set_known(tx, zone.id, &pending)
}

/// A zone goes to another level, today. Lowered, its days count from today; raised, too.
pub(super) fn set_level(tx: &mut Tx<'_>, zone: &ZoneRecord, level: &str, basis: &str) -> Result<()> {
    step_to(tx, zone, level, basis, (&[], None))
}

/// The same, with the criteria that were missing and why it was done all the same.
fn step_to(
    tx: &mut Tx<'_>,
    zone: &ZoneRecord,
    level: &str,
    basis: &str,
    (missing, why): (&[&'static str], Option<&str>),
) -> Result<()> {
    let (_, zones) = edition_of(&zone.protocol)?;
    level_of(zones, level)?;
    let lowered = zones.is_stricter(&zone.level, level);
    let day = today(tx);
    tx.run(
        "UPDATE control_zone SET level = $2, since = $3, after_higher = $4 WHERE id = $1",
        params![zone.id, level, day, lowered],
    )?;
    let what = if lowered { "lowered" } else { "raised" };
    let step = Step {
        zone: zone.id,
        what,
        day,
        level: Some(level),
        area: &zone.area,
        basis,
        missing: missing.to_vec(),
        why,
    };
    step.write(tx)?;
    set_known(tx, zone.id, &[])
}

/// Leaves a zone, or a part of it, as the edition says or in spite of it. The level above is told of the latter. `named`: the level
/// somebody proposed and another decided.
pub(super) fn let_go(
    tx: &mut Tx<'_>,
    zone: &ZoneRecord,
    part: &[control::Unit],
    named: Option<&str>,
    leave: &Leave,
    basis: &str,
    exception: Option<&str>,
) -> Result<()> {
    let missing: Vec<&'static str> =
        leave.criteria.iter().filter(|one| !one.met).map(|one| one.kind).collect();
    let exception = exception.map(str::trim).filter(|why| !why.is_empty());
    if !missing.is_empty() && exception.is_none() {
        return Err(not_ready(&missing, leave.on));
    }
    let day = today(tx);
    let left = zone.area.without(part);
    let whole = part.is_empty() || left.is_empty();
    let (_, zones) = edition_of(&zone.protocol)?;
    if named.is_some_and(|level| !zones.is_stricter(&zone.level, level)) {
        return Err(wrong_way(What::Leave));
    }
    // By the rules it goes to the next level, or to a stricter one that was named; in spite of the rules to the one that was named, and
    // altogether where none was.
    let to = match (leave.to.as_deref().filter(|_| missing.is_empty()), named) {
        (Some(to), Some(named)) if zones.is_stricter(to, named) => Some(to),
        (to, named) => named.or(to),
    };
    match to {
        Some(to) if whole => {
            let unmet = exception.filter(|_| !missing.is_empty());
            step_to(tx, zone, to, basis, (&missing, unmet))?;
            return unmet.map_or(Ok(()), |why| tell_above(tx, zone, &missing, why));
        }
        Some(to) => return Err(steps_down(zone, to)),
        None => {}
    }
    let area = if whole { zone.area.clone() } else { left };
    if whole {
        tx.run("UPDATE control_zone SET released = $2 WHERE id = $1", params![zone.id, day])?;
    } else {
        let text = serde_json::to_string(&area).unwrap_or_default();
        // How many lived in the part nobody has said: the old number would count those let go.
        tx.run(
            "UPDATE control_zone SET area = $2, territory = $3, people = NULL WHERE id = $1",
            params![zone.id, text, territory_of(&area)],
        )?;
    }
    let step = Step {
        zone: zone.id,
        what: if whole { "released" } else { "part released" },
        day,
        level: (!whole).then_some(zone.level.as_str()),
        area: &area,
        basis,
        missing: missing.clone(),
        why: exception,
    };
    step.write(tx)?;
    if let (false, Some(why)) = (missing.is_empty(), exception) {
        tell_above(tx, zone, &missing, why)?;
    }
    Ok(())
}

fn tell_above(tx: &mut Tx<'_>, zone: &ZoneRecord, missing: &[&'static str], why: &str) -> Result<()> {
    let seq = tx.count("SELECT count(*) FROM control_override WHERE zone = $1", params![zone.id])?;
    // One zone is left early once or in a few parts: its own bits and the number of the part are an id.
    let told: Id<Override> = Id::from_bits(zone.id.bits() ^ (u128::from(seq.unsigned_abs()) + 1));
    let above = zone.territory.at_depth(zone.territory.depth().min(3).saturating_sub(1));
    tx.run(
        "INSERT INTO control_override (id, territory, zone, missing, why, at, by_whom, seen, seen_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)",
        params![told, &above, zone.id, missing.join(" "), why, tx.at, &tx.actor.id],
    )?;
    Ok(())
}

/// A part skips no level that the whole would go through.
fn steps_down(zone: &ZoneRecord, to: &str) -> store::Error {
    let named = edition_of(&zone.protocol).ok().and_then(|(_, zones)| zones.level(to));
    let (en, zh) = named.map_or((to, to), |level| (level.en.as_str(), level.zh.as_str()));
    invalid(
        "control.part_steps_down",
        "units",
        format!(
            "this part goes to {en} first, with days of its own; split it off, and leave it as a zone of its own"
        ),
        format!("该部分须先转为{zh}并另行计时；请先拆分为单独区域，再按该区域解除"),
    )
}

fn not_ready(missing: &[&'static str], on: Option<Day>) -> store::Error {
    let en = missing.iter().map(|kind| kind.replace('_', " ")).collect::<Vec<_>>().join(", ");
    let zh: Vec<&str> = missing.iter().map(|kind| words(kind)).collect();
    let zh = zh.join("、");
    let (when_en, when_zh) = match on {
        Some(on) => (format!("it can be ready on {on}"), format!("最早可于 {on} 满足")),
        None => ("nobody can say yet when it will be".to_owned(), "尚无法确定日期".to_owned()),
    };
    invalid(
        "control.not_ready",
        "exception",
        format!(
            "not all criteria hold: {en} missing, and {when_en}; wait, or write why it is left all the same"
        ),
        format!("条件未全部满足：缺{zh}，{when_zh}；请等待，或写明例外解除的理由"),
    )
}

fn words(kind: &str) -> &'static str {
    match kind {
        "days_clean" => "连续无新增天数",
        "contacts_age" => "密接观察期满且阴性",
        "full_round" => "全员检测一轮均阴性",
        "no_cluster" => "无聚集性疫情",
        _ => "县域内更高级别区域全部解除",
    }
}
