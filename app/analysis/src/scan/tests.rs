//! From files to clusters, and what is wrong with files said in words.

use super::*;
use serde_json::{Value, json};

const VILLAGES: &str = "location,x,y\nA,0,0\nB,1,0\nC,0,1\nD,9,9\nE,9,8\nF,5,5\n";
const VISITS: &str = "location,date,cases\nA,2022-03-01,1\nB,2022-03-01,1\nC,2022-03-02,1\nD,2022-03-02,1\nE,2022-03-03,2\n\
                      F,2022-03-01,2\nA,2022-03-04,5\nB,2022-03-04,4\n";
const PEOPLE: &str = "location,population\nA,100\nB,100\nC,100\nD,100\nE,100\nF,100\n";

fn table(text: &str) -> Table {
    Table::parse(text.as_bytes()).unwrap()
}

struct Texts {
    cases: &'static str,
    locations: &'static str,
    population: Option<&'static str>,
    controls: Option<&'static str>,
    expected: Option<&'static str>,
}

impl Default for Texts {
    fn default() -> Texts {
        Texts { cases: VISITS, locations: VILLAGES, population: None, controls: None, expected: None }
    }
}

fn scanned(texts: &Texts, model: ModelName, config: Value) -> Result<crate::sheet::Sheet, String> {
    let settings = Settings::of(config)?;
    let optional = |text: Option<&str>| text.map(table);
    let (cases, locations) = (table(texts.cases), table(texts.locations));
    let (population, controls, expected) =
        (optional(texts.population), optional(texts.controls), optional(texts.expected));
    let files = Files {
        cases: &cases,
        locations: &locations,
        population: population.as_ref(),
        controls: controls.as_ref(),
        expected: expected.as_ref(),
    };
    let ground = ground_of(&files, model, &settings)?;
    let scan = scan_of(&ground, model, &settings)?;
    let scanned = scan.run(&ground.cells, &|_| {});
    let told = report::told(&scanned, &settings);
    let svg = map::svg(&ground, &told, crate::language::Language::Zh);
    assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    Ok(sheet_of(&ground, &scanned, model, &settings))
}

fn cell(sheet: &crate::sheet::Sheet, row: usize, name: &str) -> String {
    let column = sheet.columns.iter().position(|column| *column == name).unwrap();
    sheet.rows[row][column].text()
}

#[test]
fn two_villages_that_rise_on_the_last_day_are_found_with_and_without_their_people() {
    let with_people = Texts { population: Some(PEOPLE), ..Texts::default() };
    for (model, texts) in [(ModelName::Permutation, Texts::default()), (ModelName::Poisson, with_people)] {
        let sheet = scanned(&texts, model, json!({"analysis_type": "prospective", "k": 3})).unwrap();
        assert_eq!(cell(&sheet, 0, "locations"), "A;B");
        assert_eq!(
            (cell(&sheet, 0, "start_date"), cell(&sheet, 0, "end_date")),
            ("2022-03-04".into(), "2022-03-04".into())
        );
        assert_eq!((cell(&sheet, 0, "observed"), cell(&sheet, 0, "radius")), ("9".into(), "1".into()));
        let (p, recurrence): (f64, f64) =
            (cell(&sheet, 0, "p_value").parse().unwrap(), cell(&sheet, 0, "recurr_int").parse().unwrap());
        assert!(p < 0.05 && (recurrence * p - 1.0).abs() < 1e-9);
    }
}

#[test]
fn the_order_of_the_files_changes_nothing() {
    let reversed = |text: &str| -> &'static str {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        Box::leak((lines.join("\n") + "\n").into_boxed_str())
    };
    let config = || json!({"k": 3, "report_all": true, "monte_carlo_reps": 99});
    let one = scanned(&Texts::default(), ModelName::Permutation, config()).unwrap();
    let turned = Texts { cases: reversed(VISITS), locations: reversed(VILLAGES), ..Texts::default() };
    assert_eq!(one, scanned(&turned, ModelName::Permutation, config()).unwrap());
}

#[test]
fn ten_times_the_people_and_people_of_two_kinds_alike_change_nothing() {
    let config = || json!({"report_all": true, "monte_carlo_reps": 99, "k": 3});
    let score = |people: &'static str, cases: &'static str| {
        let texts = Texts { population: Some(people), cases, ..Texts::default() };
        cell(&scanned(&texts, ModelName::Poisson, config()).unwrap(), 0, "llr").parse::<f64>().unwrap()
    };
    let plain = score(PEOPLE, VISITS);
    let tenfold = score("location,population\nA,1000\nB,1000\nC,1000\nD,1000\nE,1000\nF,1000\n", VISITS);
    assert!((plain - tenfold).abs() < 1e-9);
    let kinds = "location,population,sex\nA,50,m\nA,50,f\nB,50,m\nB,50,f\nC,50,m\nC,50,f\nD,50,m\nD,50,f\nE,50,m\nE,50,f\n\
                 F,50,m\nF,50,f\n";
    let of_men = Box::leak(
        VISITS
            .lines()
            .enumerate()
            .map(|(i, line)| format!("{line},{}\n", if i == 0 { "sex" } else { "m" }))
            .collect::<String>()
            .into_boxed_str(),
    );
    assert!((plain - score(kinds, of_men)).abs() < 1e-9);
}

#[test]
fn expected_cases_from_history_and_controls_serve_their_models() {
    let expected = "location,expected,date\nA,1,2022-03-01\nA,1,2022-03-04\nB,1,2022-03-01\nB,1,2022-03-04\nC,1,2022-03-02\n\
                    D,1,2022-03-02\nE,2,2022-03-03\nF,2,2022-03-01\n";
    for model in [ModelName::ExpectationPoisson, ModelName::ExpectationNegbin] {
        let texts = Texts { expected: Some(expected), ..Texts::default() };
        let sheet = scanned(&texts, model, json!({"k": 3})).unwrap();
        assert_eq!(cell(&sheet, 0, "locations"), "A;B", "{model:?}");
        assert_eq!(
            cell(&sheet, 0, "notes").contains("negative binomial"),
            model == ModelName::ExpectationNegbin
        );
    }
    let controls = "location,controls\nA,1\nB,1\nC,6\nD,6\nE,6\nF,6\n";
    let texts = Texts { controls: Some(controls), ..Texts::default() };
    let sheet = scanned(&texts, ModelName::Bernoulli, json!({"analysis_type": "spatial"})).unwrap();
    // C is as far from A as B is, so only the circle around B holds the two alone.
    assert_eq!((cell(&sheet, 0, "locations"), cell(&sheet, 0, "population")), ("B;A".into(), "13".into()));
}

#[test]
fn what_is_wrong_is_named_by_row_and_field_with_a_remedy() {
    let texts = |cases, population| Texts { cases, population, ..Texts::default() };
    let refused = |texts: &Texts, model, told: &str| {
        let why = scanned(texts, model, json!({})).unwrap_err();
        assert!(why.contains(told), "{why}");
    };
    let permutation = ModelName::Permutation;
    refused(
        &texts("location,date,cases\nX,2022-03-01,1\n", None),
        permutation,
        "cases row 2: `location` X is not in the file",
    );
    refused(
        &texts("location,date,cases\nA,2022-03-01,-1\n", None),
        permutation,
        "cases row 2: `cases` is -1",
    );
    refused(&texts("location,date,cases\nA,,1\n", None), permutation, "cases row 2: `date` is blank");
    refused(&texts("location,date,cases\nA,2022-03-01,0\n", None), permutation, "no cases");
    refused(&texts("location,cases\nA,2\n", None), permutation, "all in one step");
    refused(&texts(VISITS, None), ModelName::Poisson, "give --population");
    refused(&texts(VISITS, None), ModelName::Bernoulli, "give --controls");
    let without_a = "location,population\nA,0\nB,100\nC,100\nD,100\nE,100\nF,100\n";
    refused(
        &texts(VISITS, Some(without_a)),
        ModelName::Poisson,
        "A has cases in the step from 2022-03-01 and no people",
    );
    let nowhere = Texts { locations: "location,lat,lon\nA,112.5,37.8\n", ..Texts::default() };
    refused(&nowhere, permutation, "locations row 2: 112.5, 37.8 is nowhere");
    let twice = Texts { locations: "location,x,y\nA,1,1\nA,2,2\n", ..Texts::default() };
    refused(&twice, permutation, "locations row 3: A is there twice");
}
