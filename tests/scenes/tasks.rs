//! Tasks: given, known of, done with proof or told why not, handed over, told upwards when late, and counted by who delivered.

use axum::http::Method;
use scenes::{JINZHONG, Person, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};

both!(
    a_task_is_known_of_started_and_done_with_proof,
    what_cannot_be_done_says_why_and_what_is_not_needed_is_taken_back,
    a_late_task_goes_to_the_lead_and_then_up,
    a_task_is_handed_over_when_the_other_says_yes,
    two_telephones_did_the_same_task,
    a_day_without_a_network_is_sent_twice_and_done_once,
    a_foreign_territorys_tasks_do_not_exist,
    somebody_elses_task_is_left_alone,
    where_a_person_lives_is_sealed_and_goes_with_them,
    the_list_to_walk_goes_by_street_and_number,
    commanders_see_who_has_delivered,
    work_of_days_is_counted_from_hour_to_hour,
    every_way_to_narrow_a_list_runs_and_narrows,
    what_cannot_be_is_refused_in_words,
);

/// A chief who gives tasks in Taigu, two who do them, and their lead.
pub struct Crew {
    pub chief: Person,
    pub lead: Person,
    pub li: Person,
    pub wang: Person,
    pub team: String,
}

pub async fn crew(town: &Town) -> Crew {
    crew_at(town, TAIGU).await
}

pub async fn crew_at(town: &Town, territory: &str) -> Crew {
    let chief = town.person("epidemiologist", territory).await;
    let lead = town.person("field", territory).await;
    let li = town.person("field", territory).await;
    let wang = town.person("field", territory).await;
    let team = fresh("team");
    let fields = json!({
        "team": team, "territory": territory, "name": "Bell Street grid", "lead": lead.account,
        "members": [li.account, wang.account],
    });
    chief.change("form-team", fields).await.ok();
    Crew { chief, lead, li, wang, team }
}

impl Crew {
    /// A task of this kind for somebody; returns its id.
    pub async fn gives(&self, kind: &str, owner: &str, more: Value) -> String {
        let task = fresh("task");
        let mut fields =
            json!({ "task": task, "territory": self.chief.territory, "kind": kind, "owner": owner });
        for (key, value) in more.as_object().into_iter().flatten() {
            fields[key] = value.clone();
        }
        self.chief.change("open-task", fields).await.ok();
        task
    }
}

/// What one telephone says it did, a line each.
async fn sends(person: &Person, deeds: &[Value]) -> Vec<Value> {
    let lines: String = deeds.iter().map(|deed| format!("{deed}\n")).collect();
    let answer = person.ask(Method::POST, "/api/tasks/done", lines.into_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn deed(task: &str, did: &str, at: i64) -> Value {
    json!({ "id": fresh("change"), "task": task, "did": did, "at": at })
}

fn checked(task: &str, at: i64, temperature: f64) -> Value {
    let mut done = deed(task, "finish", at);
    done["proof"] = json!({ "answers": { "temperature": temperature, "symptoms": "no" } });
    done
}

async fn told_late(town: &Town) -> usize {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::tasks::tell_late_now(&house).unwrap()).await.unwrap()
}

async fn a_task_is_known_of_started_and_done_with_proof(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let task = crew.gives("check_in", &crew.li.account, json!({ "inside": { "note": "ring twice" } })).await;
    let mine = crew.li.get("/api/tasks/mine").await.ok();
    assert_eq!((&mine["rows"][0]["id"], &mine["rows"][0]["note"]), (&json!(task), &json!("ring twice")));
    assert_eq!(mine["rows"][0]["deadline"].as_i64().unwrap() / 3_600_000, (now + 12 * 3_600_000) / 3_600_000);
    let fields = json!({ "task": task, "at": now });
    assert_eq!(crew.li.change("acknowledge-task", fields.clone()).await.ok()["out"]["state"], "acknowledged");
    assert_eq!(crew.li.change("start-task", fields.clone()).await.ok()["out"]["state"], "started");
    let mut finish = fields.clone();
    finish["proof"] = json!({
        "answers": { "temperature": 36.6, "symptoms": "no" }, "at": { "lon": 112.55, "lat": 37.42, "metres": 15.0 },
    });
    finish["photo"] = json!("ab".repeat(32));
    let out = crew.li.change("finish-task", finish).await.ok()["out"].clone();
    assert_eq!((&out["state"], &out["counted"]), (&json!("done"), &json!(true)), "{out}");
    let page = crew.chief.get(&format!("/api/tasks/{task}")).await.ok();
    assert_eq!(page["proof"]["answers"]["temperature"], 36.6);
    let steps: Vec<&str> =
        page["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert_eq!(steps, ["open", "acknowledge", "start", "finish"]);
    assert_eq!(crew.li.get("/api/tasks/mine").await.ok()["rows"], json!([]));
    let over = crew.chief.get("/api/tasks?state=over").await.ok();
    assert_eq!((&over["rows"][0]["id"], &over["rows"][0]["late"]), (&json!(task), &json!(false)));
    assert!(
        !town.disk.every_value().iter().any(|(_, value)| value.contains("ring twice")),
        "notes are sealed"
    );
}

async fn what_cannot_be_done_says_why_and_what_is_not_needed_is_taken_back(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let task = crew.gives("door_check", &crew.li.account, json!({})).await;
    let mut fields = json!({ "task": task, "at": now, "reason": "because" });
    crew.li.change("give-up-task", fields.clone()).await.refused(422, "tasks.reason");
    fields["reason"] = json!("nobody_there");
    assert_eq!(crew.li.change("give-up-task", fields).await.ok()["out"]["state"], "cannot");
    let second = crew.gives("door_check", &crew.li.account, json!({})).await;
    crew.chief.change("cancel-task", json!({ "task": second, "reason": "mistake" })).await.ok();
    let out = crew.li.change("finish-task", json!({ "task": second, "at": now })).await.ok()["out"].clone();
    assert_eq!((&out["state"], &out["counted"]), (&json!("cancelled"), &json!(false)), "told, not scolded");
    crew.chief
        .change("cancel-task", json!({ "task": second, "reason": "mistake" }))
        .await
        .refused(422, "tasks.over");
    let back = crew.gives("deliver", &crew.team, json!({})).await;
    crew.wang.change("acknowledge-task", json!({ "task": back, "at": now })).await.ok();
    assert_eq!(
        crew.li.get("/api/tasks/mine").await.ok()["rows"],
        json!([]),
        "whoever knows of it has taken it"
    );
    crew.wang.change("hand-back-task", json!({ "task": back, "reason": "no_supplies" })).await.ok();
    let row = crew.li.get("/api/tasks/mine").await.ok()["rows"][0].clone();
    assert_eq!((&row["id"], &row["state"], &row["owner"]), (&json!(back), &json!("open"), &json!(crew.team)));
    crew.chief.change("assign-task", json!({ "task": back, "owner": crew.li.account })).await.ok();
    assert_eq!(crew.li.get("/api/tasks/mine").await.ok()["rows"][0]["owner"], json!(crew.li.account));
}

async fn a_late_task_goes_to_the_lead_and_then_up(town: &mut Town) {
    let crew = crew(town).await;
    let above = town.person("epidemiologist", JINZHONG).await;
    let task = crew.gives("on_site", &crew.li.account, json!({})).await;
    assert_eq!(told_late(town).await, 0);
    let late = async |person: &Person| {
        let rows = person.get("/api/tasks?told=true").await.ok()["rows"].clone();
        rows.as_array().unwrap().len()
    };
    town.minutes_pass(121);
    assert_eq!(told_late(town).await, 1, "two hours have passed");
    let (chief, above_then) = (town.back(&crew.chief).await, town.back(&above).await);
    let page = chief.get(&format!("/api/tasks/{task}")).await.ok();
    assert_eq!(
        (&page["told_lead"], &page["told_depth"]),
        (&json!(crew.lead.account), &Value::Null),
        "{page}"
    );
    assert_eq!((late(&chief).await, late(&above_then).await), (0, 0), "first the lead");
    town.minutes_pass(60);
    assert_eq!(told_late(town).await, 1);
    assert_eq!(told_late(town).await, 0, "once a rung");
    let (chief, above_then) = (town.back(&crew.chief).await, town.back(&above).await);
    assert_eq!((late(&chief).await, late(&above_then).await), (1, 1), "then the prefecture");
    let overdue = above_then.get("/api/tasks/overdue").await.ok();
    assert_eq!(
        (&overdue["late"], &overdue["by_place"][0]["territory"]),
        (&json!(1), &json!(TAIGU)),
        "{overdue}"
    );
    town.hours_pass(5);
    assert_eq!(told_late(town).await, 1, "and the province");
    town.hours_pass(24);
    assert_eq!(told_late(town).await, 0, "the ladder has an end");
    let li = town.back(&crew.li).await;
    let at = town.house.now().0;
    li.change("finish-task", json!({ "task": task, "at": at })).await.ok();
    assert_eq!(told_late(town).await, 0);
    // A team without a lead, and nobody's task: whoever gives tasks there is told first.
    let chief = town.back(&crew.chief).await;
    let crew = Crew { chief, ..crew };
    crew.gives("on_site", "", json!({})).await;
    town.minutes_pass(121);
    assert_eq!(told_late(town).await, 1);
    let chief = town.back(&crew.chief).await;
    assert_eq!(late(&chief).await, 1);
}

async fn a_task_is_handed_over_when_the_other_says_yes(town: &mut Town) {
    let crew = crew(town).await;
    let task = crew.gives("deliver", &crew.li.account, json!({})).await;
    let to = |whom: &Person| json!({ "task": task, "to": whom.account });
    let far = town.person("field", XIAODIAN).await;
    crew.li.change("hand-over-task", to(&far)).await.refused(422, "tasks.no_such_worker");
    crew.li.change("hand-over-task", to(&crew.li)).await.refused(422, "tasks.theirs_already");
    let officer = town.person("data_officer", TAIGU).await;
    crew.li.change("hand-over-task", to(&officer)).await.refused(422, "tasks.does_no_tasks");
    let workers = crew.li.get("/api/tasks/workers").await.ok();
    let loads = |workers: &Value| {
        let find = |account: &str| {
            workers["rows"].as_array().unwrap().iter().find(|row| row["account"] == account).unwrap()["open"]
                .clone()
        };
        (find(&crew.li.account), find(&crew.wang.account))
    };
    assert_eq!(loads(&workers), (json!(1), json!(0)), "{workers}");
    crew.li.change("hand-over-task", to(&crew.wang)).await.ok();
    assert_eq!(crew.wang.get("/api/tasks/mine").await.ok()["offered"][0]["id"], json!(task));
    assert_eq!(crew.li.get("/api/tasks/mine").await.ok()["rows"][0]["id"], json!(task), "still theirs");
    crew.lead
        .change("take-over-task", json!({ "task": task, "accepted": true }))
        .await
        .refused(422, "tasks.not_offered");
    crew.wang.change("take-over-task", json!({ "task": task, "accepted": false })).await.ok();
    assert_eq!(crew.wang.get("/api/tasks/mine").await.ok()["offered"], json!([]));
    crew.li.change("hand-over-task", to(&crew.wang)).await.ok();
    crew.wang.change("take-over-task", json!({ "task": task, "accepted": true })).await.ok();
    let row = crew.wang.get("/api/tasks/mine").await.ok()["rows"][0].clone();
    assert_eq!((&row["id"], &row["state"]), (&json!(task), &json!("acknowledged")));
    assert_eq!(crew.li.get("/api/tasks/mine").await.ok()["rows"], json!([]));
    let workers = crew.li.get("/api/tasks/workers").await.ok();
    assert_eq!(loads(&workers), (json!(0), json!(1)), "the load goes along: {workers}");
}

async fn two_telephones_did_the_same_task(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let task = crew.gives("check_in", &crew.team, json!({})).await;
    let first = sends(&crew.li, &[checked(&task, now, 36.4)]).await;
    assert_eq!((&first[0]["out"]["counted"], &first[0]["out"]["state"]), (&json!(true), &json!("done")));
    let second = sends(&crew.wang, &[checked(&task, now, 38.9)]).await;
    let out = &second[0]["out"];
    assert_eq!((&out["counted"], &out["state"]), (&json!(false), &json!("done")), "{out}");
    assert!(
        out["ended_by_name"].as_str().unwrap().starts_with("field of"),
        "told who was there first: {out}"
    );
    let page = crew.chief.get(&format!("/api/tasks/{task}")).await.ok();
    assert_eq!(page["proof"]["answers"]["temperature"], 36.4, "the first stands");
    let last = page["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["what"], &last["reason"]),
        (&json!("finish"), &json!("again")),
        "and that the second came"
    );
}

async fn a_day_without_a_network_is_sent_twice_and_done_once(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let mut day = Vec::new();
    for number in 0..20 {
        let task = crew.gives("check_in", &crew.li.account, json!({})).await;
        day.push(deed(&task, "acknowledge", now));
        if number == 7 {
            let mut no = deed(&task, "give_up", now);
            no["reason"] = json!("nobody_there");
            day.push(no);
        } else {
            day.push(checked(&task, now + 60_000 * number, 36.5));
        }
    }
    let mut broken = day[1].clone();
    broken["id"] = json!(fresh("change"));
    broken["task"] = json!(fresh("task"));
    day.push(broken);
    let unanswered = crew.gives("check_in", &crew.li.account, json!({})).await;
    day.push(deed(&unanswered, "finish", now));
    let first = sends(&crew.li, &day).await;
    let again = sends(&crew.li, &day).await;
    assert_eq!(first, again, "the answer was lost, and the telephone sends everything again");
    assert_eq!(first[40]["error"]["code"], "record.missing");
    assert_eq!(first[41]["error"]["code"], "tasks.unanswered");
    assert!(first[41]["error"]["say_zh"].as_str().unwrap().contains('；'));
    assert!(first[..40].iter().all(|answer| answer["out"]["counted"] == true), "{first:?}");
    let mine = crew.li.get("/api/tasks/mine").await.ok();
    assert_eq!(mine["rows"].as_array().unwrap().len(), 1);
    let over = crew.chief.get("/api/tasks?state=over").await.ok();
    assert_eq!(over["count"]["n"], 20);
    let heard = over["rows"].as_array().unwrap();
    assert!(
        heard.iter().all(|row| row["ended"].as_i64() <= Some(town.house.now().0)),
        "a clock ahead is set right"
    );
    let many: String = (0..501).map(|_| format!("{}\n", deed(&unanswered, "start", now))).collect();
    crew.li.ask(Method::POST, "/api/tasks/done", many.into_bytes()).await.refused(422, "tasks.unreadable");
    let not_json = crew.li.ask(Method::POST, "/api/tasks/done", b"not json\n".to_vec()).await;
    assert_eq!(not_json.status, 200, "a broken line is a refused line");
}

async fn a_foreign_territorys_tasks_do_not_exist(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let task = crew.gives("deliver", &crew.li.account, json!({})).await;
    let chief = town.person("epidemiologist", XIAODIAN).await;
    let worker = town.person("field", XIAODIAN).await;
    assert_eq!(chief.get("/api/tasks").await.ok()["rows"], json!([]));
    assert_eq!(chief.get(&format!("/api/tasks?territory={TAIGU}")).await.status, 403);
    let unknown = fresh("task");
    for (person, name, fields) in [
        (&worker, "acknowledge-task", json!({ "at": now })),
        (&worker, "finish-task", json!({ "at": now })),
        (&chief, "cancel-task", json!({ "reason": "mistake" })),
        (&chief, "assign-task", json!({ "owner": worker.account })),
    ] {
        let mut told = Vec::new();
        for id in [&task, &unknown] {
            let mut fields = fields.clone();
            fields["task"] = json!(id);
            told.push(person.change(name, fields).await.refused(404, "record.missing"));
        }
        assert_eq!(told[0], told[1], "{name}");
    }
    assert_eq!(chief.get(&format!("/api/tasks/{task}")).await.status, 404);
    let list = chief.get(&format!("/api/tasks?owner={}", crew.li.account)).await.ok();
    assert_eq!(list["rows"], json!([]), "nor by their owner");
}

async fn somebody_elses_task_is_left_alone(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let stranger = town.person("field", TAIGU).await;
    let task = crew.gives("deliver", &crew.li.account, json!({})).await;
    stranger.change("finish-task", json!({ "task": task, "at": now })).await.refused(403, "tasks.not_yours");
    assert_eq!(stranger.get(&format!("/api/tasks/{task}")).await.status, 404, "nor looked at");
    assert_eq!(stranger.get("/api/tasks").await.status, 403);
    // Whoever had it when they set out is heard when they come back.
    crew.chief.change("assign-task", json!({ "task": task, "owner": stranger.account })).await.ok();
    let out = crew.li.change("finish-task", json!({ "task": task, "at": now })).await.ok()["out"].clone();
    assert_eq!((&out["state"], &out["counted"]), (&json!("done"), &json!(true)));
    let free = crew.gives("post_notice", "", json!({})).await;
    assert_eq!(
        stranger.change("start-task", json!({ "task": free, "at": now })).await.status,
        200,
        "nobody's is anybody's"
    );
    let row = crew.chief.get(&format!("/api/tasks/{free}")).await.ok();
    assert_eq!(row["owner"], json!(stranger.account));
}

async fn where_a_person_lives_is_sealed_and_goes_with_them(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let case = crew.chief.reports(TAIGU, "C1").await;
    let spot = json!({ "street": "Hidden Lane", "building": "9", "stairwell": "2" });
    let more = json!({ "subject": case.subject, "spot": spot, "inside": { "note": "a loud dog" } });
    let task = crew.gives("check_in", &crew.li.account, more).await;
    sends(&crew.li, &[checked(&task, now, 37.9)]).await;
    let other =
        crew.gives("check_in", &crew.li.account, json!({ "subject": case.subject, "spot": spot })).await;
    let row = crew.li.get("/api/tasks/mine").await.ok()["rows"][0].clone();
    assert_eq!((&row["id"], &row["spot"]["street"]), (&json!(other), &json!("Hidden Lane")));
    for word in ["Hidden Lane", "a loud dog", "37.9"] {
        assert!(!town.disk.every_value().iter().any(|(_, value)| value.contains(word)), "{word} lies open");
    }
    let officer = town.person("data_officer", TAIGU).await;
    let ask = crate::erasure::agreed(town, &officer, "erase_people", &case.subject, TAIGU).await;
    let form =
        json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [case.subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    let page = crew.chief.get(&format!("/api/tasks/{task}")).await.ok();
    assert_eq!(
        (&page["spot"], &page["note"], &page["proof"]),
        (&Value::Null, &Value::Null, &Value::Null),
        "{page}"
    );
    assert_eq!(page["state"], "done", "that there was a task stays");
}

async fn the_list_to_walk_goes_by_street_and_number(town: &mut Town) {
    let crew = crew(town).await;
    for (street, building, stairwell) in [
        ("Bell Street", "10", "1"),
        ("Bell Street", "2", "3"),
        ("", "", ""),
        ("Bell Street", "2", "1"),
        ("Apple Lane", "7", ""),
    ] {
        let spot = json!({ "street": street, "building": building, "stairwell": stairwell });
        crew.gives("visit_household", &crew.li.account, json!({ "spot": spot })).await;
    }
    let walked = |told: &Value| -> Vec<String> {
        let spot = |row: &Value, part: &str| row["spot"][part].as_str().unwrap_or_default().to_owned();
        let line = |row: &Value| {
            format!("{} {} {}", spot(row, "street"), spot(row, "building"), spot(row, "stairwell"))
        };
        told["rows"].as_array().unwrap().iter().map(|row| line(row).trim().to_owned()).collect()
    };
    let way = ["Apple Lane 7", "Bell Street 2 1", "Bell Street 2 3", "Bell Street 10 1", ""];
    assert_eq!(walked(&crew.chief.get("/api/tasks/way").await.ok()), way);
    let own = format!("/api/tasks/way?owner={}", crew.li.account);
    assert_eq!(walked(&crew.li.get(&own).await.ok()), way, "their own list is theirs to print");
    assert_eq!(crew.wang.get(&own).await.status, 403);
}

async fn commanders_see_who_has_delivered(town: &mut Town) {
    let crew = crew(town).await;
    let commander = town.person("commander", JINZHONG).await;
    let now = town.house.now().0;
    let mut tasks = Vec::new();
    for number in 0..10 {
        let owner = if number < 6 { &crew.li.account } else { &crew.wang.account };
        tasks.push(crew.gives("on_site", owner, json!({})).await);
    }
    for task in &tasks[..5] {
        crew.li.change("finish-task", json!({ "task": task, "at": now })).await.ok();
    }
    let fields = json!({ "task": tasks[6], "at": now, "reason": "no_access" });
    crew.wang.change("give-up-task", fields).await.ok();
    crew.chief.change("cancel-task", json!({ "task": tasks[9], "reason": "not_needed" })).await.ok();
    let told = commander.get("/api/tasks/delivered").await.ok();
    assert_eq!(
        (&told["due"], &told["open"], &told["late"]),
        (&json!(0), &json!(3), &json!(0)),
        "nothing is due yet: {told}"
    );
    town.hours_pass(4);
    let commander = town.back(&commander).await;
    let told = commander.get("/api/tasks/delivered").await.ok();
    let counts = |told: &Value| {
        ["due", "in_time", "ended_late", "cannot", "not_ended", "late"].map(|key| told[key].as_i64().unwrap())
    };
    assert_eq!(counts(&told), [9, 6, 0, 1, 3, 3], "{told}");
    assert!(
        told["low"].as_f64() < told["share"].as_f64() && told["share"].as_f64() < told["high"].as_f64(),
        "{told}"
    );
    assert_eq!(told["by_place"][0]["territory"], json!(TAIGU));
    let owners = told["by_owner"].as_array().unwrap();
    assert_eq!(
        (&owners[0]["owner"], counts(&owners[0])),
        (&json!(crew.wang.account), [3, 1, 0, 1, 2, 2]),
        "{told}"
    );
    assert_eq!(
        (&owners[1]["owner"], counts(&owners[1])),
        (&json!(crew.li.account), [6, 5, 0, 0, 1, 1]),
        "{told}"
    );
    // What was done in time and heard late counts as in time.
    let li = town.back(&crew.li).await;
    li.change("finish-task", json!({ "task": tasks[5], "at": now })).await.ok();
    let told = commander.get("/api/tasks/delivered").await.ok();
    assert_eq!(counts(&told), [9, 7, 0, 1, 2, 2], "{told}");
    assert_eq!(crew.wang.get("/api/tasks/delivered").await.status, 401, "a session has an end");
}

const HOUR: i64 = 3_600_000;

/// What became of a task that somebody had at last.
struct Given {
    task: String,
    owner: String,
    deadline: i64,
    fate: &'static str,
}

/// Due, in time, ended late, cannot, not ended; then open and late, whenever they were due.
fn by_hand<'a>(given: impl Iterator<Item = &'a Given>, now: i64, days: i64) -> [i64; 7] {
    let mut counts = [0; 7];
    let past = now / HOUR * HOUR;
    for one in given.filter(|one| one.fate != "gone") {
        let was = |fate: &str| i64::from(one.fate == fate);
        if (past - days * 24 * HOUR..past).contains(&one.deadline) {
            let ended = [1, was("in_time") + was("cannot"), was("late"), was("cannot"), was("open")];
            counts.iter_mut().zip(ended).for_each(|(count, more)| *count += more);
        }
        counts[5] += was("open");
        counts[6] += if one.deadline < now { was("open") } else { 0 };
    }
    counts
}

/// The same, as the lists say it: the whole, each owner, and the last days beside the last week.
async fn check_delivered(town: &Town, crew: &Crew, given: &[Given]) {
    let chief = town.back(&crew.chief).await;
    let counts = |told: &Value| {
        ["due", "in_time", "ended_late", "cannot", "not_ended", "open", "late"]
            .map(|key| told[key].as_i64().unwrap())
    };
    for days in [1, 2, 3, 4, 7] {
        let told = chief.get(&format!("/api/tasks/delivered?days={days}")).await.ok();
        let now = told["now"].as_i64().unwrap();
        assert_eq!(counts(&told), by_hand(given.iter(), now, days), "{days} days to {now}: {told}");
        for owner in told["by_owner"].as_array().unwrap() {
            let theirs = given.iter().filter(|one| owner["owner"] == *one.owner);
            assert_eq!(counts(owner), by_hand(theirs, now, days), "{days} days to {now}: {owner}");
        }
    }
    let told = chief.get("/api/tasks/overdue").await.ok();
    let [.., open, late] = by_hand(given.iter(), told["now"].as_i64().unwrap(), 7);
    assert_eq!((&told["open"], &told["late"]), (&json!(open), &json!(late)), "{told}");
}

/// The tally is read in days of UTC and in hours at both edges; nobody sees where one becomes the other.
async fn work_of_days_is_counted_from_hour_to_hour(town: &mut Town) {
    // Half past nine in UTC, so that no hour turns while it is looked at.
    let now = town.house.now().0;
    town.minutes_pass(((now / (24 * HOUR) + 1) * 24 * HOUR + 9 * HOUR + HOUR / 2 - now) / 60_000);
    let crew = crew(town).await;
    let now = town.house.now().0;
    let mut given = Vec::new();
    for number in 0..36 {
        let owner = if number % 2 == 0 { &crew.li } else { &crew.wang };
        let deadline = now + (3 * number + 1) * HOUR;
        let task = crew.gives("on_site", &owner.account, json!({ "deadline": deadline })).await;
        let mut one = Given { task, owner: owner.account.clone(), deadline, fate: "open" };
        let fields = json!({ "task": one.task, "at": now });
        match number % 9 {
            0 | 5 => {
                owner.change("finish-task", fields).await.ok();
                one.fate = "in_time";
            }
            2 => {
                let fields = json!({ "task": one.task, "at": now, "reason": "no_access" });
                owner.change("give-up-task", fields).await.ok();
                one.fate = "cannot";
            }
            4 => {
                crew.chief.change("cancel-task", json!({ "task": one.task, "reason": "mistake" })).await.ok();
                one.fate = "gone";
            }
            7 => {
                let to = if number % 2 == 0 { &crew.wang } else { &crew.li };
                owner.change("hand-over-task", json!({ "task": one.task, "to": to.account })).await.ok();
                to.change("take-over-task", json!({ "task": one.task, "accepted": true })).await.ok();
                one.owner.clone_from(&to.account);
            }
            _ => {}
        }
        given.push(one);
    }
    check_delivered(town, &crew, &given).await;
    // In the afternoon of the next day; as a day begins; in a day's last hour; long after.
    for hours in [30, 33, 23, 34] {
        town.hours_pass(hours);
        check_delivered(town, &crew, &given).await;
        let (chief, li) = (town.back(&crew.chief).await, town.back(&crew.li).await);
        let at = town.house.now().0;
        let late = |one: &&mut Given| one.fate == "open" && one.deadline < at;
        for (number, one) in given.iter_mut().filter(late).enumerate() {
            if number % 3 == 0 {
                chief.change("assign-task", json!({ "task": one.task, "owner": crew.li.account })).await.ok();
                one.owner.clone_from(&crew.li.account);
            }
            if number % 2 == 0 && one.owner == crew.li.account {
                li.change("finish-task", json!({ "task": one.task, "at": at })).await.ok();
                one.fate = "late";
            }
        }
        check_delivered(town, &crew, &given).await;
    }
}

async fn what_cannot_be_is_refused_in_words(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let order = |more: Value| {
        let mut fields = json!({ "task": fresh("task"), "territory": TAIGU, "kind": "deliver", "owner": "" });
        for (key, value) in more.as_object().unwrap() {
            fields[key] = value.clone();
        }
        fields
    };
    for (more, status, code) in [
        (json!({ "kind": "dance" }), 422, "tasks.kind"),
        (json!({ "deadline": now - 1 }), 422, "tasks.deadline"),
        (json!({ "deadline": now + 100 * 86_400_000_i64 }), 422, "tasks.deadline"),
        (json!({ "owner": fresh("account") }), 422, "tasks.no_such_worker"),
        (json!({ "owner": fresh("team") }), 404, "record.missing"),
        (json!({ "subject": fresh("subject") }), 404, "record.missing"),
        (json!({ "inside": { "note": "x".repeat(3_000) } }), 422, "tasks.note"),
        (json!({ "spot": { "street": "x".repeat(300) } }), 422, "tasks.spot"),
        (json!({ "territory": XIAODIAN }), 403, "access.outside_territory"),
    ] {
        crew.chief.change("open-task", order(more)).await.refused(status, code);
    }
    let task = crew.gives("check_in", &crew.li.account, json!({})).await;
    crew.chief.change("open-task", order(json!({ "task": task }))).await.refused(409, "record.exists");
    for (answers, code) in [
        (json!({}), "tasks.unanswered"),
        (json!({ "temperature": "warm", "symptoms": "no" }), "tasks.answer"),
        (json!({ "temperature": 36.5, "symptoms": "perhaps" }), "tasks.answer"),
        (json!({ "temperature": 36.5, "symptoms": "no", "shoe_size": 41 }), "tasks.answer"),
    ] {
        let fields = json!({ "task": task, "at": now, "proof": { "answers": answers } });
        crew.li.change("finish-task", fields).await.refused(422, code);
    }
    let good = json!({ "temperature": 36.5, "symptoms": "no" });
    let nowhere =
        json!({ "task": task, "at": now, "proof": { "answers": good, "at": { "lon": 500.0, "lat": 1.0 } } });
    crew.li.change("finish-task", nowhere).await.refused(422, "tasks.position");
    let photo = json!({ "task": task, "at": now, "proof": { "answers": good }, "photo": "a picture" });
    crew.li.change("finish-task", photo).await.refused(422, "tasks.photo");
    let far = town.person("field", XIAODIAN).await;
    let team = |more: Value| {
        let mut fields = json!({
            "team": fresh("team"), "territory": TAIGU, "name": "Another", "lead": crew.lead.account,
            "members": [crew.li.account],
        });
        for (key, value) in more.as_object().unwrap() {
            fields[key] = value.clone();
        }
        fields
    };
    crew.chief.change("form-team", team(json!({ "name": " " }))).await.refused(422, "field.required");
    crew.chief
        .change("form-team", team(json!({ "members": [far.account] })))
        .await
        .refused(422, "tasks.no_such_worker");
    crew.chief
        .change("form-team", team(json!({ "lead": far.account })))
        .await
        .refused(422, "tasks.no_such_worker");
    let shared = crew.gives("deliver", &crew.team, json!({})).await;
    let end = json!({ "team": crew.team, "ended": true });
    crew.chief.change("amend-team", end.clone()).await.refused(422, "tasks.team_has_tasks");
    crew.chief.change("assign-task", json!({ "task": shared, "owner": "" })).await.ok();
    crew.chief.change("amend-team", end).await.ok();
    assert_eq!(crew.chief.get("/api/tasks/teams").await.ok()["rows"], json!([]));
    crew.chief.get("/api/tasks?state=asleep").await.refused(422, "filter.state");
}

async fn every_way_to_narrow_a_list_runs_and_narrows(town: &mut Town) {
    let crew = crew(town).await;
    let now = town.house.now().0;
    let mut tasks = Vec::new();
    for number in 0..7 {
        let owner = [crew.li.account.as_str(), crew.team.as_str(), ""][number % 3];
        let kind = if number == 6 { "on_site" } else { "deliver" };
        // Two have the same deadline: the id decides between them.
        let due = json!({ "deadline": now + 3_600_000 * (1 + number as i64 / 2) });
        tasks.push(crew.gives(kind, owner, due).await);
    }
    crew.li.change("finish-task", json!({ "task": tasks[0], "at": now })).await.ok();
    crew.li.change("acknowledge-task", json!({ "task": tasks[3], "at": now })).await.ok();
    town.minutes_pass(61);
    told_late(town).await;
    let chief = town.back(&crew.chief).await;
    for (filter, many) in [
        ("", 6),
        ("state=active", 6),
        ("state=over", 1),
        ("state=done", 1),
        ("state=acknowledged", 1),
        ("state=cannot", 0),
        ("late=true", 1),
        ("told=true", 0),
        ("kind=on_site", 1),
        ("owner=none", 2),
        (&format!("owner={}", crew.team), 2),
        (&format!("owner={}&state=over", crew.li.account), 1),
        (&format!("owner={}&kind=on_site&state=open&late=true&told=true", crew.li.account), 0),
        (&format!("kind=deliver&state=acknowledged&territory={TAIGU}"), 1),
        ("territory=14/1407/140703/140703100", 0),
        ("after=0%7Ctask_0", 6),
    ] {
        let told = chief.get(&format!("/api/tasks?{filter}")).await.ok();
        assert_eq!(told["rows"].as_array().unwrap().len(), many, "{filter}: {told}");
    }
    let all = chief.get("/api/tasks").await.ok();
    let rows = all["rows"].as_array().unwrap();
    let order = |row: &Value| (row["deadline"].as_i64().unwrap(), row["id"].as_str().unwrap().to_owned());
    assert!(rows.windows(2).all(|pair| order(&pair[0]) < order(&pair[1])), "by deadline, then by id: {all}");
    let after = format!("{}%7C{}", rows[2]["deadline"], rows[2]["id"].as_str().unwrap());
    let rest = chief.get(&format!("/api/tasks?after={after}")).await.ok();
    assert_eq!(rest["rows"].as_array().unwrap()[..], rows[3..]);
    // The same question with many rows in reach reads another index.
    let nation = town.person("epidemiologist", "").await;
    for filter in
        ["", "late=true", "state=open", "state=over", "kind=on_site", "told=true", &format!("after={after}")]
    {
        let (here, there) = (
            chief.get(&format!("/api/tasks?{filter}")).await.ok(),
            nation.get(&format!("/api/tasks?{filter}")).await.ok(),
        );
        assert_eq!(here["rows"], there["rows"], "{filter}");
    }
}
