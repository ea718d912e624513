//! How many tasks are due, open and over, by the hour of their deadline: what lists of who has delivered add up.

use base::{Moment, Territory};
use store::{Result, Tx, params};

const HOUR: i64 = 3_600_000;

pub(super) fn hour_of(at: Moment) -> i64 {
    at.0.div_euclid(HOUR)
}

pub(super) fn start_of_hour(hour: i64) -> Moment {
    Moment(hour * HOUR)
}

/// What is added; negative where something is taken away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Added {
    pub due: i64,
    pub open: i64,
    pub in_time: i64,
    pub late: i64,
    pub cannot: i64,
}

impl Added {
    pub const OPENED: Added = Added { due: 1, open: 1, in_time: 0, late: 0, cannot: 0 };
    pub const GONE: Added = Added { due: -1, open: -1, in_time: 0, late: 0, cannot: 0 };

    pub fn ended(in_time: bool, cannot: bool) -> Added {
        Added {
            open: -1,
            in_time: i64::from(in_time),
            late: i64::from(!in_time),
            cannot: i64::from(cannot),
            due: 0,
        }
    }
}

pub(super) fn add(
    tx: &mut Tx<'_>,
    territory: &Territory,
    owner: &str,
    deadline: Moment,
    added: Added,
) -> Result<()> {
    tx.run(
        "INSERT INTO tasks_tally (hour, territory, owner, due, open, in_time, late, cannot) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (hour, territory, owner) DO UPDATE SET \
         due = tasks_tally.due + excluded.due, open = tasks_tally.open + excluded.open, \
         in_time = tasks_tally.in_time + excluded.in_time, late = tasks_tally.late + excluded.late, \
         cannot = tasks_tally.cannot + excluded.cannot",
        params![
            hour_of(deadline),
            territory,
            owner,
            added.due,
            added.open,
            added.in_time,
            added.late,
            added.cannot
        ],
    )?;
    Ok(())
}
