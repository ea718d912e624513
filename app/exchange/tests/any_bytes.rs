//! Whatever the bytes are, opening and reading end with rows or a refusal, never with a panic.

use exchange::{Caps, Choice, Source, open};
use linelist::{Drafter, Profile, recognise};
use proptest::prelude::*;
use std::sync::Arc;

fn read_all(name: &str, bytes: &[u8]) {
    let caps = Caps { columns: 50, cell_bytes: 200, ..Caps::default() };
    let Ok(file) = open(Source { name, bytes: Arc::from(bytes) }, &Choice::default(), &caps) else { return };
    let rows: Vec<exchange::Row> = file.rows().map_while(Result::ok).collect();
    let profile = Profile::of(&file.columns, rows.iter().map(|row| &row.cells));
    let mapping = recognise(&file.columns, &profile, None);
    let _ = mapping.questions();
    let mut drafter = Drafter::new(&mapping, &file.columns);
    for row in &rows {
        let drafted = drafter.draft(row.number, &row.cells);
        // A row is blank, drafted or an Error; there is no fourth way to lose it.
        let failed = drafted.problems.iter().any(|problem| problem.severity == linelist::Severity::Error);
        assert_eq!(
            u8::from(drafted.blank) + u8::from(drafted.draft.is_some()) + u8::from(failed),
            1,
            "{row:?}"
        );
    }
}

proptest! {
    #[test]
    fn random_bytes_are_rows_or_a_refusal(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_all("list.csv", &bytes);
    }

    #[test]
    fn random_tables_lose_no_row(
        rows in proptest::collection::vec(proptest::collection::vec("[0-9a-z./: \"年月日女-]{0,12}", 1..6), 1..12)
    ) {
        let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        let text = format!("case_id,sex,onset,age,infected_by\n{}\n", lines.join("\n"));
        read_all("list.csv", text.as_bytes());
    }

    #[test]
    fn random_json_is_records_or_a_refusal(text in "[\\[\\]{}:,\"a-c0-9 ]{0,60}") {
        read_all("list.json", text.as_bytes());
    }
}
