//! Switches by hand: whoever runs the house knows of a peak before the house feels it.

use super::Feature;
use crate::refuse::{invalid, required};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Longer than a peak lasts; whoever wants it longer says so again.
const LONGEST_MS: i64 = 3 * 86_400_000;
const LONGEST_REASON: usize = 200;

/// Off, or on against the pressure, until then. The reason is public.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchFeature {
    pub id: Id<Sent>,
    pub feature: Feature,
    pub off: bool,
    pub reason: String,
    /// When it goes back to what the pressure says.
    #[schemars(with = "i64")]
    pub ends: Moment,
}

impl Change for SwitchFeature {
    const NAME: &'static str = "switch feature";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        if self.reason.chars().count() > LONGEST_REASON {
            return Err(invalid(
                "load.reason",
                "reason",
                format!(
                    "the reason is longer than {LONGEST_REASON} letters; it is read by everybody: say it shortly"
                ),
                format!("理由超过 {LONGEST_REASON} 个字；将对公众显示，请简短说明"),
            ));
        }
        let at = tx.at;
        if self.ends <= at || self.ends.0 > at.0 + LONGEST_MS {
            return Err(invalid(
                "load.ends",
                "ends",
                "a switch by hand ends within three days; give a moment between now and then",
                "手动开关须在三天内结束；请填写此后三天内的时间",
            ));
        }
        let by = tx.actor.id.clone();
        let sql = "INSERT INTO load_switch (feature, off, reason, since, ends, by_whom) VALUES ($1, $2, $3, $4, $5, $6) \
                   ON CONFLICT (feature) DO UPDATE SET off = excluded.off, reason = excluded.reason, since = excluded.since, \
                   ends = excluded.ends, by_whom = excluded.by_whom";
        let reason = self.reason.trim();
        tx.run(sql, params![self.feature.word(), i64::from(self.off), reason, at, self.ends, by])?;
        Ok(())
    }
}

/// Back to what the pressure says.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSwitch {
    pub id: Id<Sent>,
    pub feature: Feature,
}

impl Change for EndSwitch {
    const NAME: &'static str = "end switch";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run("DELETE FROM load_switch WHERE feature = $1", params![self.feature.word()])?;
        Ok(())
    }
}

/// What was said by hand and holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ByHand {
    pub feature: Feature,
    pub off: bool,
    pub reason: String,
    pub since: Moment,
    pub ends: Moment,
}

pub(super) fn by_hand(query: &mut dyn Query) -> Result<Vec<ByHand>> {
    let rows = query
        .rows("SELECT feature, off, reason, since, ends FROM load_switch ORDER BY feature", params![])?;
    let mut all = Vec::new();
    for row in &rows {
        // A feature this program no longer has needs no switch.
        let Ok(feature) = row.text(0)?.parse() else { continue };
        all.push(ByHand {
            feature,
            off: row.int(1)? != 0,
            reason: row.text(2)?,
            since: Moment(row.int(3)?),
            ends: Moment(row.int(4)?),
        });
    }
    Ok(all)
}
