//! Permits that were granted and no longer fit what holds at their place.

use crate::control::above::holding_or_within;
use crate::control::permits::PermitState;
use crate::control::permits::circumstances::circumstances;
use crate::control::permits::record::{COLUMNS, PermitRecord};
use crate::packed;
use base::{Moment, Territory};
use control::{Circumstances, unmet};
use store::{Query, Result, Tx, params};

/// Granted, not over, and not fitting now.
fn affected(
    query: &mut dyn Query,
    territory: &Territory,
    now: Moment,
) -> Result<Vec<(PermitRecord, Circumstances)>> {
    let (here, mut inside) = holding_or_within(territory, 2);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_permit WHERE state = 'granted' AND ends > $1 AND {here} ORDER BY id"
    );
    let mut values = params![now].to_vec();
    values.append(&mut inside);
    let mut found = Vec::new();
    for row in query.rows(&sql, &values)? {
        let record = PermitRecord::of(&row)?;
        let time = (record.gathering.starts, record.gathering.ends);
        let holds = circumstances(query, &record.territory, time, now)?;
        if !unmet(&record.gathering, &packed::measures().gatherings, &holds).is_empty() {
            found.push((record, holds));
        }
    }
    Ok(found)
}

pub(crate) fn any_affected(query: &mut dyn Query, now: Moment) -> Result<bool> {
    Ok(!affected(query, &Territory::whole(), now)?.is_empty())
}

/// Called inside the change that altered a level or an order there. Returns how many were opened again.
pub(crate) fn reopen_affected(tx: &mut Tx<'_>, territory: &Territory) -> Result<usize> {
    let at = tx.at;
    let found = affected(tx, territory, at)?;
    for (record, holds) in &found {
        tx.run(
            "UPDATE control_permit SET state = 'reopened', decided = NULL WHERE id = $1",
            params![record.id],
        )?;
        let why = unmet(&record.gathering, &packed::measures().gatherings, holds);
        let said = |of: fn(&control::Denied) -> &str, joint: &str| {
            why.iter().map(of).collect::<Vec<_>>().join(joint)
        };
        let zh = format!("防控要求有变，许可重新审核：{}", said(|denied| &denied.zh, "；"));
        let en = format!(
            "what holds there has changed, the permit is decided again: {}",
            said(|denied| &denied.en, "; ")
        );
        record.step(tx, PermitState::Reopened, &zh, &en)?;
    }
    Ok(found.len())
}
