//! The person is told: a notice is made for them, and somebody says that they have it.

use crate::control::restrictions::Restriction;
use crate::control::restrictions::record::restriction_in_reach;
use crate::control::restrictions::refusals::unfit;
use crate::refuse::invalid;
use base::{Id, Territory};
use control::{RestrictionState, Unfit};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

cases::words! {
    /// How somebody was told of a restriction.
    ToldHow, "way of being told" { Paper = "paper", Person = "in_person", Telephone = "telephone", Message = "message" }
}

/// A notice with its secret is made, to be given to the person. The row says who had it in hand.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueNotice {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
}

impl Change for IssueNotice {
    const NAME: &'static str = "issue notice";
    const NEEDS: Permission = Permission::ContactsWrite;
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

    /// Of a proposal there is nothing to tell.
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let kept = restriction_in_reach(tx, self.restriction)?;
        if kept.approved().is_none() { Err(unfit(Unfit::NotApproved)) } else { Ok(()) }
    }
}

/// The person has been told.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub how: ToldHow,
    /// That it is over, and not that it begins.
    #[serde(default)]
    pub end: bool,
}

impl Change for TellRestriction {
    const NAME: &'static str = "tell restriction";
    const NEEDS: Permission = Permission::ContactsWrite;
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

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let kept = restriction_in_reach(tx, self.restriction)?;
        if kept.approved().is_none() {
            return Err(unfit(Unfit::NotApproved));
        }
        let (at, what) = (tx.at, if self.end { "end_told" } else { "told" });
        if self.end && !matches!(kept.state(tx, at)?, RestrictionState::Over(_)) {
            return Err(invalid(
                "restrict.not_over",
                "end",
                "it is not over, so nobody is told that it is; reload the page",
                "该限制尚未结束，不能告知解除；请刷新页面",
            ));
        }
        // When they were told first is what counts.
        let sql = format!(
            "UPDATE control_restriction SET {what} = coalesce({what}, $2), {what}_how = coalesce({what}_how, $3), \
             {what}_by = coalesce({what}_by, $4) WHERE id = $1"
        );
        tx.run(&sql, params![kept.id, at, self.how.word(), &tx.actor.id])?;
        Ok(())
    }
}
