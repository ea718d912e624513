//! What was found lately in the open community: among people whom nobody had under care.

use base::{Day, Territory};
use store::{Query, Result, params};

/// Cases of these diseases listed on these days, not discarded, and not found under care.
pub(crate) fn found_in_community(
    query: &mut dyn Query,
    territory: &Territory,
    diseases: &[String],
    (from, to): (Day, Day),
) -> Result<i64> {
    if diseases.is_empty() {
        return Ok(0);
    }
    let (first, past) = territory.range();
    let list = (5..5 + diseases.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT count(*) FROM cases_case WHERE territory >= $1 AND territory < $2 AND sort_day >= $3 AND sort_day <= $4 \
         AND classification <> 'discarded' AND (found IS NULL OR found <> 'under_care') AND disease IN ({list})"
    );
    let mut values = params![first, past, from, to].to_vec();
    values.extend(diseases.iter().map(store::Value::from));
    query.count(&sql, &values)
}
