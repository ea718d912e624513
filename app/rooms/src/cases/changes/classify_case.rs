//! A step on the classification ladder.

use crate::cases::changes::{keep_state, touch_event};
use crate::cases::reach::case_in_reach;
use crate::cases::{Case, keep_cases};
use crate::packed;
use crate::people::Subject;
use crate::refuse::{invalid, required};
use base::{Day, Id, Territory};
use cases::Classification;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sealed, Sent, Tx, Vault};

/// A case changes its classification by the disease pack's rules; who, when and why stays.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyCase {
    pub id: Id<Sent>,
    pub case: Id<Case>,
    pub to: Classification,
    pub day: Day,
    /// Free text about a person, so it is sealed with the person.
    pub reason: Sealed<String>,
}

pub(crate) fn reason_context(subject: Id<Subject>) -> String {
    format!("cases_state.reason|{subject}")
}

impl Change for ClassifyCase {
    const NAME: &'static str = "classify case";
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
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let subject = case_in_reach(tx, self.case)?.subject;
        let key = Vault::key_for(tx, &subject.to_string())?;
        self.reason.shut(&key, &reason_context(subject))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut case = case_in_reach(tx, self.case)?;
        let ladder = packed::ladder(case.disease.as_deref());
        case.classification = ladder.step(case.classification, self.to).map_err(|refusal| {
            let zh =
                format!("该病种规则不允许由 {} 改为 {}；可选：{}", refusal.from, refusal.to, refusal.allowed);
            invalid("cases.illegal_step", "to", refusal.to_string(), zh)
        })?;
        case.changed = tx.at;
        keep_state(tx, &case, Some(self.day), Some(self.reason.cipher()?))?;
        touch_event(tx, case.event)?;
        keep_cases(tx, &[(case, None)])
    }
}
