//! Somebody who looks after the epidemic proposes that their government orders something.

use super::{demand_said, demand_short, stamp};
use crate::control::measures::record::{class_of, standing_of};
use crate::control::measures::{Deed, Order, denied, party_of, record::MeasureRecord};
use crate::packed;
use crate::refuse::{exists, invalid};
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Id, Moment, Territory};
use control::{Measure, Party, Terms};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A measure is proposed, with everything the law asks to stand on the order.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    /// A kind of the measures pack.
    pub kind: String,
    /// The article it rests on, `text/article` of the pack.
    pub article: String,
    /// Whose government is to order it.
    pub government: Territory,
    /// Where it will hold.
    pub territory: Territory,
    /// The same in words, where the territory is not exact: a building, a market. No person's name.
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub disease: Option<String>,
    /// Why it is needed. No person's name.
    pub reason: String,
    pub affected: u32,
    #[schemars(with = "i64")]
    pub starts: Moment,
    #[schemars(with = "i64")]
    pub ends: Moment,
    /// By which criteria it will be lifted, words of the kind.
    pub lift: Vec<String>,
    /// What the government owes those affected, and has arranged.
    #[serde(default)]
    pub duties: Vec<String>,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

impl ProposeMeasure {
    fn terms(&self) -> Terms {
        Terms {
            kind: self.kind.clone(),
            article: self.article.clone(),
            government: self.government.clone(),
            territory: self.territory.clone(),
            affected: self.affected,
            starts: self.starts,
            ends: self.ends,
            lift: self.lift.clone(),
            duties: self.duties.clone(),
        }
    }
}

impl Change for ProposeMeasure {
    const NAME: &'static str = "propose measure";
    const NEEDS: Permission = Permission::ControlPropose;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.measure.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.by = Some(party_of(tx)?);
        Ok(())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        demand_said("reason", &self.reason)?;
        demand_short("place", &self.place)?;
        if self.disease.is_some() && packed::disease(self.disease.as_deref()).is_none() {
            return Err(invalid(
                "control.disease",
                "disease",
                "no disease pack has this name; choose one of the list",
                "没有该名称的病种；请从列表中选择",
            ));
        }
        if tx.count("SELECT count(*) FROM control_measure WHERE id = $1", params![self.measure])? > 0 {
            return Err(exists("measure", "措施"));
        }
        let by = stamp(self.by.as_ref(), tx.at)?;
        let class = class_of(self.disease.as_deref(), self.starts);
        let measure =
            Measure::propose(self.terms(), class, by.clone(), packed::measures(), UTC_OFFSET_MINUTES)
                .map_err(denied)?;
        tx.run(
            "INSERT INTO control_measure \
             (id, territory, government, kind, place, reason, disease, proposed, ends, closed, pack, standing) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11)",
            params![
                self.measure,
                &self.territory,
                &self.government,
                &self.kind,
                self.place.trim(),
                self.reason.trim(),
                self.disease.clone(),
                tx.at,
                self.ends,
                packed::measures().version(),
                standing_of(&measure)?
            ],
        )?;
        let record = MeasureRecord {
            id: self.measure,
            place: self.place.clone(),
            reason: self.reason.clone(),
            disease: self.disease.clone(),
            pack: packed::measures().version(),
            closed: None,
            measure,
        };
        record.note(tx, Deed::Proposed, Some(&by.by), "")
    }
}
