//! A stay or a ride as somebody tells it: what can be true of it, and what a search needs of it.

use crate::packed;
use crate::people::Subject;
use crate::refuse::{invalid, missing, required};
use crate::trace::point::{self, System};
use crate::trace::reach::{PlaceRecord, place_in_reach, place_of};
use crate::trace::run::{Run, Vehicle};
use crate::trace::wall::{Wall, minutes_of};
use crate::trace::{Interview, Place, Visit};
use base::{Day, Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Query, Result, Scope, Tx, Value, params};
use trace::overlap::{
    Datum, Position, ToldPosition, ToldVisit, VisitRules, Within, mixed_systems, sound_visits,
};

/// Everything somebody said about one visit; sealed as a whole under their key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Of the register; absent for a place nobody has registered.
    #[serde(default)]
    pub place: Option<Id<Place>>,
    #[serde(default)]
    pub place_name: Option<String>,
    #[serde(default)]
    pub lon: Option<f64>,
    #[serde(default)]
    pub lat: Option<f64>,
    #[serde(default)]
    pub datum: Option<System>,
    /// How exactly the point is known.
    #[serde(default)]
    pub metres: Option<f64>,
    /// On the wall clock there: `2022-02-20T18:30`.
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub from_doubt_minutes: u32,
    #[serde(default)]
    pub to_doubt_minutes: u32,
    /// Who says so, by a word of the interview pack.
    pub source: String,
    #[serde(default)]
    pub mask: Mask,
    #[serde(default)]
    pub indoors: Option<bool>,
    #[serde(default)]
    pub ventilation: Ventilation,
    #[serde(default)]
    pub company: Option<String>,
    #[serde(default)]
    pub ride: Option<Ride>,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    Yes,
    No,
    Partly,
    #[default]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ventilation {
    Good,
    Poor,
    #[default]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ride {
    pub kind: Vehicle,
    /// Of the train, flight or coach, as its ticket writes it.
    pub number: String,
    /// The day it set out.
    pub day: Day,
    #[serde(default)]
    pub carriage: Option<u16>,
    #[serde(default)]
    pub row: Option<u16>,
    #[serde(default)]
    pub seat: Option<String>,
    #[serde(default)]
    pub board: String,
    #[serde(default)]
    pub leave: String,
}

impl Ride {
    /// The same run of the same vehicle, however the number was written.
    pub(crate) fn run(&self) -> Run {
        Run { kind: self.kind, number: self.number.clone(), day: self.day }
    }

    /// They got off where the other got on: on one run, they were never aboard together. Stops that are not named, or not alike,
    /// say nothing; times do.
    pub(crate) fn parts_from(&self, other: &Ride) -> bool {
        let stop = |name: &str| name.trim().trim_end_matches('站').to_lowercase();
        !stop(&self.leave).is_empty() && stop(&self.leave) == stop(&other.board)
    }

    /// The row of the seat, from its own field or the ticket's seat.
    pub(crate) fn seat_row(&self) -> Option<u16> {
        self.row.or_else(|| self.seat.as_deref().and_then(trace::overlap::Seat::read).map(|seat| seat.row))
    }
}

/// What a search needs of a visit: when, and where in WGS84.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Searchable {
    pub began: i64,
    pub ended: i64,
    pub at: Option<Position>,
    pub run: Option<String>,
}

/// Cells of a hundredth of a degree south to north and west to east: a kilometre, and a little less.
pub(crate) fn cell_of(at: Position) -> i64 {
    let step = |degrees: f64, from: f64| ((degrees + from) * 100.0).floor() as i64;
    step(at.lat, 90.0) * 100_000 + step(at.lon, 180.0)
}

impl Told {
    /// Refuses what cannot be true, each with what to do about it.
    pub(crate) fn demand_sound(&self, place: Option<&PlaceRecord>, now: Moment) -> Result<Searchable> {
        if packed::interviews().source(&self.source).is_none() {
            let known: Vec<&str> =
                packed::interviews().sources.iter().map(|source| source.id.as_str()).collect();
            return Err(invalid(
                "trace.source",
                "told.source",
                format!("nobody says so by that word; choose one of: {}", known.join(", ")),
                format!("信息来源无效；请从以下选择：{}", known.join("、")),
            ));
        }
        if let Some(ride) = &self.ride {
            required("told.ride.number", &ride.number)?;
        } else if place.is_none() && self.lon.is_none() {
            required("told.place_name", self.place_name.as_deref().unwrap_or_default())?;
        }
        let (began, ended) = (minutes_of("told.from", &self.from)?, minutes_of("told.to", &self.to)?);
        demand_possible(began, ended, now)?;
        let told = point::told(self.lon, self.lat, self.datum)?;
        let own = told.map(|told| told.position()).transpose()?;
        let known = place.and_then(|place| place.point).map(|(lon, lat)| Position { lat, lon });
        if let (Some(own), Some(known)) = (own, known) {
            demand_one_system(known, own)?;
        }
        Ok(Searchable {
            began,
            ended,
            at: own.or(known),
            run: self.ride.as_ref().map(|ride| ride.run().target()),
        })
    }

    fn within(&self, searchable: &Searchable) -> (Within, Within) {
        (
            Within::about(searchable.began, self.from_doubt_minutes),
            Within::about(searchable.ended, self.to_doubt_minutes),
        )
    }
}

fn demand_possible(began: i64, ended: i64, now: Moment) -> Result<()> {
    let rules = VisitRules::known_until(Wall::at(now).0);
    let (began, ended) = (Within::exactly(began), Within::exactly(ended));
    let (_, notes) = sound_visits(&[ToldVisit { row: 1, subject: 0, place: 0, began, ended }], &rules);
    let refused = [
        (
            "ends_before_it_begins",
            "told.to",
            "the visit ends before it begins; exchange or mend its times",
            "结束时间早于开始时间；请对调或更正",
        ),
        (
            "in_the_future",
            "told.from",
            "the visit lies in the future; mend the date, or write plans into the notes",
            "到访时间在将来；请更正日期，计划行程请写入备注",
        ),
        (
            "too_long",
            "told.to",
            "the stay is longer than 60 days; mend the year, or write it month by month",
            "停留超过 60 天；请更正年份，或按月分段登记",
        ),
        (
            "before_1970",
            "told.from",
            "the visit lies before 1970; mend the year",
            "到访时间早于 1970 年；请更正年份",
        ),
    ];
    match refused.into_iter().find(|(code, ..)| notes.has(code)) {
        Some((code, field, en, zh)) => Err(invalid(&format!("trace.visit_{code}"), field, en, zh)),
        None => Ok(()),
    }
}

/// One place told in two systems of maps: read one way they lie apart by a map's shift, read two ways they are one door.
fn demand_one_system(known: Position, own: Position) -> Result<()> {
    let both = [(1, known), (2, own)].map(|(row, told)| ToldPosition { row, named_place: Some(0), told });
    if mixed_systems(&both).is_empty() {
        return Ok(());
    }
    let fits = Datum::ALL
        .into_iter()
        .skip(1)
        .find(|datum| trace::overlap::metres_between(datum.to_wgs84(own), known) < 40.0)
        .map_or("another", Datum::word);
    Err(invalid(
        "trace.mixed_systems",
        "told.datum",
        format!(
            "the point lies beside the registered place as maps shift it; state its datum ({fits}), or leave the point empty"
        ),
        format!("坐标与登记场所的偏差符合地图坐标系偏移；请注明坐标系（{fits}）或留空"),
    ))
}

/// The row of a visit. When the person's key is gone, what they told stays shut and nothing can be searched by.
pub(crate) struct VisitRow<'a> {
    pub id: Id<Visit>,
    pub territory: &'a Territory,
    pub interview: Id<Interview>,
    pub subject: Id<Subject>,
    pub told: &'a str,
    pub open: Option<(Told, Searchable)>,
}

impl VisitRow<'_> {
    pub fn values(&self, tx: &Tx<'_>) -> Vec<Value> {
        let open = self.open.as_ref();
        let within = open.map(|(told, searchable)| told.within(searchable));
        let at = open.and_then(|(_, searchable)| searchable.at);
        vec![
            self.id.into(),
            self.territory.into(),
            self.interview.into(),
            self.subject.into(),
            open.and_then(|(told, _)| told.place).into(),
            open.and_then(|(_, searchable)| searchable.run.clone()).into(),
            at.map(|at| at.lon).into(),
            at.map(|at| at.lat).into(),
            at.map(cell_of).into(),
            open.map(|(_, searchable)| searchable.began).into(),
            open.map(|(_, searchable)| searchable.ended).into(),
            open.map(|(told, _)| told.from_doubt_minutes).into(),
            open.map(|(told, _)| told.to_doubt_minutes).into(),
            within.map(|(began, _)| began.earliest).into(),
            within.map(|(_, ended)| ended.latest).into(),
            self.told.into(),
            0_i64.into(),
            tx.at.into(),
            tx.actor.id.as_str().into(),
        ]
    }

    pub fn keep(&self, tx: &mut Tx<'_>) -> Result<()> {
        let values = self.values(tx);
        VisitRow::keep_all(tx, &[values])
    }

    pub fn keep_all(tx: &mut Tx<'_>, rows: &[Vec<Value>]) -> Result<()> {
        tx.insert_many(
            "INSERT INTO trace_visit (id, territory, interview, subject, place, run, lon, lat, cell, began, ended, \
             began_doubt, ended_doubt, earliest, latest, told, removed, at, by_whom)",
            19,
            rows,
            "ON CONFLICT (id) DO UPDATE SET place = excluded.place, run = excluded.run, lon = excluded.lon, \
             lat = excluded.lat, cell = excluded.cell, began = excluded.began, ended = excluded.ended, \
             began_doubt = excluded.began_doubt, ended_doubt = excluded.ended_doubt, earliest = excluded.earliest, \
             latest = excluded.latest, told = excluded.told, at = excluded.at, by_whom = excluded.by_whom",
        )
    }
}

pub(crate) fn told_context(subject: Id<Subject>) -> String {
    format!("trace_visit.told|{subject}")
}

/// The place a visit names: one within reach, or the one that was told of it before, wherever that lies. Who is asked may have been
/// in another county, and have been handed over since.
pub(crate) fn place_told_of(
    tx: &mut Tx<'_>,
    told: &Told,
    before: Option<Id<Place>>,
) -> Result<Option<PlaceRecord>> {
    match told.place {
        Some(place) if Some(place) == before => place_of(tx, place),
        place => place.map(|place| place_in_reach(tx, place)).transpose(),
    }
}

/// A visit a change is about: its interview, and what was told before.
pub(crate) struct Known {
    pub interview: Id<Interview>,
    pub place: Option<Id<Place>>,
    pub told: String,
}

pub(crate) fn visit_within(query: &mut dyn Query, scope: &Scope, visit: Id<Visit>) -> Result<Known> {
    let sql = "SELECT territory, interview, place, told FROM trace_visit WHERE id = $1";
    let row = query.first(sql, params![visit])?.ok_or_else(|| missing("visit", "到访记录"))?;
    let territory: Territory = row.read(0)?;
    if !scope.reaches(&territory) {
        return Err(missing("visit", "到访记录"));
    }
    Ok(Known { interview: row.read(1)?, place: row.opt_read(2)?, told: row.text(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_train_is_one_run_however_it_is_written() {
        let ride = |number: &str| Ride {
            kind: Vehicle::Train,
            number: number.to_owned(),
            day: "2022-02-19".parse().unwrap(),
            carriage: Some(5),
            row: None,
            seat: Some("12F".to_owned()),
            board: String::new(),
            leave: String::new(),
        };
        assert_eq!(ride("g 1234次").run().target(), ride("G1234").run().target());
        assert_eq!(ride("G1").seat_row(), Some(12));
    }

    #[test]
    fn neighbours_within_a_hundred_metres_lie_in_a_cell_or_the_next() {
        let at = |lat, lon| cell_of(Position { lat, lon });
        assert_eq!(at(37.4237, 112.5513), at(37.4239, 112.5515));
        assert_eq!(at(37.4301, 112.55) - at(37.4299, 112.55), 100_000);
        assert_eq!(at(37.42, 112.5601) - at(37.42, 112.5599), 1);
    }
}
