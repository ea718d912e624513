//! What a sender is answered: an OperationOutcome with one issue for each complaint.

use crate::{Complaint, Place, Received, ReportFault, Verdict};
use linelist::Severity;
use serde_json::{Value, json};

/// What was sent together is answered together, in its order: a bundle with one outcome for each.
pub fn outcomes(all: &[Received]) -> String {
    let entries: Vec<Value> = all
        .iter()
        .map(|received| {
            let status = match received.verdict() {
                Verdict::Accepted => "200 OK",
                Verdict::InPart => "207 Multi-Status",
                Verdict::Refused => "422 Unprocessable Entity",
            };
            json!({ "response": { "status": status, "outcome": told(received) } })
        })
        .collect();
    json!({ "resourceType": "Bundle", "type": "batch-response", "entry": entries }).to_string()
}

pub fn outcome(received: &Received) -> String {
    told(received).to_string()
}

fn told(received: &Received) -> Value {
    let mut issues: Vec<Value> = received.complaints.iter().map(issue).collect();
    let words = match received.verdict() {
        Verdict::Accepted => "accepted",
        Verdict::InPart => "accepted in part",
        Verdict::Refused => "refused",
    };
    let (taken, refused) = (received.reports.len(), received.refused);
    issues.push(json!({
        "severity": "information",
        "code": "informational",
        "details": { "text": format!("{words}: {taken} report(s) taken, {refused} refused") },
    }));
    json!({ "resourceType": "OperationOutcome", "issue": issues })
}

fn issue(complaint: &Complaint) -> Value {
    let severity = match complaint.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "information",
    };
    let mut issue = json!({
        "severity": severity,
        "code": kind(&complaint.fault),
        "details": {
            "coding": [{ "system": "urn:x-hl7v2:99QUELL", "code": complaint.fault.code() }],
            "text": complaint.fault.to_string(),
        },
    });
    if let Place::Path { path } = &complaint.place {
        issue["expression"] = json!([path]);
    }
    issue
}

/// The value set `issue-type`.
fn kind(fault: &ReportFault) -> &'static str {
    match fault {
        ReportFault::BadJson { .. } | ReportFault::BadResource { .. } | ReportFault::NoMessage => "structure",
        ReportFault::Missing { .. } | ReportFault::NoResults => "required",
        ReportFault::TooMany { .. } => "too-costly",
        ReportFault::TooLong { .. } => "too-long",
        ReportFault::OtherKind { .. } | ReportFault::UnreadValue { .. } => "not-supported",
        ReportFault::Dangling { .. } => "not-found",
        ReportFault::TwoOfAName { .. } => "duplicate",
        ReportFault::UnknownWord { .. } => "code-invalid",
        ReportFault::OtherPatient | ReportFault::TimesOutOfOrder { .. } => "business-rule",
        ReportFault::Unreferenced { .. } => "incomplete",
        ReportFault::Found { what: "message.number_used", .. } => "conflict",
        ReportFault::Found { what: "message.stray", .. } => "not-found",
        ReportFault::Found { what: "message.unknown_code", .. } => "code-invalid",
        ReportFault::Found { .. } => "business-rule",
        _ => "value",
    }
}
