//! Whoever holds the secret of a person's own code finds what became of their swabs, and nobody else finds anything; a negative
//! comes as a code that anybody verifies by the house's published keys.

use crate::lab_messages::{NOT_DETECTED, told};
use crate::lab_tubes::{Screening, screening};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use scenes::{Person, SHANXI, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Read;

both!(
    whoever_holds_the_code_finds_the_result_and_another_verifies_it,
    a_pool_with_a_signal_says_that_something_is_looked_at_and_of_nobody_what,
    whoever_was_held_and_is_free_has_a_code,
    a_negative_that_a_laboratory_told_by_message_has_a_code_until_it_is_taken_back,
    a_code_lasts_longer_when_the_house_was_late,
    an_outage_lengthens_the_codes_of_those_it_kept_waiting,
    nothing_is_kept_of_who_asked_and_nobody_asks_for_ever,
);

fn secret(number: usize) -> String {
    format!("invented-secret-{number:05}")
}

/// A tube whose people brought their own codes.
fn tube_by_code(day: &Screening, barcode: &str, first: usize, people: usize) -> Value {
    let mut tube = day.tube(barcode, first, people);
    for (place, member) in tube["members"].as_array_mut().unwrap().iter_mut().enumerate() {
        member["way"] = json!("code");
        member["holder"] = json!(BASE64URL.encode(Sha256::digest(secret(first + place).as_bytes())));
    }
    tube
}

async fn index(town: &Town) {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
}

async fn ask(person: &Person, secrets: &[String]) -> Value {
    person.post("/api/public/results", json!({ "secrets": secrets, "codes": true })).await.ok()
}

/// The tubes of one person, newest first.
async fn tubes(town: &Town, number: usize) -> Vec<Value> {
    ask(&town.stranger(), &[secret(number)]).await["people"][0]["tubes"].as_array().unwrap().clone()
}

/// What a stranger's program does with a code: the key by its name, the signature, the packed bundle.
async fn verified(town: &Town, code: &str) -> Option<Value> {
    let keys = town.stranger().get("/.well-known/jwks.json").await;
    assert_eq!(keys.headers["access-control-allow-origin"], "*");
    let keys = keys.ok();
    let digits: Vec<u8> = code.strip_prefix("shc:/")?.bytes().map(|digit| digit - b'0').collect();
    let jws: String = digits.chunks(2).map(|two| char::from(two[0] * 10 + two[1] + b'-')).collect();
    let parts: Vec<&str> = jws.split('.').collect();
    let [head, payload, signature] = parts.as_slice() else { return None };
    let read: Value = serde_json::from_slice(&BASE64URL.decode(head).ok()?).ok()?;
    assert_eq!((&read["alg"], &read["zip"]), (&json!("ES256"), &json!("DEF")));
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == read["kid"])?;
    let half = |name: &str| BASE64URL.decode(key[name].as_str().unwrap()).unwrap();
    let point = [vec![4], half("x"), half("y")].concat();
    let signature = Signature::from_slice(&BASE64URL.decode(signature).ok()?).ok()?;
    let said = format!("{head}.{payload}");
    VerifyingKey::from_sec1_bytes(&point).unwrap().verify(said.as_bytes(), &signature).ok()?;
    let (mut text, packed) = (String::new(), BASE64URL.decode(payload).ok()?);
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_string(&mut text).ok()?;
    let thumb = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]);
    assert_eq!(
        key["kid"],
        json!(BASE64URL.encode(Sha256::digest(thumb))),
        "a key is known by its thumbprint"
    );
    serde_json::from_str(&text).ok()
}

async fn reported(
    town: &Town,
    day: &Screening,
    silent: &[&str],
    loud: &[(&str, f64)],
    tubes: &[&str],
    calls: &[(&str, &str)],
) {
    day.receives(tubes).await;
    let run = day.plates(tubes).await;
    day.reads(&run, silent, loud).await;
    let colleague = town.person("laboratory", scenes::JINZHONG).await;
    for (well, call) in calls {
        colleague.change("call-well", json!({ "run": run, "well": well, "call": call })).await.ok();
    }
    day.lab.change("report-run", json!({ "run": run })).await.ok();
}

async fn whoever_holds_the_code_finds_the_result_and_another_verifies_it(town: &mut Town) {
    town.has_a_name();
    let day = screening(town).await;
    day.sends(&[tube_by_code(&day, "SX-0001", 0, 10)]).await;
    let nothing = tubes(town, 3).await;
    assert!(nothing.is_empty(), "what nobody has laid down yet is not found");
    index(town).await;
    let waiting = tubes(town, 3).await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!((&waiting[0]["state"], &waiting[0]["code"]), (&json!("waiting"), &Value::Null));
    assert_eq!(waiting[0]["due"], json!(day.now - 1_200_000 + 12 * 3_600_000));
    reported(town, &day, &["A1"], &[], &["SX-0001"], &[]).await;
    let told = tubes(town, 3).await;
    assert_eq!((&told[0]["state"], &told[0]["sampled"]), (&json!("negative"), &json!(day.now - 1_200_000)));
    assert_eq!(told[0]["ends"], json!(day.now - 1_200_000 + 48 * 3_600_000));
    let code = told[0]["code"].as_str().expect("a code");
    assert!(code.len() < 5 + 2 * 1195, "one picture: {}", code.len());
    let said = verified(town, code).await.expect("signed by this house");
    assert_eq!(
        (&said["iss"], &said["exp"]),
        (&json!(scenes::HERE), &json!(told[0]["ends"].as_i64().unwrap() / 1000))
    );
    assert_eq!(said["nbf"], json!(told[0]["reported"].as_i64().unwrap() / 1000));
    let entries = &said["vc"]["credentialSubject"]["fhirBundle"]["entry"];
    assert_eq!(entries[0]["resource"]["name"][0]["text"], "P＊ 3＊");
    assert_eq!(entries[0]["resource"]["identifier"][0]["value"], "＊0003");
    assert_eq!(entries[1]["resource"]["code"]["coding"][0]["code"], "94500-6");
    assert_eq!(entries[1]["resource"]["performer"][0]["display"], "Jinzhong laboratory");
    assert!(!said.to_string().contains("Person") && !said.to_string().contains("SX-0001"), "{said}");
    assert_eq!(tubes(town, 3).await[0]["code"], told[0]["code"], "asked twice, the same code");
    // One digit of it changed anywhere is another code or none.
    for at in (5..code.len()).step_by(97) {
        let mut forged = code.as_bytes().to_vec();
        forged[at] = if forged[at] == b'1' { b'2' } else { b'1' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(forged == code || verified(town, &forged).await.is_none(), "changed at {at}");
    }
    // Who does not hold the secret finds what somebody finds who was never sampled.
    let family = ask(&town.stranger(), &[secret(3), secret(99), secret(4)]).await;
    let found: Vec<usize> = family["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["tubes"].as_array().unwrap().len())
        .collect();
    assert_eq!(found, [1, 0, 1]);
    let holder = BASE64URL.encode(Sha256::digest(secret(3).as_bytes()));
    let by_mark = ask(&town.stranger(), &[holder]).await;
    assert_eq!(by_mark["people"][0], json!({ "tubes": [] }), "what the server keeps opens nothing");
    let plain = town.stranger().post("/api/public/results", json!({ "secrets": [secret(3)] })).await.ok();
    assert_eq!(plain["people"][0]["tubes"][0]["code"], Value::Null, "a code only for who asks for one");
    town.hours_pass(49);
    let over = tubes(town, 3).await;
    assert_eq!((&over[0]["state"], &over[0]["code"]), (&json!("negative"), &Value::Null));
    town.hours_pass(14 * 24);
    assert!(tubes(town, 3).await.is_empty());
}

async fn a_pool_with_a_signal_says_that_something_is_looked_at_and_of_nobody_what(town: &mut Town) {
    town.has_a_name();
    let day = screening(town).await;
    day.sends(&[
        tube_by_code(&day, "SX-0001", 0, 10),
        tube_by_code(&day, "SX-0002", 10, 10),
        tube_by_code(&day, "SX-0003", 20, 1),
    ])
    .await;
    index(town).await;
    let loud = [("A1", 30.0), ("B1", 38.0), ("C1", 28.0)];
    let calls = [("A1", "positive"), ("B1", "grey"), ("C1", "positive")];
    reported(town, &day, &[], &loud, &["SX-0001", "SX-0002", "SX-0003"], &calls).await;
    let (in_positive, in_grey) = (tubes(town, 4).await, tubes(town, 14).await);
    for told in [&in_positive[0], &in_grey[0]] {
        assert_eq!((&told["state"], &told["code"]), (&json!("again"), &Value::Null), "{told}");
        assert!(told["due"].is_i64(), "and says until when they are sampled again: {told}");
        assert!(!told.to_string().contains("grey") && !told.to_string().contains("positive"), "{told}");
    }
    assert_eq!(tubes(town, 20).await[0]["state"], "positive", "their own sample, alone");
}

async fn whoever_was_held_and_is_free_has_a_code(town: &mut Town) {
    town.has_a_name();
    let day = screening(town).await;
    day.sends(&[tube_by_code(&day, "SX-0001", 0, 10)]).await;
    index(town).await;
    reported(town, &day, &[], &[("A1", 30.0)], &["SX-0001"], &[("A1", "positive")]).await;
    // Sampled again by number: nobody had the telephone at hand.
    let mut again = day.tube("SX-0101", 2, 1);
    (again["size"], again["again"]) = (json!(1), json!("SX-0001/3"));
    day.sends(&[again]).await;
    assert_eq!(tubes(town, 2).await[0]["code"], Value::Null);
    reported(town, &day, &["A1"], &[], &["SX-0101"], &[]).await;
    let told = tubes(town, 2).await;
    let mut states: Vec<&str> = told.iter().map(|one| one["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["cleared", "negative"], "{told:?}");
    let negative = told.iter().find(|one| one["state"] == "negative").unwrap();
    let said = verified(town, negative["code"].as_str().expect("a code")).await.expect("signed");
    assert_eq!(
        said["vc"]["credentialSubject"]["fhirBundle"]["entry"][0]["resource"]["name"][0]["text"],
        "P＊ 2＊"
    );
    assert_eq!(
        tubes(town, 3).await[0]["state"],
        "again",
        "the others of the tube are held until their own results"
    );
}

async fn a_negative_that_a_laboratory_told_by_message_has_a_code_until_it_is_taken_back(town: &mut Town) {
    town.has_a_name();
    let day = screening(town).await;
    let tubes_of_all = [
        tube_by_code(&day, "SX-0001", 0, 3),
        tube_by_code(&day, "SX-0002", 10, 1),
        tube_by_code(&day, "SX-0003", 20, 1),
    ];
    day.sends(&tubes_of_all).await;
    index(town).await;
    let mut unrun = told(&day, "SX-0002", NOT_DETECTED);
    unrun.method = "";
    let mut own_words = told(&day, "SX-0003", NOT_DETECTED);
    own_words.test = "COV2^新冠核酸^99NORTH".to_owned();
    for message in [&told(&day, "SX-0001", NOT_DETECTED), &unrun, &own_words] {
        day.one(message).await;
    }
    let negative = tubes(town, 1).await.remove(0);
    assert_eq!(
        (&negative["state"], &negative["ends"]),
        (&json!("negative"), &json!(day.now - 1_200_000 + 48 * 3_600_000))
    );
    let said =
        verified(town, negative["code"].as_str().expect("a code")).await.expect("signed by this house");
    let observation = &said["vc"]["credentialSubject"]["fhirBundle"]["entry"][1]["resource"];
    assert_eq!(
        (&observation["code"]["coding"][0]["code"], &observation["performer"][0]["display"]),
        (&json!("94309-2"), &json!("Jinzhong laboratory")),
        "the test and the laboratory of the message: {said}"
    );
    assert_eq!(said["nbf"], json!(negative["reported"].as_i64().unwrap() / 1000));
    assert_eq!(tubes(town, 10).await[0]["state"], "waiting", "what nobody measured is nobody's negative");
    // A code of the laboratory's own, mapped: a negative, and no code, because there is no word of others for its test.
    assert_eq!(tubes(town, 20).await[0]["state"], "waiting");
    let map = json!({
        "laboratory": day.laboratory, "kind": "test", "system": "urn:x-hl7v2:99NORTH", "code": "COV2", "means": "covid-19-delta",
    });
    day.zhang.change("map-lab-code", map).await.ok();
    let mapped = tubes(town, 20).await.remove(0);
    assert_eq!((&mapped["state"], &mapped["code"]), (&json!("negative"), &Value::Null));
    // Whoever holds the code a laboratory has withdrawn keeps its picture; nobody is given it any more.
    let mut gone = told(&day, "SX-0001", "");
    (gone.status, gone.result_status) = ("C", "D");
    day.one(&gone).await;
    let taken_back = tubes(town, 1).await.remove(0);
    assert_eq!((&taken_back["state"], &taken_back["code"]), (&json!("waiting"), &Value::Null));
}

async fn a_code_lasts_longer_when_the_house_was_late(town: &mut Town) {
    town.has_a_name();
    let day = screening(town).await;
    day.sends(&[tube_by_code(&day, "SX-0001", 0, 3)]).await;
    index(town).await;
    town.hours_pass(20);
    let day = Screening { lab: town.back(&day.lab).await, ..day };
    reported(town, &day, &["A1"], &[], &["SX-0001"], &[]).await;
    let told = tubes(town, 1).await;
    assert_eq!(told[0]["extended"], "late_result");
    let usual = day.now - 1_200_000 + 48 * 3_600_000;
    let given_back = told[0]["ends"].as_i64().unwrap() - usual;
    assert!(
        (8 * 3_600_000..9 * 3_600_000).contains(&given_back),
        "owed after 12 hours, here after 20: {given_back}"
    );
    let said = verified(town, told[0]["code"].as_str().unwrap()).await.unwrap();
    assert_eq!(said["exp"], json!(told[0]["ends"].as_i64().unwrap() / 1000), "and the code says so itself");
}

async fn an_outage_lengthens_the_codes_of_those_it_kept_waiting(town: &mut Town) {
    const HOUR: i64 = 3_600_000;
    town.has_a_name();
    let day = screening(town).await;
    day.sends(&[tube_by_code(&day, "SX-0001", 0, 3)]).await;
    index(town).await;
    reported(town, &day, &["A1"], &[], &["SX-0001"], &[]).await;
    let usual = day.now - 1_200_000 + 48 * HOUR;
    town.hours_pass(40);
    let now = town.house.now().0;
    let (zhang, neighbour) = (town.back(&day.zhang).await, town.person("epidemiologist", XIAODIAN).await);
    let outage = fresh("outage");
    let mut record = json!({
        "outage": outage, "territory": XIAODIAN, "what": "sampling", "from": now - 10 * HOUR, "until": now - 2 * HOUR,
        "told": "The network of the posts was down",
    });
    neighbour.change("record-outage", record.clone()).await.ok();
    assert_eq!(tubes(town, 1).await[0]["ends"], json!(usual), "elsewhere nobody was kept from anything");
    zhang.change("record-outage", record.clone()).await.refused(403, "access.outside_territory");
    (record["outage"], record["territory"]) = (json!(fresh("outage")), json!(TAIGU));
    for (field, value) in
        [("from", json!(now + HOUR)), ("until", json!(now + HOUR)), ("from", json!(now - 30 * 24 * HOUR))]
    {
        let mut wrong = record.clone();
        wrong[field] = value;
        zhang.change("record-outage", wrong).await.refused(422, "lab.outage_times");
    }
    zhang.change("record-outage", record.clone()).await.ok();
    let told = tubes(town, 1).await;
    assert_eq!((&told[0]["extended"], &told[0]["ends"]), (&json!("outage"), &json!(now + 22 * HOUR)));
    let said = verified(town, told[0]["code"].as_str().unwrap()).await.unwrap();
    assert_eq!(said["exp"], json!((now + 22 * HOUR) / 1000), "a day after it was over, and the code says so");
    let public = town.stranger().get("/api/public/status").await.ok();
    let listed = &public["outages"];
    assert_eq!(listed.as_array().unwrap().len(), 2, "{public}");
    assert!(listed.to_string().contains("The network of the posts was down") && listed[0]["en"].is_string());
    assert!(!public.to_string().contains(&day.zhang.login), "nobody is named");
    let later = json!({ "outage": record["outage"], "until": now - HOUR });
    zhang.change("end-outage", later.clone()).await.ok();
    assert_eq!(tubes(town, 1).await[0]["ends"], json!(now + 23 * HOUR));
    neighbour.change("end-outage", later).await.refused(404, "record.missing");
    zhang.change("record-outage", record.clone()).await.refused(409, "record.exists");
    zhang.change("withdraw-outage", json!({ "outage": record["outage"] })).await.ok();
    assert_eq!(tubes(town, 1).await[0]["ends"], json!(usual), "it was none");
    assert_eq!(town.stranger().get("/api/public/status").await.ok()["outages"].as_array().unwrap().len(), 1);
    // What the house counted itself changes nothing until a person has spoken, and nothing after.
    let proposed = fresh("outage");
    let counted = |until: Value| {
        let fields = json!({
            "id": fresh("change"), "outage": proposed, "territory": "14", "what": "results", "from": now - 5 * HOUR, "until": until,
        });
        serde_json::from_value::<rooms::lab::changes::ProposeOutage>(fields).unwrap()
    };
    let house = town.house.clone();
    house.db.apply(&store::Actor::operator(), house.now(), counted(Value::Null)).await.unwrap();
    assert_eq!(tubes(town, 1).await[0]["ends"], json!(usual), "a proposal");
    let listed = zhang.get("/api/lab/outages").await.ok();
    assert_eq!(
        (&listed["rows"][0]["state"], &listed["rows"][0]["id"]),
        (&json!("proposed"), &json!(proposed)),
        "{listed}"
    );
    (record["outage"], record["what"]) = (json!(proposed), json!("results"));
    (record["from"], record["until"]) = (json!(now - 5 * HOUR), json!(now - 4 * HOUR));
    zhang.change("record-outage", record.clone()).await.refused(422, "lab.outage_counted_elsewhere");
    let own = fresh("outage");
    record["outage"] = json!(own);
    zhang.change("record-outage", record.clone()).await.ok();
    assert_eq!(tubes(town, 1).await[0]["ends"], json!(now + 20 * HOUR), "a person has said that it was one");
    house.db.apply(&store::Actor::operator(), house.now(), counted(json!(now))).await.unwrap();
    let listed = zhang.get("/api/lab/outages").await.ok();
    let one = listed["rows"].as_array().unwrap().iter().find(|row| row["id"] == json!(own)).unwrap();
    assert_eq!((&one["state"], &one["until"]), (&json!("recorded"), &json!(now - 4 * HOUR)));
    zhang.change("withdraw-outage", json!({ "outage": own })).await.ok();
    let states = async |person: &Person| {
        let listed = person.get("/api/lab/outages").await.ok();
        let rows = listed["rows"].as_array().unwrap().clone();
        rows.into_iter().map(|row| (row["what"].clone(), row["state"].clone())).collect::<Vec<_>>()
    };
    let of_taigu = town.person("epidemiologist", TAIGU).await;
    let spoken = vec![(json!("results"), json!("withdrawn")), (json!("sampling"), json!("withdrawn"))];
    assert_eq!(states(&of_taigu).await, spoken, "for all of Taigu somebody has spoken");
    let waits = (json!("results"), json!("proposed"));
    assert!(states(&neighbour).await.contains(&waits), "it is left to the others");
    assert!(states(&zhang).await.contains(&waits), "and to whoever is there for the rest of the prefecture");
    // It was none at all: nobody is asked again, whichever copy of the program counts it, and another day's is another.
    let leader = town.person("epidemiologist", SHANXI).await;
    leader.change("withdraw-outage", json!({ "outage": proposed })).await.ok();
    for (copy, from, until, proposals) in [
        (fresh("outage"), now - 5 * HOUR + 60_000, now - 60_000, 0),
        (fresh("outage"), now + 60_000, now + 120_000, 1),
    ] {
        let fields = json!({
            "id": fresh("change"), "outage": copy, "territory": "14", "what": "results", "from": from, "until": until,
        });
        let change = serde_json::from_value::<rooms::lab::changes::ProposeOutage>(fields).unwrap();
        house.db.apply(&store::Actor::operator(), house.now(), change).await.unwrap();
        let counted = states(&neighbour).await.into_iter().filter(|row| *row == waits).count();
        assert_eq!(counted, proposals);
    }
}

async fn nothing_is_kept_of_who_asked_and_nobody_asks_for_ever(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[tube_by_code(&day, "SX-0001", 0, 2)]).await;
    index(town).await;
    let before = town.disk.every_value().len();
    tubes(town, 1).await;
    assert_eq!(town.disk.every_value().len(), before, "asking leaves no row");
    let no_address = tubes(town, 1).await;
    assert_eq!(no_address.len(), 1);
    let stranger = town.stranger();
    for wrong in [json!([]), json!(vec!["x"; 11]), json!([""]), json!(["y".repeat(101)])] {
        stranger.post("/api/public/results", json!({ "secrets": wrong })).await.refused(422, "lab.secrets");
    }
    let by_name = json!({ "secrets": ["x"], "name": "Person 1", "number": "P0000001" });
    assert_eq!(
        stranger.post("/api/public/results", by_name).await.status,
        422,
        "there is no other way to ask"
    );
    // What is refused counts as well, and costs the house nothing: whoever guesses is slowed down all the same.
    let guessing = stranger.from("198.51.100.7");
    let mut slowed = false;
    for _ in 0..2_000 {
        slowed = guessing.post("/api/public/results", json!({ "secrets": [] })).await.status == 429;
        if slowed {
            break;
        }
    }
    assert!(slowed, "whoever guesses is slowed down");
    let neighbour = stranger.from("198.51.100.8");
    assert_eq!(neighbour.post("/api/public/results", json!({ "secrets": ["x"] })).await.status, 200);
}
