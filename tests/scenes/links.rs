//! Who infected whom, as people say.

use scenes::{TAIGU, Town, both};
use serde_json::json;

both!(a_case_does_not_infect_itself, a_link_joins_two_cases_until_it_proves_wrong, the_same_pair_is_one_link,);

async fn a_case_does_not_infect_itself(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let fields =
        json!({ "link": scenes::fresh("link"), "from": case.id, "to": case.id, "evidence": "named" });
    zhang.change("link-cases", fields).await.refused(422, "links.itself");
}

async fn a_link_joins_two_cases_until_it_proves_wrong(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (first, second) = (zhang.reports(TAIGU, "C1").await, zhang.reports(TAIGU, "C2").await);
    let link = zhang.links(&first, &second).await;
    let chains = zhang.get("/api/chains").await.ok();
    assert_eq!((&chains["links"][0]["from"], &chains["open_ends"]), (&json!(first.id), &json!(1)));
    let unlinked = zhang.change("unlink-cases", json!({ "link": link, "reason": "  " })).await;
    unlinked.refused(422, "field.required");
    let fields = json!({ "link": link, "reason": "sequences differ" });
    zhang.change("unlink-cases", fields).await.ok();
    assert_eq!(zhang.get("/api/chains").await.ok()["links"], json!([]));
}

async fn the_same_pair_is_one_link(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (first, second) = (zhang.reports(TAIGU, "C1").await, zhang.reports(TAIGU, "C2").await);
    zhang.links(&first, &second).await;
    zhang.links(&first, &second).await;
    assert_eq!(zhang.get("/api/chains").await.ok()["links"].as_array().unwrap().len(), 1);
}
