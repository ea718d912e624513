//! A drill of today: an imported measles case whose contacts are on their pathways, and the tasks that come of it. Everybody in it is
//! invented, and its names say that it is a drill.

use super::SEED;
use super::cast::Cast;
use super::posting::Posting;
use base::{Moment, Territory};
use rooms::cases::changes as cases;
use rooms::followup::changes as followup;
use rooms::tasks::changes as tasks;
use scenario::{Person, residents};
use serde_json::{Value, json};
use store::{Actor, Db};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Days since the contacts met the case.
const MET: i64 = 5;

struct Drill<'a> {
    posting: Posting<'a>,
    cast: &'a Cast,
    township: &'a Territory,
    now: Moment,
}

pub(super) fn follow(db: &Db, cast: &Cast, township: &Territory) -> Result<(), String> {
    let drill = Drill { posting: Posting::seeded(db, SEED), cast, township, now: rooms::House::clock() };
    let people = residents(SEED, "measles drill", 8, township, drill.now.day_at_offset(480));
    let subjects = drill.outbreak(&people)?;
    drill.pathways(people.len() - 1)?;
    drill.tasks(&subjects)
}

fn identity(person: &Person) -> Value {
    json!({ "name": person.name, "id_number": person.id_number, "phone": person.phone })
}

impl Drill<'_> {
    fn ago(&self, seconds: i64) -> Moment {
        self.now.plus_seconds(-seconds)
    }

    fn send<C: store::Change>(&self, by: &Actor, ago: i64, no: &str, fields: Value) -> Result<(), String> {
        self.posting.send_by::<C>(by, self.ago(ago), no, fields)
    }

    /// The first is the case, the others met them. Returns the contacts' subjects.
    fn outbreak(&self, people: &[Person]) -> Result<Vec<String>, String> {
        let (event, case) =
            (self.posting.id("event", "measles drill"), self.posting.id("case", "measles drill"));
        let (cdc, day) = (&self.cast.cdc, |ago: i64| self.ago(ago).day_at_offset(480));
        let fields = json!({
            "event": event, "name": "演练：麻疹输入病例 · Drill: an imported measles case", "disease": "measles",
            "territory": self.township.at_depth(3), "started": day(4 * DAY),
            "summary": "演练，人物均为虚构。 · A drill; every person is invented.",
        });
        self.send::<cases::OpenEvent>(cdc, 4 * DAY + HOUR, "measles drill", fields)?;
        let stated = |ago: i64| json!({ "day": day(ago), "precision": "day", "source": "stated" });
        let fields = json!({
            "case": case, "subject": self.posting.id("subject", "measles drill"), "event": event, "case_no": "YL-MS-01",
            "disease": "measles", "territory": self.township, "identity": identity(&people[0]), "sex": people[0].sex,
            "age": people[0].age, "classification": "confirmed", "found": "community",
            "dates": { "onset": stated(6 * DAY), "result": stated(4 * DAY), "isolation": stated(4 * DAY) },
        });
        self.send::<cases::ReportCase>(cdc, 4 * DAY, "measles drill", fields)?;
        let mut subjects = Vec::new();
        for (at, person) in people.iter().enumerate().skip(1) {
            let no = format!("YL-MS-C{at}");
            let subject = self.posting.id("subject", &no);
            let fields = json!({
                "contact": self.posting.id("contact", &no), "subject": subject, "contact_no": no, "event": event, "source_case": case,
                "territory": self.township, "identity": identity(person), "sex": person.sex, "age": person.age, "class": "close",
                "relation": "visit", "first_exposure": day((MET + 1) * DAY), "last_exposure": day(MET * DAY),
            });
            self.send::<cases::AddContact>(cdc, 4 * DAY - HOUR, &no, fields)?;
            subjects.push(subject);
        }
        Ok(subjects)
    }

    /// All but the last, who waits to be put on one; the last but one was not seen since the day before yesterday.
    fn pathways(&self, contacts: usize) -> Result<(), String> {
        let followed: Vec<String> = (1..contacts).map(|at| format!("YL-MS-C{at}")).collect();
        let people: Vec<Value> = followed
            .iter()
            .map(|no| json!({ "course": self.posting.id("course", no), "contact": self.posting.id("contact", no) }))
            .collect();
        let put = json!({ "people": people, "worker": self.cast.worker.id, "route": "锦绣苑小区 1号楼" });
        self.send::<followup::PutOnPathway>(&self.cast.cdc, 4 * DAY - 2 * HOUR, "measles drill", put)?;
        for (at, no) in followed.iter().enumerate() {
            for days in 0..4 {
                if at + 1 == followed.len() && days < 2 {
                    continue;
                }
                let of = format!("{no} {days}");
                let seen = self.ago(days * DAY + HOUR);
                let fields = json!({
                    "check": self.posting.id("check", &of), "course": self.posting.id("course", no), "at": seen,
                    "celsius": 36.3 + 0.1 * ((at as i64 + days) % 5) as f64, "signs": [], "case": self.posting.id("case", no),
                });
                self.send::<followup::TellCheck>(&self.cast.worker, days * DAY + HOUR / 2, &of, fields)?;
            }
        }
        Ok(())
    }

    fn tasks(&self, subjects: &[String]) -> Result<(), String> {
        let (worker, cdc) = (self.cast.worker.id.as_str(), self.cast.cdc.id.as_str());
        let spot = |building: &str| json!({ "spot": { "street": "东街", "building": building, "stairwell": "2单元" } });
        let given: [(&str, &str, &str, i64, Value); 7] = [
            (
                "door 1",
                "door_check",
                worker,
                3 * HOUR,
                json!({ "subject": subjects[0], "inside": { "note": "演练 · drill" } }),
            ),
            (
                "door 2",
                "door_check",
                worker,
                3 * HOUR,
                json!({ "subject": subjects[1], "inside": { "note": "演练 · drill" } }),
            ),
            ("deliver", "deliver", worker, 5 * HOUR, spot("5号楼")),
            ("households", "visit_household", worker, 26 * HOUR, spot("3号楼")),
            ("disinfect", "disinfect", worker, 20 * HOUR, json!({ "deadline": self.ago(2 * HOUR) })),
            ("notice", "post_notice", "", HOUR, spot("1号楼")),
            ("report", "full_report", cdc, 6 * HOUR, json!({})),
        ];
        for (no, kind, owner, ago, more) in given {
            let mut fields = json!({
                "task": self.posting.id("task", no), "territory": self.township.at_depth(3), "kind": kind, "owner": owner,
            });
            for (key, value) in more.as_object().into_iter().flatten() {
                fields[key] = value.clone();
            }
            self.send::<tasks::OpenTask>(&self.cast.cdc, ago, no, fields)?;
        }
        let known = json!({ "task": self.posting.id("task", "deliver"), "at": self.ago(4 * HOUR) });
        self.send::<tasks::AcknowledgeTask>(&self.cast.worker, 4 * HOUR, "deliver", known)?;
        let done = json!({
            "task": self.posting.id("task", "households"), "at": self.ago(22 * HOUR),
            "proof": { "answers": { "opened": 38, "not_opened": 4 } },
        });
        self.send::<tasks::FinishTask>(&self.cast.worker, 21 * HOUR, "households", done)
    }
}
