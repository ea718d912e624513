//! The analyst's commands, run as an analyst runs them: the whole program on a file, read from its output.
//! The lists here are invented; known answers on real lists skip, and say so, where those lists are absent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for one test, gone when the test ends.
struct Desk(PathBuf);

impl Desk {
    fn of(test: &str) -> Desk {
        let desk = std::env::temp_dir().join(format!("quell-analysis-{test}-{}", std::process::id()));
        fs::create_dir_all(&desk).unwrap();
        Desk(desk)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn quell(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quell")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> (String, String) {
    (String::from_utf8(output.stdout.clone()).unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

fn answer(arguments: &[&str]) -> String {
    let output = quell(arguments);
    let (out, err) = said(&output);
    assert!(output.status.success(), "{err}");
    out
}

fn refusal(arguments: &[&str]) -> String {
    let output = quell(arguments);
    let (out, err) = said(&output);
    assert!(!output.status.success() && out.is_empty(), "{out}");
    err
}

fn shared(part: &str) -> Option<String> {
    let root = std::env::var("QUELL_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let found = root.join(part);
    if !found.exists() {
        println!("skipped: {part} is not here; set QUELL_SHARED to the folder that holds it");
        return None;
    }
    Some(found.to_str().unwrap().to_owned())
}

const LIST: &str = "\u{feff}Case ID,Sex ,Onset,Source\r\n\
    XA1,F,2022-02-01,Market\r\n\
    XA2,M,2022-02-04,family of XA1\r\n\
    XA3,M,2022-02-04,确诊病例2的同事\r\n\
    XA4,,2022-02-31,XA2; XA3\r\n\
    XA5,F,,contact of XA9\r\n";

#[test]
fn the_curve_fills_its_gaps_and_every_row_is_accounted_for() {
    let desk = Desk::of("curve");
    let list = desk.file("list.csv", LIST);
    let output = quell(&["epicurve", &list, "--date", "onset", "--by", "sex"]);
    let (out, err) = said(&output);
    assert_eq!(
        out,
        "interval,first,last,cases,F,M\n\
         2022-02-01,2022-02-01,2022-02-01,1,1,0\n\
         2022-02-02,2022-02-02,2022-02-02,0,0,0\n\
         2022-02-03,2022-02-03,2022-02-03,0,0,0\n\
         2022-02-04,2022-02-04,2022-02-04,2,0,2\n"
    );
    assert!(err.contains("5 rows read = 3 used as cases + 2 left out"), "{err}");
    assert!(err.contains("row 5 `2022-02-31` (there is no such day)"), "{err}");
}

#[test]
fn links_come_out_of_text_in_two_languages_with_the_earliest_marked() {
    let desk = Desk::of("links");
    let list = desk.file("list.csv", LIST);
    let out = answer(&["links", &list, "--id", "case_id", "--text", "source", "--onset", "onset"]);
    let rows: Vec<&str> = out.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "XA2,XA1,true,family,full,2022-02-04,2022-02-01,3,true,family of XA1",
            "XA3,XA2,true,coworker,number,2022-02-04,2022-02-04,0,true,确诊病例2的同事",
            "XA4,XA2,true,,full,,2022-02-04,,true,XA2; XA3",
            "XA4,XA3,true,,full,,2022-02-04,,false,XA2; XA3",
            "XA5,XA9,false,contact,full,,,,true,contact of XA9",
        ]
    );
    let json = answer(&["links", &list, "--id", "case_id", "--text", "source", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["open_ends"][0].as_str(), json["dangling"].as_u64()), (Some("XA1"), Some(1)));
}

#[test]
fn two_lists_are_paired_by_the_rule_and_compared() {
    let desk = Desk::of("two-lists");
    let notices =
        desk.file("notices.csv", "no,gender,confirmed\n0220001,女,2022-02-03\n0220002,男,2022-02-04\n,男,\n");
    let list = desk.file("list.csv", "case,sex,result\nXA1,F,13/02/2022\nXA002,M,04/02/2022\nXA3,F,NA\n");
    let columns = ["--id", "022000{n} = XA{n}", "--left-id", "no", "--right-id", "case"];
    let compared = ["--compare", "gender=sex:sex", "--compare", "confirmed=result:day"];
    let output = quell(&[["reconcile-files", &notices, &list].as_slice(), &columns, &compared].concat());
    let (out, err) = said(&output);
    assert_eq!(
        out,
        "left,right,gender = sex,confirmed = result\n0220001,XA1,agree,2022-02-03 ≠ 2022-02-13\n\
         0220002,XA002,agree,agree\n,XA3,,\n"
    );
    assert!(
        err.contains("2 and 3 records: 2 linked (0 of them repeat a number), 0 only left, 1 only right"),
        "{err}"
    );
}

#[test]
fn an_ambiguous_date_is_refused_with_both_readings_and_a_way_out() {
    let desk = Desk::of("ambiguous");
    let list = desk.file("list.csv", "onset\n03/04/2022\n");
    let err = refusal(&["epicurve", &list, "--date", "onset"]);
    assert!(err.contains("2022-04-03 or 2022-03-04") && err.contains("--dates dmy"), "{err}");
    let out = answer(&["epicurve", &list, "--date", "onset", "--dates", "mdy"]);
    assert!(out.contains("2022-03-04"), "{out}");
}

#[test]
fn what_cannot_be_used_is_refused_in_words() {
    let desk = Desk::of("refused");
    let list = desk.file("list.csv", LIST);
    for (arguments, words) in [
        (vec!["epicurve", "absent.csv", "--date", "onset"], "cannot read absent.csv"),
        (vec!["epicurve", &list, "--date", "report"], "there is no column `report`; the file has: Case ID"),
        (vec!["epicurve", &list, "--date", "source"], "no row could be used"),
        (vec!["serial-interval", &list], "say where the onsets are"),
        (vec!["pool", "--prevalence", "0"], "`prevalence` is 0; give a share above 0 and below 1"),
        (vec!["pool", &list], "there is no column `day`"),
        (vec!["epicurve", &list, "--date", "onset", "-o", &list], "is the list itself"),
    ] {
        let err = refusal(&arguments);
        assert!(err.contains(words), "{err}");
    }
}

#[test]
fn too_few_pairs_give_what_was_observed_and_say_why_there_is_no_fit() {
    let desk = Desk::of("few");
    let list = desk.file("list.csv", LIST);
    let columns =
        ["--id", "case id", "--infector", "source", "--onset", "onset", "--truncate-at", "2022-02-10"];
    let out = answer(&[["serial-interval", &list].as_slice(), &columns].concat());
    assert!(
        out.contains("observed_pairs,2") && out.contains("no_fit_because,2 usable pairs are too few"),
        "{out}"
    );
}

#[test]
fn a_chart_is_well_formed_in_both_languages() {
    let desk = Desk::of("chart");
    let list = desk.file("list.csv", &LIST.replace(",M,", ",<b>&,"));
    for (language, title) in [("en", "Epidemic curve by Onset"), ("zh", "流行曲线")] {
        let chart = desk.0.join(format!("{language}.svg"));
        let chart = chart.to_str().unwrap();
        answer(&["epicurve", &list, "--date", "onset", "--by", "sex", "-o", chart, "--language", language]);
        let svg = fs::read_to_string(chart).unwrap();
        assert!(svg.contains(title) && svg.contains("&lt;b&gt;&amp;") && !svg.contains("<b>"), "{svg}");
        // Every element that is opened is closed.
        let opened = svg.matches('<').count() - svg.matches("</").count();
        assert_eq!(opened, svg.matches("</").count() + svg.matches("/>").count());
    }
}

#[test]
fn the_same_seed_prints_the_same_answer() {
    let desk = Desk::of("seed");
    let rows: String =
        (0..40).map(|n| format!("2022-02-{:02},2022-02-{:02}\n", 1 + n % 9, 5 + n % 13)).collect();
    let list = desk.file("pairs.csv", &format!("first,second\n{rows}"));
    let run = |seed: &str| {
        let columns = ["serial-interval", &list, "--infector-onset", "first", "--infectee-onset", "second"];
        let fit = ["--distribution", "normal", "--repetitions", "50", "--seed", seed, "--format", "json"];
        answer(&[columns.as_slice(), &fit].concat())
    };
    assert_eq!(run("7"), run("7"));
    assert_ne!(run("7"), run("8"));
}

/// What the command prints for a measure of a serial interval.
fn measure(out: &str, name: &str) -> f64 {
    let row = out.lines().find(|row| row.starts_with(&format!("{name},"))).unwrap();
    row.split(',').nth(1).unwrap().parse().unwrap()
}

#[test]
fn known_serial_intervals_come_out_of_the_command() {
    if let Some(list) = shared("data/cn_tianjin_2020/Tianjin135cases_revised.csv") {
        let columns = ["--id", "case_id", "--infector", "infection_source", "--onset", "symptom_onset"];
        let out = answer(&[["serial-interval", &list, "--naming", "full"].as_slice(), &columns].concat());
        let [n, mean, sd] =
            ["observed_pairs", "observed_mean_days", "observed_sd_days"].map(|m| measure(&out, m));
        assert_eq!((n, mean, sd), (56.0, 4.64, 4.51));
    }
    if let Some(list) = shared("data/kr_ds4c_2020/PatientInfo.csv") {
        let columns = ["--id", "patient_id", "--infector", "infected_by", "--onset", "symptom_onset_date"];
        let out = answer(&[["serial-interval", &list].as_slice(), &columns].concat());
        let [n, mean, sd] =
            ["observed_pairs", "observed_mean_days", "observed_sd_days"].map(|m| measure(&out, m));
        assert_eq!((n, mean, sd, measure(&out, "observed_negative")), (82.0, 3.74, 3.83, 7.0));
    }
    if let Some(list) = shared("data/cn_transmission_pairs_2020/TableS1_1407TransPairs.csv") {
        let columns = ["--infector-onset", "infector_onsetDate", "--infectee-onset", "infectee_onsetDate"];
        let window = ["--infector-onset-from", "2020-01-30", "--infector-onset-to", "2020-02-13"];
        let out = answer(&[["serial-interval", &list].as_slice(), &columns, &window].concat());
        assert_eq!((measure(&out, "observed_pairs"), measure(&out, "observed_mean_days")), (176.0, 2.57));
    }
}

/// On 3 February 2020 the infectors who fell ill by 27 January had a plain mean of 4.93 days; once everybody
/// was waited for it was 6.31. The corrected mean of 3 February is nearer, and its interval holds what came.
#[test]
fn the_corrected_mean_foresees_what_waiting_would_show() {
    let Some(list) = shared("data/cn_transmission_pairs_2020/TableS1_1407TransPairs.csv") else { return };
    let columns = ["--infector-onset", "infector_onsetDate", "--infectee-onset", "infectee_onsetDate"];
    let window = ["--infector-onset-to", "2020-01-27"];
    let run =
        |more: &[&str]| answer(&[["serial-interval", &list].as_slice(), &columns, &window, more].concat());
    let later = measure(&run(&[]), "observed_mean_days");
    let then = run(&["--truncate-at", "2020-02-03"]);
    let (plain, corrected) = (measure(&then, "observed_mean_days"), measure(&then, "fit_mean_days"));
    assert!((corrected - later).abs() < (plain - later).abs() / 3.0, "{plain} {corrected} {later}");
    let row = then.lines().find(|row| row.starts_with("fit_mean_days")).unwrap();
    let ends: Vec<f64> = row.split(',').skip(2).map(|end| end.parse().unwrap()).collect();
    assert!(ends[0] < later && later < ends[1], "{row}");
}

/// The manual page is run: each ```csv or ```json block is the file named before it, each ```sh block a command, and a
/// ```text block what the command before it prints.
#[test]
fn the_manual_page_does_what_it_says() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/analysis.md")).unwrap();
    let desk = Desk::of("manual");
    let (mut printed, mut ran, mut before) = (String::new(), 0, "");
    for (place, part) in page.split("```").enumerate() {
        let Some((kind, body)) = part.split_once('\n').filter(|_| place % 2 == 1) else {
            before = part;
            continue;
        };
        match kind {
            "csv" | "json" => {
                let name = before.trim_end().rsplit('`').nth(1).unwrap();
                desk.file(name, body);
            }
            "sh" => {
                printed = run_line(&desk, body.trim());
                ran += 1;
            }
            _ => assert_eq!(printed, body, "{kind}"),
        }
    }
    assert!(ran >= 5, "only {ran} commands were found");
}

/// Runs one line of the manual in the desk's folder; quotes group words as a shell would.
fn run_line(desk: &Desk, line: &str) -> String {
    let words = line.split('"').enumerate().flat_map(|(place, part)| {
        if place % 2 == 1 {
            vec![part.to_owned()]
        } else {
            part.split_whitespace().map(str::to_owned).collect()
        }
    });
    let output =
        Command::new(env!("CARGO_BIN_EXE_quell")).args(words.skip(1)).current_dir(&desk.0).output().unwrap();
    let (out, err) = said(&output);
    assert!(output.status.success(), "{line}: {err}");
    out
}
