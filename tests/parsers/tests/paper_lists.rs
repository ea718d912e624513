//! A paper list in a workbook, as people make one: titles and merged heads above it, days and times as numbers with a style, numbers
//! that the spreadsheet has rounded, and a file made to take the machine.

use parsers::{cells, paper_list};
use serde_json::{Value, json};

fn read(bytes: &[u8]) -> store::Result<Value> {
    rooms::lab::read_paper_list("list.xlsx", bytes, "2022-02-21T12:00:00Z".parse().unwrap())
}

fn refusal(bytes: &[u8]) -> store::Refusal {
    match read(bytes) {
        Err(store::Error::Refused(refusal)) => *refusal,
        other => panic!("it was read: {other:?}"),
    }
}

#[test]
fn days_times_and_numbers_are_read_as_the_sheet_shows_them() {
    let rows = [
        cells(1, &["\"核酸采样登记表（纸质名单）"]),
        cells(2, &["\"采样管", "\"采样", "", "\"人员"]),
        cells(3, &["", "\"日期", "\"时间", "\"姓名", "\"证件类型", "\"证件号码", "\"电话", "\"名单编号", "\"序号"]),
        // A day and a time each with their style; numbers typed as numbers.
        cells(4, &["\"TG-000001", "44613@2", "0.340277777777778@3", "\"甲", "\"护照", "12345678", "13900000000", "\"A7", "1"]),
        // A day with its style beside a time as text.
        cells(5, &["\"tg-000001", "44613@2", "\"8:11", "\"乙", "\"身份证", "\"140726199001010000", "", "\"A7", "2"]),
        // An identity card typed as a number has lost its last digits.
        cells(6, &["\"TG-000001", "44613@2", "\"08:12", "\"丙", "\"身份证", "140726199001011234", "", "\"A7", "3"]),
        // The head of a shared table of texts.
        "<row r=\"7\"><c r=\"A7\" t=\"s\"><v>0</v></c><c r=\"B7\" s=\"2\"><v>44613</v></c><c r=\"C7\" s=\"3\"><v>0.99999</v></c><c r=\"D7\" t=\"s\"><v>1</v></c></row>".to_owned(),
        // A formula that failed is nobody's name.
        "<row r=\"8\"><c r=\"A8\" t=\"s\"><v>0</v></c><c r=\"B8\" s=\"2\"><v>44613</v></c><c r=\"C8\" s=\"3\"><v>0.34</v></c><c r=\"D8\" t=\"e\"><v>#N/A</v></c></row>".to_owned(),
    ];
    let book = paper_list(&rows.concat(), &["A1:I1", "A2:A3", "B2:C2", "D2:I2"], &["TG-000002", "丁"]);
    let list = read(&book).unwrap();
    let rows = list["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &list["read"]), (2, &json!(5)), "{list}");
    assert_eq!(
        (&rows[0]["tube"], &rows[0]["sampled"], &rows[0]["number"], &rows[0]["phone"], &rows[0]["sheet"]),
        (
            &json!("TG-000001"),
            &json!("2022-02-21T08:10"),
            &json!("12345678"),
            &json!("13900000000"),
            &json!("A7/1")
        )
    );
    assert_eq!((&rows[1]["sampled"], &rows[1]["document"]), (&json!("2022-02-21T08:11"), &json!("id_card")));
    let refused: Vec<(u64, &str, &str)> = list["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["row"].as_u64().unwrap(), one["field"].as_str().unwrap(), one["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        refused,
        [
            (6, "number", "lab.list_rounded"),
            (7, "sampled", "lab.paper_future"),
            (8, "name", "lab.list_formula")
        ]
    );
}

#[test]
fn one_column_with_day_and_time_is_read_and_a_day_alone_is_no_time() {
    let head = cells(1, &["\"tube", "\"sampled", "\"name", "\"number"]);
    let rows = [
        cells(2, &["\"TG-000001", "44613.340277777777778@1", "\"A", "\"E1234567"]),
        cells(3, &["\"TG-000001", "44613@2", "\"B", ""]),
        cells(4, &["\"TG-000001", "\"2022-02-21 08:12", "\"C", "\"1.40726E+17"]),
    ];
    let list = read(&paper_list(&(head + &rows.concat()), &[], &[])).unwrap();
    assert_eq!(list["rows"][0]["sampled"], "2022-02-21T08:10");
    let codes: Vec<&Value> = list["refused"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["lab.list_time", "lab.list_rounded"], "{list}");
}

#[test]
fn a_file_of_a_billion_cells_is_refused_before_they_are_laid_out() {
    let corner = "<c r=\"XFD1048576\"><v>1</v></c>";
    let rows = cells(1, &["\"tube", "\"sampled", "\"name"]) + &format!("<row r=\"1048576\">{corner}</row>");
    let book = paper_list(&rows, &["A2:XFD1048576"], &[]);
    assert!(book.len() < 3_000, "{} bytes", book.len());
    let told = refusal(&book);
    assert_eq!(told.code, "lab.list_file");
    assert!(told.en.contains(';') && !told.zh.is_empty(), "{told:?}");
    // As many as a room of people would type in a year, all of them filled.
    let row = |row: usize| cells(row, &["\"TG-000001", "\"2022-02-21 08:12", "\"A"]);
    let many: String = (2..=70_000).map(row).collect();
    let book = paper_list(&(cells(1, &["\"tube", "\"sampled", "\"name"]) + &many), &[], &[]);
    assert!(book.len() < 2_000_000, "{} bytes", book.len());
    assert_eq!(refusal(&book).code, "lab.list_file");
}
