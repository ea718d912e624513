//! What carried it when nobody did: a lot of frozen fish that is followed like a person, and a room whose surfaces were sampled.

use scenes::{Known, Person, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    a_lot_is_followed_and_whoever_handled_it_is_a_contact,
    surfaces_of_a_place_are_an_origin_too,
    a_thing_is_no_person,
);

/// Where a lot or a person was on a day.
fn stay(place: &str, day: &str, from: &str, to: &str) -> Value {
    json!({ "place": place, "from": format!("{day}T{from}"), "to": format!("{day}T{to}"), "source": "record" })
}

async fn follows(person: &Person, what: Value) -> String {
    let interview = fresh("interview");
    let mut fields = json!({ "interview": interview, "protocol": "cn-covid-8" });
    for (field, value) in what.as_object().unwrap() {
        fields[field] = value.clone();
    }
    person.change("open-interview", fields).await.ok();
    interview
}

async fn candidates(person: &Person, interview: &str) -> Vec<Value> {
    let page = person.get(&format!("/api/interviews/{interview}/overlaps")).await.ok();
    page["rows"].as_array().unwrap().clone()
}

async fn asked(zhang: &Person, no: &str) -> (Known, String) {
    let case = zhang.reports_so(covid_case(TAIGU, no)).await;
    let interview = zhang.interviews(&case).await;
    (case, interview)
}

fn newcomer(name: &str) -> Value {
    json!({
        "contact": fresh("contact"), "subject": fresh("subject"), "territory": TAIGU, "contact_no": fresh("k"),
        "identity": { "name": name },
    })
}

async fn a_lot_is_followed_and_whoever_handled_it_is_a_contact(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "Cold store").await;
    let store = zhang.registers_place(TAIGU, "cold_chain", "Cold store 3").await;
    let market = zhang.registers_place(TAIGU, "market", "South market").await;
    let lot = zhang.registers_goods(TAIGU, Some(&event), "Frozen fish").await;
    let interview = follows(&zhang, json!({ "goods": lot })).await;
    zhang.tells_of(&interview, stay(&store, "2022-02-14", "06:00", "18:00")).await;
    zhang.tells_of(&interview, stay(&market, "2022-02-15", "05:00", "12:00")).await;
    let (_, porter) = asked(&zhang, "C1").await;
    let (_, elsewhere) = asked(&zhang, "C2").await;
    zhang.tells_of(&porter, stay(&store, "2022-02-14", "08:00", "09:00")).await;
    zhang.tells_of(&elsewhere, stay(&market, "2022-02-15", "13:00", "14:00")).await;
    let found = candidates(&zhang, &interview).await;
    assert_eq!(
        (found.len(), &found[0]["no"], &found[0]["minutes"]),
        (1, &json!("C1"), &json!(60)),
        "{found:?}"
    );
    assert_eq!((&found[0]["kind"], &found[0]["proposal"]["kind"]), (&json!("case"), &json!("contaminated")));
    // Seen from the porter, the lot is something to ask about, and nobody's contact.
    let back = candidates(&zhang, &porter).await;
    assert_eq!((back.len(), &back[0]["kind"], &back[0]["goods"]), (1, &json!("goods"), &json!(lot)));
    assert_eq!((&back[0]["no"], &back[0]["proposal"]), (&json!("Frozen fish L-2022-14"), &Value::Null));

    let new = newcomer("Otto Invented");
    let exposure = json!({
        "exposure": fresh("exposure"), "goods": lot, "new": new, "kind": "contaminated", "place": store,
        "from": "2022-02-14T08:00", "to": "2022-02-14T09:00", "found_by": "told",
    });
    let out = zhang.change("add-exposure", exposure.clone()).await.ok()["out"].clone();
    assert_eq!((&out["class"], &out["protocol"]), (&json!("close"), &json!("cn-covid-8")), "{out}");
    let decide = json!({ "exposure": exposure["exposure"], "class": "close" });
    zhang.change("classify-exposure", decide).await.ok();
    let row = zhang.get(&format!("/api/exposures?event={event}")).await.ok()["rows"][0].clone();
    assert_eq!((&row["goods"], &row["goods_name"]), (&json!(lot), &json!("Frozen fish L-2022-14")), "{row}");
    assert_eq!((&row["case"], &row["kind"]), (&Value::Null, &json!("contaminated")));
    let contact = zhang.get("/api/contacts").await.ok()["rows"][0].clone();
    assert_eq!((&contact["class"], &contact["first_exposure"]), (&json!("close"), &json!("2022-02-14")));
    let page = zhang.get(&format!("/api/interviews/{interview}")).await.ok();
    assert_eq!((page["exposures"].as_array().unwrap().len(), page["legs"].as_array().unwrap().len()), (1, 2));
    assert_eq!(
        (&page["goods"], &page["answered"], &page["no"]),
        (&json!(lot), &json!([0, 0]), &row["goods_name"])
    );

    zhang.change("amend-goods", json!({ "goods": lot, "positive_on": "2022-02-19" })).await.ok();
    let listed = zhang.get("/api/goods?q=l-2022").await.ok()["goods"].clone();
    assert_eq!(
        (&listed[0]["positive_on"], &listed[0]["interview"]),
        (&json!("2022-02-19"), &json!(interview))
    );
    let li = town.person("epidemiologist", YUCI).await;
    assert_eq!(li.get("/api/goods").await.ok()["goods"], json!([]));
    li.get(&format!("/api/interviews/{interview}")).await.refused(404, "record.missing");
    li.change("amend-goods", json!({ "goods": lot, "name": "Meat" })).await.refused(404, "record.missing");
}

async fn surfaces_of_a_place_are_an_origin_too(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let room = zhang.registers_place(TAIGU, "other", "Boiler room of building 3").await;
    let interview = follows(&zhang, json!({ "place": room })).await;
    zhang.tells_of(&interview, stay(&room, "2022-02-14", "00:00", "23:59")).await;
    let (_, stoker) = asked(&zhang, "C1").await;
    zhang.tells_of(&stoker, stay(&room, "2022-02-14", "22:00", "23:00")).await;
    let found = candidates(&zhang, &interview).await;
    assert_eq!((found.len(), &found[0]["no"]), (1, &json!("C1")), "{found:?}");
    assert_eq!(candidates(&zhang, &stoker).await[0]["kind"], "place");
    let exposure = json!({
        "exposure": fresh("exposure"), "surface": room, "new": newcomer("Ilse Invented"), "kind": "contaminated",
        "place": room, "from": "2022-02-14T10:00", "to": "2022-02-14T10:20", "found_by": "told",
    });
    zhang.change("add-exposure", exposure).await.ok();
    let row = zhang.get("/api/exposures").await.ok()["rows"][0].clone();
    assert_eq!((&row["surface"], &row["surface_name"]), (&json!(room), &json!("Boiler room of building 3")));
    let page = zhang.get(&format!("/api/interviews/{interview}")).await.ok();
    assert_eq!(page["exposures"][0]["surface"], json!(room));
}

async fn a_thing_is_no_person(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let store = zhang.registers_place(TAIGU, "cold_chain", "Cold store 3").await;
    let lot = zhang.registers_goods(TAIGU, None, "Frozen fish").await;
    let both = json!({ "interview": fresh("interview"), "goods": lot, "place": store });
    assert_eq!(zhang.change("open-interview", both).await.json()["code"], "trace.asked");
    let interview = follows(&zhang, json!({ "goods": lot })).await;
    let twice = json!({ "interview": fresh("interview"), "goods": lot });
    zhang.change("open-interview", twice).await.refused(409, "record.exists");
    let answer = json!({ "interview": interview, "question": "household_size", "value": 3, "based_on": 0 });
    assert_eq!(zhang.change("answer-question", answer).await.json()["code"], "trace.asks_nobody");
    let mut handled = stay(&store, "2022-02-14", "06:00", "18:00");
    handled["company"] = json!("the Invented brothers");
    let fields = json!({ "visit": fresh("visit"), "interview": interview, "told": handled });
    assert_eq!(zhang.change("add-visit", fields).await.json()["code"], "trace.company_of_thing");
    let exposure = |more: Value| {
        let mut fields = json!({
            "exposure": fresh("exposure"), "new": newcomer("Otto Invented"), "kind": "contaminated",
            "from": "2022-02-14T08:00", "to": "2022-02-14T09:00", "found_by": "told",
        });
        for (field, value) in more.as_object().unwrap() {
            fields[field] = value.clone();
        }
        zhang.change("add-exposure", fields)
    };
    assert_eq!(exposure(json!({})).await.json()["code"], "trace.origin");
    assert_eq!(exposure(json!({ "goods": lot, "surface": store })).await.json()["code"], "trace.origin");
    assert_eq!(
        exposure(json!({ "goods": lot, "kind": "dining" })).await.json()["code"],
        "trace.kind_of_thing"
    );
    let tomorrow =
        json!({ "goods": fresh("goods"), "territory": TAIGU, "name": "Meat", "positive_on": "2122-02-14" });
    assert_eq!(zhang.change("register-goods", tomorrow).await.json()["code"], "trace.visit_in_the_future");
    // The forms ask people; of a lot they are done when whoever follows it says so.
    zhang.change("finish-form", json!({ "interview": interview, "form": "core" })).await.ok();
    assert_eq!(zhang.get("/api/contacts").await.ok()["count"]["n"], 0, "what was refused registered nobody");
}
