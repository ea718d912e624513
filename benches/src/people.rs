//! Invented people in Shanxi's real townships, the same ones every time: no name, number or day belongs to anybody.

use base::{Day, Id, Moment, StatedDay, Stream, Streams, Territory};
use cases::{Classification, ContactClass, DateKind, Dates, Found, Outcome, Sex};
use packs::Level;
use rooms::cases::{CaseRecord, ContactRecord, ContactStatus};
use serde_json::{Value, json};
use store::{Sent, random_bits};

const SEED: u64 = 20_220_224;

/// A wave of two months, about as long as the large ones of spring 2022.
const WAVE_DAYS: usize = 60;

const FAMILY: &[&str] =
    &["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "郭", "武", "郝", "任", "白"];
const GIVEN: &[&str] =
    &["建国", "秀英", "伟", "敏", "静", "磊", "洋", "桂兰", "志强", "丽", "春梅", "海燕", "浩然"];
const WORK: &[&str] = &["学生", "农民", "教师", "工人", "司机", "退休", "餐饮", "医务人员"];

pub struct Invented {
    draw: Stream,
    townships: Vec<Territory>,
    first: Day,
}

impl Default for Invented {
    fn default() -> Invented {
        Invented::new()
    }
}

impl Invented {
    pub fn new() -> Invented {
        let townships = rooms::packed::shanxi().iter().filter(|region| region.level == Level::Township);
        Invented {
            draw: Streams::seeded(SEED).of("bench"),
            townships: townships.map(|region| region.territory.clone()).collect(),
            first: Day::of(2022, 2, 24).expect("a day of the calendar"),
        }
    }

    fn day(&mut self) -> Day {
        self.first + self.draw.below(WAVE_DAYS) as i32
    }

    fn sex(&mut self) -> Sex {
        *self.draw.pick(&[Sex::Female, Sex::Male])
    }

    pub fn name(&mut self) -> String {
        format!("{}{}", self.draw.pick(FAMILY), self.draw.pick(GIVEN))
    }

    pub fn phone(&mut self) -> String {
        // 199 followed by eight digits; invented, and never dialled.
        format!("199{:08}", self.draw.below(100_000_000))
    }

    pub fn id<T>(&mut self) -> Id<T> {
        Id::from_bits(self.draw.id_bits())
    }

    pub fn township(&mut self) -> Territory {
        self.draw.pick(&self.townships).clone()
    }

    pub fn case(&mut self, number: usize) -> CaseRecord {
        let onset = self.day();
        let result = onset + self.draw.below(5) as i32;
        let mut dates = Dates::default();
        // One in five was found before falling ill, or never fell ill.
        if self.draw.below(5) > 0 {
            dates.set(DateKind::Onset, StatedDay::exact(onset, "stated"));
        }
        dates.set(DateKind::Result, StatedDay::exact(result, "stated"));
        dates.set(DateKind::Report, StatedDay::exact(result + self.draw.below(2) as i32, "stated"));
        dates.set(DateKind::Isolation, StatedDay::exact(onset + self.draw.below(4) as i32, "stated"));
        dates.set(DateKind::Admission, StatedDay::exact(result + self.draw.below(3) as i32, "stated"));
        let kinds = [Classification::Confirmed, Classification::Confirmed, Classification::Asymptomatic];
        CaseRecord {
            id: self.id(),
            territory: self.township(),
            event: None,
            list: None,
            case_no: format!("C{number:07}"),
            subject: self.id(),
            disease: Some("covid-19-delta".to_owned()),
            place: String::new(),
            point: None,
            sex: Some(self.sex()),
            age: Some(self.draw.below(95) as f64),
            age_band: None,
            occupation: Some((*self.draw.pick(WORK)).to_owned()),
            classification: *self.draw.pick(&kinds),
            outcome: Some(*self.draw.pick(&[Outcome::InCare, Outcome::Recovered])),
            found: Some(*self.draw.pick(&[Found::UnderCare, Found::UnderCare, Found::Community])),
            dates,
            created: Moment(0),
            changed: Moment(0),
        }
    }

    /// A contact of one of `sources`.
    pub fn contact(&mut self, number: usize, sources: &[Id<rooms::cases::Case>]) -> ContactRecord {
        let last = self.day();
        let source_case = (!sources.is_empty()).then(|| *self.draw.pick(sources));
        ContactRecord {
            id: self.id(),
            territory: self.township(),
            event: None,
            list: None,
            contact_no: format!("K{number:07}"),
            subject: self.id(),
            place: String::new(),
            source_case,
            source_no: None,
            sex: Some(self.sex()),
            age: Some(self.draw.below(95) as f64),
            age_band: None,
            class: Some(*self.draw.pick(&[ContactClass::Close, ContactClass::Secondary])),
            relation: None,
            first_exposure: Some(last - self.draw.below(3) as i32),
            last_exposure: Some(last),
            status: *self.draw.pick(&[ContactStatus::Watched, ContactStatus::Released]),
            became_case: None,
            created: Moment(0),
            changed: Moment(0),
        }
    }
}

pub const CASE_COLUMNS: [&str; 12] = [
    "case_id",
    "name",
    "phone",
    "sex",
    "age",
    "occupation",
    "region_code",
    "classification",
    "onset",
    "result",
    "report",
    "infected_by",
];

/// A line list of `rows` cases as CSV, each with its own number; three in ten name an earlier case as infector.
pub fn case_rows(rows: usize) -> String {
    let mut invented = Invented::new();
    let mut list = CASE_COLUMNS.join(",");
    list.push('\n');
    for number in 1..=rows {
        let case = invented.case(number);
        let day = |kind| case.dates.day(kind).map(|day| day.to_string()).unwrap_or_default();
        let infector = if number > 1 && invented.draw.below(10) < 3 {
            format!("C{:07}", 1 + invented.draw.below(number - 1))
        } else {
            String::new()
        };
        let cells = [
            case.case_no.clone(),
            invented.name(),
            invented.phone(),
            case.sex.map(|sex| sex.to_string()).unwrap_or_default(),
            case.age.map(|age| age.to_string()).unwrap_or_default(),
            case.occupation.clone().unwrap_or_default(),
            case.territory.code().to_owned(),
            case.classification.to_string(),
            day(DateKind::Onset),
            day(DateKind::Result),
            day(DateKind::Report),
            infector,
        ];
        list.push_str(&cells.join(","));
        list.push('\n');
    }
    list
}

/// The case as the page reports it, with an id of its own for the sending.
pub fn report(case: &CaseRecord, name: &str, phone: &str) -> Value {
    json!({
        "id": Id::<Sent>::from_bits(random_bits()), "case": case.id, "subject": case.subject,
        "disease": case.disease, "territory": case.territory, "identity": { "name": name, "phone": phone },
        "sex": case.sex, "age": case.age, "occupation": case.occupation, "classification": case.classification,
        "found": case.found, "outcome": case.outcome, "dates": case.dates,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_people_are_invented_every_time() {
        assert_eq!(case_rows(50), case_rows(50));
        assert_eq!(case_rows(50).lines().count(), 51);
    }
}
