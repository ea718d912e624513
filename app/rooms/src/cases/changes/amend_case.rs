//! Correcting and completing a case.

use crate::cases::changes::report_case::{check_age, check_order};
use crate::cases::changes::touch_event;
use crate::cases::reach::case_in_reach;
use crate::cases::{Case, keep_cases};
use crate::people::{Identity, Subject, keep_subject, seal_identity};
use base::{Id, StatedDay, Territory};
use cases::{DateKind, Found, Outcome, Sex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, params};

/// What is known about a case is corrected. Absent fields stay; a date given as `null` becomes unknown again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendCase {
    pub id: Id<Sent>,
    pub case: Id<Case>,
    #[serde(default)]
    pub dates: BTreeMap<DateKind, Option<StatedDay>>,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    pub age: Option<f64>,
    #[serde(default)]
    pub occupation: Option<String>,
    #[serde(default)]
    pub found: Option<Found>,
    #[serde(default)]
    pub outcome: Option<Outcome>,
    #[serde(default)]
    pub territory: Option<Territory>,
    #[serde(default)]
    pub identity: Option<Sealed<Identity>>,
}

impl Change for AmendCase {
    const NAME: &'static str = "amend case";
    const NEEDS: Permission = Permission::CasesWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(case_in_reach(tx, self.case)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.case.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let subject = self.subject(tx)?;
        seal_identity(tx, subject, &mut self.identity)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut case = case_in_reach(tx, self.case)?;
        for (kind, stated) in &self.dates {
            match stated {
                Some(stated) => case.dates.set(*kind, stated.clone()),
                None => {
                    case.dates.0.remove(kind);
                }
            }
        }
        check_age(self.age)?;
        check_order(&case.dates)?;
        case.sex = self.sex.or(case.sex);
        case.age = self.age.or(case.age);
        case.occupation = self.occupation.clone().or(case.occupation);
        case.found = self.found.or(case.found);
        case.outcome = self.outcome.or(case.outcome);
        if let Some(territory) = &self.territory {
            // Handing a case to another department is allowed inside one's own subtree only.
            tx.actor.scope.demand_territory(territory)?;
            case.territory = territory.clone();
            case.place = String::new();
        }
        case.changed = tx.at;
        keep_subject(tx, case.subject, &case.territory, self.identity.as_ref(), case.traits())?;
        touch_event(tx, case.event)?;
        keep_cases(tx, &[(case, None)])
    }
}

impl AmendCase {
    fn subject(&self, tx: &mut Tx<'_>) -> Result<Id<Subject>> {
        let row = tx.first("SELECT subject FROM cases_case WHERE id = $1", params![self.case])?;
        row.ok_or_else(|| crate::refuse::missing("case", "病例"))?.read(0)
    }
}
