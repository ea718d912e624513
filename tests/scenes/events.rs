//! Events: outbreak workspaces.

use scenes::{TAIGU, Town, both};
use serde_json::json;

both!(an_event_holds_its_places_and_notes_and_is_closed, notes_are_for_those_who_work_on_cases);

async fn an_event_holds_its_places_and_notes_and_is_closed(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let place = json!({
        "place": scenes::fresh("place"), "event": event, "name": "The hall", "kind": "restaurant", "territory": TAIGU,
    });
    zhang.change("add-place", place).await.ok();
    let note = json!({ "note": scenes::fresh("note"), "event": event, "text": "the cook has a fever" });
    zhang.change("add-note", note).await.ok();
    zhang.change("amend-event", json!({ "event": event, "summary": "eleven guests" })).await.ok();
    let page = zhang.get(&format!("/api/events/{event}")).await.ok();
    assert_eq!((&page["places"][0]["name"], &page["summary"]), (&json!("The hall"), &json!("eleven guests")));
    assert_eq!(page["notes"][0]["text"], "the cook has a fever");
    let early = json!({ "event": event, "ended": "2022-02-01", "reason": "no new case" });
    assert_eq!(zhang.change("close-event", early).await.status, 422, "it began on the twentieth");
    let close = json!({ "event": event, "ended": "2022-03-20", "reason": "no new case in 14 days" });
    zhang.change("close-event", close).await.ok();
    assert_eq!(zhang.get(&format!("/api/events/{event}")).await.ok()["status"], "closed");
}

async fn notes_are_for_those_who_work_on_cases(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let note = json!({ "note": scenes::fresh("note"), "event": event, "text": "the cook has a fever" });
    zhang.change("add-note", note).await.ok();
    let sentinel = town.person("sentinel", TAIGU).await;
    assert_eq!(sentinel.get(&format!("/api/events/{event}")).await.ok()["notes"], json!([]));
}
