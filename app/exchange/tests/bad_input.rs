//! Files as they really arrive: broken, endless, in the wrong characters. Each is refused in words that say
//! what to do, or read with every doubt named by row, column and value; nothing good in it is lost.

use exchange::{Caps, Choice, File, FileError, Source, open};
use linelist::{Cell, Draft, Drafter, Problem, Profile, Severity, recognise};
use std::{
    io::{Cursor, Write},
    sync::Arc,
};

fn try_open(name: &str, bytes: &[u8]) -> Result<File, FileError> {
    open(Source { name, bytes: Arc::from(bytes) }, &Choice::default(), &Caps::default())
}

/// Opens, maps and drafts; gives the drafts and every problem.
fn drafted(name: &str, bytes: &[u8]) -> (Vec<(u64, Draft)>, Vec<Problem>) {
    let file = try_open(name, bytes).unwrap();
    let rows: Vec<exchange::Row> = file.rows().map(|row| row.unwrap()).collect();
    let profile = Profile::of(&file.columns, rows.iter().map(|row| &row.cells));
    let mapping = recognise(&file.columns, &profile, None);
    let mut drafter = Drafter::new(&mapping, &file.columns);
    let (mut drafts, mut problems) = (Vec::new(), file.notes.clone());
    problems.extend(mapping.notes.clone());
    for row in rows {
        let read = drafter.draft(row.number, &row.cells);
        problems.extend(read.problems);
        drafts.extend(read.draft.map(|draft| (row.number, draft)));
    }
    (drafts, problems)
}

fn refused(name: &str, bytes: &[u8], code: &str) {
    let refusal = match try_open(name, bytes) {
        Err(refusal) => refusal,
        // Streams may only fail further down.
        Ok(file) => file.rows().find_map(Result::err).expect("an error somewhere in the file"),
    };
    assert_eq!(refusal.code(), code);
    // Both faces say something, and the English one ends with what to do.
    assert!(refusal.to_string().contains(';') && !refusal.zh().is_empty(), "{refusal}");
}

/// A problem with this code; where it stands.
fn found<'a>(problems: &'a [Problem], code: &str) -> &'a Problem {
    problems
        .iter()
        .find(|problem| problem.code == code)
        .unwrap_or_else(|| panic!("no {code} in {problems:#?}"))
}

/// A workbook with one sheet, its inside written by hand.
fn workbook(properties: &str, sheet: &str) -> Vec<u8> {
    let kinds = "http://schemas.openxmlformats.org/package/2006";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                r#"<Types xmlns="{kinds}/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{office}">{properties}<sheets><sheet name="Cases" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{main}">{sheet}</worksheet>"#)),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn texts(cells: &[(&str, &str)]) -> String {
    let cell = |(at, text): &(&str, &str)| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    cells.iter().map(cell).collect()
}

#[test]
fn an_empty_file_is_refused() {
    refused("list.csv", b"", "file.empty");
    refused("list.csv", b"\n \r\n\0\0", "file.empty");
    refused("list.json", b"[]", "file.empty");
}

#[test]
fn chinese_in_its_old_encoding_is_read_and_a_wrong_one_is_noticed() {
    let text = "病例编号,性别,发病日期\n太谷1,女,2022-02-18\n太谷2,男,2022-02-19\n";
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    let file = try_open("list.csv", &gbk).unwrap();
    assert_eq!((file.encoding.as_deref(), file.columns[0].as_str()), (Some("gb18030"), "病例编号"));

    let choice = Choice { encoding: Some("utf-8".into()), ..Choice::default() };
    let source = Source { name: "list.csv", bytes: Arc::from(gbk.as_slice()) };
    let file = open(source, &choice, &Caps::default()).unwrap();
    let note = found(&file.notes, "encoding.replaced");
    assert!(note.severity == Severity::Warning && note.message.contains("--encoding"));
}

#[test]
fn a_day_that_does_not_exist_keeps_its_row_and_names_row_column_value_and_remedy() {
    let (drafts, problems) =
        drafted("list.csv", b"case_id,onset,report\n1,2022-02-28,2022-03-01\n2,2022-02-31,2022-03-01\n");
    assert_eq!(drafts.len(), 2);
    let problem = found(&problems, "date.no_such_day");
    assert_eq!(
        (problem.row, problem.column.as_deref(), problem.value.as_deref()),
        (3, Some("onset"), Some("2022-02-31"))
    );
    assert!(problem.severity == Severity::Warning && problem.message.contains("correct the cell"));
    let Draft::Case(second) = &drafts[1].1 else { panic!("a list of cases") };
    assert_eq!(second.said["onset"], "2022-02-31");
    assert_eq!(second.dates.day(cases::DateKind::Report).unwrap().to_string(), "2022-03-01");
}

#[test]
fn two_header_rows_are_read_as_one() {
    let text = "编号,患者信息,,日期,\n,姓名,性别,发病日期,确诊日期\n1,王某,女,2022-02-18,2022-02-21\n";
    let (drafts, problems) = drafted("list.csv", text.as_bytes());
    found(&problems, "header.two_rows");
    let Draft::Case(case) = &drafts[0].1 else { panic!("a list of cases") };
    assert_eq!((drafts.len(), drafts[0].0, case.case_no.as_deref()), (1, 3, Some("1")));
    assert_eq!((case.person.sex, case.dates.0.len()), (Some(cases::Sex::Female), 2));
}

#[test]
fn a_sheet_that_claims_a_billion_cells_is_refused_for_the_one_that_is_out_of_reach() {
    let rows = format!(
        r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{}</row><row r="2">{}</row><row r="1048576">{}</row></sheetData>"#,
        texts(&[("A1", "case_id"), ("B1", "onset")]),
        texts(&[("A2", "1"), ("B2", "2022-02-18")]),
        texts(&[("XFD1048576", "x")]),
    );
    refused("bomb.xlsx", &workbook("", &rows), "file.too_many_columns");
}

#[test]
fn a_sheet_that_only_declares_a_billion_cells_is_read_for_what_it_holds() {
    let rows = format!(
        r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{}</row><row r="2">{}</row><row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>"#,
        texts(&[("A1", "case_id"), ("B1", "onset")]),
        texts(&[("A2", "1"), ("B2", "2022-02-18")]),
    );
    let (drafts, _) = drafted("wide.xlsx", &workbook("", &rows));
    assert_eq!(drafts.len(), 1);
}

#[test]
fn a_million_columns_are_refused() {
    refused("list.csv", "x,".repeat(1_000_000).as_bytes(), "file.too_many_columns");
}

#[test]
fn a_truncated_workbook_is_refused() {
    let whole =
        workbook("", &format!("<sheetData><row r=\"1\">{}</row></sheetData>", texts(&[("A1", "case_id")])));
    for part in [whole.len() / 4, whole.len() / 2, whole.len() - 10] {
        refused("cut.xlsx", &whole[..part], "file.damaged");
    }
    // The archive is whole and the sheet inside it breaks off.
    let torn = format!(
        r#"<sheetData><row r="1">{}</row><row r="2"><c r="A2" t="inlineStr"><is>"#,
        texts(&[("A1", "case_id")])
    );
    refused("torn.xlsx", &workbook("", &torn), "file.damaged");
}

#[test]
fn a_workbook_that_unpacks_without_end_is_refused_while_it_is_counted() {
    let padding = format!("<sheetData>{}</sheetData>", " ".repeat(3_000_000));
    let bytes = workbook("", &padding);
    assert!(bytes.len() < 20_000);
    let caps = Caps { unpacked_bytes: 1_000_000, ..Caps::default() };
    let refusal =
        open(Source { name: "bomb.xlsx", bytes: Arc::from(bytes) }, &Choice::default(), &caps).err().unwrap();
    assert_eq!(refusal.code(), "file.unpacks_too_large");
}

#[test]
fn days_of_a_1904_workbook_are_the_days_its_screen_shows() {
    let sheet = |serial: u32| {
        format!(
            r#"<sheetData><row r="1">{}</row><row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>{serial}</v></c></row></sheetData>"#,
            texts(&[("A1", "case_id"), ("B1", "onset")])
        )
    };
    // 43,879 days after 1899-12-30 and 42,417 days after 1904-01-01 are both 2020-02-18.
    for (properties, serial) in [("", 43_879), (r#"<workbookPr date1904="1"/>"#, 42_417)] {
        let (drafts, _) = drafted("list.xlsx", &workbook(properties, &sheet(serial)));
        let Draft::Case(case) = &drafts[0].1 else { panic!("a list of cases") };
        assert_eq!(case.dates.day(cases::DateKind::Onset).unwrap().to_string(), "2020-02-18", "{properties}");
    }
}

#[test]
fn formulas_give_their_result_and_failed_ones_say_so() {
    let sheet = format!(
        r#"<sheetData><row r="1">{}</row>
        <row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>TODAY()</f><v>2022-02-18</v></c><c r="C2"><v>44</v></c></row>
        <row r="3"><c r="A3"><v>3</v></c><c r="B3" t="e"><f>VLOOKUP(1,A1,9)</f><v>#N/A</v></c><c r="C3"><f>B3+1</f></c></row>
        <row r="4"><c r="A4"><v>4</v></c><c r="B4" t="e"><f>A1/0</f><v>#DIV/0!</v></c><c r="C4"><v>7</v></c></row></sheetData>"#,
        texts(&[("A1", "case_id"), ("B1", "onset"), ("C1", "age")])
    );
    let (drafts, problems) = drafted("list.xlsx", &workbook("", &sheet));
    let Draft::Case(first) = &drafts[0].1 else { panic!("a list of cases") };
    assert_eq!((drafts.len(), first.case_no.as_deref(), first.person.age_years), (3, Some("2"), Some(44.0)));
    let failed: Vec<(u64, &str)> = problems
        .iter()
        .filter(|problem| problem.code == "cell.formula_failed")
        .map(|problem| (problem.row, problem.column.as_deref().unwrap()))
        .collect();
    // `#N/A` says that nothing is known; a division by zero and a formula nobody computed are faults.
    assert_eq!(failed, [(3, "age"), (4, "onset")]);
}

#[test]
fn ragged_rows_are_read_and_said() {
    let text = b"case_id,sex,onset\n1,f,2022-02-18\n2,m\n3,f,2022-02-19,what,is this\n";
    let (drafts, problems) = drafted("list.csv", text);
    assert_eq!(drafts.len(), 3);
    assert_eq!((found(&problems, "row.too_short").row, found(&problems, "row.too_long").row), (3, 4));
}

#[test]
fn nul_bytes_and_an_endless_cell_do_no_harm() {
    let mut text = b"case_id,onset,note\n\x001\0,2022-02-18,".to_vec();
    text.extend(std::iter::repeat_n(b'x', 1_000_000));
    text.extend(b"\n2,2022-02-19,short\n");
    let (drafts, problems) = drafted("list.csv", &text);
    let Draft::Case(first) = &drafts[0].1 else { panic!("a list of cases") };
    assert_eq!(
        (drafts.len(), first.case_no.as_deref(), first.said["column:note"].len()),
        (2, Some("1"), 64 * 1024)
    );
    assert_eq!(found(&problems, "cell.cut").row, 2);
}

#[test]
fn one_line_of_many_megabytes_is_no_list_and_stays_small() {
    let file = try_open("list.csv", &vec![b'x'; 30_000_000]).unwrap();
    found(&file.notes, "header.none");
    let rows: Vec<exchange::Row> = file.rows().map(|row| row.unwrap()).collect();
    assert_eq!((rows.len(), rows[0].cells[0].text().len()), (1, 64 * 1024));
}

#[test]
fn an_unknown_county_and_a_repeated_number_are_passed_on_as_they_stand() {
    let text = "病例编号,现住县区,性别,年龄\n1,不存在县,女,30\n1,太谷区,男,61\n";
    let (drafts, problems) = drafted("list.csv", text.as_bytes());
    assert_eq!((drafts.len(), problems.len()), (2, 0));
    let Draft::Case(first) = &drafts[0].1 else { panic!("a list of cases") };
    assert_eq!(first.residence.names, ["不存在县"]);
}

#[test]
fn what_is_no_list_is_named_for_what_it_is() {
    refused("list.pdf", b"%PDF-1.7 ...", "file.unknown_format");
    refused("list.csv", b"a,b\n1,2\n3,\"4\n5,6\n", "file.open_quote");
    refused("list.json", b"[{\"id\": 1}, {\"id\": ", "file.bad_json");
    refused("list.json", b"[1, 2, 3]", "file.not_records");
}

#[test]
fn a_file_above_the_cap_is_refused_before_it_is_looked_at() {
    let caps = Caps { file_bytes: 10, ..Caps::default() };
    let source = Source { name: "list.csv", bytes: Arc::from(&b"case_id,onset\n"[..]) };
    assert_eq!(
        open(source, &Choice::default(), &caps).err().unwrap(),
        FileError::TooLarge { bytes: 14, cap: 10 }
    );
}

#[test]
fn an_open_document_with_a_million_declared_rows_is_read_for_what_it_holds() {
    let names = r#"xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0""#;
    let text = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let content = format!(
        r#"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="Liste">
        <table:table-row>{}{}{}<table:table-cell table:number-columns-repeated="16381"/></table:table-row>
        <table:table-row><table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>{}<table:table-cell office:value-type="date" office:date-value="2022-02-18"><text:p>18.02.22</text:p></table:table-cell></table:table-row>
        <table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        </table:table></office:spreadsheet></office:body></office:document-content>"#,
        text("case_id"),
        text("note"),
        text("onset"),
        text("A &amp; B &lt;3"),
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let file = try_open("list.ods", &bytes).unwrap();
    assert_eq!(
        (file.format, file.sheet.as_deref(), file.columns.len()),
        (exchange::Format::Ods, Some("Liste"), 3)
    );
    let rows: Vec<exchange::Row> = file.rows().map(|row| row.unwrap()).collect();
    let expected = [Cell::Number(7.0), Cell::Text("A & B <3".into()), Cell::Text("2022-02-18".into())];
    assert_eq!((rows.len(), rows[0].number, rows[0].cells.as_slice()), (1, 2, &expected[..]));
}

/// An XLS workbook of one sheet, written record by record: a compound file of one allocation sector, one
/// directory sector and the workbook's own.
fn old_workbook(cells: &[(u16, u16, &str)]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    };
    let begin =
        |what: u16| record(0x0809, &[&0x0600_u16.to_le_bytes()[..], &what.to_le_bytes(), &[0; 12]].concat());
    let end = record(0x000A, &[]);
    let mut sheet = begin(0x0010);
    for (row, column, text) in cells {
        let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
        sheet.extend(match text.parse::<f64>() {
            Ok(number) => record(0x0203, &[&place[..], &number.to_le_bytes()].concat()),
            Err(_) => {
                let length = u16::try_from(text.len()).unwrap();
                record(0x0204, &[&place[..], &length.to_le_bytes(), &[0], text.as_bytes()].concat())
            }
        });
    }
    sheet.extend(&end);
    let named = |at: u32| record(0x0085, &[&at.to_le_bytes()[..], &[0, 0, 5, 0], b"Cases"].concat());
    let at = begin(0x0005).len() + named(0).len() + end.len();
    let mut stream = [begin(0x0005), named(u32::try_from(at).unwrap()), end, sheet].concat();
    // Streams below 4,096 bytes live elsewhere in the file; sectors have 512.
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);

    let sectors = stream.len() / 512;
    let last = 0xFFFF_FFFE_u32;
    let mut header = vec![0_u8; 512];
    header[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    for (at, word) in [(0x18, 0x3E_u16), (0x1A, 3), (0x1C, 0xFFFE), (0x1E, 9), (0x20, 6)] {
        header[at..at + 2].copy_from_slice(&word.to_le_bytes());
    }
    for (at, word) in [(0x2C, 1), (0x30, 1), (0x38, 4096), (0x3C, last), (0x44, last)] {
        header[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    header[0x50..].fill(0xFF);
    let mut table = vec![0xFFFF_FFFD_u32, last];
    table.extend((0..sectors).map(|n| if n + 1 < sectors { u32::try_from(n + 3).unwrap() } else { last }));
    table.resize(128, 0xFFFF_FFFF);
    let entry = |name: &str, kind: u8, first: u32, length: usize| {
        let mut entry = vec![0_u8; 128];
        let name: Vec<u8> = format!("{name}\0").encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..name.len()].copy_from_slice(&name);
        entry[64..66].copy_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        entry[66] = kind;
        entry[68..80].fill(0xFF);
        entry[116..120].copy_from_slice(&first.to_le_bytes());
        entry[120..124].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        entry
    };
    let directory =
        [entry("Root Entry", 5, last, 0), entry("Workbook", 2, 2, stream.len()), vec![0; 256]].concat();
    let table: Vec<u8> = table.into_iter().flat_map(u32::to_le_bytes).collect();
    [header, table, directory, stream].concat()
}

#[test]
fn an_old_workbook_is_read_and_one_that_spans_its_corners_is_refused() {
    let list = [
        (0, 0, "case_id"),
        (0, 1, "onset"),
        (0, 2, "age"),
        (1, 0, "TG-1"),
        (1, 1, "2022-02-18"),
        (1, 2, "59"),
    ];
    let (drafts, _) = drafted("list.xls", &old_workbook(&list));
    let Draft::Case(case) = &drafts[0].1 else { panic!("a list of cases") };
    assert_eq!((drafts[0].0, case.case_no.as_deref(), case.person.age_years), (2, Some("TG-1"), Some(59.0)));

    // Laid out as a rectangle, these two cells would take half a gigabyte.
    let corners = [&list[..], &[(65_535, 255, "x")]].concat();
    refused("corners.xls", &old_workbook(&corners), "file.sheet_too_large");
}

#[test]
fn what_a_person_says_about_a_file_is_done_or_refused() {
    let said = |choice: Choice| {
        let bytes = b"remark;1\nid;day\nid;onset\n7;2022-02-18\n";
        open(Source { name: "list.csv", bytes: Arc::from(&bytes[..]) }, &choice, &Caps::default())
    };
    let file = said(Choice { header_row: Some(3), ..Choice::default() }).unwrap();
    assert_eq!(
        (file.columns.as_slice(), file.rows().count()),
        (&["id".to_owned(), "onset".to_owned()][..], 1)
    );
    let code = |choice: Choice| said(choice).err().map(|refusal| refusal.code());
    assert_eq!(code(Choice { header_row: Some(99), ..Choice::default() }), Some("file.header_beyond"));
    assert_eq!(code(Choice { delimiter: Some('，'), ..Choice::default() }), Some("file.bad_delimiter"));

    let bytes =
        workbook("", &format!("<sheetData><row r=\"1\">{}</row></sheetData>", texts(&[("A1", "case_id")])));
    let choice = Choice { sheet: Some("Contacts".into()), ..Choice::default() };
    let refusal =
        open(Source { name: "list.xlsx", bytes: Arc::from(bytes) }, &choice, &Caps::default()).err().unwrap();
    assert!(refusal.to_string().ends_with("it has: Cases"), "{refusal}");
}
