//! A dry run says what the import would do, and does nothing.

use crate::desk::{Desk, account};

#[test]
fn a_dry_run_for_an_event_that_is_not_open_yet_counts_every_case_as_new_and_opens_nothing() {
    let desk = Desk::of("dry-run-new-event");
    let file =
        desk.file("list.csv", "case_no,sex,age,onset date\nA1,female,34,2022-02-18\nA2,male,36,2022-02-19\n");
    // The same numbers stand in a list that belongs to no event.
    assert_eq!(account(&desk.import(&file, &[])), [2, 0, 0, 0, 0]);
    let told = desk.import(&file, &["--event", "Workshop (invented)", "--dry-run"]);
    assert_eq!(account(&told), [2, 0, 0, 0, 0]);
    let done = desk.import(&file, &["--event", "Workshop (invented)"]);
    assert_eq!(account(&done), account(&told));
    assert_eq!(desk.quell(&["recorded", "cases"]).out.lines().count(), 5, "a header and four cases");
}
