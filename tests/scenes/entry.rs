//! Rosters of monitored occupations: written by hand and from a table, tested by the edition's intervals, and whoever leaves the loop.

use crate::lab_runs::a_positive_pool;
use crate::lab_tubes::screening;
use axum::http::Method;
use base::Id;
use rooms::entry::changes::EnrolWorkers;
use scenes::{Answer, JINZHONG, Person, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};
use store::{Actor, random_bits};

both!(
    whoever_is_not_tested_in_time_stands_on_the_list,
    a_table_of_workers_is_accounted_for_row_by_row,
    the_same_table_sent_again_doubles_nobody,
    rows_outside_fail_one_by_one_and_nothing_of_them_is_kept,
    whoever_comes_back_to_the_work_begins_anew,
    the_numbers_follow_what_the_list_is_narrowed_to,
    whoever_leaves_the_loop_is_to_be_followed,
    a_reported_swab_is_a_test_of_the_roster,
    whoever_left_the_work_is_forgotten_a_month_later,
    what_cannot_be_is_refused_and_what_lies_elsewhere_does_not_exist,
);

pub fn enrolment(day: &str) -> Value {
    json!({
        "worker": fresh("worker"), "subject": fresh("subject"), "territory": TAIGU, "workplace": "Cold store 3",
        "group": "cold_chain", "in_loop": true, "since": day, "identity": { "name": "Ada", "id_number": fresh("n") },
    })
}

fn with(mut fields: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        fields[key] = value.clone();
    }
    fields
}

async fn sends(person: &Person, query: &str, file: &str) -> Answer {
    person.ask(Method::POST, &format!("/api/rosters/file?{query}"), file.as_bytes().to_vec()).await
}

async fn whoever_is_not_tested_in_time_stands_on_the_list(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let today = town.house.today();
    let ago = |days: i32| (today - days).to_string();
    // Every two days under the ninth edition, every seven under the eighth.
    let mut workers = Vec::new();
    for (since, tested) in [(9, Some(1)), (9, Some(2)), (9, Some(3)), (9, None), (0, None)] {
        let more = json!({ "tested": tested.map(ago) });
        let fields = with(enrolment(&ago(since)), more);
        workers.push(fields["worker"].clone());
        zhang.change("enrol-worker", fields).await.ok();
    }
    let told = zhang.get("/api/rosters/overdue").await.ok();
    assert_eq!(
        (&told["asked"], &told["in_time"], &told["overdue"]),
        (&json!(5), &json!(3), &json!(2)),
        "{told}"
    );
    assert_eq!(told["by_workplace"][0]["workplace"], "Cold store 3");
    assert!(told["low"].as_f64() < told["share"].as_f64() && told["share"].as_f64() < told["high"].as_f64());
    let list = zhang.get("/api/rosters?overdue=true").await.ok();
    let ids: Vec<&Value> = list["rows"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert!(ids.len() == 2 && ids.contains(&&workers[2]) && ids.contains(&&workers[3]), "{list}");
    assert!(list["rows"].as_array().unwrap().iter().all(|row| row["overdue"] == true), "{list}");
    let eighth = zhang.get("/api/rosters/overdue?edition=cn-covid-8").await.ok();
    assert_eq!(eighth["overdue"], 1, "who was never tested is late under both: {eighth}");
    let none = zhang.get("/api/rosters/overdue?edition=cn-covid-bb").await.ok();
    assert_eq!((&none["asked"], &none["share"]), (&json!(0), &Value::Null), "no edition asks for no test");
    let day = ago(0);
    zhang.change("tell-worker-test", json!({ "worker": workers[2], "day": day })).await.ok();
    zhang.change("tell-worker-test", json!({ "worker": workers[2], "day": ago(4) })).await.ok();
    assert_eq!(
        zhang.get("/api/rosters/overdue").await.ok()["overdue"],
        1,
        "an earlier test told later changes nothing"
    );
    let above = town.person("epidemiologist", JINZHONG).await;
    let told = above.get("/api/rosters/overdue").await.ok();
    assert_eq!((&told["by_place"][0]["territory"], &told["people"]), (&json!(TAIGU), &json!(5)));
    assert!(!town.disk.every_value().iter().any(|(_, value)| value.contains("Ada")), "names are sealed");
    let first = zhang.get("/api/rosters").await.ok();
    let row = &first["rows"][1];
    let after = format!("{TAIGU}%09Cold%20store%203%09{}", row["id"].as_str().unwrap());
    let rest = zhang.get(&format!("/api/rosters?after={after}")).await.ok();
    assert_eq!(rest["rows"].as_array().unwrap()[..], first["rows"].as_array().unwrap()[2..]);
}

async fn a_table_of_workers_is_accounted_for_row_by_row(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let today = town.house.today();
    let file = format!(
        "姓名,证件号,单位,类别,是否闭环,最近检测\n\
         Ada,E0001,Cold store 3,cold_chain,是,{}\n\
         Bo,E0002,Cold store 3,监管仓与进口冷链从业人员,否,\n\
         ,E0003,Cold store 3,cold_chain,是,\n\
         Cy,E0004,,cold_chain,是,\n\
         Di,E0005,Market,dancer,否,\n\
         Ed,E0006,Market,dense_and_mobile,maybe,\n\
         Flo,E0007,Market,dense_and_mobile,否,yesterday\n\
         Gus,E0008,Market,dense_and_mobile,否,{}\n\
         Ada,E0001,Cold store 3,cold_chain,是,{}\n",
        today - 1,
        today + 9,
        today - 1,
    );
    let dry = sends(&zhang, "name=a.csv&dry_run=true", &file).await.ok();
    assert_eq!((&dry["created"], &dry["failed"]), (&json!(3), &json!(6)), "{dry}");
    let told = sends(&zhang, "name=a.csv", &file).await.ok();
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
            (4, "entry.nobody"),
            (5, "field.required"),
            (6, "entry.group"),
            (7, "entry.loop"),
            (8, "filter.day"),
            (9, "entry.future"),
        ]
    );
    assert_eq!(told["failures"][5]["field"], "tested", "the day that is ahead is named: {told}");
    assert_eq!(dry["failures"], told["failures"], "what fails is known before anything is written");
    assert!(
        told["failures"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["zh"].as_str().unwrap().contains('；') || one["code"] == "entry.loop")
    );
    let again = sends(&zhang, "name=a.csv", &file).await.ok();
    assert_eq!(
        (&again["created"], &again["updated"], &again["skipped"]),
        (&json!(0), &json!(0), &json!(3)),
        "{again}"
    );
    let newer = file.replacen(&format!("是,{}", today - 1), &format!("是,{today}"), 1);
    let newer = sends(&zhang, "name=b.csv", &newer).await.ok();
    assert_eq!((&newer["updated"], &newer["skipped"]), (&json!(1), &json!(2)), "{newer}");
    sends(&zhang, "name=a.csv", "who,when\nAda,now\n").await.refused(422, "entry.column");
}

async fn the_same_table_sent_again_doubles_nobody(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let file = "name,telephone,workplace,group\n\
                Ada,,Market,dense_and_mobile\n\
                Bo,,Market,dense_and_mobile\n\
                ada ,,market,dense_and_mobile\n\
                Ada,,Cold store 3,cold_chain\n\
                Ada,139 0000 0001,Market,dense_and_mobile\n";
    let dry = sends(&zhang, "name=a.csv&dry_run=true", file).await.ok();
    let account = |told: &Value| ["created", "skipped", "failed"].map(|field| told[field].as_i64().unwrap());
    assert_eq!(account(&dry), [4, 0, 1], "{dry}");
    let one = &dry["failures"][0];
    assert_eq!(
        (&one["row"], &one["field"], &one["code"]),
        (&json!(4), &json!("name"), &json!("entry.same_name"))
    );
    let told = sends(&zhang, "name=a.csv", file).await.ok();
    assert_eq!(account(&told), [4, 0, 1], "{told}");
    let again = sends(&zhang, "name=a.csv", file).await.ok();
    assert_eq!(account(&again), [0, 4, 1], "{again}");
    // Two townships of one county enrol the same people, and neither sees those of the other.
    let rows: String = (0..12).map(|number| format!("Cy,E{number:04},Market,dense_and_mobile\n")).collect();
    let file = format!("name,id_number,workplace,group\n{rows}");
    for township in ["140703100", "140703101"] {
        let person = town.person("epidemiologist", &format!("{TAIGU}/{township}")).await;
        let first = sends(&person, "name=b.csv", &file).await.ok();
        let again = sends(&person, "name=b.csv", &file).await.ok();
        assert_eq!((account(&first), account(&again)), ([12, 0, 0], [0, 12, 0]), "{township}: {again}");
    }
}

async fn rows_outside_fail_one_by_one_and_nothing_of_them_is_kept(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let file = format!(
        "name,id_number,workplace,group,territory\nAda,E1,Market,cold_chain,{TAIGU}\nBo,E2,Market,cold_chain,{XIAODIAN}\n"
    );
    for query in ["name=a.csv&dry_run=true", "name=a.csv"] {
        let told = sends(&zhang, query, &file).await.ok();
        assert_eq!((&told["created"], &told["failed"]), (&json!(1), &json!(1)), "{told}");
        let one = &told["failures"][0];
        assert_eq!((&one["row"], &one["field"]), (&json!(3), &json!("territory")));
        assert_eq!(one["code"], "access.outside_territory", "{one}");
    }
    let far = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(far.get("/api/rosters").await.ok()["rows"], json!([]));
    let rows = zhang.get("/api/rosters").await.ok()["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    // A block that says less than its rows is kept by nobody, whoever sends it.
    let mut row = enrolment(&town.house.today().to_string());
    row["territory"] = json!(XIAODIAN);
    let block = EnrolWorkers {
        id: Id::from_bits(random_bits()),
        territory: TAIGU.parse().unwrap(),
        rows: vec![serde_json::from_value(row).unwrap()],
    };
    let house = town.house.clone();
    let told = tokio::task::block_in_place(|| house.db.apply_now(&Actor::operator(), house.now(), block));
    let refused = told.expect_err("refused").to_string();
    assert!(refused.contains("send it by itself"), "{refused}");
    assert_eq!(far.get("/api/rosters").await.ok()["rows"], json!([]));
}

async fn whoever_comes_back_to_the_work_begins_anew(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let today = town.house.today();
    let ago = |days: i32| (today - days).to_string();
    let fields = with(enrolment(&ago(24)), json!({ "in_loop": false, "tested": ago(20) }));
    zhang.change("enrol-worker", fields.clone()).await.ok();
    let overdue = async |zhang: &Person| zhang.get("/api/rosters/overdue").await.ok()["overdue"].clone();
    assert_eq!(overdue(&zhang).await, 1);
    zhang.change("strike-worker", json!({ "worker": fields["worker"], "day": ago(0) })).await.ok();
    let one = format!("/api/rosters?worker={}", fields["worker"].as_str().unwrap());
    let row = zhang.get(&one).await.ok()["rows"][0].clone();
    assert_eq!(
        (&row["struck"], &row["overdue"]),
        (&json!(true), &json!(false)),
        "found by whoever asks: {row}"
    );
    let far = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(far.get(&one).await.ok()["rows"], json!([]));
    let mut back = with(fields, json!({ "id": fresh("change"), "worker": fresh("worker"), "since": ago(1) }));
    back["subject"] = json!(fresh("subject"));
    assert_eq!(zhang.change("enrol-worker", back).await.ok()["out"], "updated", "known by their number");
    let row = zhang.get(&one).await.ok()["rows"][0].clone();
    assert_eq!((&row["struck"], &row["since"]), (&json!(false), &json!(ago(1))), "{row}");
    assert_eq!(row["due"], ago(1), "the test of before they left puts nothing off: {row}");
    assert_eq!(overdue(&zhang).await, 1, "and is asked for from the day they began again");
    zhang.change("tell-worker-test", json!({ "worker": row["id"], "day": ago(0) })).await.ok();
    assert_eq!(overdue(&zhang).await, 0);
}

async fn the_numbers_follow_what_the_list_is_narrowed_to(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let today = town.house.today();
    let long_ago = (today - 20).to_string();
    let store = enrolment(&long_ago);
    zhang.change("enrol-worker", store.clone()).await.ok();
    let more = json!({ "workplace": "Market", "group": "dense_and_mobile" });
    zhang.change("enrol-worker", with(enrolment(&long_ago), more)).await.ok();
    let out = json!({ "worker": store["worker"], "in_loop": false, "day": (today - 10).to_string() });
    zhang.change("set-loop", out).await.ok();
    for (query, people, left) in [
        ("", 2, 1),
        ("?group=cold_chain", 1, 1),
        ("?workplace=Market", 1, 0),
        ("?workplace=Market&group=cold_chain", 0, 0),
    ] {
        let told = zhang.get(&format!("/api/rosters/overdue{query}")).await.ok();
        let list = zhang.get(&format!("/api/rosters{query}")).await.ok()["rows"].clone();
        assert_eq!(list.as_array().unwrap().len(), people, "{query}");
        let counted = ["people", "overdue", "left_loop"].map(|field| told[field].as_u64().unwrap());
        assert_eq!(counted, [people as u64, people as u64, left], "{query}: {told}");
    }
}

async fn whoever_leaves_the_loop_is_to_be_followed(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let today = town.house.today();
    let ago = |days: i32| (today - days).to_string();
    let fields = enrolment(&ago(20));
    let (worker, subject) = (fields["worker"].clone(), fields["subject"].clone());
    zhang.change("enrol-worker", fields).await.ok();
    let left = async |zhang: &Person| zhang.get("/api/rosters/overdue").await.ok()["left_loop"].clone();
    assert_eq!(left(&zhang).await, 0);
    let out = json!({ "worker": worker, "in_loop": false, "day": ago(2) });
    zhang.change("set-loop", out.clone()).await.ok();
    zhang.change("set-loop", out).await.ok();
    assert_eq!(left(&zhang).await, 1, "once, however often it is said");
    let row = zhang.get("/api/rosters").await.ok()["rows"][0].clone();
    assert_eq!((&row["in_loop"], &row["since"]), (&json!(false), &json!(ago(2))), "{row}");
    let wanted = async |zhang: &Person| zhang.get("/api/tasks?kind=follow_leaver").await.ok()["rows"].clone();
    let tasks = wanted(&zhang).await;
    assert_eq!(
        (tasks.as_array().unwrap().len(), &tasks[0]["subject"]),
        (1, &subject),
        "a task asks for it: {tasks}"
    );
    let named = json!({ "purpose": "outbreak_response", "reason": "to be told how they are followed" });
    let open = format!("/api/subjects/{}/open", subject.as_str().unwrap());
    assert_eq!(zhang.post(&open, named).await.ok()["name"], "Ada", "and whoever does it may know whom");
    let enters = json!({ "worker": worker, "in_loop": true, "day": ago(1) });
    zhang.change("set-loop", enters.clone()).await.ok();
    assert_eq!(wanted(&zhang).await, json!([]), "whoever is in the loop again is tested there");
    assert_eq!(left(&zhang).await, 0);
    // In and out and in on one day, as shifts change.
    zhang.change("set-loop", with(enters.clone(), json!({ "in_loop": false }))).await.ok();
    zhang.change("set-loop", enters).await.ok();
    zhang.change("strike-worker", json!({ "worker": worker, "day": ago(1) })).await.ok();
    let tasks = wanted(&zhang).await;
    assert_eq!(
        tasks.as_array().unwrap().len(),
        1,
        "the last leaving of a day is a task as the first: {tasks}"
    );
    assert_eq!(left(&zhang).await, 1, "one person, however often they left");
    zhang.change("cancel-task", json!({ "task": tasks[0]["id"], "reason": "not_needed" })).await.ok();
    assert_eq!(left(&zhang).await, 0, "somebody said that it is not needed");
    assert_eq!(zhang.get("/api/rosters").await.ok()["rows"], json!([]));
    zhang
        .change("strike-worker", json!({ "worker": worker, "day": ago(0) }))
        .await
        .refused(404, "record.missing");
}

async fn a_reported_swab_is_a_test_of_the_roster(town: &mut Town) {
    let day = screening(town).await;
    let zhang = town.person("epidemiologist", TAIGU).await;
    let long_ago = (town.house.today() - 9).to_string();
    let mut subjects = Vec::new();
    // One of the negative pool, one of the positive, one who was not sampled.
    for number in ["P0000003", "p 0000 012", "P0000999"] {
        let more = json!({ "identity": { "name": "Ada", "id_number": number } });
        let fields = with(enrolment(&long_ago), more);
        subjects.push(fields["subject"].as_str().unwrap().to_owned());
        zhang.change("enrol-worker", fields).await.ok();
    }
    let read = |town: &Town| {
        let house = town.house.clone();
        tokio::task::block_in_place(|| {
            rooms::lab::index_now(&house).expect("laid down");
            rooms::entry::read_tests_now(&house).expect("read")
        })
    };
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    assert_eq!(read(town), 0, "a swab without a result is no test");
    a_positive_pool(town, &day).await;
    assert_eq!((read(town), read(town)), (2, 0));
    let told = zhang.get("/api/rosters/overdue").await.ok();
    assert_eq!((&told["asked"], &told["overdue"]), (&json!(3), &json!(1)), "{told}");
    let rows = zhang.get("/api/rosters").await.ok()["rows"].as_array().unwrap().clone();
    let by: Vec<&Value> = rows.iter().map(|row| &row["told_by"]).filter(|by| !by.is_null()).collect();
    assert_eq!(by, ["laboratory", "laboratory"], "and how it is known is told");
    let today = town.house.today();
    let overdue = |subject: &String| {
        let subject = subject.parse().expect("a handle");
        let duties = town.house.db.read_now(move |reader| rooms::entry::duties_of(reader, subject, None));
        duties.expect("asked").iter().any(|duty| duty.is_overdue(today))
    };
    let told: Vec<bool> = tokio::task::block_in_place(|| subjects.iter().map(overdue).collect());
    assert_eq!(told, [false, false, true]);
}

async fn whoever_left_the_work_is_forgotten_a_month_later(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let fields = enrolment(&(town.house.today() - 3).to_string());
    let worker = fields["worker"].clone();
    zhang.change("enrol-worker", fields.clone()).await.ok();
    let erased = |town: &Town| {
        let house = town.house.clone();
        let offset = house.places.utc_offset_minutes();
        tokio::task::block_in_place(|| {
            let ran =
                rooms::people::run_clocks(&house.db, house.today(), offset, house.now()).expect("they run");
            ran.into_iter().find(|ran| ran.clock == "roster_identity").expect("the clock").erased
        })
    };
    town.hours_pass(24 * 40);
    assert_eq!(erased(town), 0, "not while they work there");
    let zhang = town.back(&zhang).await;
    let day = town.house.today().to_string();
    zhang.change("strike-worker", json!({ "worker": worker, "day": day })).await.ok();
    town.hours_pass(24 * 31);
    assert_eq!((erased(town), erased(town)), (1, 0));
    let zhang = town.back(&zhang).await;
    assert_eq!(zhang.get("/api/tasks?kind=follow_leaver").await.ok()["rows"], json!([]));
    let mut again = with(enrolment(&town.house.today().to_string()), json!({ "in_loop": false }));
    again["identity"] = fields["identity"].clone();
    assert_eq!(zhang.change("enrol-worker", again).await.ok()["out"], "created", "nobody knows them again");
}

async fn what_cannot_be_is_refused_and_what_lies_elsewhere_does_not_exist(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let today = town.house.today();
    let (day, ahead) = (today.to_string(), (today + 5).to_string());
    let refused = zhang.change("enrol-worker", with(enrolment(&day), json!({ "tested": ahead }))).await;
    assert_eq!(refused.json()["field"], "tested", "not the day that is right");
    for (more, status, code) in [
        (json!({ "group": "dancer" }), 422, "entry.group"),
        (json!({ "workplace": " " }), 422, "field.required"),
        (json!({ "identity": { "phone": "13900000000" } }), 422, "entry.nobody"),
        (json!({ "identity": null }), 422, "entry.nobody"),
        (json!({ "since": ahead }), 422, "entry.future"),
        (json!({ "tested": ahead }), 422, "entry.future"),
        (json!({ "territory": XIAODIAN }), 403, "access.outside_territory"),
    ] {
        zhang.change("enrol-worker", with(enrolment(&day), more)).await.refused(status, code);
    }
    zhang.get("/api/rosters?edition=cn-covid-99").await.refused(422, "entry.edition");
    let fields = enrolment(&day);
    let worker = fields["worker"].clone();
    zhang.change("enrol-worker", fields).await.ok();
    zhang
        .change("tell-worker-test", json!({ "worker": worker, "day": ahead }))
        .await
        .refused(422, "entry.future");
    let far = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(far.get("/api/rosters").await.ok()["rows"], json!([]));
    for (name, fields) in [
        ("tell-worker-test", json!({ "day": day })),
        ("set-loop", json!({ "day": day, "in_loop": false })),
        ("strike-worker", json!({ "day": day })),
    ] {
        let mut told = Vec::new();
        for id in [worker.clone(), json!(fresh("worker"))] {
            told.push(
                far.change(name, with(fields.clone(), json!({ "worker": id })))
                    .await
                    .refused(404, "record.missing"),
            );
        }
        assert_eq!(told[0], told[1], "{name}");
    }
    let nobody = town.person("analyst", TAIGU).await;
    assert_eq!(nobody.get("/api/rosters").await.status, 403);
}
