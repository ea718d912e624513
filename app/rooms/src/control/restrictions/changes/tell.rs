//! The person is told: a notice is made for them, and somebody says that they have it.

use crate::control::restrictions::Restriction;
use crate::control::restrictions::record::restriction_in_reach;
use crate::control::restrictions::refusals::unfit;
use base::{Id, Territory};
use control::Unfit;
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
        // When they were told first is what counts.
        tx.run(
            "UPDATE control_restriction SET told = coalesce(told, $2), told_how = coalesce(told_how, $3), \
             told_by = coalesce(told_by, $4) WHERE id = $1",
            params![kept.id, tx.at, self.how.word(), &tx.actor.id],
        )?;
        Ok(())
    }
}
