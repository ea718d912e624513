//! A course as its row tells it, and its row after something happened.

use crate::cases::{Case, Contact, Event};
use crate::followup::errands::keep_errands;
use crate::followup::plans::followed_of;
use crate::followup::{Course, EndedAs};
use crate::packed;
use crate::people::Subject;
use crate::refuse::missing;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment, Territory};
use followup::{Followed, Plan, Standing, Switched, plan};
use packs::{Category, NotMovedWho, Protocol, WatchPlace};
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub struct CourseRecord {
    pub id: Id<Course>,
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub contact: Option<Id<Contact>>,
    pub case: Option<Id<Case>>,
    pub subject: Id<Subject>,
    pub no: String,
    pub disease: Option<String>,
    pub category: Category,
    pub protocol: String,
    pub version: String,
    pub day_zero: Day,
    pub known: Day,
    pub age: Option<f64>,
    pub exempt: Option<NotMovedWho>,
    pub switched: Option<Switched>,
    pub home: String,
    pub worker: Option<String>,
    pub route: String,
    pub suspected_case: Option<Id<Case>>,
    pub begun: Moment,
    pub ended: Option<Moment>,
    pub ended_as: Option<EndedAs>,
    pub standing: Standing,
    pub phase: usize,
    pub place: WatchPlace,
    pub phase_last: Day,
    pub last: Day,
    pub added: i64,
    pub level: i64,
    pub as_of: Day,
    /// Tests that were missed and are owed.
    pub owed: i64,
}

/// Columns read through the alias `f`, in the order [`CourseRecord::of`] expects.
pub(crate) const COURSE_COLUMNS: &str = "f.id, f.territory, f.event, f.contact, f.case_id, f.subject, f.no, f.disease, f.category, \
     f.protocol, f.version, f.day_zero, f.known, f.age, f.exempt, f.switched, f.home, f.worker, f.route, f.suspected_case, f.begun, \
     f.ended, f.ended_as, f.standing, f.phase, f.place, f.phase_last, f.last, f.added, f.level, f.as_of, f.owed";

impl CourseRecord {
    pub(crate) fn of(row: &Row) -> Result<CourseRecord> {
        let switched = row.opt_text(15)?.is_some().then(|| row.json(15)).transpose()?;
        Ok(CourseRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_read(2)?,
            contact: row.opt_read(3)?,
            case: row.opt_read(4)?,
            subject: row.read(5)?,
            no: row.text(6)?,
            disease: row.opt_text(7)?,
            category: row.read(8)?,
            protocol: row.text(9)?,
            version: row.text(10)?,
            day_zero: row.read(11)?,
            known: row.read(12)?,
            age: row.opt_real(13)?,
            exempt: row.opt_read(14)?,
            switched,
            home: row.text(16)?,
            worker: row.opt_text(17)?,
            route: row.text(18)?,
            suspected_case: row.opt_read(19)?,
            begun: Moment(row.int(20)?),
            ended: row.opt_int(21)?.map(Moment),
            ended_as: row.opt_read(22)?,
            standing: row.read(23)?,
            phase: usize::try_from(row.int(24)?).unwrap_or(0),
            place: row.read(25)?,
            phase_last: row.read(26)?,
            last: row.read(27)?,
            added: row.int(28)?,
            level: row.int(29)?,
            as_of: row.read(30)?,
            owed: row.int(31)?,
        })
    }

    pub(crate) fn edition(&self) -> Option<&'static Protocol> {
        packed::protocols().by_id(&self.protocol)
    }

    /// As it stands on a day, from what happened; `None` where the packs of this program do not know the edition any more.
    pub(crate) fn plan(&self, followed: &Followed, today: Day) -> Option<Plan> {
        plan(self.edition()?, followed, today)
    }
}

/// Today where the house is.
pub(crate) fn today(tx: &Tx<'_>) -> Day {
    tx.at.day_at_offset(UTC_OFFSET_MINUTES)
}

pub(crate) fn course_within(
    query: &mut dyn Query,
    scope: &Scope,
    course: Id<Course>,
) -> Result<CourseRecord> {
    let sql = format!("SELECT {COURSE_COLUMNS} FROM followup_course f WHERE f.id = $1");
    let found = query.first(&sql, params![course])?.as_ref().map(CourseRecord::of).transpose()?;
    found
        .filter(|one| scope.reaches(&one.territory) && scope.kept.reads(one.disease.as_deref()))
        .ok_or_else(|| missing("person on a pathway", "随访对象"))
}

/// The course a change is about.
pub(crate) fn course_in_reach(tx: &mut Tx<'_>, course: Id<Course>) -> Result<CourseRecord> {
    let actor = tx.actor;
    course_within(tx, &actor.scope, course)
}

/// Looked at anew after something happened: standing, phase, days and level follow from it. What is over stays as it ended, also for a
/// clock that looked a moment before.
pub(crate) fn look_anew(tx: &mut Tx<'_>, course: Id<Course>) -> Result<Option<Plan>> {
    let sql = format!("SELECT {COURSE_COLUMNS} FROM followup_course f WHERE f.id = $1");
    let row = tx.first(&sql, params![course])?.ok_or_else(|| missing("person on a pathway", "随访对象"))?;
    let record = CourseRecord::of(&row)?;
    if record.ended.is_some() {
        return Ok(None);
    }
    let (today, at) = (today(tx), tx.at);
    let followed = followed_of(tx, &record)?;
    let Some(now) = record.plan(&followed, today) else { return Ok(None) };
    let phase = now.phase();
    tx.run(
        "UPDATE followup_course SET standing = $2, phase = $3, place = $4, phase_last = $5, last = $6, added = $7, level = $8, \
         as_of = $9, changed = $10, owed = $11 WHERE id = $1",
        params![
            course,
            now.standing.word(),
            now.current,
            phase.place.word(),
            phase.last,
            now.last,
            i64::from(now.added_days()),
            i64::from(now.level()),
            today,
            at,
            i64::from(now.owed_tests())
        ],
    )?;
    keep_errands(tx, &record, &now)?;
    Ok(Some(now))
}

/// With the contact who goes to another territory: what was missed is to be done there, and here no more.
pub(crate) fn move_course(tx: &mut Tx<'_>, contact: Id<Contact>, to: &Territory) -> Result<()> {
    tx.run("UPDATE followup_course SET territory = $2 WHERE contact = $1", params![contact, to])?;
    Ok(())
}
