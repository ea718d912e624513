//! An order to test a population begins and ends.

use crate::lab::Campaign;
use crate::lab::reach::campaign_within;
use crate::packed;
use crate::refuse::{exists, invalid, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A screening is ordered: for what, and by which order, so that nobody is tested without one.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanCampaign {
    pub id: Id<Sent>,
    pub campaign: Id<Campaign>,
    pub territory: Territory,
    pub name: String,
    pub disease: String,
    /// The order it rests on: who gave it, number and day.
    pub ordered: String,
}

impl Change for PlanCampaign {
    const NAME: &'static str = "plan campaign";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.campaign.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        required("ordered", &self.ordered)?;
        if packed::disease(Some(&self.disease)).is_none() {
            return Err(invalid(
                "lab.disease",
                "disease",
                format!("no disease pack is called {}; choose one of the list", self.disease),
                format!("没有名为 {} 的病种；请从列表中选择", self.disease),
            ));
        }
        if tx.count("SELECT count(*) FROM lab_campaign WHERE id = $1", params![self.campaign])? > 0 {
            return Err(exists("campaign", "筛查活动"));
        }
        tx.run(
            "INSERT INTO lab_campaign (id, territory, name, disease, ordered, created, ended, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)",
            params![
                self.campaign,
                &self.territory,
                self.name.trim(),
                &self.disease,
                self.ordered.trim(),
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// A screening is over: no round of it opens any more. Tubes still on their way are taken as before.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndCampaign {
    pub id: Id<Sent>,
    pub campaign: Id<Campaign>,
}

impl Change for EndCampaign {
    const NAME: &'static str = "end campaign";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        Ok(campaign_within(tx, &actor.scope, self.campaign)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.campaign.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let at = tx.at;
        tx.run(
            "UPDATE lab_campaign SET ended = $2 WHERE id = $1 AND ended IS NULL",
            params![self.campaign, at],
        )?;
        tx.run(
            "UPDATE lab_round SET ended = $2 WHERE campaign = $1 AND ended IS NULL",
            params![self.campaign, at],
        )?;
        Ok(())
    }
}
