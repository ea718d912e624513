//! Any change sent twice is done once: same answer, same picture, one journal row. What people send is drawn at random
//! from a fixed seed.

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scenes::{Known, Person, TAIGU, Town, both};
use serde_json::{Value, json};
use std::collections::BTreeMap;

both!(
    whatever_is_sent_twice_is_done_once,
    many_at_the_same_moment_each_stand_once_and_a_refusal_harms_none,
    a_character_that_is_none_is_refused_by_either_engine
);

#[derive(Debug, Clone)]
enum Deed {
    Report { age: u8 },
    Amend { case: usize, age: u8, forget_onset: bool },
    Classify { case: usize, to: &'static str },
    Contact { case: usize },
    Link { from: usize, to: usize },
    Event,
    Note,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let case = || 0..6_usize;
    let to = prop::sample::select(vec!["suspected", "confirmed", "asymptomatic", "discarded"]);
    let deed = prop_oneof![
        // Some are more than 125 years old, and refused as often as they are sent.
        3 => (0..140_u8).prop_map(|age| Deed::Report { age }),
        2 => (case(), 0..140_u8, any::<bool>())
            .prop_map(|(case, age, forget_onset)| Deed::Amend { case, age, forget_onset }),
        2 => (case(), to).prop_map(|(case, to)| Deed::Classify { case, to }),
        2 => case().prop_map(|case| Deed::Contact { case }),
        2 => (case(), case()).prop_map(|(from, to)| Deed::Link { from, to }),
        1 => Just(Deed::Event),
        1 => Just(Deed::Note),
    ];
    prop::collection::vec(deed, 1..8)
}

const STORIES: usize = 8;

/// Many changes are one commit. Among forty reports sent at the same moment, some come twice and some cannot be.
async fn many_at_the_same_moment_each_stand_once_and_a_refusal_harms_none(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut reports = Vec::new();
    for n in 0..40 {
        let mut case = scenes::covid_case(TAIGU, &format!("M{n}"));
        case["id"] = json!(scenes::fresh("change"));
        case["age"] = json!(if n % 10 == 3 { 140 } else { 40 });
        reports.push(case);
    }
    let twice: Vec<Value> = reports.iter().step_by(4).cloned().collect();
    reports.extend(twice);
    let answers = join_all(reports.iter().map(|case| zhang.change("report-case", case.clone()))).await;
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for (case, answer) in reports.iter().zip(&answers) {
        assert_eq!(answer.status, if case["age"] == json!(140) { 422 } else { 200 }, "{}", answer.text);
        let id = case["id"].as_str().unwrap();
        assert_eq!(*told.entry(id).or_insert(&answer.text), answer.text, "the second answer is the first");
    }
    assert_eq!(zhang.counts_cases().await, 36);
    assert_eq!(town.journal_verdict().await["ok"], true);
}

/// Some keyboards' and scanners' texts hold it; a backslash and a word that look like it are a text.
async fn a_character_that_is_none_is_refused_by_either_engine(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for (number, status) in [("A\0B", 422), ("A\\u0000B", 200), ("A\\\0B", 422)] {
        let answer = zhang.change("report-case", scenes::covid_case(TAIGU, number)).await;
        assert_eq!(answer.status, status, "{number:?}: {}", answer.text);
        if status == 422 {
            assert!(answer.text.contains("U+0000"), "{}", answer.text);
        }
    }
    assert_eq!(zhang.counts_cases().await, 1);
}

async fn whatever_is_sent_twice_is_done_once(town: &mut Town) {
    let (zhang, auditor) = (town.person("epidemiologist", TAIGU).await, town.person("auditor", "").await);
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let mut known = vec![zhang.reports(TAIGU, "first").await];
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..STORIES {
        let story = deeds().new_tree(&mut runner).expect("a story").current();
        for deed in story {
            let (name, fields) = told(&deed, &mut known, &event);
            let once = zhang.change(name, fields.clone()).await;
            let picture = picture(&zhang, &auditor).await;
            let twice = zhang.change(name, fields.clone()).await;
            assert_eq!((once.status, &once.text), (twice.status, &twice.text), "{deed:?}");
            assert_eq!(picture, self::picture(&zhang, &auditor).await, "{deed:?}");
        }
    }
    assert_eq!(town.journal_verdict().await["ok"], true);
}

fn told(deed: &Deed, known: &mut Vec<Known>, event: &str) -> (&'static str, Value) {
    let pick = |at: &usize| known[at % known.len()].id.clone();
    let (name, mut fields) = match deed {
        Deed::Report { age } => {
            let mut case = scenes::covid_case(TAIGU, &format!("C{}", known.len()));
            case["age"] = json!(age);
            if *age <= 125 {
                known.push(Known {
                    id: case["case"].as_str().unwrap().to_owned(),
                    subject: case["subject"].as_str().unwrap().to_owned(),
                });
            }
            ("report-case", case)
        }
        Deed::Amend { case, age, forget_onset } => {
            let dates = if *forget_onset { json!({ "onset": null }) } else { json!({}) };
            ("amend-case", json!({ "case": pick(case), "age": age, "dates": dates }))
        }
        Deed::Classify { case, to } => (
            "classify-case",
            json!({ "case": pick(case), "to": to, "day": "2022-02-22", "reason": "a second look" }),
        ),
        Deed::Contact { case } => (
            "add-contact",
            json!({
                "contact": scenes::fresh("contact"), "subject": scenes::fresh("subject"), "source_case": pick(case),
                "territory": TAIGU, "class": "close", "last_exposure": "2022-02-19",
            }),
        ),
        Deed::Link { from, to } => (
            "link-cases",
            json!({ "link": scenes::fresh("link"), "from": pick(from), "to": pick(to), "evidence": "named" }),
        ),
        Deed::Event => {
            ("open-event", json!({ "event": scenes::fresh("event"), "name": "Another", "territory": TAIGU }))
        }
        Deed::Note => {
            ("add-note", json!({ "note": scenes::fresh("note"), "event": event, "text": "a quiet evening" }))
        }
    };
    fields["id"] = json!(scenes::fresh("change"));
    (name, fields)
}

/// Everything a person can see, and how many rows the journal has.
async fn picture(zhang: &Person, auditor: &Person) -> Vec<String> {
    let mut seen = Vec::new();
    for path in ["/api/cases?limit=500", "/api/contacts?limit=500", "/api/chains", "/api/events"] {
        seen.push(zhang.get(path).await.text);
    }
    seen.push(auditor.get("/api/journal/verify").await.ok().to_string());
    seen
}
