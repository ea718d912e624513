//! A paper list somebody typed into a spreadsheet, row by row: what it says of each person, or why a row is refused and what to do.
//! Nothing is written: the page shows the rows, and sends tubes through the same door as telephones.
//!
//! Deliberately absent: check digits. They are a hint to whoever types, on the page, and never a wall.

use crate::lab::people::Document;
use crate::refuse::invalid;
use crate::trace::fence::Wall;
use base::Moment;
use exchange::{Caps, Choice, Source};
use lab::{Barcode, TubeSize};
use linelist::Cell;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Error, Result};

/// What the columns may be called.
const COLUMNS: [(&str, &[&str]); 12] = [
    ("tube", &["tube", "barcode", "采样管", "采样管码", "管码"]),
    ("size", &["size", "几人管", "一管几人"]),
    ("sampled", &["sampled", "sampled_at", "采样时间"]),
    ("day", &["day", "date", "日期", "采样日期"]),
    ("time", &["time", "时间"]),
    ("sampler", &["sampler", "采样人", "采样员"]),
    ("sheet", &["sheet", "名单编号", "名单"]),
    ("line", &["line", "行", "行号", "序号"]),
    ("name", &["name", "姓名"]),
    ("document", &["document", "证件类型", "证件"]),
    ("number", &["number", "id_number", "证件号", "证件号码", "身份证号"]),
    ("telephone", &["telephone", "phone", "电话", "手机号", "联系电话"]),
];

/// What the documents may be called.
const DOCUMENTS: [(Document, &[&str]); 5] = [
    (Document::IdCard, &["id_card", "id card", "身份证", "居民身份证"]),
    (Document::Passport, &["passport", "护照"]),
    (Document::Other, &["other", "其他"]),
    (Document::Guardian, &["guardian", "监护人"]),
    (Document::None, &["none", "无"]),
];

/// Names, numbers and the like are short, as in a telephone's tubes.
const LONGEST: usize = 200;

/// A tube has one time, that of its first row: further apart than half an hour two rows are of two samplings.
const APART_MINUTES: u32 = 30;

/// Spreadsheets keep fifteen digits of a number; those of an identity card are eighteen.
const EXACT: f64 = 1e15;

/// A list is some thousand rows: whatever unpacks to more is something else.
fn caps() -> Caps {
    Caps {
        file_bytes: 2_000_000,
        columns: 200,
        cells: 200_000,
        cell_bytes: 1_000,
        unpacked_bytes: 50_000_000,
        declared_cells: 500_000,
    }
}

struct Line {
    row: u64,
    cells: BTreeMap<&'static str, Cell>,
}

impl Line {
    fn text(&self, field: &str) -> String {
        self.cells.get(field).map(|cell| cell.text().trim().to_owned()).unwrap_or_default()
    }
}

/// What is wrong with a row, and in which field.
type Failed = (&'static str, Error);

/// Every row accounted for: read, or refused with number, field and remedy.
///
/// # Errors
/// When the file cannot be read, or has no columns for tube, time and person.
pub fn read(name: &str, bytes: &[u8], now: Moment) -> Result<Json> {
    let lines = lines_of(name, bytes)?;
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    // How many are in each tube, and when its first row was sampled.
    let mut filled: BTreeMap<String, (u64, Wall)> = BTreeMap::new();
    for line in &lines {
        match look(line, now) {
            Ok((sampled, row)) => {
                let tube = row["tube"].as_str().unwrap_or_default().to_owned();
                let size = row["size"].as_u64().unwrap_or(20);
                let (people, first) = filled.entry(tube).or_insert((0, sampled));
                if *people >= size {
                    refused.push(told(line.row, "tube", &over_full(size))?);
                } else if first.0.0.abs_diff(sampled.0.0) > APART_MINUTES {
                    refused.push(told(line.row, "sampled", &other_time())?);
                } else {
                    *people += 1;
                    rows.push(row);
                }
            }
            Err((field, fault)) => refused.push(told(line.row, field, &fault)?),
        }
    }
    assert_eq!(rows.len() + refused.len(), lines.len(), "every row is accounted for");
    Ok(json!({ "rows": rows, "refused": refused, "read": lines.len() }))
}

fn over_full(size: u64) -> Error {
    invalid(
        "lab.over_full",
        "tube",
        format!(
            "there are more rows of this tube than the {size} it is for; give the others the barcode of their own tube"
        ),
        format!("该管的行数超过 {size} 人；请为其余人员填写其所在采样管的管码"),
    )
}

fn other_time() -> Error {
    let en = "this is another time than that of the tube's first row, and a tube is filled once; correct the time, or the tube";
    invalid(
        "lab.list_two_times",
        "sampled",
        en,
        "与该管首行的采样时间不符，一管只采一次；请更正采样时间或管码",
    )
}

fn told(row: u64, field: &str, fault: &Error) -> Result<Json> {
    let Error::Refused(refusal) = fault else {
        return Err(Error::Shape("a row that is no refusal".to_owned()));
    };
    Ok(json!({ "row": row, "field": field, "code": refusal.code, "en": refusal.en, "zh": refusal.zh }))
}

fn lines_of(name: &str, bytes: &[u8]) -> Result<Vec<Line>> {
    let unreadable =
        |fault: exchange::FileError| invalid("lab.list_file", "file", fault.to_string(), fault.zh());
    let file = exchange::open(Source { name, bytes: bytes.into() }, &Choice::default(), &caps())
        .map_err(unreadable)?;
    let places: Vec<(&'static str, usize)> = COLUMNS
        .iter()
        .filter_map(|(field, names)| {
            let at =
                file.columns.iter().position(|column| names.contains(&column.trim().to_lowercase().as_str()));
            at.map(|at| (*field, at))
        })
        .collect();
    let has = |field: &str| places.iter().any(|(known, _)| *known == field);
    if !has("tube") || !(has("sampled") || (has("day") && has("time"))) || !(has("name") || has("number")) {
        return Err(invalid(
            "lab.list_columns",
            "file",
            "the table has no columns for the tube, the time and the person; download the template, or name its columns tube, sampled (or day and time), name, document, number, telephone",
            "表中缺少采样管、采样时间或人员列；请下载模板，或将列命名为采样管、采样时间（或日期、时间）、姓名、证件类型、证件号码、电话",
        ));
    }
    let mut lines = Vec::new();
    for row in file.rows() {
        let row = row.map_err(unreadable)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        let cells = places
            .iter()
            .filter_map(|(field, at)| row.cells.get(*at).map(|cell| (*field, cell.clone())))
            .collect();
        lines.push(Line { row: row.number, cells });
    }
    Ok(lines)
}

/// What a spreadsheet has done to a cell before anybody read it: nobody's number is guessed from what is left.
fn whole(line: &Line) -> std::result::Result<(), Failed> {
    for (field, cell) in &line.cells {
        if let Cell::Error(_) = cell {
            let en = "its formula has no result; write the text itself into the cell";
            return Err((
                *field,
                invalid("lab.list_formula", field, en, "公式没有结果；请在单元格中直接填写内容"),
            ));
        }
        if is_rounded(cell) {
            let en = "the spreadsheet has rounded this number; format the column as text and type it again";
            let zh = "表格软件已将该号码四舍五入；请将该列设为文本格式后重新录入";
            return Err((*field, invalid("lab.list_rounded", field, en, zh)));
        }
    }
    Ok(())
}

/// A number of more digits than are kept, or one that was saved as `1.40726E+17`.
fn is_rounded(cell: &Cell) -> bool {
    match cell {
        Cell::Number(number) => number.abs() >= EXACT,
        Cell::Text(text) if text.contains("E+") => {
            text.trim().parse::<f64>().is_ok_and(|number| number.abs() >= EXACT)
        }
        _ => false,
    }
}

fn look(line: &Line, now: Moment) -> std::result::Result<(Wall, Json), Failed> {
    whole(line)?;
    for field in ["sampler", "sheet", "line", "name", "number", "telephone"] {
        if line.text(field).len() > LONGEST {
            let en = format!("more than {LONGEST} characters; shorten it");
            let zh = format!("超过 {LONGEST} 个字符；请缩短");
            return Err((field, invalid("lab.too_long", field, en, zh)));
        }
    }
    let tube = Barcode::typed(&line.text("tube")).map_err(|fault| {
        let zh = "管码应为 4 至 32 位大写字母、数字或连字符；请按管上条码填写";
        ("tube", invalid("lab.not_a_barcode", "tube", fault.to_string(), zh))
    })?;
    let size = size_of(line)?;
    let sampled = sampled_at(line)?;
    if sampled > Wall::at(now) {
        let en = "this time has not come yet; write day and time as the sheet has them";
        return Err((
            "sampled",
            invalid("lab.paper_future", "sampled", en, "采样时间尚未到来；请按纸质名单填写"),
        ));
    }
    let (name, number) = (line.text("name"), line.text("number"));
    if name.is_empty() && number.is_empty() {
        let en = "nobody is named; give a name or a document's number, or leave the row out";
        return Err((
            "name",
            invalid("lab.nobody_named", "name", en, "未写明人员；请填写姓名或证件号码，或删去该行"),
        ));
    }
    let sheet = match (line.text("sheet"), line.text("line")) {
        (sheet, _) if sheet.is_empty() => None,
        (sheet, line) if line.is_empty() => Some(sheet),
        (sheet, line) => Some(format!("{sheet}/{line}")),
    };
    let row = json!({
        "row": line.row, "tube": tube, "size": size.map(TubeSize::swabs), "sampled": sampled, "sampler": line.text("sampler"),
        "sheet": sheet, "name": name, "document": document_of(line, &number)?, "number": number, "phone": line.text("telephone"),
    });
    Ok((sampled, row))
}

fn size_of(line: &Line) -> std::result::Result<Option<TubeSize>, Failed> {
    let text = line.text("size");
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.parse::<u8>().ok().and_then(|size| TubeSize::of(size).ok());
    read.map(Some).ok_or_else(|| {
        let en = format!("no tube is made for `{text}`; use one of 1, 5, 10 or 20, or leave it empty");
        let zh = format!("没有“{text}”人管；请填 1、5、10 或 20，或留空");
        ("size", invalid("lab.list_size", "size", en, zh))
    })
}

/// One column with both, or a day and a time of it.
fn sampled_at(line: &Line) -> std::result::Result<Wall, Failed> {
    let whole = line.cells.get("sampled").filter(|cell| !cell.is_blank());
    let read = match whole {
        // Midnight to a spreadsheet, and to whoever typed it a day without its time.
        Some(Cell::Serial(days)) if days.fract() == 0.0 => None,
        Some(cell) => Wall::in_cell(cell),
        None => match (line.cells.get("day"), line.cells.get("time")) {
            (Some(day), Some(time)) => Wall::in_cells(day, time),
            _ => None,
        },
    };
    read.ok_or_else(|| {
        let en = "this is no day with a time; write it as 2022-02-20 18:30";
        ("sampled", invalid("lab.list_time", "sampled", en, "采样时间无法识别；请写作 2022-02-20 18:30"))
    })
}

fn document_of(line: &Line, number: &str) -> std::result::Result<Document, Failed> {
    let text = line.text("document").to_lowercase();
    if text.is_empty() {
        let plain: Vec<char> = number.chars().filter(|letter| !letter.is_whitespace()).collect();
        let digits = plain.iter().take(17).filter(|letter| letter.is_ascii_digit()).count();
        return Ok(match plain.len() {
            0 => Document::None,
            18 if digits == 17 => Document::IdCard,
            _ => Document::Other,
        });
    }
    let found = DOCUMENTS.iter().find(|(_, names)| names.contains(&text.as_str()));
    found.map(|(document, _)| *document).ok_or_else(|| {
        let en = "this is no kind of document; write id card, passport, guardian, other or none";
        (
            "document",
            invalid(
                "lab.list_document",
                "document",
                en,
                "证件类型无法识别；请写身份证、护照、监护人、其他或无",
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn every_row_is_read_or_refused_with_its_number_field_and_remedy() {
        let file = "采样管,采样时间,姓名,证件类型,证件号码,电话,名单编号,序号\n\
                    tg-000001,2022-02-21 08:10,甲,身份证,140726199001010000,13900000000,A7,1\n\
                    TG-000001,2022/2/21 8:10,乙,,E12345678,,A7,2\n\
                    TG-000001,,丙,,,,A7,3\n\
                    ,2022-02-21 08:10,丁,,,,A7,4\n\
                    TG-000002,2022-02-21 08:10,,,,,A7,5\n\
                    TG-000002,2022-02-22 08:10,戊,,,,A7,6\n\
                    TG-000002,2022-02-21 08:10,己,驾照,1,,A7,7\n";
        let read = read("list.csv", file.as_bytes(), at("2022-02-21T12:00:00Z")).unwrap();
        let rows = read["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 2, "{read}");
        assert_eq!(
            (&rows[0]["tube"], &rows[0]["sheet"], &rows[0]["sampled"], &rows[0]["document"]),
            (&json!("TG-000001"), &json!("A7/1"), &json!("2022-02-21T08:10"), &json!("id_card"))
        );
        assert_eq!(
            (&rows[1]["sampled"], &rows[1]["document"]),
            (&json!("2022-02-21T08:10"), &json!("other"))
        );
        let refused: Vec<(u64, &str)> = read["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["row"].as_u64().unwrap(), one["field"].as_str().unwrap()))
            .collect();
        assert_eq!(refused, [(4, "sampled"), (5, "tube"), (6, "name"), (7, "sampled"), (8, "document")]);
        assert!(
            read["refused"].as_array().unwrap().iter().all(|one| one["zh"].as_str().unwrap().contains('；'))
        );
    }

    #[test]
    fn a_tube_takes_no_more_rows_than_people() {
        let rows: String = (0..7).map(|n| format!("TG-000001,5,2022-02-21,08:10,Person {n}\n")).collect();
        let file = format!("tube,size,day,time,name\n{rows}");
        let read = read("list.csv", file.as_bytes(), at("2022-02-21T12:00:00Z")).unwrap();
        assert_eq!(
            (read["rows"].as_array().unwrap().len(), read["refused"].as_array().unwrap().len()),
            (5, 2)
        );
        assert_eq!(read["refused"][0]["code"], "lab.over_full");
    }

    #[test]
    fn rows_of_one_tube_are_of_one_sampling() {
        let file = "tube,sampled,name\nTG-000001,2022-02-21 08:10,A\nTG-000001,2022-02-21 08:32,B\nTG-000001,2022-02-20 08:10,C\n";
        let read = read("list.csv", file.as_bytes(), at("2022-02-21T12:00:00Z")).unwrap();
        assert_eq!(read["rows"].as_array().unwrap().len(), 2, "{read}");
        assert_eq!(
            (&read["refused"][0]["row"], &read["refused"][0]["code"]),
            (&json!(4), &json!("lab.list_two_times"))
        );
    }
}
