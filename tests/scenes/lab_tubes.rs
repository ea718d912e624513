//! A morning of testing: a post fills tubes where there is no network, boxes travel, a laboratory receives them, and nothing is
//! lost between two telephones.

use axum::http::Method;
use scenes::{JINZHONG, Person, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};

both!(
    a_sampler_sends_a_morning_that_had_no_network,
    two_telephones_with_one_tube_end_as_one,
    what_cannot_be_in_a_tube_is_refused_and_its_neighbours_are_kept,
    boxes_are_counted_by_both_and_the_laboratory_says_what_is_absent,
    a_tube_that_arrives_before_its_telephone_waits_for_it,
    a_round_is_a_place_a_time_and_a_population,
    who_is_in_which_tube_is_found_after_layers_are_merged,
    a_layer_is_laid_down_in_steps_and_a_quiet_time_begins_another,
);

/// A campaign with an open round and a post in Taigu, and who works there.
pub struct Screening {
    pub zhang: Person,
    pub sampler: Person,
    pub lab: Person,
    pub campaign: String,
    pub round: String,
    pub post: String,
    pub laboratory: String,
    pub now: i64,
}

pub async fn screening(town: &Town) -> Screening {
    screening_in(town, JINZHONG).await
}

/// The same, ordered and tested there; sampled in Taigu.
pub async fn screening_in(town: &Town, territory: &str) -> Screening {
    screening_of(town, territory, 296_000).await
}

/// The same of so many people.
pub async fn screening_of(town: &Town, territory: &str, people: usize) -> Screening {
    let zhang = town.person("epidemiologist", territory).await;
    let sampler = town.person("field", TAIGU).await;
    let lab = town.person("laboratory", territory).await;
    let now = town.house.now().0;
    let (campaign, round) = (fresh("campaign"), fresh("round"));
    let (post, laboratory) = (fresh("post"), fresh("laboratory"));
    let fields = json!({
        "campaign": campaign, "territory": territory, "name": "Everybody in Taigu", "disease": "covid-19-delta",
        "ordered": "Leading group, order 3 of 2022-02-20",
    });
    zhang.change("plan-campaign", fields).await.ok();
    let mut opened = open_round(&campaign, &round, now);
    opened["zones"][0]["population"] = json!(people);
    zhang.change("open-round", opened).await.ok();
    let fields = json!({
        "post": post, "campaign": campaign, "territory": TAIGU, "name": "Bell Street school", "desks": 4, "pool_size": 10,
    });
    zhang.change("open-post", fields).await.ok();
    let fields = json!({
        "laboratory": laboratory, "territory": territory, "name": "Jinzhong laboratory", "capacity": 30000,
        "report_hours": 12,
    });
    zhang.change("register-laboratory", fields).await.ok();
    Screening { zhang, sampler, lab, campaign, round, post, laboratory, now }
}

pub fn open_round(campaign: &str, round: &str, now: i64) -> Value {
    json!({
        "round": round, "campaign": campaign, "opens": now - 3_600_000, "deadline": now + 20 * 3_600_000,
        "coverage_target": 0.98,
        "zones": [{ "territory": TAIGU, "class": "precaution", "population": 296_000, "pool_size": 10 }],
    })
}

impl Screening {
    /// A tube of invented people, numbered from `first`.
    pub fn tube(&self, barcode: &str, first: usize, people: usize) -> Value {
        let members: Vec<Value> = (0..people)
            .map(|place| {
                let number = first + place;
                json!({
                    "position": place + 1, "at": self.now - 1_200_000, "way": "number", "name": format!("Person {number}"),
                    "document": "passport", "number": format!("P{number:07}"), "phone": "13900000000",
                })
            })
            .collect();
        json!({
            "id": fresh("change"), "tube": barcode, "post": self.post, "kind": "people", "size": 10,
            "sampled": self.now - 1_200_000, "closed": self.now - 600_000, "members": members,
        })
    }

    /// Many tubes at once, as a telephone sends them; one answer a line.
    pub async fn sends(&self, tubes: &[Value]) -> Vec<Value> {
        let lines: String = tubes.iter().map(|tube| format!("{tube}\n")).collect();
        let answer = self.sampler.ask(Method::POST, "/api/lab/tubes", lines.into_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn a_sampler_sends_a_morning_that_had_no_network(town: &mut Town) {
    let day = screening(town).await;
    let posts = day.sampler.get("/api/lab/posts").await.ok();
    assert_eq!((&posts["posts"][0]["id"], &posts["posts"][0]["pool_size"]), (&json!(day.post), &json!(10)));
    let tubes = [day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 10)];
    let answers = day.sends(&tubes).await;
    assert!(answers.iter().all(|answer| answer["out"]["people"] == 10), "{answers:?}");
    let again = day.sends(&tubes).await;
    assert_eq!(again, answers, "the network broke off, and the telephone sends everything again");
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!((&board["progress"]["tubes"], &board["progress"]["people"]), (&json!(3), &json!(30)));
    assert_eq!(board["zones"][0]["progress"]["people"], 30);
    let tube = day.sampler.get("/api/lab/tubes/SX-0002").await.ok();
    assert_eq!(tube["people"].as_array().unwrap().len(), 10);
    assert!(!tube.to_string().contains("Person"), "a tube says nothing of anybody: {tube}");
    let neighbour = town.person("field", XIAODIAN).await;
    assert_eq!(neighbour.get("/api/lab/tubes/SX-0002").await.status, 404);
}

async fn two_telephones_with_one_tube_end_as_one(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 4)]).await;
    let mut other = day.tube("SX-0001", 2, 5);
    other["members"][0]["position"] = json!(3);
    for (number, place) in [(1, 4), (2, 1), (3, 6), (4, 7)] {
        other["members"][number]["position"] = json!(place);
    }
    let answers = day.sends(&[other]).await;
    assert_eq!(answers[0]["out"]["people"], 7, "{answers:?}");
    assert_eq!(
        answers[0]["out"]["conflicts"],
        json!([{ "position": 1, "why": "same_position" }]),
        "persons 0 and 4 were both written down first; nobody is lost"
    );
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!((&board["progress"]["tubes"], &board["progress"]["people"]), (&json!(1), &json!(7)));
    let full = day.sends(&[day.tube("SX-0001", 40, 6)]).await;
    assert_eq!(full[0]["error"]["code"], "lab.barcode_used", "thirteen people are not in a tube for ten");
    assert!(full[0]["error"]["say_zh"].as_str().unwrap().contains('；'));
}

async fn what_cannot_be_in_a_tube_is_refused_and_its_neighbours_are_kept(town: &mut Town) {
    let day = screening(town).await;
    let mut wrong: Vec<(Value, &str)> = Vec::new();
    let mut changed = |what: &dyn Fn(&mut Value), code: &'static str| {
        let mut tube = day.tube(&format!("SX-9{:03}", wrong.len()), 900, 3);
        what(&mut tube);
        wrong.push((tube, code));
    };
    changed(&|tube| tube["size"] = json!(7), "request.unreadable");
    changed(&|tube| tube["tube"] = json!("x"), "request.unreadable");
    changed(&|tube| tube["members"] = json!([]), "lab.nobody");
    changed(&|tube| tube["members"][1]["position"] = json!(1), "lab.position");
    changed(&|tube| tube["members"][1]["position"] = json!(11), "lab.position");
    changed(&|tube| tube["closed"] = json!(1), "lab.closed_before");
    changed(&|tube| tube["members"][0]["name"] = json!("x".repeat(5_000)), "lab.too_long");
    changed(&|tube| tube["post"] = json!(fresh("post")), "record.missing");
    changed(&|tube| tube["size"] = json!(1), "lab.over_full");
    let mut lines: Vec<Value> = wrong.iter().map(|(tube, _)| tube.clone()).collect();
    lines.push(day.tube("SX-0001", 0, 10));
    let answers = day.sends(&lines).await;
    for ((tube, code), answer) in wrong.iter().zip(&answers) {
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &tube["id"]), "{tube}");
        assert!(!answer.to_string().contains("Person"), "what was sent is not repeated: {answer}");
    }
    assert_eq!(answers.last().unwrap()["out"]["people"], 10);
    let broken = day.sampler.ask(Method::POST, "/api/lab/tubes", b"not json\n".to_vec()).await;
    assert_eq!(broken.status, 200, "a broken line is a refused line");
    let mut ahead = day.tube("SX-0005", 50, 2);
    ahead["closed"] = json!(day.now + 86_400_000_i64);
    ahead["sampled"] = json!(day.now + 86_000_000_i64);
    assert_eq!(day.sends(&[ahead]).await[0]["out"]["people"], 2, "a clock that is wrong loses no tube");
    let told = day.sampler.get("/api/lab/tubes/SX-0005").await.ok();
    assert!(told["closed"].as_i64().unwrap() <= told["registered"].as_i64().unwrap(), "{told}");
}

async fn boxes_are_counted_by_both_and_the_laboratory_says_what_is_absent(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 9)]).await;
    let fields = json!({ "box": "BOX-0001", "post": day.post, "tubes": ["SX-0001", "SX-0002", "SX-0003", "SX-0004"], "packed": day.now });
    let packed = day.sampler.change("pack-box", fields).await.ok()["out"].clone();
    assert_eq!((&packed["tubes"], &packed["unknown"]), (&json!(3), &json!(["SX-0004"])));
    let fields = json!({ "box": "BOX-0001", "at": day.now, "count": 3, "courier": "Old Li" });
    let handed = day.sampler.change("hand-over-box", fields.clone()).await.ok()["out"].clone();
    assert_eq!((&handed["packed"], &handed["counted"]), (&json!(4), &json!(3)), "both numbers are kept");
    assert_eq!(day.sampler.change("hand-over-box", fields).await.json()["code"], "lab.box_gone");
    let on_the_way = day.sampler.get("/api/lab/boxes").await.ok()["rows"][0].clone();
    assert_eq!(
        (
            &on_the_way["box"],
            &on_the_way["tubes"],
            &on_the_way["counted"],
            &on_the_way["courier"],
            &on_the_way["late"]
        ),
        (&json!("BOX-0001"), &json!(4), &json!(3), &json!("Old Li"), &json!(false)),
        "{on_the_way}"
    );
    let neighbour = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(neighbour.get("/api/lab/boxes").await.ok()["rows"], json!([]));
    let fields = json!({
        "laboratory": day.laboratory, "box": "BOX-0001", "tubes": ["SX-0001"],
        "rejected": [{ "tube": "SX-0002", "reason": "leaked" }],
    });
    let told = day.lab.change("receive-tubes", fields.clone()).await.ok()["out"].clone();
    assert_eq!((&told["received"], &told["rejected"]), (&json!(1), &json!(1)));
    assert_eq!(told["absent"], json!(["SX-0003"]));
    assert_eq!(day.lab.get("/api/lab/boxes").await.ok()["rows"], json!([]), "it has arrived");
    let arrived = day.zhang.get("/api/lab/boxes?state=received").await.ok()["rows"][0].clone();
    assert_eq!(
        (&arrived["laboratory"], &arrived["received_tubes"]),
        (&json!("Jinzhong laboratory"), &json!(2)),
        "{arrived}"
    );
    let again = day.lab.change("receive-tubes", fields).await.ok()["out"].clone();
    assert_eq!(again["again"], json!(["SX-0001", "SX-0002"]), "scanned twice is received once");
    // A box nobody packed on a telephone is listed too, without a post and without a list it could differ from.
    let fields = json!({ "laboratory": day.laboratory, "box": "BOX-0002", "tubes": ["SX-0003"] });
    day.lab.change("receive-tubes", fields).await.ok();
    let listed = day.lab.get("/api/lab/boxes?state=received").await.ok()["rows"].as_array().unwrap().clone();
    let unpacked = listed.iter().find(|row| row["box"] == "BOX-0002").expect("it is listed");
    assert_eq!(
        (&unpacked["post"], &unpacked["post_name"], &unpacked["tubes"], &unpacked["packed"]),
        (&Value::Null, &Value::Null, &Value::Null, &Value::Null),
        "{unpacked}"
    );
    assert_eq!((&unpacked["received_tubes"], listed.len()), (&json!(1), 2));
    let bench = day.lab.get(&format!("/api/lab/bench?laboratory={}", day.laboratory)).await.ok();
    assert_eq!(bench["waiting_count"], 2, "a leaked tube waits for nobody");
    assert_eq!(bench["waiting"][0]["tube"], "SX-0001");
}

async fn a_tube_that_arrives_before_its_telephone_waits_for_it(town: &mut Town) {
    let day = screening(town).await;
    let fields = json!({ "laboratory": day.laboratory, "box": "BOX-0009", "tubes": ["SX-0007"] });
    let told = day.lab.change("receive-tubes", fields).await.ok()["out"].clone();
    assert_eq!(told["unregistered"], json!(["SX-0007"]));
    let path = format!("/api/lab/bench?laboratory={}", day.laboratory);
    assert_eq!(day.lab.get(&path).await.ok()["strays"][0]["tube"], "SX-0007");
    day.sends(&[day.tube("SX-0007", 0, 10)]).await;
    let bench = day.lab.get(&path).await.ok();
    assert_eq!((&bench["strays"], &bench["waiting"][0]["tube"]), (&json!([]), &json!("SX-0007")));
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!(board["progress"]["received"], 1);
}

async fn a_round_is_a_place_a_time_and_a_population(town: &mut Town) {
    let day = screening(town).await;
    let refused = async |what: Value, code: &str| {
        let mut fields = open_round(&day.campaign, &fresh("round"), day.now);
        for (key, value) in what.as_object().unwrap() {
            fields[key] = value.clone();
        }
        let told = day.zhang.change("open-round", fields).await.json();
        assert_eq!(told["code"], code, "{told}");
    };
    let zone = |territory: &str| json!({ "territory": territory, "class": "control", "population": 10, "pool_size": 5 });
    refused(json!({ "deadline": day.now - 7_200_000 }), "lab.deadline").await;
    refused(json!({ "coverage_target": 1.2 }), "lab.coverage").await;
    refused(json!({ "zones": [] }), "lab.no_zone").await;
    refused(json!({ "zones": [zone(XIAODIAN)] }), "lab.zone_outside").await;
    refused(json!({ "zones": [zone(TAIGU), zone(&format!("{TAIGU}/140703001"))] }), "lab.zones_overlap")
        .await;
    day.zhang.change("end-campaign", json!({ "campaign": day.campaign })).await.ok();
    refused(json!({}), "lab.campaign_over").await;
    let late = day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    assert_eq!(late[0]["out"]["people"], 10, "what a telephone still held is taken");
    let list = day.zhang.get("/api/lab/campaigns").await.ok();
    assert_eq!((&list["rows"][0]["rounds"], &list["rows"][0]["open_rounds"]), (&json!(1), &json!(0)));
}

async fn who_is_in_which_tube_is_found_after_layers_are_merged(town: &mut Town) {
    let day = screening(town).await;
    for block in 0..17 {
        let tubes: Vec<Value> = (0..12)
            .map(|tube| day.tube(&format!("SX-{block:02}{tube:02}"), block * 60 + tube * 5, 10))
            .collect();
        day.sends(&tubes).await;
        let house = town.house.clone();
        tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
    }
    let found = tokio::task::block_in_place(|| {
        town.house.db.read_now(|reader| {
            use store::Query;
            let rows = reader.rows(
                "SELECT count(*), (SELECT count(*) FROM lab_layer WHERE level > 0) FROM (SELECT DISTINCT s.who, s.tube, s.position \
                 FROM lab_layer l JOIN lab_swab s ON s.layer = l.layer) AS found",
                store::params![],
            )?;
            Ok((rows[0].int(0)?, rows[0].int(1)?))
        })
    });
    assert_eq!(found.unwrap(), (17 * 12 * 10, 1), "every swab once, and sixteen layers have become one");
    let rows = tokio::task::block_in_place(|| town.house.db.read_now(store::last_row)).unwrap();
    tokio::task::block_in_place(|| rooms::lab::index_now(&town.house)).unwrap();
    let later = tokio::task::block_in_place(|| town.house.db.read_now(store::last_row)).unwrap();
    assert_eq!(later, rows, "a quiet house writes nothing");
}

async fn a_layer_is_laid_down_in_steps_and_a_quiet_time_begins_another(town: &mut Town) {
    let day = screening(town).await;
    let layers_after = async |tubes: std::ops::Range<usize>| {
        let tubes: Vec<Value> = tubes.map(|tube| day.tube(&format!("SX-{tube:04}"), tube % 600, 1)).collect();
        for bundle in tubes.chunks(400) {
            day.sends(bundle).await;
        }
        tokio::task::block_in_place(|| {
            rooms::lab::index_now(&town.house).unwrap();
            let rows = "SELECT rows FROM lab_layer WHERE level = 0 ORDER BY layer";
            let rows = town.house.db.read_now(|reader| store::Query::rows(reader, rows, store::params![]));
            rows.unwrap().iter().map(|row| row.int(0).unwrap()).collect::<Vec<_>>()
        })
    };
    assert_eq!(layers_after(0..600).await, [600], "two whole steps and the rest");
    assert_eq!(layers_after(600..605).await, [600, 5]);
}
