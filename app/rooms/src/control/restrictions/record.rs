//! A restriction as it is kept, and how it stands.

use super::Restriction;
use super::ground::{Judged, ground_of};
use crate::packed;
use crate::people::Subject;
use crate::refuse::missing;
use base::{Day, Id, Moment, Territory};
use control::{Clocks, Course, RestrictionEnd, RestrictionState, Signatory};
use packs::{RestrictionKind, RestrictionReason};
use store::{Error, Permission, Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub id: Id<Restriction>,
    pub territory: Territory,
    pub subject: Id<Subject>,
    pub disease: Option<String>,
    pub kind: RestrictionKind,
    pub reason: RestrictionReason,
    pub evidence: String,
    pub index: Option<String>,
    pub article: String,
    pub pack: String,
    pub exposure: Option<Day>,
    pub stranger: bool,
    pub course: Course,
    /// As the organisations called themselves: the proposer's, the first approver's, the second's.
    pub organisations: Vec<String>,
    pub ended_by: Option<String>,
    pub note: Option<String>,
    pub told: Option<(Moment, String)>,
    /// That it ended, when it ended before its time.
    pub end_told: Option<(Moment, String)>,
    pub extends: Option<Id<Restriction>>,
}

pub(super) const COLUMNS: &str = "r.id, r.territory, r.subject, r.disease, r.kind, r.reason, r.evidence, r.index_case, \
     r.article, r.pack, r.exposure, r.stranger, r.proposed, r.proposer, r.proposer_org, r.begins, r.ends, r.first_at, \
     r.first_by, r.first_org, r.second_at, r.second_by, r.second_org, r.ended, r.ended_as, r.ended_by, r.note, \
     r.appeal_due, r.told, r.told_how, r.extends, r.end_told, r.end_told_how";

pub(super) fn clocks() -> Clocks {
    let pack = packed::restrictions();
    Clocks {
        proposal_hours: pack.proposals.hours,
        appeal_hours: pack.appeals.hours,
        undecided: pack.appeals.undecided,
    }
}

impl Kept {
    pub fn of(row: &Row) -> Result<Kept> {
        let mut course = Course::proposed_by(
            party(&row.text(13)?)?,
            Moment(row.int(12)?),
            Moment(row.int(15)?),
            Moment(row.int(16)?),
        );
        let mut organisations = vec![row.text(14)?];
        for at in [17, 20] {
            let (Some(moment), Some(by)) = (row.opt_int(at)?, row.opt_text(at + 1)?) else { continue };
            course.approvals.push((Moment(moment), party(&by)?));
            organisations.push(row.opt_text(at + 2)?.unwrap_or_default());
        }
        course.ended = row.opt_int(23)?.map(Moment).zip(row.opt_read::<RestrictionEnd>(24)?);
        course.appeal_due = row.opt_int(27)?.map(Moment);
        Ok(Kept {
            id: row.read(0)?,
            territory: row.read(1)?,
            subject: row.read(2)?,
            disease: row.opt_text(3)?,
            kind: row.read(4)?,
            reason: row.read(5)?,
            evidence: row.text(6)?,
            index: row.opt_text(7)?,
            article: row.text(8)?,
            pack: row.text(9)?,
            exposure: row.opt_read(10)?,
            stranger: row.int(11)? != 0,
            course,
            organisations,
            ended_by: row.opt_text(25)?,
            note: row.opt_text(26)?,
            told: row.opt_int(28)?.map(Moment).zip(row.opt_text(29)?),
            extends: row.opt_read(30)?,
            end_told: row.opt_int(31)?.map(Moment).zip(row.opt_text(32)?),
        })
    }

    pub fn ground(&self, query: &mut dyn Query, now: Moment) -> Result<Judged> {
        ground_of(query, self.reason, &self.evidence, self.subject, now)
    }

    pub fn state(&self, query: &mut dyn Query, now: Moment) -> Result<RestrictionState> {
        // What has ended has ended, whatever its evidence says.
        let holds = self.course.ended.is_some() || self.ground(query, now)?.is_ok();
        Ok(self.course.state(now, holds, &clocks()))
    }

    /// When the second approval came: from then on, and from `begins` on, it restricts.
    pub fn approved(&self) -> Option<Moment> {
        self.course.approvals.get(1).map(|(at, _)| *at)
    }

    /// It ended before the day the person was told, and nobody told them.
    pub fn is_end_untold(&self) -> bool {
        let early = self.course.ended.is_some_and(|(_, end)| RestrictionEnd::EARLY.contains(&end));
        early && self.approved().is_some() && self.end_told.is_none()
    }

    pub fn since(&self) -> Option<Moment> {
        self.approved().map(|approved| approved.max(self.course.begins))
    }
}

fn party(kept: &str) -> Result<Signatory> {
    Signatory::read(kept).ok_or_else(|| Error::Shape("who took a step of a restriction".to_owned()))
}

pub(super) fn kept_of(query: &mut dyn Query, id: Id<Restriction>) -> Result<Option<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM control_restriction r WHERE r.id = $1");
    query.first(&sql, params![id])?.as_ref().map(Kept::of).transpose()
}

/// Whoever decides about it, or looks into it.
const DECIDES: [Permission; 3] =
    [Permission::RestrictApprove, Permission::RestrictAppeal, Permission::RestrictAudit];

impl Kept {
    /// One outside the territory does not exist, nor one of a disease that is closed to them. Of a protected disease whoever decides sees
    /// it without being told which disease it is: two who may not look cannot agree to anything.
    pub fn is_shown_to(&self, scope: &Scope) -> bool {
        let disease = self.disease.as_deref();
        let decides = scope.kept.sees(disease) && DECIDES.iter().any(|permission| scope.may(*permission));
        scope.reaches(&self.territory) && (scope.kept.reads(disease) || decides)
    }
}

pub(super) fn restriction_within(query: &mut dyn Query, scope: &Scope, id: Id<Restriction>) -> Result<Kept> {
    let kept = kept_of(query, id)?.filter(|kept| kept.is_shown_to(scope));
    kept.ok_or_else(|| missing("restriction", "限制措施"))
}

pub(super) fn restriction_in_reach(tx: &mut Tx<'_>, id: Id<Restriction>) -> Result<Kept> {
    let actor = tx.actor;
    restriction_within(tx, &actor.scope, id)
}

pub(super) fn words_context(subject: Id<Subject>) -> String {
    format!("control_restriction.words|{subject}")
}
