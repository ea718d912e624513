//! A second browser learns of a change without asking.

use scenes::{TAIGU, Town, YUCI, both};
use std::time::Duration;

both!(a_colleague_sees_a_new_case_at_once, a_neighbour_hears_nothing_of_it);

async fn a_colleague_sees_a_new_case_at_once(town: &mut Town) {
    let (zhang, li) = (town.person("epidemiologist", TAIGU).await, town.person("commander", TAIGU).await);
    let mut ear = li.listens().await;
    zhang.reports(TAIGU, "C1").await;
    assert!(ear.hears("report case").await, "heard only: {}", ear.heard());
    assert!(!ear.heard().contains("C1"), "news says that, not who");
}

async fn a_neighbour_hears_nothing_of_it(town: &mut Town) {
    let (zhang, wang) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", YUCI).await);
    let mut ear = wang.listens().await;
    zhang.reports(TAIGU, "C1").await;
    // What is heard in the end is a change of one's own, told after the other.
    wang.opens_event(YUCI, "Another dinner").await;
    assert!(ear.hears("open event").await, "heard only: {}", ear.heard());
    assert!(!ear.hears_within("report case", Duration::from_millis(1)).await && !ear.heard().contains(TAIGU));
}
