//! Who else was there: at a table, on a train, within a hundred metres; and a person of a thousand visits.

use scenes::{Known, Person, TAIGU, Town, YUCI, both, covid_case, fresh, supper};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

both!(
    who_ate_at_the_same_time_is_found_and_who_came_later_is_not,
    a_train_finds_those_within_three_rows,
    who_got_off_before_the_other_got_on_was_not_aboard_with_them,
    looking_back_finds_who_could_infect_while_the_case_could_be_infected,
    nearness_finds_who_named_another_place,
    a_person_of_a_thousand_visits_is_answered_quickly,
);

async fn candidates(person: &Person, interview: &str) -> Vec<Value> {
    let page = person.get(&format!("/api/interviews/{interview}/overlaps")).await.ok();
    page["rows"].as_array().unwrap().clone()
}

async fn asked(zhang: &Person, territory: &str, no: &str) -> (Known, String) {
    let case = zhang.reports_so(covid_case(territory, no)).await;
    let interview = zhang.interviews(&case).await;
    (case, interview)
}

fn between(place: &str, from: &str, to: &str) -> Value {
    let mut told = supper(place);
    (told["from"], told["to"]) = (json!(format!("2022-02-16T{from}")), json!(format!("2022-02-16T{to}")));
    told
}

async fn who_ate_at_the_same_time_is_found_and_who_came_later_is_not(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let place = zhang.registers_place(TAIGU, "restaurant", "Bell Street noodles").await;
    let (_, case) = asked(&zhang, TAIGU, "C1").await;
    let (_, guest) = asked(&zhang, TAIGU, "C2").await;
    let (_, late) = asked(&zhang, TAIGU, "C3").await;
    zhang.tells_of(&case, supper(&place)).await;
    zhang.tells_of(&guest, between(&place, "19:00", "21:00")).await;
    let gone = zhang.tells_of(&late, between(&place, "20:30", "21:00")).await;
    let found = candidates(&zhang, &case).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!((&one["no"], &one["minutes"], &one["strength"]), (&json!("C2"), &json!(60), &json!("strong")));
    assert_eq!((&one["day_of_illness"], &one["place_name"]), (&json!(-2), &json!("Bell Street noodles")));
    assert_eq!(
        (&one["proposal"]["class"], &one["proposal"]["rule"]),
        (&json!("close"), &json!("close.dining"))
    );
    let mut doubtful = between(&place, "20:30", "21:00");
    doubtful["from_doubt_minutes"] = json!(60);
    let amend = json!({ "visit": gone, "told": doubtful, "reason": "not sure of the hour" });
    zhang.change("amend-visit", amend).await.ok();
    let found = candidates(&zhang, &case).await;
    assert_eq!((found.len(), &found[1]["strength"]), (2, &json!("possible")), "they may have met");
    // Another county's interviews are not looked into.
    let li = town.person("epidemiologist", YUCI).await;
    let (_, theirs) = asked(&li, YUCI, "Y1").await;
    let own = li.registers_place(YUCI, "restaurant", "Elsewhere").await;
    li.tells_of(&theirs, supper(&own)).await;
    assert_eq!(candidates(&li, &theirs).await.len(), 0);
}

fn ride(carriage: u16, seat: &str) -> Value {
    json!({
        "from": "2022-02-17T08:00", "to": "2022-02-17T11:00", "source": "record",
        "ride": { "kind": "train", "number": "D 5321", "day": "2022-02-17", "carriage": carriage, "seat": seat },
    })
}

async fn a_train_finds_those_within_three_rows(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (_, case) = asked(&zhang, TAIGU, "C1").await;
    zhang.tells_of(&case, ride(5, "10C")).await;
    for (no, carriage, seat) in [("C2", 5, "12F"), ("C3", 5, "20A"), ("C4", 6, "10C"), ("C5", 5, "")] {
        let (_, interview) = asked(&zhang, TAIGU, no).await;
        let mut told = ride(carriage, seat);
        told["ride"]["number"] = json!("d5321");
        zhang.tells_of(&interview, told).await;
    }
    let found = candidates(&zhang, &case).await;
    let of = |no: &str| found.iter().find(|one| one["no"] == no).cloned().unwrap_or_default();
    assert_eq!(found.len(), 4);
    let told: Vec<(Value, Value)> = ["C2", "C3", "C4", "C5"]
        .map(|no| (of(no)["strength"].clone(), of(no)["proposal"]["class"].clone()))
        .to_vec();
    let expected = [("strong", "close"), ("possible", "general"), ("weak", "general"), ("possible", "close")];
    assert_eq!(told, expected.map(|(strength, class)| (json!(strength), json!(class))).to_vec());
    assert_eq!((&of("C2")["rows_apart"], &of("C2")["found_by"]), (&json!(2), &json!("ride")));
}

async fn who_got_off_before_the_other_got_on_was_not_aboard_with_them(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let part = |from: &str, to: &str, board: &str, leave: &str| {
        let mut told = ride(5, "10C");
        (told["from"], told["to"]) = (json!(format!("2022-02-17T{from}")), json!(format!("2022-02-17T{to}")));
        (told["ride"]["board"], told["ride"]["leave"]) = (json!(board), json!(leave));
        told
    };
    let (_, case) = asked(&zhang, TAIGU, "C1").await;
    zhang.tells_of(&case, part("08:00", "09:30", "Taigu", "Yuci")).await;
    let mut doubtful = part("09:20", "11:00", "Yuci station", "Taiyuan");
    doubtful["from_doubt_minutes"] = json!(15);
    let mut same_stop = part("09:20", "11:00", "yuci", "Taiyuan");
    same_stop["from_doubt_minutes"] = json!(15);
    for (no, told) in [
        ("C2", part("09:00", "11:00", "Dongguan", "Taiyuan")),
        ("C3", part("09:40", "11:00", "Yuci", "Taiyuan")),
        ("C4", same_stop),
        ("C5", doubtful),
    ] {
        let (_, interview) = asked(&zhang, TAIGU, no).await;
        zhang.tells_of(&interview, told).await;
    }
    let found = candidates(&zhang, &case).await;
    let numbers: Vec<&Value> = found.iter().map(|one| &one["no"]).collect();
    assert_eq!(numbers, ["C2", "C5"], "later, or from the stop the case left at, is not together: {found:?}");
    assert_eq!((&found[0]["minutes"], &found[0]["surely_minutes"]), (&json!(30), &json!(30)));
    assert_eq!(
        (&found[0]["from"], &found[0]["to"]),
        (&json!("2022-02-17T09:00"), &json!("2022-02-17T09:30"))
    );
}

async fn looking_back_finds_who_could_infect_while_the_case_could_be_infected(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let place = zhang.registers_place(TAIGU, "restaurant", "Bell Street noodles").await;
    let (_, case) = asked(&zhang, TAIGU, "C1").await;
    zhang.tells_of(&case, between(&place, "19:00", "20:00")).await;
    for (no, onset, isolated) in [
        ("C2", "2022-02-14", None),
        ("C3", "2022-02-25", None),
        ("C4", "2022-02-10", Some("2022-02-12")),
        ("C5", "2022-02-15", None),
    ] {
        let mut ill = covid_case(TAIGU, no);
        ill["dates"] = json!({ "onset": { "day": onset, "precision": "day", "source": "stated" } });
        if let Some(day) = isolated {
            ill["dates"]["isolation"] = json!({ "day": day, "precision": "day", "source": "stated" });
        }
        let known = zhang.reports_so(ill).await;
        let interview = zhang.interviews(&known).await;
        // C5 had left before the case came, and this edition lets no air stay.
        let (from, to) = if no == "C5" { ("18:00", "18:45") } else { ("18:00", "20:00") };
        zhang.tells_of(&interview, between(&place, from, to)).await;
    }
    let contact = zhang.adds_contact(&zhang.reports(TAIGU, "C6").await, TAIGU, "K1").await;
    let interview = fresh("interview");
    zhang.change("open-interview", json!({ "interview": interview, "contact": contact.id })).await.ok();
    zhang.tells_of(&interview, between(&place, "18:00", "20:00")).await;
    let page = zhang.get(&format!("/api/interviews/{case}/overlaps?looking=back")).await.ok();
    let rows = page["rows"].as_array().unwrap();
    let told: Vec<(&Value, &Value)> = rows.iter().map(|row| (&row["no"], &row["day_of_illness"])).collect();
    assert_eq!(told, [(&json!("C2"), &json!(2))], "not yet infectious, isolated, gone, or no case: {rows:?}");
    assert_eq!((&page["looking"], &rows[0]["minutes"]), (&json!("back"), &json!(60)));
    assert!(rows[0]["proposal"].is_null(), "who infected somebody is not their contact");
    let onward = candidates(&zhang, &case).await;
    assert_eq!(onward.len(), 4, "whoever was there with it: {onward:?}");
    let path = format!("/api/interviews/{case}/overlaps?looking=sideways");
    assert_eq!(zhang.get(&path).await.json()["code"], "trace.looking");
}

async fn nearness_finds_who_named_another_place(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let at = |lon: f64, lat: f64| {
        json!({
            "place_name": "a stall", "lon": lon, "lat": lat, "from": "2022-02-17T08:00", "to": "2022-02-17T09:00",
            "source": "self",
        })
    };
    let (_, case) = asked(&zhang, TAIGU, "C1").await;
    zhang.tells_of(&case, at(112.5599, 37.4299)).await;
    // Sixty metres north-east, in the next cell; and a kilometre away.
    for (no, lon, lat) in [("C2", 112.5603, 37.4303), ("C3", 112.5599, 37.4400)] {
        let (_, interview) = asked(&zhang, TAIGU, no).await;
        zhang.tells_of(&interview, at(lon, lat)).await;
    }
    let found = candidates(&zhang, &case).await;
    assert_eq!((found.len(), &found[0]["no"]), (1, &json!("C2")), "{found:?}");
    let metres = found[0]["metres"].as_f64().unwrap();
    assert!((40.0..80.0).contains(&metres), "{metres}");
    assert_eq!(found[0]["proposal"]["class"], "close", "by the rule for other contact, distance known");
}

async fn a_person_of_a_thousand_visits_is_answered_quickly(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let place = zhang.registers_place(TAIGU, "shop", "The shop they keep").await;
    let (_, keeper) = asked(&zhang, TAIGU, "C1").await;
    let (_, guest) = asked(&zhang, TAIGU, "C2").await;
    zhang.tells_of(&guest, supper(&place)).await;
    for number in 0..1_000 {
        let (hour, minute) = (number / 60 % 24, number % 60);
        let mut told = supper(&place);
        told["from"] = json!(format!("2022-02-16T{hour:02}:{minute:02}"));
        told["to"] = json!(format!("2022-02-17T{hour:02}:{minute:02}"));
        let fields = json!({ "visit": fresh("visit"), "interview": keeper, "told": told });
        zhang.change("add-visit", fields).await.ok();
    }
    let began = Instant::now();
    let found = candidates(&zhang, &keeper).await;
    let page = zhang.get(&format!("/api/interviews/{keeper}")).await.ok();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(found.len(), 1, "one line for one person at one place");
    assert_eq!((page["legs"].as_array().unwrap().len(), &page["legs_left_off"]), (500, &json!(500)));
}
