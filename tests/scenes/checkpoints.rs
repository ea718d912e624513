//! Checkpoints of the journal, kept where whoever holds the database cannot reach: in a file, on paper, with a witness.

use base::Moment;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::SigningKey;
use scenes::{TAIGU, Town, both};
use serde_json::{Value, json};
use store::{Checkpoint, Node, Tree, Witnessed, consistency, leaf, public_key};

both!(
    an_auditor_signs_how_far_the_journal_has_come_and_sees_a_tail_cut_off,
    an_older_copy_put_back_is_found_and_gets_no_new_signature,
    a_witness_keeps_the_last_checkpoint_and_refuses_another_past,
    the_journal_is_searched_by_change_person_record_and_day,
);

async fn an_auditor_signs_how_far_the_journal_has_come_and_sees_a_tail_cut_off(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.reports(TAIGU, "C1").await;
    let auditor = town.person("auditor", "").await;
    assert_eq!(auditor.get("/api/journal/checkpoint").await.ok()["checkpoint"], Value::Null);
    let made = auditor.post("/api/journal/checkpoint", json!({})).await.ok();
    let rows = made["checkpoint"]["seq"].as_i64().expect("rows");
    assert!(made["checkpoint"]["code"].as_str().expect("a code").starts_with(&format!("Q-{rows}-")));
    let verdict = auditor.get("/api/journal/verify").await.ok();
    assert_eq!(
        (&verdict["ok"], &verdict["checkpoints"], &verdict["agreed"]),
        (&json!(true), &json!(1), &json!(1))
    );
    // Nothing came since: signing again gives the same.
    let again = auditor.post("/api/journal/checkpoint", json!({})).await.ok();
    assert_eq!(again["checkpoint"]["code"], made["checkpoint"]["code"]);

    town.disk.tamper(&format!("DELETE FROM journal WHERE seq > {}", rows - 2));
    let verdict = auditor.get("/api/journal/verify").await.ok();
    assert_eq!((&verdict["ok"], &verdict["first_bad"]), (&json!(false), &json!(rows - 1)));
    assert_eq!(verdict["faults"][0]["kind"], "truncated");
}

async fn an_older_copy_put_back_is_found_and_gets_no_new_signature(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.reports(TAIGU, "C1").await;
    let auditor = town.person("auditor", "").await;
    let made = auditor.post("/api/journal/checkpoint", json!({})).await.ok();
    let rows = made["checkpoint"]["seq"].as_i64().expect("rows");
    town.disk.tamper(&format!("DELETE FROM journal WHERE seq > {}", rows - 1));
    // Somebody goes on working in the old copy, until it is longer than before.
    zhang.reports(TAIGU, "C2").await;
    zhang.reports(TAIGU, "C3").await;
    let verdict = auditor.get("/api/journal/verify").await.ok();
    assert_eq!((&verdict["ok"], &verdict["faults"][0]["kind"]), (&json!(false), &json!("rewritten")));
    auditor.post("/api/journal/checkpoint", json!({})).await.refused(409, "journal.other_past");
    let last = auditor.get("/api/journal/checkpoint").await.ok();
    assert_eq!(last["checkpoint"]["code"], made["checkpoint"]["code"], "the old signature goes on standing");
}

/// Another house, as a witness sees it: a key and the hashes of its rows.
struct Neighbour {
    key: SigningKey,
    rows: Vec<Node>,
}

impl Neighbour {
    fn writes(&mut self, many: usize, what: &str) {
        let from = self.rows.len();
        self.rows.extend((from..from + many).map(|row| leaf(&format!("{what} {row}"))));
    }

    fn checkpoint(&self) -> Checkpoint {
        let mut tree = Tree::default();
        self.rows.iter().for_each(|row| tree.push(*row));
        Checkpoint::signed(&self.key, self.rows.len() as i64, &tree.root(), "head", Moment(1_700_000_000_000))
    }

    fn shows(&self, from: usize) -> Value {
        let proof: Vec<String> =
            consistency(from, &self.rows).iter().map(|node| BASE64.encode(node)).collect();
        json!({ "checkpoint": self.checkpoint(), "from": from, "proof": proof })
    }
}

async fn a_witness_keeps_the_last_checkpoint_and_refuses_another_past(town: &mut Town) {
    let mut yuci = Neighbour { key: SigningKey::from_bytes(&[42; 32]), rows: Vec::new() };
    yuci.writes(5, "row");
    let stranger = town.stranger();
    let path = "/api/witness/checkpoints";
    stranger.post(path, yuci.shows(0)).await.refused(403, "witness.unknown");

    let keys = format!("{} Yuci county\n", public_key(&yuci.key));
    std::fs::write(town.disk.folder.join("witness-for.txt"), keys).expect("the operator's file");
    let seen: Witnessed =
        serde_json::from_value(stranger.post(path, yuci.shows(0)).await.ok()).expect("signed");
    assert!(yuci.checkpoint().was_seen_by(&seen));

    yuci.writes(6, "row");
    stranger.post(path, yuci.shows(0)).await.refused(409, "witness.from");
    stranger.post(path, yuci.shows(5)).await.ok();
    let origin = yuci.checkpoint().origin;
    let last = stranger.get(&format!("{path}?origin={origin}")).await.ok();
    assert_eq!(last["seq"], 11);

    let mut shorter = Neighbour { key: yuci.key.clone(), rows: yuci.rows[..8].to_vec() };
    stranger.post(path, shorter.shows(11)).await.refused(409, "witness.backwards");
    // The same length and longer, with another row in the middle: no proof leads there.
    shorter.writes(3, "another row");
    stranger.post(path, shorter.shows(11)).await.refused(409, "witness.fork");
    shorter.writes(9, "another row");
    stranger.post(path, shorter.shows(11)).await.refused(409, "witness.fork");
    assert_eq!(stranger.get(&format!("{path}?origin={origin}")).await.ok()["seq"], 11);

    let mut unsigned = yuci.shows(11);
    unsigned["checkpoint"]["seq"] = json!(12);
    stranger.post(path, unsigned).await.refused(403, "witness.unknown");
}

async fn the_journal_is_searched_by_change_person_record_and_day(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let known = zhang.reports(TAIGU, "C1").await;
    zhang.reports(TAIGU, "C2").await;
    zhang.change("amend-case", json!({ "case": known.id, "age": 40 })).await.ok();
    let auditor = town.person("auditor", "").await;
    let found = async |query: &str| {
        let page = auditor.get(&format!("/api/journal?{query}")).await.ok();
        let rows = page["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["change"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("change=report%20case").await, ["report case", "report case"]);
    assert_eq!(found(&format!("record={}", known.id)).await, ["report case", "amend case"]);
    assert_eq!(found(&format!("by={}&change=amend%20case", zhang.login)).await, ["amend case"]);
    assert_eq!(found(&format!("record={}&order=newest", known.id)).await, ["amend case", "report case"]);
    let today = town.house.today();
    assert_eq!(found(&format!("change=amend%20case&from={today}&until={today}")).await, ["amend case"]);
    assert_eq!(found("change=amend%20case&until=2020-01-01").await, Vec::<String>::new());
}
