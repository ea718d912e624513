//! Where people are sampled.

use crate::lab::reach::{campaign_within, post_in_reach};
use crate::lab::{Campaign, Post};
use crate::refuse::{exists, invalid, required};
use base::{Id, Territory};
use lab::TubeSize;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A post takes people from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenPost {
    pub id: Id<Sent>,
    pub post: Id<Post>,
    pub campaign: Id<Campaign>,
    pub territory: Territory,
    pub name: String,
    pub desks: u16,
    /// How many people share a tube here unless a tube says otherwise.
    #[schemars(with = "u8")]
    pub pool_size: TubeSize,
}

impl Change for OpenPost {
    const NAME: &'static str = "open post";
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
        vec![self.post.to_string(), self.campaign.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        let actor = tx.actor;
        let campaign = campaign_within(tx, &actor.scope, self.campaign)?;
        if !campaign.territory.holds(&self.territory) {
            return Err(invalid(
                "lab.post_outside",
                "territory",
                format!("the campaign is held in {}; choose a place within it", campaign.territory),
                format!("该活动范围为 {}；请选择其中的地点", campaign.territory),
            ));
        }
        if tx.count("SELECT count(*) FROM lab_post WHERE id = $1", params![self.post])? > 0 {
            return Err(exists("post", "采样点"));
        }
        tx.run(
            "INSERT INTO lab_post (id, campaign, territory, name, desks, pool_size, created, ended) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
            params![
                self.post,
                self.campaign,
                &self.territory,
                self.name.trim(),
                u32::from(self.desks.max(1)),
                u32::from(self.pool_size.swabs()),
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// A post takes nobody any more; what its telephones still hold is taken as before.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosePost {
    pub id: Id<Sent>,
    pub post: Id<Post>,
}

impl Change for ClosePost {
    const NAME: &'static str = "close post";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(post_in_reach(tx, self.post)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.post.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let at = tx.at;
        tx.run("UPDATE lab_post SET ended = $2 WHERE id = $1 AND ended IS NULL", params![self.post, at])?;
        Ok(())
    }
}
