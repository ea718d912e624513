//! Files that are broken, huge, or hostile, given to the program: it names the row, the column and what to do, keeps what
//! is good, and holds less than half a gigabyte.

use crate::desk::{Desk, Told, account};
use serde_json::Value;
use std::io::{Cursor, Write};

/// A department's laptop has 4 GB and a browser open.
const MOST_KB: u64 = 500_000;

fn offered(test: &str, name: &str, bytes: &[u8]) -> Told {
    let desk = Desk::of(test);
    let file = desk.file(name, bytes);
    let told = desk.quell(&["import", &file]);
    assert!(told.most_kb < MOST_KB, "{name}: {} kB", told.most_kb);
    told
}

/// Refused in one sentence with a remedy after it.
fn refused(test: &str, name: &str, bytes: &[u8], words: &[&str]) {
    let told = offered(test, name, bytes);
    assert!(!told.ok, "{name} was taken: {}", told.out);
    for word in words {
        assert!(told.err.contains(word), "{name}: {} lacks `{word}`", told.err);
    }
    assert!(!told.err.contains("panicked"), "{}", told.err);
}

fn kept(test: &str, name: &str, bytes: &[u8]) -> Value {
    let desk = Desk::of(test);
    let file = desk.file(name, bytes);
    desk.import(&file, &[])
}

#[track_caller]
fn problem(report: &Value, code: &str) -> Value {
    let problems = report["problems"].as_array().expect("problems");
    let found = problems.iter().find(|problem| problem["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {problems:#?}")).clone()
}

#[test]
fn an_empty_file() {
    refused("empty", "list.csv", b"", &["empty", ";"]);
}

#[test]
fn a_file_in_the_wrong_encoding_says_which_letters_were_lost() {
    let mut bytes = b"case_no,sex,age,place\nC1,female,31,".to_vec();
    bytes.extend([0xff, 0xfe, 0x81, 0x20, 0xc3]);
    bytes.extend(b"\nC2,male,32,Taigu\n");
    let desk = Desk::of("encoding");
    let file = desk.file("list.csv", &bytes);
    let report = desk.import(&file, &["--encoding", "utf-8"]);
    assert_eq!(account(&report)[0], 2, "what is good is kept");
    assert!(problem(&report, "encoding.replaced")["message"].as_str().unwrap().contains("--encoding"));
}

#[test]
fn two_header_rows() {
    let text = "case,person,,dates,\n,sex,age,onset date,report date\nC1,female,31,2022-02-11,2022-02-12\n";
    let report = kept("headers", "list.csv", text.as_bytes());
    assert_eq!(account(&report), [1, 0, 0, 0, 0], "{report}");
    problem(&report, "header.two_rows");
    // A row of units below the names is no second header: it comes in as a row, and each of its cells is told.
    let text = "case_no,sex,age,onset date\nnumber,f/m,years,day\nC1,female,31,2022-02-11\n";
    let report = kept("units", "list.csv", text.as_bytes());
    for (code, column) in
        [("value.unknown", "sex"), ("age.unreadable", "age"), ("date.unreadable", "onset date")]
    {
        let told = problem(&report, code);
        assert_eq!((&told["row"], &told["column"]), (&Value::from(2), &Value::from(column)));
    }
}

#[test]
fn the_31st_of_february() {
    let text = "case_no,sex,age,onset date\nC1,female,31,2022-02-28\nC2,male,32,2022-02-31\n";
    let report = kept("february", "list.csv", text.as_bytes());
    let told = problem(&report, "date.no_such_day");
    assert_eq!((&told["row"], &told["value"]), (&Value::from(3), &Value::from("2022-02-31")));
    assert_eq!(account(&report)[0], 2, "the case is kept without the day");
}

#[test]
fn a_million_columns() {
    let mut text = vec![b','; 1_000_000];
    text.extend(b"\n1,2\n");
    refused("columns", "list.csv", &text, &["columns", ";"]);
}

#[test]
fn a_workbook_cut_off_in_the_middle() {
    let whole = workbook(&cells());
    refused("truncated", "list.xlsx", &whole[..whole.len() / 2], &["damaged", ";"]);
    refused("truncated-more", "list.xlsx", &whole[..40], &[";"]);
}

#[test]
fn a_billion_declared_cells() {
    let sheet = format!("<dimension ref=\"A1:ALL1000000\"/>{}", cells());
    let report = kept("declared", "list.xlsx", &workbook(&sheet));
    assert_eq!(account(&report)[0], 1, "what is declared takes no memory, what is there is read: {report}");
    let told = offered("declared-memory", "list.xlsx", &workbook(&sheet));
    assert!(told.ok, "{}", told.err);
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes() {
    let row =
        format!("<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>{}</t></is></c></row>", "0".repeat(64));
    let mut sheet = String::from("<sheetData>");
    while sheet.len() < 40_000_000 {
        sheet.push_str(&row);
    }
    sheet.push_str("</sheetData>");
    let told = offered("bomb", "list.xlsx", &workbook(&sheet));
    assert!(!told.err.contains("panicked"), "{}", told.err);
}

#[test]
fn a_number_that_stands_for_two_people() {
    let text =
        "case_no,sex,age,onset date\nC1,female,31,2022-02-11\nC2,male,32,2022-02-12\nC1,male,77,2022-02-13\n";
    let report = kept("duplicate", "list.csv", text.as_bytes());
    assert_eq!(account(&report), [2, 0, 0, 0, 1]);
    let told = problem(&report, "case_no.duplicate");
    assert_eq!((&told["row"], &told["value"]), (&Value::from(4), &Value::from("C1")));
    assert!(told["message"].as_str().unwrap().contains("give one of the two another number"), "{told}");
}

#[test]
fn a_county_nobody_knows() {
    let text =
        "case_no,sex,age,onset date,county\nC1,female,31,2022-02-11,Atlantis\nC2,male,32,2022-02-12,太谷区\n";
    let report = kept("county", "list.csv", text.as_bytes());
    let told = problem(&report, "place.unknown");
    assert_eq!((&told["row"], &told["value"]), (&Value::from(2), &Value::from("Atlantis")));
    assert!(told["message"].as_str().unwrap().contains("correct the name"), "{told}");
    assert_eq!(account(&report)[0], 2, "kept with its place as text");
}

fn cells() -> String {
    let row = |number: u32, cells: [&str; 3]| {
        let cell = |(at, text): (usize, &&str)| {
            let column = ["A", "B", "C"][at];
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        };
        format!("<row r=\"{number}\">{}</row>", cells.iter().enumerate().map(cell).collect::<String>())
    };
    let rows = row(1, ["case_no", "sex", "onset date"]) + &row(2, ["C1", "female", "2022-02-11"]);
    format!("<sheetData>{rows}</sheetData>")
}

/// The smallest workbook with one sheet (ECMA-376 part 1, 12.2), its inside written by hand.
fn workbook(sheet: &str) -> Vec<u8> {
    let packages = "http://schemas.openxmlformats.org/package/2006";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{packages}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        ("_rels/.rels", relation(packages, office, "officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"L\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relation(packages, office, "worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\">{sheet}</worksheet>")),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn relation(packages: &str, office: &str, kind: &str, target: &str) -> String {
    format!(
        "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/{kind}\" Target=\"{target}\"/></Relationships>"
    )
}
