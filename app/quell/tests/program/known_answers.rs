//! Lists that are published, imported by the program into its database, and the figures that must come out of it. The
//! lists are not part of this repository: where they are absent, each test says so and ends.

use crate::desk::{Desk, account, shared};
use serde_json::Value;

/// Korea's list of 2020 as it was published six times. Two editions hold one number for two people: that row fails.
#[test]
fn six_editions_of_one_list_are_one_list() {
    let desk = Desk::of("editions");
    let editions = [
        ("revisions/PatientInfo_2020-03-20.csv", [2218, 0, 0, 0, 0]),
        ("revisions/PatientInfo_2020-03-31.csv", [662, 920, 1188, 0, 1]),
        ("revisions/PatientInfo_2020-04-08.csv", [357, 456, 2314, 0, 1]),
        ("revisions/PatientInfo_2020-04-14.csv", [108, 506, 2639, 0, 0]),
        ("revisions/PatientInfo_2020-04-21.csv", [61, 498, 2767, 0, 0]),
        ("PatientInfo.csv", [62, 320, 3006, 0, 0]),
    ];
    for (edition, expected) in editions {
        let Some(file) = shared(&format!("kr_ds4c_2020/{edition}")) else { return };
        let report = desk.import(&file, &["--as", "cases", "--event", "Korea 2020"]);
        assert_eq!(account(&report), expected, "{edition}");
        if expected[4] > 0 {
            assert_eq!(report["problem_counts"]["case_no.duplicate"], expected[4]);
        }
    }
    // 822 rows of the last edition name an infector; five of those no edition has.
    let Some(last) = shared("kr_ds4c_2020/PatientInfo.csv") else { return };
    let again = desk.import(&last, &["--as", "cases", "--event", "Korea 2020"]);
    assert_eq!((account(&again), &again["links"]["dangling"]), ([0, 0, 3388, 0, 0], &Value::from(5)));
    desk.journal_verifies();
}

/// Tindale et al. 2020 (eLife 9:e57149): the naive count over the earliest infector each case names.
#[test]
fn tianjins_serial_interval_comes_out_of_the_database() {
    let desk = Desk::of("tianjin");
    let Some(list) = shared("cn_tianjin_2020/Tianjin135cases_revised.csv") else { return };
    desk.import(&list, &["--event", "Tianjin"]);
    assert_eq!(
        interval(&desk, &["--event", "Tianjin", "--earliest"]),
        (56, "4.64".to_owned(), "4.51".to_owned())
    );
}

/// Ali et al. 2020 (Science 369:1106): the interval shortens as isolation gets faster. 7.81, 5.12 and 2.57 days.
#[test]
fn the_serial_interval_of_the_pairs_shortens_within_a_month() {
    let desk = Desk::of("pairs");
    let Some(list) = shared("cn_transmission_pairs_2020/TableS1_1407TransPairs.csv") else { return };
    let report = desk.import(&list, &["--event", "Pairs"]);
    assert_eq!((account(&report), &report["links"]["created"]), ([1407, 0, 0, 0, 0], &Value::from(1407)));
    let told = asked(&desk, &["--event", "Pairs"]);
    assert_eq!(told["negative"], 54);
    assert_eq!(interval(&desk, &["--event", "Pairs"]), (679, "5.09".to_owned(), "5.26".to_owned()));
    for (from, to, n, mean) in [
        ("2020-01-09", "2020-01-22", 162, "7.81"),
        ("2020-01-23", "2020-01-29", 339, "5.12"),
        ("2020-01-30", "2020-02-13", 176, "2.57"),
    ] {
        let window = ["--event", "Pairs", "--infector-onset-from", from, "--infector-onset-to", to];
        let (found, days, _) = interval(&desk, &window);
        assert_eq!((found, days.as_str()), (n, mean));
    }
}

/// 118 notices about 116 people: one goes on in a second record, one stands there twice. Their midnights are written in
/// UTC, eight hours before the day they mean.
#[test]
fn the_notices_of_tianjin_find_their_cases_in_the_list() {
    let desk = Desk::of("notices");
    let Some(notices) = shared("cn_case_notices_2020/patient_detail/15tianjin.json") else { return };
    let Some(list) = shared("cn_tianjin_2020/Tianjin135cases_revised.csv") else { return };
    let report = desk.import(&notices, &[]);
    assert_eq!(account(&report), [116, 1, 0, 1, 0]);
    desk.import(&list, &[]);
    let rule = ["recorded", "reconcile", "15tianjin", "Tianjin135cases_revised", "--id", "022000{n} = TJ{n}"];
    let told = desk.quell(&rule);
    let told: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{}", told.err));
    assert_eq!((&told["linked"], &told["fields"]["result"]["agree"]), (&Value::from(116), &Value::from(103)));
}

fn asked(desk: &Desk, arguments: &[&str]) -> Value {
    let told = desk.quell(&[&["recorded", "serial-interval"], arguments].concat());
    serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{}", told.err))
}

/// Pairs, mean and standard deviation, in days to two places as the papers print them.
fn interval(desk: &Desk, arguments: &[&str]) -> (u64, String, String) {
    let told = asked(desk, arguments);
    let days = |name: &str| format!("{:.2}", told[name].as_f64().unwrap());
    (told["n"].as_u64().unwrap(), days("mean"), days("sd"))
}
