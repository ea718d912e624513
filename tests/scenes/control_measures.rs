//! Orders: proposed by one organisation, decided by another, approved by the level above, and over by themselves.

use base::Moment;
use scenes::{JINZHONG, Person, SHANXI, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    a_county_orders_the_prefecture_approves_everybody_reads_it_and_it_lapses,
    a_refusal_from_above_lifts_at_once,
    nobody_says_yes_to_their_own_nor_to_their_own_organisation,
    an_order_without_what_the_law_asks_is_refused_in_words,
    a_longer_end_is_approved_again_or_is_not,
    what_is_in_force_is_shown_with_what_it_costs,
    half_of_its_time_over_it_is_looked_at_again,
    lists_reach_as_far_as_their_reader_and_no_further,
    everybody_sees_what_waits_for_them_and_what_ends_soon,
    a_protected_disease_stands_on_no_public_notice,
);

const DAY: i64 = 86_400_000;

/// Who gives orders in these scenes: the CDC and the government of a county, and the government above it.
pub(crate) struct Governments {
    pub cdc: Person,
    pub county: Person,
    pub prefecture: Person,
}

pub(crate) async fn governments(town: &Town) -> Governments {
    Governments {
        cdc: town.person_of("Taigu CDC", "epidemiologist", TAIGU).await,
        county: town.person_of("Taigu government", "commander", TAIGU).await,
        prefecture: town.person_of("Jinzhong government", "commander", JINZHONG).await,
    }
}

impl Governments {
    /// After days went by and sessions ended.
    pub async fn come_back(&mut self, town: &Town) {
        self.cdc = town.back(&self.cdc).await;
        self.county = town.back(&self.county).await;
        self.prefecture = town.back(&self.prefecture).await;
    }

    pub async fn proposes(&self, order: Value) -> String {
        let measure = order["measure"].as_str().expect("an id").to_owned();
        self.cdc.change("propose-measure", order).await.ok();
        measure
    }

    pub async fn decides(&self, measure: &str) {
        self.county.change("decide-measure", json!({ "measure": measure, "agreed": true })).await.ok();
    }

    /// In force, with every step the article asks.
    pub async fn orders(&self, order: Value) -> String {
        let measure = self.proposes(order).await;
        self.decides(&measure).await;
        let approves = json!({ "measure": measure });
        if state(&self.county, &measure).await == "decided" {
            self.prefecture.change("approve-measure", approves.clone()).await.ok();
        }
        self.county.change("announce-measure", approves).await.ok();
        measure
    }
}

/// Schools of Taigu closed for ten days from this hour on, on the article about emergency measures.
pub(crate) fn close_schools(now: Moment) -> Value {
    json!({
        "measure": fresh("measure"), "kind": "close_schools", "article": "cn-idl-2025/emergency-measures", "government": TAIGU,
        "territory": TAIGU, "reason": "infections in three schools", "affected": 42_000, "starts": now.0, "ends": now.0 + 10 * DAY,
        "lift": ["no_new_cases"], "duties": ["lessons"],
    })
}

/// At most a hundred people together, on the article about emergency measures.
pub(crate) fn limit_gatherings(now: Moment) -> Value {
    let mut order = close_schools(now);
    order["kind"] = json!("limit_gatherings_100");
    order["duties"] = json!([]);
    order
}

/// A building sealed, on the article about isolating the people of a place: cholera is of class A.
fn seal_building(now: Moment) -> Value {
    let mut order = close_schools(now);
    order["kind"] = json!("seal_building");
    order["article"] = json!("cn-idl-2025/place-isolation");
    order["disease"] = json!("cholera");
    order["place"] = json!("Building 3, Bell Street");
    order["affected"] = json!(120);
    order["duties"] = json!(["subsistence", "medicine", "wages"]);
    order
}

pub(crate) async fn state(person: &Person, measure: &str) -> String {
    let page = person.get(&format!("/api/control/measures/{measure}")).await.ok();
    page["state"].as_str().expect("a state").to_owned()
}

async fn the_clock_turns(town: &Town) -> usize {
    let house = town.house.clone();
    let turned = tokio::task::spawn_blocking(move || {
        rooms::control::measures::turn_measures(&house.db, house.now()).expect("it turns")
    });
    turned.await.expect("turned")
}

async fn public(town: &Town, place: &str) -> Vec<Value> {
    let told = town.stranger().get(&format!("/api/public/measures?place={place}")).await.ok();
    told["measures"].as_array().expect("measures").clone()
}

async fn a_county_orders_the_prefecture_approves_everybody_reads_it_and_it_lapses(town: &mut Town) {
    let mut all = governments(town).await;
    let now = town.house.now();
    let order = close_schools(now);
    let mut form = order.clone();
    form.as_object_mut().expect("fields").retain(|key, _| !["measure", "reason"].contains(&key.as_str()));
    let told = all.cdc.post("/api/control/measures/preview", form).await.ok();
    assert_eq!((&told["approval"], &told["next_upper"]), (&json!("before"), &json!(JINZHONG)));
    assert_eq!(told["cost"]["person_days"], 420_000.0);
    let measure = all.proposes(order.clone()).await;
    assert_eq!(state(&all.cdc, &measure).await, "proposed");
    let announce = json!({ "measure": measure });
    all.county.change("announce-measure", announce.clone()).await.refused(409, "control.not_approved");
    all.prefecture.change("approve-measure", announce.clone()).await.refused(409, "control.state");
    all.decides(&measure).await;
    assert_eq!(state(&all.county, &measure).await, "decided");
    assert!(public(town, TAIGU).await.is_empty(), "nothing is told before it is given");
    all.prefecture.change("approve-measure", announce.clone()).await.ok();
    assert_eq!(state(&all.county, &measure).await, "approved");
    assert!(public(town, TAIGU).await.is_empty());
    all.county.change("announce-measure", announce).await.ok();
    let shown = public(town, TAIGU).await;
    assert_eq!((shown.len(), &shown[0]["state"]), (1, &json!("active")));
    assert!(shown[0]["basis_en"].as_str().unwrap().contains("emergency measures"));
    assert!(!shown[0].to_string().contains("three schools"), "typed words stay inside: {}", shown[0]);
    assert_eq!(
        public(town, "14/1407/140703/140703001").await.len(),
        1,
        "it holds in every part of the county"
    );
    assert_eq!(public(town, YUCI).await.len(), 0);
    let page = all.cdc.get(&format!("/api/control/measures/{measure}")).await.ok();
    assert_eq!(page["approved"]["organisation"], "Jinzhong government");
    assert_eq!(page["basis"]["numbering"], "not_verified");
    let deeds: Vec<&str> =
        page["steps"].as_array().unwrap().iter().map(|step| step["deed"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["proposed", "decided", "approved", "announced"]);
    town.hours_pass(10 * 24);
    all.come_back(town).await;
    assert_eq!(state(&all.cdc, &measure).await, "lapsed", "whether or not the clock was turned");
    assert!(public(town, TAIGU).await.is_empty());
    assert_eq!((the_clock_turns(town).await, the_clock_turns(town).await), (1, 0), "noted once");
    let lift = json!({ "measure": measure, "reason": "over" });
    all.county.change("lift-measure", lift).await.refused(409, "control.state");
}

async fn a_refusal_from_above_lifts_at_once(town: &mut Town) {
    let all = governments(town).await;
    let measure = all.orders(seal_building(town.house.now())).await;
    let page = all.prefecture.get(&format!("/api/control/measures/{measure}")).await.ok();
    assert_eq!((&page["state"], &page["answer_due"]), (&json!("active"), &json!(true)));
    let no = json!({ "measure": measure, "reason": "the case was excluded" });
    all.county.change("refuse-measure", no.clone()).await.refused(403, "control.own_order");
    let beside = town.person_of("Taigu office", "commander", TAIGU).await;
    beside.change("refuse-measure", no.clone()).await.refused(422, "control.not_theirs");
    all.prefecture.change("refuse-measure", no).await.ok();
    assert_eq!(state(&all.county, &measure).await, "lifted");
    assert!(public(town, TAIGU).await.is_empty());
    let proposal = all.proposes(close_schools(town.house.now())).await;
    let no = json!({ "measure": proposal, "reason": "not proportionate" });
    let province = town.person_of("Shanxi government", "commander", SHANXI).await;
    province.change("refuse-measure", no).await.ok();
    assert_eq!(state(&all.county, &proposal).await, "refused");
    let late = json!({ "measure": proposal, "agreed": true });
    all.county.change("decide-measure", late).await.refused(409, "control.state");
}

async fn nobody_says_yes_to_their_own_nor_to_their_own_organisation(town: &mut Town) {
    let all = governments(town).await;
    let measure = all.proposes(close_schools(town.house.now())).await;
    let yes = json!({ "measure": measure, "agreed": true });
    all.cdc.change("decide-measure", yes.clone()).await.refused(403, "access.not_allowed");
    let same = town.person_of("taigu cdc", "commander", TAIGU).await;
    same.change("decide-measure", yes.clone()).await.refused(403, "control.same_organisation");
    let unstated = town.person("commander", TAIGU).await;
    unstated.change("decide-measure", yes.clone()).await.refused(422, "control.no_organisation");
    all.prefecture.change("decide-measure", yes.clone()).await.refused(422, "control.other_government");
    all.county.change("decide-measure", yes).await.ok();
    let yes = json!({ "measure": measure });
    all.county.change("approve-measure", yes.clone()).await.refused(403, "control.own_order");
    let same = town.person_of("Taigu government", "commander", JINZHONG).await;
    same.change("approve-measure", yes.clone()).await.refused(403, "control.same_organisation");
    let province = town.person_of("Shanxi government", "commander", SHANXI).await;
    province.change("approve-measure", yes.clone()).await.refused(422, "control.not_theirs");
    let beside = town.person_of("Yuci government", "commander", YUCI).await;
    beside.change("approve-measure", yes.clone()).await.refused(404, "record.missing");
    // Whoever says by themselves who they are is not believed.
    let mut forged = yes.clone();
    forged["by"] =
        json!({ "person": "account_x", "acts_for": null, "organisation": "Another", "territory": JINZHONG });
    all.county.change("approve-measure", forged).await.refused(403, "control.own_order");
    assert_eq!(state(&all.cdc, &measure).await, "decided");
    all.prefecture.change("approve-measure", yes).await.ok();
}

async fn an_order_without_what_the_law_asks_is_refused_in_words(town: &mut Town) {
    let all = governments(town).await;
    let now = town.house.now();
    let with = |field: &str, value: Value| {
        let mut order = close_schools(now);
        order[field] = value;
        order
    };
    for (order, code, words) in [
        (with("article", json!("cn-idl-2004/42")), "control.not_in_force", "is not in force on"),
        (with("article", json!("cn-idl-2025/999")), "control.article", "there is no article"),
        (with("article", json!("cn-idl-2025/requisition")), "control.article_other", "gives no power"),
        (with("ends", json!(now.0)), "control.end_before_start", "every measure has an end"),
        (with("ends", json!(now.0 + 40 * DAY)), "control.too_long", "14 days at most"),
        (with("lift", json!([])), "control.lift", "by which criteria"),
        (with("duties", json!([])), "control.duty", "Lessons"),
        (with("affected", json!(0)), "control.affected", "how many people"),
        (with("disease", json!("the plague")), "control.disease", "no disease pack"),
        (with("reason", json!(" ")), "field.required", "fill it in"),
        (with("government", json!(YUCI)), "control.outside", "outside the territory"),
    ] {
        let told = all.cdc.change("propose-measure", order).await.refused(422, code);
        assert!(told["en"].as_str().unwrap().contains(words), "{told}");
    }
    let mut wrong_class = seal_building(now);
    wrong_class["disease"] = json!("influenza-a");
    all.cdc.change("propose-measure", wrong_class).await.refused(422, "control.article_class");
    let listed = all.cdc.get("/api/control/measures?which=all").await.ok();
    assert_eq!(listed["rows"], json!([]), "nothing of that was written");
}

async fn a_longer_end_is_approved_again_or_is_not(town: &mut Town) {
    let mut all = governments(town).await;
    let now = town.house.now();
    let measure = all.orders(close_schools(now)).await;
    town.hours_pass(9 * 24);
    all.come_back(town).await;
    let longer = json!({ "measure": measure, "ends": now.0 + 15 * DAY, "reason": "two new classes" });
    all.cdc.change("extend-measure", longer.clone()).await.ok();
    all.cdc.change("extend-measure", longer).await.refused(409, "control.extension_waits");
    all.prefecture
        .change("approve-measure", json!({ "measure": measure }))
        .await
        .refused(409, "control.state");
    all.decides(&measure).await;
    all.prefecture.change("approve-measure", json!({ "measure": measure })).await.ok();
    town.hours_pass(2 * 24);
    all.come_back(town).await;
    assert_eq!(state(&all.cdc, &measure).await, "active");
    town.hours_pass(3 * 24);
    all.come_back(town).await;
    let again = json!({ "measure": measure, "ends": now.0 + 20 * DAY, "reason": "to be safe" });
    all.cdc.change("extend-measure", again).await.ok();
    let no = json!({ "measure": measure, "agreed": false, "note": "nobody was found" });
    all.county.change("decide-measure", no).await.ok();
    assert_eq!(state(&all.cdc, &measure).await, "active", "until the end it has");
    town.hours_pass(2 * 24);
    all.come_back(town).await;
    assert_eq!(state(&all.cdc, &measure).await, "lapsed");
}

async fn what_is_in_force_is_shown_with_what_it_costs(town: &mut Town) {
    let mut all = governments(town).await;
    let measure = all.orders(close_schools(town.house.now())).await;
    town.hours_pass(5 * 24);
    all.come_back(town).await;
    let listed = all.county.get("/api/control/measures").await.ok();
    let row = &listed["rows"][0];
    assert_eq!((&row["id"], &row["state"]), (&json!(measure), &json!("active")));
    let days = row["so_far"]["person_days"].as_f64().unwrap() / 42_000.0;
    assert!((days - 5.0).abs() < 0.01, "{days}");
    let end = row["by_the_end"]["person_days"].as_f64().unwrap() / 42_000.0;
    assert!((end - 10.0).abs() < 0.01, "{end}");
    let money = &row["so_far"]["total_cny"];
    let (low, value, high) = (money["low"].as_f64(), money["value"].as_f64(), money["high"].as_f64());
    assert!(low < value && value < high, "{money}");
    assert!(all.county.get("/api/control/measures?ending_within=72").await.ok()["rows"] == json!([]));
    town.hours_pass(3 * 24);
    all.come_back(town).await;
    let soon = all.county.get("/api/control/measures?ending_within=72").await.ok();
    assert_eq!(soon["rows"][0]["id"], json!(measure));
    let lift = json!({ "measure": measure, "reason": "eight days without a find" });
    all.county.change("lift-measure", lift).await.ok();
    let told =
        json!({ "measure": measure, "r_before": 1.4, "r_after": 0.7, "note": "EpiEstim, 7-day windows" });
    all.cdc.change("tell-effect", told).await.ok();
    let page = all.cdc.get(&format!("/api/control/measures/{measure}")).await.ok();
    let whole = page["by_the_end"]["person_days"].as_f64().unwrap() / 42_000.0;
    assert!((whole - 8.0).abs() < 0.01, "lifted early, it costs no more: {whole}");
    let last = page["steps"].as_array().unwrap().last().unwrap()["note"].clone();
    assert_eq!(last, "R 1.40 → 0.70: EpiEstim, 7-day windows");
}

async fn half_of_its_time_over_it_is_looked_at_again(town: &mut Town) {
    let mut all = governments(town).await;
    let measure = all.orders(close_schools(town.house.now())).await;
    town.hours_pass(4 * 24);
    assert_eq!(the_clock_turns(town).await, 0);
    town.hours_pass(25);
    assert_eq!((the_clock_turns(town).await, the_clock_turns(town).await), (1, 0), "said once");
    all.come_back(town).await;
    let page = all.cdc.get(&format!("/api/control/measures/{measure}")).await.ok();
    assert_eq!(page["review_due"], true);
    let looked = json!({ "measure": measure, "reason": "still needed: two finds since Monday" });
    all.cdc.change("review-measure", looked).await.ok();
    let page = all.cdc.get(&format!("/api/control/measures/{measure}")).await.ok();
    assert_eq!(page["review_due"], false);
}

async fn lists_reach_as_far_as_their_reader_and_no_further(town: &mut Town) {
    let all = governments(town).await;
    let measure = all.orders(close_schools(town.house.now())).await;
    let path = format!("/api/control/measures/{measure}");
    let township = town.person("field", "14/1407/140703/140703001").await;
    assert_eq!(township.get("/api/control/measures").await.ok()["rows"][0]["id"], json!(measure));
    township.get(&path).await.ok();
    let beside = town.person("epidemiologist", YUCI).await;
    assert_eq!(beside.get("/api/control/measures").await.ok()["rows"], json!([]));
    beside.get(&path).await.refused(404, "record.missing");
    town.person("laboratory", TAIGU).await.get(&path).await.refused(403, "access.not_allowed");
}

async fn everybody_sees_what_waits_for_them_and_what_ends_soon(town: &mut Town) {
    let mut all = governments(town).await;
    let now = town.house.now();
    let due = async |person: &Person| person.get("/api/control/due").await.ok();
    let measure = all.proposes(close_schools(now)).await;
    assert_eq!(
        (&due(&all.county).await["measures"], &due(&all.prefecture).await["measures"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(due(&all.cdc).await["measures"], 0, "whoever proposes decides nothing");
    all.decides(&measure).await;
    assert_eq!(
        (&due(&all.county).await["measures"], &due(&all.prefecture).await["measures"]),
        (&json!(0), &json!(1))
    );
    let approves = json!({ "measure": measure });
    all.prefecture.change("approve-measure", approves.clone()).await.ok();
    all.county.change("announce-measure", approves).await.ok();
    let permit = crate::control_permits::asks(town, crate::control_permits::wedding(now)).await;
    assert_eq!(due(&all.county).await["permits"], 1);
    all.county.change("decide-permit", json!({ "permit": permit, "granted": true })).await.ok();
    assert_eq!(
        (&due(&all.county).await["permits"], &due(&all.county).await["ending"]),
        (&json!(0), &json!([]))
    );
    let case = all.cdc.reports(TAIGU, "C1").await;
    let wang = crate::restrictions::a_contact(town, &all.cdc, &case).await;
    let restriction = crate::restrictions::proposed(town, &all.cdc, &wang).await;
    assert_eq!(due(&all.county).await["restrictions"]["waiting"], 1);
    let bureau = town.person_of("Health bureau", "commander", TAIGU).await;
    for person in [&bureau, &all.county] {
        crate::restrictions::approves(person, &restriction).await.ok();
    }
    assert_eq!(due(&all.county).await["restrictions"]["waiting"], 0);
    assert_eq!(
        due(&all.cdc).await["restrictions"],
        json!({ "untold": 1, "freed": 0 }),
        "only what they may do"
    );
    let court = town.person_of("Court", "data_officer", TAIGU).await;
    let told = due(&court).await;
    assert_eq!(
        told["restrictions"],
        json!({ "appeals": 0 }),
        "who only hears appeals reads no orders: {told}"
    );
    assert_eq!((&told["ending"], &told["zones"]), (&json!([]), &json!(0)));
    let lift = json!({ "restriction": restriction, "note": "no longer needed" });
    all.cdc.change("lift-restriction", lift).await.ok();
    assert_eq!(due(&all.cdc).await["restrictions"], json!({ "untold": 0, "freed": 1 }));
    town.hours_pass(8 * 24);
    all.come_back(town).await;
    let told = due(&all.prefecture).await;
    assert_eq!(told["ending"][0]["id"], json!(measure), "{told}");
    let beside = town.person_of("Yuci government", "commander", YUCI).await;
    let told = due(&beside).await;
    assert_eq!((&told["ending"], &told["measures"], &told["permits"]), (&json!([]), &json!(0), &json!(0)));
    town.person("laboratory", TAIGU).await.get("/api/control/due").await.refused(403, "access.not_allowed");
}

async fn a_protected_disease_stands_on_no_public_notice(town: &mut Town) {
    let all = governments(town).await;
    let now = town.house.now();
    all.orders(seal_building(now)).await;
    assert_eq!(public(town, TAIGU).await[0]["disease_en"], "Cholera");
    let mut order = close_schools(now);
    (order["disease"], order["place"]) = (json!("mpox"), json!("Building 4, Bell Street"));
    let measure = all.orders(order).await;
    let told = public(town, TAIGU).await;
    let notice = told.iter().find(|one| one["id"] == json!(measure)).expect("everybody reads the order");
    assert_eq!((&notice["disease_zh"], &notice["disease_en"]), (&Value::Null, &Value::Null), "{notice}");
    let path = format!("/api/control/measures/{measure}");
    assert_eq!(all.county.get(&path).await.ok()["disease"], "mpox", "whoever decides knows what for");
    let admin = town.person("administrator", "").await;
    admin.change("set-disease-access", json!({ "disease": "mpox", "level": "closed" })).await.ok();
    assert_eq!(all.county.get(&path).await.ok()["disease"], Value::Null);
}
