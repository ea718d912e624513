//! Zones as people set, raise and leave them: Taigu, February 2022, on its own days.

use crate::control_asked::{DAY, compound};
use crate::control_permits::{asks, wedding};
use crate::lab_tubes::screening_of;
use scenes::{JINZHONG, Known, Person, TAIGU, Town, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    the_house_proposes_others_decide_a_find_raises_and_criteria_release,
    finds_in_quarantine_do_not_reset_the_clock,
    two_zones_never_claim_one_place_and_nobody_decides_alone,
    a_part_is_let_go_and_what_is_left_early_is_told_above,
    what_somebody_left_early_somebody_else_ticks_off,
    a_zone_left_early_to_a_level_goes_to_that_level,
    the_house_goes_on_proposing_in_a_county_under_precaution,
    what_is_split_off_keeps_its_rounds_and_what_is_let_go_is_not_counted,
    an_order_closes_nobody_in_before_its_day,
    nobody_is_closed_in_or_let_out_by_correcting_a_zone,
    a_part_is_judged_by_its_own_finds_and_skips_no_level,
    a_round_of_the_laboratories_is_the_zones_last_full_round,
    permits_that_would_be_opened_again_are_told_before_the_order,
    what_applied_where_on_a_day_is_known_later,
);

struct Outbreak {
    zhang: Person,
    county: Person,
    prefecture: Person,
}

async fn outbreak(town: &Town) -> Outbreak {
    outbreak_on(town, DAY).await
}

async fn outbreak_on(town: &Town, day: &str) -> Outbreak {
    town.begins_on(day);
    Outbreak {
        zhang: town.person("epidemiologist", TAIGU).await,
        county: town.person("commander", TAIGU).await,
        prefecture: town.person("commander", JINZHONG).await,
    }
}

impl Outbreak {
    /// Days pass, and sessions end with them.
    async fn later(&mut self, town: &Town, hours: i64) {
        town.hours_pass(hours);
        for person in [&mut self.zhang, &mut self.county, &mut self.prefecture] {
            *person = town.back(person).await;
        }
    }

    async fn finds(&self, found: &str, onset: &str, result: &str, isolated: Option<&str>) -> Known {
        let day = |day: &str| json!({ "day": day, "precision": "day", "source": "stated" });
        let mut case = covid_case(TAIGU, &fresh("n"));
        case["found"] = json!(found);
        case["dates"] = json!({ "onset": day(onset), "result": day(result) });
        if let Some(isolated) = isolated {
            case["dates"]["isolation"] = day(isolated);
        }
        self.zhang.reports_so(case).await
    }

    async fn stays(&self, case: &Known, at: &str, kind: &str, risk: &str, hard: bool, days: (&str, &str)) {
        let fields = json!({
            "stay": fresh("stay"), "case": case.id, "unit": compound(at), "kind": kind, "risk": risk, "hard_to_trace": hard,
            "from": days.0, "until": days.1,
        });
        self.zhang.change("add-stay", fields).await.ok();
    }

    async fn waiting(&self) -> Vec<Value> {
        let told = self.county.get("/api/control/proposals").await.ok();
        told["rows"].as_array().unwrap().clone()
    }

    async fn decides(&self, proposal: &Value) -> String {
        let zone = fresh("zone");
        let mut fields =
            json!({ "proposal": proposal["id"], "accept": true, "basis": "order 3 of the county" });
        if proposal["zone"].is_null() {
            fields["zone"] = json!(zone);
        }
        self.county.change("decide-zone", fields).await.ok();
        proposal["zone"].as_str().map_or(zone, str::to_owned)
    }

    async fn sets(&self, at: &str, level: &str) -> String {
        let proposal = fresh("proposal");
        self.zhang.change("propose-zone", proposed(&proposal, at, level)).await.ok();
        self.decides(&json!({ "id": proposal, "zone": null })).await
    }

    async fn zone(&self, zone: &str) -> Value {
        self.county.get(&format!("/api/control/zones/{zone}")).await.ok()
    }

    async fn tests(&self, zone: &str, day: &str, positives: u32) {
        let fields = json!({
            "zone": zone, "round": fresh("zround"), "began": day, "ended": day, "people": 800, "with_result": 800,
            "positives_community": positives, "unresolved": 0,
        });
        self.zhang.change("note-round", fields).await.ok();
    }
}

fn proposed(proposal: &str, at: &str, level: &str) -> Value {
    json!({
        "proposal": proposal, "what": "set", "name": at, "disease": "covid-19-delta", "level": level,
        "area": { "units": [compound(at)] }, "people": 800, "entrances": 2, "day": DAY, "why": "a case lives here",
    })
}

async fn looks(town: &Town) -> usize {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::control::propose_now(&house).unwrap()).await.unwrap()
}

fn missing(zone: &Value) -> Vec<&str> {
    let criteria = zone["leave"]["criteria"].as_array().unwrap().iter();
    criteria.filter(|one| one["met"] == false).map(|one| one["kind"].as_str().unwrap()).collect()
}

async fn the_house_proposes_others_decide_a_find_raises_and_criteria_release(town: &mut Town) {
    let mut day = outbreak(town).await;
    let case = day.finds("community", "2022-02-18", DAY, Some(DAY)).await;
    day.stays(&case, "甲小区", "residence", "high", false, ("2022-02-17", DAY)).await;
    day.stays(&case, "乙饭店", "activity", "some", true, ("2022-02-18", "2022-02-18")).await;
    day.stays(&case, "丙工厂", "activity", "some", false, ("2022-02-19", "2022-02-19")).await;
    assert_eq!(looks(town).await, 2);
    assert_eq!(looks(town).await, 0, "proposed once, however often somebody looks");
    let waiting = day.waiting().await;
    let of = |level: &str| waiting.iter().find(|one| one["level"] == level).unwrap().clone();
    let (home, diner) = (of("lockdown"), of("control"));
    assert_eq!((&home["name"], &home["by_house"]), (&json!("甲小区"), &json!(true)), "{waiting:?}");
    assert_eq!(home["reasons"][0]["case"], json!(case.id));
    assert_eq!((&diner["name"], &diner["edition"]), (&json!("乙饭店"), &json!("cn-covid-8 2026.1")));

    let asked = json!({
        "disease": "covid-19-delta", "level": "control", "area": diner["area"], "people": 1300, "entrances": 1, "day": DAY,
    });
    let told = day.county.post("/api/control/effect", asked).await.ok();
    assert_eq!((&told["effect"]["people"], &told["effect"]["checkpoints"]), (&json!(1300), &json!(1)));
    assert_eq!(told["effect"]["tests"][0], json!(["2022-02-21", 1300]), "{told}");

    let zone = day.decides(&diner).await;
    let lockdown = day.decides(&home).await;
    assert_eq!(day.zone(&zone).await["leave"]["on"], Value::Null, "nobody has said anything of contacts");
    assert_eq!(looks(town).await, 0, "whoever it was set for raises it no further");
    assert_eq!(day.zone(&zone).await["raise"], Value::Null);
    let at = format!("/api/control/at?territory={TAIGU}");
    let told = day.zhang.get(&at).await.ok();
    assert_eq!(told["rest"]["level"], "precaution", "{told}");

    // Somebody else, found outside, had supper there before it was closed.
    day.later(town, 48).await;
    let second = day.finds("community", "2022-02-22", "2022-02-22", None).await;
    day.stays(&second, "乙饭店", "activity", "some", true, ("2022-02-20", "2022-02-21")).await;
    assert_eq!(looks(town).await, 1);
    let raise = day.waiting().await.remove(0);
    assert_eq!((&raise["what"], &raise["level"]), (&json!("raise"), &json!("lockdown")));
    day.decides(&raise).await;
    let raised = day.zone(&zone).await;
    assert_eq!((&raised["level"], &raised["since"]), (&json!("lockdown"), &json!("2022-02-22")), "{raised}");

    let contacts = json!({ "last_exposure": "2022-02-21", "without_result": 0 });
    for zone in [&zone, &lockdown] {
        day.zhang.change("note-contacts", json!({ "zone": zone, "contacts": contacts })).await.ok();
    }
    assert_eq!(day.zone(&zone).await["leave"]["on"], "2022-03-08");
    day.later(town, 24 * 13).await;
    day.tests(&zone, "2022-03-07", 0).await;
    assert_eq!(looks(town).await, 0, "the fourteenth day has not come");
    let early = json!({ "zone": zone, "basis": "order 5" });
    let refused = day.county.change("release-zone", early).await.refused(422, "control.not_ready");
    assert!(refused["en"].as_str().unwrap().contains("days clean"), "{refused}");
    day.later(town, 24).await;
    assert_eq!(missing(&day.zone(&zone).await), Vec::<&str>::new());
    assert_eq!(looks(town).await, 1);
    let leave = day.waiting().await.remove(0);
    assert_eq!((&leave["what"], &leave["zone"]), (&json!("leave"), &json!(zone)));
    day.decides(&leave).await;
    let left = day.zone(&zone).await;
    assert_eq!(left["released"], "2022-03-08", "{left}");
    let what: Vec<&str> =
        left["history"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["set", "raised", "released"]);
}

async fn finds_in_quarantine_do_not_reset_the_clock(town: &mut Town) {
    let mut day = outbreak(town).await;
    let zone = day.sets("甲小区", "control").await;
    let contacts = json!({ "last_exposure": DAY, "without_result": 0 });
    day.zhang.change("note-contacts", json!({ "zone": zone, "contacts": contacts })).await.ok();
    day.later(town, 24 * 6).await;
    for onset in ["2022-02-22", "2022-02-24"] {
        let found = day.finds("under_care", onset, "2022-02-26", Some("2022-02-21")).await;
        day.stays(&found, "甲小区", "residence", "some", false, ("2022-02-01", "2022-02-21")).await;
    }
    let told = day.zone(&zone).await;
    assert_eq!(
        (&told["leave"]["clock"], &told["leave"]["on"]),
        (&json!(DAY), &json!("2022-03-06")),
        "{told}"
    );
    assert_eq!(told["raise"], Value::Null);
    let auditor = town.person("auditor", TAIGU).await;
    let counted = auditor.get(&format!("/api/control/zones/{zone}")).await.ok();
    assert_eq!(counted["finds"], json!([]), "who reads no cases sees none: {counted}");
    let read = day.zhang.get(&format!("/api/control/zones/{zone}")).await.ok();
    assert!(!read["finds"].as_array().unwrap().is_empty(), "whoever reads cases sees the finds: {read}");
}

async fn two_zones_never_claim_one_place_and_nobody_decides_alone(town: &mut Town) {
    let day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    let mut building = proposed(&fresh("proposal"), "甲小区", "control");
    building["area"] =
        json!({ "units": [{ "territory": TAIGU, "part": ["甲小区", "５ 号楼"], "kind": "building" }] });
    let refused = day.zhang.change("propose-zone", building).await.refused(422, "control.overlap");
    assert!(refused["en"].as_str().unwrap().contains("甲小区"), "{refused}");
    let twice = json!({ "units": [compound("乙小区"), compound("乙 小区")] });
    for (field, value, code) in [
        ("area", json!({ "units": [] }), "control.no_unit"),
        ("area", twice, "control.unit_twice"),
        ("area", json!({ "units": [{ "territory": JINZHONG, "kind": "county" }] }), "control.unit"),
        ("level", json!("high"), "control.level"),
        ("disease", json!("measles"), "control.no_zones"),
        ("disease", json!("no such"), "control.disease"),
        ("what", json!("raise"), "control.which_zone"),
        ("why", json!(" "), "field.required"),
        ("day", json!("2024-01-01"), "control.day_to_come"),
    ] {
        let mut wrong = proposed(&fresh("proposal"), "乙小区", "lockdown");
        wrong[field] = value;
        day.zhang.change("propose-zone", wrong).await.refused(422, code);
    }
    let other = fresh("proposal");
    day.zhang.change("propose-zone", proposed(&other, "乙小区", "lockdown")).await.ok();
    let decide = json!({ "proposal": other, "zone": fresh("zone"), "accept": true, "basis": "order 4" });
    day.zhang.change("decide-zone", decide.clone()).await.refused(403, "access.not_allowed");
    day.county
        .change("decide-zone", json!({ "proposal": other, "accept": false, "basis": "not needed" }))
        .await
        .ok();
    day.county.change("decide-zone", decide).await.refused(422, "control.answered");
    let milder = json!({
        "proposal": fresh("proposal"), "what": "raise", "zone": zone, "name": "x", "disease": "covid-19-delta",
        "level": "control", "area": { "units": [] }, "day": DAY, "why": "x",
    });
    day.zhang.change("propose-zone", milder).await.refused(422, "control.wrong_way");
}

async fn a_part_is_let_go_and_what_is_left_early_is_told_above(town: &mut Town) {
    let day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    let part = json!([{ "territory": TAIGU, "part": ["甲小区", "1号楼"], "kind": "building" }]);
    let early = json!({ "zone": zone, "units": part, "basis": "order 6", "exception": "an empty house" });
    day.county.change("release-zone", early).await.ok();
    let told = day.zone(&zone).await;
    assert_eq!(told["area"]["except"][0]["part"], json!(["甲小区", "1号楼"]), "{told}");
    assert_eq!(told["released"], Value::Null);
    assert_eq!(told["people"], Value::Null, "nobody has said how many are left");
    let outside = json!({ "zone": zone, "units": part, "basis": "order 6", "exception": "again" });
    day.county.change("release-zone", outside).await.refused(422, "control.not_inside");

    assert!(day.waiting().await.is_empty());
    let above = day.prefecture.get("/api/control/proposals").await.ok();
    let early = &above["overrides"][0];
    assert_eq!((&early["zone"], &early["why"]), (&json!(zone), &json!("an empty house")), "{above}");
    assert_eq!(early["missing"], json!(["days_clean", "contacts_age", "full_round"]));
    let seen = json!({ "told": early["id"] });
    day.county.change("acknowledge-override", seen.clone()).await.refused(404, "record.missing");
    day.prefecture.change("acknowledge-override", seen).await.ok();
    let above = day.prefecture.get("/api/control/proposals").await.ok();
    assert_eq!(above["overrides"], json!([]));

    let counted = json!({ "zone": zone, "people": 770, "basis": "counted again" });
    day.county.change("amend-zone", counted).await.ok();
    let split = json!({
        "zone": zone, "new_zone": fresh("zone"), "name": "2号楼", "people": 90, "basis": "order 7",
        "units": [{ "territory": TAIGU, "part": ["甲小区", "2号楼"], "kind": "building" }],
    });
    let mut crowded = split.clone();
    crowded["people"] = json!(771);
    day.county.change("split-zone", crowded).await.refused(422, "control.split_people");
    day.county.change("split-zone", split.clone()).await.ok();
    let own = day.zone(split["new_zone"].as_str().unwrap()).await;
    assert_eq!(
        (&own["since"], &own["level"]),
        (&json!(DAY), &json!("lockdown")),
        "level and clock go with it"
    );
    assert_eq!((&own["people"], &day.zone(&zone).await["people"]), (&json!(90), &json!(680)));
}

async fn what_somebody_left_early_somebody_else_ticks_off(town: &mut Town) {
    let day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    let left = json!({ "zone": zone, "basis": "order 6", "exception": "the wrong house" });
    day.prefecture.change("release-zone", left).await.ok();
    let told = async |person: &Person| {
        person.get("/api/control/proposals").await.ok()["overrides"].as_array().unwrap().clone()
    };
    assert_eq!(told(&day.prefecture).await, Vec::<Value>::new(), "who left it is not told of it");
    let colleague = town.person("commander", JINZHONG).await;
    let early = told(&colleague).await.remove(0);
    assert_eq!(early["zone"], json!(zone));
    let seen = json!({ "told": early["id"] });
    day.prefecture.change("acknowledge-override", seen.clone()).await.refused(403, "control.own_override");
    colleague.change("acknowledge-override", seen).await.ok();
    assert_eq!(told(&colleague).await, Vec::<Value>::new());

    // Of a disease that is closed to them they are told nothing.
    let zone = day.sets("乙小区", "lockdown").await;
    let left = json!({ "zone": zone, "basis": "order 6", "exception": "the wrong house" });
    day.county.change("release-zone", left).await.ok();
    let early = told(&colleague).await.remove(0);
    let admin = town.person("administrator", "").await;
    let closed = json!({ "disease": "covid-19-delta", "level": "closed" });
    admin.change("set-disease-access", closed).await.ok();
    assert_eq!(told(&colleague).await, Vec::<Value>::new());
    let seen = json!({ "told": early["id"] });
    colleague.change("acknowledge-override", seen).await.refused(404, "record.missing");
}

async fn a_zone_left_early_to_a_level_goes_to_that_level(town: &mut Town) {
    let day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    let proposal = fresh("proposal");
    let milder = json!({
        "proposal": proposal, "what": "leave", "zone": zone, "name": "甲小区", "disease": "covid-19-delta",
        "level": "control", "area": { "units": [] }, "day": DAY, "why": "two of three buildings are empty",
    });
    day.zhang.change("propose-zone", milder).await.ok();
    let yes =
        json!({ "proposal": proposal, "accept": true, "basis": "order 8", "exception": "tested twice" });
    day.county.change("decide-zone", yes).await.ok();
    let told = day.zone(&zone).await;
    assert_eq!((&told["level"], &told["released"]), (&json!("control"), &Value::Null), "{told}");
    let last = &told["history"][1];
    assert_eq!((&last["what"], &last["why"]), (&json!("lowered"), &json!("tested twice")), "{told}");
    assert_eq!(last["missing"], json!(["days_clean", "contacts_age", "full_round"]));
    let above = day.prefecture.get("/api/control/proposals").await.ok();
    assert_eq!(
        above["overrides"][0]["zone"],
        json!(zone),
        "in spite of criteria, so the level above is told"
    );
}

async fn the_house_goes_on_proposing_in_a_county_under_precaution(town: &mut Town) {
    let day = outbreak(town).await;
    let proposal = fresh("proposal");
    let mut county = proposed(&proposal, "太谷", "precaution");
    county["area"] = json!({ "units": [{ "territory": TAIGU, "kind": "county" }] });
    day.zhang.change("propose-zone", county).await.ok();
    day.decides(&json!({ "id": proposal, "zone": null })).await;
    let case = day.finds("community", "2022-02-18", DAY, Some(DAY)).await;
    day.stays(&case, "甲小区", "residence", "high", false, ("2022-02-17", DAY)).await;
    looks(town).await;
    let waiting = day.waiting().await;
    let home = waiting.iter().find(|one| one["what"] == "set").expect("the home is proposed");
    assert_eq!((&home["name"], &home["level"]), (&json!("甲小区"), &json!("lockdown")));
    day.decides(home).await;
}

async fn what_is_split_off_keeps_its_rounds_and_what_is_let_go_is_not_counted(town: &mut Town) {
    let mut day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    day.later(town, 48).await;
    let round = fresh("zround");
    let mut noted = json!({
        "zone": zone, "round": round, "began": DAY, "ended": "2022-02-21", "people": 800, "with_result": 800,
        "positives_community": 0, "unresolved": 0,
    });
    day.zhang.change("note-round", noted.clone()).await.ok();
    noted["began"] = json!("2022-02-21");
    day.zhang.change("note-round", noted).await.ok();
    assert_eq!(
        day.zone(&zone).await["rounds"][0]["began"],
        "2022-02-21",
        "the later word, of its first day too"
    );
    let part = fresh("zone");
    let split = json!({
        "zone": zone, "new_zone": part, "name": "2号楼", "people": 90, "basis": "order 7",
        "units": [{ "territory": TAIGU, "part": ["甲小区", "2号楼"], "kind": "building" }],
    });
    day.county.change("split-zone", split).await.ok();
    let (own, whole) = (day.zone(&part).await, day.zone(&zone).await);
    assert_eq!(own["rounds"], whole["rounds"], "who was tested in the whole was tested in the part");
    assert_eq!(own["leave"], whole["leave"]);
}

async fn an_order_closes_nobody_in_before_its_day(town: &mut Town) {
    let day = outbreak(town).await;
    let mut coming = proposed(&fresh("proposal"), "甲小区", "lockdown");
    coming["day"] = json!("2022-02-21");
    day.zhang.change("propose-zone", coming).await.refused(422, "control.day_to_come");
}

async fn nobody_is_closed_in_or_let_out_by_correcting_a_zone(town: &mut Town) {
    let day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    let building = json!({ "territory": TAIGU, "part": ["甲小区", "1号楼"], "kind": "building" });
    let both = json!([compound("甲小区"), compound("丁小区")]);
    for (area, code) in [
        (json!({ "units": [compound("丁小区")] }), "control.amend_takes_away"),
        (json!({ "units": [compound("甲小区")], "except": [building] }), "control.amend_takes_away"),
        (json!({ "units": both }), "control.amend_adds"),
    ] {
        let amended = json!({ "zone": zone, "area": area, "basis": "x" });
        day.county.change("amend-zone", amended).await.refused(422, code);
    }
    day.county.change("amend-zone", json!({ "zone": zone, "people": 820, "basis": "counted" })).await.ok();

    let (proposal, mut wider) = (fresh("proposal"), proposed("", "甲小区", "lockdown"));
    (wider["proposal"], wider["what"], wider["zone"]) = (json!(proposal), json!("widen"), json!(zone));
    (wider["area"], wider["people"], wider["level"]) = (json!({ "units": both }), json!(1500), Value::Null);
    let mut less = wider.clone();
    less["area"] = json!({ "units": [compound("丁小区")] });
    day.zhang.change("propose-zone", less).await.refused(422, "control.amend_takes_away");
    day.zhang.change("propose-zone", wider).await.ok();
    assert_eq!(day.waiting().await[0]["level"], "lockdown");
    day.decides(&json!({ "id": proposal, "zone": zone })).await;
    let told = day.zone(&zone).await;
    assert_eq!(
        (&told["area"]["units"][1]["part"], &told["people"]),
        (&json!(["丁小区"]), &json!(1500)),
        "{told}"
    );
    assert_eq!((&told["since"], &told["history"][2]["what"]), (&json!(DAY), &json!("widened")));
}

async fn a_part_is_judged_by_its_own_finds_and_skips_no_level(town: &mut Town) {
    let mut day = outbreak_on(town, "2022-07-10").await;
    let proposal = fresh("proposal");
    let mut two = proposed(&proposal, "甲小区", "high");
    two["area"] = json!({ "units": [compound("甲小区"), compound("乙小区")] });
    two["day"] = json!("2022-07-10");
    day.zhang.change("propose-zone", two).await.ok();
    let zone = day.decides(&json!({ "id": proposal, "zone": null })).await;
    day.later(town, 24 * 7).await;
    let found = day.finds("community", "2022-07-13", "2022-07-14", Some("2022-07-14")).await;
    day.stays(&found, "乙小区", "residence", "high", false, ("2022-07-10", "2022-07-14")).await;
    day.tests(&zone, "2022-07-17", 0).await;
    let part = json!([compound("甲小区")]);
    let whole = json!({ "zone": zone, "basis": "order 5" });
    day.county.change("release-zone", whole).await.refused(422, "control.not_ready");
    let early = json!({ "zone": zone, "units": [compound("乙小区")], "basis": "order 5" });
    day.county.change("release-zone", early).await.refused(422, "control.not_ready");
    let at_once = json!({ "zone": zone, "units": part, "basis": "order 5" });
    day.county.change("release-zone", at_once).await.refused(422, "control.part_steps_down");

    let split = fresh("zone");
    let fields =
        json!({ "zone": zone, "new_zone": split, "name": "甲小区", "units": part, "basis": "order 6" });
    day.county.change("split-zone", fields).await.ok();
    day.tests(&split, "2022-07-17", 0).await;
    day.county.change("release-zone", json!({ "zone": split, "basis": "order 7" })).await.ok();
    let told = day.zone(&split).await;
    assert_eq!((&told["level"], &told["released"]), (&json!("medium"), &Value::Null), "{told}");
    assert_eq!(day.zone(&zone).await["leave"]["clock"], "2022-07-14");
}

async fn a_round_of_the_laboratories_is_the_zones_last_full_round(town: &mut Town) {
    let mut day = outbreak(town).await;
    let zone = day.sets("甲小区", "lockdown").await;
    day.later(town, 24 * 13).await;
    let contacts = json!({ "last_exposure": DAY, "without_result": 0 });
    day.zhang.change("note-contacts", json!({ "zone": zone, "contacts": contacts })).await.ok();
    let testing = screening_of(town, JINZHONG, 20).await;
    let tubes = ["SX-0001", "SX-0002"];
    testing.sends(&[testing.tube(tubes[0], 0, 10), testing.tube(tubes[1], 10, 10)]).await;
    testing.receives(&tubes).await;
    let run = testing.plates(&tubes).await;
    testing.reads(&run, &["A1", "B1"], &[]).await;
    let running = day.zone(&zone).await;
    assert_eq!(running["rounds"][0]["people"], 800, "fewer were to be tested than live inside: {running}");
    day.county.change("amend-zone", json!({ "zone": zone, "people": 20, "basis": "counted" })).await.ok();
    testing.lab.change("report-run", json!({ "run": run })).await.ok();
    testing.zhang.change("end-round", json!({ "round": testing.round })).await.ok();
    let told = day.zone(&zone).await;
    let round = &told["rounds"][0];
    assert_eq!(
        (&round["people"], &round["with_result"], &round["counted"]),
        (&json!(20), &json!(20), &json!(true))
    );
    assert_eq!(round["campaign"], json!(testing.campaign));
    let field = town.person("field", TAIGU).await;
    let outline = field.get(&format!("/api/control/zones/{zone}")).await.ok();
    assert_eq!(outline["rounds"][0]["campaign"], Value::Null, "who reads no campaign is not led to one");
    assert_eq!(missing(&told), ["days_clean", "contacts_age"], "the round counts: {told}");
    day.later(town, 24).await;
    assert_eq!(looks(town).await, 1, "nobody has noted anything");

    let li = town.person("epidemiologist", JINZHONG).await;
    let told = li.get(&format!("/api/lab/campaigns/{}", testing.campaign)).await.ok()["advice"].clone();
    assert_eq!(
        (&told["edition"]["id"], &told["rule"]["clean_rounds"]),
        (&json!("cn-covid-8"), &json!(3)),
        "{told}"
    );
    assert_eq!(told["advice"]["next"], json!({ "do": "round", "still": 2 }));
}

async fn permits_that_would_be_opened_again_are_told_before_the_order(town: &mut Town) {
    let day = outbreak(town).await;
    let permit = asks(town, wedding(town.house.now())).await;
    day.county.change("decide-permit", json!({ "permit": permit, "granted": true })).await.ok();
    let would = async |unit: Value, level: Option<&str>| {
        let asked =
            json!({ "disease": "covid-19-delta", "level": level, "area": { "units": [unit] }, "day": DAY });
        day.county.post("/api/control/effect", asked).await.ok()["permits"].clone()
    };
    let county = json!({ "territory": TAIGU, "kind": "county" });
    assert_eq!(would(county.clone(), Some("control")).await[0]["title"], "A wedding");
    assert_eq!(would(compound("Bell Street hall"), Some("lockdown")).await[0]["id"], json!(permit));
    assert_eq!(would(compound("甲小区"), Some("lockdown")).await, json!([]), "another place");
    assert_eq!(would(county, None).await, json!([]), "nothing holds there that could end");

    // A zone elsewhere makes the hall a part of the rest of the county, which lets in fewer; its end makes it free again.
    let mut larger = wedding(town.house.now());
    larger["people"] = json!(400);
    let larger = asks(town, larger).await;
    day.county.change("decide-permit", json!({ "permit": larger, "granted": true })).await.ok();
    let of =
        |told: &Value| (told.as_array().unwrap().len(), told[0]["id"].clone(), told[0]["milder"].clone());
    let told = would(compound("甲小区"), Some("lockdown")).await;
    assert_eq!(of(&told), (1, json!(larger), json!(false)), "{told}");
    day.sets("甲小区", "lockdown").await;
    let told = would(compound("甲小区"), None).await;
    assert_eq!(of(&told), (1, json!(larger), json!(true)), "{told}");
}

async fn what_applied_where_on_a_day_is_known_later(town: &mut Town) {
    let mut day = outbreak(town).await;
    let zone = day.sets("甲小区", "control").await;
    day.later(town, 24 * 3).await;
    let proposal = fresh("proposal");
    let raise = json!({
        "proposal": proposal, "what": "raise", "zone": zone, "name": "甲小区", "disease": "covid-19-delta",
        "level": "lockdown", "area": { "units": [] }, "day": "2022-02-23", "why": "a positive tube",
    });
    day.zhang.change("propose-zone", raise).await.ok();
    day.decides(&json!({ "id": proposal, "zone": zone })).await;
    let field = town.person("field", TAIGU).await;
    for (on, level) in [
        ("2022-02-19", None),
        (DAY, Some("control")),
        ("2022-02-22", Some("control")),
        ("2022-02-23", Some("lockdown")),
    ] {
        let path = format!("/api/control/at?territory={TAIGU}&on={on}&part=%E7%94%B2%E5%B0%8F%E5%8C%BA");
        let told = field.get(&path).await.ok();
        let found = told["zones"].as_array().unwrap().first().map(|one| one["level"].as_str().unwrap());
        assert_eq!(found, level, "{on}: {told}");
    }
}
