//! The outbreak of Taigu told from its spec: who came, whom they met, who was found in quarantine, day by
//! day.
//!
//! One stream of chance per decision, so that inventing one more name moves no onset.

use crate::incubation::onset;
use crate::person::{Person, Wanted, invent, surname};
use crate::script::{Basis, CaseReport, ContactReport, Dated, Exposure, Link, PlaceKind, Script, Step};
use crate::{Finds, Severity, Spec};
use base::{Day, Precision, StatedDay, Stream, Streams, Territory};
use cases::{Classification, ContactClass, DateKind, Dates, Evidence, Found, Sex};
use packs::{Disease, Level, Regions};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error("the scenario plays in {0}, but the region pack has no township there; load the pack that does")]
    NoTownships(Territory),
    #[error("the scenario is about {wanted}, but was given the disease pack {given}")]
    OtherDisease { wanted: String, given: String },
}

/// # Errors
/// When the region pack has no township in the scenario's county, or the disease pack is another one.
pub fn taigu(seed: u64, regions: &Regions, disease: &Disease, spec: &Spec) -> Result<Script, ScriptError> {
    if disease.id != spec.disease {
        return Err(ScriptError::OtherDisease { wanted: spec.disease.clone(), given: disease.id.clone() });
    }
    let townships: Vec<Territory> =
        regions.within(&spec.territory, Level::Township).map(|region| region.territory.clone()).collect();
    if townships.is_empty() {
        return Err(ScriptError::NoTownships(spec.territory.clone()));
    }
    let stage = Stage { streams: Streams::seeded(seed), townships, disease, spec };

    let family = stage.family();
    let places = stage.places(&family);
    let close = stage.close_contacts(&family, &places);
    let secondary = stage.contacts_of_contacts(&close);
    let (found, links) = stage.found_in_quarantine(&close, &family);

    let mut steps = stage.opening(places);
    steps.extend(family.into_iter().map(|case| stage.told(spec.family.result_day, spec.family.basis, case)));
    steps.extend(close.into_iter().chain(secondary).map(|contact| Dated {
        day: spec.contacts.listed_on,
        basis: spec.contacts.basis,
        step: Step::AddContact(Box::new(contact)),
    }));
    steps.extend(found);
    steps.extend(links);
    steps.extend(stage.figures_and_notes());
    // Stable: within a day the order above remains, so a case is there before its links and its
    // classification.
    steps.sort_by_key(|dated| dated.day);
    Ok(Script { scenario: spec.id.clone(), version: spec.version.clone(), seed, steps })
}

struct Stage<'a> {
    streams: Streams,
    townships: Vec<Territory>,
    disease: &'a Disease,
    spec: &'a Spec,
}

struct Place {
    no: String,
    kind: PlaceKind,
    zh: &'static str,
    en: &'static str,
    territory: Territory,
}

/// The family as people tell it: two parents, a child, a grandmother, a second child; more of them are
/// adult relatives.
const FAMILY: [(Sex, u8, u8); 5] = [
    (Sex::Male, 35, 45),
    (Sex::Female, 33, 43),
    (Sex::Female, 6, 12),
    (Sex::Female, 60, 70),
    (Sex::Male, 3, 15),
];

impl Stage<'_> {
    fn family(&self) -> Vec<CaseReport> {
        let (mut names, mut days) = (self.streams.of("family"), self.streams.of("family onset"));
        let facts = &self.spec.family;
        let home = names.pick(&self.townships).clone();
        let shared = surname(&mut names);
        let mild = choose(facts.people, facts.light, &mut self.streams.of("severity"));
        (0..facts.people)
            .map(|place| {
                let (sex, youngest, oldest) = FAMILY[place % FAMILY.len()];
                let own_name = sex == Sex::Female && youngest > 18;
                let wanted = Wanted {
                    sex,
                    age: age_between(youngest, oldest, &mut names),
                    surname: (!own_name).then_some(shared),
                    household: "TG-H-000",
                    residence: &home,
                    on: self.spec.event.opened,
                };
                let exposed = (facts.exposure_from, facts.exposure_until);
                let fell_ill =
                    onset(exposed, facts.result_day, self.disease.incubation.distribution, &mut days);
                CaseReport {
                    no: case_no(place),
                    person: invent(&wanted, &mut names),
                    classification: Classification::Confirmed,
                    severity: Some(if mild.contains(&place) { Severity::Light } else { Severity::Ordinary }),
                    found: facts.found,
                    dates: dates(exposed, Some(fell_ill), facts.result_day, facts.result_day),
                    was_contact: None,
                }
            })
            .collect()
    }

    /// Where they met, and where the found were taken. The names are letters: no real compound or
    /// restaurant is meant.
    fn places(&self, family: &[CaseReport]) -> Vec<Place> {
        let mut chance = self.streams.of("places");
        let home = family.first().map_or(self.spec.territory.clone(), |case| case.person.residence.clone());
        let known = [
            (PlaceKind::Home, "甲小区（虚构）", "Compound A (invented)"),
            (PlaceKind::Restaurant, "乙饭店（虚构）", "Restaurant B (invented)"),
            (PlaceKind::Workplace, "丙工厂（虚构）", "Factory C (invented)"),
            (PlaceKind::QuarantineSite, "丁集中隔离点（虚构）", "Quarantine site D (invented)"),
            (PlaceKind::Hospital, "戊定点医院（虚构）", "Designated hospital E (invented)"),
        ];
        known
            .into_iter()
            .enumerate()
            .map(|(place, (kind, zh, en))| Place {
                no: format!("TG-P-{:02}", place + 1),
                kind,
                zh,
                en,
                territory: if kind == PlaceKind::Home {
                    home.clone()
                } else {
                    chance.pick(&self.townships).clone()
                },
            })
            .collect()
    }

    /// Whole households, met by one of the family between the return and the result.
    fn close_contacts(&self, family: &[CaseReport], places: &[Place]) -> Vec<ContactReport> {
        let mut chance = self.streams.of("close contacts");
        let facts = &self.spec.family;
        let mut contacts = Vec::new();
        for household in self.households("C", self.spec.contacts.close) {
            let met = *chance.pick(&[Exposure::Visit, Exposure::Meal, Exposure::Work, Exposure::Transport]);
            // The first two of the family are its grown-ups, and only they meet people at work.
            let grown_up = if met == Exposure::Work { family.len().min(2) } else { family.len() };
            let case = chance.pick(&family[..grown_up]);
            let first = day_between(facts.returned_on, facts.result_day - 1, &mut chance);
            let last = day_between(first, facts.result_day, &mut chance);
            for person in household {
                let exposure = at_that_age(met, person.age);
                let at = place_of(exposure).and_then(|kind| places.iter().find(|place| place.kind == kind));
                contacts.push(ContactReport {
                    no: format!("TG-C-{:03}", contacts.len() + 1),
                    person,
                    class: ContactClass::Close,
                    of_case: case.no.clone(),
                    via: None,
                    exposure,
                    at_place: at.map(|place| place.no.clone()),
                    first_exposure: first,
                    last_exposure: last,
                });
            }
        }
        contacts
    }

    /// Met a close contact after that contact's first exposure and before the list was closed (rule of the
    /// 8th edition).
    fn contacts_of_contacts(&self, close: &[ContactReport]) -> Vec<ContactReport> {
        let mut chance = self.streams.of("contacts of contacts");
        let mut contacts = Vec::new();
        for household in self.households("S", self.spec.contacts.secondary) {
            let between = chance.pick(close);
            let met = *chance.pick(&[Exposure::Visit, Exposure::Meal, Exposure::Work]);
            let first = day_between(between.first_exposure, self.spec.contacts.listed_on - 1, &mut chance);
            let last = day_between(first, self.spec.contacts.listed_on - 1, &mut chance);
            for person in household {
                let exposure = at_that_age(met, person.age);
                contacts.push(ContactReport {
                    no: format!("TG-S-{:03}", contacts.len() + 1),
                    person,
                    class: ContactClass::Secondary,
                    of_case: between.of_case.clone(),
                    via: Some(between.no.clone()),
                    exposure,
                    at_place: None,
                    first_exposure: first,
                    last_exposure: last,
                });
            }
        }
        contacts
    }

    /// `count` people in households of one to five, spread over the county's townships.
    fn households(&self, kind: &str, count: usize) -> Vec<Vec<Person>> {
        let mut chance = self.streams.of(&format!("households {kind}"));
        let (mut households, mut left) = (Vec::new(), count);
        while left > 0 {
            // About the 2.4 people of a Shanxi household in the 2020 census, weighted by people rather than
            // by doors.
            let size = (*chance.pick(&[1, 2, 2, 3, 3, 3, 4, 4, 5])).min(left);
            let name = format!("TG-H-{kind}{:03}", households.len() + 1);
            households.push(self.household(&name, size, &mut chance));
            left -= size;
        }
        households
    }

    fn household(&self, name: &str, size: usize, chance: &mut Stream) -> Vec<Person> {
        let home = chance.pick(&self.townships).clone();
        let shared = surname(chance);
        let parent_age = age_between(26, 58, chance);
        (0..size)
            .map(|place| {
                let sex = if chance.below(2) == 0 { Sex::Female } else { Sex::Male };
                let (age, own_name) = match place {
                    0 => (parent_age, false),
                    1 => (parent_age.saturating_sub(2), true),
                    2 | 3 => (age_between(1, parent_age - 22, chance), false),
                    _ => (parent_age + 26, sex == Sex::Female),
                };
                let wanted = Wanted {
                    sex,
                    age,
                    surname: (!own_name).then_some(shared),
                    household: name,
                    residence: &home,
                    on: self.spec.event.opened,
                };
                invent(&wanted, chance)
            })
            .collect()
    }

    /// The finds of the spec, drawn from the close contacts; each is linked to the case of its contact
    /// record.
    fn found_in_quarantine(
        &self,
        close: &[ContactReport],
        family: &[CaseReport],
    ) -> (Vec<Dated>, Vec<Dated>) {
        let mut days = self.streams.of("found onset");
        let drawn = choose(close.len(), self.spec.found_later(), &mut self.streams.of("who is found"));
        let mut people = drawn.into_iter().map(|place| &close[place]);
        let (mut steps, mut links, mut number) = (Vec::new(), Vec::new(), family.len());
        for finds in &self.spec.finds {
            for place in 0..finds.confirmed + finds.asymptomatic {
                let Some(contact) = people.next() else { continue };
                let asymptomatic = place >= finds.confirmed;
                let case = self.found_case(case_no(number), contact, finds, asymptomatic, &mut days);
                number += 1;
                links.push(Dated {
                    day: finds.result_day,
                    basis: Basis::Invented,
                    step: Step::Link(Link {
                        infector: contact.of_case.clone(),
                        infectee: case.no.clone(),
                        evidence: Evidence::Contact,
                    }),
                });
                let later = finds.classified_on.map(|day| Dated {
                    day,
                    basis: finds.basis,
                    step: Step::Classify {
                        case_no: case.no.clone(),
                        to: if asymptomatic {
                            Classification::Asymptomatic
                        } else {
                            Classification::Confirmed
                        },
                        why: finds.source.clone(),
                    },
                });
                steps.push(self.told(finds.result_day, finds.basis, case));
                steps.extend(later);
            }
        }
        (steps, links)
    }

    fn found_case(
        &self,
        no: String,
        contact: &ContactReport,
        finds: &Finds,
        asymptomatic: bool,
        days: &mut Stream,
    ) -> CaseReport {
        let exposed = (contact.first_exposure, contact.last_exposure);
        // Drawn for everybody, so that the class of one person moves nobody else's day.
        let fell_ill = onset(exposed, finds.result_day, self.disease.incubation.distribution, days);
        CaseReport {
            no,
            person: contact.person.clone(),
            classification: match (finds.classified_on, asymptomatic) {
                (Some(_), _) => Classification::Probable,
                (None, true) => Classification::Asymptomatic,
                (None, false) => Classification::Confirmed,
            },
            severity: None,
            found: Found::UnderCare,
            dates: dates(
                exposed,
                (!asymptomatic).then_some(fell_ill),
                finds.result_day,
                self.spec.contacts.listed_on,
            ),
            was_contact: Some(contact.no.clone()),
        }
    }

    fn opening(&self, places: Vec<Place>) -> Vec<Dated> {
        let event = &self.spec.event;
        let opened = Dated {
            day: event.opened,
            basis: Basis::Published,
            step: Step::OpenEvent {
                no: event.no.clone(),
                zh: event.zh.clone(),
                en: event.en.clone(),
                disease: self.spec.disease.clone(),
                territory: self.spec.territory.clone(),
            },
        };
        let family = &self.spec.family;
        let came = Dated {
            day: event.opened,
            basis: family.basis,
            step: Step::Note {
                zh: format!("{} 人一家自{}返回，返晋筛查发现。", family.people, family.source_zh),
                en: format!(
                    "A family of {} came back from {}; found by the screening of returnees.",
                    family.people, family.source_en
                ),
                source: family.source.clone(),
            },
        };
        let places = places.into_iter().map(|place| Dated {
            day: event.opened,
            basis: Basis::Invented,
            step: Step::Place {
                no: place.no,
                kind: place.kind,
                zh: place.zh.to_owned(),
                en: place.en.to_owned(),
                territory: place.territory,
            },
        });
        [opened, came].into_iter().chain(places).collect()
    }

    fn figures_and_notes(&self) -> Vec<Dated> {
        let figures = self.spec.figures.iter().map(|figure| Dated {
            day: figure.day,
            basis: Basis::Published,
            step: Step::Figure {
                kind: figure.kind.clone(),
                value: figure.value,
                zh: figure.zh.clone(),
                en: figure.en.clone(),
                source: figure.source.clone(),
            },
        });
        let notes = self.spec.notes.iter().map(|note| Dated {
            day: note.day,
            basis: Basis::Published,
            step: Step::Note { zh: note.zh.clone(), en: note.en.clone(), source: note.source.clone() },
        });
        figures.chain(notes).collect()
    }

    fn told(&self, day: Day, basis: Basis, case: CaseReport) -> Dated {
        Dated { day, basis, step: Step::ReportCase(Box::new(case)) }
    }
}

/// Sampled the day before the result where that is after exposure; reported and taken to hospital on the
/// day of the result, as the 2-hour clock and the closed-loop transfer of the time ask.
fn dates(exposed: (Day, Day), fell_ill: Option<Day>, result: Day, isolated: Day) -> Dates {
    let mut dates = Dates::default();
    dates.set(
        DateKind::Exposure,
        StatedDay {
            day: exposed.0,
            until: (exposed.1 > exposed.0).then_some(exposed.1),
            precision: if exposed.1 > exposed.0 { Precision::Range } else { Precision::Day },
            source: SOURCE.to_owned(),
        },
    );
    let sampled = (result - 1).max(exposed.0 + 1);
    let exact = [
        (DateKind::Onset, fell_ill),
        (DateKind::Specimen, Some(sampled)),
        (DateKind::Result, Some(result)),
        (DateKind::Report, Some(result)),
        (DateKind::Isolation, Some(isolated)),
        (DateKind::Admission, Some(result)),
    ];
    for (kind, day) in exact.into_iter().filter_map(|(kind, day)| Some((kind, day?))) {
        dates.set(kind, StatedDay::exact(day, SOURCE));
    }
    dates
}

const SOURCE: &str = "scenario";

fn case_no(place: usize) -> String {
    format!("TG-{:03}", place + 1)
}

fn place_of(exposure: Exposure) -> Option<PlaceKind> {
    match exposure {
        Exposure::Visit => Some(PlaceKind::Home),
        Exposure::Meal => Some(PlaceKind::Restaurant),
        Exposure::Work => Some(PlaceKind::Workplace),
        Exposure::Transport => None,
    }
}

/// Children do not go to work; the household's child was there for the meal.
fn at_that_age(exposure: Exposure, age: u8) -> Exposure {
    if exposure == Exposure::Work && age < 16 { Exposure::Meal } else { exposure }
}

fn day_between(first: Day, last: Day, chance: &mut Stream) -> Day {
    let span = usize::try_from((last - first).max(0)).unwrap_or_default();
    first + i32::try_from(chance.below(span + 1)).unwrap_or_default()
}

fn age_between(youngest: u8, oldest: u8, chance: &mut Stream) -> u8 {
    youngest
        + u8::try_from(chance.below(usize::from(oldest.saturating_sub(youngest)) + 1)).unwrap_or_default()
}

/// `count` different places of `0..of`, in the order drawn.
fn choose(of: usize, count: usize, chance: &mut Stream) -> Vec<usize> {
    let mut left: Vec<usize> = (0..of).collect();
    (0..count.min(of)).map(|_| left.remove(chance.below(left.len()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TAIGU_2022, id_number_is_valid};
    use packs::shipped;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn script(seed: u64) -> Script {
        let diseases = shipped::diseases().unwrap();
        let spec = Spec::read(TAIGU_2022).unwrap_or_else(|error| panic!("{error}"));
        taigu(seed, &shipped::shanxi().unwrap(), diseases.by_id("covid-19-delta").unwrap(), &spec).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn figure(script: &Script, wanted: &str, on: &str) -> Option<u64> {
        script.steps.iter().find_map(|dated| match &dated.step {
            Step::Figure { kind, value, .. } if kind == wanted && dated.day == day(on) => Some(*value),
            _ => None,
        })
    }

    /// What a case is called at the end, classifications applied.
    fn final_class(script: &Script, case: &CaseReport) -> Classification {
        let later = script.steps.iter().rev().find_map(|dated| match &dated.step {
            Step::Classify { case_no, to, .. } if *case_no == case.no => Some(*to),
            _ => None,
        });
        later.unwrap_or(case.classification)
    }

    #[test]
    fn the_counts_are_the_published_ones() {
        let script = script(2022);
        let first: Vec<_> = script
            .cases()
            .filter(|case| case.dates.day(DateKind::Result) == Some(day("2022-02-20")))
            .collect();
        assert_eq!(first.len(), 5);
        let light = first.iter().filter(|case| case.severity == Some(Severity::Light)).count();
        assert_eq!(light, 2);
        let class = |wanted| script.contacts().filter(|contact| contact.class == wanted).count();
        assert_eq!((class(ContactClass::Close), class(ContactClass::Secondary)), (46, 232));
        assert_eq!(figure(&script, "sealed_people", "2022-02-21"), Some(5_300));
        assert_eq!(figure(&script, "screened_people", "2022-02-21"), Some(295_958));
    }

    #[test]
    fn by_the_first_of_march_twelve_are_in_hospital_and_one_has_no_signs() {
        let script = script(2022);
        let called = |wanted| script.cases().filter(|case| final_class(&script, case) == wanted).count();
        assert_eq!(called(Classification::Confirmed), 12);
        assert_eq!(called(Classification::Asymptomatic), 1);
        assert_eq!(script.cases().count(), 13);
        assert_eq!(figure(&script, "in_hospital", "2022-03-01"), Some(12));
        assert!(script.steps.iter().all(|dated| dated.day <= day("2022-03-01")));
    }

    #[test]
    fn nobody_is_found_in_the_open_community_and_every_later_find_was_a_listed_contact() {
        let script = script(2022);
        assert!(script.cases().all(|case| case.found == Found::UnderCare));
        let listed: BTreeSet<&str> = script.contacts().map(|contact| contact.no.as_str()).collect();
        for case in script.cases().skip(5) {
            let contact = case.was_contact.as_deref().unwrap();
            assert!(listed.contains(contact), "{} was {contact}", case.no);
        }
        assert_eq!(script.links().count(), 8);
    }

    #[test]
    fn the_two_of_the_twenty_sixth_are_probable_until_the_experts_decide_on_the_twenty_seventh() {
        let script = script(2022);
        let probable: Vec<_> =
            script.cases().filter(|case| case.classification == Classification::Probable).collect();
        assert_eq!(probable.len(), 2);
        let decided: Vec<Day> = script
            .steps
            .iter()
            .filter(|dated| matches!(dated.step, Step::Classify { .. }))
            .map(|dated| dated.day)
            .collect();
        assert_eq!(decided, [day("2022-02-27"); 2]);
    }

    #[test]
    fn everybody_lives_in_a_township_of_taigu_that_exists() {
        let regions = shipped::shanxi().unwrap();
        let script = script(2022);
        let people =
            script.cases().map(|case| &case.person).chain(script.contacts().map(|contact| &contact.person));
        for person in people {
            let region = regions.at(&person.residence).unwrap();
            assert_eq!(region.level, Level::Township);
            assert!(region.territory.path().starts_with("14/1407/140703/"));
        }
    }

    #[test]
    fn another_disease_or_another_province_is_refused() {
        let (regions, diseases) = (shipped::shanxi().unwrap(), shipped::diseases().unwrap());
        let mut spec = Spec::read(TAIGU_2022).unwrap();
        let refusal = taigu(1, &regions, diseases.by_id("measles").unwrap(), &spec).unwrap_err();
        assert!(refusal.to_string().contains("measles"));
        spec.territory = "15/1501/150102".parse().unwrap();
        let delta = diseases.by_id("covid-19-delta").unwrap();
        assert!(taigu(1, &regions, delta, &spec).unwrap_err().to_string().contains("15/1501/150102"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_same_seed_tells_the_same_story_and_nobody_is_dated_before_exposure(seed: u64) {
            let told = script(seed);
            prop_assert_eq!(&told, &script(seed));
            for case in told.cases() {
                let exposed = case.dates.day(DateKind::Exposure).unwrap();
                for kind in [DateKind::Onset, DateKind::Specimen, DateKind::Result] {
                    if let Some(day) = case.dates.day(kind) {
                        prop_assert!(exposed < day, "{}: {kind} on {day}, exposed {exposed}", case.no);
                    }
                }
                let result = case.dates.day(DateKind::Result).unwrap();
                prop_assert!(case.dates.day(DateKind::Onset).is_none_or(|onset| onset <= result));
                prop_assert!(case.dates.day(DateKind::Isolation).unwrap() <= result);
            }
            for contact in told.contacts() {
                prop_assert!(contact.first_exposure <= contact.last_exposure);
                prop_assert!(contact.last_exposure <= "2022-02-21".parse().unwrap());
            }
        }

        #[test]
        fn no_invented_person_can_be_a_real_one(seed: u64) {
            let told = script(seed);
            let people =
                told.cases().map(|case| &case.person).chain(told.contacts().map(|contact| &contact.person));
            for person in people {
                prop_assert_eq!(person.id_number.len(), 18);
                prop_assert!(!id_number_is_valid(&person.id_number), "{} could exist", person.id_number);
                prop_assert!(person.phone.starts_with("1420000"));
            }
        }
    }

    #[test]
    fn another_seed_tells_of_other_people_on_the_same_counts() {
        let (one, other) = (script(1), script(2));
        assert_ne!(one.steps, other.steps);
        assert_eq!(one.contacts().count(), other.contacts().count());
    }

    #[test]
    fn an_identity_number_says_the_age_it_was_made_for() {
        for person in script(5).contacts().map(|contact| &contact.person) {
            let number = &person.id_number;
            let born = format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]);
            let had_birthday = number[10..14] <= *"0220";
            let years = 2022 - day(&born).year() - i16::from(!had_birthday);
            assert_eq!(years, i16::from(person.age), "{number}, seed 5");
        }
    }
}
