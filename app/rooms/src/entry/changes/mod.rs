//! Every write of the rosters.

/// What every change of one worker is about: who it is, and where their workplace lies.
macro_rules! of_one_worker {
    () => {
        const BASIS: store::Basis = store::Basis::RecordKeeping;

        fn id(&self) -> base::Id<store::Sent> {
            self.id
        }
        fn territory(&self, tx: &mut store::Tx<'_>) -> store::Result<base::Territory> {
            Ok(super::worker_in_reach(tx, self.worker)?.0)
        }
        fn about(&self) -> Vec<String> {
            vec![self.worker.to_string()]
        }
    };
}

mod enrol;
mod in_loop;
mod row;
mod tests_told;

pub use crate::sent_table::Became;
pub use enrol::{EnrolWorker, EnrolWorkers};
pub(super) use in_loop::of_leaving;
pub use in_loop::{SetLoop, StrikeWorker};
pub use row::RosterRow;
pub(super) use row::{by_name_alone, demand_group};
pub use tests_told::{ReadTests, TellWorkerTest, TestRead, ToldBy};

use crate::entry::Worker;
use crate::people::Subject;
use crate::refuse::{invalid, missing};
use base::{Day, Id, Moment, Territory};
use store::{Query, Result, Tx, params};

fn worker_in_reach(tx: &mut Tx<'_>, worker: Id<Worker>) -> Result<(Territory, Id<Subject>, bool)> {
    let sql = "SELECT territory, subject, in_loop FROM entry_worker WHERE id = $1 AND struck IS NULL";
    let row = tx.first(sql, params![worker])?;
    let found =
        row.map(|row| Ok::<_, store::Error>((row.read(0)?, row.read(1)?, row.int(2)? != 0))).transpose()?;
    let scope = &tx.actor.scope;
    found
        .filter(|(territory, _, _): &(Territory, Id<Subject>, bool)| scope.reaches(territory))
        .ok_or_else(|| missing("worker", "从业人员"))
}

/// A day that is over nowhere on earth yet.
fn is_ahead(at: Moment, day: Day) -> bool {
    const FURTHEST_EAST_MINUTES: i32 = 14 * 60;
    day > at.day_at_offset(FURTHEST_EAST_MINUTES)
}

fn in_future(field: &str) -> store::Error {
    invalid("entry.future", field, "this day has not come yet; mend the date", "日期尚未到来；请更正")
}
