//! Taigu, February 2022, day by day: which zones the engine proposes from the cases as they came, and how that compares with what was done
//! (docs/taigu.md).

use base::{Day, Territory};
use control::{
    AboveSeen, Area, ContactsSeen, Find, FindInside, How, Lived, RoundHeld, Stay, Unit, ZoneSeen, clock,
    effect, leave, promotion, propose,
};
use packs::{Protocol, SpreadRisk, StayKind, UnitKind, ZoneScheme};
use scenario::{CaseReport, Exposure, PlaceKind, Script, Spec, Step};
use std::collections::BTreeMap;

struct Replay {
    script: Script,
    spec: Spec,
    protocol: Protocol,
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn replay(seed: u64) -> Replay {
    let spec = Spec::read(scenario::TAIGU_2022).expect("the scenario is sound");
    let diseases = packs::shipped::diseases().expect("sound packs");
    let regions = packs::shipped::shanxi().expect("sound regions");
    let delta = diseases.by_id("covid-19-delta").expect("Delta");
    let script = scenario::taigu(seed, &regions, delta, &spec).expect("a script");
    let protocols = packs::shipped::protocols().expect("sound packs");
    let protocol = protocols.for_disease(Some("covid-19-delta"), day("2022-02-20")).clone();
    Replay { script, spec, protocol }
}

impl Replay {
    fn zones(&self) -> &ZoneScheme {
        self.protocol.zones.as_ref().expect("zones of the 8th edition")
    }

    /// A place of the script as a unit: the home is a compound, what people visit is a building.
    fn place(&self, kind: PlaceKind) -> Unit {
        let found = self.script.steps.iter().find_map(|dated| match &dated.step {
            Step::Place { kind: of, zh, territory, .. } if *of == kind => {
                Some((zh.clone(), territory.clone()))
            }
            _ => None,
        });
        let (zh, territory) = found.expect("the script has the place");
        let unit = if kind == PlaceKind::Home { UnitKind::Compound } else { UnitKind::Building };
        Unit::part(territory, &[zh.as_str()], unit)
    }

    /// What the investigation found out about the family: home since the return, and where its contacts were met. Guests of a
    /// restaurant are hard to trace; a factory knows its shift. The risk at both is assumed (docs/taigu.md).
    fn stays(&self, case: &CaseReport) -> Vec<Stay> {
        let facts = &self.spec.family;
        let mut stays = vec![Stay {
            unit: self.place(PlaceKind::Home),
            kind: StayKind::Residence,
            risk: SpreadRisk::High,
            hard_to_trace: false,
            from: facts.returned_on,
            until: facts.result_day,
        }];
        let met = self.script.contacts().filter(|one| one.of_case == case.no && one.via.is_none());
        for contact in met {
            let (kind, hard_to_trace) = match contact.exposure {
                Exposure::Meal => (PlaceKind::Restaurant, true),
                Exposure::Work => (PlaceKind::Workplace, false),
                Exposure::Visit | Exposure::Transport => continue,
            };
            stays.push(Stay {
                unit: self.place(kind),
                kind: StayKind::Activity,
                risk: SpreadRisk::Some,
                hard_to_trace,
                from: contact.first_exposure,
                until: contact.last_exposure,
            });
        }
        stays
    }

    /// Those found later lived in homes of their own, which they left for quarantine on the day after the result.
    fn own_home(&self, case: &CaseReport, until: Day) -> Stay {
        Stay {
            unit: Unit::part(
                case.person.residence.clone(),
                &[case.person.household.as_str()],
                UnitKind::Compound,
            ),
            kind: StayKind::Residence,
            risk: SpreadRisk::Some,
            hard_to_trace: false,
            from: self.spec.family.exposure_from,
            until,
        }
    }

    /// Cases as they were known at the end of a day.
    fn finds(&self, until: Day) -> Vec<Find> {
        let reported = self.script.steps.iter().filter(|dated| dated.day <= until);
        let cases = reported.filter_map(|dated| match &dated.step {
            Step::ReportCase(case) => Some((dated.day, case)),
            _ => None,
        });
        cases
            .map(|(day, case)| {
                let of = |kind| case.dates.0.get(&kind).map(|stated| stated.day);
                let family = case.was_contact.is_none();
                Find {
                    id: case.no.clone(),
                    day,
                    onset: of(cases::DateKind::Onset),
                    sampled: Some(day),
                    how: How::of(Some(case.found)),
                    isolated: Some(if family {
                        self.spec.family.result_day
                    } else {
                        self.spec.contacts.listed_on
                    }),
                    stays: if family { self.stays(case) } else { vec![self.own_home(case, day)] },
                }
            })
            .collect()
    }

    fn figure(&self, kind: &str) -> u64 {
        let found = self.spec.figures.iter().find(|figure| figure.kind == kind);
        found.map(|figure| figure.value).expect("a figure")
    }

    /// The lockdown area as it stands at the end of a day.
    fn seen(&self, until: Day, rounds: &[RoundHeld]) -> ZoneSeen {
        let finds = self.finds(until).into_iter();
        let close = self.script.contacts().filter(|contact| contact.via.is_none());
        ZoneSeen {
            level: "lockdown".to_owned(),
            since: day("2022-02-20"),
            after_higher: false,
            finds: finds.map(|find| FindInside { day: find.day, id: find.id, how: find.how }).collect(),
            rounds: rounds.to_vec(),
            contacts: Some(ContactsSeen {
                last_exposure: close.map(|contact| contact.last_exposure).max(),
                without_result: 0,
            }),
            above: AboveSeen::default(),
        }
    }
}

const SEED: u64 = 2022;

#[test]
fn on_the_first_evening_lockdown_and_control_are_proposed_and_the_rest_of_the_county_follows() {
    let replay = replay(SEED);
    let (zones, first) = (replay.zones(), day("2022-02-20"));
    assert_eq!(replay.protocol.id, "cn-covid-8");
    let told = propose(zones, 2, &replay.finds(first), &[], first);
    let by_level = |level: &str| -> Vec<&Unit> {
        told.iter().filter(|one| one.level == level).map(|one| &one.unit).collect()
    };
    assert_eq!(by_level("lockdown"), [&replay.place(PlaceKind::Home)], "{told:?}");
    assert_eq!(by_level("control"), [&replay.place(PlaceKind::Restaurant)], "{told:?}");
    let home = told.iter().find(|one| one.level == "lockdown").expect("the home");
    assert_eq!(home.reasons.len(), 5, "each of the family speaks for it: {:?}", home.reasons);
    assert!(home.reasons.iter().all(|reason| reason.rule == "residence" && reason.clock == first));

    let regions = packs::shipped::shanxi().expect("sound regions");
    let within = regions.within(&replay.spec.territory, packs::Level::Township);
    let townships: Vec<Territory> = within.map(|one| one.territory.clone()).collect();
    let mut board = control::Board::new(zones, 2);
    replay.finds(first).iter().for_each(|find| board.add(find));
    let rest = board.levels(&townships, first).iter().filter(|one| one.as_rest).count();
    assert!(rest >= townships.len() - 2 && rest < townships.len(), "all others are precaution ({rest})");
}

#[test]
fn the_effect_before_the_order_is_the_people_of_the_published_figures() {
    let replay = replay(SEED);
    let (zones, first) = (replay.zones(), day("2022-02-20"));
    let sealed = replay.figure("sealed_people");
    // How the 5,300 are spread over the compound and the surroundings of the restaurant is not published.
    let lived = |kind, people, entrances| Lived {
        unit: replay.place(kind),
        people: Some(people),
        entrances: Some(entrances),
        now: None,
    };
    let inside = [lived(PlaceKind::Home, sealed - 1_300, 2), lived(PlaceKind::Restaurant, 1_300, 1)];
    let told = effect(zones, Some("lockdown"), first, &inside);
    assert_eq!((told.people, told.checkpoints), (5_300, 3));
    assert_eq!(told.tests.first(), Some(&(day("2022-02-21"), 5_300)), "the first round is the next day");
    let county = replay.spec.territory.clone();
    let regions = packs::shipped::shanxi().expect("sound regions");
    let residents = regions.at(&county).and_then(|county| county.population).expect("a census");
    let rest =
        Lived { unit: Unit::whole(county), people: Some(residents - sealed), entrances: None, now: None };
    let told = effect(zones, Some("precaution"), first, &[rest]);
    let tested = replay.figure("screened_people");
    let apart = told.tests_in_all.abs_diff(tested) as f64 / tested as f64;
    assert!(apart < 0.08, "{} would be tested once, {tested} were", told.tests_in_all);
}

fn round(on: &str) -> RoundHeld {
    RoundHeld {
        began: day(on),
        ended: Some(day(on)),
        people: 5_300,
        with_result: 5_300,
        positives_community: 0,
        unresolved: 0,
    }
}

#[test]
fn finds_in_quarantine_reset_no_clock_and_the_release_day_stands_from_the_first_evening() {
    let replay = replay(SEED);
    let (zones, first) = (replay.zones(), day("2022-02-20"));
    let expected = leave(zones, &replay.seen(first, &[]), first).expect("a level").on;
    assert_eq!(expected, Some(day("2022-03-06")), "14 days after the last day outside");
    let rounds = [round("2022-02-21"), round("2022-02-23")];
    let mut known = BTreeMap::new();
    for today in first.through(replay.spec.last_day) {
        let zone = replay.seen(today, &rounds);
        known.insert(today, zone.finds.len());
        assert_eq!(promotion(zones, &zone, &[], today), None);
        assert_eq!(clock(zones, &zone, today), (first, None), "{today}");
        let told = leave(zones, &zone, today).expect("a level");
        assert!(!told.ready && told.on == expected, "{today}: {told:?}");
    }
    assert_eq!(known[&day("2022-02-25")], 9);
    assert_eq!(known[&day("2022-02-26")], 11, "the two of 26 February are known, and nothing moved");
    assert_eq!(known[&replay.spec.last_day], 13);

    // What would be missing on the fourteenth day, and what lets it go.
    let last = day("2022-03-06");
    let told = leave(zones, &replay.seen(last, &rounds), last).expect("a level");
    let missing: Vec<&str> = told.criteria.iter().filter(|one| !one.met).map(|one| one.kind).collect();
    assert_eq!(missing, ["full_round"], "the rounds of February are too long ago");
    assert!(leave(zones, &replay.seen(last, &[round("2022-03-05")]), last).expect("a level").ready);
}

#[test]
fn one_find_on_the_social_surface_would_have_restarted_it_and_raised_the_control_area() {
    let replay = replay(SEED);
    let (zones, on) = (replay.zones(), day("2022-02-26"));
    let mut zone = replay.seen(on, &[]);
    zone.finds.push(FindInside { day: on, id: "another".to_owned(), how: How::Community });
    let told = leave(zones, &zone, on).expect("a level");
    assert_eq!((told.clock, told.on), (on, Some(day("2022-03-12"))));
    zone.level = "control".to_owned();
    assert_eq!(promotion(zones, &zone, &[], on).map(|(level, _)| level), Some("lockdown"));
    assert_eq!(promotion(zones, &zone, &["another".to_owned()], on), None, "it was set for this one");
}

/// Those found later were met by the family and went into quarantine on the 21st; where their own days of passing it on began before
/// that, the engine asks for their homes too. The notices speak of no further zone (docs/taigu.md says why that may be).
#[test]
fn homes_of_those_found_in_quarantine_are_asked_for_only_where_they_could_have_passed_it_on() {
    for seed in [SEED, 1, 7] {
        let replay = replay(seed);
        let (zones, last, first) = (replay.zones(), replay.spec.last_day, day("2022-02-20"));
        let in_force: Vec<(Area, String)> = propose(zones, 2, &replay.finds(first), &[], first)
            .into_iter()
            .map(|set| (Area::of(vec![set.unit]), set.level))
            .collect();
        assert!(propose(zones, 2, &replay.finds(first), &in_force, first).is_empty(), "all is set");
        let (finds, moved) = (replay.finds(last), replay.spec.contacts.listed_on);
        for proposal in propose(zones, 2, &finds, &in_force, last) {
            for reason in &proposal.reasons {
                let find = finds.iter().find(|find| find.id == reason.find).expect("a case");
                assert!(find.infectious_from(2) <= moved && reason.until <= moved, "{reason:?}");
            }
        }
        let safe = finds.iter().filter(|find| find.day > first && find.infectious_from(2) > moved);
        for find in safe {
            assert!(control::demands(zones, 2, find).is_empty(), "{find:?}");
        }
    }
}
