//! Interviews: opened for a case or a contact, and their forms finished.

use crate::cases::reach::{case_in_reach, contact_in_reach, disease_of_contact};
use crate::cases::{Case, Contact, Event};
use crate::packed;
use crate::people::Subject;
use crate::refuse::{exists, invalid, required};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::changes::origin::disease_of_place;
use crate::trace::goods::goods_in_reach;
use crate::trace::interview::{NO_CLOCK, answered_questions, interview_in_reach, needed_questions};
use crate::trace::reach::place_in_reach;
use crate::trace::{Goods, Interview, Place};
use base::{Id, Territory};
use packs::{FormKind, Protocol};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// Somebody begins to ask a case or a contact, or to follow a lot of goods or the surfaces of a place.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenInterview {
    pub id: Id<Sent>,
    pub interview: Id<Interview>,
    #[serde(default)]
    pub case: Option<Id<Case>>,
    #[serde(default)]
    pub contact: Option<Id<Contact>>,
    #[serde(default)]
    pub goods: Option<Id<Goods>>,
    #[serde(default)]
    pub place: Option<Id<Place>>,
    /// The edition in force for the disease today, when nothing is said.
    #[serde(default)]
    pub protocol: Option<String>,
}

/// Whom an interview asks, or what it follows.
struct Asked {
    territory: Territory,
    subject: Id<Subject>,
    no: String,
    event: Option<Id<Event>>,
    disease: Option<String>,
}

impl OpenInterview {
    fn asked(&self, tx: &mut Tx<'_>) -> Result<Asked> {
        // Nobody stands behind the handle of a thing: it is the interview's own.
        let nobody = Id::from_bits(self.interview.bits());
        match (self.case, self.contact, self.goods, self.place) {
            (Some(case), None, None, None) => {
                let case = case_in_reach(tx, case)?;
                Ok(Asked {
                    territory: case.territory,
                    subject: case.subject,
                    no: case.case_no,
                    event: case.event,
                    disease: case.disease,
                })
            }
            (None, Some(contact), None, None) => {
                let contact = contact_in_reach(tx, contact)?;
                let disease = disease_of_contact(tx, &contact)?;
                Ok(Asked {
                    territory: contact.territory,
                    subject: contact.subject,
                    no: contact.contact_no,
                    event: contact.event,
                    disease,
                })
            }
            (None, None, Some(goods), None) => {
                let goods = goods_in_reach(tx, goods)?;
                Ok(Asked {
                    no: goods.called(),
                    territory: goods.territory,
                    subject: nobody,
                    event: goods.event,
                    disease: goods.disease,
                })
            }
            (None, None, None, Some(place)) => {
                let place = place_in_reach(tx, place)?;
                let disease = disease_of_place(tx, &place)?;
                Ok(Asked {
                    territory: place.territory,
                    subject: nobody,
                    no: place.name,
                    event: place.event,
                    disease,
                })
            }
            _ => Err(invalid(
                "trace.asked",
                "case",
                "an interview asks one person or follows one thing; name a case, a contact, goods or a place, and only one",
                "流调对象应为一个；请指定病例、密接者、货物批次或场所之一",
            )),
        }
    }

    fn rules(&self, tx: &Tx<'_>, disease: Option<&str>) -> Result<&'static Protocol> {
        let protocols = packed::protocols();
        let Some(asked) = &self.protocol else {
            return Ok(protocols.for_disease(disease, tx.at.day_at_offset(UTC_OFFSET_MINUTES)));
        };
        protocols.by_id(asked).ok_or_else(unknown_protocol)
    }
}

pub(super) fn unknown_protocol() -> store::Error {
    let known: Vec<&str> = packed::protocols().iter().map(|protocol| protocol.id.as_str()).collect();
    invalid(
        "trace.protocol",
        "protocol",
        format!("there is no such protocol; choose one of: {}", known.join(", ")),
        format!("没有该方案；请从以下选择：{}", known.join("、")),
    )
}

impl Change for OpenInterview {
    const NAME: &'static str = "open interview";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.asked(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        let case = self.case.map(|case| case.to_string());
        let contact = self.contact.map(|contact| contact.to_string());
        let goods = self.goods.map(|goods| goods.to_string());
        let place = self.place.map(|place| place.to_string());
        std::iter::once(self.interview.to_string())
            .chain(case)
            .chain(contact)
            .chain(goods)
            .chain(place)
            .collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let asked = self.asked(tx)?;
        let sql = "SELECT count(*) FROM trace_interview WHERE id = $1 OR case_id = $2 OR contact = $3 OR goods = $4 OR place = $5";
        if tx.count(sql, params![self.interview, self.case, self.contact, self.goods, self.place])? > 0 {
            return Err(exists("interview", "流调"));
        }
        let disease = asked.disease.as_deref();
        let rules = self.rules(tx, disease)?;
        let due = |hours: u16| tx.at.plus_seconds(i64::from(hours) * 3_600);
        let (core_due, full_due) = (due(rules.core_hours.value), due(rules.full_hours.value));
        let of_form = |form: &FormKind| needed_questions(*form, disease).len();
        let asks_somebody = self.goods.is_none() && self.place.is_none();
        let needed: usize =
            [FormKind::Core, FormKind::Full].iter().filter(|_| asks_somebody).map(of_form).sum();
        tx.run(
            "INSERT INTO trace_interview (id, territory, event, case_id, contact, subject, no, disease, protocol, \
             protocol_version, pack, opened, opened_by, core_due, full_due, next_due, answered, needed, visits, conflicts, \
             changed, goods, place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14, 0, $16, 0, 0, \
             $12, $17, $18)",
            params![
                self.interview,
                &asked.territory,
                asked.event,
                self.case,
                self.contact,
                asked.subject,
                &asked.no,
                disease,
                &rules.id,
                &rules.version,
                &packed::interviews().version,
                tx.at,
                &tx.actor.id,
                core_due,
                full_due,
                needed,
                self.goods,
                self.place
            ],
        )?;
        Ok(())
    }
}

/// Which form is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Core,
    Full,
}

impl Form {
    fn kind(self) -> FormKind {
        match self {
            Form::Core => FormKind::Core,
            Form::Full => FormKind::Full,
        }
    }
}

/// Everything a form needs is answered, or somebody says why it is finished all the same.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishForm {
    pub id: Id<Sent>,
    pub interview: Id<Interview>,
    pub form: Form,
    /// Why it is finished with something missing; about a person, so it is sealed with the person.
    #[serde(default)]
    pub though: Option<Sealed<String>>,
}

impl Change for FinishForm {
    const NAME: &'static str = "finish form";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(interview_in_reach(tx, self.interview)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.interview.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(though) = &mut self.though else { return Ok(()) };
        if let Sealed::Open(reason) = though {
            required("though", reason)?;
        }
        let subject = interview_in_reach(tx, self.interview)?.subject;
        let key = Vault::key_for(tx, &subject.to_string())?;
        though.shut(&key, &format!("trace_interview.though|{subject}"))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let interview = interview_in_reach(tx, self.interview)?;
        if self.though.is_none() && interview.asks_somebody() {
            let answered = answered_questions(tx, self.interview)?;
            let missing: Vec<_> = needed_questions(self.form.kind(), interview.disease.as_deref())
                .into_iter()
                .filter(|question| !answered.contains(&question.id))
                .collect();
            if !missing.is_empty() {
                let words = |pick: fn(&&packs::FormQuestion) -> String, with: &str| {
                    missing.iter().map(pick).collect::<Vec<_>>().join(with)
                };
                let ids: Vec<&str> = missing.iter().map(|question| question.id.as_str()).collect();
                return Err(invalid(
                    "trace.form_missing",
                    &ids.join(" "),
                    format!(
                        "still to be answered: {}; answer them, or say why not in `though`",
                        words(|one| one.en.clone(), "; ")
                    ),
                    format!("尚未填写：{}；请补填，或说明原因后完成", words(|one| one.zh.clone(), "；")),
                ));
            }
        }
        let though = self.though.as_ref().map(Sealed::cipher).transpose()?;
        let column = match self.form {
            Form::Core => "core",
            Form::Full => "full",
        };
        tx.run(
            &format!(
                "UPDATE trace_interview SET {column}_done = coalesce({column}_done, $2), {column}_though = $3, changed = $2 \
                 WHERE id = $1"
            ),
            params![self.interview, tx.at, though],
        )?;
        tx.run(
            "UPDATE trace_interview SET next_due = CASE WHEN core_done IS NULL THEN core_due \
             WHEN full_done IS NULL THEN full_due ELSE $2 END WHERE id = $1",
            params![self.interview, NO_CLOCK],
        )?;
        Ok(())
    }
}
