//! Gatherings: asked for by anybody, decided by the county, opened again when what holds there changes.

use crate::control_asked::{DAY, compound};
use crate::control_measures::{Governments, close_schools, governments, limit_gatherings};
use base::Moment;
use scenes::{Person, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    a_stranger_asks_the_county_allows_and_the_stranger_hears_it,
    what_does_not_fit_is_not_allowed_and_says_why,
    an_order_that_limits_gatherings_opens_permits_again,
    a_level_opens_permits_again_and_so_does_its_end,
    the_risk_stands_beside_the_request,
    nobody_decides_what_they_asked_for_nor_beyond_their_county,
);

const HOUR: i64 = 3_600_000;

pub(crate) fn wedding(now: Moment) -> Value {
    json!({
        "permit": fresh("permit"), "territory": TAIGU, "place": "Bell Street hall", "title": "A wedding", "organiser": "Bell Hotel",
        "people": 200, "starts": now.0 + 48 * HOUR, "ends": now.0 + 52 * HOUR, "activity": "seated_talking",
        "indoors": { "floor_m2": 600.0, "height_m": 4.0, "air_changes": 4.0 },
        "duties": ["health_officer", "attendance_list", "air", "unwell_stay_away", "stop_when_told"],
    })
}

pub(crate) async fn asks(town: &Town, mut form: Value) -> String {
    form["id"] = json!(fresh("change"));
    let told = town.stranger().post("/api/public/permits", form).await.ok();
    told["permit"].as_str().expect("a permit").to_owned()
}

async fn page(person: &Person, permit: &str) -> Value {
    person.get(&format!("/api/control/permits/{permit}")).await.ok()
}

async fn grants(all: &Governments, permit: &str) {
    all.county.change("decide-permit", json!({ "permit": permit, "granted": true })).await.ok();
}

async fn a_stranger_asks_the_county_allows_and_the_stranger_hears_it(town: &mut Town) {
    let all = governments(town).await;
    let rules = town.stranger().get("/api/public/gatherings").await.ok();
    assert_eq!(rules["duties"].as_array().map(Vec::len), Some(5));
    let permit = asks(town, wedding(town.house.now())).await;
    let waiting = all.county.get("/api/control/permits").await.ok();
    assert_eq!(waiting["rows"][0]["id"], json!(permit));
    let told = page(&all.county, &permit).await;
    assert_eq!((&told["unmet"], &told["holds"]["level"]), (&json!([]), &json!("none")));
    grants(&all, &permit).await;
    let heard = town.stranger().get(&format!("/api/public/permits/{permit}")).await.ok();
    assert_eq!((&heard["state"], &heard["title"]), (&json!("granted"), &json!("A wedding")));
    assert_eq!(all.county.get("/api/control/permits").await.ok()["rows"], json!([]));
    assert_eq!(all.county.get("/api/control/permits?which=all").await.ok()["rows"][0]["state"], "granted");
    let unknown = format!("/api/public/permits/{}", fresh("permit"));
    town.stranger().get(&unknown).await.refused(404, "record.missing");
}

async fn what_does_not_fit_is_not_allowed_and_says_why(town: &mut Town) {
    let all = governments(town).await;
    let now = town.house.now();
    let mut crowded = wedding(now);
    crowded["people"] = json!(900);
    let permit = asks(town, crowded).await;
    let told = page(&all.county, &permit).await;
    assert_eq!((&told["unmet"][0]["code"], &told["capacity"]), (&json!("control.capacity"), &json!(533)));
    let yes = json!({ "permit": permit, "granted": true });
    let refused = all.county.change("decide-permit", yes).await.refused(422, "control.capacity");
    assert!(refused["en"].as_str().unwrap().contains("533 people at most"), "{refused}");
    let silent = json!({ "permit": permit, "granted": false });
    all.county.change("decide-permit", silent).await.refused(422, "field.required");
    let no = json!({ "permit": permit, "granted": false, "note": "too many for the hall" });
    all.county.change("decide-permit", no).await.ok();
    let heard = town.stranger().get(&format!("/api/public/permits/{permit}")).await.ok();
    assert_eq!((&heard["state"], &heard["note"]), (&json!("refused"), &json!("too many for the hall")));
    for (field, value, code) in [
        ("people", json!(1), "control.people"),
        ("ends", json!(now.0), "control.end_before_start"),
        ("starts", json!(now.0 - 1), "control.past"),
        ("activity", json!("flying"), "control.activity"),
        ("territory", json!("14"), "control.where"),
        ("organiser", json!(""), "field.required"),
    ] {
        let mut form = wedding(now);
        form[field] = value;
        form["id"] = json!(fresh("change"));
        town.stranger().post("/api/public/permits", form).await.refused(422, code);
    }
}

async fn an_order_that_limits_gatherings_opens_permits_again(town: &mut Town) {
    let mut all = governments(town).await;
    let now = town.house.now();
    let permit = asks(town, wedding(now)).await;
    let mut small = wedding(now);
    small["people"] = json!(80);
    let small = asks(town, small).await;
    let mut far = wedding(now);
    (far["starts"], far["ends"]) = (json!(now.0 + 300 * HOUR), json!(now.0 + 303 * HOUR));
    let far = asks(town, far).await;
    for one in [&permit, &small, &far] {
        grants(&all, one).await;
    }
    all.orders(close_schools(now)).await;
    assert_eq!(page(&all.county, &permit).await["state"], "granted", "schools are no gatherings");
    let order = limit_gatherings(now);
    let mut form = order.clone();
    form.as_object_mut().expect("fields").retain(|key, _| !["measure", "reason"].contains(&key.as_str()));
    let told = all.cdc.post("/api/control/measures/preview", form).await.ok();
    assert_eq!(told["permits"], 1, "what it touches is said before it is given");
    let measure = all.proposes(order).await;
    all.decides(&measure).await;
    assert_eq!(
        page(&all.county, &permit).await["state"],
        "granted",
        "an order nobody approved changes nothing"
    );
    all.prefecture.change("approve-measure", json!({ "measure": measure })).await.ok();
    let states = (
        page(&all.county, &permit).await["state"].clone(),
        page(&all.county, &small).await["state"].clone(),
        page(&all.county, &far).await["state"].clone(),
    );
    assert_eq!(states, (json!("reopened"), json!("granted"), json!("granted")));
    let heard = town.stranger().get(&format!("/api/public/permits/{permit}")).await.ok();
    let notice = heard["steps"].as_array().unwrap().last().unwrap()["note_en"].clone();
    assert!(notice.as_str().unwrap().contains("100 people at most"), "{notice}");
    let yes = json!({ "permit": permit, "granted": true });
    all.county.change("decide-permit", yes.clone()).await.refused(422, "control.capacity");
    all.county.change("lift-measure", json!({ "measure": measure, "reason": "over" })).await.ok();
    all.county.change("decide-permit", yes).await.ok();
    town.hours_pass(53);
    all.come_back(town).await;
    all.orders(limit_gatherings(town.house.now())).await;
    assert_eq!(page(&all.county, &permit).await["state"], "granted", "what is over is left alone");
}

fn last_notice(heard: &Value) -> String {
    heard["steps"].as_array().unwrap().last().unwrap()["note_en"].as_str().unwrap().to_owned()
}

async fn a_level_opens_permits_again_and_so_does_its_end(town: &mut Town) {
    town.begins_on(DAY);
    let all = governments(town).await;
    let now = town.house.now();
    let mut inside = wedding(now);
    inside["place"] = json!("甲小区");
    let mut fair = wedding(now);
    (fair["indoors"], fair["people"]) = (Value::Null, json!(900));
    let (inside, hall, fair) =
        (asks(town, inside).await, asks(town, wedding(now)).await, asks(town, fair).await);
    for one in [&inside, &hall, &fair] {
        grants(&all, one).await;
    }
    let states = async |of: &[&String]| {
        let mut told = Vec::new();
        for one in of {
            told.push(page(&all.county, one).await["state"].as_str().unwrap().to_owned());
        }
        told
    };
    let heard = async |permit: &str| town.stranger().get(&format!("/api/public/permits/{permit}")).await.ok();
    let (proposal, zone) = (fresh("proposal"), fresh("zone"));
    let proposed = json!({
        "proposal": proposal, "what": "set", "name": "甲小区", "disease": "covid-19-delta", "level": "lockdown",
        "area": { "units": [compound("甲小区")] }, "people": 800, "entrances": 2, "day": DAY, "why": "a case lives here",
    });
    all.cdc.change("propose-zone", proposed).await.ok();
    assert_eq!(states(&[&inside, &fair]).await, ["granted", "granted"], "a proposal changes nothing");
    let yes = json!({ "proposal": proposal, "zone": zone, "accept": true, "basis": "order 3 of the county" });
    all.county.change("decide-zone", yes).await.ok();
    // The compound is closed, and the rest of its county is a precaution area: 500 people at most.
    assert_eq!(states(&[&inside, &hall, &fair]).await, ["reopened", "granted", "reopened"]);
    assert!(last_notice(&heard(&inside).await).contains("no gathering is held here at this level"));
    assert!(last_notice(&heard(&fair).await).contains("500 people at most"));
    let told = page(&all.county, &hall).await;
    assert_eq!(told["holds"]["level"], "precaution", "{told}");
    let grant = json!({ "permit": inside, "granted": true });
    all.county.change("decide-permit", grant).await.refused(422, "control.capacity");
    let no = json!({ "permit": inside, "granted": false, "note": "the compound is closed" });
    all.county.change("decide-permit", no).await.ok();
    let tiny = {
        let mut form = wedding(now);
        form["people"] = json!(20);
        asks(town, form).await
    };
    let no = json!({ "permit": tiny, "granted": false, "note": "the hall is being painted" });
    all.county.change("decide-permit", no).await.ok();
    let left =
        json!({ "zone": zone, "basis": "order 4", "exception": "the case was a laboratory's mistake" });
    all.county.change("release-zone", left).await.ok();
    // What only the level stood against is decided again, and says so; what was refused for another reason is not.
    assert_eq!(states(&[&inside, &hall, &fair, &tiny]).await, ["reopened", "granted", "reopened", "refused"]);
    for one in [&inside, &fair] {
        assert!(last_notice(&heard(one).await).contains("milder now"));
        grants(&all, one).await;
    }
    let steps = heard(&inside).await["steps"].as_array().unwrap().len();
    assert_eq!(steps, 6, "asked, granted, opened again, refused, opened again, granted");
}

async fn the_risk_stands_beside_the_request(town: &mut Town) {
    let all = governments(town).await;
    let permit = asks(town, wedding(town.house.now())).await;
    let quiet = page(&all.county, &permit).await["risk"].clone();
    assert_eq!(quiet["any_infectious"]["value"], 0.0, "{quiet}");
    assert!(quiet["any_infectious"]["high"].as_f64().unwrap() > 0.0, "nothing found is not nothing there");
    let today = town.house.today();
    for number in 0..8 {
        let mut case = scenes::covid_case(TAIGU, &format!("C{number}"));
        case["found"] = json!("community");
        let day = json!({ "day": today, "precision": "day", "source": "stated" });
        case["dates"] = json!({ "onset": day, "result": day });
        all.cdc.reports_so(case).await;
    }
    let risk = page(&all.county, &permit).await["risk"].clone();
    let any = &risk["any_infectious"];
    let (low, value, high) = (any["low"].as_f64(), any["value"].as_f64(), any["high"].as_f64());
    assert!(Some(0.0) < low && low < value && value < high && high < Some(1.0), "{risk}");
    assert!(risk["secondary"]["value"].as_f64() > Some(0.0));
    assert!(risk["if_one_attends"]["at_most"].as_u64() > Some(0));
    assert_eq!(page(&all.county, &permit).await.get("found"), None, "the count itself is not told");
}

async fn nobody_decides_what_they_asked_for_nor_beyond_their_county(town: &mut Town) {
    let all = governments(town).await;
    let form = wedding(town.house.now());
    all.cdc.change("apply-permit", form.clone()).await.ok();
    let permit = form["permit"].as_str().unwrap().to_owned();
    let yes = json!({ "permit": permit, "granted": true });
    all.cdc.change("decide-permit", yes.clone()).await.refused(403, "access.not_allowed");
    let beside = town.person_of("Yuci government", "commander", YUCI).await;
    beside.change("decide-permit", yes.clone()).await.refused(404, "record.missing");
    beside.get(&format!("/api/control/permits/{permit}")).await.refused(404, "record.missing");
    all.county.change("decide-permit", yes.clone()).await.ok();
    all.county.change("decide-permit", yes).await.refused(409, "control.state");
    all.cdc.change("withdraw-permit", json!({ "permit": permit })).await.ok();
    all.cdc.change("withdraw-permit", json!({ "permit": permit })).await.refused(409, "control.state");
}
