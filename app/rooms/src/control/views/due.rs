//! What waits for whoever asks, and which orders end within three days.

use crate::control::measures::{Awaited, awaited};
use crate::control::permits::count_waiting;
use crate::control::reach::waiting;
use crate::control::restrictions::views::to_do;
use base::Moment;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result};

pub fn due(query: &mut dyn Query, actor: &Actor, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    // Who only hears appeals reads no zones, and has appeals that wait.
    let reads = scope.may(Permission::ControlRead);
    if !scope.may(Permission::RestrictAppeal) {
        scope.demand(Permission::ControlRead)?;
    }
    let decides = scope.may(Permission::ControlDecide);
    let Awaited { ending, mine } =
        if reads { awaited(query, scope, now)? } else { Awaited { ending: Vec::new(), mine: 0 } };
    let zones = if decides { waiting(query, scope)? } else { Vec::new() };
    let permits = if decides { count_waiting(query, scope, now)? } else { 0 };
    Ok(json!({
        "now": now, "ending": ending, "measures": mine,
        "zones": zones.iter().filter(|one| scope.kept.sees(Some(&one.disease))).count(), "permits": permits,
        "restrictions": to_do(query, actor, now)?,
    }))
}
