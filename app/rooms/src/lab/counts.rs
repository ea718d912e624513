//! How far each post is, counted as it happens: a board of two million tubes is a few rows to add up.

use base::{Moment, Territory};
use store::{Result, Tx, params};

/// What changed in one hour of a post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    pub tubes: i64,
    pub people: i64,
    pub received: i64,
    pub rejected: i64,
    pub plated: i64,
    pub reported: i64,
    pub reported_people: i64,
    pub positive: i64,
}

/// Whose hour it is: that of the tube's closing, so that a tube stays in its hour through all its stages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour {
    pub round: String,
    pub territory: Territory,
    pub post: String,
    pub hour: i64,
}

pub fn hour_of(closed: Moment) -> i64 {
    closed.0.div_euclid(3_600_000)
}

pub fn count(tx: &mut Tx<'_>, hour: &Hour, step: Step) -> Result<()> {
    tx.put(
        "INSERT INTO lab_count (round, territory, post, hour, tubes, people, received, rejected, plated, reported, \
         reported_people, positive) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (round, territory, post, hour) DO UPDATE SET tubes = lab_count.tubes + excluded.tubes, \
         people = lab_count.people + excluded.people, received = lab_count.received + excluded.received, \
         rejected = lab_count.rejected + excluded.rejected, plated = lab_count.plated + excluded.plated, \
         reported = lab_count.reported + excluded.reported, \
         reported_people = lab_count.reported_people + excluded.reported_people, \
         positive = lab_count.positive + excluded.positive",
        params![
            &hour.round,
            &hour.territory,
            &hour.post,
            hour.hour,
            step.tubes,
            step.people,
            step.received,
            step.rejected,
            step.plated,
            step.reported,
            step.reported_people,
            step.positive
        ],
    )
}
