//! Answers put together into a case, a contact or a link.

use super::{Answers, Problems, answer::Meaning};
use crate::{
    CaseDraft, ContactDraft, Fact, Field, InfectorRef, LinkDraft, Person, Place, Said, Severity, Whose,
    absent::is_masked, ages::Age, mapping::Defaults,
};
use base::{Day, Precision, StatedDay};
use cases::{Classification, DateKind, Dates, Evidence, Outcome};
use std::collections::BTreeMap;

type Unread = BTreeMap<String, String>;

pub fn case_of_row(
    answers: &Answers,
    unread: Unread,
    defaults: &Defaults,
    problems: &mut Problems,
) -> CaseDraft {
    let mut case = case(answers, Whose::Row, defaults, problems);
    case.infectors = infectors(answers, case.case_no.as_deref(), problems);
    case.said.extend(unread);
    case
}

/// The case that the fields of one side speak about.
fn case(answers: &Answers, whose: Whose, defaults: &Defaults, problems: &mut Problems) -> CaseDraft {
    let of = About { answers, whose };
    let dates = dates(&of);
    let outcome = of.word(Fact::Outcome).or_else(|| outcome_by_day(&dates));
    let mut case = CaseDraft {
        case_no: of.text(Fact::CaseNo),
        disease: of.text(Fact::Disease).or_else(|| defaults.disease.clone()),
        person: person(&of, problems),
        residence: residence(&of),
        notified: notified(&of),
        // A result is by definition the one that confirmed the case, so a stated day of it states the
        // classification.
        classification: of
            .word(Fact::Classification)
            .or_else(|| dates.stated(DateKind::Result).map(|_| Classification::Confirmed))
            .or(defaults.classification),
        outcome,
        found: of.word(Fact::Found),
        infectors: Vec::new(),
        said: of.said(),
        dates,
    };
    set_day_of_outcome(&of, &mut case);
    case
}

/// A stated day of death states the death; a stated day of recovery, in the absence of one, the recovery.
fn outcome_by_day(dates: &Dates) -> Option<Outcome> {
    let on = |kind| dates.stated(kind).map(|_| kind);
    on(DateKind::Death).map(|_| Outcome::Died).or_else(|| on(DateKind::Recovery).map(|_| Outcome::Recovered))
}

/// `date_of_outcome` means death or recovery by what the outcome is; without an outcome it stays in `said`
/// only.
fn set_day_of_outcome(of: &About<'_>, case: &mut CaseDraft) {
    let kind = match case.outcome {
        Some(Outcome::Died) => DateKind::Death,
        Some(Outcome::Recovered) => DateKind::Recovery,
        Some(Outcome::InCare) | None => return,
    };
    if let (Some(day), None) = (of.day(Fact::OutcomeDate), case.dates.stated(kind)) {
        case.dates.set(kind, day);
    }
}

fn dates(of: &About<'_>) -> Dates {
    let mut dates = Dates::default();
    for fact in Fact::ALL {
        if let (Some(kind), Some(day)) = (fact.date_kind(), of.day(*fact)) {
            dates.set(kind, day);
        }
    }
    // A window has two columns. Its end alone does not say when it began: the day stays unknown, the text is
    // kept.
    for (kind, first, last) in [
        (DateKind::Exposure, Fact::Exposure, Fact::ExposureLast),
        (DateKind::Onset, Fact::Onset, Fact::OnsetLast),
    ] {
        if let (Some(first), Some(last)) = (of.day(first), of.day(last)) {
            let last = last.until.unwrap_or(last.day);
            if last > first.day {
                dates.set(kind, StatedDay { until: Some(last), precision: Precision::Range, ..first });
            }
        }
    }
    dates
}

fn person(of: &About<'_>, problems: &mut Problems) -> Person {
    let mut person = Person {
        name: name(of),
        id_number: of.text(Fact::IdNumber),
        phone: of.text(Fact::Phone),
        address: of.text(Fact::Address),
        sex: of.word(Fact::Sex),
        age_years: None,
        age_band: None,
        birth: birth(of, problems),
        occupation: of.text(Fact::Occupation),
    };
    for fact in [Fact::Age, Fact::AgeBand] {
        match of.meaning(fact) {
            Some(Meaning::Age(Age::Years(years))) => person.age_years = person.age_years.or(Some(*years)),
            Some(Meaning::Age(Age::Band(from, until))) => {
                person.age_band.get_or_insert_with(|| Age::band_text(*from, *until));
            }
            _ => {}
        }
    }
    age_by_bounds(of, &mut person);
    person
}

/// Ages given as from and to: the same number twice is an age, two numbers are a band.
fn age_by_bounds(of: &About<'_>, person: &mut Person) {
    let years = |fact| match of.meaning(fact) {
        Some(Meaning::Age(Age::Years(years))) => Some(*years),
        _ => None,
    };
    if let (Some(low), Some(high)) = (years(Fact::AgeLow), years(Fact::AgeHigh)) {
        if low == high {
            person.age_years.get_or_insert(low);
        } else if low < high {
            person.age_band.get_or_insert_with(|| format!("{low}-{high}"));
        }
    }
}

fn name(of: &About<'_>) -> Option<String> {
    let visible = |fact| of.text(fact).filter(|name| !is_masked(name));
    if let Some(name) = visible(Fact::Name) {
        return Some(name);
    }
    match (visible(Fact::GivenName), visible(Fact::FamilyName)) {
        // Chinese names are written without a space, family name first.
        (Some(given), Some(family))
            if !family.is_ascii() && family.chars().count() <= 2 && !given.is_ascii() =>
        {
            Some(format!("{family}{given}"))
        }
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        (one, other) => one.or(other),
    }
}

fn birth(of: &About<'_>, problems: &mut Problems) -> Option<StatedDay> {
    if let Some(day) = of.day(Fact::Birth) {
        return Some(day);
    }
    let year = of.whole(Fact::BirthYear)?;
    let (month, day) = (of.whole(Fact::BirthMonth), of.whole(Fact::BirthDay));
    let day_of = |month: i16, day: i16| Day::of(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let stated = |day, until, precision| StatedDay { day, until, precision, source: "import".to_owned() };
    match (month, day) {
        (Some(month), Some(day)) => {
            let found = day_of(month, day);
            if found.is_none() {
                let text = format!("{year}-{month}-{day}");
                problems.add(
                    None,
                    Some(&text),
                    "date.no_such_day",
                    Severity::Warning,
                    format!("the birth date {text} is not a day of the calendar; correct its three columns"),
                );
            }
            found.map(|day| stated(day, None, Precision::Day))
        }
        (Some(month), None) => {
            let last = (28..=31).rev().find_map(|day| day_of(month, day));
            day_of(month, 1).map(|day| stated(day, last, Precision::Month))
        }
        _ => day_of(1, 1).map(|day| stated(day, day_of(12, 31), Precision::Year)),
    }
}

fn residence(of: &About<'_>) -> Place {
    let broad_to_narrow =
        [Fact::Country, Fact::Province, Fact::City, Fact::County, Fact::Township, Fact::Place];
    let mut names: Vec<String> = Vec::new();
    for fact in broad_to_narrow {
        let Some(name) = of.text(fact) else { continue };
        // The country is the frame of the system, not a level of it; a foreign one is kept so that nobody
        // looks for its provinces in China. A city that repeats its province (北京市, 北京市) is one place.
        if (fact == Fact::Country && is_china(&name)) || names.last() == Some(&name) {
            continue;
        }
        names.push(name);
    }
    let degrees = |fact| match of.meaning(fact) {
        Some(Meaning::Number(number)) => Some(*number),
        _ => None,
    };
    let point = degrees(Fact::Lon).zip(degrees(Fact::Lat));
    Place { code: of.text(Fact::RegionCode), names, point }
}

fn is_china(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "china" | "中国" | "cn" | "chn" | "pr china" | "people's republic of china" | "中华人民共和国"
    )
}

fn notified(of: &About<'_>) -> Place {
    let facts = [Fact::NotifiedProvince, Fact::NotifiedCity, Fact::NotifiedCounty];
    let names = facts.into_iter().filter_map(|fact| of.text(fact)).collect();
    Place { code: of.text(Fact::NotifiedCode), names, point: None }
}

/// The case numbers named as infectors; several may stand in one cell.
fn infectors(answers: &Answers, own: Option<&str>, problems: &mut Problems) -> Vec<InfectorRef> {
    let of = About { answers, whose: Whose::Row };
    let Some(text) = of.text(Fact::InfectedBy) else { return Vec::new() };
    let mut named: Vec<InfectorRef> = Vec::new();
    for case_no in
        text.split([',', ';', '，', '；', '、', '\n']).map(str::trim).filter(|part| !part.is_empty())
    {
        if Some(case_no) == own {
            problems.add(
                None,
                Some(case_no),
                "link.to_itself",
                Severity::Warning,
                format!(
                    "case {case_no} is named as its own infector; the link is left out; correct the cell"
                ),
            );
        } else if !named.iter().any(|known| known.case_no == case_no) {
            let relation = of.text(Fact::Relation);
            named.push(InfectorRef {
                case_no: case_no.to_owned(),
                evidence: Evidence::Named,
                said: None,
                relation,
            });
        }
    }
    named
}

pub fn contact(answers: &Answers, unread: Unread, problems: &mut Problems) -> ContactDraft {
    let of = About { answers, whose: Whose::Row };
    let mut said = of.said();
    said.extend(unread);
    ContactDraft {
        contact_no: of.text(Fact::ContactNo),
        source_case_no: of.text(Fact::SourceCaseNo),
        person: person(&of, problems),
        residence: residence(&of),
        first_exposure: of.day(Fact::FirstExposure),
        last_exposure: of.day(Fact::LastExposure),
        relation: of.text(Fact::Relation),
        class: of.word(Fact::ContactClass),
        said,
    }
}

pub fn link(answers: &Answers, unread: Unread, defaults: &Defaults, problems: &mut Problems) -> LinkDraft {
    let of = About { answers, whose: Whose::Row };
    let mut said = of.said();
    said.extend(unread);
    let shared =
        Defaults { disease: of.text(Fact::Disease).or_else(|| defaults.disease.clone()), ..defaults.clone() };
    let infector = case(answers, Whose::Infector, &shared, problems);
    let infectee = case(answers, Whose::Infectee, &shared, problems);
    if infector.case_no.is_some() && infector.case_no == infectee.case_no {
        problems.add(
            None,
            infector.case_no.as_deref(),
            "link.to_itself",
            Severity::Warning,
            "infector and infectee have the same number; correct one of them".to_owned(),
        );
    }
    // `household: yes` is where the infection happened, when nothing else says it.
    let household = matches!(of.meaning(Fact::Household), Some(Meaning::Word("yes")));
    LinkDraft {
        infector,
        infectee,
        evidence: Some(Evidence::Named),
        relation: of.text(Fact::Relation),
        setting: of.text(Fact::Setting).or_else(|| household.then(|| "household".to_owned())),
        said,
    }
}

/// The answers about one side.
struct About<'a> {
    answers: &'a Answers,
    whose: Whose,
}

impl About<'_> {
    fn meaning(&self, fact: Fact) -> Option<&Meaning> {
        self.answers.get(&Field::of(self.whose, fact)).map(|answer| &answer.meaning)
    }

    fn text(&self, fact: Fact) -> Option<String> {
        match self.meaning(fact) {
            Some(Meaning::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn day(&self, fact: Fact) -> Option<StatedDay> {
        match self.meaning(fact) {
            Some(Meaning::Day(day)) => Some(day.clone()),
            _ => None,
        }
    }

    fn word<W: std::str::FromStr>(&self, fact: Fact) -> Option<W> {
        match self.meaning(fact) {
            Some(Meaning::Word(word)) => word.parse().ok(),
            _ => None,
        }
    }

    fn whole(&self, fact: Fact) -> Option<i16> {
        match self.meaning(fact) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the range was checked when the cell was read"
            )]
            Some(Meaning::Number(number)) if number.fract() == 0.0 => Some(*number as i16),
            _ => None,
        }
    }

    /// What this side says, by the word of the fact alone.
    fn said(&self) -> Said {
        let mine = self.answers.iter().filter(|(field, _)| field.whose == self.whose);
        mine.map(|(field, answer)| (field.fact.word().to_owned(), answer.said.clone())).collect()
    }
}
