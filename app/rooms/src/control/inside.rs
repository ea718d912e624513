//! A zone with what happened in it, for the question whether it may be left or must be raised.

use crate::control::finds::{LOOK_DAYS, finds_in};
use crate::control::reach::{ZoneRecord, in_force};
use crate::control::rules::{counties, edition_of, unknown_level};
use crate::lab::Campaign;
use crate::lab::views::rounds_over;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment, Territory};
use control::{AboveSeen, Find, FindInside, Leave, RoundHeld, ZoneSeen, leave};
use packs::{FindEffect, ZoneScheme};
use store::{Query, Result, params};

/// Finds inside since the level was set, and some before: which of them count is the edition's to say.
pub(crate) fn seen(
    query: &mut dyn Query,
    zone: &ZoneRecord,
    zones: &ZoneScheme,
    today: Day,
) -> Result<ZoneSeen> {
    Ok(ZoneSeen {
        level: zone.level.clone(),
        since: zone.since,
        after_higher: zone.after_higher,
        finds: found_inside(query, zone, today)?,
        rounds: rounds(query, zone)?.into_iter().map(|round| round.held).collect(),
        contacts: zone.contacts.clone(),
        above: above(query, zone, zones)?,
    })
}

fn found_inside(query: &mut dyn Query, zone: &ZoneRecord, today: Day) -> Result<Vec<FindInside>> {
    let finds = finds_in(query, &zone.territory, &zone.disease, zone.first_set - LOOK_DAYS, today)?;
    let mut inside: Vec<FindInside> = finds
        .iter()
        .filter(|find| is_inside(zone, find))
        .map(|find| FindInside { day: find.day, id: find.id.clone(), how: find.how })
        .collect();
    inside.sort();
    Ok(inside)
}

/// Finds inside on the day of its level or after it that start the clock anew.
pub(crate) fn counting(query: &mut dyn Query, zone: &ZoneRecord, today: Day) -> Result<Vec<String>> {
    let (_, zones) = edition_of(&zone.protocol)?;
    let inside = found_inside(query, zone, today)?.into_iter();
    let counts =
        inside.filter(|find| find.day >= zone.since && find.how.effect(&zones.finds) == FindEffect::Reset);
    Ok(counts.map(|find| find.id).collect())
}

/// Somebody stayed inside while they could pass it on, and before they were isolated.
fn is_inside(zone: &ZoneRecord, find: &Find) -> bool {
    /// The longest look-back of the editions that know zones.
    const LOOK_BACK_DAYS: u16 = 4;
    find.stays
        .iter()
        .any(|stay| zone.area.touches(&stay.unit) && find.counted(stay, LOOK_BACK_DAYS).is_some())
}

/// A round, and the campaign whose laboratories counted it; without one, somebody noted it.
pub(crate) struct RoundKnown {
    pub held: RoundHeld,
    pub campaign: Option<Id<Campaign>>,
}

/// What the laboratories counted of everybody where the zone lies, and what was noted of it by hand; of one day the note is the later
/// word, since laboratories know townships and not compounds.
pub(crate) fn rounds(query: &mut dyn Query, zone: &ZoneRecord) -> Result<Vec<RoundKnown>> {
    let places: Vec<&Territory> = zone.area.units.iter().map(|unit| &unit.territory).collect();
    let since = Moment::start_of(zone.first_set, UTC_OFFSET_MINUTES);
    let day = |moment: Moment| moment.day_at_offset(UTC_OFFSET_MINUTES);
    // A round of fewer people than live inside did not reach them all, whatever it set out to reach; and who was sampled again is one.
    let live_inside = zone.people.map_or(0, i64::unsigned_abs);
    let counted = rounds_over(query, &places, &zone.disease, since)?.into_iter().map(|round| RoundKnown {
        held: RoundHeld {
            began: day(round.opens),
            ended: round.ended.map(day),
            people: round.people.max(live_inside),
            with_result: round.with_result.min(round.people),
            positives_community: round.community,
            unresolved: round.unresolved,
        },
        campaign: Some(round.campaign),
    });
    let mut known: Vec<RoundKnown> = counted.collect();
    let sql = "SELECT began, ended, people, with_result, positives_community, unresolved FROM control_round \
               WHERE zone = $1 ORDER BY began, id LIMIT 500";
    let count = |row: &store::Row, at| row.int(at).map(i64::unsigned_abs);
    for row in query.rows(sql, params![zone.id])? {
        let held = RoundHeld {
            began: row.read(0)?,
            ended: row.opt_read(1)?,
            people: count(&row, 2)?,
            with_result: count(&row, 3)?,
            positives_community: count(&row, 4)?,
            unresolved: count(&row, 5)?,
        };
        known.push(RoundKnown { held, campaign: None });
    }
    // What was counted stays before what was noted of the same day.
    known.sort_by_key(|round| round.held.began);
    Ok(known)
}

/// Stricter places in the same counties, for what is the rest of one.
fn above(query: &mut dyn Query, zone: &ZoneRecord, zones: &ZoneScheme) -> Result<AboveSeen> {
    let mut places = 0;
    if zones.level(&zone.level).is_some_and(|level| level.rest_of_county) {
        for county in counties(&zone.area) {
            let strict = in_force(query, &county)?
                .into_iter()
                .filter(|other| other.id != zone.id && zones.is_stricter(&other.level, &zone.level));
            places += u32::try_from(strict.count()).unwrap_or(u32::MAX);
        }
    }
    Ok(AboveSeen { places, last_leaves: None })
}

/// What the edition says of leaving it, today.
pub(crate) fn leaving(query: &mut dyn Query, zone: &ZoneRecord, today: Day) -> Result<Leave> {
    let (_, zones) = edition_of(&zone.protocol)?;
    let seen = seen(query, zone, zones, today)?;
    // A level the edition no longer has could be left without a criterion.
    leave(zones, &seen, today).ok_or_else(|| unknown_level(zones, &zone.level))
}
