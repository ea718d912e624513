//! A report as the journal and the tables hold it: codes, numbers and times. Names, addresses and free text stay outside.

use crate::lab::people::Envelope;
use exchange::lab_report::{CodeSystem, Coded, EntityId, LabReport, LabResult, Party, ResultStatus, Value};
use exchange::{Complaint, Place, StatedTime};
use lab::Barcode;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::Vault;

/// A code with the system it belongs to, as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Code {
    #[serde(rename = "s")]
    pub system: String,
    #[serde(rename = "c")]
    pub code: String,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Codes(Vec<Code>),
    Number(String),
    /// Something that decides nothing until somebody has looked: a long text, a date, a picture. It is not kept.
    Other,
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldOne {
    #[serde(rename = "x")]
    pub test: Vec<Code>,
    #[serde(rename = "v")]
    pub said: Said,
    /// It names an instrument or a method.
    #[serde(rename = "m", default, skip_serializing_if = "is_false")]
    pub measured: bool,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub analysed: Option<i64>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldReport {
    /// A mark of what makes it the same report in another message.
    pub key: String,
    /// A mark of what it says.
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What may be a tube's barcode, the likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specimens: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdraws: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<i64>,
    pub results: Vec<ToldOne>,
    /// What was asked when the test was ordered; never results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<ToldOne>,
    /// Whom it is about, when it was about somebody in no tube of ours as it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Envelope>,
    /// It is about somebody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub person: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// One message on its way into the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToldMessage {
    pub id: String,
    pub content: String,
    pub sender: String,
    pub control: String,
    /// `P`, `T` or `D`.
    pub mode: String,
    pub format: String,
    /// Our own message has come back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Reports that could not be read.
    #[serde(default)]
    pub refused: usize,
    pub reports: Vec<ToldReport>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complaints: Vec<Json>,
}

/// Numbers and texts of codes are short; longer ones are something else.
const LONGEST_CODE: usize = 80;
const LONGEST_TEXT: usize = 120;
/// A text that may be a result: `阳性`, `not detected`.
const LONGEST_WORD: usize = 24;

pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn codes_of(coded: &Coded) -> Vec<Code> {
    let mut codes: Vec<Code> = coded
        .codings
        .iter()
        .filter_map(|coding| {
            let code = cut(coding.code.as_deref()?, LONGEST_CODE);
            let system = coding.system.as_ref().map(CodeSystem::address).unwrap_or_default();
            let text = cut(coding.text.as_deref().unwrap_or_default(), LONGEST_TEXT);
            Some(Code { system: cut(&system, LONGEST_CODE), code, text })
        })
        .take(3)
        .collect();
    if codes.is_empty() {
        codes.extend(coded.words().and_then(word));
    }
    codes
}

/// A word written out instead of a code.
fn word(text: &str) -> Option<Code> {
    let text = text.trim();
    let short = !text.is_empty() && text.chars().count() <= LONGEST_WORD;
    short.then(|| Code { system: "text".to_owned(), code: text.to_lowercase(), text: text.to_owned() })
}

fn said(value: &Value) -> Said {
    match value {
        Value::Absent => Said::Nothing,
        Value::Coded(coded) => match codes_of(coded) {
            codes if codes.is_empty() => Said::Other,
            codes => Said::Codes(codes),
        },
        Value::Quantity { comparator, number, .. } => {
            Said::Number(format!("{}{}", comparator.as_deref().unwrap_or_default(), number.text()))
        }
        Value::Text(text) => word(text).map_or(Said::Other, |code| Said::Codes(vec![code])),
        _ => Said::Other,
    }
}

/// Times without an offset are taken for the house's own clock.
pub(super) struct Clocks(pub i16);

impl Clocks {
    pub(super) fn moment(&self, time: Option<StatedTime>) -> Option<i64> {
        Some(time?.or_at(self.0).moment()?.0)
    }

    fn one(&self, result: &LabResult) -> ToldOne {
        ToldOne {
            test: codes_of(&result.test),
            said: said(&result.value),
            measured: !result.methods.is_empty() || result.instrument.is_some(),
            analysed: self.moment(result.analysed),
            status: result.status.as_ref().map(|status| cut(status.letter(), 2)),
        }
    }

    /// The report without names; `laboratory` is whose it is.
    pub(super) fn told(&self, report: &LabReport, laboratory: &str, vault: &Vault) -> ToldReport {
        let order = &report.order;
        let specimens = report.specimens.iter().flat_map(|one| [one.placer.as_ref(), one.filler.as_ref()]);
        let numbers = specimens.chain([order.placer.as_ref(), order.filler.as_ref()]).flatten();
        let mut specimens: Vec<String> = Vec::new();
        for number in numbers.filter_map(|number| Barcode::typed(number.id.as_deref()?).ok()) {
            if !specimens.iter().any(|known| known == number.as_str()) {
                specimens.push(number.as_str().to_owned());
            }
        }
        let collected = report.specimens.iter().find_map(|one| one.collected).or(order.collected);
        let mut told = ToldReport {
            key: String::new(),
            content: String::new(),
            number: number_of(order.filler.as_ref()).or_else(|| number_of(order.placer.as_ref())),
            specimens,
            status: order.status.as_ref().map(|status| cut(status.letter(), 2)),
            withdraws: report.withdraws() || order.status == Some(ResultStatus::Wrong),
            collected: self.moment(collected),
            received: self.moment(report.specimens.iter().find_map(|one| one.received)),
            reported: self.moment(order.reported),
            results: report.results.iter().map(|one| self.one(one)).collect(),
            answers: report.answers.iter().map(|one| self.one(one)).collect(),
            envelope: None,
            person: report
                .patient
                .as_ref()
                .is_some_and(|one| !one.names.is_empty() || !one.identifiers.is_empty()),
        };
        // A word in an answer may be anybody's; only codes and numbers of it are kept.
        for answer in &mut told.answers {
            if matches!(&answer.said, Said::Codes(codes) if codes.iter().any(|code| code.system == "text")) {
                answer.said = Said::Other;
            }
        }
        let by = order.filler.as_ref().or(order.placer.as_ref());
        let by = by.map(|number| json!([number.id, number.authority])).unwrap_or_default();
        let test = codes_of(&order.test);
        let key =
            json!([laboratory, by, told.specimens.first(), test.first().map(|one| (&one.system, &one.code))]);
        told.key = vault.mark("lab report", &key.to_string());
        let patient = serde_json::to_string(&report.patient).unwrap_or_default();
        let whole = json!([
            patient,
            told.status,
            told.withdraws,
            told.collected,
            told.reported,
            told.results,
            told.answers
        ]);
        told.content = vault.mark("lab report content", &whole.to_string());
        told
    }
}

fn number_of(number: Option<&EntityId>) -> Option<String> {
    Some(cut(number?.id.as_deref()?, LONGEST_CODE))
}

/// As people read it: the facility, else the program.
pub(super) fn name_of(party: &Party) -> String {
    let said =
        |authority: &exchange::lab_report::Authority| authority.name.clone().or_else(|| authority.id.clone());
    cut(&said(&party.facility).or_else(|| said(&party.application)).unwrap_or_default(), LONGEST_TEXT)
}

/// A complaint for those who look later: where and what, in both languages, and nothing of what stood there.
pub(super) fn kept(complaint: &Complaint) -> Json {
    let fault = complaint.fault.without_what_was_said();
    let place = match &complaint.place {
        Place::Whole => String::new(),
        other => other.to_string(),
    };
    json!({
        "code": fault.code(), "place": place, "severity": complaint.severity, "en": fault.to_string(), "zh": fault.zh(),
    })
}
