//! A round of a campaign opens and ends.

use crate::lab::reach::{Zone, campaign_within, round_within};
use crate::lab::{Campaign, Round};
use crate::refuse::{exists, invalid};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Everybody of the zones once, until the deadline.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRound {
    pub id: Id<Sent>,
    pub round: Id<Round>,
    pub campaign: Id<Campaign>,
    #[schemars(with = "i64")]
    pub opens: Moment,
    #[schemars(with = "i64")]
    pub deadline: Moment,
    /// The share of the population below which a round without a find says nothing.
    pub coverage_target: f64,
    pub zones: Vec<Zone>,
}

/// The longest a round may take: past two weeks it is no round, and early tubes say nothing about late days.
const LONGEST_MS: i64 = 14 * 86_400_000;

impl OpenRound {
    fn check(&self, within: &Territory) -> Result<()> {
        if self.deadline <= self.opens || self.deadline.0 - self.opens.0 > LONGEST_MS {
            return Err(invalid(
                "lab.deadline",
                "deadline",
                "the deadline lies after the opening, and within two weeks of it; correct one of the two",
                "截止时间应晚于开始时间，且不超过两周；请更正",
            ));
        }
        if !(self.coverage_target > 0.0 && self.coverage_target <= 1.0) {
            return Err(invalid(
                "lab.coverage",
                "coverage_target",
                "the coverage is a share between 0 and 1, such as 0.98; correct it",
                "覆盖率目标为 0 到 1 之间的比例，例如 0.98；请更正",
            ));
        }
        if self.zones.is_empty() {
            return Err(invalid(
                "lab.no_zone",
                "zones",
                "a round says where it is held; add at least one zone with its population",
                "轮次须写明范围；请至少添加一个区域及其人口",
            ));
        }
        for (number, zone) in self.zones.iter().enumerate() {
            let field = format!("zones.{number}");
            if !within.holds(&zone.territory) {
                return Err(invalid(
                    "lab.zone_outside",
                    &field,
                    format!("{} lies outside the campaign's {within}; remove the zone", zone.territory),
                    format!("{} 不在活动范围 {within} 内；请删除该区域", zone.territory),
                ));
            }
            if self.zones[..number]
                .iter()
                .any(|other| other.territory.holds(&zone.territory) || zone.territory.holds(&other.territory))
            {
                return Err(invalid(
                    "lab.zones_overlap",
                    &field,
                    format!(
                        "{} is counted twice; zones of a round do not overlap: remove one",
                        zone.territory
                    ),
                    format!("{} 被重复计入；同一轮次的区域不得重叠，请删除其一", zone.territory),
                ));
            }
        }
        Ok(())
    }
}

impl Change for OpenRound {
    const NAME: &'static str = "open round";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = i64;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        Ok(campaign_within(tx, &actor.scope, self.campaign)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.round.to_string(), self.campaign.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let actor = tx.actor;
        let campaign = campaign_within(tx, &actor.scope, self.campaign)?;
        if campaign.ended.is_some() {
            return Err(invalid(
                "lab.campaign_over",
                "campaign",
                "this campaign is over; plan another one for another order",
                "该筛查活动已结束；如有新的命令请另建活动",
            ));
        }
        if tx.count("SELECT count(*) FROM lab_round WHERE id = $1", params![self.round])? > 0 {
            return Err(exists("round", "轮次"));
        }
        self.check(&campaign.territory)?;
        let number = 1 + tx.count(
            "SELECT coalesce(max(number), 0) FROM lab_round WHERE campaign = $1",
            params![self.campaign],
        )?;
        let zones = serde_json::to_string(&self.zones).unwrap_or_default();
        tx.run(
            "INSERT INTO lab_round (id, campaign, territory, number, opens, deadline, ended, coverage_target, zones, created) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, $9)",
            params![
                self.round,
                self.campaign,
                &campaign.territory,
                number,
                self.opens,
                self.deadline,
                self.coverage_target,
                zones,
                tx.at
            ],
        )?;
        Ok(number)
    }
}

/// A round is closed. Tubes that were closed before it ended are its own, whenever they come in.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRound {
    pub id: Id<Sent>,
    pub round: Id<Round>,
}

impl Change for EndRound {
    const NAME: &'static str = "end round";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        Ok(round_within(tx, &actor.scope, self.round)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.round.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let at = tx.at;
        tx.run("UPDATE lab_round SET ended = $2 WHERE id = $1 AND ended IS NULL", params![self.round, at])?;
        Ok(())
    }
}
