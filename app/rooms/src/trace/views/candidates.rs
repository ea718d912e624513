//! Candidates of an overlap: the strongest meeting with each other person at each place, with what the rules would make of it.

use super::visits::places_by_id;
use crate::cases::{Case, Contact};
use crate::packed;
use crate::people::Subject;
use crate::trace::interview::InterviewRecord;
use crate::trace::reach::PlaceRecord;
use crate::trace::run::Run;
use crate::trace::visit::Ride;
use crate::trace::wall::{day_of, told_minute};
use crate::trace::{Goods, Interview, Place};
use base::{Day, Id};
use cases::ExposureKind;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Query, Result, Row, params};
use trace::overlap::{Exposure, Looking};
use trace::{Met, Whom, propose_class};

/// So many stand on a page, the strongest first.
const SHOWN: usize = 300;

/// Somebody else who told of a visit, as their interview names them.
#[derive(Debug, Clone)]
pub(super) struct Other {
    pub subject: Id<Subject>,
    pub interview: Id<Interview>,
    pub case: Option<Id<Case>>,
    contact: Option<Id<Contact>>,
    no: String,
    pub place: Option<Id<Place>>,
    goods: Option<Id<Goods>>,
    surface: Option<Id<Place>>,
}

impl Other {
    /// From the first six columns of a row and its last two, as `overlaps::OTHER` lists them.
    pub fn of(row: &Row) -> Result<Other> {
        Ok(Other {
            subject: row.read(0)?,
            interview: row.read(1)?,
            case: row.opt_read(2)?,
            contact: row.opt_read(3)?,
            no: row.text(4)?,
            place: row.opt_read(5)?,
            goods: row.opt_read(14)?,
            surface: row.opt_read(15)?,
        })
    }

    fn kind(&self) -> &'static str {
        match (self.case, self.goods, self.surface) {
            (Some(_), ..) => "case",
            (_, Some(_), _) => "goods",
            (.., Some(_)) => "place",
            _ => "contact",
        }
    }

    /// Things become nobody's contacts.
    pub fn is_somebody(&self) -> bool {
        self.goods.is_none() && self.surface.is_none()
    }
}

/// One meeting.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    place: Option<Id<Place>>,
    run: Option<Run>,
    pub from: i64,
    to: i64,
    surely_minutes: Option<u32>,
    at_most_minutes: u32,
    apart_minutes: u32,
    metres: Option<f64>,
    rows_apart: Option<u16>,
    same_carriage: Option<bool>,
    day_of_illness: Option<i32>,
}

impl Candidate {
    pub fn at_place(place: Id<Place>, met: &Exposure) -> Candidate {
        Candidate { place: Some(place), ..Candidate::nearby(None, 0.0, met).without_metres() }
    }

    pub fn nearby(place: Option<Id<Place>>, metres: f64, met: &Exposure) -> Candidate {
        let from = i64::from(met.from.0);
        Candidate {
            place,
            run: None,
            from,
            to: from + i64::from(met.at_most_minutes),
            surely_minutes: Some(met.surely_minutes),
            at_most_minutes: met.at_most_minutes,
            apart_minutes: met.apart_minutes,
            metres: Some(metres),
            rows_apart: None,
            same_carriage: None,
            day_of_illness: met.day_of_illness,
        }
    }

    pub fn on_day_of_illness(self, day: i32) -> Candidate {
        Candidate { day_of_illness: Some(day), ..self }
    }

    fn without_metres(self) -> Candidate {
        Candidate { metres: None, ..self }
    }

    /// On one run between the stops both rode; carriage and row count where both are known. Nothing when one got off where the other
    /// got on.
    pub fn on_ride(ours: &Ride, theirs: &Ride, met: &Exposure) -> Option<Candidate> {
        if ours.parts_from(theirs) || theirs.parts_from(ours) {
            return None;
        }
        let same_carriage = ours.carriage.zip(theirs.carriage).map(|(ours, theirs)| ours == theirs);
        let rows = ours.seat_row().zip(theirs.seat_row()).map(|(ours, theirs)| ours.abs_diff(theirs));
        Some(Candidate {
            run: Some(ours.run()),
            rows_apart: rows.filter(|_| same_carriage != Some(false)),
            same_carriage,
            ..Candidate::nearby(None, 0.0, met).without_metres()
        })
    }

    /// `strong`: a quarter of an hour together for sure, on a vehicle in seats known to be near. `possible`: they may have met. `weak`:
    /// one came after the other had left, or got on as the other got off, or sat in another carriage.
    fn strength(&self) -> &'static str {
        let at_the_door = self.run.is_some() && self.at_most_minutes == 0;
        if self.same_carriage == Some(false) || self.apart_minutes > 0 || at_the_door {
            return "weak";
        }
        let near_seats = self.rows_apart.is_some_and(|rows| rows <= 3);
        let long_together = self.run.is_none() && self.surely_minutes.is_some_and(|minutes| minutes >= 15);
        if near_seats || long_together { "strong" } else { "possible" }
    }

    fn rank(&self) -> (u8, u32) {
        let strength = match self.strength() {
            "strong" => 2,
            "possible" => 1,
            _ => 0,
        };
        (strength, self.at_most_minutes)
    }
}

/// The strongest meeting of each person at each place or ride.
#[derive(Debug, Default)]
pub(super) struct Candidates(BTreeMap<(Id<Subject>, String), (Other, Candidate)>);

impl Candidates {
    pub fn add(&mut self, other: &Other, met: Candidate) {
        let spot = met
            .run
            .as_ref()
            .map(Run::target)
            .or_else(|| met.place.map(|place| place.to_string()))
            .unwrap_or_default();
        let known = self.0.get(&(other.subject, spot.clone()));
        if known.is_none_or(|(_, known)| known.rank() < met.rank()) {
            self.0.insert((other.subject, spot), (other.clone(), met));
        }
    }
}

pub(super) fn told_candidates(
    query: &mut dyn Query,
    interview: &InterviewRecord,
    isolated: Option<Day>,
    looking: Looking,
    found: Candidates,
) -> Result<Vec<Json>> {
    let mut all: Vec<(Other, Candidate)> = found.0.into_values().collect();
    all.sort_by(|a, b| {
        b.1.rank().cmp(&a.1.rank()).then(a.1.from.cmp(&b.1.from)).then(a.0.subject.cmp(&b.0.subject))
    });
    all.truncate(SHOWN);
    let places = places_by_id(query, all.iter().filter_map(|(_, met)| met.place))?;
    let known = known_contacts(query, interview)?;
    let known_as = |other: &Other| {
        let own = other.contact.map(|contact| (contact, other.no.clone()));
        known.get(&other.subject).cloned().or(own)
    };
    Ok(all
        .iter()
        .map(|(other, met)| {
            let place = met.place.and_then(|place| places.get(&place));
            let mut row = row_of(interview, isolated, other, met, place, known_as(other));
            // Looking back the other is the one who infects: the class of a contact is this person's, in the other's interview.
            if looking == Looking::Back {
                row["proposal"] = Json::Null;
            }
            row
        })
        .collect())
}

/// By person: the contact they are, and its number.
type KnownContacts = BTreeMap<Id<Subject>, (Id<Contact>, String)>;

/// Contacts of this case, lot or place who are known already.
fn known_contacts(query: &mut dyn Query, interview: &InterviewRecord) -> Result<KnownContacts> {
    let sql = "SELECT subject, contact, contact_no FROM trace_exposure WHERE case_id = $1 OR goods = $2 OR surface = $3 LIMIT 10000";
    let rows = query.rows(sql, params![interview.case, interview.goods, interview.place])?;
    rows.iter().map(|row| Ok((row.read(0)?, (row.read(1)?, row.text(2)?)))).collect()
}

fn row_of(
    interview: &InterviewRecord,
    isolated: Option<Day>,
    other: &Other,
    met: &Candidate,
    place: Option<&PlaceRecord>,
    known: Option<(Id<Contact>, String)>,
) -> Json {
    let usual =
        place.and_then(|place| packed::interviews().place_kind(&place.kind)).map(|kind| kind.exposure);
    let kind = match &met.run {
        _ if !interview.asks_somebody() => ExposureKind::Contaminated,
        Some(_) => ExposureKind::Transport,
        None => usual.unwrap_or(ExposureKind::Other),
    };
    let indoors = place.and_then(|place| place.indoors);
    let proposal = propose_class(
        interview.rules(),
        &Met {
            whom: match (interview.case, interview.contact) {
                (Some(_), _) => Whom::Case,
                (_, Some(_)) => Whom::Contact,
                _ => Whom::Thing,
            },
            kind,
            metres: met.metres,
            rows_apart: met.rows_apart,
            same_carriage: met.same_carriage,
            // The longest it can have been: doubt takes nobody off.
            minutes: Some(met.at_most_minutes),
            indoors,
            protected: None,
            day_of_illness: met.day_of_illness.filter(|_| interview.case.is_some()),
            was_isolated: isolated.zip(day_of(met.from)).is_some_and(|(isolated, day)| day > isolated),
        },
    );
    json!({
        "subject": other.subject, "interview": other.interview, "no": other.no, "case": other.case,
        "kind": other.kind(), "goods": other.goods, "found_by": if met.run.is_some() { "ride" } else { "overlap" },
        "place": met.place, "place_name": place.map(|place| place.name.as_str()), "ride": met.run,
        "from": told_minute(met.from), "to": told_minute(met.to), "day": day_of(met.from),
        "minutes": met.at_most_minutes, "surely_minutes": met.surely_minutes, "apart_minutes": met.apart_minutes,
        "metres": met.metres.map(f64::round), "rows_apart": met.rows_apart, "same_carriage": met.same_carriage,
        "indoors": indoors, "day_of_illness": met.day_of_illness, "strength": met.strength(),
        "proposal": other.is_somebody().then(|| json!({
            "class": proposal.class, "rule": proposal.rule, "kind": kind, "because_zh": proposal.because_zh,
            "because_en": proposal.because_en,
        })),
        "known": known.as_ref().map(|(contact, _)| contact), "known_no": known.as_ref().map(|(_, no)| no),
    })
}
