//! Every list with every filter, order and page runs on both engines and gives the same rows: SQL that one of them reads
//! differently shows here and not in a department.

use scenes::{JINZHONG, Known, Person, TAIGU, Town, YUCI, both};
use serde_json::{Value, json};

both!(every_filter_runs_and_narrows, text_that_looks_like_sql_is_only_text);

async fn every_filter_runs_and_narrows(town: &mut Town) {
    let zhang = town.person("epidemiologist", JINZHONG).await;
    let event = zhang.opens_event(JINZHONG, "A village dinner").await;
    let taigu = reports(&zhang, TAIGU, "T1", &json!({ "event": event, "found": "community" })).await;
    reports(&zhang, TAIGU, "T2", &json!({ "classification": "suspected" })).await;
    reports(&zhang, YUCI, "Y1", &json!({ "dates": {} })).await;
    zhang.adds_contact(&taigu, TAIGU, "K1").await;
    zhang.adds_contact(&taigu, YUCI, "K2").await;
    for (filter, cases) in [
        ("", 3),
        (&*format!("event={event}"), 1),
        (&*format!("territory={TAIGU}"), 2),
        ("classification=suspected", 1),
        ("found=community", 1),
        ("q=T", 2),
        ("q=t1", 0),
        ("from=2022-02-20&to=2022-02-20", 2),
        ("to=2022-01-01", 0),
        ("order=onset", 3),
        ("order=onset&limit=1", 3),
        ("order=onset&after=2022-02-18%7Ccase_0", 3),
        ("list=list_00000000000000000000000000", 0),
        (&*format!("event={event}&territory={TAIGU}&found=community&order=onset&q=T&limit=500"), 1),
    ] {
        let told = zhang.get(&format!("/api/cases?{filter}")).await.ok();
        assert_eq!(told["count"]["n"].as_i64(), Some(cases), "cases?{filter}");
        for page in ["situation", "chains", "export/cases.csv"] {
            assert_eq!(zhang.get(&format!("/api/{page}?{filter}")).await.status, 200, "{page}?{filter}");
        }
    }
    for (filter, contacts) in [
        ("", 2),
        (&*format!("territory={YUCI}"), 1),
        ("status=watched", 2),
        ("status=released", 0),
        ("q=K2", 1),
        ("order=onset", 2),
        ("limit=1", 2),
    ] {
        let told = zhang.get(&format!("/api/contacts?{filter}")).await.ok();
        assert_eq!(told["count"]["n"].as_i64(), Some(contacts), "contacts?{filter}");
    }
}

async fn reports(zhang: &Person, territory: &str, number: &str, other: &Value) -> Known {
    let mut case = scenes::covid_case(territory, number);
    for (field, value) in other.as_object().expect("fields") {
        case[field] = value.clone();
    }
    zhang.reports_so(case).await
}

async fn text_that_looks_like_sql_is_only_text(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let hostile = "x'); DELETE FROM cases_case; --";
    zhang.reports(TAIGU, hostile).await;
    zhang.reports(TAIGU, "100%_real").await;
    let asked =
        ["x%27%29%3B%20DELETE%20FROM%20cases_case%3B%20--", "%27%20OR%201%3D1%20--", "%25", "_", "1000"];
    let counts = [1, 0, 0, 0, 0];
    for (text, expected) in asked.into_iter().zip(counts) {
        let told = zhang.get(&format!("/api/cases?q={text}")).await.ok();
        assert_eq!(told["count"]["n"].as_i64(), Some(expected), "{text}");
    }
    assert_eq!(zhang.counts_cases().await, 2);
}
