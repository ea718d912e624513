//! Files of any kind, as an import reads them.

use exchange::{Caps, Choice, Source, open};
use linelist::{Drafter, Profile, Severity, recognise};
use std::sync::Arc;

/// Smaller than in service, so that one odd file does not take a second.
fn caps() -> Caps {
    Caps { columns: 60, cell_bytes: 400, ..Caps::default() }
}

pub fn delimited(bytes: &[u8]) {
    read_all("list.csv", bytes);
}

pub fn workbook(bytes: &[u8]) {
    read_all("list.xlsx", bytes);
}

pub fn json_list(bytes: &[u8]) {
    read_all("list.json", bytes);
}

/// Opened, recognised, drafted. A row is blank, drafted or refused; there is no fourth way to lose it.
fn read_all(name: &str, bytes: &[u8]) {
    let source = Source { name, bytes: Arc::from(bytes) };
    let Ok(file) = open(source, &Choice::default(), &caps()) else { return };
    let rows: Vec<exchange::Row> = file.rows().map_while(Result::ok).take(300).collect();
    let profile = Profile::of(&file.columns, rows.iter().map(|row| &row.cells));
    let mapping = recognise(&file.columns, &profile, None);
    let _ = mapping.questions();
    let mut drafter = Drafter::new(&mapping, &file.columns);
    for row in &rows {
        let drafted = drafter.draft(row.number, &row.cells);
        let refused = drafted.problems.iter().any(|problem| problem.severity == Severity::Error);
        let ways = u8::from(drafted.blank) + u8::from(drafted.draft.is_some()) + u8::from(refused);
        assert_eq!(ways, 1, "a row was lost or told twice: {row:?}");
    }
}
