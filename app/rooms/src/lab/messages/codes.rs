//! What the codes of a message mean: by the packs, or by what was mapped for its laboratory. What nobody knows opens a task.

use super::told::{Code, Said, ToldOne, ToldReport};
use crate::lab::Laboratory;
use crate::packed;
use crate::tasks::{Closing, Errand, Source, wants};
use base::{Id, Territory};
use lab::{Call, ToldRead, read_together};
use std::collections::BTreeMap;
use store::{Query, Result, Tx, Value, params};

/// A test by which nothing is decided.
pub(super) const CYCLES: &str = "cycles";
pub(super) const IGNORED: &str = "ignored";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Test,
    Result,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Test => "test",
            Kind::Result => "result",
        }
    }
}

enum Test {
    Presence(Vec<String>),
    DecidesNothing,
    Unknown,
}

/// Whether a code has its meaning from a pack.
pub(super) fn is_packed(kind: &str, system: &str, code: &str) -> bool {
    let pack = packed::message_codes();
    match kind {
        "test" => pack.test(system, code).is_some(),
        _ => pack.result(system, code).is_some(),
    }
}

/// The diseases one test finds alike: those an assay names together.
fn found_alike(disease: &str) -> Vec<String> {
    let mut alike = vec![disease.to_owned()];
    for assay in packed::assays().iter().filter(|assay| assay.diseases.iter().any(|one| one == disease)) {
        alike.extend(assay.diseases.iter().filter(|one| *one != disease).cloned());
    }
    alike
}

/// What a report comes to, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub read: ToldRead,
    pub preliminary: bool,
    pub measured: bool,
    pub analysed: Option<i64>,
    /// The test that decides, for whoever reads a list.
    pub test: Option<Code>,
    pub disease: Option<String>,
    /// The first code nobody knows.
    pub unknown: Option<Code>,
}

impl Read {
    pub(super) fn call(&self) -> Option<Call> {
        match self.read {
            ToldRead::Call(call) => Some(call),
            _ => None,
        }
    }
}

pub(super) struct Codes {
    mapped: BTreeMap<(Kind, String, String), String>,
    /// Met and known to nobody: the text, and how often.
    unknown: BTreeMap<(Kind, String, String), (String, i64)>,
}

impl Codes {
    pub(super) fn of(query: &mut dyn Query, lab: &str) -> Result<Codes> {
        let sql = "SELECT kind, system, code, means FROM lab_code WHERE lab = $1 AND means IS NOT NULL";
        let mut mapped = BTreeMap::new();
        for row in query.rows(sql, params![lab])? {
            let kind = if row.text(0)? == "test" { Kind::Test } else { Kind::Result };
            mapped.insert((kind, row.text(1)?, row.text(2)?), row.text(3)?);
        }
        Ok(Codes { mapped, unknown: BTreeMap::new() })
    }

    fn mapped(&self, kind: Kind, codes: &[Code]) -> Option<&str> {
        codes.iter().find_map(|one| {
            self.mapped.get(&(kind, one.system.clone(), one.code.clone())).map(String::as_str)
        })
    }

    fn meet(&mut self, kind: Kind, codes: &[Code]) {
        let Some(one) = codes.first() else { return };
        let met = self.unknown.entry((kind, one.system.clone(), one.code.clone()));
        met.or_insert_with(|| (one.text.clone(), 0)).1 += 1;
    }

    fn test(&self, codes: &[Code]) -> Test {
        let pack = packed::message_codes();
        if let Some(known) = codes.iter().find_map(|one| pack.test(&one.system, &one.code)) {
            return match known.means.as_str() {
                "presence" => Test::Presence(known.diseases.clone()),
                _ => Test::DecidesNothing,
            };
        }
        match self.mapped(Kind::Test, codes) {
            None => Test::Unknown,
            Some(CYCLES | IGNORED) => Test::DecidesNothing,
            Some(disease) => Test::Presence(found_alike(disease)),
        }
    }

    /// `Ok(None)`: it decides nothing; `Err`: nobody knows the code.
    fn result(&self, codes: &[Code]) -> std::result::Result<Option<Call>, ()> {
        let pack = packed::message_codes();
        let known = codes.iter().find_map(|one| pack.result(&one.system, &one.code));
        let word = known.map(|known| known.call.as_str()).or_else(|| self.mapped(Kind::Result, codes));
        match word {
            None => Err(()),
            Some(IGNORED) => Ok(None),
            Some(word) => word.parse().map(Some).map_err(|_| ()),
        }
    }

    /// `of`: the disease whose presence is asked for; none, when the report is nobody's tube's.
    pub(super) fn read(&mut self, report: &ToldReport, of: Option<&str>) -> Read {
        let mut calls: Vec<Option<Call>> = Vec::new();
        let mut deciding: Vec<&ToldOne> = Vec::new();
        let (mut disease, mut unknown) = (None, None);
        for one in &report.results {
            if matches!(one.status.as_deref(), Some("D" | "W")) {
                continue;
            }
            match self.test(&one.test) {
                Test::DecidesNothing => {}
                Test::Unknown => {
                    self.meet(Kind::Test, &one.test);
                    unknown = unknown.or_else(|| one.test.first().cloned());
                    calls.push(None);
                }
                Test::Presence(diseases) => {
                    if of.is_some_and(|of| !diseases.iter().any(|one| one == of)) {
                        continue;
                    }
                    disease = disease.or_else(|| diseases.into_iter().next());
                    let call = match &one.said {
                        _ if one.status.as_deref() == Some("X") => Some(Some(Call::Invalid)),
                        Said::Codes(codes) => match self.result(codes) {
                            Ok(None) => None,
                            Ok(call) => Some(call),
                            Err(()) => {
                                self.meet(Kind::Result, codes);
                                unknown = unknown.or_else(|| codes.first().cloned());
                                Some(None)
                            }
                        },
                        Said::Number(_) | Said::Other | Said::Nothing => Some(None),
                    };
                    if let Some(call) = call {
                        calls.push(call);
                        deciding.push(one);
                    }
                }
            }
        }
        let is_final = |status: Option<&str>| matches!(status, None | Some("F" | "C" | "X" | "D" | "W"));
        let times: Option<Vec<i64>> = deciding.iter().map(|one| one.analysed).collect();
        Read {
            read: read_together(calls).unwrap_or(ToldRead::OtherTest),
            preliminary: !is_final(report.status.as_deref())
                || deciding.iter().any(|one| !is_final(one.status.as_deref())),
            measured: !deciding.is_empty() && deciding.iter().all(|one| one.measured),
            analysed: times.and_then(|times| times.into_iter().min()),
            test: deciding
                .first()
                .copied()
                .or_else(|| report.results.first())
                .and_then(|one| one.test.first().cloned()),
            disease,
            unknown,
        }
    }

    /// What nobody knows stands as a task from now on. `anew`: what was judged before was counted before.
    pub(super) fn keep(self, tx: &mut Tx<'_>, lab: (Id<Laboratory>, &Territory), anew: bool) -> Result<()> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let at = tx.at;
        let rows: Vec<Vec<Value>> = self
            .unknown
            .into_iter()
            .map(|((kind, system, code), (text, seen))| {
                vec![
                    lab.0.into(),
                    kind.word().into(),
                    system.into(),
                    code.into(),
                    text.into(),
                    at.into(),
                    seen.into(),
                ]
            })
            .collect();
        tx.insert_many(
            "INSERT INTO lab_code (lab, kind, system, code, text, since, seen)",
            7,
            &rows,
            if anew {
                "ON CONFLICT (lab, kind, system, code) DO NOTHING"
            } else {
                "ON CONFLICT (lab, kind, system, code) DO UPDATE SET seen = lab_code.seen + excluded.seen"
            },
        )?;
        ask_for_meanings(tx, lab.0, lab.1)
    }
}

/// While a laboratory says codes nobody knows, a task says so: one, whatever their number.
pub(super) fn ask_for_meanings(tx: &mut Tx<'_>, lab: Id<Laboratory>, territory: &Territory) -> Result<()> {
    let sql = "SELECT min(since) FROM lab_code WHERE lab = $1 AND means IS NULL";
    let first = tx.first(sql, params![lab])?.map(|row| row.opt_int(0)).transpose()?.flatten();
    let errands: Vec<Errand<'_>> = first.map(|since| Errand::of("map_codes", since)).into_iter().collect();
    let source = Source { room: "lab", record: &lab.to_string() };
    wants(tx, source, territory, &errands, Closing::DoneOtherwise)
}
