//! The day's sample, and what the auditor says of what was in it.

use super::{close_appeal, keep_end, mark_evidence, shut_words};
use crate::control::restrictions::Restriction;
use crate::control::restrictions::record::restriction_in_reach;
use crate::control::restrictions::views::sample;
use crate::refuse::{invalid, missing};
use base::{Day, Id, Territory};
use control::RestrictionEnd;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sealed, Sent, Status, Tx, Value, params};

/// The sample of a day that is over. By which row it was drawn stands in it; the key that ranks them does not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawRestrictions {
    pub id: Id<Sent>,
    pub day: Day,
    /// The journal's last row when it was drawn, and its hash.
    #[serde(default)]
    pub seq: i64,
    #[serde(default)]
    pub head: String,
    #[serde(default)]
    pub out_of: usize,
    #[serde(default)]
    pub picked: Vec<Id<Restriction>>,
}

impl Change for DrawRestrictions {
    const NAME: &'static str = "draw restrictions";
    const NEEDS: Permission = Permission::RestrictAudit;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = usize;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn about(&self) -> Vec<String> {
        self.picked.iter().map(Id::to_string).collect()
    }
    /// Whoever sends it chooses nothing: what stood in it before is written over.
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let drawn = sample(tx, self.day)?;
        (self.seq, self.head, self.out_of, self.picked) = (drawn.seq, drawn.head, drawn.out_of, drawn.picked);
        Ok(())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<usize> {
        if tx.count("SELECT count(*) FROM control_restriction_draw WHERE day = $1", params![self.day])? > 0 {
            return Err(Refusal::new(
                Status::Conflict,
                "restrict.drawn",
                "the sample of this day was drawn; it is drawn once",
                "该日抽样已完成；每日只抽一次",
            )
            .into());
        }
        tx.run(
            "INSERT INTO control_restriction_draw (day, at, seq, head, out_of) VALUES ($1, $2, $3, $4, $5)",
            params![self.day, tx.at, self.seq, &self.head, self.out_of],
        )?;
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for (place, id) in self.picked.iter().enumerate() {
            let kept = crate::control::restrictions::record::kept_of(tx, *id)?;
            let territory = kept.ok_or_else(|| missing("restriction", "限制措施"))?.territory;
            rows.push(vec![self.day.into(), place.into(), (*id).into(), (&territory).into()]);
        }
        tx.insert_many(
            "INSERT INTO control_restriction_pick (day, place, restriction, territory)",
            4,
            &rows,
            "ON CONFLICT DO NOTHING",
        )?;
        Ok(self.picked.len())
    }
}

/// The auditor looked at the whole chain: sound, or not, and then it is over.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgeRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub sound: bool,
    /// Asked for when it is unsound.
    #[serde(default)]
    pub reason: Option<Sealed<String>>,
}

impl Change for JudgeRestriction {
    const NAME: &'static str = "judge restriction";
    const NEEDS: Permission = Permission::RestrictAudit;
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
        if matches!(&self.reason, Some(Sealed::Open(text)) if text.trim().is_empty()) {
            self.reason = None;
        }
        match &mut self.reason {
            Some(reason) => shut_words(tx, self.restriction, "reason", reason),
            None => Ok(()),
        }
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut kept = restriction_in_reach(tx, self.restriction)?;
        if !self.sound && self.reason.is_none() {
            return Err(invalid(
                "restrict.verdict_reason",
                "reason",
                "say what is unsound about it: the person is told that it ended, and whoever approved it learns from it",
                "请说明不成立之处：将解除限制，审批人也须知晓",
            ));
        }
        let reason = self.reason.as_ref().map(Sealed::cipher).transpose()?;
        tx.run(
            "INSERT INTO control_restriction_verdict (restriction, territory, sound, reason, by_whom, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (restriction) DO UPDATE SET sound = excluded.sound, \
             reason = excluded.reason, by_whom = excluded.by_whom, at = excluded.at",
            params![kept.id, &kept.territory, self.sound, reason, &tx.actor.id, tx.at],
        )?;
        if self.sound {
            return Ok(());
        }
        mark_evidence(tx, &kept, RestrictionEnd::Unsound)?;
        // Of one that is over already there is nothing to end; that it was unsound is on record.
        if kept.course.end(tx.at, RestrictionEnd::Unsound).is_err() {
            return Ok(());
        }
        close_appeal(tx, &kept, true)?;
        keep_end(tx, &kept, RestrictionEnd::Unsound, None)
    }
}
