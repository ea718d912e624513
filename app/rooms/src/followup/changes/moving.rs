//! Where somebody is, and who must not be moved.

use super::open_course;
use crate::followup::course::{course_in_reach, look_anew, today};
use crate::followup::{Course, Move};
use crate::refuse::{exists, invalid, required};
use base::{Day, Id};
use packs::{NotMovedWho, WatchPlace};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// Somebody came to another place. It counts no day anew.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveFollowed {
    pub id: Id<Sent>,
    #[serde(rename = "move")]
    pub moved: Id<Move>,
    pub course: Id<Course>,
    pub day: Day,
    pub to: WatchPlace,
}

impl Change for MoveFollowed {
    const NAME: &'static str = "move followed";
    const NEEDS: Permission = Permission::FollowupWrite;
    type Out = ();
    of_one_course!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = open_course(tx, self.course)?;
        if self.day > today(tx) || self.day < record.day_zero {
            return Err(invalid(
                "followup.move_day",
                "day",
                format!("they came there between {} and today; correct the day", record.day_zero),
                format!("转运日应在 {} 与今日之间；请更正", record.day_zero),
            ));
        }
        if record.exempt.is_some() && self.to == WatchPlace::Central {
            return Err(invalid(
                "followup.not_moved",
                "to",
                format!("{} is not to be moved to central quarantine; end the exemption first", record.no),
                format!("{} 为不转运人员；请先撤销豁免", record.no),
            ));
        }
        if tx.count("SELECT count(*) FROM followup_move WHERE id = $1", params![self.moved])? > 0 {
            return Err(exists("transfer", "转运记录"));
        }
        let (told, by) = (tx.at, tx.actor.id.clone());
        tx.run(
            "INSERT INTO followup_move (id, course, day, place, told, by_whom) VALUES ($1, $2, $3, $4, $5, $6)",
            params![self.moved, self.course, self.day, self.to.word(), told, by],
        )?;
        look_anew(tx, self.course)?;
        Ok(())
    }
}

/// Somebody is not moved: the days and tests of central quarantine at home. Nobody named ends it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExemptFollowed {
    pub id: Id<Sent>,
    pub course: Id<Course>,
    #[serde(default)]
    pub who: Option<NotMovedWho>,
    /// Sealed under the person's key.
    pub reason: Sealed<String>,
}

pub(crate) fn reason_context(course: Id<Course>) -> String {
    format!("followup_course.exempt_reason|{course}")
}

impl Change for ExemptFollowed {
    const NAME: &'static str = "exempt followed";
    const NEEDS: Permission = Permission::FollowupWrite;
    type Out = ();
    of_one_course!();

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let owner = course_in_reach(tx, self.course)?.subject.to_string();
        let key = Vault::key_for(tx, &owner)?;
        self.reason.shut(&key, &reason_context(self.course))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = open_course(tx, self.course)?;
        if let (Some(who), Some(edition)) = (self.who, record.edition()) {
            match edition.follow_up.not_moved_as(who, record.age) {
                Some(true) => {}
                Some(false) => {
                    let age = record.age.unwrap_or_default();
                    return Err(invalid(
                        "followup.age",
                        "who",
                        format!(
                            "at {age} years {} is none of those by {}; name another ground",
                            record.no, edition.en
                        ),
                        format!("{} 年龄 {age} 岁，按 {} 不属此类；请选择其他理由", record.no, edition.zh),
                    ));
                }
                None => {
                    return Err(invalid(
                        "followup.not_named",
                        "who",
                        format!(
                            "{} does not name them among those who are not moved; choose one it names",
                            edition.en
                        ),
                        format!("{} 未将其列为不转运人员；请选择方案所列类别", edition.zh),
                    ));
                }
            }
        }
        tx.run(
            "UPDATE followup_course SET exempt = $2, exempt_reason = $3 WHERE id = $1",
            params![self.course, self.who.map(NotMovedWho::word), self.reason.cipher()?],
        )?;
        look_anew(tx, self.course)?;
        Ok(())
    }
}
