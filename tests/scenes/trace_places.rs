//! Places people tell of: three systems of maps, and coordinates that cannot be.

use scenes::{TAIGU, Town, YUCI, both, fresh};
use serde_json::json;

both!(
    a_place_told_from_a_shifted_map_lies_where_it_is,
    coordinates_that_cannot_be_are_refused_in_words,
    places_are_listed_a_page_at_a_time_within_reach,
);

async fn a_place_told_from_a_shifted_map_lies_where_it_is(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let place = fresh("premises");
    let fields = json!({
        "place": place, "territory": TAIGU, "kind": "restaurant", "name": "Bell Street noodles",
        "lon": 116.424_03, "lat": 39.902_45, "datum": "gcj02",
    });
    zhang.change("register-place", fields).await.ok();
    let told = zhang.get("/api/places").await.ok()["places"][0].clone();
    let metres = |field: &str, there: f64| (told[field].as_f64().unwrap() - there).abs() * 111_000.0;
    assert!(metres("lon", 116.417_79) < 30.0 && metres("lat", 39.901_05) < 30.0, "{told}");
    assert_eq!((&told["told_datum"], &told["indoors"]), (&json!("gcj02"), &json!(true)));
    zhang
        .change("amend-place", json!({ "place": place, "indoors": false, "name": "Bell Street stall" }))
        .await
        .ok();
    let told = zhang.get("/api/places?q=stall").await.ok()["places"][0].clone();
    assert_eq!((&told["indoors"], &told["kind"]), (&json!(false), &json!("restaurant")));
}

async fn coordinates_that_cannot_be_are_refused_in_words(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for (point, code, word) in [
        (json!({ "lon": 0.0, "lat": 0.0 }), "trace.point", "do not know"),
        (json!({ "lon": 37.4, "lat": 112.5 }), "trace.point", "exchange the two"),
        (json!({ "lon": 374.0, "lat": 37.4 }), "trace.point", "globe"),
        (json!({ "lon": 112.5 }), "trace.half_a_point", "both or neither"),
        (json!({ "kind": "castle" }), "trace.place_kind", "restaurant"),
        (json!({ "name": " " }), "field.required", "fill it in"),
    ] {
        let mut fields =
            json!({ "place": fresh("premises"), "territory": TAIGU, "kind": "market", "name": "A market" });
        for (field, value) in point.as_object().unwrap() {
            fields[field] = value.clone();
        }
        let answer = zhang.change("register-place", fields).await;
        let told = answer.json();
        assert_eq!((answer.status, told["code"].as_str()), (422, Some(code)), "{point}");
        assert!(told["en"].as_str().is_some_and(|en| en.contains(word)), "{told}");
        assert!(told["zh"].as_str().is_some_and(|zh| zh.contains('；')), "it ends with what to do: {told}");
    }
}

async fn places_are_listed_a_page_at_a_time_within_reach(town: &mut Town) {
    let (zhang, li) = (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", YUCI).await);
    for number in 0..103 {
        zhang.registers_place(TAIGU, "shop", &format!("Shop {number:03}")).await;
    }
    let first = zhang.get("/api/places").await.ok();
    assert_eq!(first["places"].as_array().unwrap().len(), 100);
    let next = first["next"].as_str().unwrap().replace('\t', "%09").replace(' ', "%20");
    let second = zhang.get(&format!("/api/places?after={next}")).await.ok();
    assert_eq!((second["places"].as_array().unwrap().len(), &second["next"]), (3, &json!(null)));
    assert_eq!(li.get("/api/places").await.ok()["places"].as_array().unwrap().len(), 0);
}
