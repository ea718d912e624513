//! Cases by county, disease and day of report: the series that surveillance watches.

use base::{Day, Moment, Territory};
use store::{Query, Result, params};

#[derive(Debug, Clone, PartialEq)]
pub struct ReportedOn {
    pub territory: Territory,
    /// `unknown` when nobody said.
    pub disease: String,
    pub day: Day,
    pub cases: i64,
}

/// Cases that were not discarded. With `then`, those that had been entered by that moment; what became of them later is not
/// looked at.
pub(crate) fn reported_by_day(
    query: &mut dyn Query,
    territory: &Territory,
    from: Day,
    to: Day,
    then: Option<Moment>,
) -> Result<Vec<ReportedOn>> {
    let (first, past) = territory.range();
    let rows = query.rows(
        "SELECT territory, coalesce(disease, 'unknown'), sort_day, count(*) FROM cases_case \
         WHERE territory >= $1 AND territory < $2 AND sort_day >= $3 AND sort_day <= $4 \
         AND classification <> 'discarded' AND created <= $5 GROUP BY 1, 2, 3",
        params![first, past, from, to, then.map_or(i64::MAX, |then| then.0)],
    )?;
    rows.iter()
        .map(|row| {
            Ok(ReportedOn {
                territory: row.read(0)?,
                disease: row.text(1)?,
                day: row.read(2)?,
                cases: row.int(3)?,
            })
        })
        .collect()
}
