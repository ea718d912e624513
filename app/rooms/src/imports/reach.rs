//! Whether somebody reaches an import: its territory, and the disease of its event and of the cases in its list.

use crate::imports::Import;
use crate::refuse::missing;
use base::{Id, Territory};
use store::{Query, Result, Scope, Value};

/// The condition that leaves out imports `i` of diseases this scope does not read; empty for most readers.
pub(crate) fn unread(scope: &Scope, params: &mut Vec<Value>) -> String {
    if scope.kept.unread.is_empty() {
        return String::new();
    }
    let mut places = Vec::new();
    for disease in &scope.kept.unread {
        params.push(disease.as_str().into());
        places.push(format!("${}", params.len()));
    }
    let list = places.join(", ");
    format!(
        " AND NOT EXISTS (SELECT 1 FROM cases_event e WHERE e.id = i.event AND e.disease IN ({list})) \
         AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.list = i.list AND c.disease IN ({list}))"
    )
}

/// Where an import within reach lies; of any other, that there is none.
pub(crate) fn import_in_reach(query: &mut dyn Query, scope: &Scope, import: Id<Import>) -> Result<Territory> {
    let mut params = vec![import.into()];
    let unread = unread(scope, &mut params);
    let sql = format!("SELECT i.territory FROM imports_import i WHERE i.id = $1{unread}");
    let territory = query.first(&sql, &params)?.map(|row| row.read(0)).transpose()?;
    let held = territory.filter(|territory| scope.reaches(territory));
    held.ok_or_else(|| missing("import", "导入"))
}
