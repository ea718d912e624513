//! How well tracing goes, and which links the words of a list suggest.

use scenes::{Known, Person, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    a_team_sees_how_many_were_known_before_and_which_ends_are_open,
    who_is_not_of_the_team_is_told_nothing_of_a_case,
    words_of_a_list_suggest_links_and_stay_sealed,
);

/// Four cases of the last ten days.
async fn outbreak(town: &Town, zhang: &Person, event: &str) -> Vec<Known> {
    let first = town.house.today() - 10;
    let mut cases = Vec::new();
    for (at, day) in [0, 3, 4, 7].iter().enumerate() {
        let mut case = covid_case(TAIGU, &format!("C{at}"));
        case["event"] = json!(event);
        case["dates"] = json!({
            "onset": { "day": first + *day, "precision": "day", "source": "stated" },
            "result": { "day": first + *day + 2, "precision": "day", "source": "stated" },
        });
        cases.push(zhang.reports_so(case).await);
    }
    cases
}

async fn measured(person: &Person, event: &str) -> Value {
    person.get(&format!("/api/trace/measures?event={event}")).await.ok()
}

async fn a_team_sees_how_many_were_known_before_and_which_ends_are_open(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let nothing = measured(&zhang, &event).await;
    assert_eq!(
        (&nothing["known_before"]["of"], &nothing["known_before"]["share"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(
        (&nothing["cut"], &nothing["serial"], &nothing["offspring"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let cases = outbreak(town, &zhang, &event).await;
    // A contact first, and a case two days later; and one who was found to have been a contact only afterwards.
    let contact = zhang.adds_contact(&cases[0], TAIGU, "K1").await;
    town.hours_pass(48);
    let zhang = town.back(&zhang).await;
    let mut fifth = covid_case(TAIGU, "C4");
    fifth["event"] = json!(event);
    fifth["subject"] = json!(contact.subject);
    let today = town.house.today();
    fifth["dates"] = json!({
        "onset": { "day": today, "precision": "day", "source": "stated" },
        "result": { "day": today, "precision": "day", "source": "stated" },
    });
    let fifth = zhang.reports_so(fifth).await;
    zhang.change("amend-contact", json!({ "contact": contact.id, "became_case": fifth.id })).await.ok();
    let late = zhang.adds_contact(&cases[0], TAIGU, "K2").await;
    zhang.change("amend-contact", json!({ "contact": late.id, "became_case": cases[3].id })).await.ok();
    let third = zhang.adds_contact(&cases[0], TAIGU, "K3").await;
    zhang.links(&cases[0], &cases[1]).await;
    zhang.links(&cases[0], &cases[2]).await;
    let told = measured(&zhang, &event).await;
    let known = &told["known_before"];
    assert_eq!((&known["count"], &known["of"], &known["share"]), (&json!(1), &json!(5), &json!(0.2)));
    assert!(known["low"].as_f64() < Some(0.2) && known["high"].as_f64() > Some(0.2));
    let weeks = told["by_week"].as_array().unwrap();
    assert_eq!(weeks.iter().map(|week| week["of"].as_u64().unwrap()).sum::<u64>(), 5);
    assert!(
        weeks.iter().all(|week| week["week"].as_str().unwrap().parse::<base::Day>().unwrap().weekday() == 1)
    );
    let mut open: Vec<&str> =
        told["open_ends"].as_array().unwrap().iter().map(|one| one["case_no"].as_str().unwrap()).collect();
    open.sort_unstable();
    assert_eq!(open, ["C0", "C3", "C4"]);
    assert_eq!(told["open_ends_count"], 3);
    assert_eq!(told["offspring"]["r"]["estimate"], 0.4, "two links among five cases");
    assert_eq!(told["serial"]["n"], 2);
    let soon = told["cut"]["probability"].as_f64().unwrap();
    town.hours_pass(60 * 24);
    let zhang = town.back(&zhang).await;
    let later = measured(&zhang, &event).await["cut"]["probability"].as_f64().unwrap();
    assert!(soon < 0.5 && later > 0.9, "{soon} {later}");
    let close = told["attack"].as_array().unwrap().iter().find(|one| one["kind"] == "close").unwrap().clone();
    assert_eq!((&close["contacts"], &close["became"], &close["watched"]), (&json!(3), &json!(2), &json!(1)));
    assert_eq!(close["proportion"]["of"], 2, "who is still watched is in no share");
    assert_eq!(told["days_to_isolated"], Value::Null, "nobody has said where the contacts stand");
    // Isolated today; their case was found 70 days ago.
    let today = town.house.today();
    let told = json!({ "contact": third.id, "isolated_at": format!("{today}T00:00") });
    zhang.change("tell-contact-state", told).await.ok();
    let exposure = fresh("exposure");
    let dinner = json!({ "exposure": exposure, "case": cases[0].id, "contact": third.id, "kind": "dining", "found_by": "told",
                         "from": format!("{}T18:00", today - 72), "to": format!("{}T20:00", today - 72) });
    zhang.change("add-exposure", dinner).await.ok();
    let class = json!({ "exposure": exposure, "class": "close", "reason": "at one table" });
    zhang.change("classify-exposure", class).await.ok();
    let told = measured(&zhang, &event).await;
    let isolated = &told["days_to_isolated"];
    assert_eq!(
        (&isolated["n"], &isolated["median"], &isolated["within_24h"]["count"]),
        (&json!(1), &json!(70), &json!(0))
    );
    let others = told["attack"].as_array().unwrap().iter().find(|one| one["kind"] == "undecided").unwrap();
    assert_eq!(others["contacts"], 2, "nobody is left out because somebody else was decided on");
    assert_eq!((&told["attack_by"], &told["attack"][0]["kind"]), (&json!("kind"), &json!("dining")));
    assert_eq!((&told["attack"][0]["contacts"], &told["attack"][0]["watched"]), (&json!(1), &json!(1)));
}

async fn who_is_not_of_the_team_is_told_nothing_of_a_case(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    outbreak(town, &zhang, &event).await;
    for role in ["auditor", "data_officer", "sentinel"] {
        let told = measured(&town.person(role, TAIGU).await, &event).await;
        assert_eq!(told["known_before"]["of"], json!({ "withheld": true }), "{role}");
        assert_eq!(
            (&told["open_ends"], &told["by_week"], &told["cut"]),
            (&json!([]), &json!([]), &Value::Null),
            "{role}"
        );
    }
    let far = town.person("epidemiologist", YUCI).await;
    far.get(&format!("/api/trace/measures?event={event}")).await.refused(404, "record.missing");
}

const LIST: &str = "case_no,sex,age,onset date,county,source of infection\n\
    TJ1,female,41,2022-02-10,太谷区,Wuhan\n\
    TJ2,male,43,2022-02-13,太谷区,family of TJ1\n\
    TJ3,male,30,2022-02-15,太谷区,coworker of case 2\n\
    TJ4,male,31,2022-02-16,太谷区,met TJ4 and TJ9\n";

async fn words_of_a_list_suggest_links_and_stay_sealed(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let path = format!("/api/imports?name=list.csv&event={event}");
    let import = zhang.ask(axum::http::Method::POST, &path, LIST.into()).await.ok();
    let done = zhang.runs_import(&import, "apply").await;
    assert_eq!(done["state"], "done", "{done}");
    let listed = zhang.get(&format!("/api/cases?event={event}")).await.ok();
    assert_eq!(listed["count"]["n"], 4, "the list belongs to the event");
    let path = format!("/api/trace/mentions?event={event}");
    let told = zhang.get(&path).await.ok();
    let rows = told["rows"].as_array().unwrap();
    let row = |from: &str, to: &str| {
        rows.iter()
            .find(|row| row["from_no"] == from && row["to_no"] == to)
            .unwrap_or_else(|| panic!("{told}"))
            .clone()
    };
    let first = row("TJ1", "TJ2");
    assert_eq!(
        (&first["relation"], &first["evidence"], &first["already"]),
        (&json!("family"), &json!("full"), &json!(true))
    );
    let second = row("TJ2", "TJ3");
    assert_eq!(
        (&second["relation"], &second["evidence"], &second["already"]),
        (&json!("coworker"), &json!("number"), &json!(false)),
        "“case 2” is not linked by the import, and a person may"
    );
    assert_eq!(
        (rows.len(), &told["unclear"]),
        (2, &json!(1)),
        "TJ9 is nobody here, and nobody names themselves"
    );
    assert!(!told.to_string().contains("Wuhan") && !told.to_string().contains("coworker of"), "{told}");
    let confirm = json!({ "link": fresh("link"), "from": second["from"], "to": second["to"], "evidence": "text", "relation": "coworker" });
    zhang.change("link-cases", confirm).await.ok();
    let again = zhang.get(&path).await.ok();
    assert!(again["rows"].as_array().unwrap().iter().all(|row| row["already"] == true), "{again}");
    town.person("analyst", TAIGU).await.get(&path).await.refused(403, "access.not_allowed");
    town.person("epidemiologist", YUCI).await.get(&path).await.refused(404, "record.missing");
}
