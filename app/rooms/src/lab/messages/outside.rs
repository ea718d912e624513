//! Whom a report is about that is about nobody's tube: sealed when it comes in, opened on record, gone once their case is known.

use crate::lab::people::Envelope;
use crate::people::Identity;
use base::{Day, StatedDay};
use cases::{Classification, DateKind, Dates, Sex};
use exchange::lab_report::{self, LabReport, Organisation, Patient, Provider};
use serde::{Deserialize, Serialize};
use store::{Query, Result, SubjectKey, Tx, Vault, params};

/// What is sealed of such a report: everything about its person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Person {
    pub patient: Patient,
    #[serde(default)]
    pub provider: Option<Provider>,
    #[serde(default)]
    pub facility: Option<Organisation>,
    #[serde(default)]
    pub notes: Vec<String>,
    /// What was asked when the test was ordered.
    #[serde(default)]
    pub answers: Vec<lab_report::LabResult>,
}

impl Person {
    pub(super) fn of(report: &LabReport) -> Person {
        let results = report.results.iter().flat_map(|one| one.notes.iter().cloned());
        Person {
            patient: report.patient.clone().unwrap_or_default(),
            provider: report.order.provider.clone(),
            facility: report.order.facility.clone(),
            notes: report.order.notes.iter().cloned().chain(results).collect(),
            answers: report.answers.clone(),
        }
    }

    pub(super) fn identity(&self) -> Identity {
        let patient = &self.patient;
        let national = |kind: &str| kind == "NI" || kind.starts_with("NN") || kind == "PPN";
        let number = patient.identifiers.iter().find(|one| one.kind.as_deref().is_some_and(national));
        let phone = patient.telecoms.iter().find(|one| one.kind == lab_report::TelecomKind::Phone);
        let address = patient.addresses.first().map(|one| {
            let parts = [&one.state, &one.city, &one.district].into_iter().flatten().chain(&one.lines);
            parts.cloned().collect::<Vec<_>>().join(" ")
        });
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Identity {
            name: given(self.name()),
            id_number: given(number.and_then(|one| one.id.clone())),
            phone: given(phone.map(|one| one.value.clone())),
            address: given(address),
        }
    }

    /// As it is written where it comes from: family name first and without a gap in Chinese letters.
    fn name(&self) -> Option<String> {
        let name = self.patient.names.first()?;
        let (family, given) =
            (name.family.as_deref().unwrap_or_default(), name.given.as_deref().unwrap_or_default());
        let chinese = family.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter));
        Some(if chinese { format!("{family}{given}") } else { format!("{given} {family}").trim().to_owned() })
    }

    pub(super) fn sex(&self) -> Option<Sex> {
        match self.patient.sex {
            Some(lab_report::Sex::Female) => Some(Sex::Female),
            Some(lab_report::Sex::Male) => Some(Sex::Male),
            _ => None,
        }
    }

    pub(super) fn age_on(&self, day: Day) -> Option<f64> {
        // A year of the Gregorian calendar.
        const YEAR_DAYS: f64 = 365.2425;
        let days = day.number() - self.patient.birth?.day()?.number();
        (days >= 0).then(|| (f64::from(days) / YEAR_DAYS).floor()).filter(|age| *age <= 120.0)
    }
}

fn sealing(owner: &str) -> String {
    format!("lab_report.sealed|{owner}")
}

/// The envelope of a report and its key, wrapped.
pub(super) fn seal(vault: &Vault, owner: &str, person: &Person) -> Result<(Envelope, Vec<u8>)> {
    let (key, wrapped): (SubjectKey, Vec<u8>) = vault.new_key(owner);
    let text = key.seal(&sealing(owner), person)?;
    Ok((Envelope { owner: owner.to_owned(), text }, wrapped))
}

/// Whom it is about, as long as its key is there.
pub(super) fn open(query: &mut dyn Query, sealed: &str) -> Result<Option<Person>> {
    let envelope: Envelope =
        serde_json::from_str(sealed).map_err(|fault| store::Error::Shape(fault.to_string()))?;
    match Vault::key_of(query, &envelope.owner)? {
        Some(key) => key.open(&sealing(&envelope.owner), &envelope.text).map(Some),
        None => Ok(None),
    }
}

/// Whose key shuts why somebody opened or settled a report.
pub(crate) fn reasons_of(seq: i64) -> String {
    format!("told_{seq}")
}

/// Under this report's keys something lies that may name somebody, until its clock has run out.
pub(super) fn keeps_names(tx: &mut Tx<'_>, seq: i64) -> Result<()> {
    tx.run("INSERT INTO lab_report_named (report) VALUES ($1) ON CONFLICT DO NOTHING", params![seq])?;
    Ok(())
}

/// The owner of the key to a report's envelope.
pub(crate) fn keys_of(sealed: &str) -> Option<String> {
    serde_json::from_str::<Envelope>(sealed).ok().map(|envelope| envelope.owner)
}

/// The envelope is opened by nobody any more.
pub(super) fn shut(tx: &mut Tx<'_>, seq: i64, sealed: &str) -> Result<()> {
    if let Some(owner) = keys_of(sealed) {
        Vault::drop_keys(tx, &[owner])?;
    }
    tx.run("UPDATE lab_report SET sealed = NULL WHERE seq = $1", params![seq])?;
    Ok(())
}

/// The days a laboratory knows of somebody.
pub(super) fn days(sampled: Option<Day>, result: Option<Day>, today: Day) -> Dates {
    let mut dates = Dates::default();
    let mut state = |kind, on: Option<Day>| {
        if let Some(on) = on {
            dates.0.insert(kind, StatedDay::exact(on, "laboratory"));
        }
    };
    state(DateKind::Specimen, sampled);
    state(DateKind::Result, result);
    state(DateKind::Report, Some(today));
    dates
}

/// What nobody has looked at yet is no more than suspected.
pub(super) const AT_FIRST: Classification = Classification::Suspected;
