//! Orders that end soon, and those that wait for a word of whoever asks.

use crate::control::above::holding_or_within;
use crate::control::measures::record::{COLUMNS, MeasureRecord};
use crate::packed;
use base::Moment;
use control::MeasureState;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

/// Within so many hours somebody has to think of what comes after.
const SOON_HOURS: i64 = 72;
/// More than a province has in force at once.
const MOST: i64 = 2_000;
const SHOWN: usize = 20;

pub(crate) struct Awaited {
    /// In force and over soon, the soonest first.
    pub ending: Vec<Json>,
    /// How many their government is to decide, approve or answer.
    pub mine: usize,
}

pub(crate) fn awaited(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<Awaited> {
    let (here, mut inside) = holding_or_within(&scope.territory, 3);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_measure WHERE closed IS NULL AND ends > $1 AND {here} ORDER BY ends, id LIMIT $2"
    );
    let mut values = params![now, MOST].to_vec();
    values.append(&mut inside);
    let (mut ending, mut mine) = (Vec::new(), 0);
    for row in query.rows(&sql, &values)? {
        let record = MeasureRecord::of(&row)?;
        let (measure, terms) = (&record.measure, &record.measure.terms);
        let state = measure.state(now);
        if state == MeasureState::Active
            && terms.ends <= now.plus_seconds(SOON_HOURS * 3600)
            && ending.len() < SHOWN
        {
            let kind = packed::measures().kind(&terms.kind);
            ending.push(json!({
                "id": record.id, "zh": kind.map(|kind| &kind.zh), "en": kind.map(|kind| &kind.en), "territory": terms.territory, "place": record.place,
                "ends": terms.ends, "longer": measure.extension.is_some(),
            }));
        }
        let theirs = measure.awaits(now).is_some_and(|government| government == scope.territory);
        let own = terms.government == scope.territory;
        let may = if own { Permission::ControlDecide } else { Permission::ControlApprove };
        mine += usize::from(theirs && scope.may(may));
    }
    Ok(Awaited { ending, mine })
}
