//! Contacts of a case: watched, corrected, released.

use scenes::{TAIGU, Town, both};
use serde_json::json;

both!(
    a_contact_is_watched_until_released,
    an_exposure_that_ends_before_it_begins_is_refused,
    a_contact_who_falls_ill_is_the_case_they_became,
);

async fn a_contact_is_watched_until_released(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let contact = zhang.adds_contact(&case, TAIGU, "K1").await;
    let figures = zhang.get("/api/situation").await.ok()["figures"].clone();
    assert_eq!(figures["contacts_watched"]["today"], 1);
    zhang.change("amend-contact", json!({ "contact": contact.id, "status": "released" })).await.ok();
    let figures = zhang.get("/api/situation").await.ok()["figures"].clone();
    assert_eq!(figures["contacts_watched"]["today"], 0);
    let page = zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    assert_eq!(page["contacts"][0]["contact_no"], "K1");
}

async fn an_exposure_that_ends_before_it_begins_is_refused(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let fields = json!({
        "contact": scenes::fresh("contact"), "subject": scenes::fresh("subject"), "source_case": case.id,
        "territory": TAIGU, "class": "close", "first_exposure": "2022-02-20", "last_exposure": "2022-02-19",
    });
    assert_eq!(zhang.change("add-contact", fields).await.status, 422);
    assert_eq!(zhang.get("/api/contacts").await.ok()["count"]["n"], 0);
}

async fn a_contact_who_falls_ill_is_the_case_they_became(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let contact = zhang.adds_contact(&case, TAIGU, "K1").await;
    let ill = zhang.reports(TAIGU, "C2").await;
    zhang.change("amend-contact", json!({ "contact": contact.id, "became_case": ill.id })).await.ok();
    let row = zhang.get("/api/contacts").await.ok()["rows"][0].clone();
    assert_eq!((&row["status"], &row["became_case"]), (&json!("became_case"), &json!(ill.id)));
}
