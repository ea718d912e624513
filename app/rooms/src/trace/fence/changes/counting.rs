//! How many registered visitors were there: told in bands of five, below five only as that, and counted anew once in six hours.

use super::super::Fence;
use super::super::present::present;
use super::super::record::fence_in_reach;
use super::drafting::demand_in_force;
use base::{Id, Moment, Territory};
use disclosure::Policy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Somebody asks how many were there. Whoever asks is in the journal, and so is what they were told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFence {
    pub id: Id<Sent>,
    pub fence: Id<Fence>,
}

/// What is told of a count.
#[derive(Debug, Serialize, Deserialize)]
pub struct Counted {
    /// The lower end of its band; none below five.
    pub count: Option<u64>,
    pub count_text: String,
    pub sources: Vec<String>,
    pub counted: Moment,
}

/// Visitors come in one by one. A count made for each of them would tell which was the fifth.
const STANDS_SECONDS: i64 = 6 * 3_600;

/// As `disclosure` tells every small count, except that none is not told from few: of a minute in which a certain person may
/// have come, "none" is an answer about that person.
const POLICY: Policy = Policy::COLLEAGUES;

pub(in crate::trace::fence) fn count_text(told: Option<u64>) -> String {
    let floor = POLICY.floor();
    told.map_or_else(|| format!("<{floor}"), |from| format!("{from}–{}", from + floor - 1))
}

fn band(count: u64) -> Option<u64> {
    (count >= POLICY.floor()).then(|| count - count % POLICY.floor())
}

impl Change for RunFence {
    const NAME: &'static str = "run fence";
    const NEEDS: Permission = Permission::FencePublish;
    const BASIS: Basis = Basis::Investigation;
    type Out = Counted;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(fence_in_reach(tx, self.fence)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.fence.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Counted> {
        let fence = fence_in_reach(tx, self.fence)?;
        demand_in_force(tx, &fence)?;
        let sql = "SELECT seq, told, sources, counted FROM trace_fence_run WHERE fence = $1 ORDER BY seq DESC LIMIT 1";
        let last = tx.first(sql, params![self.fence])?;
        let mut seq = 0;
        let mut told = None;
        if let Some(row) = &last {
            seq = row.int(0)? + 1;
            let counted = Moment(row.int(3)?);
            if counted.plus_seconds(STANDS_SECONDS) > tx.at {
                let band = row.opt_int(1)?.map(i64::unsigned_abs);
                told = Some((band, row.json::<Vec<String>>(2)?, counted));
            }
        }
        let (band, sources, counted) = match told {
            Some(told) => told,
            None => {
                let (band, sources) = count(tx, &fence)?;
                (band, sources, tx.at)
            }
        };
        let named =
            serde_json::to_string(&sources).map_err(|fault| store::Error::Shape(fault.to_string()))?;
        tx.run(
            "INSERT INTO trace_fence_run (fence, seq, at, by_whom, told, sources, counted) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                self.fence,
                seq,
                tx.at,
                &tx.actor.id,
                band.map(|from| i64::try_from(from).unwrap_or(i64::MAX)),
                named,
                counted
            ],
        )?;
        Ok(Counted { count: band, count_text: count_text(band), sources, counted })
    }
}

/// People, each once; and the kinds of registration that five or more of them came by.
fn count(tx: &mut Tx<'_>, fence: &super::super::record::FenceRecord) -> Result<(Option<u64>, Vec<String>)> {
    let present = present(tx, fence)?;
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for one in present.values() {
        for kind in &one.kinds {
            *kinds.entry(kind.word()).or_default() += 1;
        }
    }
    let sources =
        kinds.into_iter().filter(|(_, people)| *people >= POLICY.floor()).map(|(kind, _)| kind.to_owned());
    Ok((band(present.len() as u64), sources.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_four_are_told_alike_and_the_rest_in_fives() {
        let told = |count| count_text(band(count));
        assert!([0, 1, 4].iter().all(|count| told(*count) == "<5"));
        assert_eq!((told(5), told(9), told(23)), ("5–9".into(), "5–9".into(), "20–24".into()));
    }
}
