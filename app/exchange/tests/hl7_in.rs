//! Results of laboratories in messages of version 2, as they are sent: whole and broken, one and many.

use exchange::hl7::{acknowledge, messages};
use exchange::lab_report::{
    Authority, CodeSystem, LabReport, Mode, Party, ReportCaps, ResultStatus, Sex, TelecomKind, Value,
};
use exchange::{CivilDate, Received, Recognised, Seen, StatedTime, Verdict};
use std::path::PathBuf;

const EXAMPLE: &str = include_str!("../../../docs/examples/lab-report.hl7");

fn read(text: &str) -> Vec<Received> {
    messages(text.as_bytes(), &ReportCaps::default()).collect()
}

fn one(text: &str) -> Received {
    let mut all = read(text);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// A short message around these lines.
fn message(id: &str, lines: &str) -> String {
    format!(
        "MSH|^~\\&|LIS|LAB|QUELL|CDC|20220221143005+0800||ORU^R01|{id}|P|2.5.1\r{}",
        lines.replace('\n', "\r")
    )
}

const PERSON: &str = "PID|1||7^^^H^MR||Li^Si\n";
const ORDER: &str = "OBR|1||N1|94309-2^RNA^LN|||||||||||||||||||||F\n";
const RESULT: &str = "OBX|1|CWE|94309-2^RNA^LN||260373001^Detected^SCT||||||F\n";

fn codes(received: &Received) -> Vec<&str> {
    received.complaints.iter().map(|complaint| complaint.fault.code()).collect()
}

fn time(text: &str) -> Option<StatedTime> {
    Some(text.parse().unwrap())
}

#[test]
fn the_example_is_read_whole() {
    let received = one(EXAMPLE);
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Accepted, vec![]));
    let report = &received.reports[0];
    assert_eq!((report.message.id.as_str(), report.message.mode), ("MSG-000187", Mode::Production));
    assert_eq!(report.message.sent, time("2022-02-21T14:30:05.25+08:00"));
    assert_eq!(report.message.sender.facility.id.as_deref(), Some("LAB-07"));
    let patient = report.patient.as_ref().unwrap();
    assert_eq!(patient.names[0].family.as_deref(), Some("王"));
    assert_eq!(
        (patient.sex.as_ref(), patient.birth),
        (Some(&Sex::Female), CivilDate::of(1985, Some(2), Some(14)))
    );
    let numbers: Vec<_> = patient
        .identifiers
        .iter()
        .map(|id| (id.id.as_deref(), id.kind.as_deref(), id.authority.name.as_deref()))
        .collect();
    assert_eq!(
        numbers,
        [(Some("P-00187"), Some("PI"), Some("QUELL")), (Some("77812"), Some("MR"), Some("County Hospital"))]
    );
    let reached: Vec<_> = patient.telecoms.iter().map(|one| (one.kind, one.value.as_str())).collect();
    assert_eq!(reached, [(TelecomKind::Phone, "+86 354 5550123"), (TelecomKind::Email, "wang@example.org")]);
    assert_eq!(patient.addresses[0].district.as_deref(), Some("Taigu"));
    check_the_order(report);
    check_what_was_found(report);
}

fn check_the_order(report: &LabReport) {
    let order = &report.order;
    assert_eq!(order.placer.as_ref().unwrap().id.as_deref(), Some("ORD-5567"));
    assert_eq!(order.filler.as_ref().unwrap().id.as_deref(), Some("LAB-2022-000981"));
    assert_eq!(order.test.code_in(&CodeSystem::Loinc), Some("94309-2"));
    assert_eq!(order.provider.as_ref().unwrap().phone.as_deref(), Some("+86 354 5550900"));
    assert_eq!(order.facility.as_ref().unwrap().id.as_deref(), Some("LAB-11"));
    let specimen = &report.specimens[0];
    assert_eq!(specimen.filler.as_ref().unwrap().id.as_deref(), Some("N-88213"));
    // SNM is what one public generator calls SNOMED.
    assert_eq!(specimen.kind.code_in(&CodeSystem::Snomed), Some("258500001"));
    assert_eq!(specimen.received, time("2022-02-21T10:15:00+08:00"));
    assert_eq!(specimen.received.unwrap().moment().unwrap().to_string(), "2022-02-21T02:15:00Z");
}

fn check_what_was_found(report: &LabReport) {
    let [presence, cycles] = &report.results[..] else { panic!("{} results", report.results.len()) };
    let Value::Coded(found) = &presence.value else { panic!("{:?}", presence.value) };
    assert_eq!(found.code_in(&CodeSystem::Snomed), Some("260373001"));
    assert_eq!(found.code_in(&CodeSystem::Other("99NORTH".to_owned())), Some("P"));
    assert_eq!(presence.methods[0].words(), Some("RT-PCR kit A"));
    assert_eq!(presence.lab.as_ref().unwrap().id.as_deref(), Some("LAB-07"));
    assert_eq!(presence.notes, ["Repeated with a second kit & confirmed."]);
    let Value::Quantity { comparator, number, unit } = &cycles.value else { panic!("{:?}", cycles.value) };
    assert_eq!((comparator.as_deref(), number.text()), (None, "24.60"));
    assert_eq!(unit.as_ref().unwrap().code_in(&CodeSystem::Ucum), Some("{Ct}"));
    assert_eq!(report.answers.len(), 1, "has symptoms is an answer and no result");
    assert_eq!(report.answers[0].test.code_in(&CodeSystem::Loinc), Some("95419-8"));
}

#[test]
fn the_shared_sample_is_read_whole() {
    let shared = std::env::var("QUELL_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = shared.join("interop/sample_elr_oru_r01.hl7");
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: {} is not on this machine (QUELL_SHARED)", path.display());
        return;
    };
    let received: Vec<Received> = messages(&bytes, &ReportCaps::default()).collect();
    assert_eq!((received.len(), received[0].verdict(), codes(&received[0])), (1, Verdict::Accepted, vec![]));
    let report = &received[0].reports[0];
    assert_eq!((report.results.len(), report.answers.len(), report.specimens.len()), (2, 1, 1));
    assert_eq!(report.results[0].test.code_in(&CodeSystem::Loinc), Some("94309-2"));
}

#[test]
fn lines_may_end_in_any_way_and_messages_may_be_framed() {
    let expected = one(EXAMPLE).reports;
    for ending in ["\r", "\r\n", "\n"] {
        assert_eq!(one(&EXAMPLE.replace('\n', ending)).reports, expected, "{ending:?}");
    }
    let framed = exchange::hl7::frame(&EXAMPLE.replace('\n', "\r"));
    let twice: Vec<Received> = messages(&[framed.clone(), framed].concat(), &ReportCaps::default()).collect();
    assert_eq!((twice.len(), &twice[1].reports), (2, &expected));
    let marked = format!("\u{FEFF}{EXAMPLE}");
    assert_eq!(one(&marked).reports, expected);
    let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide: Vec<Received> = messages(&wide, &ReportCaps::default()).collect();
    assert_eq!(wide[0].reports, expected);
}

#[test]
fn a_message_with_its_own_separators_says_the_same() {
    // An escaped separator means the message's own.
    let plain = EXAMPLE.replace("\\T\\", "and");
    let swapped: String = plain
        .chars()
        .map(|sign| match sign {
            '|' => '*',
            '^' => ':',
            '~' => '!',
            '\\' => '%',
            '&' => '$',
            other => other,
        })
        .collect();
    assert_eq!(one(&swapped).reports, one(&plain).reports);
}

#[test]
fn chinese_in_its_own_encoding_is_the_same_chinese() {
    let said = EXAMPLE.replace("UNICODE UTF-8", "GB 18030-2000");
    let (bytes, _, lost) = encoding_rs::GB18030.encode(&said);
    assert!(!lost);
    let received: Vec<Received> = messages(&bytes, &ReportCaps::default()).collect();
    assert_eq!(received[0].reports, one(EXAMPLE).reports);
}

#[test]
fn one_broken_message_takes_no_other_with_it() {
    let good = message("1", &format!("{PERSON}{ORDER}{RESULT}"));
    let batch = [
        "FHS|^~\\&|LIS|LAB\rBHS|^~\\&|LIS|LAB\r",
        &good,
        "MSH|^^^^|broken\rPID|1\r",
        "MSH|^~\\&|LIS|LAB|||20220221||ADT^A01|2|P|2.5.1\rPID|1\r",
        &good.replace("|1|P|", "|3|P|"),
        "BTS|9\rFTS|1\r",
    ]
    .concat();
    let mut all = messages(batch.as_bytes(), &ReportCaps::default());
    let verdicts: Vec<Verdict> = all.by_ref().map(|received| received.verdict()).collect();
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::Refused, Verdict::Refused, Verdict::Accepted]);
    let wrapper: Vec<String> = all.complaints().iter().map(ToString::to_string).collect();
    assert_eq!(
        wrapper,
        ["BTS[1]-1: the trailer says 9 and there are 4; send the batch again if some were lost"]
    );
}

#[test]
fn what_stands_between_messages_is_refused_and_not_passed_over() {
    let text = format!("PID|1||lost\rOBR|1\r{}", message("1", &format!("{PERSON}{ORDER}{RESULT}")));
    let all = read(&text);
    assert_eq!(all.iter().map(Received::verdict).collect::<Vec<_>>(), [Verdict::Refused, Verdict::Accepted]);
    assert_eq!(codes(&all[0]), ["report.no_message"]);
}

#[test]
fn a_header_that_breaks_off_is_refused_and_nothing_else() {
    let good = message("1", &format!("{PERSON}{ORDER}{RESULT}"));
    let received = one(&format!("{good}MSH\r"));
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Refused, vec!["report.out_of_place"]));
}

#[test]
fn doubts_do_not_crowd_out_the_reason_of_a_refusal() {
    let caps = ReportCaps { complaints: 2, ..ReportCaps::default() };
    let doubted = "OBX|1|NM|1^a^L||many||||||F\n".repeat(5);
    let text = message("1", &format!("{PERSON}{ORDER}{doubted}OBX|2|ST|||x||||||F\n"));
    let received = messages(text.as_bytes(), &caps).next().unwrap();
    assert_eq!((received.errors().count(), received.further_complaints), (1, 4));
}

#[test]
fn one_broken_order_takes_no_other_with_it() {
    let lines = format!(
        "{PERSON}{ORDER}{RESULT}OBR|2||N2|1^a^L\nOBX|1|CWE|||Y\n{PERSON}OBR|3||N3|1^a^L|||||||||||||||||||||F\nthis is no segment\n{ORDER}{RESULT}"
    );
    let received = one(&message("1", &lines));
    assert_eq!((received.verdict(), received.reports.len(), received.refused), (Verdict::InPart, 2, 2));
    let errors: Vec<String> = received.errors().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "OBX[2]-3: what was observed (OBX-3) is missing; fill it in",
            "OBR[3]: the line after it is no segment; write line breaks inside a text as \\X0A\\ or \\.br\\"
        ]
    );
    let orders: Vec<_> =
        received.reports.iter().map(|report| report.order.filler.as_ref().unwrap().id.as_deref()).collect();
    assert_eq!(orders, [Some("N1"), Some("N1")]);
}

#[test]
fn several_patients_with_several_orders_are_kept_apart() {
    let other = PERSON.replace("Li^Si", "Zhang^San");
    let received =
        one(&message("1", &format!("{PERSON}{ORDER}{RESULT}{ORDER}{RESULT}{RESULT}{other}{ORDER}{RESULT}")));
    let told: Vec<_> = received
        .reports
        .iter()
        .map(|report| {
            (report.patient.as_ref().unwrap().names[0].family.as_deref().unwrap(), report.results.len())
        })
        .collect();
    assert_eq!(told, [("Li", 1), ("Li", 2), ("Zhang", 1)]);
}

fn values(line: &str) -> (Vec<Value>, Vec<String>) {
    let received = one(&message("1", &format!("{PERSON}{ORDER}{line}")));
    let met = received.complaints.iter().map(|complaint| complaint.fault.code().to_owned()).collect();
    (received.reports[0].results.iter().map(|result| result.value.clone()).collect(), met)
}

#[test]
fn a_value_is_read_by_its_kind_and_kept_as_text_when_it_is_not_of_it() {
    let check = |kind: &str, value: &str, said: &str, met: &[&str]| {
        let (read, complaints) = values(&format!("OBX|1|{kind}|1^a^L||{value}||||||F\n"));
        let told: Vec<String> = read.iter().map(|value| serde_json::to_string(value).unwrap()).collect();
        assert_eq!(told.join(" "), said, "{kind} {value}");
        assert_eq!(complaints, met, "{kind} {value}");
    };
    let number = |comparator: &str, number: &str| {
        format!(r#"{{"quantity":{{"comparator":{comparator},"number":"{number}","unit":null}}}}"#)
    };
    check("NM", "024.60", &number("null", "24.60"), &[]);
    check("SN", "<^24.6", &number("\"<\"", "24.6"), &[]);
    let titre = r#"{"pair":{"comparator":null,"first":"1","between":":","second":"128","unit":null}}"#;
    check("SN", "^1^:^128", titre, &[]);
    check("NM", "24,6", r#"{"text":"24,6"}"#, &["report.bad_number"]);
    check("SN", "^Undetermined", r#"{"text":"^Undetermined"}"#, &["report.bad_number"]);
    check("ST", "positive~again", r#"{"text":"positive~again"}"#, &[]);
    check("TX", "first~second", r#"{"text":"first\nsecond"}"#, &[]);
    check("DT", "20220221", r#"{"date":"2022-02-21"}"#, &[]);
    check("TM", "0830+0800", r#"{"time_of_day":{"clock":"08:30","offset_minutes":480}}"#, &[]);
    check("TS", "2022022108", r#"{"time":"2022-02-21T08"}"#, &[]);
    check("DT", "31.12.2021", r#"{"text":"31.12.2021"}"#, &["report.bad_time"]);
    check("NM", "1~2", &format!("{} {}", number("null", "1"), number("null", "2")), &[]);
    check("RP", "a^b\\T\\c", r#"{"unread":{"kind":"RP","raw":"a^b\\T\\c"}}"#, &["report.unread_value"]);
    check("", "7", r#"{"text":"7"}"#, &["report.missing"]);
    check("CWE", "", r#""absent""#, &["report.missing"]);
    check("CWE", "\"\"", r#""absent""#, &["report.missing"]);
}

#[test]
fn unknown_codes_and_letters_are_kept_as_they_came() {
    let received = one(&message(
        "1",
        "PID|1||7||Li|||A\nOBR|1||N1|X99^Strange^99LAB|||||||||||||||||||||Q\nOBX|1|CWE|Z1^Odd^99LAB||??^Sort of^99LAB||||||V9\n",
    ));
    let report = &received.reports[0];
    assert_eq!(report.patient.as_ref().unwrap().sex, Some(Sex::Said("A".to_owned())));
    assert_eq!(report.order.status, Some(ResultStatus::Said("Q".to_owned())));
    assert_eq!(report.results[0].status, Some(ResultStatus::Said("V9".to_owned())));
    assert_eq!(report.results[0].test.code_in(&CodeSystem::Other("99LAB".to_owned())), Some("Z1"));
    assert!(matches!(&report.results[0].value, Value::Coded(value) if value.words() == Some("Sort of")));
    assert_eq!(codes(&received), ["report.unknown_word", "report.unknown_word"]);
}

#[test]
fn answers_are_never_results_wherever_they_stand() {
    let answer = "OBX|2|CWE|95418-0^Works in health care^LN||Y^Yes^HL70136||||||F\n";
    let flagged = "OBX|3|ST|HOME-1^Asked at home^99LAB||no||||||F||||||||||||||||||QST\n";
    let not_asked = "OBX|4|NM|30525-0^Age^LN||37||||||F||||||||||||||||||RSLT\n";
    let below = "SPM|1|S1||1^swab^L|||||||||||||20220221\nOBX|1|CWE|95421-4^Shared home^LN||N^No^HL70136||||||F\nOBX|2|ST|V^Volume^L||low||||||F\n";
    let asked = "OBR|2||N1|68991-9^Epidemiologically important information^LN|||||||||||||||||||||F\nOBX|1|ST|HOME-2^Any^99LAB||x||||||F\n";
    let received =
        one(&message("1", &format!("{PERSON}{ORDER}{RESULT}{answer}{flagged}{not_asked}{below}{asked}")));
    let count: Vec<_> =
        received.reports.iter().map(|report| (report.results.len(), report.answers.len())).collect();
    assert_eq!(count, [(2, 3), (0, 1)]);
    assert_eq!(received.reports[0].specimens[0].observations.len(), 1);
}

#[test]
fn a_report_that_takes_everything_back_is_known_as_one() {
    let withdrawn =
        one(&message("1", &format!("{PERSON}{}{}", ORDER.replace("|F", "|C"), RESULT.replace("||F", "||D"))));
    assert!(withdrawn.reports[0].withdraws());
    let corrected = one(&message("1", &format!("{PERSON}{}{RESULT}", ORDER.replace("|F", "|C"))));
    assert!(!corrected.reports[0].withdraws());
}

#[test]
fn a_message_without_number_sender_or_mode_is_refused() {
    let good = message("1", &format!("{PERSON}{ORDER}{RESULT}"));
    for (from, to, says) in [
        ("|ORU^R01|1|", "|ORU^R01||", "MSH[1]-10: the message's number (MSH-10) is missing; fill it in"),
        ("|LIS|LAB|", "|||", "MSH[1]-3: the sender (MSH-3, MSH-4) is missing; fill it in"),
        ("|P|2.5.1", "||2.5.1", "MSH[1]-11: P, T or D (MSH-11) is missing; fill it in"),
    ] {
        let received = one(&good.replacen(from, to, 1));
        assert_eq!(received.verdict(), Verdict::Refused, "{to}");
        assert_eq!(received.complaints[0].to_string(), says);
        assert!(!received.complaints[0].fault.zh().is_empty());
    }
    let training = one(&good.replacen("|P|2.5.1", "|T|2.5.1", 1));
    assert_eq!(training.reports[0].message.mode, Mode::Training);
}

#[test]
fn times_in_the_wrong_order_are_said_and_change_nothing() {
    let lines = format!(
        "{PERSON}OBR|1||N1|1^a^L|||20220221120000+0800||||||||||||||||||F\nOBX|1|ST|1^a^L||x||||||F||||||||20220221100000+0800\n"
    );
    let received = one(&message("1", &lines));
    assert_eq!(
        (received.verdict(), codes(&received)),
        (Verdict::Accepted, vec!["report.times_out_of_order"])
    );
    // Without offsets two laboratories' clocks cannot be compared.
    let lines = lines.replace("20220221100000+0800", "20220221100000");
    assert_eq!(codes(&one(&message("1", &lines))), Vec::<&str>::new());
}

#[test]
fn a_message_sent_again_is_known_by_its_sender_and_number() {
    let good = message("1", &format!("{PERSON}{ORDER}{RESULT}"));
    let later = good.replace("20220221143005", "20220222090000");
    let changed = good.replace("260373001", "260415000");
    let other_lab = good.replace("|LIS|LAB|", "|LIS|LAB2|");
    let mut seen = Seen::default();
    let met: Vec<Recognised> = [&good, &good, &later, &changed, &good, &other_lab]
        .into_iter()
        .map(|text| seen.meet(&one(text)))
        .collect();
    use Recognised::{Again, New, OtherContent};
    assert_eq!(met, [New, Again, Again, OtherContent, Again, New]);
    assert_eq!(seen.len(), 2);
}

#[test]
fn what_is_too_large_is_refused_in_words() {
    let caps = ReportCaps {
        message_bytes: 3_000,
        segments: 6,
        fields: 40,
        field_bytes: 300,
        repetitions: 4,
        complaints: 3,
        ..ReportCaps::default()
    };
    let check = |lines: &str, says: &str| {
        let text = message("1", &format!("{PERSON}{lines}"));
        let received = messages(text.as_bytes(), &caps).next().unwrap();
        assert_eq!(received.verdict(), Verdict::Refused, "{says}");
        assert!(received.complaints.len() <= caps.complaints + 1);
        let said: Vec<&str> = codes(&received);
        assert!(said.contains(&says), "{said:?}");
    };
    let long = "x".repeat(4_000);
    check(&format!("{ORDER}OBX|1|ST|1^a^L||{long}\n"), "report.too_long");
    check(&format!("{ORDER}OBX|1|ST|1^a^L||{}\n", "x".repeat(400)), "report.too_long");
    check(&format!("{ORDER}{}", RESULT.repeat(10)), "report.too_many");
    check(&format!("{ORDER}OBX|1|NM|1^a^L||1~2~3~4~5||||||F\n"), "report.too_many");
    check(&format!("{ORDER}OBX{}\n", "|".repeat(60)), "report.too_many");
}

#[test]
fn the_sender_is_told_what_became_of_each_message() {
    let facility = Authority { name: Some("CDC".to_owned()), ..Authority::default() };
    let us = Party { facility, ..Party::default() };
    let at: StatedTime = "2022-02-21T15:00:00+08:00".parse().unwrap();
    let answer = |text: &str| acknowledge(&one(text), &us, "A1", at);
    let good = message("M&1", &format!("{PERSON}{ORDER}{RESULT}"));
    let good = good.replace("M&1", "M\\T\\1");
    assert_eq!(
        answer(&good),
        "MSH|^~\\&||CDC|LIS|LAB|20220221150000+0800||ACK^R01^ACK|A1|P|2.5.1||||||UNICODE UTF-8\rMSA|AA|M\\T\\1\r"
    );
    let half = message("2", &format!("{PERSON}{ORDER}{RESULT}{ORDER}OBX|1|CWE|||Y||||||F\n"));
    assert!(answer(&half).ends_with(
        "MSA|AE|2\rERR||OBX^2^3^1|101^Required field missing^HL70357|E|report.missing^^99QUELL|||OBX[2]-3: what was observed (OBX-3) is missing; fill it in\r"
    ));
    let other = message("3", PERSON).replace("ORU^R01", "ADT^A01");
    assert!(answer(&other).contains("\rMSA|AR|3\rERR||MSH^1^9^1|200^Unsupported message type^HL70357|E|"));
    // An answer is a message that its receiver can read.
    assert!(one(&answer(&half)).complaints[0].to_string().starts_with("MSH[1]-9: it is `ACK^R01^ACK`"));
}
