//! Reporting a case.

use crate::cases::changes::{keep_state, touch_event};
use crate::cases::reach::event_in_reach;
use crate::cases::{Case, CaseRecord, Event, keep_cases};
use crate::people::{Identity, Subject, keep_subject, seal_identity};
use crate::refuse::{exists, invalid};
use base::{Id, Territory};
use cases::{Classification, DateKind, Dates, Found, Outcome, Sex};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, params};

/// A case is reported, by a person or from a file.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportCase {
    pub id: Id<Sent>,
    pub case: Id<Case>,
    pub subject: Id<Subject>,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    /// Made from the handle when the reporter gives none.
    #[serde(default)]
    pub case_no: Option<String>,
    #[serde(default)]
    pub disease: Option<String>,
    pub territory: Territory,
    #[serde(default)]
    pub identity: Option<Sealed<Identity>>,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    pub age: Option<f64>,
    #[serde(default)]
    pub occupation: Option<String>,
    pub classification: Classification,
    #[serde(default)]
    pub found: Option<Found>,
    #[serde(default)]
    pub outcome: Option<Outcome>,
    #[serde(default)]
    pub dates: Dates,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Reported {
    pub case: Id<Case>,
    pub case_no: String,
}

impl ReportCase {
    fn case_no(&self) -> String {
        match self.case_no.as_deref().map(str::trim) {
            Some(given) if !given.is_empty() => given.to_owned(),
            _ => self.case.to_string()["case_".len()..][..10].to_uppercase(),
        }
    }
}

impl Change for ReportCase {
    const NAME: &'static str = "report case";
    const NEEDS: Permission = Permission::CasesWrite;
    const BASIS: Basis = Basis::CaseReport;
    type Out = Reported;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let event = self.event.map(|event| event.to_string());
        [self.case.to_string(), self.subject.to_string()].into_iter().chain(event).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        seal_identity(tx, self.subject, &mut self.identity)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Reported> {
        if tx.count("SELECT count(*) FROM cases_case WHERE id = $1", params![self.case])? > 0 {
            return Err(exists("case", "病例"));
        }
        let of_event =
            self.event.map(|event| event_in_reach(tx, event)).transpose()?.and_then(|(_, disease)| disease);
        check_age(self.age)?;
        check_order(&self.dates)?;
        let case = CaseRecord {
            id: self.case,
            territory: self.territory.clone(),
            event: self.event,
            list: None,
            case_no: self.case_no(),
            subject: self.subject,
            // An event's disease is its cases': one that states none must not be kept less closely.
            disease: self.disease.clone().or(of_event),
            place: String::new(),
            point: None,
            sex: self.sex,
            age: self.age,
            age_band: None,
            occupation: self.occupation.clone(),
            classification: self.classification,
            outcome: self.outcome,
            found: self.found,
            dates: self.dates.clone(),
            created: tx.at,
            changed: tx.at,
        };
        keep_subject(tx, self.subject, &self.territory, self.identity.as_ref(), case.traits())?;
        keep_state(tx, &case, self.dates.day(DateKind::Report), None)?;
        touch_event(tx, self.event)?;
        let reported = Reported { case: self.case, case_no: case.case_no.clone() };
        keep_cases(tx, &[(case, None)])?;
        Ok(reported)
    }
}

pub(super) fn check_age(age: Option<f64>) -> Result<()> {
    // The longest documented life is 122 years.
    if age.is_some_and(|age| !(0.0..=125.0).contains(&age)) {
        return Err(invalid(
            "cases.age",
            "age",
            "an age lies between 0 and 125 years; correct it or leave it empty",
            "年龄应在 0 至 125 岁之间；请更正或留空",
        ));
    }
    Ok(())
}

/// A death before the onset, a recovery before the admission: one of the two is a slip of the pen.
pub(super) fn check_order(dates: &Dates) -> Result<()> {
    for (first, then) in [(DateKind::Onset, DateKind::Death), (DateKind::Admission, DateKind::Recovery)] {
        let (Some(from), Some(to)) = (dates.day(first), dates.stated(then)) else { continue };
        if to.until.unwrap_or(to.day) < from {
            return Err(invalid(
                "cases.date_order",
                &format!("dates.{then}"),
                format!("{then} {} lies before {first} {from}; correct one of the two", to.day),
                format!("{then} {} 早于 {first} {from}；请更正其中之一", to.day),
            ));
        }
    }
    Ok(())
}
