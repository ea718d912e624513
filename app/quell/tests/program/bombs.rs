//! Files made to take the machine: a few kilobytes that ask for gigabytes. Each is refused, or read for what it holds, in
//! little memory and a few seconds.

use crate::desk::Desk;
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};
use zip::write::SimpleFileOptions;

/// The program itself holds some 25 MB; a reading of what is refused holds hardly more.
const MOST_KB: u64 = 128_000;

/// Unoptimised, on a busy machine; a release build takes a tenth.
const SOON: Duration = Duration::from_secs(60);

fn zipped(parts: impl IntoIterator<Item = (impl Into<String>, Vec<u8>)>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name.into(), SimpleFileOptions::default()).unwrap();
        zip.write_all(&content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook(more: Vec<(&'static str, Vec<u8>)>) -> Vec<u8> {
    let packages = "http://schemas.openxmlformats.org/package/2006";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let link = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/{kind}\" Target=\"{target}\"/>\
             <Relationship Id=\"r2\" Type=\"{office}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"L\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let frame = vec![
        ("_rels/.rels", link("officeDocument", "xl/workbook.xml").into_bytes()),
        ("xl/workbook.xml", book.into_bytes()),
        ("xl/_rels/workbook.xml.rels", link("worksheet", "worksheets/sheet1.xml").into_bytes()),
    ];
    zipped(frame.into_iter().chain(more))
}

fn sheet(rows: &str) -> Vec<u8> {
    format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    )
    .into_bytes()
}

fn text(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// Given to the program; true when it was read. Whatever happened, it happened soon, in little memory, and in words.
#[track_caller]
fn offered(name: &str, bytes: &[u8], words: &[&str]) -> bool {
    let desk = Desk::of(&format!("bomb-{}", name.replace('.', "-")));
    let file = desk.file(name, bytes);
    let begun = Instant::now();
    let told = desk.quell(&["import", &file, "--dry-run"]);
    let took = begun.elapsed();
    println!(
        "{name}: {} bytes, {} kB held, {:.1} s: {}",
        bytes.len(),
        told.most_kb,
        took.as_secs_f64(),
        told.err.trim()
    );
    assert!(took < SOON, "{name} took {took:?}");
    // What is sent lies in memory once; the rest is ours to bound.
    let most = MOST_KB + 2 * bytes.len() as u64 / 1024;
    assert!(told.most_kb < most, "{name} held {} kB of {most}", told.most_kb);
    assert!(!told.err.contains("panicked"), "{}", told.err);
    for word in words {
        assert!(!told.ok && told.err.contains(word), "{name}: `{}` lacks `{word}`", told.err);
    }
    told.ok
}

#[test]
fn two_cells_in_opposite_corners() {
    let rows = format!(
        "<row r=\"1\">{}{}</row><row r=\"1048576\">{}</row>",
        text("A1", "case_no"),
        text("B1", "sex"),
        text("XFD1048576", "x")
    );
    let bytes = workbook(vec![("xl/worksheets/sheet1.xml", sheet(&rows))]);
    assert!(bytes.len() < 3_000, "{} bytes", bytes.len());
    offered("corners.xlsx", &bytes, &["columns"]);
}

#[test]
fn a_thousand_to_one() {
    let spaces = vec![b' '; 300_000_000];
    let bytes = workbook(vec![("xl/worksheets/sheet1.xml", spaces)]);
    assert!(bytes.len() < 400_000, "{} bytes", bytes.len());
    offered("spaces.xlsx", &bytes, &[";"]);
    let rows = "<c/>".repeat(50_000_000);
    offered("rows.xlsx", &workbook(vec![("xl/worksheets/sheet1.xml", sheet(&rows))]), &["unpacks", ";"]);
}

#[test]
fn a_bomb_in_a_bomb() {
    let inner = zipped([("zeros.xml", vec![b'0'; 50_000_000])]);
    let middle = zipped((0..200).map(|at| (format!("{at}.zip"), inner.clone())));
    // Nothing inside is unpacked but what a workbook is made of.
    offered("nested.zip", &zipped([("one.zip", middle.clone())]), &["zip", ";"]);
    let row = format!("<row r=\"1\">{}{}</row>", text("A1", "case_no"), text("B1", "sex"));
    let parts = vec![("xl/worksheets/sheet1.xml", sheet(&row)), ("xl/embeddings/one.zip", middle)];
    offered("nested.xlsx", &workbook(parts), &[]);
}

#[test]
fn a_million_parts() {
    // Written by hand: local headers, then the directory that names them (APPNOTE 4.3.7, 4.3.12, 4.3.14, 4.3.16).
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for _ in 0..1_000_000_u32 {
        let at = u32::try_from(zip.len()).unwrap();
        zip.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0");
        zip.extend_from_slice(&[0; 12]);
        zip.extend_from_slice(b"\x01\0\0\0a");
        directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0");
        directory.extend_from_slice(&[0; 12]);
        directory.extend_from_slice(b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0");
        directory.extend_from_slice(&at.to_le_bytes());
        directory.push(b'a');
    }
    let (from, size) = (zip.len() as u64, directory.len() as u64);
    zip.extend_from_slice(&directory);
    let end_of_64 = zip.len() as u64;
    zip.extend_from_slice(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
    for number in [1_000_000, 1_000_000, size, from] {
        zip.extend_from_slice(&number.to_le_bytes());
    }
    zip.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    zip.extend_from_slice(&end_of_64.to_le_bytes());
    zip.extend_from_slice(b"\x01\0\0\0");
    zip.extend_from_slice(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    offered("parts.xlsx", &zip, &["parts", ";"]);
}

#[test]
fn shared_texts_without_end() {
    let row = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
    let with = |strings: Vec<u8>| {
        workbook(vec![("xl/worksheets/sheet1.xml", sheet(row)), ("xl/sharedStrings.xml", strings)])
    };
    offered("many.xlsx", &with(b"<si><t>ab</t></si>".repeat(8_000_000)), &[";"]);
    offered("long.xlsx", &with([b"<sst><si><t>".to_vec(), vec![b'x'; 140_000_000]].concat()), &[";"]);
}

#[test]
fn words_that_grow_when_they_are_used() {
    let mut words = String::from("<!DOCTYPE sst [<!ENTITY a0 \"ha\">");
    for level in 1..30 {
        words.push_str(&format!("<!ENTITY a{level} \"&a{0};&a{0};\">", level - 1));
    }
    let strings = format!(
        "{words}<!ENTITY file SYSTEM \"file:///etc/passwd\">]><sst><si><t>&a29;&file;</t></si></sst>"
    );
    let row = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
    let parts =
        vec![("xl/worksheets/sheet1.xml", sheet(row)), ("xl/sharedStrings.xml", strings.into_bytes())];
    offered("laughs.xlsx", &workbook(parts), &["entities", ";"]);
}

#[test]
fn an_opendocument_sheet_of_sixteen_billion_cells() {
    let cell = "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell>";
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"L\">\
         <table:table-row table:number-rows-repeated=\"1048576\">{cell}</table:table-row>\
         </table:table></office:spreadsheet></office:body></office:document-content>"
    );
    offered("billions.ods", &zipped([("content.xml", content.into_bytes())]), &["columns", ";"]);
    let long = [
        b"<office:document-content><office:body><office:spreadsheet><table:table table:name=\"L\"><table:table-row>\
          <table:table-cell office:value-type=\"string\"><text:p>"
            .to_vec(),
        vec![b'x'; 200_000_000],
    ]
    .concat();
    offered("long.ods", &zipped([("content.xml", long)]), &[";"]);
}

#[test]
fn json_that_is_deep_or_long() {
    offered("deep.json", &[b"[{\"a\":".repeat(200_000), b"1".to_vec()].concat(), &[";"]);
    let number = [b"[{\"case_no\":\"1\",\"age\":".to_vec(), vec![b'9'; 5_000_000], b"}]".to_vec()].concat();
    offered("number.json", &number, &[]);
    let wide = [b"[{\"case_no\":".to_vec(), b"[".repeat(100), b"[],".repeat(2_000_000)].concat();
    offered("wide.json", &wide, &[";"]);
}
