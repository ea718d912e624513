//! Result files of PCR instruments as their programs write them. The files are invented; only their form is real.

use exchange::instrument::{Cycle, Family, InstrumentRun, read_run};
use exchange::{Caps, Choice, FileError, Source};
use linelist::Severity;
use std::sync::Arc;

fn read_bytes(bytes: &[u8]) -> Result<InstrumentRun, FileError> {
    read_run(Source { name: "run", bytes: Arc::from(bytes) }, &Choice::default(), &Caps::default())
}

fn read(text: &str) -> InstrumentRun {
    read_bytes(text.as_bytes()).unwrap()
}

/// `row well sample target channel cycle` of each reading.
fn told(run: &InstrumentRun) -> Vec<String> {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    run.readings
        .iter()
        .map(|reading| {
            let cycle = match &reading.cycle {
                Cycle::At(number) => number.text().to_owned(),
                Cycle::NotReached => "neg".to_owned(),
                Cycle::Unread(said) => format!("?{said}"),
            };
            let (sample, target, channel) = (or(&reading.sample), or(&reading.target), or(&reading.channel));
            format!("{} {} {sample} {target} {channel} {cycle}", reading.row, reading.well)
        })
        .collect()
}

fn notes(run: &InstrumentRun) -> Vec<(u64, &str)> {
    run.notes.iter().map(|note| (note.row, note.code.as_str())).collect()
}

fn check_balance(run: &InstrumentRun) {
    let refused = run.notes.iter().filter(|note| note.severity == Severity::Error).count();
    assert_eq!(run.rows as usize, run.readings.len() + refused, "every row is read or refused");
}

const QUANTSTUDIO: &str = "* Block Type = 96-Well Block (0.2mL)\n* Experiment Name = Night run 7\n* Experiment Run End Time = 2022-02-21 05:51:26 AM CST\n* Instrument Serial Number = 272310099\n\n[Sample Setup]\nWell\tWell Position\tSample Name\n1\tA1\tT-1001\n\n[Results]\nWell\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tReporter\tCT\tCt Mean\n1\tA1\tfalse\tT-1001\tORF1ab\tUNKNOWN\tFAM\t24.605\t24.6\n1\tA1\tfalse\tT-1001\tN\tUNKNOWN\tVIC\tUndetermined\t\n13\tB1\ttrue\tPC\tN\tSTANDARD\tVIC\t30.1\t\n\nAnalysis Type = Standard curve\nEndogenous Control =\n";

#[test]
fn a_quantstudio_export_is_read_below_its_head_and_between_its_sections() {
    let run = read(QUANTSTUDIO);
    assert_eq!((run.family, run.name.as_deref()), (Family::AppliedBiosystems, Some("Night run 7")));
    assert_eq!(run.instrument.as_deref(), Some("272310099"));
    assert_eq!(run.ended.as_ref().unwrap().read.unwrap().to_string(), "2022-02-21T05:51:26");
    assert_eq!(
        told(&run),
        ["12 A1 T-1001 ORF1ab FAM 24.605", "13 A1 T-1001 N VIC neg", "14 B1 PC N VIC 30.1"]
    );
    assert_eq!((run.readings[2].omitted, notes(&run)), (true, vec![(14, "well.omitted")]));
    assert_eq!(run.readings[2].task.as_deref(), Some("STANDARD"));
    check_balance(&run);
}

#[test]
fn a_7500_export_writes_ct_with_a_letter_that_only_looks_latin() {
    let run = read(
        "Block Type,96fast\nExperiment Name,7500 run\n\nWell,Sample Name,Target Name,Task,Cт,Cт Mean\nA1,T-1,N,UNKNOWN,\"24,6\",\nA2,T-2,N,UNKNOWN,Undetermined,\n",
    );
    assert_eq!((run.name.as_deref(), run.family), (Some("7500 run"), Family::AppliedBiosystems));
    assert_eq!(told(&run), ["5 A1 T-1 N - 24.6", "6 A2 T-2 N - neg"]);
    assert_eq!(notes(&run), [(5, "ct.decimal_comma")]);
}

#[test]
fn a_cfx_export_has_an_empty_first_column_and_zeros_before_its_columns() {
    let run = read(
        "File Name,plate 12.pcrd\nRun Started,02/21/2022 05:05:00 UTC\nRun Ended,02/03/2022 06:05:00 UTC\nBase Serial Number,BR001\n\n,Well,Fluor,Target,Content,Sample,Cq,SQ\n,A01,FAM,ORF1ab,Unkn-1,T-1,31.25,N/A\n,A01,HEX,N,Unkn-1,T-1,NaN,N/A\n,A02,FAM,ORF1ab,NTC,,N/A,N/A\n",
    );
    assert_eq!((run.family, run.name.as_deref()), (Family::BioRad, Some("plate 12.pcrd")));
    assert_eq!(run.started.as_ref().unwrap().read.unwrap().to_string(), "2022-02-21T05:05:00+00:00");
    // The second of March or the third of February?
    assert_eq!(run.ended.as_ref().unwrap().read, None);
    assert_eq!(told(&run), ["7 A1 T-1 ORF1ab FAM 31.25", "8 A1 T-1 N HEX neg", "9 A2 - ORF1ab FAM neg"]);
    assert_eq!(run.readings[2].task.as_deref(), Some("NTC"));
    assert_eq!(notes(&run), [(0, "well.zero")]);
}

#[test]
fn a_lightcycler_leaves_the_cycle_of_a_negative_blank() {
    let run = read(
        "Experiment: Plate 3  Selected Filter: FAM (465-510)\nInclude\tColor\tPos\tName\tCp\tConcentration\tStandard\tStatus\nTrue\t255\tA1\tT-1\t28.11\t\t0\t\nTrue\t255\tA2\tT-2\t\t\t0\t\n",
    );
    assert_eq!((run.family, run.name.as_deref()), (Family::LightCycler, Some("Plate 3")));
    assert_eq!(told(&run), ["3 A1 T-1 - FAM (465-510) 28.11", "4 A2 T-2 - FAM (465-510) neg"]);
    assert_eq!(notes(&run), []);
}

#[test]
fn a_plain_table_is_enough_in_any_encoding() {
    let text = "孔位;样本编号;靶标;Ct值\nA1;T-1;N基因;24,60\nA2;T-2;N基因;未检出\n";
    let bytes = encoding_rs::GB18030.encode(text).0.into_owned();
    let run = read_bytes(&bytes).unwrap();
    assert_eq!(run.family, Family::Plain);
    assert_eq!(told(&run), ["2 A1 T-1 N基因 - 24.60", "3 A2 T-2 N基因 - neg"]);
}

#[test]
fn odd_rows_are_said_by_their_number_and_no_row_is_lost() {
    let run = read(
        "Well,Sample,Target,Ct\nA1,T-1,N,24\nA01,T-1,N,25\nZ99,T-2,N,26\nA3,T-3,N,\nA4,T-4,N,0\nA5,T-5,N,positive\n",
    );
    assert_eq!(
        told(&run),
        ["2 A1 T-1 N - 24", "5 A3 T-3 N - ?", "6 A4 T-4 N - ?0", "7 A5 T-5 N - ?positive"]
    );
    assert_eq!(
        notes(&run),
        [
            (0, "well.zero"),
            (3, "well.twice"),
            (4, "well.unknown"),
            (5, "ct.blank"),
            (6, "ct.out_of_range"),
            (7, "ct.unread")
        ]
    );
    assert!(run.notes[1].message.contains("in row 2 already"));
    check_balance(&run);
}

#[test]
fn numbered_wells_are_counted_along_the_rows_of_the_plate() {
    let run = read("Well,Sample,Ct\n1,T-1,20\n13,T-2,21\n96,T-3,22\n");
    assert_eq!(told(&run), ["2 A1 T-1 - - 20", "3 B1 T-2 - - 21", "4 H12 T-3 - - 22"]);
    assert_eq!(notes(&run), [(0, "well.by_number")]);
    let large = read("Well,Sample,Ct\n1,T-1,20\n25,T-2,21\n384,T-3,22\n");
    assert_eq!(large.readings[1].well, "B1");
}

#[test]
fn a_file_without_wells_is_refused_in_words() {
    for text in ["case_id,age\n1,59\n", "Well,Sample\nA1,T-1\n", "x"] {
        assert_eq!(read_bytes(text.as_bytes()).unwrap_err(), FileError::NoWells, "{text}");
    }
    assert_eq!(read_bytes(b" \n").unwrap_err(), FileError::Empty);
}

/// A workbook with a sheet of setup before that of results, as exports have them.
fn workbook(rows: &str) -> Vec<u8> {
    use std::io::Write;
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let sheet =
        |data: &str| format!(r#"<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>"#);
    let parts = [
        ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#.to_owned()),
        ("_rels/.rels", format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#)),
        ("xl/workbook.xml", format!(r#"<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="Setup" sheetId="1" r:id="r1"/><sheet name="Results" sheetId="2" r:id="r2"/></sheets></workbook>"#)),
        ("xl/_rels/workbook.xml.rels", format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{relation}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="r3" Type="{relation}/styles" Target="styles.xml"/></Relationships>"#)),
        ("xl/styles.xml", format!(r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#)),
        ("xl/worksheets/sheet1.xml", sheet(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Well</t></is></c></row>"#)),
        ("xl/worksheets/sheet2.xml", sheet(rows)),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn what_a_spreadsheet_did_to_samples_and_cycles_is_said() {
    let text =
        |place: &str, said: &str| format!(r#"<c r="{place}" t="inlineStr"><is><t>{said}</t></is></c>"#);
    let number = |place: &str, value: &str| format!(r#"<c r="{place}"><v>{value}</v></c>"#);
    let date = |place: &str, value: &str| format!(r#"<c r="{place}" s="1"><v>{value}</v></c>"#);
    let row = |number: u8, cells: &[String]| format!(r#"<row r="{number}">{}</row>"#, cells.concat());
    let rows = [
        row(1, &[text("A1", "Run Started"), date("B1", "44613")]),
        row(3, &[text("A3", "Well"), text("B3", "Sample Name"), text("C3", "Target Name"), text("D3", "CT")]),
        row(4, &[text("A4", "A1"), date("B4", "44632"), text("C4", "N"), number("D4", "24.5")]),
        row(5, &[text("A5", "A2"), number("B5", "1002"), text("C5", "N"), date("D5", "45467")]),
    ];
    let run = read_bytes(&workbook(&rows.concat())).unwrap();
    assert_eq!(run.started.as_ref().unwrap().said, "2022-02-21T00:00:00");
    assert_eq!(told(&run), ["4 A1 - N - 24.5", "5 A2 1002 N - ?45467"]);
    assert_eq!(notes(&run), [(4, "sample.is_a_date"), (0, "sample.is_a_number"), (5, "ct.is_a_date")]);
    // A date where a cycle was is no negative.
    assert_eq!(run.readings[1].cycle.value(), None);
    assert_ne!(run.readings[1].cycle, Cycle::NotReached);
}
