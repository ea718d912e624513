//! Tubes arrive at a laboratory.

use super::boxes::demand_barcode;
use crate::lab::Laboratory;
use crate::lab::counts::{Hour, Step, count, hour_of};
use crate::lab::reach::laboratory_in_reach;
use crate::refuse::invalid;
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Why a tube is not tested. Its people are asked again; it is never counted as negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Leaked,
    Unreadable,
    TooLittle,
    TooLate,
    TooWarm,
    Other,
}

impl Reason {
    pub fn word(self) -> &'static str {
        match self {
            Reason::Leaked => "leaked",
            Reason::Unreadable => "unreadable",
            Reason::TooLittle => "too_little",
            Reason::TooLate => "too_late",
            Reason::TooWarm => "too_warm",
            Reason::Other => "other",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    pub tube: String,
    pub reason: Reason,
}

/// What was scanned off a box, or by hand.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveTubes {
    pub id: Id<Sent>,
    pub laboratory: Id<Laboratory>,
    #[serde(rename = "box", default)]
    pub of_box: Option<String>,
    #[serde(default)]
    pub tubes: Vec<String>,
    #[serde(default)]
    pub rejected: Vec<Rejected>,
}

/// What does not fit is told at once, tube by tube.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Received {
    pub received: usize,
    pub rejected: usize,
    /// Received before, here or elsewhere: nothing was done again.
    pub again: Vec<String>,
    /// Nobody has registered them yet: kept aside until their telephone comes in.
    pub unregistered: Vec<String>,
    /// Of this box's list and not among what was scanned.
    pub absent: Vec<String>,
}

impl Change for ReceiveTubes {
    const NAME: &'static str = "receive tubes";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = Received;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(laboratory_in_reach(tx, self.laboratory)?.territory)
    }
    fn about(&self) -> Vec<String> {
        let boxed = self.of_box.as_ref().map(|barcode| format!("box_{barcode}"));
        std::iter::once(self.laboratory.to_string()).chain(boxed).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Received> {
        if self.tubes.len() + self.rejected.len() > MOST {
            return Err(invalid(
                "lab.too_many_tubes",
                "tubes",
                format!("receive at most {MOST} tubes at once; send them box by box"),
                format!("每次最多接收 {MOST} 管；请逐箱接收"),
            ));
        }
        let laboratory = laboratory_in_reach(tx, self.laboratory)?;
        if laboratory.ended.is_some() {
            return Err(invalid(
                "lab.laboratory_over",
                "laboratory",
                "this laboratory takes no more tubes; choose another",
                "该实验室已停止收样；请选择其他实验室",
            ));
        }
        let mut told = Received::default();
        let mut steps: BTreeMap<Hour, Step> = BTreeMap::new();
        for tube in &self.tubes {
            self.take(tx, tube, None, &mut told, &mut steps)?;
        }
        for Rejected { tube, reason } in &self.rejected {
            self.take(tx, tube, Some(*reason), &mut told, &mut steps)?;
        }
        for (hour, step) in &steps {
            count(tx, hour, *step)?;
        }
        if let Some(barcode) = &self.of_box {
            self.close_box(tx, barcode, &laboratory.territory, &mut told)?;
        }
        Ok(told)
    }
}

const MOST: usize = 2_000;

impl ReceiveTubes {
    fn take(
        &self,
        tx: &mut Tx<'_>,
        tube: &str,
        reason: Option<Reason>,
        told: &mut Received,
        steps: &mut BTreeMap<Hour, Step>,
    ) -> Result<()> {
        let sql = "SELECT round, territory, post, closed, received FROM lab_tube WHERE barcode = $1";
        let Some(known) = tx.first(sql, params![tube])? else {
            return self.keep_aside(tx, tube, told);
        };
        if known.opt_int(4)?.is_some() {
            told.again.push(tube.to_owned());
            return Ok(());
        }
        let hour = Hour {
            round: known.text(0)?,
            territory: known.read(1)?,
            post: known.text(2)?,
            hour: hour_of(Moment(known.int(3)?)),
        };
        let at = tx.at;
        tx.put(
            "UPDATE lab_tube SET lab = $2, received = $3, rejected = $4, box = coalesce(box, $5) WHERE barcode = $1",
            params![tube, self.laboratory, at, reason.map(Reason::word), self.of_box.as_deref()],
        )?;
        let step = steps.entry(hour).or_default();
        step.received += 1;
        if reason.is_some() {
            step.rejected += 1;
            told.rejected += 1;
        } else {
            told.received += 1;
        }
        Ok(())
    }

    fn keep_aside(&self, tx: &mut Tx<'_>, tube: &str, told: &mut Received) -> Result<()> {
        demand_barcode("tubes", tube)?;
        let territory = laboratory_in_reach(tx, self.laboratory)?.territory;
        let at = tx.at;
        let kept = tx.run(
            "INSERT INTO lab_stray (barcode, territory, lab, box, received) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (barcode) DO NOTHING",
            params![tube, &territory, self.laboratory, self.of_box.as_deref(), at],
        )?;
        if kept > 0 { &mut told.unregistered } else { &mut told.again }.push(tube.to_owned());
        Ok(())
    }

    fn close_box(
        &self,
        tx: &mut Tx<'_>,
        barcode: &str,
        territory: &Territory,
        told: &mut Received,
    ) -> Result<()> {
        let at = tx.at;
        // A box nobody packed on a telephone is a box all the same.
        tx.run(
            "INSERT INTO lab_box (barcode, territory, post, tubes, packed) VALUES ($1, $2, '', 0, $3) \
             ON CONFLICT (barcode) DO NOTHING",
            params![barcode, territory, at],
        )?;
        tx.run(
            "UPDATE lab_box SET lab = $2, received = coalesce(received, $3), \
             received_tubes = coalesce(received_tubes, 0) + $4 WHERE barcode = $1",
            params![barcode, self.laboratory, at, told.received + told.rejected + told.unregistered.len()],
        )?;
        let sql = "SELECT barcode FROM lab_tube WHERE box = $1 AND received IS NULL ORDER BY seq LIMIT 2000";
        told.absent = tx.rows(sql, params![barcode])?.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
        Ok(())
    }
}
