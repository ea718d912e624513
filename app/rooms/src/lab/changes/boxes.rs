//! Tubes leave a post in boxes, counted by whoever gives and whoever takes them.

use crate::lab::Post;
use crate::lab::reach::post_in_reach;
use crate::refuse::{invalid, missing, required};
use base::{Id, Moment, Territory};
use lab::Barcode;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, Value, params};

/// The largest box: a cool box of twenty racks.
const LARGEST: usize = 2_000;

/// Closed tubes are packed. A tube the telephone has packed and not registered yet is told, and comes later.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackBox {
    pub id: Id<Sent>,
    /// What is printed on the box.
    #[serde(rename = "box")]
    pub barcode: String,
    pub post: Id<Post>,
    pub tubes: Vec<String>,
    #[schemars(with = "i64")]
    pub packed: Moment,
}

/// What is odd about a box.
#[derive(Debug, Serialize, Deserialize)]
pub struct Packed {
    pub tubes: usize,
    /// Not registered yet.
    pub unknown: Vec<String>,
    /// In another box already; they stay there.
    pub elsewhere: Vec<String>,
}

impl Change for PackBox {
    const NAME: &'static str = "pack box";
    const NEEDS: Permission = Permission::LabCollect;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = Packed;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(post_in_reach(tx, self.post)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("box_{}", self.barcode)]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Packed> {
        demand_barcode("box", &self.barcode)?;
        if self.tubes.is_empty() || self.tubes.len() > LARGEST {
            return Err(invalid(
                "lab.box_size",
                "tubes",
                format!("a box holds 1 to {LARGEST} tubes, not {}; pack another box", self.tubes.len()),
                format!("每箱 1 至 {LARGEST} 管，不能为 {} 管；请分箱", self.tubes.len()),
            ));
        }
        let post = post_in_reach(tx, self.post)?;
        let known = tx.first("SELECT post FROM lab_box WHERE barcode = $1", params![&self.barcode])?;
        if known.is_some() {
            return Err(invalid(
                "lab.box_used",
                "box",
                "this code was used for another box already; take a new one and pack again",
                "该箱码已使用；请更换新箱码后重新装箱",
            ));
        }
        let mut packed = Packed { tubes: 0, unknown: Vec::new(), elsewhere: Vec::new() };
        for tube in &self.tubes {
            let found = tx.first("SELECT box FROM lab_tube WHERE barcode = $1", params![tube])?;
            match found.map(|row| row.opt_text(0)).transpose()? {
                None => packed.unknown.push(tube.clone()),
                Some(Some(other)) if other != self.barcode => packed.elsewhere.push(tube.clone()),
                Some(_) => {
                    tx.run("UPDATE lab_tube SET box = $2 WHERE barcode = $1", params![tube, &self.barcode])?;
                    packed.tubes += 1;
                }
            }
        }
        tx.run(
            "INSERT INTO lab_box (barcode, territory, post, tubes, packed) VALUES ($1, $2, $3, $4, $5)",
            params![&self.barcode, &post.territory, self.post, self.tubes.len(), self.packed],
        )?;
        let rows: Vec<Vec<Value>> = packed
            .unknown
            .iter()
            .map(|tube| vec![tube.clone().into(), self.barcode.clone().into()])
            .collect();
        tx.insert_many(
            "INSERT INTO lab_expected (barcode, box)",
            2,
            &rows,
            "ON CONFLICT (barcode) DO NOTHING",
        )?;
        Ok(packed)
    }
}

pub(super) fn demand_barcode(field: &str, text: &str) -> Result<Barcode> {
    text.parse().map_err(|_| {
        invalid(
            "lab.barcode",
            field,
            "a code is 4 to 32 capital letters, digits and dashes; scan it again or type what is printed",
            "条码为 4 至 32 位大写字母、数字或连字符；请重新扫描或按印刷内容输入",
        )
    })
}

/// A courier takes a box: both count, and both numbers are kept.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverBox {
    pub id: Id<Sent>,
    #[serde(rename = "box")]
    pub barcode: String,
    #[schemars(with = "i64")]
    pub at: Moment,
    pub count: u32,
    pub courier: String,
}

/// Whether both counted the same.
#[derive(Debug, Serialize, Deserialize)]
pub struct HandedOver {
    pub packed: i64,
    pub counted: i64,
}

impl Change for HandOverBox {
    const NAME: &'static str = "hand over box";
    const NEEDS: Permission = Permission::LabCollect;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = HandedOver;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(box_in_reach(tx, &self.barcode)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("box_{}", self.barcode)]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<HandedOver> {
        required("courier", &self.courier)?;
        let (_, packed) = box_in_reach(tx, &self.barcode)?;
        let taken = tx.run(
            "UPDATE lab_box SET handed_over = $2, counted = $3, courier = $4 WHERE barcode = $1 AND handed_over IS NULL",
            params![&self.barcode, self.at, self.count, self.courier.trim()],
        )?;
        if taken == 0 {
            return Err(invalid(
                "lab.box_gone",
                "box",
                "this box was handed over already; look at its code, or pack another box",
                "该箱已交接；请核对箱码或另装一箱",
            ));
        }
        Ok(HandedOver { packed, counted: i64::from(self.count) })
    }
}

fn box_in_reach(tx: &mut Tx<'_>, barcode: &str) -> Result<(Territory, i64)> {
    let found = tx.first("SELECT territory, tubes FROM lab_box WHERE barcode = $1", params![barcode])?;
    let found = found.map(|row| Ok::<_, store::Error>((row.read(0)?, row.int(1)?))).transpose()?;
    let scope = &tx.actor.scope;
    found.filter(|(territory, _)| scope.reaches(territory)).ok_or_else(|| missing("box", "转运箱"))
}
