//! The exposure fence: published, counted in bands, opened by two people of two organisations for four hours, and gone after its
//! time. And what whoever wants more than that tries.

use base::Day;
use scenes::{Answer, JINZHONG, Person, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    a_fence_from_draft_to_invitation,
    who_may_not_open_sees_counts_in_bands_and_no_name,
    the_person_who_was_opened_sees_who_looked,
    the_public_reads_place_time_and_advice_and_nothing_of_a_case,
    a_fence_lapses_and_is_withdrawn,
    no_two_counts_differ_by_one_person,
    a_count_stands_for_six_hours,
    the_second_person_is_of_another_stated_organisation,
    an_opening_is_over_after_four_hours,
    nobody_opens_with_somebody_elses_agreement_or_a_fence_elsewhere,
    what_is_not_published_opens_nothing,
    a_visitor_is_found_and_opened_by_a_fence_only,
);

/// A fence on a ride of its own, so that it overlaps no other.
pub(crate) async fn drafted(person: &Person, territory: &str) -> String {
    let fence = fresh("fence");
    person.change("draft-fence", a_draft(&fence, territory)).await.ok();
    fence
}

fn a_draft(fence: &str, territory: &str) -> Value {
    let day = rooms::House::clock().day_at_offset(480) - 2;
    json!({
        "fence": fence, "ride": { "kind": "coach", "number": fresh("x"), "day": day }, "territory": territory,
        "from": format!("{day}T08:00"), "to": format!("{day}T10:00"), "text_zh": "请检测。", "text_en": ADVICE,
        "basis": "Law on Infectious Diseases, art. 12", "ends": day + 10,
    })
}

/// Requests of the permission table.
pub(crate) async fn asked_for(name: &str, colleague: &Person, fence: &str) -> Value {
    match name {
        "draft-fence" => a_draft(&fresh("fence"), TAIGU),
        "publish-fence" => json!({ "fence": drafted(colleague, TAIGU).await }),
        "withdraw-fence" => json!({ "fence": drafted(colleague, TAIGU).await, "reason": "another hall" }),
        "register-visit" => json!({
            "visit": fresh("registered"), "subject": fresh("subject"), "kind": "permit", "territory": TAIGU,
            "ride": { "kind": "coach", "number": "K1", "day": "2026-01-05" }, "from": "2026-01-05T08:00",
            "identity": { "name": "Ada" },
        }),
        // Nobody has opened it, so whoever may open is told so.
        "invite-to-test" => json!({ "fence": fence, "subjects": [fresh("subject")] }),
        "tell-invitation" => json!({ "fence": fence, "subject": fresh("subject"), "state": "tested" }),
        other => panic!("say here how `{other}` is asked for"),
    }
}

const ADVICE: &str = "Take a test within two days; it is free.";

/// The people of the story: who publishes, who investigates, and who agrees, each of an organisation.
pub(crate) struct Cast {
    pub chief: Person,
    pub zhang: Person,
    pub officer: Person,
    pub place: String,
    pub today: Day,
}

pub(crate) async fn cast(town: &Town) -> Cast {
    let zhang = town.person_of("Taigu CDC", "epidemiologist", TAIGU).await;
    let place = zhang.registers_place(TAIGU, "market", "Bell Tower Market").await;
    Cast {
        chief: town.person_of("Taigu CDC", "epidemiologist", TAIGU).await,
        zhang,
        officer: town.person_of("Taigu data office", "data_officer", TAIGU).await,
        place,
        today: town.house.today(),
    }
}

impl Cast {
    pub(crate) fn at(&self, days_ago: i32, time: &str) -> String {
        format!("{}T{time}", self.today - days_ago)
    }

    pub(crate) fn draft(&self, from: &str, to: &str) -> Value {
        json!({
            "fence": fresh("fence"), "place": self.place, "from": self.at(2, from), "to": self.at(2, to), "gap_minutes": 30,
            "text_zh": "请于两日内免费检测。", "text_en": ADVICE, "basis": "Law on Infectious Diseases, art. 12",
            "ends": self.today + 10,
        })
    }

    pub(crate) async fn publishes(&self, draft: Value) -> String {
        let fence = draft["fence"].as_str().expect("a fence").to_owned();
        self.chief.change("draft-fence", draft).await.ok();
        self.chief.change("publish-fence", json!({ "fence": fence })).await.ok();
        fence
    }

    pub(crate) async fn registers(&self, name: &str, from: &str, to: &str) -> String {
        let subject = fresh("subject");
        let fields = json!({
            "visit": fresh("registered"), "subject": subject, "kind": "check_in", "place": self.place,
            "identity": { "name": name, "phone": phone_of(name) }, "from": self.at(2, from), "to": self.at(2, to),
        });
        self.zhang.change("register-visit", fields).await.ok();
        subject
    }

    /// So many who were there at six in the evening.
    pub(crate) async fn visitors(&self, many: usize) -> Vec<String> {
        let mut subjects = Vec::new();
        for number in 0..many {
            subjects.push(self.registers(&format!("Visitor {number}"), "18:00", "18:40").await);
        }
        subjects
    }

    pub(crate) async fn asks(&self, fence: &str) -> String {
        let ask = fresh("ask");
        let fields =
            json!({ "ask": ask, "kind": "open_fence", "about": fence, "reason": "the market was full" });
        self.zhang.change("ask-second-person", fields).await.ok();
        ask
    }

    pub(crate) async fn agreed(&self, fence: &str) -> String {
        let ask = self.asks(fence).await;
        self.officer.change("answer-ask", json!({ "ask": ask, "agreed": true })).await.ok();
        ask
    }
}

/// One for each name.
fn phone_of(name: &str) -> String {
    let number: u32 = name.bytes().map(u32::from).enumerate().map(|(at, byte)| byte * (at as u32 + 7)).sum();
    format!("139{:08}", number)
}

pub(crate) async fn counts(person: &Person, fence: &str) -> Answer {
    person.post(&format!("/api/fences/{fence}/run"), json!({ "id": fresh("change") })).await
}

fn opening(ask: &str) -> Value {
    json!({ "id": fresh("change"), "ask": ask, "purpose": "outbreak_response", "reason": "calls to the visitors" })
}

pub(crate) async fn opens(person: &Person, fence: &str, ask: &str) -> Answer {
    person.post(&format!("/api/fences/{fence}/open"), opening(ask)).await
}

async fn row(person: &Person, fence: &str) -> Value {
    let list = person.get("/api/fences").await.ok();
    let rows = list["rows"].as_array().expect("fences");
    rows.iter().find(|row| row["id"] == fence).expect("the fence").clone()
}

async fn a_fence_from_draft_to_invitation(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(7).await;
    cast.registers("Late Visitor", "19:10", "19:50").await;
    cast.registers("Too Late", "19:31", "19:50").await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;

    let told = counts(&cast.chief, &fence).await.ok();
    assert_eq!((&told["count"], &told["count_text"]), (&json!(5), &json!("5–9")));
    assert_eq!(told["sources"], json!(["check_in"]));

    let ask = cast.asks(&fence).await;
    assert_eq!(row(&cast.zhang, &fence).await["opening"]["state"], "asked");
    opens(&cast.zhang, &fence, &ask).await.refused(409, "access.ask_waiting");
    let waiting = cast.officer.get("/api/asks").await.ok()["waiting"].clone();
    assert_eq!((&waiting[0]["kind"], &waiting[0]["about"]), (&json!("open_fence"), &json!(fence)));
    cast.officer.change("answer-ask", json!({ "ask": ask, "agreed": true })).await.ok();
    assert_eq!(row(&cast.zhang, &fence).await["opening"]["state"], "agreed");

    let opened = opens(&cast.zhang, &fence, &ask).await.ok();
    let people = opened["people"].as_array().expect("people").clone();
    let mut names: Vec<&str> = people.iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names.len(), 8, "seven at six, and one while the air had not cleared: {names:?}");
    assert!(names.contains(&"Late Visitor") && !names.contains(&"Too Late"));
    let standing = row(&cast.zhang, &fence).await["opening"].clone();
    assert_eq!((&standing["state"], &standing["ask"]), (&json!("open"), &json!(ask)));
    assert_eq!(row(&cast.chief, &fence).await["opening"]["ask"], Value::Null, "a request is its asker's");

    let invite = json!({ "fence": fence, "subjects": subjects[..2] });
    cast.zhang.change("invite-to-test", invite.clone()).await.ok();
    let told = |subject: &str, state: &str| json!({ "fence": fence, "subject": subject, "state": state });
    cast.zhang.change("tell-invitation", told(&subjects[0], "tested")).await.ok();
    cast.zhang.change("tell-invitation", told(&subjects[1], "declined")).await.ok();
    cast.zhang
        .change("tell-invitation", told(&subjects[2], "tested"))
        .await
        .refused(422, "trace.invited_state");
    // Sent once more: who has answered is left alone.
    cast.zhang.change("invite-to-test", invite).await.ok();
    let again = opens(&cast.zhang, &fence, &ask).await.ok();
    let state_of = |subject: &str| {
        let people = again["people"].as_array().expect("people");
        people.iter().find(|one| one["subject"] == subject).expect("a visitor")["state"].clone()
    };
    assert_eq!(
        [0, 1, 2].map(|at| state_of(&subjects[at])),
        [json!("tested"), json!("declined"), json!("opened")]
    );
    // No restriction follows, and nobody has become a contact.
    assert_eq!(cast.zhang.get("/api/contacts").await.ok()["count"]["n"], 0);
}

async fn who_may_not_open_sees_counts_in_bands_and_no_name(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(6).await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    counts(&cast.chief, &fence).await.ok();
    let ask = cast.agreed(&fence).await;
    opens(&cast.zhang, &fence, &ask).await.ok();
    for role in ["analyst", "field"] {
        let other = town.person(role, TAIGU).await;
        let text = other.get("/api/fences").await.ok().to_string();
        assert!(text.contains("5–9") && !text.contains("Visitor"), "{role}: {text}");
        assert!(subjects.iter().all(|subject| !text.contains(subject)), "{role}: {text}");
        opens(&other, &fence, &ask).await.refused(403, "access.not_allowed");
    }
    // Nor does whoever published and counted it, with an agreement that is somebody else's.
    opens(&cast.chief, &fence, &ask).await.refused(404, "record.missing");
    let auditor = town.person("auditor", TAIGU).await;
    auditor.get("/api/fences").await.refused(403, "access.not_allowed");
    let journal = auditor.get("/api/journal?limit=500").await.ok().to_string();
    assert!(!journal.contains("Visitor"));
    let kept = town.disk.every_value();
    for words in ["Visitor 3", &phone_of("Visitor 3"), "calls to the visitors", "the market was full"] {
        assert!(kept.iter().all(|(_, value)| !value.contains(words)), "{words}");
    }
}

async fn the_person_who_was_opened_sees_who_looked(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(5).await;
    let outside = cast.registers("Somebody Else", "09:00", "09:10").await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    counts(&cast.chief, &fence).await.ok();
    let log = |subject: String| {
        let officer = cast.officer.clone();
        async move { officer.get(&format!("/api/subjects/{subject}/access-log")).await.ok() }
    };
    let looked = |log: &Value| {
        log["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["did"] == "looked")
            .cloned()
            .collect::<Vec<_>>()
    };
    assert!(looked(&log(subjects[0].clone()).await).is_empty(), "counting looks at nobody");
    let ask = cast.agreed(&fence).await;
    opens(&cast.zhang, &fence, &ask).await.ok();
    for subject in &subjects {
        let looks = looked(&log(subject.clone()).await);
        assert_eq!(looks.len(), 1);
        assert_eq!(looks[0]["by"]["organisation"], "Taigu CDC");
        assert_eq!(
            (&looks[0]["purpose"], &looks[0]["reason"]),
            (&json!("outbreak_response"), &json!("calls to the visitors"))
        );
    }
    assert!(looked(&log(outside).await).is_empty(), "who was not there was not opened");
    cast.zhang.change("invite-to-test", json!({ "fence": fence, "subjects": [subjects[0]] })).await.ok();
    let rows = log(subjects[0].clone()).await["rows"].clone();
    assert!(rows.as_array().unwrap().iter().any(|row| row["change"] == "invite to test"));
    // The page is opened once more: one more look.
    opens(&cast.zhang, &fence, &ask).await.ok();
    assert_eq!(looked(&log(subjects[0].clone()).await).len(), 2);
}

async fn the_public_reads_place_time_and_advice_and_nothing_of_a_case(town: &mut Town) {
    let cast = cast(town).await;
    let event = cast.zhang.opens_event(TAIGU, "The market outbreak").await;
    let mut draft = cast.draft("17:30", "19:00");
    draft["event"] = json!(event);
    let fence = draft["fence"].as_str().unwrap().to_owned();
    cast.chief.change("draft-fence", draft.clone()).await.ok();
    let read = || async { town.stranger().get("/api/public/fences").await };
    assert_eq!(read().await.ok()["fences"], json!([]), "a draft is nobody's but the team's");
    cast.chief.change("publish-fence", json!({ "fence": fence })).await.ok();
    counts(&cast.chief, &fence).await.ok();
    let answer = read().await;
    let told = answer.ok();
    let mut fields: Vec<&String> = told["fences"][0].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "ends",
            "from",
            "gap_minutes",
            "lat",
            "lon",
            "place_name",
            "ride",
            "territory",
            "territory_en",
            "territory_zh",
            "text_en",
            "text_zh",
            "to"
        ]
    );
    assert_eq!(
        (&told["fences"][0]["place_name"], &told["fences"][0]["from"]),
        (&json!("Bell Tower Market"), &draft["from"])
    );
    for secret in [&fence, &event, &cast.place, "outbreak\"", "<5", "art. 12"] {
        assert!(!told.to_string().contains(secret), "{secret}");
    }
    assert!(town.stranger().get("/api/fences").await.status == 401);
}

async fn a_fence_lapses_and_is_withdrawn(town: &mut Town) {
    let cast = cast(town).await;
    let mut short = cast.draft("17:30", "19:00");
    short["ends"] = json!(cast.today);
    cast.publishes(short).await;
    let long = cast.publishes(cast.draft("08:00", "09:00")).await;
    let published =
        || async { town.stranger().get("/api/public/fences").await.ok()["fences"].as_array().unwrap().len() };
    assert_eq!(published().await, 2);
    town.hours_pass(25);
    assert_eq!(published().await, 1, "the first has lapsed by itself");
    let chief = town.back(&cast.chief).await;
    chief
        .change("withdraw-fence", json!({ "fence": long, "reason": " " }))
        .await
        .refused(422, "field.required");
    chief.change("withdraw-fence", json!({ "fence": long, "reason": "the wrong hall" })).await.ok();
    assert_eq!(published().await, 0);
    chief.change("publish-fence", json!({ "fence": long })).await.refused(409, "trace.fence_published");
    chief
        .change("withdraw-fence", json!({ "fence": long, "reason": "again" }))
        .await
        .refused(409, "trace.fence_withdrawn");
}

/// Two windows a minute apart, a gap a minute longer, a withdrawn fence drafted again a minute longer: all refused, by their times
/// alone, whether anybody was there or not. The very same window is counted again, and what lies beside it too.
async fn no_two_counts_differ_by_one_person(town: &mut Town) {
    let cast = cast(town).await;
    cast.visitors(6).await;
    let refused = |draft: Value| {
        let chief = cast.chief.clone();
        async move {
            let fence = draft["fence"].clone();
            chief.change("draft-fence", draft).await.ok();
            chief
                .change("publish-fence", json!({ "fence": fence }))
                .await
                .refused(409, "trace.fence_overlaps");
        }
    };
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    assert_eq!(counts(&cast.chief, &fence).await.ok()["count_text"], "5–9");
    for (from, to) in
        [("17:31", "19:00"), ("17:30", "18:59"), ("17:30", "19:01"), ("12:00", "17:30"), ("19:30", "20:00")]
    {
        refused(cast.draft(from, to)).await;
    }
    let mut longer = cast.draft("17:30", "19:00");
    longer["gap_minutes"] = json!(31);
    refused(longer.clone()).await;
    cast.chief.change("withdraw-fence", json!({ "fence": fence, "reason": "to try" })).await.ok();
    longer["fence"] = json!(fresh("fence"));
    refused(longer).await;
    // An empty morning is refused like a full evening: the refusal tells nothing of who was there.
    let morning = cast.publishes(cast.draft("06:00", "07:00")).await;
    assert_eq!(counts(&cast.chief, &morning).await.ok()["count_text"], "<5");
    refused(cast.draft("06:00", "07:01")).await;
    let same = cast.publishes(cast.draft("17:30", "19:00")).await;
    assert_eq!(counts(&cast.chief, &same).await.ok()["count_text"], "5–9");
    let beside = cast.publishes(cast.draft("19:31", "20:00")).await;
    assert_eq!(counts(&cast.chief, &beside).await.ok()["count_text"], "<5");
    // One that was wrong and never counted stands in nobody's way.
    let wrong = cast.publishes(cast.draft("10:00", "11:00")).await;
    cast.chief.change("withdraw-fence", json!({ "fence": wrong, "reason": "the wrong hour" })).await.ok();
    cast.publishes(cast.draft("10:00", "11:30")).await;
}

/// The fifth visitor comes in: whoever counts every minute would see it.
async fn a_count_stands_for_six_hours(town: &mut Town) {
    let cast = cast(town).await;
    cast.visitors(4).await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    let first = counts(&cast.chief, &fence).await.ok();
    assert_eq!((&first["count"], &first["count_text"]), (&Value::Null, &json!("<5")));
    assert_eq!(first["sources"], json!([]), "which kinds came is not told of few");
    cast.registers("The Fifth", "18:00", "18:20").await;
    let again = counts(&cast.chief, &fence).await.ok();
    assert_eq!((&again["count_text"], &again["counted_at"]), (&json!("<5"), &first["counted_at"]));
    town.hours_pass(6);
    let chief = town.back(&cast.chief).await;
    assert_eq!(counts(&chief, &fence).await.ok()["count_text"], "5–9");
    assert_eq!(row(&chief, &fence).await["runs"].as_array().unwrap().len(), 3, "every count is on record");
}

async fn the_second_person_is_of_another_stated_organisation(town: &mut Town) {
    let cast = cast(town).await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    counts(&cast.chief, &fence).await.ok();
    let ask = cast.asks(&fence).await;
    let answer = json!({ "ask": ask, "agreed": true });
    let same = town.person_of("taigu cdc", "data_officer", TAIGU).await;
    same.change("answer-ask", answer.clone()).await.refused(403, "access.same_organisation");
    let unstated = town.person("data_officer", TAIGU).await;
    assert_eq!(unstated.get("/api/asks").await.ok()["waiting"], json!([]), "nor is it offered");
    unstated.change("answer-ask", answer.clone()).await.refused(403, "access.no_organisation");
    let beside = town.person_of("Yuci data office", "data_officer", YUCI).await;
    beside.change("answer-ask", answer.clone()).await.refused(404, "record.missing");
    let above = town.person_of("Jinzhong data office", "data_officer", JINZHONG).await;
    above.change("answer-ask", answer).await.ok();
    opens(&cast.zhang, &fence, &ask).await.ok();
    let lone = town.person("epidemiologist", TAIGU).await;
    let fields = json!({ "ask": fresh("ask"), "kind": "open_fence", "about": fence, "reason": "x" });
    lone.change("ask-second-person", fields.clone()).await.ok();
    cast.officer
        .change("answer-ask", json!({ "ask": fields["ask"], "agreed": true }))
        .await
        .refused(403, "access.no_organisation");
}

async fn an_opening_is_over_after_four_hours(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(5).await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    counts(&cast.chief, &fence).await.ok();
    let ask = cast.agreed(&fence).await;
    let (path, first) = (format!("/api/fences/{fence}/open"), opening(&ask));
    let until = cast.zhang.post(&path, first.clone()).await.ok()["until"].clone();
    // The same again is the same opening; another look within the time ends no later.
    assert_eq!(cast.zhang.post(&path, first.clone()).await.ok()["until"], until);
    town.hours_pass(3);
    let zhang = town.back(&cast.zhang).await;
    assert_eq!(opens(&zhang, &fence, &ask).await.ok()["until"], until);
    town.minutes_pass(61);
    let zhang = town.back(&cast.zhang).await;
    zhang.post(&path, first).await.refused(403, "trace.opening_over");
    opens(&zhang, &fence, &ask).await.refused(409, "access.ask_used");
    let invite = json!({ "fence": fence, "subjects": [subjects[0]] });
    zhang.change("invite-to-test", invite).await.refused(403, "trace.opening_over");
    assert_eq!(row(&zhang, &fence).await["opening"]["state"], "over");
}

async fn nobody_opens_with_somebody_elses_agreement_or_a_fence_elsewhere(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(5).await;
    let fence = cast.publishes(cast.draft("17:30", "19:00")).await;
    let other = cast.publishes(cast.draft("08:00", "09:00")).await;
    for one in [&fence, &other] {
        counts(&cast.chief, one).await.ok();
    }
    let ask = cast.agreed(&fence).await;
    let wang = town.person_of("Taigu Hospital", "epidemiologist", TAIGU).await;
    opens(&wang, &fence, &ask).await.refused(404, "record.missing");
    opens(&cast.zhang, &other, &ask).await.refused(409, "access.ask_other");
    let far = town.person_of("Yuci CDC", "epidemiologist", YUCI).await;
    opens(&far, &fence, &ask).await.refused(404, "record.missing");
    opens(&far, &fresh("fence"), &ask).await.refused(404, "record.missing");
    let chief = town.person("epidemiologist", YUCI).await;
    for path in [fence.as_str(), &fresh("fence")] {
        counts(&chief, path).await.refused(404, "record.missing");
        let fields = json!({ "fence": path, "reason": "x" });
        chief.change("withdraw-fence", fields).await.refused(404, "record.missing");
    }
    assert_eq!(far.get("/api/fences").await.ok()["rows"], json!([]));
    opens(&cast.zhang, &fence, &ask).await.ok();
    // Who has not opened it invites nobody; who was not on the list is not there.
    let invite = |subject: &str| json!({ "fence": fence, "subjects": [subject] });
    wang.change("invite-to-test", invite(&subjects[0])).await.refused(403, "trace.opening_over");
    cast.zhang.change("invite-to-test", invite(&fresh("subject"))).await.refused(404, "record.missing");
    let purpose = json!({ "id": fresh("change"), "ask": ask, "purpose": "analysis", "reason": "x" });
    cast.zhang.post(&format!("/api/fences/{fence}/open"), purpose).await.refused(422, "people.purpose");
}

async fn what_is_not_published_opens_nothing(town: &mut Town) {
    let cast = cast(town).await;
    cast.visitors(5).await;
    let draft = cast.draft("17:30", "19:00");
    let fence = draft["fence"].as_str().unwrap().to_owned();
    cast.chief.change("draft-fence", draft).await.ok();
    counts(&cast.chief, &fence).await.refused(409, "trace.fence_draft");
    cast.chief.change("publish-fence", json!({ "fence": fence })).await.ok();
    let ask = cast.agreed(&fence).await;
    opens(&cast.zhang, &fence, &ask).await.refused(409, "trace.fence_uncounted");
    counts(&cast.chief, &fence).await.ok();
    let sent = opening(&ask);
    let path = format!("/api/fences/{fence}/open");
    cast.zhang.post(&path, sent.clone()).await.ok();
    cast.chief.change("withdraw-fence", json!({ "fence": fence, "reason": "the case was none" })).await.ok();
    // Also the list that is open is over with it.
    cast.zhang.post(&path, sent).await.refused(403, "trace.opening_over");
    opens(&cast.zhang, &fence, &ask).await.refused(409, "trace.fence_withdrawn");
    counts(&cast.chief, &fence).await.refused(409, "trace.fence_withdrawn");
    let mut short = cast.draft("08:00", "09:00");
    short["ends"] = json!(cast.today);
    let lapsing = cast.publishes(short).await;
    town.hours_pass(25);
    let chief = town.back(&cast.chief).await;
    counts(&chief, &lapsing).await.refused(409, "trace.fence_lapsed");
}

async fn a_visitor_is_found_and_opened_by_a_fence_only(town: &mut Town) {
    let cast = cast(town).await;
    let subjects = cast.visitors(2).await;
    let open = json!({ "purpose": "outbreak_response", "reason": "curious" });
    let path = format!("/api/subjects/{}/open", subjects[0]);
    cast.zhang.post(&path, open).await.refused(403, "people.fence_only");
    // Not even with a second person: the fence has its own.
    let ask = fresh("ask");
    let fields = json!({ "ask": ask, "kind": "open_identity", "about": subjects[0], "reason": "x" });
    cast.zhang.change("ask-second-person", fields).await.ok();
    cast.officer.change("answer-ask", json!({ "ask": ask, "agreed": true })).await.ok();
    let open = json!({ "purpose": "outbreak_response", "reason": "curious", "ask": ask });
    cast.zhang.post(&path, open).await.refused(403, "people.fence_only");
    let known = json!({ "purpose": "follow_up", "reason": "a friend", "phone": phone_of("Visitor 0") });
    let found = cast.zhang.post("/api/people/known", known).await.ok().to_string();
    assert!(!found.contains(&subjects[0]), "{found}");
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["identity"] = json!({ "name": "Visitor 0", "phone": phone_of("Visitor 0") });
    cast.zhang.reports_so(case).await;
    let pairs = cast.zhang.get("/api/people/duplicates").await.ok().to_string();
    assert!(!pairs.contains(&subjects[0]), "visits are compared with nobody: {pairs}");
    // Once they are a contact, they are one.
    let contact = json!({
        "contact": fresh("contact"), "subject": subjects[1], "territory": TAIGU, "class": "close",
    });
    cast.zhang.change("add-contact", contact).await.ok();
    let open = json!({ "purpose": "outbreak_response", "reason": "the first call" });
    let told = cast.zhang.post(&format!("/api/subjects/{}/open", subjects[1]), open).await.ok();
    assert_eq!(told["name"], "Visitor 1");
}
