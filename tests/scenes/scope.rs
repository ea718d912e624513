//! A territory's people see their own subtree: nobody else's cases, and no number that counts them.

use scenes::{JINZHONG, Known, Person, SHANXI, TAIGU, Town, XIAODIAN, YUCI, both};
use serde_json::{Value, json};

both!(
    a_county_neither_sees_nor_counts_its_neighbours_cases,
    a_record_outside_does_not_exist,
    asking_for_a_territory_outside_is_refused,
    an_event_above_is_visible_and_counts_only_ones_own,
    what_leaves_as_a_file_is_ones_own,
    the_prefecture_sees_both_counties,
    nothing_is_written_outside,
    a_case_is_not_handed_over_to_a_county_outside,
    an_administrator_previews_only_what_they_may_hand_out,
);

struct Neighbours {
    taigu: Person,
    yuci: Person,
    case: Known,
    contact: Known,
}

/// Two counties, each with one case and one contact.
async fn neighbours(town: &Town) -> Neighbours {
    let (taigu, yuci) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", YUCI).await);
    let case = taigu.reports(TAIGU, "T1").await;
    let contact = taigu.adds_contact(&case, TAIGU, "TK1").await;
    let theirs = yuci.reports(YUCI, "Y1").await;
    yuci.adds_contact(&theirs, YUCI, "YK1").await;
    Neighbours { taigu, yuci, case, contact }
}

async fn a_county_neither_sees_nor_counts_its_neighbours_cases(town: &mut Town) {
    let Neighbours { yuci, .. } = neighbours(town).await;
    let list = yuci.get("/api/cases").await.ok();
    assert_eq!(numbers(&list, "case_no"), ["Y1"]);
    assert_eq!(list["count"]["n"], 1);
    let contacts = yuci.get("/api/contacts").await.ok();
    assert_eq!(
        (numbers(&contacts, "contact_no"), &contacts["count"]["n"]),
        (vec!["YK1".to_owned()], &json!(1))
    );
    let situation = yuci.get("/api/situation").await.ok();
    assert_eq!(situation["figures"]["total_cases"], 1);
    assert_eq!(situation["figures"]["contacts_watched"]["today"], 1);
    let places: Vec<&Value> =
        situation["map"].as_array().unwrap().iter().map(|at| &at["territory"]).collect();
    assert_eq!(places, [&json!(YUCI)]);
    let chains = yuci.get("/api/chains").await.ok();
    assert_eq!(chains["nodes"].as_array().unwrap().len(), 1);
    let search = yuci.get("/api/cases?q=T1").await.ok();
    assert_eq!(search["count"]["n"], 0);
}

async fn a_record_outside_does_not_exist(town: &mut Town) {
    let Neighbours { taigu, yuci, case, .. } = neighbours(town).await;
    let event = taigu.opens_event(TAIGU, "A village dinner").await;
    yuci.get(&format!("/api/cases/{}", case.id)).await.refused(404, "record.missing");
    yuci.get(&format!("/api/events/{event}")).await.refused(404, "record.missing");
    let reason = json!({ "purpose": "outbreak_response", "reason": "curiosity" });
    let opened = yuci.post(&format!("/api/subjects/{}/open", case.subject), reason).await;
    assert!(matches!(opened.status, 403 | 404), "{opened:?}");
    let invented = scenes::fresh("case");
    yuci.get(&format!("/api/cases/{invented}")).await.refused(404, "record.missing");
}

async fn asking_for_a_territory_outside_is_refused(town: &mut Town) {
    let Neighbours { yuci, .. } = neighbours(town).await;
    for page in ["cases", "contacts", "situation", "chains"] {
        let asked = yuci.get(&format!("/api/{page}?territory={TAIGU}")).await;
        asked.refused(403, "access.outside_territory");
        let above = yuci.get(&format!("/api/{page}?territory={JINZHONG}")).await;
        assert_eq!(above.status, 200, "the part of it that is one's own");
    }
}

async fn an_event_above_is_visible_and_counts_only_ones_own(town: &mut Town) {
    let province = town.person("epidemiologist", SHANXI).await;
    let event = province.opens_event(SHANXI, "Spring outbreak").await;
    let yuci = town.person("epidemiologist", YUCI).await;
    for (territory, number) in [(YUCI, "Y1"), (TAIGU, "T1"), (XIAODIAN, "X1")] {
        let mut case = scenes::covid_case(territory, number);
        case["event"] = json!(event);
        province.reports_so(case).await;
    }
    let events = yuci.get("/api/events").await.ok();
    assert_eq!(events["rows"][0]["id"], json!(event));
    assert_eq!(events["rows"][0]["cases"], 1, "the list counts no neighbour");
    let page = yuci.get(&format!("/api/events/{event}")).await.ok();
    assert_eq!(page["counts"]["cases"], 1);
    assert_eq!(province.get("/api/events").await.ok()["rows"][0]["cases"], 3);
}

async fn what_leaves_as_a_file_is_ones_own(town: &mut Town) {
    let Neighbours { yuci, .. } = neighbours(town).await;
    let export = yuci.get("/api/export/cases.csv").await;
    assert!(export.text.contains(",Y1,") && !export.text.contains(",T1,"), "{}", export.text);
    let outside = yuci.get(&format!("/api/export/cases.csv?territory={TAIGU}")).await;
    outside.refused(403, "access.outside_territory");
    yuci.get("/api/export/cases.csv?from=31-02-2022").await.refused(422, "filter.day");
    let laboratory = town.person("laboratory", YUCI).await;
    laboratory.get("/api/export/cases.csv").await.refused(403, "access.not_allowed");
}

async fn the_prefecture_sees_both_counties(town: &mut Town) {
    neighbours(town).await;
    let jinzhong = town.person("epidemiologist", JINZHONG).await;
    assert_eq!(jinzhong.counts_cases().await, 2);
    let narrowed = jinzhong.get(&format!("/api/cases?territory={TAIGU}")).await.ok();
    assert_eq!(numbers(&narrowed, "case_no"), ["T1"]);
    let xiaodian = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(xiaodian.counts_cases().await, 0);
}

async fn nothing_is_written_outside(town: &mut Town) {
    let Neighbours { taigu, yuci, case, contact } = neighbours(town).await;
    let own = yuci.reports(YUCI, "Y2").await;
    let tries = [
        ("report-case", scenes::covid_case(TAIGU, "T9")),
        ("amend-case", json!({ "case": case.id, "sex": "male" })),
        ("classify-case", json!({ "case": case.id, "to": "discarded", "day": "2022-03-01", "reason": "x" })),
        ("amend-contact", json!({ "contact": contact.id, "status": "released" })),
        ("link-cases", link(&case, &own)),
        ("link-cases", link(&own, &case)),
        ("open-event", json!({ "event": scenes::fresh("event"), "name": "Not here", "territory": TAIGU })),
    ];
    for (name, fields) in tries {
        let answer = yuci.change(name, fields).await;
        assert!(matches!(answer.status, 403 | 404), "{name}: {answer:?}");
    }
    let page = taigu.get(&format!("/api/cases/{}", case.id)).await.ok();
    assert_eq!((&page["sex"], &page["classification"]), (&json!("female"), &json!("confirmed")));
    assert_eq!(page["contacts"][0]["status"], "watched");
    assert_eq!(page["links"], json!([]));
}

async fn a_case_is_not_handed_over_to_a_county_outside(town: &mut Town) {
    let taigu = town.person("epidemiologist", TAIGU).await;
    let case = taigu.reports(TAIGU, "T1").await;
    let away = taigu.change("amend-case", json!({ "case": case.id, "territory": YUCI })).await;
    away.refused(403, "access.outside_territory");
    let jinzhong = town.person("epidemiologist", JINZHONG).await;
    jinzhong.change("amend-case", json!({ "case": case.id, "territory": YUCI })).await.ok();
    assert_eq!(taigu.counts_cases().await, 0);
    assert_eq!(town.person("epidemiologist", YUCI).await.counts_cases().await, 1);
}

async fn an_administrator_previews_only_what_they_may_hand_out(town: &mut Town) {
    let Neighbours { taigu, yuci, .. } = neighbours(town).await;
    let admin = town.person("administrator", TAIGU).await;
    let sees = admin.get(&format!("/api/accounts/{}/sees", taigu.account)).await.ok();
    let few = json!({ "withheld": true });
    assert_eq!((&sees["cases"], &sees["contacts"]), (&few, &few), "an administrator is told no small count");
    let outside = admin.get(&format!("/api/accounts/{}/sees", yuci.account)).await;
    assert!(matches!(outside.status, 403 | 404), "{outside:?}");
    let listed = admin.get("/api/accounts").await.ok();
    assert!(!listed.to_string().contains(&yuci.account));
}

fn link(from: &Known, to: &Known) -> Value {
    json!({ "link": scenes::fresh("link"), "from": from.id, "to": to.id, "evidence": "named" })
}

fn numbers(list: &Value, field: &str) -> Vec<String> {
    let rows = list["rows"].as_array().expect("rows");
    rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}
