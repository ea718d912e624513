//! Permits that were decided by what held at their place, when something else holds there.

use crate::control::above::holding_or_within;
use crate::control::permits::PermitState;
use crate::control::permits::circumstances::circumstances;
use crate::control::permits::record::{COLUMNS, PermitRecord};
use crate::packed;
use base::{Moment, Territory};
use control::{Circumstances, Denied, unmet};
use store::{Query, Result, Tx, params};

/// What keeps a permit from being allowed as things stand.
pub(super) fn hindered(permit: &PermitRecord, holds: &Circumstances) -> Vec<Denied> {
    unmet(&permit.gathering, &packed::measures().gatherings, holds)
}

/// Permits in some states at a place that are not over.
pub(super) fn to_come(
    query: &mut dyn Query,
    territory: &Territory,
    states: &str,
    now: Moment,
) -> Result<Vec<PermitRecord>> {
    let (here, mut inside) = holding_or_within(territory, 2);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_permit WHERE state IN ({states}) AND ends > $1 AND {here} ORDER BY id"
    );
    let mut values = params![now].to_vec();
    values.append(&mut inside);
    query.rows(&sql, &values)?.iter().map(PermitRecord::of).collect()
}

/// Granted, and not fitting now.
fn affected(
    query: &mut dyn Query,
    territory: &Territory,
    now: Moment,
) -> Result<Vec<(PermitRecord, Circumstances)>> {
    let mut found = Vec::new();
    for record in to_come(query, territory, "'granted'", now)? {
        let holds = circumstances(query, &record, now)?;
        if !hindered(&record, &holds).is_empty() {
            found.push((record, holds));
        }
    }
    Ok(found)
}

pub(crate) fn any_affected(query: &mut dyn Query, now: Moment) -> Result<bool> {
    Ok(!affected(query, &Territory::whole(), now)?.is_empty())
}

/// Called inside the change that altered a level or an order there. Stricter, what no longer fits is decided again; milder, what only
/// the rules of then stood against is.
pub(crate) fn look_again(tx: &mut Tx<'_>, territory: &Territory) -> Result<()> {
    reopen_affected(tx, territory)?;
    let at = tx.at;
    for record in to_come(tx, territory, "'refused', 'reopened'", at)? {
        let stood_against = record.held.as_ref().is_some_and(|held| !hindered(&record, held).is_empty());
        let holds = circumstances(tx, &record, at)?;
        if stood_against && hindered(&record, &holds).is_empty() {
            let (zh, en) = (
                "防控要求已放宽，许可重新审核，结果会在此告知",
                "what held there is milder now: the permit is decided again, and the answer will stand here",
            );
            reopen(tx, &record, &holds, zh, en)?;
        }
    }
    Ok(())
}

/// What no longer fits. Returns how many were opened again.
pub(crate) fn reopen_affected(tx: &mut Tx<'_>, territory: &Territory) -> Result<usize> {
    let at = tx.at;
    let found = affected(tx, territory, at)?;
    for (record, holds) in &found {
        let why = hindered(record, holds);
        let said = |of: fn(&Denied) -> &str, joint: &str| why.iter().map(of).collect::<Vec<_>>().join(joint);
        let zh = format!("防控要求有变，许可重新审核：{}", said(|denied| &denied.zh, "；"));
        let en = format!(
            "what holds there has changed, the permit is decided again: {}",
            said(|denied| &denied.en, "; ")
        );
        reopen(tx, record, holds, &zh, &en)?;
    }
    Ok(found.len())
}

/// What it is opened again for is what it is compared with from then on: the organiser is told of each change once.
fn reopen(tx: &mut Tx<'_>, record: &PermitRecord, holds: &Circumstances, zh: &str, en: &str) -> Result<()> {
    let held = serde_json::to_string(holds).map_err(|fault| store::Error::Shape(fault.to_string()))?;
    tx.run(
        "UPDATE control_permit SET state = 'reopened', decided = NULL, held = $2 WHERE id = $1",
        params![record.id, held],
    )?;
    record.step(tx, PermitState::Reopened, zh, en)
}
