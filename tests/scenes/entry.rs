//! Rosters of monitored occupations: written by hand and from a table, tested by the edition's intervals, and whoever leaves the loop.

use crate::lab_runs::a_positive_pool;
use crate::lab_tubes::screening;
use axum::http::Method;
use scenes::{Answer, JINZHONG, Person, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};

both!(
    whoever_is_not_tested_in_time_stands_on_the_list,
    a_table_of_workers_is_accounted_for_row_by_row,
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
    assert_eq!((&dry["created"], &dry["failed"]), (&json!(4), &json!(5)), "{dry}");
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
    zhang.change("set-loop", json!({ "worker": worker, "in_loop": true, "day": ago(1) })).await.ok();
    assert_eq!(wanted(&zhang).await, json!([]), "whoever is in the loop again is tested there");
    zhang.change("strike-worker", json!({ "worker": worker, "day": ago(0) })).await.ok();
    assert_eq!(left(&zhang).await, 2);
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
