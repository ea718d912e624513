//! Contacts of a case.

use crate::cases::changes::touch_event;
use crate::cases::reach::{case_in_reach, contact_in_reach, event_in_reach};
use crate::cases::{Case, Contact, ContactRecord, ContactStatus, Event, keep_contacts};
use crate::people::{Identity, Subject, keep_subject, seal_identity};
use crate::refuse::{exists, invalid};
use base::{Day, Id, Territory};
use cases::{ContactClass, Sex};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, params};

/// Somebody was in contact with a case.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddContact {
    pub id: Id<Sent>,
    pub contact: Id<Contact>,
    pub subject: Id<Subject>,
    #[serde(default)]
    pub contact_no: Option<String>,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    #[serde(default)]
    pub source_case: Option<Id<Case>>,
    pub territory: Territory,
    #[serde(default)]
    pub identity: Option<Sealed<Identity>>,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    pub age: Option<f64>,
    pub class: ContactClass,
    #[serde(default)]
    pub relation: Option<String>,
    #[serde(default)]
    pub first_exposure: Option<Day>,
    #[serde(default)]
    pub last_exposure: Option<Day>,
}

impl Change for AddContact {
    const NAME: &'static str = "add contact";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let case = self.source_case.map(|case| case.to_string());
        [self.contact.to_string(), self.subject.to_string()].into_iter().chain(case).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        seal_identity(tx, self.subject, &mut self.identity)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.count("SELECT count(*) FROM cases_contact WHERE id = $1", params![self.contact])? > 0 {
            return Err(exists("contact", "密接者"));
        }
        let source = self.source_case.map(|case| case_in_reach(tx, case)).transpose()?;
        if let Some(event) = self.event {
            event_in_reach(tx, event)?;
        }
        check_exposure(self.first_exposure, self.last_exposure)?;
        let event = self.event.or(source.as_ref().and_then(|case| case.event));
        touch_event(tx, event)?;
        let contact = ContactRecord {
            id: self.contact,
            territory: self.territory.clone(),
            event,
            list: None,
            contact_no: self
                .contact_no
                .clone()
                .unwrap_or_else(|| self.contact.to_string()["contact_".len()..][..10].to_uppercase()),
            subject: self.subject,
            place: String::new(),
            source_case: self.source_case,
            source_no: None,
            sex: self.sex,
            age: self.age,
            age_band: None,
            class: Some(self.class),
            relation: self.relation.clone(),
            first_exposure: self.first_exposure,
            last_exposure: self.last_exposure,
            status: ContactStatus::Watched,
            became_case: None,
            created: tx.at,
            changed: tx.at,
        };
        keep_subject(tx, self.subject, &self.territory, self.identity.as_ref(), contact.traits())?;
        keep_contacts(tx, &[(contact, None)])
    }
}

/// What is known about a contact is corrected, or the contact is released or became a case.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendContact {
    pub id: Id<Sent>,
    pub contact: Id<Contact>,
    #[serde(default)]
    pub class: Option<ContactClass>,
    #[serde(default)]
    pub relation: Option<String>,
    #[serde(default)]
    pub first_exposure: Option<Day>,
    #[serde(default)]
    pub last_exposure: Option<Day>,
    #[serde(default)]
    pub status: Option<ContactStatus>,
    #[serde(default)]
    pub became_case: Option<Id<Case>>,
}

impl Change for AmendContact {
    const NAME: &'static str = "amend contact";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(contact_in_reach(tx, self.contact)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.contact.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut contact = contact_in_reach(tx, self.contact)?;
        contact.class = self.class.or(contact.class);
        contact.relation = self.relation.clone().or(contact.relation);
        contact.first_exposure = self.first_exposure.or(contact.first_exposure);
        contact.last_exposure = self.last_exposure.or(contact.last_exposure);
        contact.status = self.status.unwrap_or(contact.status);
        if let Some(case) = self.became_case {
            case_in_reach(tx, case)?;
            contact.became_case = Some(case);
            contact.status = ContactStatus::BecameCase;
        }
        check_exposure(contact.first_exposure, contact.last_exposure)?;
        contact.changed = tx.at;
        touch_event(tx, contact.event)?;
        keep_contacts(tx, &[(contact, None)])
    }
}

fn check_exposure(first: Option<Day>, last: Option<Day>) -> Result<()> {
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        return Err(invalid(
            "contacts.exposure_order",
            "last_exposure",
            "the last exposure lies before the first; correct one of the two",
            "末次暴露早于首次暴露；请更正其中之一",
        ));
    }
    Ok(())
}
