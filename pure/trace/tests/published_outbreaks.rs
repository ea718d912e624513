//! Published outbreaks: who shared a place in South Korea in 2020, and the attack rates of a school in Derbyshire in 2001.
//! The lists lie outside the repository; without them these tests say so and look at nothing.

#![allow(
    clippy::disallowed_methods,
    reason = "a test on a published list reads it; the crate itself reads nothing"
)]

use base::{Day, Streams};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use trace::overlap::{
    CaseVisit, Datum, Looking, Minute, NearIndex, Position, Ride, Spread, Stay, ToldPosition, mixed_systems,
    shared_rides, sound_positions, told_rides,
};
use trace::{Suspect, rank_hypotheses};

fn rows(part: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let root = std::env::var("QUELL_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = root.join("data").join(part);
    if !path.exists() {
        println!("skipped: {part} is not here; set QUELL_SHARED to the folder that holds it");
        return None;
    }
    let mut reader = csv::Reader::from_path(path).unwrap();
    Some(reader.deserialize().map(Result::unwrap).collect())
}

/// Routes by patient: every point a whole day, in WGS84 as Korean maps have it.
struct Routes {
    numbers: BTreeMap<String, u32>,
    stays: Vec<(Stay, Position)>,
}

impl Routes {
    fn of(rows: &[BTreeMap<String, String>]) -> Routes {
        let (mut numbers, mut stays) = (BTreeMap::new(), Vec::new());
        for row in rows {
            let next = numbers.len() as u32;
            let subject = *numbers.entry(row["patient_id"].clone()).or_insert(next);
            let day: Day = row["date"].parse().unwrap();
            let stay = Stay {
                subject,
                place: 0,
                earliest: Minute::of(day, 0).unwrap(),
                latest: Minute::of(day, 1_439).unwrap(),
                began_spread: Spread::of(1_439),
                ended_spread: Spread::of(1_439),
            };
            let degrees = |column: &str| row[column].parse().unwrap();
            stays.push((stay, Position { lat: degrees("latitude"), lon: degrees("longitude") }));
        }
        Routes { numbers, stays }
    }

    /// Pairs of patients who were within `metres` on one day, the smaller number first.
    fn met_within(&self, metres: f64) -> BTreeSet<(u32, u32)> {
        let index = NearIndex::of(self.stays.iter().copied(), metres);
        let all: Vec<(CaseVisit, Position)> =
            self.stays.iter().map(|(stay, at)| (CaseVisit { stay: *stay, onset: None }, *at)).collect();
        let near = index.near(&all, metres, 0, Looking::Onward);
        near.iter().map(|near| ordered(near.exposure.case, near.exposure.contact)).collect()
    }
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

#[test]
fn korean_infector_pairs_share_a_place_far_more_often_than_chance() {
    let (Some(routes), Some(patients)) =
        (rows("kr_ds4c_2020/PatientRoute.csv"), rows("kr_ds4c_2020/PatientInfo.csv"))
    else {
        return;
    };
    let routes = Routes::of(&routes);
    let met = routes.met_within(100.0);
    let number = |id: &str| routes.numbers.get(id.trim()).copied();
    let infections: Vec<(u32, u32)> = patients
        .iter()
        .filter_map(|patient| {
            Some(ordered(number(&patient["infected_by"])?, number(&patient["patient_id"])?))
        })
        .collect();
    // Two patients are named as their own infectors. They share every place with themselves, which is no finding.
    let (themselves, infections): (Vec<_>, Vec<_>) = infections.into_iter().partition(|(a, b)| a == b);
    let found = infections.iter().filter(|pair| met.contains(pair)).count();

    let mut chance = Streams::seeded(2020).of("pairs");
    let people = routes.numbers.len();
    let mut strangers = 0;
    let mut by_chance = 0;
    while strangers < 2_000 {
        let (a, b) = (chance.below(people) as u32, chance.below(people) as u32);
        if a != b {
            strangers += 1;
            by_chance += usize::from(met.contains(&ordered(a, b)));
        }
    }
    let distinct: BTreeSet<(u32, u32)> = infections.iter().copied().collect();
    let true_links = met.intersection(&distinct).count();
    let (recall, noise) = (found as f64 / infections.len() as f64, by_chance as f64 / 2_000.0);
    let base = distinct.len() as f64 / (people * (people - 1) / 2) as f64;
    let precision = true_links as f64 / met.len() as f64;
    println!(
        "patients with routes {people}; points {}; infector pairs with both routes {} and {} named as their own infector; found within 100 m on one day {found}; \
         recall {recall:.4}; of 2,000 random pairs {by_chance} ({noise:.4}); times chance {:.0}; pairs found in all {}, of them \
         known links {true_links}; precision {precision:.4}; share of links among all pairs {base:.6}; lift {:.0}",
        routes.stays.len(),
        infections.len(),
        themselves.len(),
        recall / noise,
        met.len(),
        precision / base,
    );
    // 85 of 320, when the two are counted.
    assert_eq!((infections.len(), themselves.len()), (318, 2));
    assert!(found + themselves.len() >= 85, "{found}");
    assert!(by_chance <= 20, "{by_chance}");
    assert!(precision / base > 20.0);
}

#[test]
fn korean_routes_hold_no_mixed_systems_and_no_nought() {
    let Some(routes) = rows("kr_ds4c_2020/PatientRoute.csv") else { return };
    let told: Vec<ToldPosition> = routes
        .iter()
        .zip(2..)
        .map(|(row, number)| {
            let degrees = |column: &str| row[column].parse().unwrap();
            ToldPosition {
                row: number,
                named_place: None,
                told: Position { lat: degrees("latitude"), lon: degrees("longitude") },
            }
        })
        .collect();
    let (sound, notes) = sound_positions(&told);
    assert!(notes.is_empty() && sound.len() == told.len());
    // The same list with one door as Amap would tell it is found out.
    let door = told[0].told;
    let doors = [
        ToldPosition { named_place: Some(1), ..told[0] },
        ToldPosition { row: 9, named_place: Some(1), told: Datum::Gcj02.from_wgs84(door) },
    ];
    assert!(mixed_systems(&doors).has("mixed_systems"));
}

/// O'Neill and Marks 2005, Statistics in Medicine 24:2011-2024: 186 of 492 pupils in 15 classes fell ill. Absence stands for illness.
#[test]
fn the_school_in_derbyshire_has_the_published_attack_rate_and_its_classes_are_ranked() {
    let Some(pupils) = rows("recon_outbreaks/norovirus_derbyshire_2001_school.csv") else { return };
    let ill: Vec<bool> = pupils.iter().map(|pupil| pupil["day_absent"] != "0").collect();
    assert_eq!((ill.iter().filter(|ill| **ill).count(), ill.len()), (186, 492));
    let classes: BTreeSet<&str> = pupils.iter().map(|pupil| pupil["class"].as_str()).collect();
    let suspects: Vec<Suspect> = classes
        .iter()
        .map(|class| Suspect {
            name: (*class).to_owned(),
            exposed: pupils.iter().map(|pupil| Some(pupil["class"] == *class)).collect(),
        })
        .collect();
    let ranked = rank_hypotheses(&ill, &suspects, 0.95);
    let first = &ranked[0];
    assert_eq!((first.name.as_str(), first.table.exposed_ill, first.table.exposed()), ("10", 19, 24));
    assert!(first.p_value_of_many < 0.01 && first.odds_ratio_mid_p.low > 2.0);
    assert_eq!(ranked.iter().map(|one| one.table.exposed()).sum::<u64>(), 492);
}

/// The notices of 2020 name trains and flights in words. Their midnights stand in UTC, eight hours before the day they mean.
#[test]
fn trains_and_flights_of_the_notices_bring_their_cases_together() {
    let mut rides = Vec::new();
    let until = Day::of(2020, 3, 31).unwrap();
    let (mut subjects, mut runs) = (Numbers::default(), Numbers::default());
    let mut legs = 0;
    let mut named: BTreeSet<(String, String)> = BTreeSet::new();
    for province in [
        "11shandong",
        "13zhongqing",
        "14fujian",
        "15tianjin",
        "16yunnan",
        "18guangxi",
        "1anhui",
        "2henan",
        "3zhejiang",
        "9shanxi",
    ] {
        let Some(text) = text(&format!("cn_case_notices_2020/patient_detail/{province}.json")) else {
            return;
        };
        let notices: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for notice in &notices {
            let who = notice["id"].to_string().replace('"', "");
            let contacts = notice["intimateContacts"].to_string();
            for contact in contacts.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() >= 6) {
                named.insert((bare(&who), bare(contact)));
            }
            for (list, said, when) in [
                ("travelData", "travelDetail", "travelDate"),
                ("eventData", "eventContent", "eventStartTime"),
            ] {
                for leg in notice[list].as_array().into_iter().flatten() {
                    let Some(day) = leg[when].as_str().and_then(day_in_china) else { continue };
                    let words = format!(
                        "{} {}",
                        leg["travelMethod"].as_str().unwrap_or(""),
                        leg[said].as_str().unwrap_or("")
                    );
                    for ride in told_rides(&words) {
                        legs += 1;
                        let day = ride.day(Some(day), until).unwrap_or(day);
                        rides.push(Ride {
                            row: legs,
                            subject: subjects.of(&who),
                            run: runs.of(&ride.vehicle),
                            day,
                            carriage: ride.carriage,
                            seat: ride.seat,
                            stops: None,
                        });
                    }
                }
            }
        }
    }
    let shared = shared_rides(&rides, |_| true, 3);
    let pairs: BTreeSet<(u32, u32)> = shared.iter().map(|ride| ordered(ride.case, ride.contact)).collect();
    let vehicles: BTreeSet<(u32, Day)> = shared.iter().map(|ride| (ride.run, ride.day)).collect();
    println!(
        "{legs} rides of {} people on {} runs; {} pairs were on one of {} runs together",
        subjects.0.len(),
        runs.0.len(),
        pairs.len(),
        vehicles.len()
    );
    let names: BTreeMap<u32, String> =
        subjects.0.iter().map(|(name, number)| (*number, bare(name))).collect();
    let is_named = |a: &u32, b: &u32| named.contains(&(names[a].clone(), names[b].clone()));
    let told = pairs.iter().filter(|(a, b)| is_named(a, b) || is_named(b, a)).count();
    println!("{told} of the pairs name one another as contacts");
    assert_eq!((legs, pairs.len(), vehicles.len()), (70, 21, 12));
}

#[derive(Default)]
struct Numbers(BTreeMap<String, u32>);

impl Numbers {
    fn of(&mut self, name: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(name.to_owned()).or_insert(next)
    }
}

fn text(part: &str) -> Option<String> {
    let root = std::env::var("QUELL_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let read = std::fs::read_to_string(root.join("data").join(part)).ok();
    if read.is_none() {
        println!("skipped: {part} is not here; set QUELL_SHARED to the folder that holds it");
    }
    read
}

/// Files write one number with and without a zero before it.
fn bare(number: &str) -> String {
    number.trim_start_matches('0').to_owned()
}

fn day_in_china(instant: &str) -> Option<Day> {
    let day: Day = instant.get(..10)?.parse().ok()?;
    let hour: i32 = instant.get(11..13)?.parse().ok()?;
    Some(day + (hour + 8) / 24)
}
