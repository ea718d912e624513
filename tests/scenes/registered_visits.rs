//! Visits people registered: a table of them accounted for row by row, rides, what is refused, and what is forgotten.

use crate::fence::{cast, counts, opens};
use axum::http::Method;
use scenes::{Answer, Person, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    a_file_of_visits_is_accounted_for_row_by_row,
    whoever_tries_rows_learns_nothing_about_others,
    a_ride_is_fenced_too,
    visits_go_after_thirty_days_and_who_is_known_otherwise_stays,
    what_cannot_be_is_refused_in_words,
);

async fn sends(person: &Person, query: &str, file: &str) -> Answer {
    let path = format!("/api/registered-visits/file?{query}");
    person.ask(Method::POST, &path, file.as_bytes().to_vec()).await
}

async fn a_file_of_visits_is_accounted_for_row_by_row(town: &mut Town) {
    let cast = cast(town).await;
    let day = cast.today - 2;
    let head = "place,name,telephone,from,to\n";
    let rows = format!(
        "Bell Tower Market,Ada,13900000001,{day} 18:00,{day} 18:30\n\
         {},Bo,13900000002,{day} 18:00,\n\
         Bell Tower Market,Ada,13900000001,{day} 18:00,{day} 18:30\n\
         Nowhere,Cy,13900000003,{day} 18:00,{day} 18:30\n\
         Bell Tower Market,,,{day} 18:00,{day} 18:30\n\
         Bell Tower Market,Di,13900000004,{day} 18:00,{day} 17:30\n\
         Bell Tower Market,Ed,13900000005,{day},\n\
         Bell Tower Market,Flo,13900000006,{} 18:00,\n\
         Bell Tower Market,Gus,13900000007,1982-02-20 18:00,{day} 18:00\n",
        cast.place,
        cast.today + 40
    );
    let file = format!("{head}{rows}");
    let dry = sends(&cast.zhang, "kind=check_in&name=a.csv&dry_run=true", &file).await.ok();
    assert_eq!((&dry["rows"], &dry["created"], &dry["failed"]), (&json!(9), &json!(3), &json!(6)));
    let told = sends(&cast.zhang, "kind=check_in&name=a.csv", &file).await.ok();
    let account =
        ["rows", "created", "updated", "skipped", "failed"].map(|field| told[field].as_i64().unwrap());
    assert_eq!(account, [9, 2, 0, 1, 6], "{told}");
    let failures: Vec<(i64, &str)> = told["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["row"].as_i64().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        failures,
        [
            (5, "trace.no_place"),
            (6, "trace.nobody"),
            (7, "trace.visit_order"),
            (8, "trace.time"),
            (9, "trace.visit_future"),
            (10, "trace.visit_long"),
        ]
    );
    assert!(
        told["failures"].as_array().unwrap().iter().all(|one| one["zh"].as_str().unwrap().contains('；'))
    );
    let again =
        file.replace(&format!("{day} 18:30\n{}", cast.place), &format!("{day} 18:45\n{}", cast.place));
    let told = sends(&cast.zhang, "kind=check_in&name=a.csv", &again).await.ok();
    let account = ["created", "updated", "skipped"].map(|field| told[field].as_i64().unwrap());
    // The first row says a later end, and the third, which is the same visit, says the old one again.
    assert_eq!(account, [0, 2, 1], "{told}");
    sends(&cast.zhang, "kind=sighting&name=a.csv", &file).await.refused(400, "request.address");
    sends(&cast.zhang, "kind=check_in&name=a.csv", "who,when\nAda,now\n").await.refused(422, "trace.column");
    sends(&cast.officer, "kind=check_in&name=a.csv", &file).await.refused(403, "access.not_allowed");
}

/// Whether somebody was at a place at a minute: asked by trying rows, dry or not, by somebody who may register.
async fn whoever_tries_rows_learns_nothing_about_others(town: &mut Town) {
    let cast = cast(town).await;
    let day = cast.today - 2;
    let file = format!("place,name,telephone,from\nBell Tower Market,Ada,13900000001,{day} 18:00\n");
    sends(&cast.zhang, "kind=check_in", &file).await.ok();
    let other = town.person_of("Taigu Hospital", "epidemiologist", TAIGU).await;
    let absent = file.replace("18:00", "18:01").replace("13900000001", "13900000002");
    for query in ["kind=check_in&dry_run=true", "kind=check_in"] {
        let (there, not_there) =
            (sends(&other, query, &file).await.ok(), sends(&other, query, &absent).await.ok());
        assert_eq!(there, not_there, "{query}");
    }
    // Two registrations of one person are one visitor.
    for number in 0..3 {
        cast.registers(&format!("Visitor {number}"), "18:00", "18:10").await;
    }
    let fence = cast.publishes(cast.draft("18:00", "18:00").tap_to("18:01")).await;
    let told = counts(&cast.chief, &fence).await.ok();
    assert_eq!(told["count_text"], "5–9", "Ada once, the one who was tried, and three: {told}");
}

trait TapTo {
    fn tap_to(self, to: &str) -> Value;
}
impl TapTo for Value {
    /// The same draft with a later end.
    fn tap_to(mut self, to: &str) -> Value {
        let from = self["from"].as_str().expect("a time").to_owned();
        self["to"] = json!(format!("{}{to}", &from[..11]));
        self
    }
}

async fn a_ride_is_fenced_too(town: &mut Town) {
    let cast = cast(town).await;
    let day = cast.today - 3;
    let mut file = "vehicle,number,day,name,id_number,from,to\n".to_owned();
    for number in 0..6 {
        let spelt = if number % 2 == 0 { "g 604" } else { "G604" };
        file.push_str(&format!(
            "train,{spelt},{day},Rider {number},E0000000{number},{day} 08:10,{day} 10:05\n"
        ));
    }
    file.push_str(&format!("train,G605,{day},Other Train,E00000009,{day} 08:10,{day} 10:05\n"));
    file.push_str(&format!("rocket,G604,{day},Cosmo,E00000010,{day} 08:10,{day} 10:05\n"));
    let told = sends(&cast.zhang, "kind=manifest&name=list.csv", &file).await.ok();
    assert_eq!((&told["created"], &told["failures"][0]["code"]), (&json!(7), &json!("trace.vehicle")));
    let mut draft = cast.draft("08:00", "10:30");
    let fields = draft.as_object_mut().unwrap();
    fields.remove("place");
    fields.insert("ride".into(), json!({ "kind": "train", "number": "G604", "day": day }));
    fields.insert("territory".into(), json!(TAIGU));
    for field in ["from", "to"] {
        let time = if field == "from" { "08:00" } else { "10:30" };
        fields.insert(field.into(), json!(format!("{day}T{time}")));
    }
    let fence = cast.publishes(draft.clone()).await;
    assert_eq!(counts(&cast.chief, &fence).await.ok()["count_text"], "5–9");
    let ask = cast.agreed(&fence).await;
    let people = opens(&cast.zhang, &fence, &ask).await.ok()["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 6);
    let public = town.stranger().get("/api/public/fences").await.ok()["fences"][0].clone();
    assert_eq!(public["ride"], json!({ "kind": "train", "number": "G604", "day": day }));
    draft["place"] = json!(cast.place);
    draft["fence"] = json!(fresh("fence"));
    cast.chief.change("draft-fence", draft).await.refused(422, "trace.fence_where");
}

async fn visits_go_after_thirty_days_and_who_is_known_otherwise_stays(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(3).await;
    let contact = json!({
        "contact": fresh("contact"), "subject": subjects[0], "territory": TAIGU, "class": "close",
        "last_exposure": cast.today,
    });
    cast.zhang.change("add-contact", contact).await.ok();
    let run = |town: &Town| {
        let house = town.house.clone();
        let offset = house.places.utc_offset_minutes();
        tokio::task::block_in_place(|| {
            let ran =
                rooms::people::run_clocks(&house.db, house.today(), offset, house.now()).expect("they run");
            ran.into_iter().find(|ran| ran.clock == "registered_visit").expect("the clock").erased
        })
    };
    town.hours_pass(27 * 24);
    assert_eq!(run(town), 0);
    let officer = town.back(&cast.officer).await;
    let clocks = officer.get("/api/retention").await.ok();
    let clock = clocks["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "registered_visit")
        .unwrap()
        .clone();
    assert_eq!(clock["soon"], 3, "{clock}");
    town.hours_pass(24);
    assert_eq!(run(town), 3, "two people and one visit of a third");
    let visits = town.disk.every_value().into_iter().filter(|(table, _)| table == "trace_registered").count();
    assert_eq!(visits, 0, "no visit is left");
    assert_eq!(run(town), 0);
    let zhang = town.back(&cast.zhang).await;
    let open = json!({ "purpose": "outbreak_response", "reason": "the daily call" });
    assert_eq!(
        zhang.post(&format!("/api/subjects/{}/open", subjects[0]), open).await.ok()["name"],
        "Visitor 0",
        "a contact is kept like one"
    );
    let officer = town.back(&cast.officer).await;
    let log = officer.get(&format!("/api/subjects/{}/access-log", subjects[1])).await.ok();
    assert_eq!(log["rows"].as_array().unwrap().last().unwrap()["did"], "erased");
}

async fn what_cannot_be_is_refused_in_words(town: &mut Town) {
    let cast = cast(town).await;
    let home = cast.zhang.registers_place(TAIGU, "home", "A flat").await;
    let long_ago = json!(format!("{}T08:00", cast.today - 30));
    for (field, value, code) in [
        ("to", json!(cast.at(3, "08:00")), "trace.fence_window"),
        ("from", long_ago, "trace.fence_window"),
        ("to", json!(format!("{}T08:00", cast.today + 1)), "trace.fence_future"),
        ("gap_minutes", json!(1_441), "trace.fence_gap"),
        ("ends", json!(cast.today - 1), "trace.fence_ends"),
        ("ends", json!(cast.today + 40), "trace.fence_ends"),
        ("basis", json!("  "), "field.required"),
        ("text_zh", json!(""), "field.required"),
        ("text_en", json!(""), "field.required"),
        ("text_en", json!("x".repeat(2_001)), "trace.fence_text"),
        ("place", json!(home), "trace.fence_home"),
        ("place", Value::Null, "trace.fence_where"),
    ] {
        let mut draft = cast.draft("17:30", "19:00");
        draft[field] = value;
        cast.chief.change("draft-fence", draft).await.refused(422, code);
    }
    for (name, from) in
        [("no time", "2022-02-20"), ("no such day", "2022-02-30T08:00"), ("no such hour", "2022-02-20T25:00")]
    {
        let mut draft = cast.draft("17:30", "19:00");
        draft["from"] = json!(from);
        assert_eq!(cast.chief.change("draft-fence", draft).await.status, 422, "{name}");
    }
    let visit = |from: &str, to: Value| {
        json!({
            "visit": fresh("registered"), "subject": fresh("subject"), "kind": "permit", "place": cast.place,
            "identity": { "name": "Ada" }, "from": from, "to": to,
        })
    };
    for (from, to, code) in [
        (cast.at(2, "18:00"), json!(cast.at(2, "17:00")), "trace.visit_order"),
        (format!("{}T18:00", cast.today + 1), Value::Null, "trace.visit_future"),
        (format!("{}T18:00", cast.today - 70), json!(cast.at(2, "17:00")), "trace.visit_long"),
    ] {
        cast.zhang.change("register-visit", visit(&from, to)).await.refused(422, code);
    }
    let mut nobody = visit(&cast.at(2, "18:00"), Value::Null);
    nobody.as_object_mut().unwrap().remove("identity");
    cast.zhang.change("register-visit", nobody).await.refused(422, "field.required");
    // Somebody else's handle is taken, and nothing more is told.
    let far = town.person("epidemiologist", YUCI).await.reports(YUCI, "Y1").await;
    let mut foreign = visit(&cast.at(2, "18:00"), Value::Null);
    foreign["subject"] = json!(far.subject);
    cast.zhang.change("register-visit", foreign).await.refused(409, "record.exists");
}
