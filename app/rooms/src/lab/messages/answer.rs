//! What a sender is answered, in the language the sender speaks: what became of each message, where, and what to do.

use super::book::Found;
use super::changes::Verdict;
use super::own::program;
use super::told::{kept, name_of};
use base::Moment;
use exchange::lab_report::{Party, ReportCaps};
use exchange::{Complaint, Place, Received, ReportFault, StatedTime, fhir, hl7};
use lab::ToldStanding;
use linelist::Severity;
use serde_json::{Value as Json, json};
use store::{Vault, random_bits};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    Hl7,
    Fhir,
}

impl Spoken {
    pub(super) fn of(body: &str) -> Spoken {
        let first = body.trim_start_matches('\u{feff}').trim_start().chars().next();
        if first == Some('{') { Spoken::Fhir } else { Spoken::Hl7 }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Spoken::Hl7 => "hl7",
            Spoken::Fhir => "fhir",
        }
    }

    /// The messages, each judged by itself; what is wrong with the batch around them is said of the last.
    pub(super) fn read(self, body: &[u8], caps: &ReportCaps, most: usize) -> Vec<Received> {
        match self {
            Spoken::Hl7 => {
                let mut messages = hl7::messages(body, caps);
                let mut all: Vec<Received> = messages.by_ref().take(most).collect();
                if let Some(last) = all.last_mut() {
                    last.complaints.extend(messages.complaints().iter().cloned());
                }
                all
            }
            Spoken::Fhir => fhir::bundles(body, caps).take(most).collect(),
        }
    }
}

/// A finding of ours about a report: how grave, which code, and both texts.
fn words(found: &Found) -> Option<(Severity, &'static str, String, String)> {
    let tube = found.specimen.as_deref().unwrap_or("?");
    let told = match found.standing {
        ToldStanding::Stands | ToldStanding::Linked => return None,
        ToldStanding::Same => (
            Severity::Info,
            "message.same",
            "this result is known already and counts once; nothing is to be done".to_owned(),
            "该结果已知，只计一次；无需处理".to_owned(),
        ),
        ToldStanding::Stray => (
            Severity::Warning,
            "message.stray",
            format!("nobody has registered the tube {tube} yet; the result is kept and joins it: check the number, and do not send it again"),
            format!("采样管 {tube} 尚未登记；结果已保留，登记后自动对应：请核对编号，无需重发"),
        ),
        ToldStanding::UnknownCode => {
            let code = found.unknown.as_ref().map_or_else(|| "?".to_owned(), |one| format!("{} ({})", one.code, one.system));
            (
                Severity::Warning,
                "message.unknown_code",
                format!("{code} is not known; the result is kept until somebody has mapped it: use LOINC and SNOMED CT, or ask the department to map it"),
                format!("不认识代码 {code}；结果已保留，待建立对照：请使用 LOINC 和 SNOMED CT，或联系疾控部门建立对照"),
            )
        }
        ToldStanding::ReportedUnrun => (
            Severity::Warning,
            "message.reported_unrun",
            "it does not say by which instrument or method and when it was measured, or was reported before that; it is told to nobody until the department has looked: fill in OBX-17 or 18 and OBX-19".to_owned(),
            "未注明仪器或方法及检测时间，或报告早于检测；核实前不告知任何人：请填写 OBX-17 或 OBX-18，以及 OBX-19".to_owned(),
        ),
        ToldStanding::BeforeSampling => (
            Severity::Warning,
            "message.before_sampling",
            format!("it was measured before the tube {tube} was filled; it is told to nobody until the department has looked: correct the times"),
            format!("检测时间早于采样管 {tube} 的采样时间；核实前不告知任何人：请更正时间"),
        ),
        ToldStanding::Preliminary => (
            Severity::Info,
            "message.preliminary",
            "a preliminary result is kept and told to nobody; send the final one".to_owned(),
            "初步结果已保留，不告知任何人；请发送最终结果".to_owned(),
        ),
        ToldStanding::OnPlate => (
            Severity::Info,
            "message.on_plate",
            format!("the tube {tube} stands on a plate here; both results are compared when that run is reported: nothing is to be done"),
            format!("采样管 {tube} 正在本系统上机；报告后比对两个结果：无需处理"),
        ),
        ToldStanding::Conflict => (
            Severity::Warning,
            "message.conflict",
            "it says otherwise than what is known, and nothing was replaced; the department settles it: if it is a correction, send it with OBR-25 C".to_owned(),
            "与已知结果不一致，未作任何替换；由疾控部门裁定：如为更正，请以 OBR-25 C 发送".to_owned(),
        ),
        ToldStanding::OtherTest => (
            Severity::Info,
            "message.other_test",
            "it says nothing of what its specimen is tested for here; it is kept and decides nothing".to_owned(),
            "未涉及本系统对该样本的检测目的；已保留，不作为判定依据".to_owned(),
        ),
        ToldStanding::Outside => (
            Severity::Info,
            "message.outside",
            "it is about somebody in no tube; it is kept sealed until an epidemiologist has looked: nothing is to be done".to_owned(),
            "涉及未在本系统采样的人员；已封存，待流调人员处理：无需处理".to_owned(),
        ),
        ToldStanding::Replaced => (
            Severity::Info,
            "message.older",
            "a later version of it is known; it is kept as history".to_owned(),
            "已有更新的版本；作为历史保留".to_owned(),
        ),
        ToldStanding::Withdrawn => (
            Severity::Info,
            "message.withdrawn",
            "the result is withdrawn; its people are without a result".to_owned(),
            "结果已撤回；相关人员视为无结果".to_owned(),
        ),
        ToldStanding::Dropped => (
            Severity::Info,
            "message.dropped",
            "it was settled that this result does not count".to_owned(),
            "经裁定该结果不计".to_owned(),
        ),
    };
    Some(told)
}

/// Where it is, as far as the sender's own people can find it.
fn place(received: &Received, found: &Found, spoken: Spoken) -> Place {
    // A report that was refused before it makes counting uncertain.
    if received.refused > 0 {
        return Place::Whole;
    }
    let sequence = u32::try_from(found.number + 1).unwrap_or(u32::MAX);
    if spoken == Spoken::Fhir {
        let path = format!("Bundle.entry.resource.ofType(DiagnosticReport)[{}]", found.number);
        return Place::Path { path };
    }
    let (segment, field) = match found.standing {
        ToldStanding::Stray | ToldStanding::OnPlate => ("SPM", 2),
        ToldStanding::Preliminary | ToldStanding::Conflict => ("OBR", 25),
        _ => ("OBR", 0),
    };
    Place::Segment { segment: segment.to_owned(), sequence, field, repetition: 1, component: 0 }
}

fn whole(severity: Severity, what: &'static str, en: &str, zh: &str) -> Complaint {
    let fault = ReportFault::Found { what, en: en.to_owned(), zh: zh.to_owned() };
    Complaint { place: Place::Whole, severity, fault }
}

/// What was read and what came of it, as one: so that a sender is answered once.
pub(super) fn judged(received: &Received, verdict: &Verdict, spoken: Spoken) -> Received {
    let mut told = received.clone();
    for found in &verdict.found {
        if let Some((severity, what, en, zh)) = words(found) {
            let place = place(received, found, spoken);
            told.complaints.push(Complaint { place, severity, fault: ReportFault::Found { what, en, zh } });
        }
    }
    match verdict.word.as_str() {
        "refused" => {
            told.refused = told.refused.max(told.reports.len()).max(1);
            told.reports.clear();
        }
        "in_part" => told.refused = told.refused.max(1),
        "own" => told.complaints.push(whole(
            Severity::Info,
            "message.own",
            "this is a message of our own that came back; it was not taken, and nothing is to be done",
            "这是本系统发出的消息，未再次接收；无需处理",
        )),
        "test" => told.complaints.push(whole(
            Severity::Info,
            "message.test",
            "a test message: read, answered and not taken; send it with MSH-11 P when it is about people who exist",
            "测试消息：已读取并应答，未接收；涉及真实人员时请以 MSH-11 P 发送",
        )),
        _ => {}
    }
    if verdict.number_used {
        let fault = whole(
            Severity::Error,
            "message.number_used",
            "its sender has used this number for another message, and nothing of it was taken; give each message a number of its own",
            "发送方已将此编号用于另一条消息，本条未接收；请为每条消息使用不同编号",
        );
        told.complaints.insert(0, fault);
    }
    told
}

pub(super) fn acknowledged(all: &[Received], vault: &Vault, now: Moment, offset: i16) -> String {
    let from = Party { application: program(vault), ..Party::default() };
    let at = StatedTime::at(now, offset);
    let each = all.iter().map(|one| {
        let id = format!("{:032x}", random_bits());
        hl7::acknowledge(one, &from, &id[..20], at)
    });
    each.collect()
}

pub(super) fn listed(all: &[Received], verdicts: &[Verdict]) -> Json {
    let rows: Vec<Json> = all
        .iter()
        .zip(verdicts)
        .map(|(told, verdict)| {
            let head = told.head.as_ref();
            let reports: Vec<Json> = verdict
                .found
                .iter()
                .map(|found| {
                    json!({
                        "number": found.number + 1, "specimen": found.specimen, "standing": found.standing,
                        "call": found.call,
                    })
                })
                .collect();
            json!({
                "number": told.number, "control": head.map(|head| &head.id),
                "sender": head.map(|head| name_of(&head.sender)), "verdict": verdict.word, "again": verdict.again,
                "reports": reports, "complaints": told.complaints.iter().map(as_said).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "rows": rows })
}

/// To the sender's own people a complaint may repeat what they wrote.
fn as_said(complaint: &Complaint) -> Json {
    let mut told = kept(complaint);
    told["en"] = complaint.fault.to_string().into();
    told["zh"] = complaint.fault.zh().into();
    told
}
