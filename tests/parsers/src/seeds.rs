//! Good files to begin from: the examples of the manual, the shipped packs, and workbooks put together here.

use crate::paper::{cells, paper_list};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

const CASES: &str = include_str!("../../../docs/examples/cases.csv");
const CONTACTS: &str = include_str!("../../../docs/examples/contacts.csv");
const NOTICES: &str = include_str!("../../../docs/examples/notices.csv");
const LAB_REPORT: &str = include_str!("../../../docs/examples/lab-report.hl7");
const LAB_BUNDLE: &str = include_str!("../../../docs/examples/lab-report.fhir.json");
const ODD: &str = "编号;性别;年龄;发病日期\r\n\"一;1\";女;2岁3月;2022年2月3日\r\n二;男;60-69;3/2/22\r\n";

pub fn delimited() -> Vec<Vec<u8>> {
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(CASES.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    vec![CASES.into(), CONTACTS.into(), NOTICES.into(), ODD.into(), utf16]
}

pub fn json_list() -> Vec<Vec<u8>> {
    let records = r#"[{"case_id":"C1","sex":"F","age":31,"onset":"2022-02-18","source":{"id":"C0"}},{"case_id":"C2","tags":["a"]}]"#;
    let lines = "{\"case_id\":\"C1\",\"age\":1e2}\n{\"case_id\":\"C2\",\"age\":null}\n";
    let wrapped = r#"{"data":[{"id":"x","dateOfOnset":"2022-02-18T16:00:00.000Z"}],"count":1}"#;
    vec![records.into(), lines.into(), wrapped.into()]
}

pub fn workbook() -> Vec<Vec<u8>> {
    vec![xlsx(), ods()]
}

pub(crate) fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(content.as_bytes()).expect("its content");
    }
    zip.finish().expect("an archive").into_inner()
}

fn xlsx() -> Vec<u8> {
    zipped(&[
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Cases" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>case_id</t></is></c><c r="B1" t="inlineStr"><is><t>onset</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>C1</t></is></c><c r="B2"><v>44610</v></c></row></sheetData></worksheet>"#,
        ),
    ])
}

fn ods() -> Vec<u8> {
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "content.xml",
            r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Cases"><table:table-row><table:table-cell><text:p>case_id</text:p></table:table-cell><table:table-cell><text:p>onset</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>C1</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2022-02-18"><text:p>18</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#,
        ),
    ])
}

pub fn lab_messages() -> Vec<Vec<u8>> {
    let own_signs = "MSH!:*%$!LIS!LAB!QUELL!CDC!20220221!!ORU:R01!7!T!2.3!!!!!!GB 18030-2000\rPID!1!!7:::H$1.2$ISO:MR!!\
                     %X4C69%:Si\rOBR!1!!N1!1:a:L!!!2022022108!!!!!!!!!!!!!!!!!!C\rOBX!1!SN!1:a:L!!<:20:-:30~>:5!u:U:UCUM!!!!!D\r";
    let batch = "\x0bFHS|^~\\&|A\nBHS|^~\\&|A\nMSH|^~\\&|A|B|||2022||ORU^R01|1|P|2.5.1\nPID|1||7\nNTE|1||of them\n\
                 ORC|RE\nOBR|1||N|9^x^L\nOBX|1|TX|9^x^L||one\\.br\\two~three||||||F\nOBX|2|CE|95418-0^^LN||Y\nSPM|1|A&B^C&D\n\
                 OBX|1|NM|8^y^L||7.10\nno segment\nBTS|1\nFTS|1\n\x1c\r";
    vec![LAB_REPORT.into(), own_signs.into(), batch.into()]
}

pub fn lab_bundles() -> Vec<Vec<u8>> {
    let small = r##"{"resourceType":"Bundle","id":"b1","type":"collection","entry":[{"fullUrl":"http://a/DiagnosticReport/d","resource":{"resourceType":"DiagnosticReport","id":"d","contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"component":[{"code":{"text":"y"},"valueRatio":{"numerator":{"value":1},"denominator":{"value":2}}}],"hasMember":[{"reference":"#"},{"reference":"#o"}]}],"performer":[{"display":"Lab"}],"result":[{"reference":"#o"}]}}]}"##;
    let two = format!("{small}\n{{\"resourceType\":\"Bundle\"\n{small}");
    vec![LAB_BUNDLE.into(), small.into(), two.into()]
}

pub fn instrument_files() -> Vec<Vec<u8>> {
    let sections = "* Experiment Name = Run\n[Results]\nWell\tWell Position\tOmit\tSample Name\tTarget Name\tCT\n1\tA1\tfalse\tT\tN\t24.6\n2\tA2\ttrue\tT\tN\tUndetermined\n\nAnalysis Type = x\n";
    let dyes = "Run Started,02/21/2022 05:05:00 UTC\n\n,Well,Fluor,Target,Content,Sample,Cq\n,A01,FAM,N,Unkn-1,T,\"31,2\"\n,B1,HEX,N,NTC,,NaN\n";
    let filter = "Experiment: P  Selected Filter: FAM (465-510)\nInclude\tPos\tName\tCp\nTrue\tA1\tT\t28.1\nTrue\tA2\tU\t\n";
    vec![sections.into(), dyes.into(), filter.into(), workbook_of_a_run()]
}

fn workbook_of_a_run() -> Vec<u8> {
    zipped(&[
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Results" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Well</t></is></c><c r="B1" t="inlineStr"><is><t>Sample</t></is></c><c r="C1" t="inlineStr"><is><t>Ct</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>A1</t></is></c><c r="B2"><v>7</v></c><c r="C2"><v>24.5</v></c></row></sheetData></worksheet>"#,
        ),
    ])
}

pub fn paper_lists() -> Vec<Vec<u8>> {
    let chinese = "采样管,几人管,采样时间,采样人,姓名,证件类型,证件号码,电话,名单编号,序号\nTG-000001,5,2022-02-21 08:10,周,甲,身份证,140726199001010000,13900000000,A7,1\n";
    let english = "tube,size,day,time,name,document,number\nTG-1000,20,2022/2/21,8:10,A,passport,E1\nTG-1000,20,2022-02-21,08:11:30,B,,1.40726E+17\n";
    let head = ["\"tube", "\"day", "\"time", "\"name", "\"number", "\"telephone"];
    let rows = [
        cells(1, &head),
        cells(2, &["\"TG-000001", "44613@2", "0.340277777777778@3", "\"A", "7", "13900000000"]),
    ];
    vec![chinese.into(), english.into(), paper_list(&rows.concat(), &["A1:B1"], &[])]
}

pub fn tubes_told() -> Vec<Vec<u8>> {
    let member = r#"{"position":1,"at":1645401000000,"way":"paper","name":"A","document":"id_card","number":"140726199001010000","phone":"","born":"1990-01-01","sheet":"A7/1","holder":"x"}"#;
    let tube = format!(
        r#"{{"id":"change_0000000000000000000000000a","tube":"TG-000001","post":"post_0000000000000000000000000b","kind":"people","size":10,"sampled":1645401000000,"closed":1645401600000,"device":null,"members":[{member}],"again":"TG-000000/3","paper":{{"sampler":"0412"}}}}"#
    );
    vec![format!("{tube}\n{tube}\n").into()]
}

pub fn map_file() -> Vec<Vec<u8>> {
    let map = "kind = \"cases\"
[columns]
\"Nr.\" = \"case_no\"
\"On\" = { field = \"onset\", dates = \"dmy\" }
\
               \"S\" = { field = \"sex\", values = { \"w\" = \"female\", \"?\" = \"\" } }
[defaults]
year = 2022
";
    vec![map.into()]
}

pub fn boundaries() -> Vec<Vec<u8>> {
    let json = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"adcode":140703,"name":"太谷区"},"geometry":{"type":"Polygon","coordinates":[[[112.5,37.4],[112.6,37.4],[112.6,37.5],[112.5,37.4]]]}}]}"#;
    vec![json.into(), "code,zh,en,population\n140703,太谷区,Taigu,300000\n".into()]
}

pub fn region_table() -> Vec<Vec<u8>> {
    let (_, regions, neighbours) = packs::shipped::SHANXI;
    let head = regions.lines().take(20).collect::<Vec<_>>().join("\n");
    let next = neighbours.lines().take(5).collect::<Vec<_>>().join("\n");
    vec![format!("{head}\n---\n{next}\n").into()]
}

pub fn disease_pack() -> Vec<Vec<u8>> {
    packs::shipped::DISEASES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect()
}

pub fn role_pack() -> Vec<Vec<u8>> {
    vec![packs::shipped::ROLES.into()]
}

pub fn mentions() -> Vec<Vec<u8>> {
    let english = "TJ1 TJ5 TJ9\nfamily of TJ9; coworker of TJ5, met tj-1 on the train";
    let chinese = "病例3 病例12\n系病例3的同事，与12号病例同乘一车";
    vec![english.into(), chinese.into()]
}

pub fn streams() -> Vec<Vec<u8>> {
    [
        "series,territory,t,p_value\nfever,14/1407/140703,1,0.40\npharmacy,14/1407/140703,2,NA\n",
        "series,group,territory,date,observed,population,state\nfever,ili,14/1407,2024-01-01,3,300000,0\nfever,ili,14/1407,2024-01-08,5,300000,1\nfever,ili,14/1401,2024-01-22,4,,0\n",
        "date,observed\n2024-02-28,1\n2024-02-29,2\n2024-03-01,0\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub fn fusion_settings() -> Vec<Vec<u8>> {
    let text = r#"{"budget_per_week": 5, "counts": "every", "bank": 13, "most_often": 0.05, "ends_after": 4, "upper_levels": true,
"detectors": ["ears_c2", {"detector": "recent_level", "baseline": {"guard": 3}, "lags": [1, 2]}], "outbreak_shares": {"fever": 0.5},
"outbreak_shapes": ["step"], "outbreak_sizes": [2.5], "repetitions": 3, "seed": 1, "compare": [{"bank": 4}, {"control": "lord"}]}"#;
    vec![text.into()]
}

pub fn small_words() -> Vec<Vec<u8>> {
    let id = "change_0000000000000000000000000a";
    ["2022-02-21", "14/1407/140703", id, "1645400000000", "\"sealed:a1:AAAA\""]
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect()
}
