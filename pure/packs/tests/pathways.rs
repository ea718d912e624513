//! Pathways as people break them, and as the field's own table states them.
#![allow(
    clippy::disallowed_methods,
    reason = "a golden test reads its reference; the crate itself reads nothing"
)]

use packs::shipped;
use packs::{Category, Confidence, Faults, Protocols, WatchPlace};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn shipped_with(name: &str, change: impl Fn(&str) -> String) -> Result<Protocols, Faults> {
    let changed: Vec<(&str, String)> = shipped::PROTOCOLS
        .iter()
        .map(|(known, text)| (*known, if *known == name { change(text) } else { (*text).to_owned() }))
        .collect();
    let texts = changed.iter().map(|(name, text)| (*name, text.as_str()));
    Protocols::read(texts, shipped::EXPOSURES, &shipped::diseases().unwrap())
}

/// A pack with one thing wrong is refused with its name, the key, what is wrong and what to do.
#[test]
fn a_broken_pathway_is_refused_with_the_sentence_that_says_why() {
    const EIGHT: &str = "protocols/cn-covid-8";
    const NINE: &str = "protocols/cn-covid-9";
    for (name, from, to, key, words) in [
        (
            EIGHT,
            "same_as = \"close_contact\"",
            "same_as = \"inbound\"",
            "pathways.inbound.same_as",
            "goes round in a circle: inbound → inbound",
        ),
        (EIGHT, "same_as = \"close_contact\"", "same_as = \"low_road\"", "line ", "unknown variant"),
        (NINE, "same_as = \"close_contact\"", "", "pathways.inbound.phases", "has no end"),
        (
            EIGHT,
            "days = { value = 14,",
            "days = { value = 0,",
            "pathways.close_contact.phases[0].days",
            "ends before it begins",
        ),
        (
            EIGHT,
            "days = { value = 14,",
            "days = { value = 9000,",
            "pathways.close_contact.phases[0].days",
            "without an end",
        ),
        (
            EIGHT,
            "value = [1, 4, 7, 14]",
            "value = [1, 4, 7, 15]",
            "pathways.close_contact.phases[0].tests",
            "a test on day 15 lies outside its phase of 14 days",
        ),
        (
            EIGHT,
            "value = [1, 4, 7, 14]",
            "value = [1, 7, 4, 14]",
            "pathways.close_contact.phases[0].tests",
            "not in order",
        ),
        (
            NINE,
            "any_tests = { value = 2,",
            "any_tests = { value = 9,",
            "pathways.low_risk_area.phases[0].any_tests.value",
            "more tests than days",
        ),
        (
            NINE,
            "[\"days_served\", \"tests_taken\", \"results_negative\", \"no_symptoms\", \"seen_at_end\"]",
            "[\"days_served\", \"no_symptoms\"]",
            "pathways.close_contact.release",
            "a missed test pass in silence",
        ),
        (NINE, "[\"days_served\", ", "[", "pathways.close_contact.release", "before their days are over"),
        (
            "protocols/ebola",
            ", \"seen_at_end\"",
            "",
            "pathways.close_contact.release",
            "missed checks pass in silence",
        ),
        (
            EIGHT,
            "missed_test_adds_days = { value = 1",
            "missed_test_adds_days = { value = 0",
            "follow_up.missed_test_adds_days",
            "in silence",
        ),
        (
            EIGHT,
            "most_added_days = { value = 7",
            "most_added_days = { value = 700",
            "follow_up.most_added_days",
            "without end",
        ),
        (EIGHT, "value = [0, 24, 48]", "value = [48, 24]", "follow_up.escalate_after_hours", "three steps"),
        (EIGHT, "from = 2021-05-14", "from = 2031-05-14", "to", "lies before `from`"),
        (
            NINE,
            "fever_celsius = { value = 37.3",
            "fever_celsius = { value = 99.1",
            "follow_up.fever_celsius",
            "no temperature",
        ),
        (
            NINE,
            "ct_below = { value = 35",
            "ct_below = { value = 36",
            "follow_up.re_positive.ct_below",
            "positive again who is released",
        ),
        (NINE, "below_age = 18\n", "", "follow_up.not_moved.minor.below_age", "belongs to minors"),
        (
            "protocols/cn-covid-20m",
            "category = \"high_risk_job\"",
            "category = \"secondary_contact\"",
            "pathways.secondary_contact",
            "contacts of contacts",
        ),
        (
            "protocols/cn-covid-20m",
            "category = \"high_risk_job\"",
            "category = \"high_risk_area\"",
            "pathways.high_risk_area.category",
            "twice",
        ),
        (NINE, "day_one = ", "day_two = ", "line ", "day_two"),
    ] {
        let text = shipped::PROTOCOLS.iter().find(|(known, _)| *known == name).unwrap().1;
        assert!(text.contains(from), "{name} has `{from}`");
        let refusal = match shipped_with(name, |text| text.replacen(from, to, 1)) {
            Ok(_) => panic!("{name} with `{to}` was believed"),
            Err(faults) => faults.to_string(),
        };
        assert!(refusal.contains(&format!("pack {name}, {key}")), "{name} {to}: {refusal}");
        assert!(refusal.contains(words), "{refusal}");
        assert!(refusal.lines().all(|line| line.contains("; ")), "a remedy follows: {refusal}");
    }
}

#[test]
fn two_categories_that_point_at_each_other_are_a_circle() {
    let two = |text: &str| {
        let from = text.find("[[pathways]]").unwrap();
        format!(
            "{}{}",
            &text[..from],
            "[[pathways]]\ncategory = \"inbound\"\nsame_as = \"close_contact\"\ncounted_from = \"arrival\"\n\
             source = \"x\"\nconfidence = \"memory\"\n\n[[pathways]]\ncategory = \"close_contact\"\n\
             same_as = \"inbound\"\ncounted_from = \"last_exposure\"\nsource = \"x\"\nconfidence = \"memory\"\n"
        )
    };
    let refusal = shipped_with("protocols/cn-covid-9", two).unwrap_err().to_string();
    assert!(refusal.contains("goes round in a circle: inbound → close_contact → inbound"), "{refusal}");
}

#[test]
fn every_shipped_pathway_has_an_end_and_criteria() {
    let protocols = shipped::protocols().unwrap();
    let mut pathways = 0;
    for edition in protocols.iter() {
        for pathway in &edition.pathways {
            pathways += 1;
            assert!(pathway.days() > 0, "{} {}", edition.id, pathway.category);
            assert!(!pathway.criteria().is_empty(), "{} {}", edition.id, pathway.category);
        }
    }
    assert!(pathways >= 30, "{pathways}");
    let bb = protocols.by_id("cn-covid-bb").unwrap();
    assert!(bb.pathways.is_empty(), "class B follows nobody");
}

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var("QUELL_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let found = root.join(part);
    if !found.exists() {
        println!("skipped: {part} is not here; set QUELL_SHARED to the folder that holds it");
        return None;
    }
    Some(found)
}

/// The table of rules that was gathered from the texts, `domain/protocols_cn_covid.json`: places, days, tests, swabs, and no value
/// called sourced here that it does not call so.
#[test]
fn the_editions_of_china_say_what_the_gathered_table_says() {
    let Some(file) = shared("domain/protocols_cn_covid.json") else { return };
    let table: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let protocols = shipped::protocols().unwrap();
    let mut compared = 0;
    for profile in table["profiles"].as_array().unwrap() {
        let id = profile["id"].as_str().unwrap().replace("-BB", "-bb");
        let edition = protocols.by_id(&id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!(edition.from.unwrap().to_string(), profile["from"].as_str().unwrap(), "{id}");
        for (name, stated) in profile["pathways"].as_object().unwrap() {
            let category: Category = name.trim_end_matches("_7d").parse().unwrap();
            let Some(pathway) = edition.pathway(category) else {
                assert!(stated.is_null(), "{id} {name} is missing");
                continue;
            };
            if let Some(days) = stated["tests_in_days"].as_array() {
                let phase = &pathway.phases[0];
                let (tests, within) = (phase.any_tests.as_ref().unwrap().value, phase.days.value);
                assert_eq!(
                    [u64::from(tests), u64::from(within)].map(Value::from).to_vec(),
                    *days,
                    "{id} {name}"
                );
                compared += 1;
            }
            if let Some(like) = stated["same_as"].as_str() {
                let like = edition.pathway(like.parse().unwrap()).unwrap();
                assert_eq!(pathway.phases, like.phases, "{id} {name}");
                compared += 1;
            }
            for (at, phase) in stated["phases"].as_array().into_iter().flatten().enumerate() {
                let ours = &pathway.phases[at];
                let place = match phase["place"].as_str().unwrap() {
                    "home_monitoring" => WatchPlace::Monitoring,
                    other => other.parse().unwrap(),
                };
                assert_eq!(ours.place, place, "{id} {name} {at}");
                assert_eq!(u64::from(ours.days.value), phase["days"].as_u64().unwrap(), "{id} {name} {at}");
                if let Some(tests) = phase["tests"].as_array() {
                    let own = ours.tests.as_ref().unwrap_or_else(|| panic!("{id} {name} {at} has tests"));
                    assert_eq!(&own.value.iter().map(|day| Value::from(*day)).collect::<Vec<_>>(), tests);
                }
                if let Some(double) = phase["double_last"].as_bool() {
                    assert_eq!(ours.double_last.as_ref().unwrap().value, double, "{id} {name}");
                }
                let sourced = stated["tag"] == "sourced";
                assert!(sourced || ours.days.confidence != Confidence::Sourced, "{id} {name} is from memory");
                compared += 1;
            }
        }
    }
    assert!(compared >= 14, "{compared} phases compared");
}
