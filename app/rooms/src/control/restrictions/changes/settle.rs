//! What the house writes down by itself: that an end has come, that evidence is gone, that an appeal was not decided in time.

use super::{close_appeal, keep_end};
use crate::control::restrictions::Restriction;
use crate::control::restrictions::record::{clocks, restriction_in_reach};
use crate::control::restrictions::refusals::unfit;
use base::{Id, Territory};
use control::{RestrictionEnd, Unfit};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    Over,
    /// The appeal's clock ran out: whoever stands above is told.
    Escalated,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub as_what: Settled,
}

impl Change for SettleRestriction {
    const NAME: &'static str = "settle restriction";
    const NEEDS: Permission = Permission::RestrictPropose;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = Option<RestrictionEnd>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(restriction_in_reach(tx, self.restriction)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.restriction.to_string()]
    }

    /// It finds for itself what is so: the sender only says where to look.
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<RestrictionEnd>> {
        let mut kept = restriction_in_reach(tx, self.restriction)?;
        if self.as_what == Settled::Escalated {
            let overdue = kept.course.appeal_due.is_some_and(|due| due <= tx.at);
            if !overdue || kept.course.ended.is_some() {
                return Err(unfit(Unfit::NoAppeal));
            }
            tx.run(
                "UPDATE control_restriction_appeal SET escalated = $2 \
                 WHERE restriction = $1 AND decided IS NULL AND escalated IS NULL",
                params![kept.id, tx.at],
            )?;
            return Ok(None);
        }
        let at = tx.at;
        let holds = kept.ground(tx, at)?.is_ok();
        let end = kept.course.settle(at, holds, &clocks()).ok_or_else(|| unfit(Unfit::NotWaiting))?;
        close_appeal(tx, &kept, end == RestrictionEnd::EvidenceGone)?;
        keep_end(tx, &kept, end, None)?;
        Ok(Some(end))
    }
}
