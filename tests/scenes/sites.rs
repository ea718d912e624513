//! Sentinel sites: a nurse sends numbers from a telephone, and what can go wrong with them.

use axum::http::Method;
use base::Day;
use scenes::{JINZHONG, Person, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    a_nurse_sends_the_days_numbers_and_sees_what_stands_there,
    what_cannot_be_is_refused_in_words_and_what_is_odd_is_asked_twice,
    zero_silence_lateness_and_corrections_are_different,
    numbers_of_another_site_are_not_taken,
    a_file_of_numbers_is_accounted_for_row_by_row,
    the_public_says_that_it_is_ill_and_nobody_asks_who,
    a_token_of_elsewhere_sends_no_numbers_here,
);

struct School {
    zhang: Person,
    nurse: Person,
    site: String,
    today: Day,
}

async fn school(town: &Town) -> School {
    let zhang = town.person("epidemiologist", JINZHONG).await;
    let nurse = town.person("sentinel", TAIGU).await;
    let site = zhang.registers_site(TAIGU, "school", "Bell Street school").await;
    zhang.change("link-reporter", json!({ "site": site, "login": nurse.login })).await.ok();
    School { zhang, nurse, site, today: town.house.today() }
}

fn numbers(site: &str, day: Day, value: &Value) -> Value {
    json!({ "site": site, "day": day, "numbers": { "absence": { "value": value } } })
}

async fn a_nurse_sends_the_days_numbers_and_sees_what_stands_there(town: &mut Town) {
    let School { nurse, site, today, .. } = school(town).await;
    nurse.sends(&site, today - 1, json!({ "absence": 4, "vomiting": 0, "rash_children": 0 })).await;
    let page = nurse.get("/api/reporting").await.ok();
    let absence = &page["sites"][0]["indicators"][0];
    assert_eq!((&absence["id"], &absence["day"]), (&json!("absence"), &json!(today)));
    assert_eq!((&absence["yesterday"], &absence["reported"]), (&json!(4.0), &Value::Null));
    let kept = nurse.sends(&site, today, json!({ "absence": 0 })).await;
    assert_eq!(kept["out"]["kept"][0]["value"], 0.0, "zero is a number");
    let page = nurse.get("/api/reporting").await.ok();
    assert_eq!(page["sites"][0]["indicators"][0]["reported"]["value"], 0.0);
}

async fn what_cannot_be_is_refused_in_words_and_what_is_odd_is_asked_twice(town: &mut Town) {
    let School { nurse, site, today, .. } = school(town).await;
    for (day, value, code) in [
        (today + 1, json!(3), "surveillance.future"),
        (today, json!("three"), "surveillance.not_a_number"),
        (today, json!(1_000_000_000_000_i64), "surveillance.too_many"),
        (today, json!(-2), "surveillance.negative"),
        (today, json!(2.5), "surveillance.whole"),
        ("2024-01-01".parse().unwrap(), json!(3), "surveillance.closed"),
    ] {
        let answer = nurse.change("report-numbers", numbers(&site, day, &value)).await;
        let told = answer.json();
        assert_eq!((answer.status, told["code"].as_str()), (422, Some(code)), "{value} on {day}");
        assert!(told["zh"].as_str().is_some_and(|zh| zh.contains('；')), "it ends with what to do: {told}");
    }
    for back in 1..=14 {
        nurse.sends(&site, today - back, json!({ "absence": 3 + back % 3 })).await;
    }
    let odd = numbers(&site, today, &json!(44));
    let answer = nurse.change("report-numbers", odd.clone()).await.json();
    assert_eq!(answer["code"], "surveillance.unusual");
    assert_eq!(answer["field"], "numbers.absence");
    let mut sure = odd;
    sure["confirmed"] = json!(["absence"]);
    nurse.change("report-numbers", sure).await.ok();
}

async fn zero_silence_lateness_and_corrections_are_different(town: &mut Town) {
    let School { zhang, nurse, site, today } = school(town).await;
    nurse.sends(&site, today - 400, json!({ "absence": 9 })).await;
    nurse.sends(&site, today - 5, json!({ "absence": 3 })).await;
    nurse.sends(&site, today - 5, json!({ "absence": 3 })).await;
    nurse.sends(&site, today - 5, json!({ "absence": 5 })).await;
    // Seven in the morning of the next day, before anything of it is due.
    let to_morning = 24 - hour_of(town) + 7;
    town.hours_pass(to_morning);
    let (zhang, nurse) = (town.back(&zhang).await, town.back(&nurse).await);
    let today = today + 1;
    nurse.sends(&site, today, json!({ "absence": 0 })).await;
    let page = zhang.get(&format!("/api/sites/{site}")).await.ok();
    let mark_of = |day: Day| {
        let days = page["days"].as_array().unwrap();
        let found = days.iter().find(|one| one["day"] == json!(day) && one["indicator"] == "absence");
        found.map(|one| (one["mark"].as_str().unwrap().to_owned(), one["versions"].as_array().unwrap().len()))
    };
    assert_eq!(mark_of(today), Some(("on_time".to_owned(), 1)));
    assert_eq!(mark_of(today - 6), Some(("correction".to_owned(), 2)), "the same twice is once");
    assert_eq!(mark_of(today - 3), Some(("missing".to_owned(), 0)));
    let all = zhang.get(&format!("/api/completeness?territory={TAIGU}")).await.ok()["totals"].clone();
    assert_eq!((&all["zero"], &all["corrected"], &all["on_time"]), (&json!(1), &json!(1), &json!(1)));
    let path =
        format!("/api/series?territory={TAIGU}&indicators=absence&from={}&to={}", today - 405, today - 395);
    let old = zhang.get(&path).await.ok();
    let known = old["series"][0]["points"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|point| !point["value"].is_null())
        .count();
    assert_eq!(known, 0, "what comes a year late is kept with the site and changes no series");
}

/// The hour of the town's clock.
fn hour_of(town: &Town) -> i64 {
    (town.house.now().0 / 3_600_000 + 8) % 24
}

async fn numbers_of_another_site_are_not_taken(town: &mut Town) {
    let School { zhang, nurse, site, today } = school(town).await;
    let other = zhang.registers_site(TAIGU, "school", "Mill Street school").await;
    let answer = nurse.change("report-numbers", numbers(&other, today, &json!(3))).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("surveillance.not_your_site")));
    let far = zhang.registers_site(YUCI, "school", "A school elsewhere").await;
    assert_eq!(nurse.change("report-numbers", numbers(&far, today, &json!(3))).await.status, 404);
    let answer = nurse.change(
        "report-numbers",
        json!({
            "site": site, "day": today, "numbers": { "fever_visits": { "value": 3 } },
        }),
    );
    assert_eq!(answer.await.json()["code"], "surveillance.not_asked");
    let sites = nurse.get("/api/reporting").await.ok()["sites"].as_array().unwrap().len();
    assert_eq!(sites, 1);
    zhang.change("amend-site", json!({ "site": site, "ended": today - 1 })).await.ok();
    let answer = nurse.change("report-numbers", numbers(&site, today, &json!(3))).await;
    assert_eq!(answer.json()["code"], "surveillance.closed");
    let unknown = json!({ "site": fresh("site"), "day": today, "numbers": {} });
    assert_eq!(nurse.change("report-numbers", unknown).await.status, 404);
}

async fn a_file_of_numbers_is_accounted_for_row_by_row(town: &mut Town) {
    let School { zhang, site, today, .. } = school(town).await;
    let file = format!(
        "site,indicator,day,value\n{site},absence,{},4\nBell Street school,vomiting,{},0\n{site},absence,{},many\n\
         {site},fever_visits,{},3\nNowhere,absence,{},1\n{site},absence,{},4\n",
        today - 2,
        today - 2,
        today - 1,
        today - 1,
        today - 1,
        today - 2
    );
    let dry =
        zhang.ask(Method::POST, "/api/reports/file?name=numbers.csv&dry=true", file.clone().into()).await;
    assert_eq!(dry.ok()["kept"], 2);
    let before = zhang.get(&format!("/api/completeness?territory={TAIGU}")).await.ok();
    assert_eq!(before["totals"]["received"], 0, "a dry run keeps nothing");
    let told = zhang.ask(Method::POST, "/api/reports/file?name=numbers.csv", file.into()).await.ok();
    assert_eq!((&told["rows"], &told["kept"], &told["same"]), (&json!(6), &json!(2), &json!(1)));
    let refused: Vec<(i64, &str)> = told["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["row"].as_i64().unwrap(), one["field"].as_str().unwrap()))
        .collect();
    assert_eq!(refused, [(4, "value"), (5, "indicator"), (6, "site")]);
    // As people write days in spreadsheets, and as nobody can mean them.
    let spelt = (today - 4).to_string().replace('-', "/");
    let odd = format!(
        "site,indicator,day,value\n{site},absence,{spelt},4\n{site},absence,2026年1月,4\n{site},absence,9999-12-31,4\n"
    );
    let told = zhang.ask(Method::POST, "/api/reports/file?name=odd.csv", odd.into()).await.ok();
    assert_eq!((&told["kept"], told["refused"].as_array().unwrap().len()), (&json!(1), 2), "{told}");
}

async fn the_public_says_that_it_is_ill_and_nobody_asks_who(town: &mut Town) {
    // Eight in the morning, so that two hours later it is still today.
    let to_morning = 24 - hour_of(town) + 8;
    town.hours_pass(to_morning);
    let zhang = town.person("epidemiologist", JINZHONG).await;
    let stranger = town.stranger();
    let home = |county: &str, symptoms: Value, people: i64| json!({ "id": fresh("change"), "county": county, "symptoms": symptoms, "people": people });
    let tell = |body: Value| stranger.post("/api/public/symptoms", body);
    let closed = tell(home(TAIGU, json!(["cough"]), 1)).await.json();
    assert_eq!(closed["code"], "surveillance.not_asked_here");
    let site = zhang.registers_site(TAIGU, "public", "The public of Taigu").await;
    let page = stranger.get("/api/public/symptoms").await.ok();
    assert_eq!(
        (page["counties"].as_array().unwrap().len(), &page["counties"][0]["path"]),
        (1, &json!(TAIGU))
    );
    for (symptoms, people, code) in [
        (json!([]), 1, "surveillance.no_symptom"),
        (json!(["broken heart"]), 1, "surveillance.symptom"),
        (json!(["cough"]), 0, "surveillance.people"),
        (json!(["cough"]), 500, "surveillance.people"),
    ] {
        let told = tell(home(TAIGU, symptoms, people)).await.json();
        assert_eq!(told["code"], code);
        assert!(told["zh"].as_str().is_some_and(|zh| zh.contains(['；', '：'])), "{told}");
    }
    let first = home(TAIGU, json!(["fever", "cough", "rash"]), 2);
    assert_eq!(
        tell(first.clone()).await.ok(),
        json!({ "told": true }),
        "nobody learns how many others there are"
    );
    tell(first).await.ok();
    tell(home(TAIGU, json!(["sore_throat"]), 1)).await.ok();
    town.hours_pass(2);
    tell(home(TAIGU, json!(["cough"]), 1)).await.ok();
    let zhang = town.back(&zhang).await;
    let days = zhang.get(&format!("/api/sites/{site}")).await.ok()["days"].clone();
    let of = |indicator: &str| {
        let newest = days
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["indicator"] == indicator && !one["value"].is_null());
        newest.map(|one| (one["value"].as_f64().unwrap(), one["versions"].as_array().unwrap().len()))
    };
    assert_eq!(of("public_symptoms"), Some((4.0, 2)), "once each, and one number that grows within the hour");
    assert_eq!(of("public_rash"), Some((2.0, 1)));
    assert_eq!(of("public_enteric"), Some((0.0, 1)), "a zero is a number");
    let standing = zhang.get(&format!("/api/sites?territory={TAIGU}&kind=public")).await.ok();
    assert_eq!(standing["rows"][0]["standing"]["state"], "none", "the public owes nobody a report");
    let mut slowed = 0;
    for _ in 0..40 {
        slowed += usize::from(tell(home(TAIGU, json!(["cough"]), 1)).await.status == 429);
    }
    assert!(slowed > 0, "one address cannot make an epidemic");
}

async fn a_token_of_elsewhere_sends_no_numbers_here(town: &mut Town) {
    let doctor = town.person("epidemiologist", TAIGU).await;
    let admin = town.person("administrator", "").await;
    let site = doctor.registers_site(TAIGU, "school", "Bell Street school").await;
    let link = async |territory: &str| {
        let token = fresh("token");
        let wanted = json!({ "token": token, "name": "A school's system (invented)", "territory": territory,
                             "permissions": ["reports.write"], "days": 30 });
        admin.change("create-token", wanted).await.ok();
        doctor.change("link-reporter", json!({ "site": site, "login": token })).await.status
    };
    assert_eq!((link(TAIGU).await, link(YUCI).await), (200, 404));
    let nobody = json!({ "site": site, "login": fresh("token") });
    assert_eq!(doctor.change("link-reporter", nobody).await.status, 404);
}
