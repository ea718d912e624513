//! A list was offered. What is kept of it is how many rows it had and why they were refused: the attempt is on record, its people are not.

use crate::control::restrictions::Offer;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRestrictions {
    pub id: Id<Sent>,
    pub offer: Id<Offer>,
    pub territory: Territory,
    pub rows: usize,
    pub taken: usize,
    /// By code, how many.
    pub refused: BTreeMap<String, usize>,
}

impl Change for OfferRestrictions {
    const NAME: &'static str = "offer restrictions";
    const NEEDS: Permission = Permission::RestrictPropose;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.offer.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let refused = serde_json::to_string(&self.refused).expect("counts have a text form");
        tx.run(
            "INSERT INTO control_restriction_offer (id, territory, at, by_whom, rows, taken, refused) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![self.offer, &self.territory, tx.at, &tx.actor.id, self.rows, self.taken, refused],
        )?;
        Ok(())
    }
}
