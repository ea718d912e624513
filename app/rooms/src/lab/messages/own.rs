//! Our own messages: a reported run, tube by tube, without anybody's name; and how they are known again when they come back.

use crate::lab::Run;
use crate::lab::reach::run_within;
use crate::packed;
use crate::refuse::invalid;
use base::{Id, Moment};
use exchange::lab_report::{
    Authority, CodeSystem, Coded, Coding, EntityId, LabReport, LabResult, MessageHead, Mode, Number, Order,
    Organisation, Party, ReportedSpecimen, ResultStatus, Value,
};
use exchange::{StatedTime, fhir, hl7};
use lab::Call;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use store::{Permission, Query, Result, Row, Scope, Vault, params};

const PROGRAM: &str = "QUELL";
/// Where no table of others has a word.
const OWN_CODES: &str = "99QUELL";
const CYCLES: &str = "94745-7";

/// This very installation: the same program elsewhere is another sender.
pub(super) fn program(vault: &Vault) -> Authority {
    let digest = Sha256::digest(vault.mark("lab messages", "sender"));
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Authority { name: Some(PROGRAM.to_owned()), id: Some(parts.join("-")), kind: Some("UUID".to_owned()) }
}

pub(super) fn is_own(sender: &Party, vault: &Vault) -> bool {
    sender.application.id.is_some() && sender.application.id == program(vault).id
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Hl7,
    Fhir,
}

/// The file of a reported run, in one of the two languages.
pub(super) fn written(
    query: &mut dyn Query,
    scope: &Scope,
    id: Id<Run>,
    format: Format,
    offset: i16,
) -> Result<String> {
    scope.demand(Permission::LabRead)?;
    let run = run_within(query, scope, id)?;
    let told = query.first(
        "SELECT l.name, r.called, r.reported, r.pack FROM lab_run r JOIN lab_laboratory l ON l.id = r.lab WHERE r.id = $1",
        params![id],
    )?;
    let reported = told.as_ref().map(|row| row.opt_int(2)).transpose()?.flatten();
    let (Some(told), Some(reported), "reported") = (told, reported, run.state.as_str()) else {
        return Err(invalid(
            "lab.not_reported",
            "run",
            "only a reported run is told to others; report it first",
            "只有已报告的批次才能发送；请先报告",
        ));
    };
    let about = About {
        laboratory: told.text(0)?,
        lab: run.lab.to_string(),
        run: id.to_string(),
        assay: run.assay.clone(),
        version: told.text(3)?,
        called: Moment(told.opt_int(1)?.unwrap_or(reported)),
        reported: Moment(reported),
        offset,
        program: program(query.vault()),
    };
    let sql = "SELECT t.barcode, w.first, w.cts, t.sampled, t.closed, t.received, w.well FROM lab_well w \
               JOIN lab_tube t ON t.barcode = w.barcode WHERE w.run = $1 AND w.first IS NOT NULL ORDER BY t.seq";
    let reports: Vec<LabReport> =
        query.rows(sql, params![id])?.iter().map(|row| about.report(row)).collect::<Result<_>>()?;
    Ok(match format {
        Format::Hl7 => {
            let each: Vec<String> = reports.iter().map(|report| hl7::write(report).text).collect();
            hl7::batch(&each)
        }
        Format::Fhir => reports.iter().map(|report| fhir::write(report).text + "\n").collect(),
    })
}

struct About {
    laboratory: String,
    lab: String,
    run: String,
    assay: String,
    version: String,
    called: Moment,
    reported: Moment,
    offset: i16,
    program: Authority,
}

impl About {
    fn at(&self, moment: Moment) -> Option<StatedTime> {
        Some(StatedTime::at(moment, self.offset))
    }

    fn entity(&self, id: &str) -> Option<EntityId> {
        Some(EntityId { id: Some(id.to_owned()), authority: self.program.clone() })
    }

    fn report(&self, row: &Row) -> Result<LabReport> {
        let (tube, well) = (row.text(0)?, row.text(6)?);
        let call: Call = row.read(1)?;
        let cts: Vec<(String, Option<f64>)> = match row.opt_text(2)? {
            Some(_) => row.json(2)?,
            None => Vec::new(),
        };
        let facility = Authority { name: Some(self.laboratory.clone()), ..Authority::default() };
        let lab = Organisation {
            name: Some(self.laboratory.clone()),
            id: Some(self.lab.clone()),
            ..Organisation::default()
        };
        let base = LabResult {
            status: Some(ResultStatus::Final),
            observed: self.at(Moment(row.int(3)?)),
            analysed: self.at(self.called),
            methods: vec![own_code(&self.assay, &format!("{} {}", self.assay, self.version))],
            lab: Some(lab),
            ..LabResult::default()
        };
        let presence = LabResult {
            test: self.test(),
            part: Some("1".to_owned()),
            value: Value::Coded(said(call)),
            ..base.clone()
        };
        let mut results = vec![presence];
        for (number, (target, ct)) in cts.iter().enumerate() {
            let Some(number_of) = ct.and_then(|ct| Number::read(&format!("{ct}"))) else { continue };
            let mut test = Coded::one(CodeSystem::Loinc, CYCLES, "Cycle threshold");
            test.codings.extend(own_code(target, target).codings);
            let value = Value::Quantity { comparator: None, number: number_of, unit: None };
            results.push(LabResult { test, part: Some((number + 2).to_string()), value, ..base.clone() });
        }
        let id = format!("{}-{}", &self.run["run_".len()..][..12], tube);
        Ok(LabReport {
            message: MessageHead {
                id,
                sender: Party { application: self.program.clone(), facility },
                receiver: Party::default(),
                mode: Mode::Production,
                sent: self.at(self.reported),
            },
            patient: None,
            order: Order {
                placer: self.entity(&tube),
                filler: self.entity(&format!("{}/{well}", self.run)),
                test: self.test(),
                status: Some(ResultStatus::Final),
                collected: self.at(Moment(row.int(3)?)),
                reported: self.at(self.reported),
                ..Order::default()
            },
            specimens: vec![ReportedSpecimen {
                placer: self.entity(&tube),
                kind: Coded::one(CodeSystem::Snomed, "258500001", "Nasopharyngeal swab"),
                collected: self.at(Moment(row.int(3)?)),
                collected_until: self.at(Moment(row.int(4)?)),
                received: row.opt_int(5)?.and_then(|received| self.at(Moment(received))),
                ..ReportedSpecimen::default()
            }],
            results,
            answers: Vec::new(),
        })
    }

    fn test(&self) -> Coded {
        match packed::result_codes().loinc(&self.assay) {
            Some(loinc) => Coded::one(CodeSystem::Loinc, loinc, &self.assay),
            None => own_code(&self.assay, &self.assay),
        }
    }
}

fn own_code(code: &str, text: &str) -> Coded {
    Coded::one(CodeSystem::Other(OWN_CODES.to_owned()), code, text)
}

/// The first code of the pack for a call, and our own word beside it.
fn said(call: Call) -> Coded {
    let word = match call {
        // Others have no word for one target of two.
        Call::SingleTarget => Call::Grey.word(),
        call => call.word(),
    };
    let packed = packed::message_codes().results.iter().find(|one| one.call == word && one.system != "text");
    let packed = packed.map(|one| Coding {
        system: Some(CodeSystem::of_address(&one.system)),
        code: Some(one.code.clone()),
        text: Some(one.text.clone()),
        version: None,
    });
    Coded {
        codings: packed.into_iter().chain(own_code(call.word(), call.word()).codings).collect(),
        text: None,
    }
}
