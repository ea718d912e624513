//! Who else, of those within reach, was where the interviewed person was: at the same place, within a hundred metres, or on the
//! same ride. Onward: whom they may have infected; back: who may have infected them. A shared place is a reason to ask, never a
//! finding.

use super::candidates::{Candidate, Candidates, Other, told_candidates};
use super::counting::Counting;
use super::stated;
use crate::cases::reach::case_within;
use crate::people::Subject;
use crate::refuse::invalid;
use crate::trace::interview::interview_within;
use crate::trace::visit::{Ride, Told, told_context};
use crate::trace::{Interview, Place};
use base::Id;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Row, Scope, Value, Vault, params};
use trace::overlap::{
    CaseVisit, GapRule, Looking, Minute, Position, Spread, Stay, VisitIndex, metres_between, shared_stays,
};

/// More visits of one person are not one person's; the first are looked at.
const OWN: usize = 5_000;
/// Visits of others that are read for one place or neighbourhood, and for all of them together.
const OTHERS: usize = 5_000;
const ALL_OTHERS: usize = 50_000;
/// Meetings that are weighed: two people who keep one shop for a year meet more often than anybody reads.
const MEETINGS: usize = 200_000;
/// Own stays at one place whose meetings are found at once.
const AT_ONCE: usize = 20;
/// Places, neighbourhoods and rides that are looked at.
const SPOTS: usize = 300;
const NEAR_METRES: f64 = 100.0;

struct Own {
    place: Option<Id<Place>>,
    run: Option<String>,
    cell: Option<i64>,
    at: Option<Position>,
    stay: Option<Stay>,
    told: String,
}

/// Place, point and times of a visit as they stand in a row from column `first` on.
fn own_of(row: &Row) -> Result<Own> {
    Ok(Own {
        place: row.opt_read(0)?,
        run: row.opt_text(1)?,
        cell: row.opt_int(2)?,
        at: point(row, 3)?,
        stay: stay(row, 5, 0)?,
        told: row.text(9)?,
    })
}

fn point(row: &Row, first: usize) -> Result<Option<Position>> {
    let lon_lat = row.opt_real(first)?.zip(row.opt_real(first + 1)?);
    Ok(lon_lat.map(|(lon, lat)| Position { lat, lon }))
}

/// Earliest, latest, and doubt of both ends, from column `first` on.
fn stay(row: &Row, first: usize, subject: u32) -> Result<Option<Stay>> {
    let minute =
        |at: usize| Ok::<_, store::Error>(row.opt_int(at)?.and_then(|at| u32::try_from(at).ok()).map(Minute));
    // Told give or take so much: it may have begun twice as much later than at the earliest.
    let spread = |at: usize| {
        let doubt = row.opt_int(at)?.and_then(|doubt| u32::try_from(doubt).ok()).unwrap_or(0);
        Ok::<_, store::Error>(Spread::of(doubt.saturating_mul(2)))
    };
    let (Some(earliest), Some(latest)) = (minute(first)?, minute(first + 1)?) else { return Ok(None) };
    let (began_spread, ended_spread) = (spread(first + 2)?, spread(first + 3)?);
    Ok(Some(Stay { subject, place: 0, earliest, latest, began_spread, ended_spread }))
}

/// A stay at a known point, with its registered place if it has one.
type Spot = (Option<Id<Place>>, Position, Stay);

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct OverlapsAsked {
    /// `onward` (when nothing is said): whom this person may have infected; `back`: who may have infected them.
    #[serde(default)]
    pub looking: Option<String>,
}

impl OverlapsAsked {
    fn looking(&self) -> Result<Looking> {
        match stated(&self.looking) {
            None | Some("onward") => Ok(Looking::Onward),
            Some("back") => Ok(Looking::Back),
            Some(_) => Err(invalid(
                "trace.looking",
                "looking",
                "there is no such direction; look onward or back",
                "没有该方向；可选：onward（续发）、back（溯源）",
            )),
        }
    }
}

struct Search<'a> {
    scope: &'a Scope,
    subject: Id<Subject>,
    air_minutes: u32,
    counting: Counting,
    own: Vec<Own>,
    found: Candidates,
    /// Visits of others and meetings that may still be looked at, and whether they were too few.
    others_left: usize,
    meetings_left: usize,
    cut: bool,
}

pub fn overlaps(
    query: &mut dyn Query,
    scope: &Scope,
    id: Id<Interview>,
    asked: &OverlapsAsked,
) -> Result<Json> {
    scope.demand(Permission::ContactsWrite)?;
    let looking = asked.looking()?;
    let interview = interview_within(query, scope, id)?;
    let case = interview.case.and_then(|case| case_within(query, scope, case).ok());
    let onset = case.as_ref().and_then(|case| case.dates.illness_day());
    let counting = Counting::of(&interview, onset, looking);
    // Of more visits than are looked at, those of the days that count.
    let (from, until) = counting.own_days();
    let sql = format!(
        "SELECT place, run, cell, lon, lat, earliest, latest, began_doubt, ended_doubt, told FROM trace_visit \
         WHERE interview = $1 AND removed = 0 \
         ORDER BY CASE WHEN latest >= $2 AND earliest < $3 THEN 0 ELSE 1 END, began, id LIMIT {OWN}"
    );
    let own = query.rows(&sql, params![id, from, until])?.iter().map(own_of).collect::<Result<Vec<_>>>()?;
    let mut search = Search {
        scope,
        subject: interview.subject,
        air_minutes: u32::from(interview.rules().air_minutes.value),
        counting,
        own,
        found: Candidates::default(),
        others_left: ALL_OTHERS,
        meetings_left: MEETINGS,
        cut: false,
    };
    search.by_place(query)?;
    search.by_nearness(query)?;
    search.by_ride(query)?;
    let looked_at = search.own.len();
    let isolated = case.and_then(|case| case.dates.isolated_day());
    let rows = told_candidates(query, &interview, isolated, looking, std::mem::take(&mut search.found))?;
    let looked = if looking == Looking::Back { "back" } else { "onward" };
    let left_off = (interview.visits - looked_at as i64).max(0);
    Ok(
        json!({ "rows": rows, "looking": looked, "looked_at": looked_at, "left_off": left_off, "cut": search.cut }),
    )
}

/// From when to when others count, with the air that stays: after the own stays looking onward, before them looking back.
fn window<'a>(stays: impl Iterator<Item = &'a Stay>, air: u32, looking: Looking) -> Option<(i64, i64)> {
    let air = i64::from(air);
    let (before, after) = if looking == Looking::Back { (air, 0) } else { (0, air) };
    let mut window: Option<(i64, i64)> = None;
    for stay in stays {
        let (from, to) = (i64::from(stay.earliest.0) - before, i64::from(stay.latest.0) + after);
        window = Some(window.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
    }
    window
}

const OTHER: &str = "v.subject, v.interview, i.case_id, i.contact, i.no, v.place, v.lon, v.lat, v.earliest, v.latest, \
     v.began_doubt, v.ended_doubt, v.told, i.disease, i.goods, i.place";

impl Search<'_> {
    /// Visits of others within reach, under one more condition whose values are given.
    fn others(&mut self, query: &mut dyn Query, condition: &str, mut values: Vec<Value>) -> Result<Vec<Row>> {
        let (first, past) = self.scope.territory.range();
        values.extend([first.into(), past.into(), self.subject.into()]);
        let at = values.len();
        let mut unread = String::new();
        for disease in &self.scope.kept.unread {
            values.push(disease.as_str().into());
            unread.push_str(&format!(" AND (i.disease IS NULL OR i.disease <> ${})", values.len()));
        }
        let sql = format!(
            "SELECT {OTHER} FROM trace_visit v JOIN trace_interview i ON i.id = v.interview WHERE {condition} \
             AND v.territory >= ${} AND v.territory < ${} AND v.subject <> ${at} AND v.removed = 0{unread} \
             ORDER BY v.earliest, v.id LIMIT {}",
            at - 2,
            at - 1,
            OTHERS.min(self.others_left)
        );
        let limit = OTHERS.min(self.others_left);
        let rows = query.rows(&sql, &values)?;
        self.others_left -= rows.len();
        self.cut |= rows.len() == limit;
        Ok(rows)
    }

    fn by_place(&mut self, query: &mut dyn Query) -> Result<()> {
        let places: BTreeSet<Id<Place>> = self.own.iter().filter_map(|own| own.place).collect();
        self.cut |= places.len() > SPOTS;
        for place in places.into_iter().take(SPOTS) {
            let stays: Vec<Stay> =
                self.own.iter().filter(|own| own.place == Some(place)).filter_map(|own| own.stay).collect();
            let window = window(stays.iter(), self.air_minutes, self.counting.looking);
            let Some((from, to)) = window else { continue };
            let condition = "v.place = $1 AND v.earliest <= $3 AND v.latest >= $2";
            let rows = self.others(query, condition, vec![place.into(), from.into(), to.into()])?;
            self.shared(query, &rows, &stays, place)?;
        }
        Ok(())
    }

    fn shared(&mut self, query: &mut dyn Query, rows: &[Row], own: &[Stay], place: Id<Place>) -> Result<()> {
        let mut others: Vec<Other> = Vec::with_capacity(rows.len());
        let mut stays = Vec::with_capacity(rows.len());
        for row in rows {
            let number = u32::try_from(others.len()).unwrap_or(u32::MAX) + 1;
            others.push(Other::of(row)?);
            stays.extend(stay(row, 8, number)?);
        }
        let index = VisitIndex::of(stays);
        let onset = self.counting.own_onset();
        let visits: Vec<CaseVisit> = own.iter().map(|stay| CaseVisit { stay: *stay, onset }).collect();
        let gaps = GapRule::Everywhere(self.air_minutes);
        for some in visits.chunks(AT_ONCE) {
            for met in shared_stays(&index, some, &gaps, self.counting.looking) {
                self.add(query, &others[met.contact as usize - 1], Candidate::at_place(place, &met))?;
            }
            if self.meetings_left == 0 {
                break;
            }
        }
        Ok(())
    }

    fn add(&mut self, query: &mut dyn Query, other: &Other, met: Candidate) -> Result<()> {
        let Some(left) = self.meetings_left.checked_sub(1) else {
            self.cut = true;
            return Ok(());
        };
        self.meetings_left = left;
        if let Some(met) = self.counting.counted(query, self.scope, other, met)? {
            self.found.add(other, met);
        }
        Ok(())
    }

    /// Those within a hundred metres at the same time, whatever the place was called.
    fn by_nearness(&mut self, query: &mut dyn Query) -> Result<()> {
        let mut cells: BTreeMap<i64, Vec<Spot>> = BTreeMap::new();
        for own in &self.own {
            if let (Some(cell), Some(at), Some(stay), None) = (own.cell, own.at, own.stay, &own.run) {
                cells.entry(cell).or_default().push((own.place, at, stay));
            }
        }
        self.cut |= cells.len() > SPOTS;
        for (cell, own) in cells.into_iter().take(SPOTS) {
            let Some((from, to)) = window(own.iter().map(|(_, _, stay)| stay), 0, Looking::Onward) else {
                continue;
            };
            let mut values: Vec<Value> = vec![from.into(), to.into()];
            let around =
                [-100_000, 0, 100_000].into_iter().flat_map(|rows| [-1, 0, 1].map(|columns| rows + columns));
            values.extend(around.map(|step| Value::from(cell + step)));
            let condition =
                "v.cell IN ($3, $4, $5, $6, $7, $8, $9, $10, $11) AND v.earliest <= $2 AND v.latest >= $1";
            for row in self.others(query, condition, values)? {
                if self.meetings_left == 0 {
                    self.cut = true;
                    return Ok(());
                }
                let (Some(at), Some(theirs)) = (point(&row, 6)?, stay(&row, 8, 1)?) else { continue };
                let other = Other::of(&row)?;
                for (place, here, ours) in &own {
                    let together = ours.earliest <= theirs.latest && theirs.earliest <= ours.latest;
                    // Who was at the same registered place was found there.
                    let found_there = place.is_some() && *place == other.place;
                    if !together || found_there {
                        continue;
                    }
                    let metres = metres_between(*here, at);
                    if metres <= NEAR_METRES {
                        let index = VisitIndex::of(vec![theirs]);
                        let visit = CaseVisit { stay: *ours, onset: self.counting.own_onset() };
                        for met in shared_stays(&index, &[visit], &GapRule::Everywhere(0), Looking::Onward) {
                            self.add(query, &other, Candidate::nearby(other.place, metres, &met))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn by_ride(&mut self, query: &mut dyn Query) -> Result<()> {
        let owner = self.subject.to_string();
        let Some(key) = Vault::key_of(query, &owner)? else { return Ok(()) };
        let mut rides: Vec<(Ride, Stay)> = Vec::new();
        self.cut |= self.own.iter().filter(|own| own.run.is_some()).count() > SPOTS;
        for own in self.own.iter().filter(|own| own.run.is_some()).take(SPOTS) {
            let told: Told = key.open(&told_context(self.subject), &own.told)?;
            rides.extend(told.ride.zip(own.stay));
        }
        for (ride, aboard) in rides {
            for row in self.others(query, "v.run = $1", vec![ride.run().target().into()])? {
                let other = Other::of(&row)?;
                let Some(key) = Vault::key_of(query, &other.subject.to_string())? else { continue };
                let told: Told = key.open(&told_context(other.subject), &row.text(12)?)?;
                let (Some(theirs), Some(stay)) = (told.ride, stay(&row, 8, 1)?) else { continue };
                let index = VisitIndex::of(vec![stay]);
                let visit = CaseVisit { stay: aboard, onset: self.counting.own_onset() };
                for met in shared_stays(&index, &[visit], &GapRule::Everywhere(0), Looking::Onward) {
                    if let Some(met) = Candidate::on_ride(&ride, &theirs, &met) {
                        self.add(query, &other, met)?;
                    }
                }
            }
        }
        Ok(())
    }
}
