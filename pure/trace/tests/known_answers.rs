//! Answers known from papers and other programs, on real lists that live outside the repository.
//! Without them (set QUELL_SHARED) each test says that it skipped.
#![allow(
    clippy::disallowed_methods,
    reason = "a golden test reads its reference case; the crate itself reads nothing"
)]

use base::Day;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use trace::{ContactGraph, Form, KnownIds, Record, Telling};

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

/// Rows as column → cell, columns trimmed of blanks and byte-order marks.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let columns: Vec<String> = reader.headers().unwrap().iter().map(|c| c.trim().to_owned()).collect();
    let rows = reader.records().map(|row| {
        columns.iter().cloned().zip(row.unwrap().iter().map(|cell| cell.trim().to_owned())).collect()
    });
    rows.collect()
}

fn day_first(text: &str) -> Option<Day> {
    let mut parts = text.split('/').map(|part| part.parse::<i16>().ok());
    let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
    Day::of(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// epicontacts 1.1.4 on the simulated Ebola outbreak: degrees, cluster sizes, members and intervals, all
/// exact.
#[test]
fn the_ebola_contacts_are_counted_as_epicontacts_counts_them() {
    let Some(case) = shared("golden/cases/epicontacts__ebola_sim") else { return };
    let list = table(&case.join("linelist.csv"));
    let contacts = table(&case.join("contacts.csv"));
    let graph = ContactGraph::new(
        list.iter().map(|row| row["id"].as_str()),
        contacts.iter().map(|row| (row["from"].as_str(), row["to"].as_str())),
    );
    let place: BTreeMap<&str, usize> = graph.keys().iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<usize>().unwrap();

    for row in table(&case.join("expected_degree.csv")) {
        let node = place[row["id"].as_str()];
        assert_eq!(
            (graph.in_degree(node), graph.out_degree(node)),
            (number(&row, "in_degree"), number(&row, "out_degree"))
        );
    }
    let (clusters, sizes) = (graph.clusters(), graph.cluster_sizes());
    let members = table(&case.join("expected_members.csv"));
    assert_eq!(members.len(), graph.keys().len());
    for row in members {
        assert_eq!(sizes[clusters[place[row["id"].as_str()]]], number(&row, "cluster_size"));
    }
    for row in table(&case.join("expected_cluster_sizes.csv")) {
        assert_eq!(sizes.iter().filter(|s| **s == number(&row, "size")).count(), number(&row, "clusters"));
    }
    let onset: BTreeMap<&str, Day> =
        list.iter().filter_map(|row| Some((row["id"].as_str(), row["date"].parse().ok()?))).collect();
    let expected = table(&case.join("expected_serial.csv"));
    assert_eq!(expected.len(), graph.links().len());
    for (row, &(from, to)) in expected.iter().zip(graph.links()) {
        let days = onset.get(graph.keys()[from]).zip(onset.get(graph.keys()[to])).map(|(a, b)| *b - *a);
        assert_eq!(days.map_or_else(|| "NA".to_owned(), |days| days.to_string()), row["serial_interval"]);
    }
}

/// Tianjin, the revised edition (`symptom_onset`, `Infection_source`): n = 56, mean 4.64, SD 4.51 days. The
/// known count takes only numbers written in full (`TJ5`); the three texts that say "case 109", "case 119"
/// and "case 110" add three pairs. The older editions give the same n with mean 4.18, because their onsets
/// differ.
#[test]
fn the_tianjin_texts_give_the_known_serial_interval() {
    let Some(path) = shared("data/cn_tianjin_2020/Tianjin135cases_revised.csv") else { return };
    let rows = table(&path);
    let ids = KnownIds::new(rows.iter().map(|row| row["case_id"].as_str()));
    let tellings: Vec<Telling> = rows
        .iter()
        .map(|row| Telling {
            case_no: &row["case_id"],
            text: &row["Infection_source"],
            onset: day_first(&row["symptom_onset"]),
        })
        .collect();
    let links = trace::candidate_links(&tellings, &ids);
    let intervals = |sure_enough: fn(Form) -> bool| {
        let pairs: Vec<stats::OnsetPair> = links
            .iter()
            .filter(|link| link.earliest && sure_enough(link.form))
            .filter_map(|link| {
                let (infector_onset, infectee_onset) = link.infector_onset.zip(link.infectee_onset)?;
                Some(stats::OnsetPair { infector_onset, infectee_onset })
            })
            .collect();
        let si = stats::serial_interval(&pairs, 0.95).unwrap();
        (si.days.n, format!("{:.2}", si.days.mean), format!("{:.2}", si.days.sd.unwrap()))
    };
    assert_eq!(intervals(|form| form == Form::Full), (56, "4.64".to_owned(), "4.51".to_owned()));
    assert_eq!(intervals(|_| true).0, 59);
}

/// 118 notice records meet the Tianjin list under `022000{n} = TJ{n}`; 109 agree on age and sex, 103 on the
/// day of confirmation once midnight in China, written as 16:00 UTC the day before, is read as the day it
/// means.
#[test]
fn the_tianjin_notices_meet_the_tianjin_list() {
    let (Some(list), Some(notices)) = (
        shared("data/cn_tianjin_2020/Tianjin135cases_revised.csv"),
        shared("data/cn_case_notices_2020/patient_detail/15tianjin.json"),
    ) else {
        return;
    };
    let record = |id: &str, age: &str, sex: &str, confirmed: Option<Day>| {
        let confirmed = confirmed.map(|day| day.to_string()).unwrap_or_default();
        let fields = [("age", age), ("sex", sex), ("confirmed", &confirmed)];
        let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned()));
        Record { id: id.to_owned(), fields: fields.into() }
    };
    let list: Vec<Record> = table(&list)
        .iter()
        .map(|row| record(&row["case_id"], &row["age"], &row["gender"], day_first(&row["confirm_date"])))
        .collect();
    let notices: serde_json::Value = serde_json::from_slice(&std::fs::read(notices).unwrap()).unwrap();
    let notices: Vec<Record> = notices
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| {
            let said = |field: &str| match &notice[field] {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => String::new(),
                other => other.to_string(),
            };
            let sex = match said("gender").as_str() {
                "男" => "M",
                "女" => "F",
                _ => "",
            };
            let confirmed = said("confirmDate");
            let day = confirmed.get(..10).and_then(|day| day.parse::<Day>().ok());
            let day = day.map(|day| if confirmed.contains("T16:00") { day + 1 } else { day });
            record(&said("id"), &said("age"), sex, day)
        })
        .collect();
    let rule = "022000{n} = TJ{n}".parse().unwrap();
    let r = trace::reconcile(&notices, &list, &rule, &["age", "sex", "confirmed"]);
    let age_and_sex = r.matches.iter().filter(|m| m.agrees_on(&[0, 1])).count();
    assert_eq!((r.matches.len(), age_and_sex, r.fields[2].agree), (118, 109, 103), "{:?}", r.fields);
}

/// South Korea, edition of 2020-05-01: of 822 named infectors 5 lead nowhere; 82 pairs have both onsets.
#[test]
fn the_korean_links_give_the_known_serial_interval() {
    let Some(path) = shared("data/kr_ds4c_2020/PatientInfo.csv") else { return };
    let rows = table(&path);
    let links = || {
        let named = rows.iter().filter(|row| !row["infected_by"].is_empty());
        named.map(|row| (row["infected_by"].as_str(), row["patient_id"].as_str()))
    };
    let graph = ContactGraph::new(rows.iter().map(|row| row["patient_id"].as_str()), links());
    assert_eq!((graph.links().len(), graph.dangling().len()), (822, 5));

    let onset: BTreeMap<&str, Day> = rows
        .iter()
        .filter_map(|row| Some((row["patient_id"].as_str(), row["symptom_onset_date"].parse().ok()?)))
        .collect();
    let pairs: Vec<stats::OnsetPair> = links()
        .filter_map(|(from, to)| {
            Some(stats::OnsetPair { infector_onset: *onset.get(from)?, infectee_onset: *onset.get(to)? })
        })
        .collect();
    let si = stats::serial_interval(&pairs, 0.95).unwrap();
    let rounded = (format!("{:.2}", si.days.mean), format!("{:.2}", si.days.sd.unwrap()));
    assert_eq!((si.days.n, si.negative, rounded), (82, 7, ("3.74".to_owned(), "3.83".to_owned())));
}

/// China outside Hubei: the mean shortens from 7.81 to 2.57 days within a month.
#[test]
fn the_chinese_pairs_give_the_known_serial_intervals() {
    let Some(path) = shared("data/cn_transmission_pairs_2020/TableS1_1407TransPairs.csv") else { return };
    let rows = table(&path);
    let day = |text: &String| text.replace('/', "-").parse::<Day>().ok();
    let pairs: Vec<stats::OnsetPair> = rows
        .iter()
        .filter_map(|row| {
            let infector_onset = day(&row["infector_onsetDate"])?;
            Some(stats::OnsetPair { infector_onset, infectee_onset: day(&row["infectee_onsetDate"])? })
        })
        .collect();
    let within = |first: &str, last: &str| {
        let window = first.parse::<Day>().unwrap()..=last.parse().unwrap();
        let chosen: Vec<_> = pairs.iter().copied().filter(|p| window.contains(&p.infector_onset)).collect();
        let si = stats::serial_interval(&chosen, 0.95).unwrap();
        (si.days.n, format!("{:.2}", si.days.mean))
    };
    let all = stats::serial_interval(&pairs, 0.95).unwrap();
    assert_eq!((all.days.n, all.negative), (679, 54));
    assert_eq!(
        (format!("{:.2}", all.days.mean), format!("{:.2}", all.days.sd.unwrap())),
        ("5.09".into(), "5.26".into())
    );
    assert_eq!(within("2020-01-09", "2020-01-22"), (162, "7.81".to_owned()));
    assert_eq!(within("2020-01-23", "2020-01-29"), (339, "5.12".to_owned()));
    assert_eq!(within("2020-01-30", "2020-02-13"), (176, "2.57".to_owned()));
}
