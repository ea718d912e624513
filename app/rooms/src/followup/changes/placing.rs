//! People are put on a pathway: one, or the whole list of an event at once.

use super::assigning::{demand_route, demand_worker};
use super::{MOST, category_of};
use crate::cases::reach::{case_in_reach, contact_in_reach, disease_of_contact};
use crate::cases::{Case, Contact, ContactStatus, Event};
use crate::followup::Course;
use crate::followup::course::{look_anew, today};
use crate::packed;
use crate::people::Subject;
use crate::refuse::{exists, invalid};
use base::{Day, Id, Territory};
use packs::{Category, Protocol};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Error, Permission, Query, Result, Sent, Tx, params};

/// Somebody to be followed, by the record they stand in.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToFollow {
    pub course: Id<Course>,
    #[serde(default)]
    pub contact: Option<Id<Contact>>,
    /// Who was released from care.
    #[serde(default)]
    pub case: Option<Id<Case>>,
}

/// People are put on the pathway of their category. Of several, whoever cannot be is left out with the reason; of one it is refused.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutOnPathway {
    pub id: Id<Sent>,
    pub people: Vec<ToFollow>,
    /// That of the contact's class, when nothing is said; `discharged` for a case.
    #[serde(default)]
    pub category: Option<Category>,
    /// The edition in force for the disease today, when nothing is said.
    #[serde(default)]
    pub protocol: Option<String>,
    /// The last exposure, when nothing is said.
    #[serde(default)]
    pub day_zero: Option<Day>,
    /// The account that looks after them.
    #[serde(default)]
    pub worker: Option<String>,
    /// The round they are visited on, such as a building or a stairwell.
    #[serde(default)]
    pub route: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct PutOut {
    pub put: usize,
    pub left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct LeftOut {
    pub course: Id<Course>,
    pub code: String,
    pub en: String,
    pub zh: String,
}

/// Who they are, from their record.
struct Who {
    territory: Territory,
    event: Option<Id<Event>>,
    subject: Id<Subject>,
    no: String,
    disease: Option<String>,
    age: Option<f64>,
    home: String,
    category: Category,
    day_zero: Day,
}

impl PutOnPathway {
    fn territory_of(tx: &mut Tx<'_>, one: &ToFollow) -> Result<Territory> {
        match (one.contact, one.case) {
            (Some(contact), None) => Ok(contact_in_reach(tx, contact)?.territory),
            (None, Some(case)) => Ok(case_in_reach(tx, case)?.territory),
            _ => Err(invalid(
                "followup.whom",
                "people",
                "name a contact or a case for each person, and only one of the two",
                "每人请指定密接者或病例之一",
            )),
        }
    }

    fn who(&self, tx: &mut Tx<'_>, one: &ToFollow) -> Result<Who> {
        if let Some(contact) = one.contact {
            let contact = contact_in_reach(tx, contact)?;
            let no = contact.contact_no.clone();
            if contact.status != ContactStatus::Watched {
                return Err(invalid(
                    "followup.not_watched",
                    "people",
                    format!(
                        "{no} is not watched any more; nobody is followed who was released or became a case"
                    ),
                    format!("{no} 已不在观察中；已解除或已成为病例者不再纳入"),
                ));
            }
            let category = self.category.or(contact.class.map(category_of)).ok_or_else(|| {
                invalid(
                    "followup.no_class",
                    "category",
                    format!("{no} has no class yet; decide on an exposure, or name the category"),
                    format!("{no} 尚未判定类别；请先判定或指定类别"),
                )
            })?;
            let day_zero = self.day_zero.or(contact.last_exposure).ok_or_else(|| {
                invalid(
                    "followup.no_day",
                    "day_zero",
                    format!(
                        "nobody wrote down when {no} was exposed last; state the day the days count from"
                    ),
                    format!("{no} 未登记末次暴露日；请填写起算日"),
                )
            })?;
            return Ok(Who {
                disease: disease_of_contact(tx, &contact)?,
                territory: contact.territory,
                event: contact.event,
                subject: contact.subject,
                no,
                age: contact.age,
                home: contact.place,
                category,
                day_zero,
            });
        }
        let case = case_in_reach(tx, one.case.unwrap_or(Id::from_bits(0)))?;
        let day_zero = self.day_zero.ok_or_else(|| {
            invalid(
                "followup.no_day",
                "day_zero",
                format!("state the day on which {} was released from care", case.case_no),
                format!("请填写 {} 的出院日", case.case_no),
            )
        })?;
        Ok(Who {
            territory: case.territory,
            event: case.event,
            subject: case.subject,
            no: case.case_no,
            disease: case.disease,
            age: case.age,
            home: case.place,
            category: self.category.unwrap_or(Category::Discharged),
            day_zero,
        })
    }

    fn edition(&self, disease: Option<&str>, on: Day) -> Result<&'static Protocol> {
        let protocols = packed::protocols();
        match &self.protocol {
            None => Ok(protocols.for_disease(disease, on)),
            Some(id) => known_edition(id),
        }
    }

    fn put(&self, tx: &mut Tx<'_>, one: &ToFollow) -> Result<()> {
        let who = self.who(tx, one)?;
        let today = today(tx);
        let edition = self.edition(who.disease.as_deref(), today)?;
        if edition.pathway(who.category).is_none() {
            return Err(invalid(
                "followup.not_followed",
                "category",
                format!(
                    "{} follows nobody as {}; choose another edition or category",
                    edition.en, who.category
                ),
                format!("{} 不管理该类别（{}）；请选择其他方案或类别", edition.zh, who.category),
            ));
        }
        if who.day_zero > today {
            return Err(invalid(
                "followup.day_ahead",
                "day_zero",
                format!("{} lies ahead; the days count from a day that was", who.day_zero),
                format!("{} 尚未到来；起算日应为已过去的日期", who.day_zero),
            ));
        }
        let open = "SELECT count(*) FROM followup_course WHERE id = $1 OR (ended IS NULL AND subject = $2)";
        if tx.count(open, params![one.course, who.subject])? > 0 {
            return Err(exists("follow-up", "随访"));
        }
        let at = tx.at;
        tx.run(
            "INSERT INTO followup_course (id, territory, event, contact, case_id, subject, no, disease, category, protocol, version, \
             day_zero, known, age, home, worker, route, begun, standing, phase, place, phase_last, last, added, level, as_of, changed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'running', 0, 'monitoring', $13, \
             $13, 0, 0, $13, $18)",
            params![
                one.course,
                &who.territory,
                who.event,
                one.contact,
                one.case,
                who.subject,
                &who.no,
                who.disease.as_deref(),
                who.category.word(),
                &edition.id,
                &edition.version,
                who.day_zero,
                today,
                who.age,
                &who.home,
                self.worker.as_deref().filter(|worker| !worker.is_empty()),
                self.route.trim(),
                at
            ],
        )?;
        look_anew(tx, one.course)?;
        Ok(())
    }
}

pub(super) fn known_edition(id: &str) -> Result<&'static Protocol> {
    let protocols = packed::protocols();
    protocols.by_id(id).ok_or_else(|| {
        let known: Vec<&str> = protocols.iter().map(|edition| edition.id.as_str()).collect();
        invalid(
            "followup.edition",
            "protocol",
            format!("there is no such edition; choose one of: {}", known.join(", ")),
            format!("没有该方案；请从以下选择：{}", known.join("、")),
        )
    })
}

impl Change for PutOnPathway {
    const NAME: &'static str = "put on pathway";
    const NEEDS: Permission = Permission::FollowupWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = PutOut;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        if self.people.is_empty() || self.people.len() > MOST {
            return Err(invalid(
                "followup.how_many",
                "people",
                format!("name 1 to {MOST} people; send the rest in further parts"),
                format!("一次 1 至 {MOST} 人；其余请分批"),
            ));
        }
        let mut places = Vec::with_capacity(self.people.len());
        for one in &self.people {
            places.push(PutOnPathway::territory_of(tx, one)?);
        }
        Ok(Territory::narrowest_of(places.iter()))
    }
    fn about(&self) -> Vec<String> {
        let records = |one: &ToFollow| {
            let contact = one.contact.map(|contact| contact.to_string());
            let case = one.case.map(|case| case.to_string());
            [Some(one.course.to_string()), contact, case].into_iter().flatten().collect::<Vec<_>>()
        };
        self.people.iter().flat_map(records).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<PutOut> {
        demand_worker(tx, self.worker.as_deref())?;
        demand_route(Some(&self.route))?;
        let mut out = PutOut { put: 0, left_out: Vec::new() };
        for one in &self.people {
            match self.put(tx, one) {
                Ok(()) => out.put += 1,
                Err(Error::Refused(refusal)) if self.people.len() > 1 => out.left_out.push(LeftOut {
                    course: one.course,
                    code: refusal.code.clone(),
                    en: refusal.en.clone(),
                    zh: refusal.zh.clone(),
                }),
                Err(fault) => return Err(fault),
            }
        }
        Ok(out)
    }
}
