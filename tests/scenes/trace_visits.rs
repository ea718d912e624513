//! Where people were: what cannot be is refused in words, what is odd is kept with a note, what was amended is kept too.

use scenes::{Person, TAIGU, Town, both, fresh, supper};
use serde_json::{Value, json};

both!(visits_that_cannot_be_are_refused_in_words, what_was_told_can_be_amended_and_taken_back,);

async fn asking(town: &Town) -> (Person, String, String) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let interview = zhang.interviews(&case).await;
    let place = fresh("premises");
    let fields = json!({
        "place": place, "territory": TAIGU, "kind": "restaurant", "name": "Bell Street noodles",
        "lon": 112.5513, "lat": 37.4237,
    });
    zhang.change("register-place", fields).await.ok();
    (zhang, interview, place)
}

async fn visits_that_cannot_be_are_refused_in_words(town: &mut Town) {
    let (zhang, interview, place) = asking(town).await;
    for (change, code) in [
        (json!({ "to": "2022-02-16T17:00" }), "trace.visit_ends_before_it_begins"),
        (json!({ "from": "2041-02-16T18:00", "to": "2041-02-16T20:00" }), "trace.visit_in_the_future"),
        (json!({ "from": "1982-02-16T18:00" }), "trace.visit_too_long"),
        (json!({ "from": "1965-02-16T18:00", "to": "1965-02-16T19:00" }), "trace.visit_before_1970"),
        (json!({ "from": "Wednesday" }), "trace.moment"),
        (json!({ "lon": 0.0, "lat": 0.0 }), "trace.point"),
        // The same door as Amap tells it, said to be WGS84.
        (json!({ "lon": 112.557_6, "lat": 37.424_3 }), "trace.mixed_systems"),
        (json!({ "source": "the grapevine" }), "trace.source"),
        (json!({ "place": null }), "field.required"),
        (json!({ "place": fresh("premises") }), "record.missing"),
    ] {
        let mut told = supper(&place);
        for (field, value) in change.as_object().unwrap() {
            told[field] = value.clone();
        }
        let fields = json!({ "visit": fresh("visit"), "interview": interview, "told": told });
        let answer = zhang.change("add-visit", fields).await;
        let said = answer.json();
        assert_eq!(said["code"].as_str(), Some(code), "{change}: {said}");
        assert!(said["zh"].as_str().is_some_and(|zh| zh.contains(['；', '，'])), "{said}");
    }
    assert_eq!(zhang.get("/api/interviews").await.ok()["rows"][0]["visits"], 0);
    let mut stated = supper(&place);
    (stated["lon"], stated["lat"], stated["datum"]) = (json!(112.557_6), json!(37.424_3), json!("gcj02"));
    zhang.tells_of(&interview, stated).await;
}

async fn what_was_told_can_be_amended_and_taken_back(town: &mut Town) {
    let (zhang, interview, place) = asking(town).await;
    let visit = zhang.tells_of(&interview, supper(&place)).await;
    let elsewhere = zhang.registers_place(TAIGU, "shop", "Mill Street shop").await;
    let mut shop = supper(&elsewhere);
    shop["from"] = json!("2022-02-16T19:00");
    let fields = json!({ "visit": fresh("visit"), "interview": interview, "told": shop });
    let noted = zhang.change("add-visit", fields).await.ok();
    assert_eq!(noted["out"]["notes"][0]["code"], "two_places_at_once");
    let mut later = supper(&place);
    (later["from"], later["to"]) = (json!("2022-02-16T20:30"), json!("2022-02-16T21:30"));
    let amend = json!({ "visit": visit, "told": later, "reason": "the till says so" });
    zhang.change("amend-visit", amend).await.ok();
    let legs = legs(&zhang, &interview).await;
    assert_eq!((legs.len(), &legs[1]["from"]), (2, &json!("2022-02-16T20:30")), "in the order of time");
    assert_eq!((&legs[1]["place_name"], &legs[1]["indoors"]), (&json!("Bell Street noodles"), &json!(true)));
    assert_eq!(legs[1]["company"], "an aunt and her son");
    zhang.change("remove-visit", json!({ "visit": visit })).await.ok();
    zhang.change("remove-visit", json!({ "visit": visit })).await.ok();
    let row = zhang.get("/api/interviews").await.ok()["rows"][0].clone();
    assert_eq!(row["visits"], 1);
    zhang.change("remove-visit", json!({ "visit": visit, "removed": false })).await.ok();
    assert_eq!(zhang.get("/api/interviews").await.ok()["rows"][0]["visits"], 2);
}

async fn legs(person: &Person, interview: &str) -> Vec<Value> {
    let page = person.get(&format!("/api/interviews/{interview}")).await.ok();
    page["legs"].as_array().unwrap().clone()
}
