//! The journal: every change in order, and any edit of it is named.

use scenes::{TAIGU, Town, YUCI, both};
use serde_json::json;

both!(
    an_untouched_journal_verifies,
    an_edited_row_is_named,
    a_dropped_row_is_named,
    two_rows_that_changed_places_are_named,
    a_change_id_used_for_another_change_is_refused,
    a_change_sent_again_by_somebody_else_is_not_answered_with_the_firsts_answer,
    who_may_not_read_the_journal_does_not,
);

async fn three_cases(town: &Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for number in ["C1", "C2", "C3"] {
        zhang.reports(TAIGU, number).await;
    }
}

async fn an_untouched_journal_verifies(town: &mut Town) {
    three_cases(town).await;
    let verdict = town.journal_verdict().await;
    assert_eq!((&verdict["ok"], &verdict["first_bad"]), (&json!(true), &json!(null)));
    // Two accounts, two sign-ins, three cases.
    assert_eq!(verdict["rows"], 7);
    let later = town.journal_verdict().await;
    assert_ne!(verdict["head"], later["head"], "the head moves with every change");
}

async fn an_edited_row_is_named(town: &mut Town) {
    three_cases(town).await;
    for column in ["actor", "body", "territory", "basis", "out", "about", "purpose"] {
        town.disk.tamper(&format!("UPDATE journal SET {column} = {column} || 'x' WHERE seq = 4"));
        assert_eq!(town.journal_verdict().await["first_bad"], 4, "{column}");
        town.disk.tamper(&format!(
            "UPDATE journal SET {column} = substr({column}, 1, length({column}) - 1) WHERE seq = 4"
        ));
        assert_eq!(town.journal_verdict().await["ok"], true, "put back as it was: {column}");
    }
    town.disk.tamper("UPDATE journal SET at = at + 1 WHERE seq = 3");
    assert_eq!(town.journal_verdict().await["first_bad"], 3);
}

async fn a_dropped_row_is_named(town: &mut Town) {
    three_cases(town).await;
    town.disk.tamper("DELETE FROM journal WHERE seq = 4");
    assert_eq!(town.journal_verdict().await["first_bad"], 4, "the row that is gone, not the one after it");
}

async fn two_rows_that_changed_places_are_named(town: &mut Town) {
    three_cases(town).await;
    town.disk.tamper(
        "UPDATE journal SET seq = -1 WHERE seq = 3; UPDATE journal SET seq = 3 WHERE seq = 4; \
         UPDATE journal SET seq = 4 WHERE seq = -1",
    );
    assert_eq!(town.journal_verdict().await["first_bad"], 3);
}

async fn a_change_id_used_for_another_change_is_refused(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let id = scenes::fresh("change");
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["id"] = json!(id);
    zhang.change("report-case", case).await.ok();
    let event = json!({ "id": id, "event": scenes::fresh("event"), "name": "Dinner", "territory": TAIGU });
    zhang.change("open-event", event).await.refused(409, "journal.id_reused");
}

async fn a_change_sent_again_by_somebody_else_is_not_answered_with_the_firsts_answer(town: &mut Town) {
    let (zhang, wang) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", YUCI).await);
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["id"] = json!(scenes::fresh("change"));
    zhang.change("report-case", case.clone()).await.ok();
    let answer = wang.change("report-case", case).await;
    assert!(!answer.text.contains("C1"), "{answer:?}");
    answer.refused(409, "journal.id_reused");
}

async fn who_may_not_read_the_journal_does_not(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.get("/api/journal").await.refused(403, "access.not_allowed");
    zhang.get("/api/journal/verify").await.refused(403, "access.not_allowed");
}
