//! A case, a contact and a link as they stand in their tables.

use crate::cases::{Case, Contact, Event, Link, List};
use crate::people::{Subject, Traits};
use base::{Day, Id, Moment, Territory};
use cases::{Classification, ContactClass, DateKind, Dates, Evidence, Found, Outcome, Sex};
use serde::{Deserialize, Serialize};
use store::{Result, Row, Value};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseRecord {
    pub id: Id<Case>,
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub list: Option<Id<List>>,
    pub case_no: String,
    pub subject: Id<Subject>,
    pub disease: Option<String>,
    /// Region names as stated, narrow to broad, when they are known but no region of the pack.
    pub place: String,
    pub point: Option<(f64, f64)>,
    pub sex: Option<Sex>,
    pub age: Option<f64>,
    pub age_band: Option<String>,
    pub occupation: Option<String>,
    pub classification: Classification,
    pub outcome: Option<Outcome>,
    pub found: Option<Found>,
    pub dates: Dates,
    pub created: Moment,
    pub changed: Moment,
}

/// Columns of a case read through the alias `c`, in the order [`CaseRecord::of`] expects.
pub fn case_columns() -> &'static str {
    "c.id, c.territory, c.event, c.list, c.case_no, c.subject, c.disease, c.place, c.lon, c.lat, c.sex, c.age, \
     c.age_band, c.occupation, c.classification, c.outcome, c.found, c.dates, c.created, c.changed"
}

impl CaseRecord {
    pub fn of(row: &Row) -> Result<CaseRecord> {
        Ok(CaseRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_read(2)?,
            list: row.opt_read(3)?,
            case_no: row.text(4)?,
            subject: row.read(5)?,
            disease: row.opt_text(6)?,
            place: row.text(7)?,
            point: row.opt_real(8)?.zip(row.opt_real(9)?),
            sex: row.opt_read(10)?,
            age: row.opt_real(11)?,
            age_band: row.opt_text(12)?,
            occupation: row.opt_text(13)?,
            classification: row.read(14)?,
            outcome: row.opt_read(15)?,
            found: row.opt_read(16)?,
            dates: row.json(17)?,
            created: Moment(row.int(18)?),
            changed: Moment(row.int(19)?),
        })
    }

    /// What helps to tell this person from another. The age was told about the day of the curve, or when the case came in.
    pub fn traits(&self) -> Traits {
        let on = self.dates.curve_day().map(|(_, day)| day);
        Traits { sex: self.sex, age: self.age, on: on.unwrap_or_else(|| self.created.day_at_offset(0)) }
    }

    /// The day lists are ordered by: report, else result, else the first day known.
    pub fn sort_day(&self) -> String {
        let day = self.dates.day(DateKind::Report).or_else(|| self.dates.day(DateKind::Result));
        let day = day.or_else(|| self.dates.curve_day().map(|(_, day)| day));
        day.map(|day| day.to_string()).unwrap_or_default()
    }

    fn exact(&self, kind: DateKind) -> Option<Day> {
        self.dates.stated(kind).filter(|stated| stated.until.is_none()).map(|stated| stated.day)
    }

    /// Values in the order of [`crate::cases::keep`]'s column list, without `said`.
    pub(crate) fn values(&self) -> Vec<Value> {
        let curve = self.dates.curve_day();
        vec![
            self.id.into(),
            (&self.territory).into(),
            self.event.into(),
            self.list.into(),
            (&self.case_no).into(),
            self.subject.into(),
            self.disease.as_deref().into(),
            (&self.place).into(),
            self.point.map(|(lon, _)| lon).into(),
            self.point.map(|(_, lat)| lat).into(),
            self.sex.map(Sex::word).into(),
            self.age.into(),
            self.age_band.as_deref().into(),
            self.occupation.as_deref().into(),
            self.classification.word().into(),
            self.outcome.map(Outcome::word).into(),
            self.found.map(Found::word).into(),
            serde_json::to_string(&self.dates).expect("dates have a text form").into(),
            self.exact(DateKind::Onset).into(),
            self.exact(DateKind::Result).into(),
            self.exact(DateKind::Report).into(),
            self.exact(DateKind::Isolation).into(),
            self.exact(DateKind::Admission).into(),
            self.sort_day().into(),
            curve.map(|(_, day)| day).into(),
            curve.map(|(kind, _)| kind.word()).into(),
            self.created.into(),
            self.changed.into(),
        ]
    }
}

cases::words! {
    /// What happens with a contact now.
    ContactStatus, "contact status" { Watched = "watched", Released = "released", BecameCase = "became_case" }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactRecord {
    pub id: Id<Contact>,
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub list: Option<Id<List>>,
    pub contact_no: String,
    pub subject: Id<Subject>,
    pub place: String,
    pub source_case: Option<Id<Case>>,
    /// The number the list gives to the source, when that case is not known.
    pub source_no: Option<String>,
    pub sex: Option<Sex>,
    pub age: Option<f64>,
    pub age_band: Option<String>,
    pub class: Option<ContactClass>,
    pub relation: Option<String>,
    pub first_exposure: Option<Day>,
    pub last_exposure: Option<Day>,
    pub status: ContactStatus,
    pub became_case: Option<Id<Case>>,
    pub created: Moment,
    pub changed: Moment,
}

/// Columns of a contact read through the alias `k`, in the order [`ContactRecord::of`] expects.
pub fn contact_columns() -> &'static str {
    "k.id, k.territory, k.event, k.list, k.contact_no, k.subject, k.place, k.source_case, k.source_no, k.sex, k.age, \
     k.age_band, k.class, k.relation, k.first_exposure, k.last_exposure, k.status, k.became_case, k.created, k.changed"
}

impl ContactRecord {
    pub fn of(row: &Row) -> Result<ContactRecord> {
        Ok(ContactRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_read(2)?,
            list: row.opt_read(3)?,
            contact_no: row.text(4)?,
            subject: row.read(5)?,
            place: row.text(6)?,
            source_case: row.opt_read(7)?,
            source_no: row.opt_text(8)?,
            sex: row.opt_read(9)?,
            age: row.opt_real(10)?,
            age_band: row.opt_text(11)?,
            class: row.opt_read(12)?,
            relation: row.opt_text(13)?,
            first_exposure: row.opt_read(14)?,
            last_exposure: row.opt_read(15)?,
            status: row.read(16)?,
            became_case: row.opt_read(17)?,
            created: Moment(row.int(18)?),
            changed: Moment(row.int(19)?),
        })
    }

    pub fn traits(&self) -> Traits {
        let on = self.last_exposure.or(self.first_exposure);
        Traits { sex: self.sex, age: self.age, on: on.unwrap_or_else(|| self.created.day_at_offset(0)) }
    }

    pub(crate) fn values(&self) -> Vec<Value> {
        let sort_day =
            self.last_exposure.or(self.first_exposure).map(|day| day.to_string()).unwrap_or_default();
        vec![
            self.id.into(),
            (&self.territory).into(),
            self.event.into(),
            self.list.into(),
            (&self.contact_no).into(),
            self.subject.into(),
            (&self.place).into(),
            self.source_case.into(),
            self.source_no.as_deref().into(),
            self.sex.map(Sex::word).into(),
            self.age.into(),
            self.age_band.as_deref().into(),
            self.class.map(ContactClass::word).into(),
            self.relation.as_deref().into(),
            self.first_exposure.into(),
            self.last_exposure.into(),
            self.status.word().into(),
            self.became_case.into(),
            sort_day.into(),
            self.created.into(),
            self.changed.into(),
        ]
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRecord {
    pub id: Id<Link>,
    /// The infectee's territory.
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub from: Id<Case>,
    pub to: Id<Case>,
    pub evidence: Evidence,
    pub relation: Option<String>,
}
