//! Two others agree or one does not; and whoever works there may end what is no longer needed.

use super::{keep_end, shut_words};
use crate::control::restrictions::Restriction;
use crate::control::restrictions::party::party_of;
use crate::control::restrictions::record::{clocks, restriction_in_reach};
use crate::control::restrictions::refusals::unfit;
use base::{Id, Territory};
use control::RestrictionEnd;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sealed, Sent, Tx, params};

/// One of the two approvals.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
}

impl Change for ApproveRestriction {
    const NAME: &'static str = "approve restriction";
    const NEEDS: Permission = Permission::RestrictApprove;
    const BASIS: Basis = Basis::PersonalRestriction;
    /// Whether it is approved now, by two.
    type Out = bool;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(restriction_in_reach(tx, self.restriction)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.restriction.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let mut kept = restriction_in_reach(tx, self.restriction)?;
        let actor = tx.actor;
        let stands = party_of(tx, actor)?;
        let at = tx.at;
        let holds = kept.ground(tx, at)?.is_ok();
        kept.course.approve(at, stands.party.clone(), holds, &clocks()).map_err(unfit)?;
        let (is_second, values) = (
            kept.course.approvals.len() == control::APPROVALS,
            params![kept.id, tx.at, stands.party.kept(), stands.organisation],
        );
        let place = if is_second { "second" } else { "first" };
        let sql = format!(
            "UPDATE control_restriction SET {place}_at = $2, {place}_by = $3, {place}_org = $4 WHERE id = $1"
        );
        tx.run(&sql, values)?;
        Ok(is_second)
    }
}

/// An approver does not agree.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub note: Sealed<String>,
}

impl Change for DeclineRestriction {
    const NAME: &'static str = "decline restriction";
    const NEEDS: Permission = Permission::RestrictApprove;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(restriction_in_reach(tx, self.restriction)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.restriction.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        shut_words(tx, self.restriction, "note", &mut self.note)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut kept = restriction_in_reach(tx, self.restriction)?;
        let at = tx.at;
        let holds = kept.ground(tx, at)?.is_ok();
        kept.course.decline(at, holds, &clocks()).map_err(unfit)?;
        keep_end(tx, &kept, RestrictionEnd::Declined, Some(self.note.cipher()?))
    }
}

/// It is no longer needed, or should not have been proposed. Ending needs nobody's agreement.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub note: Sealed<String>,
}

impl Change for LiftRestriction {
    const NAME: &'static str = "lift restriction";
    const NEEDS: Permission = Permission::RestrictPropose;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(restriction_in_reach(tx, self.restriction)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.restriction.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        shut_words(tx, self.restriction, "note", &mut self.note)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut kept = restriction_in_reach(tx, self.restriction)?;
        kept.course.end(tx.at, RestrictionEnd::Lifted).map_err(unfit)?;
        super::close_appeal(tx, &kept, true)?;
        keep_end(tx, &kept, RestrictionEnd::Lifted, Some(self.note.cipher()?))
    }
}
