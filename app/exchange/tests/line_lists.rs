//! The public line lists this was made for, read from start to end. They stay outside the repository: set QUELL_SHARED or
//! put `shared` beside the workspace; without them these tests say so and pass.

mod shared;

use linelist::{Field, ListKind, Severity};
use shared::{Read, read};

fn fields(read: &Read) -> Vec<(String, String)> {
    let mapped =
        read.mapping.columns.iter().filter_map(|column| Some((column.header.clone(), column.field?.word())));
    mapped.collect()
}

#[test]
fn every_edition_of_the_korean_list_is_read() {
    // rows, onsets, rows with infected_by, confirmation days, deaths: counted with another program.
    for (file, rows, onsets, infected, results) in [("kr_ds4c_2020/PatientInfo.csv", 3388, 480, 822, 3385)] {
        let Some(read) = read(file) else { return };
        println!("{:?}", fields(&read));
        for (code, n) in read.codes() {
            println!("{code} {n}");
        }
        assert_eq!(read.errors(), 0);
        assert_eq!(
            (read.cases.len(), read.with("onset"), read.infected(), read.with("result")),
            (rows, onsets, infected, results),
            "{file}"
        );
        assert_eq!(read.mapping.kind, ListKind::Cases);
        assert_eq!(read.mapping.questions(), []);
        let _ = (Severity::Error, Field::all(ListKind::Cases));
    }
}
