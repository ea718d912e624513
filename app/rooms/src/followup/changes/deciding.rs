//! A phase is over because somebody says so, and only when every criterion holds; or a course ends for another reason.

use super::open_course;
use crate::cases::changes::AmendContact;
use crate::cases::{Contact, ContactStatus};
use crate::followup::course::{CourseRecord, look_anew, today};
use crate::followup::errands::drop_errands;
use crate::followup::plans::followed_of;
use crate::followup::{Course, EndedAs};
use crate::refuse::{invalid, missing};
use base::Id;
use followup::Standing;
use packs::Criterion;
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx, params};

/// Somebody is released from the phase they are in.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFollowed {
    pub id: Id<Sent>,
    pub course: Id<Course>,
    /// The phase that was looked at, counted from 0: not the one after it, when two people decide at once.
    pub phase: u16,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ReleasedOut {
    /// Whether it was the last phase.
    pub ended: bool,
    pub standing: Option<String>,
}

fn criterion_said(criterion: Criterion) -> (&'static str, &'static str) {
    match criterion {
        Criterion::DaysServed => ("its days are not over", "天数未满"),
        Criterion::TestsTaken => ("a test is not taken", "检测未完成"),
        Criterion::ResultsNegative => ("a result is not negative, or not known", "检测结果非阴性或未出"),
        Criterion::NoSymptoms => ("a sign of illness is not cleared", "有症状未排除"),
        Criterion::SeenAtEnd => ("nobody saw them on the last day", "最后一日未监测"),
    }
}

impl Change for ReleaseFollowed {
    const NAME: &'static str = "release followed";
    const NEEDS: Permission = Permission::FollowupRelease;
    type Out = ReleasedOut;
    of_one_course!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<ReleasedOut> {
        let record = open_course(tx, self.course)?;
        let today = today(tx);
        let followed = followed_of(tx, &record)?;
        let now = record.plan(&followed, today).ok_or_else(|| missing("edition", "方案"))?;
        if now.current != usize::from(self.phase) {
            return Err(invalid(
                "followup.other_phase",
                "phase",
                "they are in another phase by now; look at the proposal again",
                "其已处于其他阶段；请重新查看建议",
            ));
        }
        if now.standing != Standing::ReleaseDue {
            let open: Vec<(&str, &str)> = now
                .criteria
                .iter()
                .filter(|tick| !tick.holds)
                .map(|tick| criterion_said(tick.criterion))
                .collect();
            let joined = |which: fn(&(&'static str, &'static str)) -> &'static str, with: &str| {
                open.iter().map(which).collect::<Vec<_>>().join(with)
            };
            return Err(invalid(
                "followup.criteria",
                "course",
                format!(
                    "{} cannot be released from this phase: {}; see to it first",
                    record.no,
                    if open.is_empty() {
                        "they were found positive".to_owned()
                    } else {
                        joined(|one| one.0, ", ")
                    }
                ),
                format!(
                    "{} 尚不能解除本阶段：{}；请先处理",
                    record.no,
                    if open.is_empty() { "检测阳性".to_owned() } else { joined(|one| one.1, "、") }
                ),
            ));
        }
        let (at, by) = (tx.at, tx.actor.id.clone());
        tx.run(
            "INSERT INTO followup_release (course, protocol, phase, day, decided, by_whom) VALUES ($1, $2, $3, $4, $5, $6)",
            params![self.course, &record.protocol, now.current, today, at, by],
        )?;
        let now = look_anew(tx, self.course)?;
        let ended = now.as_ref().is_some_and(|now| now.standing == Standing::Ended);
        if ended {
            end(tx, &record, EndedAs::Released, self.id)?;
        }
        Ok(ReleasedOut { ended, standing: now.map(|now| now.standing.word().to_owned()) })
    }
}

/// The course is over, and the contact it was about is no longer watched.
pub(super) fn end(tx: &mut Tx<'_>, record: &CourseRecord, why: EndedAs, change: Id<Sent>) -> Result<()> {
    drop_errands(tx, record)?;
    let at = tx.at;
    tx.run(
        "UPDATE followup_course SET ended = $2, ended_as = $3, standing = 'ended', level = 0, changed = $2 WHERE id = $1",
        params![record.id, at, why.word()],
    )?;
    let released = matches!(why, EndedAs::Released | EndedAs::NoLonger);
    match record.contact {
        Some(contact) if released => release_contact(tx, contact, change),
        _ => Ok(()),
    }
}

fn release_contact(tx: &mut Tx<'_>, contact: Id<Contact>, change: Id<Sent>) -> Result<()> {
    AmendContact {
        id: change,
        contact,
        class: None,
        relation: None,
        first_exposure: None,
        last_exposure: None,
        status: Some(ContactStatus::Released),
        became_case: None,
    }
    .apply(tx)
}

/// A course ends without release: they became a case, died, are followed elsewhere, or never should have been.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndFollowUp {
    pub id: Id<Sent>,
    pub course: Id<Course>,
    pub why: EndedAs,
}

impl Change for EndFollowUp {
    const NAME: &'static str = "end follow up";
    const NEEDS: Permission = Permission::FollowupRelease;
    type Out = ();
    of_one_course!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = open_course(tx, self.course)?;
        if matches!(self.why, EndedAs::Released | EndedAs::NoLonger) {
            return Err(invalid(
                "followup.not_by_hand",
                "why",
                "a release is decided by its criteria, and no edition lets somebody go by hand; use the release, or the change of edition",
                "解除须满足全部条件，不可手工结束；请使用“解除”或“方案切换”",
            ));
        }
        end(tx, &record, self.why, self.id)
    }
}
