//! Cases out as CSV, row by row, never all at once; without names.

use crate::cases::reach::unread;
use crate::cases::views::Filter;
use crate::cases::{CaseRecord, case_columns};
use cases::DateKind;
use std::io::Write;
use store::{Error, Permission, Query, Result, Scope};

/// Whether this scope may have these rows as a file. Asked before the first byte: afterwards a refusal could only look
/// like a broken transfer.
pub fn demand_export(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<()> {
    scope.demand(Permission::DataExport)?;
    scope.demand(Permission::CasesRead)?;
    filter.conditions(query, scope, false).map(|_| ())
}

/// Writes the header and every row in reach. `heads` counts rows for whoever waits.
pub fn export_cases(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    out: &mut dyn Write,
) -> Result<u64> {
    demand_export(query, scope, filter)?;
    let conditions = filter.conditions(query, scope, false)?;
    let sql = format!("SELECT {} FROM cases_case c WHERE {}", case_columns(), conditions.sql);
    let mut writer = csv::Writer::from_writer(out);
    let dates = DateKind::ALL;
    let mut header = vec![
        "case",
        "case_no",
        "territory",
        "place",
        "disease",
        "sex",
        "age",
        "age_band",
        "classification",
        "found",
        "outcome",
    ];
    header.extend(dates.iter().map(|kind| kind.word()));
    writer.write_record(&header).map_err(broken)?;
    let mut rows = 0;
    query.each(&sql, &conditions.params, &mut |row| {
        let case = CaseRecord::of(&row)?;
        let mut record = vec![
            case.id.to_string(),
            harmless(&case.case_no),
            case.territory.to_string(),
            harmless(&case.place),
            case.disease.clone().unwrap_or_default(),
            case.sex.map(|sex| sex.to_string()).unwrap_or_default(),
            case.age.map(|age| age.to_string()).unwrap_or_default(),
            harmless(case.age_band.as_deref().unwrap_or_default()),
            case.classification.to_string(),
            case.found.map(|found| found.to_string()).unwrap_or_default(),
            case.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        ];
        record.extend(
            dates.iter().map(|kind| case.dates.day(*kind).map(|day| day.to_string()).unwrap_or_default()),
        );
        rows += 1;
        writer.write_record(&record).map_err(broken)
    })?;
    writer.flush().map_err(|fault| Error::Setup(format!("the export stopped: {fault}")))?;
    Ok(rows)
}

/// Cases of one list, by its name, in the order of their numbers.
pub fn case_records(query: &mut dyn Query, scope: &Scope, list: &str) -> Result<Vec<CaseRecord>> {
    scope.demand(Permission::DataExport)?;
    scope.demand(Permission::CasesRead)?;
    let (first, past) = scope.territory.range();
    let mut params = vec![list.into(), first.into(), past.into()];
    let unread = unread(scope, false, &mut params);
    let sql = format!(
        "SELECT {} FROM cases_case c JOIN cases_list l ON l.id = c.list WHERE l.name = $1 \
         AND c.territory >= $2 AND c.territory < $3{unread} ORDER BY c.case_no, c.id",
        case_columns()
    );
    query.rows(&sql, &params)?.iter().map(CaseRecord::of).collect()
}

fn broken(fault: csv::Error) -> Error {
    Error::Setup(format!("the export stopped: {fault}"))
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe before it (OWASP ASVS 1.2.10).
pub(crate) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_formula_in_a_cell_is_only_text() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("TJ1"), "TJ1");
    }
}
