//! Paper lists in a workbook, put together as spreadsheet programs write them: dates by their style, texts told once in a table of
//! their own, cells merged over others.

use crate::seeds::zipped;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGES: &str = "http://schemas.openxmlformats.org/package/2006";

/// One cell: `"text`, a number, or a number with a style behind `@` (1 day and time, 2 day, 3 time).
fn cell(at: &str, told: &str) -> String {
    if let Some(text) = told.strip_prefix('"') {
        return format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    }
    match told.split_once('@') {
        Some((number, style)) => format!("<c r=\"{at}\" s=\"{style}\"><v>{number}</v></c>"),
        None => format!("<c r=\"{at}\"><v>{told}</v></c>"),
    }
}

/// A row from its first column on; nothing stands in an empty one.
pub fn cells(row: usize, told: &[&str]) -> String {
    let filled = told.iter().enumerate().filter(|(_, told)| !told.is_empty());
    let all: String =
        filled.map(|(place, told)| cell(&format!("{}{row}", char::from(b'A' + place as u8)), told)).collect();
    format!("<row r=\"{row}\">{all}</row>")
}

/// The workbook with these rows; `merged` like `A1:D1`. Its texts `shared` are cells of kind `s`, told by their number.
pub fn paper_list(rows: &str, merged: &[&str], shared: &[&str]) -> Vec<u8> {
    let merged: String = merged.iter().map(|range| format!("<mergeCell ref=\"{range}\"/>")).collect();
    let merged = if merged.is_empty() { merged } else { format!("<mergeCells>{merged}</mergeCells>") };
    let shared: String = shared.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    let link = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let links =
        |links: &str| format!("<Relationships xmlns=\"{PACKAGES}/relationships\">{links}</Relationships>");
    let inside = [
        link("r1", "worksheet", "worksheets/sheet1.xml"),
        link("r2", "styles", "styles.xml"),
        link("r3", "sharedStrings", "sharedStrings.xml"),
    ];
    zipped(&[
        (
            "[Content_Types].xml",
            &format!(
                "<Types xmlns=\"{PACKAGES}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        ("_rels/.rels", &links(&link("r1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"List\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", &links(&inside.concat())),
        // 22 is a day with a time, 14 a day, 20 a time (ECMA-376 part 1, 18.8.30).
        (
            "xl/styles.xml",
            &format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/><xf numFmtId=\"14\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>"
            ),
        ),
        ("xl/sharedStrings.xml", &format!("<sst xmlns=\"{MAIN}\">{shared}</sst>")),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData>{merged}</worksheet>"),
        ),
    ])
}
