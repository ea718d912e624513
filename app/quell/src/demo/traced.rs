//! The demo's tracing: three interviews with what people told, who met them, and a list on its way to the county beside.

use super::{SEED, id};
use base::{Id, Moment, Streams, Territory};
use rooms::trace::changes as trace;
use scenario::{ContactReport, Script, Step};
use serde_json::{Value, json};
use store::{Actor, Change, Db, Sent};

/// Asked on the evening the first cases were found.
const EVENING: &str = "2022-02-20T12:00:00Z";

struct Asking<'a> {
    db: &'a Db,
    ids: Streams,
    actor: Actor,
}

impl Asking<'_> {
    fn id(&self, kind: &str, no: &str) -> String {
        // Which noun an id is of stands in its prefix; the number is the same for all.
        let bits: Id<Sent> = id(&self.ids, kind, no);
        bits.to_string().replacen("change", kind, 1)
    }

    /// Sends a change as the pages do, with an id that follows from what it is about.
    fn send<C: Change>(&self, minute: i64, no: &str, mut fields: Value) -> Result<(), String> {
        fields["id"] = json!(id::<Sent>(&self.ids, C::NAME, no));
        let told = |fault: String| format!("the demo's {} {no}: {fault}", C::NAME);
        let change: C = serde_json::from_value(fields).map_err(|fault| told(fault.to_string()))?;
        let at: Moment = EVENING.parse().map_err(|fault: base::MomentError| told(fault.to_string()))?;
        let at = at.plus_seconds(minute * 60);
        self.db.apply_now(&self.actor, at, change).map(|_| ()).map_err(|fault| told(fault.to_string()))
    }
}

/// The places the family of the scenario told of; invented like the people.
const PLACES: [(&str, &str, &str, f64, f64); 3] = [
    ("noodles", "restaurant", "钟楼面馆 · Bell Tower noodles", 112.5531, 37.4213),
    ("market", "market", "东关农贸市场 · East Gate market", 112.5602, 37.4259),
    ("clinic", "hospital", "南街诊所 · South Street clinic", 112.5489, 37.4198),
];

/// Who was where: person (by number), place, from, to, mask.
const STAYS: [(usize, &str, &str, &str, &str); 6] = [
    (0, "noodles", "2022-02-18T18:10", "2022-02-18T19:20", "no"),
    (1, "noodles", "2022-02-18T18:10", "2022-02-18T19:20", "no"),
    (2, "noodles", "2022-02-18T18:40", "2022-02-18T19:45", "no"),
    (0, "market", "2022-02-19T09:05", "2022-02-19T09:50", "yes"),
    (2, "market", "2022-02-19T09:30", "2022-02-19T10:15", "partly"),
    (1, "clinic", "2022-02-19T16:00", "2022-02-19T16:40", "yes"),
];

/// Of the three on the train home.
const SEATS: [&str; 3] = ["8A", "8B", "10F"];

const ANSWERS: [(&str, &str); 6] = [
    ("symptoms", r#"["cough", "sore_throat"]"#),
    ("mask_worn", r#""partly""#),
    ("travelled", r#""yes""#),
    ("travelled_how", r#""2 月 17 日乘动车返回，5 车厢。""#),
    ("household_size", "4"),
    ("moves_told", r#""2 月 18 日晚在面馆聚餐，次日上午去农贸市场。""#),
];

pub(super) fn ask(db: &Db, script: &Script, county: &Territory, neighbour: &str) -> Result<(), String> {
    let ids = Streams::seeded(SEED);
    let asking = Asking { db, ids, actor: Actor { id: "scenario".to_owned(), ..Actor::operator() } };
    let cases: Vec<&str> = script.cases().take(3).map(|case| case.no.as_str()).collect();
    asking.places(county)?;
    for (person, case) in cases.iter().enumerate() {
        asking.interview(person, case)?;
    }
    let contacts: Vec<&ContactReport> = script
        .steps
        .iter()
        .filter_map(|dated| match &dated.step {
            Step::AddContact(report) if cases.contains(&report.of_case.as_str()) => Some(&**report),
            _ => None,
        })
        .collect();
    asking.exposures(&contacts)?;
    asking.hand_over(&contacts, neighbour)
}

impl Asking<'_> {
    fn places(&self, county: &Territory) -> Result<(), String> {
        for (no, kind, name, lon, lat) in PLACES {
            let place = self.id("premises", no);
            let fields = json!({
                "place": place, "territory": county, "kind": kind, "name": name, "lon": lon, "lat": lat, "datum": "wgs84",
            });
            self.send::<trace::RegisterPlace>(0, no, fields)?;
        }
        Ok(())
    }

    fn interview(&self, person: usize, case: &str) -> Result<(), String> {
        let interview = self.id("interview", case);
        let open = json!({ "interview": interview, "case": self.id("case", case) });
        self.send::<trace::OpenInterview>(5, case, open)?;
        // The third has only begun.
        for (question, value) in &ANSWERS[..if person < 2 { ANSWERS.len() } else { 2 }] {
            let value: Value = serde_json::from_str(value).map_err(|fault| fault.to_string())?;
            let fields =
                json!({ "interview": interview, "question": question, "value": value, "based_on": 0 });
            self.send::<trace::AnswerQuestion>(20, &format!("{case} {question}"), fields)?;
        }
        for (at, (who, place, from, to, mask)) in STAYS.iter().enumerate() {
            if *who == person {
                let told = json!({
                    "place": self.id("premises", place), "from": from, "to": to, "from_doubt_minutes": 10, "source": "self",
                    "mask": mask,
                });
                let no = format!("{case} {at}");
                let fields = json!({ "visit": self.id("visit", &no), "interview": interview, "told": told });
                self.send::<trace::AddVisit>(30, &no, fields)?;
            }
        }
        let ride = json!({
            "from": "2022-02-17T09:10", "to": "2022-02-17T12:25", "source": "record", "mask": "partly",
            "ride": { "kind": "train", "number": "D1234", "day": "2022-02-17", "carriage": 5,
                      "seat": SEATS[person], "board": "呼和浩特东", "leave": "太谷" },
        });
        let no = format!("{case} ride");
        let fields = json!({ "visit": self.id("visit", &no), "interview": interview, "told": ride });
        self.send::<trace::AddVisit>(35, &no, fields)
    }

    /// Four exposures, three of them decided.
    fn exposures(&self, contacts: &[&ContactReport]) -> Result<(), String> {
        for (at, report) in contacts.iter().take(4).enumerate() {
            let exposure = self.id("exposure", &report.no);
            let day = report.last_exposure;
            let fields = json!({
                "exposure": exposure, "case": self.id("case", &report.of_case), "contact": self.id("contact", &report.no),
                "kind": "dining", "place": self.id("premises", "noodles"), "from": format!("{day}T18:10"),
                "to": format!("{day}T19:20"), "found_by": "told",
            });
            self.send::<trace::AddExposure>(2_880, &report.no, fields)?;
            if at < 3 {
                let fields =
                    json!({ "exposure": exposure, "class": "close", "reason": "同桌用餐 · at one table" });
                self.send::<trace::ClassifyExposure>(2_890, &report.no, fields)?;
            }
        }
        Ok(())
    }

    fn hand_over(&self, contacts: &[&ContactReport], neighbour: &str) -> Result<(), String> {
        let beside = |report: &&&ContactReport| !report.person.residence.path().starts_with(neighbour);
        let ids: Vec<String> =
            contacts.iter().filter(beside).take(3).map(|report| self.id("contact", &report.no)).collect();
        let fields = json!({ "list": self.id("handover", "1"), "contacts": ids, "to": neighbour });
        self.send::<trace::HandOverContacts>(2_900, "1", fields)
    }
}
