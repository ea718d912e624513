//! What was seen: a check, a test, and what the test told.

use super::open_course;
use crate::access::reach_of_the_ill;
use crate::cases::Case;
use crate::cases::changes::ReportCase;
use crate::followup::course::{CourseRecord, course_in_reach, look_anew};
use crate::followup::{Check, Course, Sign, Test};
use crate::people::{move_subject, territory_of};
use crate::refuse::{exists, invalid, missing};
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment, StatedDay, Territory};
use cases::{Classification, DateKind, Dates, Found};
use followup::{Outcome, Standing};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A check may be told so long after it was made: a telephone without a network comes back within two days.
const LATE_HOURS: i64 = 48;
/// Two clocks may be this far apart.
const APART_S: i64 = 300;

/// Somebody followed was seen, or told how they are.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellCheck {
    pub id: Id<Sent>,
    pub check: Id<Check>,
    pub course: Id<Course>,
    /// When, in milliseconds; now, when nothing is said.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub at: Option<Moment>,
    #[serde(default)]
    pub celsius: Option<f64>,
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// The case they become when this tells of illness and they are no case yet.
    pub case: Id<Case>,
}

/// Where somebody stands after something was told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stands {
    pub standing: Option<String>,
    pub last: Option<Day>,
    pub level: u8,
    /// The suspected case they were reported as by this.
    pub suspected_case: Option<Id<Case>>,
}

pub(super) fn day_of(at: Moment) -> Day {
    at.day_at_offset(UTC_OFFSET_MINUTES)
}

/// Neither ahead nor before the days count.
pub(super) fn checked_moment(tx: &Tx<'_>, record: &CourseRecord, at: Option<Moment>) -> Result<Moment> {
    let at = at.unwrap_or(tx.at);
    if at > tx.at.plus_seconds(APART_S) {
        return Err(invalid(
            "followup.ahead",
            "at",
            "this lies ahead; check the clock of the device",
            "时间尚未到来；请检查设备时钟",
        ));
    }
    if day_of(at) < record.day_zero {
        return Err(invalid(
            "followup.before",
            "at",
            format!("this lies before {}, from which the days count; correct the time", record.day_zero),
            format!("早于起算日 {}；请更正时间", record.day_zero),
        ));
    }
    Ok(at)
}

pub(super) fn demand_in_time(tx: &Tx<'_>, at: Moment) -> Result<()> {
    if at < tx.at.plus_seconds(-LATE_HOURS * 3_600) {
        return Err(invalid(
            "followup.too_late",
            "at",
            format!("a check is told within {LATE_HOURS} hours; that day stays as it was told"),
            format!("监测情况应在 {LATE_HOURS} 小时内上报；该日记录不再更改"),
        ));
    }
    Ok(())
}

impl TellCheck {
    fn check_said(&self, tx: &Tx<'_>, at: Moment) -> Result<()> {
        if self.celsius.is_some_and(|celsius| !(30.0..=45.0).contains(&celsius)) {
            return Err(invalid(
                "followup.celsius",
                "celsius",
                "a temperature lies between 30 and 45 degrees Celsius; correct it or leave it empty",
                "体温应在 30 至 45 ℃ 之间；请更正或留空",
            ));
        }
        demand_in_time(tx, at)
    }

    /// The same person, suspected, reported by whoever saw them.
    fn report(&self, record: &CourseRecord, at: Moment, earlier: i64) -> ReportCase {
        let mut dates = Dates::default();
        dates.0.insert(DateKind::Onset, StatedDay::exact(day_of(at), "follow-up"));
        ReportCase {
            id: self.id,
            case: self.case,
            subject: record.subject,
            event: record.event,
            case_no: Some(match earlier {
                0 => format!("{}-S", record.no),
                _ => format!("{}-S{}", record.no, earlier + 1),
            }),
            disease: record.disease.clone(),
            territory: record.territory.clone(),
            identity: None,
            sex: None,
            age: record.age,
            occupation: None,
            classification: Classification::Suspected,
            found: Some(Found::UnderCare),
            outcome: None,
            dates,
        }
    }
}

impl Change for TellCheck {
    const NAME: &'static str = "tell check";
    const NEEDS: Permission = Permission::FollowupWrite;
    type Out = Stands;
    of_one_course!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Stands> {
        let record = open_course(tx, self.course)?;
        let at = checked_moment(tx, &record, self.at)?;
        self.check_said(tx, at)?;
        if tx.count("SELECT count(*) FROM followup_check WHERE id = $1", params![self.check])? > 0 {
            return Err(exists("check", "监测记录"));
        }
        let signs = serde_json::to_string(&self.signs).unwrap_or_else(|_| "[]".to_owned());
        let (told, by) = (tx.at, tx.actor.id.clone());
        tx.run(
            "INSERT INTO followup_check (id, course, at, day, celsius, signs, told, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![self.check, self.course, at, day_of(at), self.celsius, signs, told, by],
        )?;
        let mut stands = stands(tx, self.course)?;
        let ill = stands.standing.as_deref() == Some(Standing::Suspected.word());
        if ill && record.suspected_case.is_none() && record.case.is_none() {
            // Followed a second time, and ill again: a number that is taken must not cost the check.
            let sql =
                "SELECT count(*) FROM followup_course WHERE subject = $1 AND suspected_case IS NOT NULL";
            let earlier = tx.count(sql, params![record.subject])?;
            // Handed over, the course keeps the event it came from, and a person with other records stays with those who have them:
            // neither may cost the check, nor does the person move by it.
            let belongs = territory_of(tx, record.subject)?;
            tx.reaching(reach_of_the_ill(), |tx| self.report(&record, at, earlier).apply(tx))?;
            move_subject(tx, record.subject, &belongs)?;
            let sql = "UPDATE followup_course SET suspected_case = $2 WHERE id = $1";
            tx.run(sql, params![self.course, self.case])?;
            stands.suspected_case = Some(self.case);
        }
        Ok(stands)
    }
}

pub(super) fn stands(tx: &mut Tx<'_>, course: Id<Course>) -> Result<Stands> {
    let now = look_anew(tx, course)?;
    Ok(Stands {
        standing: now.as_ref().map(|now| now.standing.word().to_owned()),
        last: now.as_ref().map(|now| now.last),
        level: now.as_ref().map_or(0, followup::Plan::level),
        suspected_case: None,
    })
}

/// A sample was taken; what it tells may come with it or later.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellTest {
    pub id: Id<Sent>,
    pub test: Id<Test>,
    pub course: Id<Course>,
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub at: Option<Moment>,
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// The lowest Ct of the targets.
    #[serde(default)]
    pub ct: Option<f64>,
    /// A second swab of a day of which the laboratory has one already.
    #[serde(default)]
    pub another: bool,
}

fn check_ct(outcome: Outcome, ct: Option<f64>) -> Result<()> {
    if ct.is_some_and(|ct| !(1.0..=60.0).contains(&ct)) {
        return Err(invalid(
            "followup.ct",
            "ct",
            "a Ct lies between 1 and 60 cycles; correct it or leave it empty",
            "Ct 值应在 1 至 60 之间；请更正或留空",
        ));
    }
    if ct.is_some() && outcome == Outcome::Waiting {
        return Err(invalid(
            "followup.ct_waits",
            "ct",
            "a Ct belongs to a result; state the result too",
            "Ct 值属于检测结果；请同时填写结果",
        ));
    }
    Ok(())
}

impl Change for TellTest {
    const NAME: &'static str = "tell test";
    const NEEDS: Permission = Permission::FollowupWrite;
    type Out = Stands;
    of_one_course!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Stands> {
        let record = open_course(tx, self.course)?;
        let at = checked_moment(tx, &record, self.at)?;
        let outcome = self.outcome.unwrap_or(Outcome::Waiting);
        check_ct(outcome, self.ct)?;
        if tx.count("SELECT count(*) FROM followup_test WHERE id = $1", params![self.test])? > 0 {
            return Err(exists("test", "检测记录"));
        }
        let of_that_day =
            "SELECT count(*) FROM followup_test WHERE course = $1 AND day = $2 AND swab IS NOT NULL";
        if !self.another && tx.count(of_that_day, params![self.course, day_of(at)])? > 0 {
            return Err(invalid(
                "followup.lab_has_it",
                "another",
                "the laboratory has a sample of that day, and it counts by itself; say that this is another one, if it is",
                "该日样本已由实验室登记并自动计入；如为另一份样本请注明",
            ));
        }
        let (told, by) = (tx.at, tx.actor.id.clone());
        tx.run(
            "INSERT INTO followup_test (id, course, at, day, outcome, ct, told, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![self.test, self.course, at, day_of(at), outcome.word(), self.ct, told, by],
        )?;
        stands(tx, self.course)
    }
}

/// What a sample told. A result is told once; another is another test, and a wrong one is taken back.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellTestResult {
    pub id: Id<Sent>,
    pub test: Id<Test>,
    pub outcome: Outcome,
    #[serde(default)]
    pub ct: Option<f64>,
}

/// The course that a test is of, where it is reached.
pub(super) fn course_of_test(tx: &mut Tx<'_>, test: Id<Test>) -> Result<CourseRecord> {
    let none = || missing("test", "检测记录");
    let row = tx.first("SELECT course FROM followup_test WHERE id = $1", params![test])?.ok_or_else(none)?;
    course_in_reach(tx, row.read(0)?).map_err(|_| none())
}

/// The laboratory's own samples say themselves what they are.
pub(super) fn demand_by_hand(tx: &mut Tx<'_>, test: Id<Test>) -> Result<()> {
    let of_laboratory = "SELECT count(*) FROM followup_test WHERE id = $1 AND swab IS NOT NULL";
    if tx.count(of_laboratory, params![test])? == 0 {
        return Ok(());
    }
    Err(invalid(
        "followup.lab_tells",
        "test",
        "this sample is the laboratory's, and so is its result; it comes by itself",
        "该样本由实验室登记，结果由实验室自动回报；无需手工填写",
    ))
}

impl Change for TellTestResult {
    const NAME: &'static str = "tell test result";
    const NEEDS: Permission = Permission::FollowupWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = Stands;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(course_of_test(tx, self.test)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.test.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Stands> {
        let course = course_of_test(tx, self.test)?.id;
        open_course(tx, course)?;
        check_ct(self.outcome, self.ct)?;
        demand_by_hand(tx, self.test)?;
        let at = tx.at;
        let sql =
            "UPDATE followup_test SET outcome = $2, ct = $3, told = $4 WHERE id = $1 AND outcome = 'waiting'";
        if tx.run(sql, params![self.test, self.outcome.word(), self.ct, at])? == 0 {
            return Err(invalid(
                "followup.told_already",
                "test",
                "this test has its result; write down another test if it was repeated, or take this one back if it is wrong",
                "该检测已有结果；如复测请另行登记，如填错请撤回",
            ));
        }
        stands(tx, course)
    }
}
