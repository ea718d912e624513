//! One order of a message as a report.

use super::{
    elements,
    fields::{Field, Segment},
    groups::{Group, Observed},
    values,
};
use crate::ReportFault;
use crate::complaint::Finds;
use crate::lab_report::questions::{asks_only, is_question};
use crate::lab_report::{
    Authority, LabReport, LabResult, MessageHead, Order, Organisation, Patient, ReportedSpecimen,
    ResultStatus,
};
use crate::stated_time::StatedTime;

/// HL7 table 0085: letters that are known, whether or not they have a word here.
const RESULT_LETTERS: &str = "CDFINOPRSUVWXBA";
/// HL7 table 0123, of a whole order.
const ORDER_LETTERS: &str = "OISAPCRFXYZMN";

pub fn read(
    group: &Group<'_>,
    head: &MessageHead,
    patient: Option<&Patient>,
    finds: &mut Finds,
) -> LabReport {
    let order = read_order(group, finds);
    let mut report = LabReport {
        message: head.clone(),
        patient: patient.cloned(),
        order,
        specimens: group.specimens.iter().map(|specimen| read_specimen(specimen, finds)).collect(),
        ..LabReport::default()
    };
    let only_asked = asks_only(&report.order.test);
    for observed in &group.observed {
        let results = read_results(observed, finds);
        if is_answer(&observed.segment, &results, only_asked) {
            report.answers.extend(results);
        } else {
            report.results.extend(results);
        }
    }
    sort_out_answers_about_specimens(&mut report);
    if report.results.is_empty() && report.answers.is_empty() && !group.broken {
        finds.error(group.request.field(0), ReportFault::NoResults);
    }
    check_order_of_times(&report, &group.request, finds);
    report
}

fn is_answer(segment: &Segment<'_>, results: &[LabResult], only_asked: bool) -> bool {
    // OBX-29 came with version 2.8 and is used in 2.5.1 already.
    match segment.field(29).component(1).as_deref() {
        Some("QST") => true,
        Some("RSLT") => false,
        _ => only_asked || results.first().is_some_and(|result| is_question(&result.test)),
    }
}

/// Some senders put the answers last, below the specimen.
fn sort_out_answers_about_specimens(report: &mut LabReport) {
    for specimen in &mut report.specimens {
        let (answers, rest) =
            std::mem::take(&mut specimen.observations).into_iter().partition(|one| is_question(&one.test));
        specimen.observations = rest;
        let answers: Vec<LabResult> = answers;
        report.answers.extend(answers);
    }
}

fn read_order(group: &Group<'_>, finds: &mut Finds) -> Order {
    let (common, request) = (group.common.as_ref(), &group.request);
    let test = elements::coded(request.field(4));
    if test.is_blank() {
        let what = "the test that was ordered (OBR-4)".to_owned();
        finds.doubt(request.field(4), ReportFault::Missing { what });
    }
    // The same number stands in both segments, or in one of them.
    let number = |at| elements::entity(request.field(at)).or_else(|| elements::entity(common?.field(at)));
    let provider = elements::provider(request.field(16).first(), request.field(17))
        .or_else(|| elements::provider(common?.field(12).first(), common?.field(14)));
    let facility = common.and_then(|common| {
        elements::organisation(common.field(21).first(), Some(common.field(22)), Some(common.field(23)))
    });
    Order {
        placer: number(2),
        filler: number(3),
        test,
        status: status(request.field(25), ORDER_LETTERS, "a status of an order (OBR-25)", finds),
        collected: elements::time(request.field(7), 1, finds),
        reported: elements::time(request.field(22), 1, finds),
        provider,
        facility,
        notes: group.notes.clone(),
    }
}

fn status(field: Field<'_>, letters: &str, what: &str, finds: &mut Finds) -> Option<ResultStatus> {
    let Some(letter) = field.component(1) else {
        finds.doubt(field, ReportFault::Missing { what: what.to_owned() });
        return None;
    };
    if letter.len() != 1 || !letters.contains(&letter) {
        finds.doubt(field, ReportFault::UnknownWord { what: what.to_owned(), said: letter.clone() });
    }
    Some(ResultStatus::of_letter(&letter))
}

fn read_specimen(
    (segment, observed): &(Segment<'_>, Vec<Observed<'_>>),
    finds: &mut Finds,
) -> ReportedSpecimen {
    ReportedSpecimen {
        placer: elements::entity_in(segment.field(2), 1),
        filler: elements::entity_in(segment.field(2), 2),
        kind: elements::coded(segment.field(4)),
        collected: elements::time(segment.field(17), 1, finds),
        collected_until: elements::time(segment.field(17), 2, finds),
        received: elements::time(segment.field(18), 1, finds),
        observations: observed.iter().flat_map(|one| read_results(one, finds)).collect(),
    }
}

/// A segment whose value repeats says as many results.
fn read_results(observed: &Observed<'_>, finds: &mut Finds) -> Vec<LabResult> {
    let segment = &observed.segment;
    let test = elements::coded(segment.field(3));
    if test.is_blank() {
        let what = "what was observed (OBX-3)".to_owned();
        finds.error(segment.field(3), ReportFault::Missing { what });
    }
    let status = status(segment.field(11), RESULT_LETTERS, "a status of a result (OBX-11)", finds);
    let values = values::read(segment, finds);
    let silent =
        matches!(status, Some(ResultStatus::NotObtained | ResultStatus::Deleted | ResultStatus::Wrong));
    if segment.field(5).is_blank() && !silent {
        let what = "the value (OBX-5)".to_owned();
        finds.doubt(segment.field(5), ReportFault::Missing { what });
    }
    let base = LabResult {
        test,
        part: segment.field(4).component(1),
        interpretation: elements::interpretations(segment.field(8)),
        reference_range: segment.field(7).whole(),
        status,
        observed: elements::time(segment.field(14), 1, finds),
        analysed: elements::time(segment.field(19), 1, finds),
        methods: elements::coded_each(segment.field(17)),
        instrument: elements::entity(segment.field(18).first()),
        lab: elements::organisation(segment.field(23).first(), Some(segment.field(24)), None)
            .or_else(|| producer(segment.field(15))),
        notes: observed.notes.clone(),
        ..LabResult::default()
    };
    values.into_iter().map(|value| LabResult { value, ..base.clone() }).collect()
}

/// OBX-15, the older way of naming the laboratory.
fn producer(field: Field<'_>) -> Option<Organisation> {
    let authority = Authority { kind: field.component(3), ..Authority::default() };
    let lab = Organisation {
        id: field.component(1),
        name: field.component(2),
        authority,
        ..Organisation::default()
    };
    (lab.id.is_some() || lab.name.is_some()).then_some(lab)
}

/// Collected, analysed, reported, sent. Other orders are said and change nothing.
fn check_order_of_times(report: &LabReport, request: &Segment<'_>, finds: &mut Finds) {
    let sent = report.message.sent;
    let collected =
        report.order.collected.or_else(|| report.specimens.iter().find_map(|specimen| specimen.collected));
    let analysed = report.results.iter().find_map(|result| result.analysed);
    let steps = [
        ("collected (OBR-7)", collected, "analysed (OBX-19)", analysed),
        ("analysed (OBX-19)", analysed, "sent (MSH-7)", sent),
        ("reported (OBR-22)", report.order.reported, "sent (MSH-7)", sent),
    ];
    for (earlier, first, later, second) in steps {
        let reversed = |one: StatedTime, two: StatedTime| two.surely_before(one);
        if matches!((first, second), (Some(first), Some(second)) if reversed(first, second)) {
            let fault = ReportFault::TimesOutOfOrder { earlier: earlier.to_owned(), later: later.to_owned() };
            finds.doubt(request.field(0), fault);
        }
    }
}
